"""The files of rsyslog that the distributions install, as far as they count where the input holds none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halint.targets import Targets

_EL_RULES = (
    "*.info;mail.none;authpriv.none;cron.none /var/log/messages\nauthpriv.* /var/log/secure\n"
    "mail.* -/var/log/maillog\ncron.* /var/log/cron\nuucp,news.crit /var/log/spooler\nlocal7.* /var/log/boot.log\n"
)
_DEBIAN = 'module(load="imuxsock")\nmodule(load="imklog")\n$IncludeConfig /etc/rsyslog.d/*.conf\n'
_DEBIAN_RULES = "*.*;auth,authpriv.none -/var/log/syslog\nauth,authpriv.* /var/log/auth.log\n"
_BY_FACILITY = "kern.* -/var/log/kern.log\nmail.* -/var/log/mail.log\nuser.* -/var/log/user.log\n"
#: What counts of the distributions' own rsyslog.conf, by distribution or family (the packages of CentOS 7, Rocky 8
#: and 9, Debian 11 and 12, Ubuntu 22.04).
_STOCK = {
    "el7": "$ModLoad imuxsock\n$ModLoad imjournal\n$IncludeConfig /etc/rsyslog.d/*.conf\n$OmitLocalLogging on\n"
    + _EL_RULES,
    "el": (
        'module(load="imuxsock" SysSock.Use="off")\nmodule(load="imjournal")\n'
        'include(file="/etc/rsyslog.d/*.conf" mode="optional")\n' + _EL_RULES
    ),
    "debian11": (
        _DEBIAN
        + _DEBIAN_RULES
        + "daemon.* -/var/log/daemon.log\nlpr.* -/var/log/lpr.log\n"
        + _BY_FACILITY
        + "mail.info "
        "-/var/log/mail.info\nmail.warn -/var/log/mail.warn\nmail.err /var/log/mail.err\n*.=debug;auth,authpriv.none;"
        "mail.none -/var/log/debug\n*.=info;*.=notice;*.=warn;auth,authpriv.none;cron,daemon.none;mail.none "
        "-/var/log/messages\n"
    ),
    "debian": _DEBIAN + _DEBIAN_RULES + "cron.* -/var/log/cron.log\n" + _BY_FACILITY,
    "ubuntu": _DEBIAN,
}
#: Ubuntu's own rules stand among the drop-ins.
_STOCK_UBUNTU = (
    "/etc/rsyslog.d/50-default.conf",
    "auth,authpriv.* /var/log/auth.log\n*.*;auth,authpriv.none -/var/log/syslog\nkern.* -/var/log/kern.log\n"
    "mail.* -/var/log/mail.log\nmail.err /var/log/mail.err\n",
)
#: What Debian's haproxy package puts beside the stock file.
_STOCK_HAPROXY = (
    "/etc/rsyslog.d/49-haproxy.conf",
    "$AddUnixListenSocket /var/lib/haproxy/dev/log\n"
    ':programname, startswith, "haproxy" {\n/var/log/haproxy.log\nstop\n}\n',
)


def files(main: str, targets: Targets) -> tuple[dict[str, str], bool]:
    """The text of the stock files by their paths, and whether the distribution, so all of them, is known."""
    os, family = targets.os or "", targets.family
    ubuntu = os.startswith("ubuntu")
    stock = _STOCK.get("ubuntu" if ubuntu else os) or _STOCK.get(family or "")
    found = {main: stock or "$IncludeConfig /etc/rsyslog.d/*.conf\n"}
    if ubuntu:
        found |= dict([_STOCK_UBUNTU])
    if family == "debian":
        found |= dict([_STOCK_HAPROXY])
    return found, stock is not None
