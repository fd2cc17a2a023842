"""What haproxy makes of a node's files: its proxies with the values that their defaults give them.

Sources: the configuration manual of haproxy 2.6, sections 2 and 4; measured on 2.6.12 with `haproxy -c`.
"""

from __future__ import annotations

import itertools
from collections.abc import Set
from typing import TYPE_CHECKING

from halint.finding import Edit
from halint.fixes.edits import newline
from halint.lazy import lazy
from halint.models.haproxy import conditions, listeners
from halint.models.haproxy.language.addresses import USUAL
from halint.models.haproxy.listeners import Bind
from halint.models.haproxy.logs import LogTarget, is_global
from halint.models.haproxy.servers import UNSET, Server, Settings, of_proxy
from halint.models.setting import Setting
from halint.readers.haproxy import VariableWord
from halint.readers.lexer import compiled
from halint.source import Source
from halint.tree import Statement, Tree, Word

if TYPE_CHECKING:
    from halint.models.haproxy.language.complaint import Complaint
    from halint.models.haproxy.names import ServerIndex
    from halint.node import Node
    from halint.versions import Version

MAIN = "/etc/haproxy/haproxy.cfg"

_KINDS = frozenset({"defaults", "frontend", "backend", "listen"})

#: The timeouts that had keywords of their own until haproxy 2.1.
_OLD_TIMEOUTS = {"clitimeout": "client", "contimeout": "connect", "srvtimeout": "server"}
_TIMEOUTS = frozenset({"timeout", *_OLD_TIMEOUTS})

#: Lines and heads by which haproxy comes to listen.
_LISTENING = frozenset({"bind", "frontend", "listen", "peers", "log-forward", "global"})


