"""The virtual servers of keepalived.conf: what keepalived makes of each, and what of it cannot be meant.

Source: keepalived v2.2.7 keepalived/check/check_parser.c, check_data.c (validate_check_config), check_http.c,
check_api.c; every fault is measured with `keepalived -t`.
"""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.finding import Located
from halint.models.keepalived.language.arguments import explain
from halint.models.keepalived.language.holes import Holes
from halint.models.keepalived.language.keywords import keywords
from halint.models.keepalived.values import integer
from halint.source import Place
from halint.tree import Statement, Word

_METHODS = ("lb_kind", "lvs_method")
_SCHEDULERS = ("lb_algo", "lvs_sched")
_HASH_FLAGS = frozenset({"hashed", "sh-port", "sh-fallback", "mh-port", "mh-fallback"})
_SORRY_FLAGS = frozenset({"sorry_server_inhibit", "sorry_server_lvs_method"})
_NUMBERS = frozenset({"quorum", "hysteresis", "weight"})
_WEB_CHECKS = ("HTTP_GET", "SSL_GET")

#: The checks that refer to a block, by which of their keywords, and the keyword of the block.
_REFERENCES = {"FILE_CHECK": ("track_file", "track_file"), "BFD_CHECK": ("name", "bfd_instance")}

#: The keywords of a virtual server that something hangs on, but for real_server.
_READ = frozenset(
    {
        *_METHODS, *_SCHEDULERS, *_HASH_FLAGS, *_SORRY_FLAGS, "sorry_server", "protocol", "persistence_timeout",
        "persistence_granularity", "quorum", "hysteresis", "weight", "ip_family", "ops", "ha_suspend",
    }
)  # fmt: skip


#: An address in its canonical form, its family, and a port; None or 0 for what is not there.
_Endpoint = tuple[str | None, int | None, int]

#: What stands in a real server: its weight, its method or "", and the checks that have to be looked at.
_Said = tuple[int | None, str, list[Statement]]


class ServerFault:
    """One thing that keepalived does not take as it is written.

    kind: "no-real-server", "default" (something is not said), "port", "duplicate", "quorum", "contradiction",
    "no-url", "undefined" (what a check refers to) or "scheduler". what: what it does, and why, for a message.
    """

    __slots__ = ("at", "kind", "server", "what")

    def __init__(self, kind: str, at: Located, server: VirtualServer, what: str) -> None:
        self.kind = kind
        self.at = at
        self.server = server
        self.what = what


class RealServer:
    """A real server, or the sorry server. method: as written for it, else that of the virtual server so far."""

    __slots__ = ("address", "family", "method", "port", "statement", "weight")

    def __init__(self, statement: Statement, endpoint: _Endpoint, method: str, weight: int | None = None) -> None:
        self.statement = statement
        self.address, self.family, self.port = endpoint
        self.method = method
        self.weight = weight

    @property
    def word(self) -> Word:
        return self.statement.words[1]

    @property
    def name(self) -> str:
        return f"{self.word.text} {self.port}" if self.port else self.word.text


