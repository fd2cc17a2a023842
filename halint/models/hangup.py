"""Whether a script makes rsyslogd close and open its files: by a hang-up signal, or by a restart.

Sources: rsyslogd(8) "SIGNALS"; logrotate files and units of EL 7 to 9 and Debian 10 to 12. rsyslogd of Debian
and Ubuntu runs with -iNONE: there is no pid file, so that a kill by it does nothing. Units of EL 7, EL 8,
Debian 11 and 12 have no ExecReload, so that `systemctl reload rsyslog` fails. EL and Debian 12 have no
/etc/init.d/rsyslog, so that `service rsyslog rotate` does nothing. Measured, of a booted Debian 12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.targets import Targets

_HUP = r"(?:-(?:SIG)?HUP|-1|-s[ \t]*(?:SIG)?HUP|-s[ \t]*1|--signal[= \t](?:SIG)?HUP|--signal[= \t]1)(?![\w.-])"
_UNIT = r"(?:^|[ \t])rsyslog(?:\.service)?(?![\w.@-])"
_WITHOUT_RELOAD = frozenset({"el7", "el8", "debian10", "debian11", "debian12"})
#: What restarts a unit, if only it has no ExecReload; the others among them do nothing to one that does not run.
_RESTARTS = (
    r"(?:^|[ \t])(?:restart|try-restart|condrestart|force-reload|reload-or-(?:try-)?restart|try-reload-or-restart)"
    r"(?![\w-])"
)

#: Commands that never reach rsyslogd, whatever their arguments.
_HARMLESS = frozenset(
    {
        "", ":", "[", "[[", "test", "true", "false", "echo", "printf", "exit", "return", "sleep", "cd",
        "if", "then", "else", "elif", "fi", "do", "done", "for", "while", "until", "case", "esac",
        "chmod", "chown", "chgrp", "touch", "cp", "mv", "rm", "gzip", "bzip2", "xz", "logger", "cat", "grep", "find",
        "mkdir", "ls", "date", "umask", "set", "export", "sync", "wait", "initctl", "reload", "restart", "restorecon",
    }
)  # fmt: skip


def signals_rsyslog(script: str, targets: Targets) -> bool | None:
    """Whether `script` signals rsyslogd; None where it runs what halint does not know."""
    verdict: bool | None = False
    for command in _commands(script):
        answer = _command(command, targets)
        if answer:
            return True
        if answer is None:
            verdict = None
    return verdict


def _commands(script: str) -> list[str]:
    """The simple commands of `script`, without comments."""
    joined = compiled(r"\\\r?\n").sub(" ", script)
    bare = compiled(r"(?m)(?:^|(?<=[ \t;]))#.*$").sub("", joined)
    return [part.strip(" \t\r(){}") for part in compiled(r"[\n;|&]+(?![0-9-])|&(?=[ \t])").split(bare)]


def _command(command: str, targets: Targets) -> bool | None:
    words = compiled(r"[^ \t\r]+").findall(command)
    while words and (
        words[0] in ("if", "then", "else", "elif", "do", "!", "exec", "sudo", "command") or "=" in words[0]
    ):
        words = words[1:]
    name = words[0].rpartition("/")[2] if words else ""
    rest = " ".join(words[1:])
    if name in ("kill", "pkill", "killall"):
        return _kill(name, rest, targets)
    if name == "systemctl":
        return _systemctl(rest, targets)
    if name in ("service", "invoke-rc.d"):
        service, action = [*(w for w in words[1:] if not w.startswith("-")), "", ""][:2]
        return _init_script(service, action, targets)
    if name == "rsyslog" and words[0].startswith("/etc/init.d/"):
        return _init_script("rsyslog", rest.partition(" ")[0], targets) if _has_script(targets) else False
    if name == "rsyslog-rotate":
        return targets.family != "el"
    if name in _HARMLESS or words and words[0].startswith((">", "2>", "$", '"$', "-")):
        return False
    return None


def _kill(name: str, rest: str, targets: Targets) -> bool | None:
    if not compiled(_HUP).search(rest):
        return None if compiled(r"syslog").search(rest) else False
    if name == "killall":
        return compiled(r"(?:^|[ \t])rsyslogd(?![\w.-])").search(rest) is not None
    if name == "pkill":
        return _is_met(rest)
    if compiled(r"r?syslogd?\.pid").search(rest):
        if targets.family == "debian":
            return False if targets.os and targets.os[-1].isdigit() else None
        return True
    inner = compiled(r"(pidof|pgrep)[ \t]+([^)`]*)").search(rest)
    if inner is not None:
        return _is_met(inner[2], exactly=inner[1] == "pidof")
    return None if compiled(r"syslog|[$`]").search(rest) and not compiled(r"\.pid").search(rest) else False


def _is_met(rest: str, exactly: bool = False) -> bool | None:
    """Whether what stands behind pidof, pgrep or pkill finds rsyslogd; the latter two take a part of its name."""
    words = [word for word in compiled(r"[^ \t\"']+").findall(rest) if not compiled(r"-|\d*[<>]").match(word)]
    name = words[-1] if words else ""
    if exactly or compiled(r"(?:^|[ \t])-x(?![\w-])").search(rest):
        return name.rpartition("/")[2] == "rsyslogd"
    return name in "rsyslogd" if compiled(r"\w+").fullmatch(name) else None


def _systemctl(rest: str, targets: Targets) -> bool | None:
    if not compiled(_UNIT).search(rest):
        return None if compiled(r"(?:^|[ \t])r?syslog[\w.*]*").search(rest) and "rsyslogd" not in rest else False
    if compiled(r"(?:^|[ \t])kill(?![\w-])").search(rest):
        return True if compiled(_HUP).search(rest) else None
    if compiled(_RESTARTS).search(rest):
        return True
    if compiled(r"(?:^|[ \t])reload(?![\w-])").search(rest):
        return False if targets.os in _WITHOUT_RELOAD else None
    return None


def _init_script(service: str, action: str, targets: Targets) -> bool | None:
    """`service NAME ACTION` and its relatives: on a systemd distribution its unit, or Debian's init script."""
    if service != "rsyslog":
        return None if service == "syslog" else False
    if compiled(_RESTARTS).fullmatch(action):
        return True
    if action == "rotate":
        return None if _has_script(targets) else False
    if action == "reload":
        return False if targets.os in _WITHOUT_RELOAD else None
    return None


def _has_script(targets: Targets) -> bool:
    """Whether there may be an /etc/init.d/rsyslog."""
    return targets.family != "el" and targets.os != "debian12"
