"""What haproxy lacks at the end of its files: it refuses some of it, and does without the rest.

Sources: check_config_validity, ssl_sock_prepare_srv_ctx, init_srv_check and the post-parsers of fcgi-app.c and cache.c;
all of it measured on 2.6.12 and 2.8.25 with `haproxy -c`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from halint.finding import Severity
from halint.light import attrgetter
from halint.models.haproxy.logs import is_global
from halint.readers.lexer import compiled
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.haproxy import Haproxy, Proxy
    from halint.models.haproxy.servers import Server
    from halint.versions import Version

#: The options that say how servers are checked: the last one holds.
CHECKS = (
    "external-check", "httpchk", "ldap-check", "mysql-check", "pgsql-check", "redis-check", "smtpchk", "spop-check",
    "ssl-hello-chk", "tcp-check",
)  # fmt: skip
#: Of which lines a section needs one, and whether haproxy refuses it without.
_SECTIONS = (
    ("cache", {"total-max-size"}, "has no size", "add `total-max-size`", True),
    ("fcgi-app", {"docroot"}, "has no document root", "add `docroot`", True),
    ("resolvers", {"nameserver", "parse-resolv-conf"}, "has no nameserver", "add one, or `parse-resolv-conf`", False),
    ("log-forward", {"bind", "dgram-bind"}, "listens nowhere", "add `dgram-bind` or `bind`", False),
)
#: The last version that is known to want a port for external checks; 2.8 is known not to.
_PORT_OF_EXTERNAL = (2, 6)
_CHECK_LINES = frozenset({"http-check", "tcp-check"})
_CHECKS = frozenset(CHECKS)
_CHECKS_BY_RULES = _CHECKS - {"external-check"}
_LOGS = frozenset({"httplog", "httpslog", "tcplog"})
_CERTIFICATES = frozenset({"crt", "crt-list", "default-crt", "generate-certificates"})

#: The lines of http-check that are no rules of a check.
_SETTINGS = frozenset({"disable-on-404", "send-state"})

#: An address whose port haproxy does not know: without one, `:0`, or one that is added to the client's (`:+1`).
_PORTLESS = r"(?:(?:ipv4@)?[0-9]{1,3}(?:\.[0-9]{1,3}){3}|(?:ipv6@)?\[[0-9A-Fa-f:.]+\])(?::(?:0|[+-][0-9]+)?)?"


class Missing:
    """Something that haproxy lacks. word: what needs it. effect: what haproxy does then, behind its name.
    cure: what to do. severity: ERROR where it does not start."""

    __slots__ = ("cure", "effect", "severity", "word")

    def __init__(self, word: Word, effect: str, cure: str, severity: Severity) -> None:
        self.word = word
        self.effect = effect
        self.cure = cure
        self.severity = severity


def _fatal(word: Word, because: str, cure: str) -> Missing:
    return Missing(word, f"will not start: {because}", cure, Severity.ERROR)


def missing(haproxy: Haproxy) -> Iterator[Missing]:
    """What is certainly missing, each once for the line that needs it."""
    certain = [proxy for proxy in haproxy.proxies if proxy.certain]
    running = haproxy.running
    backends = [proxy for proxy in running if proxy.kind != "frontend"]
    servers = haproxy.server_settings
    for proxy in haproxy.having("bind"):
        if proxy.certain and proxy.kind != "defaults":
            yield from _certificate(proxy)
    if "use-fcgi-app" in haproxy.keywords or any(settings.proto == "fcgi" for settings in servers):
        for proxy in certain:
            yield from _fcgi(proxy)
    for proxy in running:
        if proxy.kind != "backend":
            yield from _bind(proxy)
            yield from _log(haproxy, proxy)
    secured = any(settings.ssl or settings.check_ssl or settings.default_ssl for settings in servers)
    tracking = any(settings.track for settings in servers)
    for proxy in backends:
        if secured or proxy.keywords & _CHECK_LINES:
            yield from _authority(haproxy, proxy)
        if tracking:
            yield from _tracked(haproxy, proxy)
    portless = [s for s in haproxy.unusual_servers if s.proxy.kind != "frontend" and _lacks_port(s)]
    for proxy, servers_of in groupby(portless, attrgetter("proxy")):
        yield from _port(proxy, servers_of, haproxy.version)
    yield from _once(found for proxy in _checking(haproxy, running) for found in _checks(haproxy, proxy))
    if "email-alert" in haproxy.keywords:
        yield from _once(found for proxy in running for found in _email(proxy))
    if "load-server-state-from-file" in haproxy.keywords:
        yield from _once(found for proxy in running for found in _state_file(haproxy, proxy))
    yield from _mailers(haproxy, running)
    yield from _sections(haproxy)


def _mailers(haproxy: Haproxy, running: list[Proxy]) -> Iterator[Missing]:
    sections = haproxy.sections_of("mailers")
    if not sections or any(proxy.may_say("email-alert") for proxy in running):
        return
    used = {name for proxy in running if (name := _mails_by(proxy))}
    for section in sections:
        if section.certain and section.name not in used:
            effect = f"will drop mailers {section.name}, which no proxy uses"
            cure = "use it in `email-alert mailers`, or remove it"
            yield Missing(section.word or section.statement.words[0], effect, cure, Severity.INFO)


def _checking(haproxy: Haproxy, proxies: list[Proxy]) -> list[Proxy]:
    """Those of `proxies` that say more of checks than which."""
    said = any(proxy.keywords & _CHECK_LINES for proxy in haproxy.defaults)
    if said or any("external-check" in source.text for source in haproxy.sources):
        return proxies
    return [proxy for proxy in proxies if proxy.keywords & _CHECK_LINES]


def _once(found: Iterator[Missing]) -> Iterator[Missing]:
    """Several proxies may take over one line: the first stands for all."""
    seen: set[tuple[int, int, str]] = set()
    for one in found:
        key = (id(one.word.source), one.word.start, one.cure)
        if key not in seen:
            seen.add(key)
            yield one


def _certificate(proxy: Proxy) -> Iterator[Missing]:
    """haproxy prepares the binds of disabled proxies, too."""
    secured = {bind.statement: bind for bind in proxy.binds if "ssl" in bind.options}
    if not secured or "ssl-f-use" in proxy.keywords:
        return
    where = f"{proxy.kind} {proxy.name}"
    for bind in secured.values():
        options = bind.options.keys()
        if options & _CERTIFICATES or bind.incomplete or not bind.certain:
            continue
        if "strict-sni" in options:
            effect = f"will refuse every TLS connection to {bind.word.text} in {where}: there is no certificate"
            yield Missing(bind.word, effect, "add `crt`", Severity.WARNING)
        else:
            yield _fatal(bind.word, f"the bind in {where} has `ssl` and no certificate", "add `crt`")


def _fcgi(proxy: Proxy) -> Iterator[Missing]:
    if proxy.kind == "frontend":
        return
    speaking = [s for s in proxy.servers if s.settings.proto == "fcgi" and not s.settings.unknown]
    said = proxy.keyword("use-fcgi-app")
    unknown = any(s.settings.incomplete or not s.certain for s in proxy.servers)
    where = f"{proxy.kind} {proxy.name}"
    if said and not speaking and not unknown and proxy.is_certain(said[0]):
        yield _fatal(said[0].words[0], f"no server of {where} speaks FastCGI", "add `proto fcgi` to them")
    if speaking and not said and not proxy.keyword("filter") and speaking[0].certain:
        because = f"a server of {where} speaks FastCGI, and there is no application"
        yield _fatal(speaking[0].option("proto"), because, "add `use-fcgi-app`")


def _bind(proxy: Proxy) -> Iterator[Missing]:
    if not proxy.binds and not proxy.may_say("bind"):
        effect = f"will let nobody into {proxy.kind} {proxy.name}: it has no bind"
        yield Missing(proxy.head, effect, "add one, or make a backend of it", Severity.WARNING)


def _log(haproxy: Haproxy, proxy: Proxy) -> Iterator[Missing]:
    if proxy.mode.value not in ("tcp", "http") or proxy.logs:
        return
    if not haproxy.global_logs and haproxy.sections_of(""):
        return  # the lines before the first section, whose head is wrong, may be those of global
    said = _log_format(proxy)
    if said is not None and proxy.is_certain(said) and not proxy.may_say("log"):
        effect = f"will log nothing of {proxy.kind} {proxy.name}: it has a log format and no log"
        cure = "add `log global`" if haproxy.global_logs else "add `log global`, and a log to global"
        if any(map(is_global, proxy.all_lines("log"))):
            cure = "remove the `no log` behind `log global`" if haproxy.global_logs else "add a log to global"
        yield Missing(proxy.head, effect, cure, Severity.WARNING)


def _log_format(proxy: Proxy) -> Statement | None:
    at: Proxy | None = proxy
    while at is not None:
        said = [statement for name, statement in at.option_lines if name in _LOGS]
        said += at.keyword("log-format") + at.keyword("log-format-sd")
        if said:
            return said[-1]
        at = at.defaults
    return None


def _authority(haproxy: Haproxy, proxy: Proxy) -> Iterator[Missing]:
    """A server that TLS is spoken to needs to know whose certificates to trust, unless it is told not to look."""
    checks_speak = any("ssl" in texts for texts in _connects(proxy))
    for server in proxy.servers:
        settings = server.settings
        speaks = settings.ssl or settings.check_ssl or settings.default_ssl or checks_speak
        if not speaks or settings.ca_file or settings.incomplete or not server.certain or settings.verify == "none":
            continue
        if settings.verify == "required" or not _trusting(haproxy):
            word = server.option("ssl" if settings.ssl else "check-ssl")
            because = (
                f"server {server.name} of {proxy.kind} {proxy.name} speaks TLS, and has no `ca-file` to verify it with"
            )
            yield _fatal(word, because, "add one, as `ca-file @system-ca`, or `verify none`")


def _trusting(haproxy: Haproxy) -> bool:
    return any("none" in [word.text for word in s.words[1:2]] for s in haproxy.global_lines("ssl-server-verify"))


def _connects(proxy: Proxy) -> list[list[str]]:
    """The words of the lines with which checks connect by themselves."""
    lines = [*proxy.all_lines("tcp-check"), *proxy.all_lines("http-check")]
    return [texts for s in lines if "connect" in (texts := [word.text for word in s.words[1:]])[:1]]


def _check_option(proxy: Proxy) -> str | None:
    """The last of CHECKS that is set; None without any."""
    at: Proxy | None = proxy
    while at is not None:
        said = [name for name, _ in at.option_lines if name in _CHECKS]
        if said:
            return said[-1]
        at = at.defaults
    return None


def _port(proxy: Proxy, portless: Iterable[Server], version: Version | None) -> Iterator[Missing]:
    """Where checks connect by themselves, the port may stand there. External ones need none by 2.8."""
    if _connects(proxy):
        return
    if _check_option(proxy) == "external-check" and (version is None or version[:2] > _PORT_OF_EXTERNAL):
        return
    for server in portless:
        if server.certain:
            because = f"the check of server {server.name} of {proxy.kind} {proxy.name} has no port to connect to"
            yield _fatal(server.option("check"), because, "add it to the address, or `port`")


def _lacks_port(server: Server) -> bool:
    """Whether its check has nowhere to connect to by itself."""
    settings = server.settings
    if not settings.check or settings.port or settings.incomplete or ":" in settings.addr:
        return False
    return compiled(_PORTLESS).fullmatch(server.address) is not None


def _tracked(haproxy: Haproxy, proxy: Proxy) -> Iterator[Missing]:
    for server in proxy.servers:
        tracked = server.settings.track and haproxy.server(server.settings.track, proxy)
        if not tracked or server.settings.unknown or not server.certain or not tracked.certain:
            continue
        if tracked.checked is False:
            because = f"server {server.name} of {proxy.kind} {proxy.name} tracks {tracked.name}, which nothing checks"
            yield _fatal(server.value("track"), because, "add `check` to that one")


def _checks(haproxy: Haproxy, proxy: Proxy) -> Iterator[Missing]:
    option = _check_option(proxy)
    if option == "external-check":
        yield from _external(haproxy, proxy)
    else:
        for statement in proxy.all_lines("external-check"):
            yield from _without(proxy, statement, "external-check", "external-check")
    if option not in (None, "external-check", "httpchk") and proxy.kind != "frontend":
        for statement in proxy.all_lines("http-check"):
            if statement.words[1:2] and statement.words[1].text in _SETTINGS:
                yield from _without(proxy, statement, f"http-check {statement.words[1].text}", "httpchk")
    rules = [s for s in proxy.keyword("http-check") if s.words[1:2] and s.words[1].text not in _SETTINGS]
    for keyword, lines, needed in (
        ("http-check", rules, "httpchk"),
        ("tcp-check", proxy.keyword("tcp-check"), "tcp-check"),
    ):
        idle = next((line for line in lines if not _is_used(proxy, line, needed)), None)
        yield from _without(proxy, idle, keyword, needed)


def _is_used(proxy: Proxy, line: Statement, option: str) -> bool:
    """Whether a rule of a check goes into the check that is set where it stands. One that is set behind it takes what
    is there, and haproxy says nothing."""
    own = [statement for name, statement in proxy.option_lines if name in _CHECKS_BY_RULES]
    if own and own[-1].start > line.start:
        return True
    if own:
        return own[-1].words[1].text == option
    return proxy.defaults is not None and _check_option(proxy.defaults) == option


def _without(proxy: Proxy, statement: Statement | None, what: str, option: str) -> Iterator[Missing]:
    if statement is not None and proxy.is_certain(statement) and not proxy.may_say("option"):
        effect = f"will ignore {what} in {proxy.kind} {proxy.name}"
        cure = f"add `option {option}`, or remove it"
        if proxy.option(option) is not None:
            effect += f": option {_check_option(proxy)} holds, and not option {option} before it"
            cure = "remove one of these options"
        yield Missing(statement.words[0], effect, cure, Severity.WARNING)


def _external(haproxy: Haproxy, proxy: Proxy) -> Iterator[Missing]:
    said = proxy.option("external-check")
    if said is None or not proxy.is_certain(said) or proxy.may_say("external-check"):
        return
    word = said.words[0]
    lines = {s.words[1].text: s for s in proxy.all_lines("external-check") if len(s.words) > 2}
    if not haproxy.global_lines("external-check"):
        yield _fatal(word, "global does not allow external checks", "add `external-check` there")
    if "command" not in lines:
        yield _fatal(word, "option external-check has no command", "add `external-check command`")
    elif not lines["command"].words[2].text.startswith("/") and "path" not in lines:
        because = f"external-check command {lines['command'].words[2].text} is not a whole path"
        yield _fatal(lines["command"].words[2], because, "write the path, or add `external-check path`")
    if not haproxy.global_lines("insecure-fork-wanted"):
        effect = f"will not run the check of {proxy.kind} {proxy.name}: it may not start programs"
        yield Missing(word, effect, "add `insecure-fork-wanted` to global", Severity.WARNING)


def _email(proxy: Proxy) -> Iterator[Missing]:
    said = {s.words[1].text: s for s in proxy.all_lines("email-alert") if len(s.words) > 2}
    lacking = [f"email-alert {name}" for name in ("mailers", "from", "to") if name not in said]
    if said and lacking and not proxy.may_say("email-alert"):
        first = min(said.values(), key=lambda statement: statement.start)
        effect = f"will send no mails about {proxy.kind} {proxy.name}"
        yield Missing(first.words[0], effect, f"add `{'` and `'.join(lacking)}`", Severity.WARNING)


def _mails_by(proxy: Proxy) -> str | None:
    """The mailers section that `proxy` sends mails by."""
    said = {s.words[1].text: s.words[2].text for s in proxy.all_lines("email-alert") if len(s.words) > 2}
    return said["mailers"] if said.keys() >= {"mailers", "from", "to"} else None


def _state_file(haproxy: Haproxy, proxy: Proxy) -> Iterator[Missing]:
    said = proxy.inherited("load-server-state-from-file")
    word = said.argument() if said else None
    if said is None or word is None or word.text != "global" or proxy.kind == "frontend" or not proxy.is_certain(said):
        return
    if not haproxy.global_lines("server-state-file"):
        effect = f"will load no state of the servers of {proxy.kind} {proxy.name}"
        yield Missing(word, effect, "add `server-state-file` to global", Severity.WARNING)


def _sections(haproxy: Haproxy) -> Iterator[Missing]:
    """Sections that lack the line that makes them what they are."""
    for keyword, lines, lack, cure, fatal in _SECTIONS:
        for section in haproxy.sections_of(keyword):
            if not section.certain or any(statement.keyword in lines for statement in section.body):
                continue
            word = section.word or section.statement.words[0]
            if fatal:
                yield _fatal(word, f"{keyword} {section.name} {lack}", cure)
            else:
                effect = f"will have no use for {keyword} {section.name}: it {lack}"
                yield Missing(word, effect, cure, Severity.WARNING)
