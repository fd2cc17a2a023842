"""The files around the daemons: kernel settings, logs and their rotation, start-up options."""

from __future__ import annotations

from halint.generator.haproxy import FACILITY
from halint.generator.plan import Plan
from halint.generator.writer import File

#: `-S 1` of keepalived.
_KEEPALIVED_FACILITY = "local1"


def files(plan: Plan) -> list[File]:
    target = plan.target
    path, variable = target.options
    prefix = f"/etc/rsyslog.d/{target.rsyslog_prefix}"
    return [
        _sysctl(plan),
        File(f"{prefix}haproxy.conf", _NOTE + target.log_input + _rule(FACILITY, "haproxy")),
        File(f"{prefix}keepalived.conf", _NOTE + _rule(_KEEPALIVED_FACILITY, "keepalived")),
        File("/etc/logrotate.d/haproxy", _rotation("haproxy", target.hup)),
        File("/etc/logrotate.d/keepalived", _rotation("keepalived", target.hup)),
        File(
            path,
            f'{_NOTE}# -D: detailed log; -S 1: to the syslog facility {_KEEPALIVED_FACILITY}\n{variable}="-D -S 1"\n',
        ),
    ]


_NOTE = "# Written by halint generate.\n"


def _sysctl(plan: Plan) -> File:
    lines = "".join(f"net.ipv{family}.ip_nonlocal_bind = 1\n" for family in plan.families)
    text = "# haproxy binds the virtual addresses on nodes that do not hold them.\n"
    return File("/etc/sysctl.d/90-haproxy.conf", _NOTE + text + lines)


def _rule(facility: str, name: str) -> str:
    return f"{facility}.* -/var/log/{name}.log\n& stop\n"


def _rotation(name: str, hup: str) -> str:
    return f"""\
{_NOTE}/var/log/{name}.log {{
    daily
    rotate 14
    missingok
    notifempty
    compress
    delaycompress
    postrotate
        {hup}
    endscript
}}
"""
