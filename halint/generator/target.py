"""What differs between the distributions that halint writes for."""

from __future__ import annotations

from typing import NamedTuple


class Target(NamedTuple):
    """One distribution.

    log_address: where haproxy sends its log, as this distribution's rsyslog can receive it from the chroot.
    log_options: what haproxy needs for that beside. log_input: the lines of rsyslog that receive it.
    rsyslog_prefix: of the drop-ins' names. hup: the command that makes rsyslog open its files anew.
    options: file and variable of keepalived's options.
    """

    install: str
    firewalld: bool
    stats_socket: str
    log_address: str
    log_options: tuple[str, ...]
    log_input: str
    rsyslog_prefix: str
    hup: str
    options: tuple[str, str]


_EL = Target(
    install="dnf install keepalived haproxy firewalld rsyslog logrotate curl",
    firewalld=True,
    stats_socket="/var/lib/haproxy/stats",
    # journald owns /dev/log and the unit binds nothing into the chroot, so only the network reaches rsyslog
    log_address="127.0.0.1:514",
    # over the network rsyslog would name the sender, localhost, as the host
    log_options=("log-send-hostname",),
    log_input='module(load="imudp")\ninput(type="imudp" address="127.0.0.1" port="514")\n',
    rsyslog_prefix="",
    hup="/usr/bin/systemctl kill -s HUP rsyslog.service >/dev/null 2>&1 || true",
    options=("/etc/sysconfig/keepalived", "KEEPALIVED_OPTIONS"),
)

_DEBIAN_12 = Target(
    install="apt install keepalived haproxy nftables rsyslog logrotate curl",
    firewalld=False,
    stats_socket="/run/haproxy/admin.sock",
    log_address="/dev/log",
    log_options=(),
    # the unit binds /dev/log into the chroot; this socket serves where haproxy runs without it
    log_input="$AddUnixListenSocket /var/lib/haproxy/dev/log\n",
    # the names of the packages' own drop-ins, which these replace
    rsyslog_prefix="49-",
    hup="/usr/lib/rsyslog/rsyslog-rotate",
    options=("/etc/default/keepalived", "DAEMON_ARGS"),
)

TARGETS = {"el8": _EL, "el9": _EL, "debian12": _DEBIAN_12}