class VirtualServer:
    """One virtual_server that keepalived does not drop at its head.

    by_address: whether its head is an address, and no firewall mark or group. port: 0 where there is none.
    protocol, scheduler, method: of the last line that keepalived takes, "" without one. real_servers: those that it
    keeps, in order. faults: in order.
    """

    __slots__ = (
        "by_address", "by_mark", "defined", "family", "faults", "hysteresis", "lines", "method", "port", "protocol",
        "quorum", "real_servers", "scheduler", "seen", "sorry", "statement", "weight",
    )  # fmt: skip

    def __init__(self, statement: Statement, lines: _Lines, defined: set[tuple[str, str]] | None = None) -> None:
        """defined: the blocks above it, by keyword and name; None where these are not all known."""
        self.statement = statement
        self.lines = lines
        self.defined = defined
        first = statement.words[1].text
        self.by_mark = first == "fwmark"
        self.by_address = not self.by_mark and first != "group"
        self.family = address.family(_address(first)) if self.by_address else None
        self.port = _port(statement.argument(1)) if self.by_address else 0
        self.protocol = self.scheduler = self.method = ""
        self.quorum, self.hysteresis, self.weight = 1, 0, 1
        self.real_servers: list[RealServer] = []
        self.sorry: RealServer | None = None
        self.seen: dict[str, Statement] = {}
        self.faults: list[ServerFault] = []
        for inner in statement.body or ():
            name, taken, text = lines.take("virtual_server", inner)
            if name in _READ:
                self._read(name, taken, text, inner)
            elif name == "real_server" and taken:
                self._read_real_server(inner)
        self._judge()

    @property
    def name(self) -> str:
        return " ".join(word.text for word in self.statement.words)

    @property
    def persistent(self) -> bool:
        return "persistence_timeout" in self.seen or "persistence_granularity" in self.seen

    def _read(self, name: str, taken: bool, text: str | None, inner: Statement) -> None:
        if name in _HASH_FLAGS and self.scheduler not in ("sh", "mh"):
            self._fault("contradiction", inner.words[0], f"ignores {name}, since no scheduler sh or mh stands above it")
        elif name in _SORRY_FLAGS and self.sorry is None:
            self._fault("contradiction", inner.words[0], f"ignores {name}, since no sorry_server stands above it")
        if taken:
            self.seen.setdefault(name, inner)
            if text is not None:
                self._set(name, text, inner)
        elif name in _SCHEDULERS and text is not None:
            self._fault("scheduler", inner.words[1], f"knows no scheduler {text}")
        elif name == "quorum":
            self.quorum = 1

    def _set(self, name: str, text: str, inner: Statement) -> None:
        if name in _SCHEDULERS:
            self.scheduler = text
        elif name in _METHODS:
            self.method = text
        elif name == "protocol":
            self.protocol = text.upper()
        elif name in _NUMBERS:
            setattr(self, name, integer(text) or 0)
        elif name == "ip_family":
            self._read_family(inner.words[1])
        elif name == "sorry_server":
            self.sorry = RealServer(inner, self.lines.endpoint(inner), self.method)
        elif name == "sorry_server_lvs_method" and self.sorry is not None:
            self.sorry.method = text

    def _read_family(self, word: Word) -> None:
        family = 4 if word.text == "inet" else 6
        if self.family not in (None, family):
            self._fault("contradiction", word, f"ignores ip_family {word.text}, since the address is of the other one")
        else:
            self.family = family

    def _read_real_server(self, statement: Statement) -> None:
        weight, method, checks = self.lines.real_server(statement)
        real = RealServer(statement, self.lines.endpoint(statement), method or self.method, weight)
        for check in checks:
            if check.keyword in _WEB_CHECKS:
                for at, what in _url_faults(check):
                    self._fault("no-url", at, what)
            elif check.keyword in _REFERENCES and self.defined is not None:
                self._judge_reference(check, *_REFERENCES[check.keyword])
            for bind in check.statements("bindto"):
                self._judge_source(bind, check, real)
        if real.method != "TUN":
            self.family = self.family or real.family
            if self.family != real.family:
                what = f"drops the real server {real.name}, which is of the other address family"
                self._fault("contradiction", _brace(statement), what)
                return
        self.real_servers.append(real)

    def _judge_reference(self, check: Statement, keyword: str, block: str) -> None:
        for inner in check.statements(keyword):
            word = inner.argument()
            if word is not None and (block, word.text) not in (self.defined or ()):
                self._fault("undefined", word, f"drops a {check.keyword}, since no {block} {word.text} stands above it")

    def _judge_source(self, bind: Statement, check: Statement, real: RealServer) -> None:
        """A check connects to the real server, unless connect_ip above says another."""
        word, family = bind.argument(), real.family
        for inner in check.body or ():
            if inner is bind:
                break
            target = inner.argument()
            if inner.keyword == "connect_ip" and target is not None:
                family = address.family(_address(target.text)) or family
        if word is not None and address.family(_address(word.text)) not in (None, family):
            self._fault("contradiction", word, f"ignores bindto {word.text}, which is of the other address family")

    def _judge(self) -> None:
        """What keepalived looks at once it has read the file."""
        head = self.statement.words[0]
        sorry = self.sorry
        if sorry is not None and sorry.method != "TUN":
            self.family = self.family or sorry.family
            if self.family != sorry.family:
                what = f"drops the sorry server {sorry.name}, which is of the other address family"
                self._fault("contradiction", _brace(self.statement), what)
                sorry = None
        if not self.real_servers:
            self._fault("no-real-server", head, "drops it, since it has no real server")
            return
        if self.by_address:
            self._judge_service(head)
        elif self.by_mark:
            for name, why in (("ha_suspend", "clears ha_suspend"), ("protocol", "ignores the protocol")):
                if name in self.seen:
                    self._fault("contradiction", self.seen[name].words[0], f"{why} of a firewall mark")
        if not self.scheduler and not any(fault.kind == "scheduler" for fault in self.faults):
            self._fault("default", head, "uses the scheduler wlc, since none is named")
        kept = self._without_duplicates()
        if not self.method and any(not real.method for real in [*kept, *([sorry] if sorry else [])]):
            self._fault("default", head, "forwards by NAT, since no lb_kind is named")
        self._judge_quorum(kept)
        for real in [*kept, *([sorry] if sorry else [])]:
            self._judge_port(real)

    def _judge_service(self, head: Word) -> None:
        if not self.protocol:
            self._fault("default", head, "balances UDP, since no protocol is named")
        elif "ops" in self.seen and self.protocol != "UDP":
            self._fault("contradiction", self.seen["ops"].words[0], f"clears ops, which {self.protocol} has not")
        if not self.port and not self.persistent:
            self._fault("contradiction", head, "makes it persistent, since a server for every port must be")

    def _without_duplicates(self) -> list[RealServer]:
        kept: dict[tuple[str | None, int], RealServer] = {}
        for real in self.real_servers:
            if kept.setdefault((real.address, real.port), real) is not real:
                self._fault("duplicate", real.word, f"drops the second real server {real.name}")
        return list(kept.values())

    def _judge_quorum(self, kept: list[RealServer]) -> None:
        weights = sum(self.weight if real.weight is None else real.weight for real in kept)
        quorum = self.quorum
        if quorum > weights:
            at = self.seen["quorum"].words[0] if "quorum" in self.seen else self.statement.words[0]
            self._fault("quorum", at, f"takes a quorum of {weights}, since all weights together are no more")
            quorum = weights
        if self.hysteresis >= quorum:
            at = self.seen["hysteresis"].words[0] if "hysteresis" in self.seen else self.statement.words[0]
            used = f"a hysteresis of {quorum - 1}" if quorum else "no hysteresis"
            what = f"takes {used}, since {self.hysteresis} is not less than the quorum of {quorum}"
            self._fault("quorum", at, what)

    def _judge_port(self, real: RealServer) -> None:
        method = real.method or self.method or "NAT"
        if method == "NAT" or not real.port or not (self.by_address or self.by_mark) or real.port == self.port:
            return
        port = f"port {self.port}" if self.port else "the port of each packet"
        self._fault("port", real.word, f"sends {real.word.text} to {port}, since {method} cannot change the port")

    def _fault(self, kind: str, at: Located, what: str) -> None:
        self.faults.append(ServerFault(kind, at, self, what))