class Proxy:
    """A frontend, backend, listen or defaults section.

    kind: its keyword. name: "" where it has none. head: the name, or the keyword without one.
    statement: the section. body: what is read of it. defaults: the defaults section that it starts from.
    origin: the name of the defaults section that it wants to start from; no such section is before it where there are
    no `defaults` then. section_certain: False where conditions decide whether the section is there. certain: False also
    where the defaults section that it starts from is not certain, or missing.
    """

    def __init__(self, section: conditions.Section, model: Haproxy) -> None:
        self.statement = section.statement
        self.kind = self.statement.keyword
        name = self.statement.argument()
        if name is not None and self.kind == "defaults" and name.text == "from":
            name = None
        self.body = section.body
        self.origin = _origin(self.statement)
        self.defaults = _defaults(model, self.statement, self.origin)
        self.section_certain = section.certain
        start_known = self.origin is None if self.defaults is None else self.defaults.certain
        self.certain: bool = section.certain and start_known
        self.head = name or self.statement.words[0]
        self.name = "" if name is None else name.text
        self._model = model
        self._by_keyword: dict[str, list[Statement]] = {}
        for statement in self.body:
            keyword = statement.keyword
            if keyword in self._by_keyword:
                self._by_keyword[keyword].append(statement)
            else:
                self._by_keyword[keyword] = [statement]

    def is_certain(self, statement: Statement) -> bool:
        """Whether `statement`, its own or inherited, is there whatever the conditions around it are, and was meant to
        be: not below the misspelt head of another section."""
        if statement in self._model.doubtful:
            return False
        head = self._model.lost_heads.get(statement.parent)
        return head is None or statement.start < head.start

    def takes(self, statement: Statement) -> bool:
        """Whether haproxy takes `statement`, its own or inherited, as it is written."""
        return statement not in self._model.refused

    def may_say(self, keyword: str) -> bool:
        """Whether a line with `keyword`, of its own or inherited, may be there that halint does not see: conditions
        decide that, or it is misspelt."""
        proxy: Proxy | None = self
        while proxy is not None:
            if any(not proxy.is_certain(line) or not proxy.takes(line) for line in proxy.keyword(keyword)):
                return True
            if keyword in self._model.misspelt.get(proxy.statement, ()):
                return True
            proxy = proxy.defaults
        return any("defaults" in meant for meant in self._model.misspelt.values())

    def below(self, *lines: str) -> Edit:
        """Put `lines` below the first line of the section, indented as the line that follows is."""
        source, body = self.statement.source, self.statement.body
        at, ending = source.line_end(self.statement.words[-1].end), newline(source)
        indent = source.text[source.line_start(body[0].start) : body[0].start] if body else ""
        text = "".join(f"{indent or '    '}{line}{ending}" for line in lines)
        return Edit(source, at, at, text if source.text[:at].endswith("\n") else ending + text.removesuffix(ending))

    @property
    def keywords(self) -> Set[str]:
        """The keywords of its statements."""
        return self._by_keyword.keys()

    def keyword(self, keyword: str) -> list[Statement]:
        """The statements of the section with `keyword`, in order."""
        return self._by_keyword.get(keyword, [])

    @lazy
    def binds(self) -> list[Bind]:
        """What it listens on, the address on its own line included (haproxy up to 1.8)."""
        binds = listeners.of_head(self)
        for statement in self.keyword("bind"):
            binds += listeners.of_line(statement, self)
        return binds

    @property
    def head_address(self) -> Word | None:
        """The address on its own line, which haproxy up to 1.8 takes as `bind`."""
        return listeners.head_address(self)

    @lazy
    def servers(self) -> list[Server]:
        return self._servers[0]

    @lazy
    def server_index(self) -> ServerIndex:
        """Its servers by name."""
        from halint.models.haproxy.names import ServerIndex

        return ServerIndex(self.servers)

    @lazy
    def _servers(self) -> tuple[list[Server], Settings]:
        settings = self.defaults._servers[1] if self.defaults else UNSET
        return of_proxy(self, settings)

    @lazy
    def mode(self) -> Setting[str]:
        """ "tcp" unless it or its defaults say another."""
        statement = self.inherited("mode")
        word = statement.words[1] if statement and len(statement.words) > 1 else None
        return Setting(word.text if word else "tcp", self.head, word, statement)

    @lazy
    def disabled(self) -> bool:
        """Whether haproxy leaves it out: the last of `disabled` and `enabled`."""
        if "disabled" in self._by_keyword or "enabled" in self._by_keyword:
            said = self.keyword("disabled") + self.keyword("enabled")
            return max(said, key=lambda statement: statement.start).keyword == "disabled"
        return self.defaults is not None and self.defaults.disabled

    def inherited(self, keyword: str) -> Statement | None:
        """The last statement `keyword` of the section, else of its defaults."""
        proxy: Proxy | None = self
        while proxy is not None:
            if keyword in proxy._by_keyword:
                return proxy._by_keyword[keyword][-1]
            proxy = proxy.defaults
        return None

    @lazy
    def targets(self) -> list[Word]:
        """The backends that haproxy looks up when it starts; of a backend's own rules too, although it ignores them."""
        own = self.keyword("default_backend")
        default = own[-1] if own else None if self.kind == "backend" else self.inherited("default_backend")
        found = []
        for statement in self.keyword("use_backend") + ([] if default is None else [default]):
            word = statement.argument()
            if word is None or isinstance(word, VariableWord) or not self.is_certain(statement):
                continue
            # The name in use_backend, and there alone, is a log-format.
            if statement is default or "%" not in word.text:
                found.append(word)
        return found

    def all_lines(self, keyword: str) -> list[Statement]:
        """The statements with `keyword` that hold for it: those of its defaults, then its own."""
        found: list[Statement] = []
        proxy: Proxy | None = self
        while proxy is not None:
            if keyword in proxy._by_keyword:
                found = proxy._by_keyword[keyword] + found
            proxy = proxy.defaults
        return found

    def option(self, name: str) -> Statement | None:
        """The `option` line that sets option `name`, its own or inherited; None where none does, or `no option` is
        the last word."""
        proxy: Proxy | None = self
        while proxy is not None:
            if name in proxy._options:
                return proxy._options[name]
            proxy = proxy.defaults
        return None

    @lazy
    def option_lines(self) -> list[tuple[str, Statement]]:
        """The `option` lines of the section in order, each with the name of its option."""
        return [(word.text, s) for s in self.keyword("option") if (word := s.argument())]

    @lazy
    def _options(self) -> dict[str, Statement | None]:
        if self._by_keyword.keys().isdisjoint(("option", "no", "default")):
            return {}
        found = dict(self.option_lines)
        taken = sorted(self.keyword("no") + self.keyword("default"), key=lambda statement: statement.start)
        gone = {word.text: s for s in taken if s.words[1:2] and s.words[1].text == "option" and (word := s.argument(1))}
        unset: dict[str, Statement | None] = {
            name: None for name, s in gone.items() if name not in found or found[name].start < s.start
        }
        return found | unset

    def timeout(self, name: str) -> Setting[str | None]:
        """The timeout `name` (client, server, connect, tunnel...) as written; None where nothing sets it."""
        statement, number, text = self._timeouts.get(name, (None, 0, None))
        word = None if statement is None or text is None else statement.argument(number)
        return Setting(text, self.head, word, statement)

    @lazy
    def limits(self) -> Set[str]:
        """The names of its timeouts that end something: set, and not to 0."""
        if self.defaults is not None and self._timeouts is self.defaults._timeouts:
            return self.defaults.limits
        zero = compiled(r"0+[a-z]*").fullmatch
        return {name for name, (_, _, text) in self._timeouts.items() if text is not None and zero(text) is None}

    @lazy
    def _timeouts(self) -> dict[str, tuple[Statement, int, str | None]]:
        """Its timeouts and those of its defaults, by name: the line, which argument of it is the value, and that."""
        inherited = self.defaults._timeouts if self.defaults else {}
        if self._by_keyword.keys().isdisjoint(_TIMEOUTS):
            return inherited
        found = dict(inherited)
        for statement in self.keyword("timeout"):
            texts = statement.word_texts
            if len(texts) > 1:
                found[texts[1]] = statement, 1, texts[2] if len(texts) > 2 else None
        for keyword, name in _OLD_TIMEOUTS.items():
            for statement in self.keyword(keyword):
                found[name] = statement, 0, next(iter(statement.word_texts[1:]), None)
        return found

    @lazy
    def logs(self) -> list[LogTarget]:
        """Where its log lines go: its own targets and those of its defaults, `log global` resolved."""
        inherited = self.defaults.logs if self.defaults else []
        if "log" not in self._by_keyword and "no" not in self._by_keyword:
            return inherited
        logs = list(inherited)
        for statement in self.body:
            if statement.keyword == "no" and statement.argument() and statement.words[1].text == "log":
                logs = []
            elif statement.keyword == "log" and is_global(statement):
                logs += [target for target in self._model.global_logs if target not in logs]
            elif statement.keyword == "log":
                logs.append(LogTarget(statement, self))
        return logs

    def __repr__(self) -> str:
        return f"Proxy({self.kind} {self.name})"