class _Lines:
    """What the lines of virtual servers say, each text of a line, and of the body of a real server, read once."""

    __slots__ = ("bodies", "endpoints", "known")

    def __init__(self) -> None:
        self.known: dict[tuple[str, str | tuple[str, ...]], tuple[str, bool, str | None]] = {}
        self.endpoints: dict[str | tuple[str, ...], _Endpoint] = {}
        self.bodies: dict[str, _Said] = {}

    def take(self, block: str, statement: Statement) -> tuple[str, bool, str | None]:
        """The keyword, whether keepalived takes its arguments in `block`, and the first of these."""
        key = block, _text(statement)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = self._read(block, statement)
        return found

    @staticmethod
    def _read(block: str, statement: Statement) -> tuple[str, bool, str | None]:
        words = statement.words
        return words[0].text, _is_taken(block, words), words[1].text if len(words) > 1 else None

    def endpoint(self, statement: Statement) -> _Endpoint:
        """The address of a real server in its canonical form, its family, and the port."""
        key = _text(statement)
        found = self.endpoints.get(key)
        if found is None:
            text = _address(statement.words[1].text)
            found = address.canonical(text), address.family(text), _port(statement.argument(1))
            self.endpoints[key] = found
        return found

    def real_server(self, statement: Statement) -> _Said:
        """What stands in a real server: its weight, its method or "", and the checks that have to be looked at."""
        text = statement.plain_body
        found = self.bodies.get(text) if text is not None else None
        if found is None:
            found = self._read_real_server(statement)
            if text is not None and not found[2]:
                self.bodies[text] = found
        return found

    def _read_real_server(self, statement: Statement) -> _Said:
        weight, method = None, ""
        checks: list[Statement] = []
        for inner in statement.body or ():
            name, taken, text = self.take("virtual_server/real_server", inner)
            if name == "weight" and taken and text is not None:
                weight = integer(text)
            elif name == "lvs_method" and taken and text is not None:
                method = text
            elif _may_be_faulty(inner):
                checks.append(inner)
        return weight, method, checks