class Haproxy:
    """What haproxy makes of a node's files.

    sources, trees: those that are loaded, in load order. unloaded: other files below /etc/haproxy.
    sections: of each tree, what conditions leave of it. version: of haproxy, None where it is not known.
    files_known: whether the node says which files are loaded; else haproxy.cfg alone is taken.
    proxies: frontends, backends and listens in order. defaults: the defaults sections. globals: the global ones.
    doubtful: statements that are there or not, depending on conditions that halint cannot know.
    directives: the lines with `.if` and what belongs to it whose arguments haproxy reads for certain.
    """

    def __init__(
        self, sources: list[Source], unloaded: list[Source], files_known: bool, version: Version | None
    ) -> None:
        self.sources = sources
        self.unloaded = unloaded
        self.files_known = files_known
        self.version = version
        self.trees: list[Tree] = []
        self.sections: list[list[conditions.Section]] = []
        self.globals: list[Statement] = []
        self.defaults: list[Proxy] = []
        self.proxies: list[Proxy] = []
        self.chroot: Word | None = None
        self.global_logs: list[LogTarget] = []
        self.doubtful: set[Statement] = set()
        self.directives: list[Statement] = []
        self._defaults: dict[str, Proxy] = {}

    def add_defaults(self, proxy: Proxy) -> None:
        self.defaults.append(proxy)
        self._defaults[proxy.name] = proxy
        # What they pass on is worked out in order: a long chain of `from` is never recursed into.
        _ = proxy.logs, proxy.servers, proxy.disabled, proxy._timeouts

    def defaults_named(self, name: str) -> Proxy | None:
        """The last defaults section `name` so far."""
        return self._defaults.get(name)

    def sections_of(self, keyword: str) -> list[conditions.Section]:
        """The sections that begin with `keyword` (peers, resolvers, userlist, cache...), in order."""
        return self._sections_of.get(keyword, [])

    @lazy
    def running(self) -> list[Proxy]:
        """The proxies that are certainly there, and not disabled."""
        return [proxy for proxy in self.proxies if proxy.certain and not proxy.disabled]

    @lazy
    def senders(self) -> list[Proxy]:
        """Those of the running proxies that may name backends."""
        naming = set(self.having("use_backend", "default_backend"))
        return [proxy for proxy in self.running if proxy.kind != "backend" or proxy in naming]

    @lazy
    def unusual_servers(self) -> list[Server]:
        """The servers of running proxies that stand by anything but an IPv4 address with a port, or a socket."""
        usual = compiled(USUAL).fullmatch
        return [server for proxy in self.running for server in proxy.servers if not usual(server.address)]

    @property
    def keywords(self) -> Set[str]:
        """The keywords that any proxy or defaults section has. What none has, nobody needs to look for in each."""
        return self._having.keys()

    def having(self, *keywords: str) -> list[Proxy]:
        """The defaults sections, and behind them the proxies, that have a line with one of `keywords`."""
        numbers = {number for keyword in keywords for number in self._having.get(keyword, ())}
        several = [*self.defaults, *self.proxies] if numbers else []
        return [several[number] for number in sorted(numbers)]

    @lazy
    def _having(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, proxy in enumerate([*self.defaults, *self.proxies]):
            for keyword in proxy.keywords:
                found.setdefault(keyword, []).append(number)
        return found

    @lazy
    def server_settings(self) -> Set[Settings]:
        """The different settings that servers have: few, since most lines end alike."""
        return {server.settings for proxy in self.proxies for server in proxy.servers}

    def global_lines(self, keyword: str) -> list[Statement]:
        """The lines of the global sections with `keyword`, those that may not be there included."""
        return [s for section in self.sections_of("global") for s in section.body if s.keyword == keyword]

    @lazy
    def _sections_of(self) -> dict[str, list[conditions.Section]]:
        found: dict[str, list[conditions.Section]] = {}
        for sections in self.sections:
            for section in sections:
                found.setdefault(section.statement.keyword, []).append(section)
        return found

    @lazy
    def certain_binds(self) -> list[Bind]:
        """The binds of the proxies that are known to be there, and where."""
        binds = [bind for proxy in self.proxies for bind in proxy.binds]
        return [bind for bind in binds if bind.known and bind.certain and not bind.namespace]

    @lazy
    def fixed_binds(self) -> list[Bind]:
        """The certain binds of what listens that need their address to be on the node."""
        named = [bind for bind in self.certain_binds if bind.address is not None and not bind.transparent]
        return [bind for bind in named if bind.proxy.kind != "backend" and not bind.proxy.disabled]

    @property
    def binds_known(self) -> bool:
        """Whether it certainly listens at `certain_binds` and nowhere else."""
        return len(self.certain_binds) == sum(len(proxy.binds) for proxy in self.proxies)

    @lazy
    def log_targets(self) -> list[LogTarget]:
        """Every target that something logs to: the global section's, then the proxies' own."""
        logs = {id(proxy.logs): proxy.logs for proxy in self.proxies if not proxy.disabled}
        return list(dict.fromkeys(itertools.chain(self.global_logs, *logs.values())))

    @property
    def ring_targets(self) -> list[Word]:
        """The `ring@NAME` of the log lines that are certain: of global, of log-forward sections, and of proxies,
        disabled ones too. Those of a defaults section count where a proxy takes them over."""
        targets = [*self.global_logs, *(target for proxy in self.proxies if proxy.certain for target in proxy.logs)]
        forwarded = [
            LogTarget(statement, None)
            for section in self.sections_of("log-forward")
            for statement in section.body
            if section.certain and statement.keyword == "log" and not is_global(statement)
        ]
        found = {target.statement: target for target in [*targets, *forwarded] if target.kind == "ring"}
        return [target.word for statement, target in found.items() if statement not in self.doubtful]

    @property
    def language(self) -> Version:
        """The version by whose language the lines are judged: where none is known, the newest that agrees with them."""
        return self._judged[0]

    @property
    def lowered_by(self) -> list[Complaint]:
        """What the newest version has removed and `language`, which is assumed for its sake, has not: the first place
        of each keyword in each file."""
        return self._judged[2]

    def complaints(self, kind: str) -> list[Complaint]:
        """What haproxy says of single lines when it reads its files, of one `kind` (the name of a rule), in order."""
        return self._judged[1].get(kind, [])

    @lazy
    def refused(self) -> Set[Statement]:
        """The lines that haproxy does not take as they are written: what they seem to lack may be what is wrong in
        them."""
        return {complaint.statement for found in self._judged[1].values() for complaint in found if complaint.fatal}

    @lazy
    def misspelt(self) -> dict[Statement | None, set[str]]:
        """The keywords that were probably meant by the unknown ones of each section."""
        found: dict[Statement | None, set[str]] = {}
        for complaint in self.complaints("unknown-keyword"):
            found.setdefault(complaint.statement.parent, set()).add(complaint.meant.partition(" ")[0])
        return found

    @lazy
    def lost_heads(self) -> dict[Statement | None, Statement]:
        """The first line of each section that is the head of another, but misspelt: haproxy sees none there."""
        return {c.statement.parent: c.statement for c in self.complaints("unknown-keyword") if c.reach}

    @lazy
    def lost_names(self) -> Set[str]:
        """The names of the sections whose heads are lost."""
        return {name.text for line in self.lost_heads.values() if (name := line.argument()) is not None}

    @lazy
    def _judged(self) -> tuple[Version, dict[str, list[Complaint]], list[Complaint]]:
        from halint.models.haproxy.language import complaints, consistent

        version = self.version or consistent.CANDIDATES[0]
        found = complaints(self, version)
        if self.version is None and not found.keys().isdisjoint(consistent.STRANGE):
            better = consistent.newest(self.trees)
            if better != version:
                agreeing = complaints(self, better)
                return better, agreeing, consistent.reasons(found, agreeing)
        return version, found, []

    def server(self, name: str, proxy: Proxy) -> Server | None:
        """The server that a line of `proxy` calls `name`: `backend/server`, or one of its own."""
        backend, slash, own = name.rpartition("/")
        found = self.backends.get(backend) if slash else proxy
        return found.server_index.get(own) if found else None

    @property
    def may_listen(self) -> bool:
        """Whether something in the files may make haproxy listen, and so start (haproxy.c; 2.6.12 and 2.8.25), were it
        not misspelt.

        A master process waits for its worker to be of use, and starts in any case. haproxy says that it ignores
        the bind of a backend, and listens there.
        """
        proxies = (proxy for proxy in self.proxies if not proxy.disabled)
        if (
            self.global_lines("master-worker")
            or any(proxy.binds for proxy in proxies)
            or self.global_lines("stats")
            or self.sections_of("peers")
            or any(meant & _LISTENING for meant in self.misspelt.values())
        ):
            return True
        lines = (line for section in self.sections_of("log-forward") for line in section.body)
        return any(line.keyword in ("bind", "dgram-bind") for line in lines)

    @lazy
    def backends(self) -> dict[str, Proxy]:
        """What traffic can be sent to, backends and listens, by name."""
        return {proxy.name: proxy for proxy in self.proxies if proxy.kind != "frontend"}


def read(node: Node) -> Haproxy | None:
    """The model of `node`, or None where it has no haproxy configuration."""
    files = {path: source for path, source in node.files.items() if source.format == "haproxy"}
    if not files:
        return None
    named = node.startup.haproxy_files
    paths = loaded(files, [MAIN] if named is None else [each.text for each in named]) or sorted(files)
    sources = [files[path] for path in paths]
    model = Haproxy(
        sources, [files[p] for p in sorted(files) if p not in paths], named is not None, node.targets.haproxy
    )
    for source in sources:
        model.trees.append(node.tree(source))
        _take(model, model.trees[-1])
    return model


def loaded(files: dict[str, Source], named: list[str]) -> list[str]:
    """The files of `files` that `named` loads: each itself, or the *.cfg files of a folder by name."""
    paths: list[str] = []
    for name in named:
        if name in files:
            paths.append(name)
            continue
        folder = name.rstrip("/") + "/"
        inside = (path for path in files if path.startswith(folder) and path.endswith(".cfg"))
        paths += sorted(path for path in inside if "/" not in path[len(folder) :] and path[len(folder)] != ".")
    return paths


def _take(model: Haproxy, tree: Tree) -> None:
    sections, doubtful, directives = conditions.sections(tree, model.version)
    model.sections.append(sections)
    model.doubtful |= doubtful
    model.directives += directives
    for section in sections:
        keyword = section.statement.keyword
        if keyword == "global":
            _take_global(model, section)
        elif keyword in _KINDS:
            proxy = Proxy(section, model)
            if keyword == "defaults":
                model.add_defaults(proxy)
            else:
                model.proxies.append(proxy)


def _take_global(model: Haproxy, section: conditions.Section) -> None:
    model.globals.append(section.statement)
    for statement in section.body:
        if statement.keyword == "chroot":
            model.chroot = statement.argument()
        elif statement.keyword == "log":
            model.global_logs.append(LogTarget(statement, None))


def _origin(statement: Statement) -> Word | None:
    """The name behind `from`."""
    words = statement.words
    return next((words[number + 1] for number, word in enumerate(words[1:-1], 1) if word.text == "from"), None)


def _defaults(model: Haproxy, statement: Statement, origin: Word | None) -> Proxy | None:
    """The defaults section that a section starts from: the one that it names, else the last; a defaults section that
    names none starts from nothing."""
    if origin is not None:
        return model.defaults_named(origin.text)
    return model.defaults[-1] if model.defaults and statement.keyword != "defaults" else None