def _may_be_faulty(check: Statement) -> bool:
    """Whether its real server, or what stands above that, decides whether keepalived takes `check`; or it does not."""
    if check.keyword in _REFERENCES or any(check.statements("bindto")):
        return True
    return check.keyword in _WEB_CHECKS and any(_url_faults(check))


def _url_faults(check: Statement) -> Iterator[tuple[Located, str]]:
    """What a check by HTTP lacks: where, and what keepalived does."""
    urls = [url for url in check.statements("url") if url.body is not None]
    for url in urls:
        if not any(True for _ in url.statements("path")):
            yield _brace(url), f"ignores a url without path in {check.keyword}"
    if not any(True for url in urls for _ in url.statements("path")):
        yield _brace(check), f"drops a {check.keyword} without url"


def _is_taken(block: str, words: list[Word]) -> bool:
    """Whether keepalived takes `words` as a line of `block`."""
    name, *texts = [word.text for word in words]
    keyword = keywords(block).get(name)
    return keyword is not None and (keyword.arguments is None or explain(keyword.arguments, tuple(texts)) is None)


def _text(statement: Statement) -> str | tuple[str, ...]:
    """What two statements with the same words have in common."""
    return statement.plain or tuple(word.text for word in statement.words)


def faults(statements: list[Statement], incomplete: list[Statement]) -> list[ServerFault]:
    """The faults of all virtual servers among `statements` that keepalived takes, and that are there whole."""
    found: list[ServerFault] = []
    lines, holes = _Lines(), Holes(incomplete)
    defined: set[tuple[str, str]] = set()
    for statement in statements:
        keyword = statement.keyword
        if keyword in ("track_file", "vrrp_track_file", "bfd_instance"):
            defined |= {(keyword.removeprefix("vrrp_"), word.text) for word in statement.arguments[:1]}
        if keyword != "virtual_server" or not statement.closed or holes.within(statement):
            continue
        if _is_taken("", statement.words) and not _is_unknown(statement, "$" if incomplete else "${"):
            found += VirtualServer(statement, lines, None if incomplete else defined).faults
    return found


def _is_unknown(statement: Statement, sign: str) -> bool:
    """Whether it, or anything in it, holds the `sign` of an unresolved definition."""
    if sign not in statement.source.text[statement.start : statement.end]:
        return False
    todo = [statement]
    while todo:
        inner = todo.pop()
        if any(sign in word.text for word in inner.words):
            return True
        todo += inner.body or ()
    return False


def _brace(statement: Statement) -> Located:
    """Where keepalived notices what a block lacks: the brace that closes it."""
    return Place(statement.source, statement.body_end, statement.end)


def _address(text: str) -> str:
    """Without what keepalived cuts off: the end of a range, or a mask."""
    return text.partition("-")[0].partition("/")[0]


def _port(word: Word | None) -> int:
    return (integer(word.text.strip(" \t")) or 0) if word is not None else 0
