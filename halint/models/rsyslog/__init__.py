"""What rsyslogd of a node receives, and the files in which a message ends up.

rsyslog.conf(5); measured with rsyslogd 8.2302: rules are tried in the order in which they stand, an include at its
place; `stop` and `~` end a message; $UDPServerAddress holds for the $UDPServerRun lines after it; imudp loaded
twice is reported and works. Where the input holds no rsyslog.conf, the distribution's stock file counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.address import canonical, is_loopback
from halint.models.rsyslog.filters import FACILITIES, Message, accepts, depends_on_text, selector_fault
from halint.models.rsyslog.words import file_of, is_enabled, is_garbled, leaves, placed
from halint.readers.lexer import compiled
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.rsyslog.templates import Parts
    from halint.node import Node

MAIN = "/etc/rsyslog.conf"
DEFAULT_RULESET = "RSYSLOG_DefaultRuleset"
#: A configuration that includes itself has an end, and so has a message.
MAX_STATEMENTS = 100_000
#: How alike two names must be: one letter in eight may be wrong.
_ALIKE = 0.87


class Input:
    """Something that rsyslogd takes messages from.

    module: imudp, imtcp, imptcp, imuxsock or imjournal. address: the local one, None for any. port: in decimal.
    path: of a socket; "/dev/log" stands for the system's own. ruleset: what the messages go through. word: where
    the configuration says so, None where it is the distribution's stock file. name: what $inputname is. statement:
    where it is configured; None where the module alone makes it. unlimited: whether nothing says on which addresses it
    listens. plain: whether its statement says nothing but one port and an address. choosy: whether it takes messages
    only by one interface, or of peers that it knows.
    """

    __slots__ = (
        "address", "choosy", "module", "name", "path", "plain", "port", "ruleset", "statement", "unlimited", "word",
    )  # fmt: skip

    def __init__(self, module: str, word: Word | None, *, ruleset: str = DEFAULT_RULESET) -> None:
        self.module = module
        self.word = word
        self.ruleset = ruleset
        self.name = module
        self.address: str | None = None
        self.port = ""
        self.path = ""
        self.statement: Statement | None = None
        self.unlimited = False
        self.plain = True
        self.choosy = False


class Destinations:
    """Where a message ends up.

    files: the log files that get it, or those of its kind with a certain text, each with the word that names it
    (None in a stock file). elsewhere: whether another host, a program, a pipe or a database gets it. known: whether
    every such message goes to these and no others. stop: what ends it.
    """

    __slots__ = ("elsewhere", "files", "known", "stop")

    def __init__(self) -> None:
        self.files: list[tuple[str, Word | None]] = []
        self.elsewhere = False
        self.known = True
        self.stop: Word | None = None


class _Frame:
    """Statements that a message goes through. sure: whether messages of its kind get there. always: whether each
    does, whatever its text. copied: whether it is a copy of the message that goes through them. last_if: the answer of
    the last `if` among them, and whether it depends on the text.
    """

    __slots__ = ("always", "copied", "last_if", "rest", "sure")

    def __init__(self, statements: list[Statement], *, sure: bool, always: bool, copied: bool = False) -> None:
        self.rest = iter(statements)
        self.sure = sure
        self.always = always
        self.copied = copied
        self.last_if: tuple[bool | None, bool] = (None, False)


class Rsyslog:
    """What is read, in rsyslogd's order.

    collected: whether the input would have shown rsyslog's files. complete: whether all of them were read and
    understood, so that what is not there is absent. reads_drop_ins: whether /etc/rsyslog.d/*.conf is included.
    loaded_before: the modules that are loaded before that.
    missing: the includes of a file that is not there, for which rsyslogd reads nothing more, or does not start.
    modules: what loads each module, by its name. loads: all that want to, in order; the second load of one is refused.
    early: the settings and inputs of a module that is not loaded before them, with its name: rsyslogd does not know
    them. others: the directives that few files have. forwarded: whether journald hands on what comes by /dev/log, None
    where that is not known. senders: from where alone messages are taken, and what says so first, by "udp" and "tcp".
    unruled: the inputs whose ruleset nothing defines, so that the default rules count, each with its name.
    rulesets: the rules by name. queued: the rulesets with a queue of their own. default: the name of those that count
    where an input names no other. rules: the statements that are rules, those in blocks not. included: what an include
    in a block stands for. templates: what each stands for, None where it is not understood; output channels with a $.
    idle: the actions that rsyslogd drops. user: the word that says as whom it writes, or None. without_folders: the
    log files whose folders it does not make, with what says so."""

    def __init__(self, collected: bool) -> None:
        self.collected = collected
        self.complete = collected
        self.inputs: list[Input] = []
        self.rulesets: dict[str, list[Statement]] = {DEFAULT_RULESET: []}
        self.modules: dict[str, Statement] = {}
        self.reads_drop_ins = False
        self.loaded_before: frozenset[str] = frozenset()
        self.forwarded: bool | None = True
        self.default = DEFAULT_RULESET
        self.templates: dict[str, Parts | None] = {}
        self.queued: set[str] = set()
        self.included: dict[Statement, list[Statement]] = {}
        self.missing: list[Statement] = []
        self.senders: dict[str, tuple[Statement, list[str]]] = {}
        self.others: list[Statement] = []
        self.loads: list[tuple[str, Statement]] = []
        self.early: list[tuple[Statement, str]] = []
        self.rules: list[Statement] = []
        self.user: Word | None = None
        self.unruled: list[tuple[Word, str]] = []
        self.without_folders: dict[str, Word] = {}
        self.idle: set[Statement] = set()
        self._found: dict[tuple[str | None, ...], Destinations] = {}

    @property
    def loaded_again(self) -> list[tuple[str, Statement, list[Word]]]:
        """The loads of a module that is loaded already, each with the word that loads it first, if the input has it."""
        again = [(name, load, self.modules[name]) for name, load in self.loads if load is not self.modules[name]]
        return [(n, load, [w for w in first.words[:1] if placed(w)]) for n, load, first in again if load.source.path]

    def statements(self) -> Iterator[Statement]:
        """The rules, and what is in their blocks, in order; without those of a stock file that the input lacks."""
        stack = [statement for statement in self.rules[::-1] if statement.source.path]
        while stack:
            statement = stack.pop()
            yield statement
            stack += (statement.body or self.included.get(statement, []))[::-1]

    @property
    def misspelled(self) -> list[tuple[Word, str]]:
        """The directives that rsyslogd does not know, each with the one that it nearly is."""
        placed_ones = [statement.words[0] for statement in self.others if statement.source.path]
        if not placed_ones:
            return []
        from halint.nearest import Nearest
        from halint.patterns.rsyslog_table import DIRECTIVES

        nearest = Nearest()
        unknown = [word for word in placed_ones if word.text[1:].lower() not in DIRECTIVES]
        meant = [(word, nearest(word.text[1:], DIRECTIVES, _ALIKE)) for word in unknown]
        return [(word, f"${name}") for word, name in meant if name is not None]

    @property
    def garbled(self) -> list[Word]:
        """The actions that mean a file, and that rsyslogd drops for what stands behind its name."""
        return [statement.words[0] for statement in self.statements() if is_garbled(statement)]

    @property
    def discards(self) -> list[Word]:
        """The `~` that end messages."""
        return [statement.words[0] for statement in self.statements() if statement.keyword == "~"]

    def action(self, file: Word) -> Statement | None:
        """The action that writes to the file which `file` names."""
        for statement in self.statements():
            if statement.source is file.source and statement.start <= file.start < statement.end and not statement.body:
                return statement
        return None

    @property
    def slips(self) -> list[tuple[Word, str, bool]]:
        """The selectors that rsyslogd does not understand, each with what it stumbles over, and whether it selects
        nothing for that.

        A digit that no facility has makes the words before the dot the names of users to rsyslogd.
        """
        found = []
        for statement in self.statements():
            word = statement.words[0]
            if statement.body is not None:
                fault = selector_fault(word.text) if "." in word.text and not word.text.startswith(":") else None
                if fault is not None:
                    found.append((word, *fault))
            elif word.source.text[word.end : word.end + 1] == "." and compiled("[A-Za-z]+[0-9]+").fullmatch(word.text):
                found.append((word, "" if word.text.lower() in FACILITIES else word.text, True))
        return found

    def receives(self, kind: str, host: str = "", place: str = "514") -> tuple[bool | None, Word | None]:
        """Whether rsyslogd of this node takes what is sent to it.

        kind: "udp" or "tcp" with the address and the port, or "unix" with the path of the socket as `place`. With
        the word that says so; where the answer is no, that of an input of the kind which listens elsewhere.
        """
        if kind == "unix":
            return self._receives_unix(place)
        answers = [(self._takes(kind, i, host, place), i.word) for i in self._inputs(kind)]
        for wanted in (True, None):
            for answer, word in answers:
                if answer is wanted:
                    return answer, word
        return False if self.complete else None, answers[0][1] if answers else None

    def disallowing(self, kind: str, host: str, port: str) -> Statement | None:
        """The $AllowedSender for which rsyslogd drops what this node sends to an input at `host` and `port`."""
        if kind not in self.senders or not any(_listens(i, host, port) for i in self._inputs(kind)):
            return None
        statement, senders = self.senders[kind]
        return statement if _is_among(host, senders) is False else None

    def _inputs(self, kind: str) -> list[Input]:
        return [i for i in self.inputs if i.module in _MODULES.get(kind, ())]

    def _takes(self, kind: str, found: Input, host: str, port: str) -> bool | None:
        """Whether the input takes what this node sends to `host` and `port`."""
        listens = _listens(found, host, port)
        return listens if not listens or kind not in self.senders else _is_among(host, self.senders[kind][1])

    def _receives_unix(self, path: str) -> tuple[bool | None, Word | None]:
        for found in self._of_socket(path):
            if found.module == "imjournal" or path not in SYSTEM_SOCKETS or self.forwarded:
                return True, found.word
            if self.forwarded is None:
                return None, found.word
        return False if self.complete else None, None

    def _of_socket(self, path: str) -> list[Input]:
        """What takes messages that are sent to a socket, imjournal first."""
        if path not in SYSTEM_SOCKETS:
            return [i for i in self.inputs if i.module == "imuxsock" and i.path == path]
        found = [i for i in self.inputs if i.path == "/dev/log"]
        return sorted(found, key=lambda i: i.module != "imjournal")

    def files(
        self,
        facility: str,
        severity: str,
        program: str | None,
        transport: str = "unix",
        host: str = "",
        place: str = "",
    ) -> Destinations:
        """Where a message of this node's `program` goes that comes by `transport` (udp, tcp or unix) to `host` and
        the port `place`, or to the socket `place`."""
        place = place or ("/dev/log" if transport == "unix" else "514")
        key = (facility, severity, program, transport, host, place)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._destinations(*key)
        return found

    def _destinations(
        self, facility: str, severity: str, program: str | None, transport: str, host: str, place: str
    ) -> Destinations:
        if transport == "unix":
            taking = self._of_socket(place)[:1]
        else:
            taking = [i for i in self._inputs(transport) if self._takes(transport, i, host, place)]
        through = taking[0] if taking else Input("", None, ruleset=self.default)
        found = Destinations()
        rules = self.rulesets.get(through.ruleset)
        if rules is None or any(i.ruleset != through.ruleset for i in taking):
            found.known = False
        else:
            local = True if transport == "unix" or not host or is_loopback(host) or host == "localhost" else None
            self._follow(rules, Message(facility, severity, program, through.name, local), found)
        found.known = found.known and self.complete
        return found

    def _follow(self, rules: list[Statement], message: Message, found: Destinations) -> None:
        """Put the message through `rules`."""
        frames = [_Frame(rules, sure=True, always=True)]
        budget = MAX_STATEMENTS
        while frames:
            frame = frames[-1]
            statement = next(frame.rest, None)
            budget -= 1
            if statement is None:
                frames.pop()
                continue
            if budget < 0:
                found.known = False
                return
            keyword = statement.keyword.lower()
            if statement.body is not None and keyword not in ("ruleset", "template"):
                if keyword == "else":
                    answer, by_text = frame.last_if
                    answer = None if answer is None else not answer
                else:
                    answer, by_text = accepts(statement, message), depends_on_text(statement)
                if keyword == "if":
                    frame.last_if = answer, by_text
                if answer is not False:
                    sure = frame.sure and (answer is True or by_text)
                    frames.append(_Frame(statement.body, sure=sure, always=frame.always and answer is True))
            elif statement in self.included:
                frames.append(_Frame(self.included[statement], sure=frame.sure, always=frame.always))
            elif keyword in ("stop", "~"):
                first = next((n for n in range(len(frames) - 1, 0, -1) if frames[n].copied), 0)
                if frame.sure and frame.always:
                    if not first:
                        found.stop = placed(statement.words[0])
                    del frames[first:]  # what a copy of the message goes through ends alone
                    continue
                found.known = False
                if not frame.sure:  # from here on the message may be gone
                    for entered in frames[first:]:
                        entered.sure = False
            elif keyword == "call" and len(statement.words) > 1:
                name = statement.words[1].text
                called = self.rulesets.get(name)
                # rsyslogd reads no name of one letter, and what it makes of the rest was not measured.
                if len(name) < 2 or len(frames) > 64:
                    found.known = False
                elif called is not None:
                    # At a call of rules of which some action does not count rsyslogd 8.2302 dies.
                    dies = any(s in self.idle or is_enabled(s) is False for s in called)
                    found.known = found.known and not dies
                    copied = name in self.queued
                    frames.append(_Frame(called, sure=frame.sure, always=frame.always, copied=copied))
            elif keyword == "call_indirect" or (enabled := is_enabled(statement)) is None:
                found.known = False
            elif enabled and statement not in self.idle:
                self._act(statement, message, frame, found)

    def _act(self, statement: Statement, message: Message, frame: _Frame, found: Destinations) -> None:
        target = file_of(statement)
        if target is None:
            found.elsewhere = found.elsewhere or leaves(statement)
            return
        path, word = target
        if not path:
            path = self._computed(statement, message)
        found.known = found.known and frame.sure and frame.always and bool(path)
        if path and frame.sure and all(path != known for known, _ in found.files):
            found.files.append((path, placed(word)))

    def _computed(self, statement: Statement, message: Message) -> str:
        """The name of a file that a template gives, "" where it is not known."""
        from halint.models.rsyslog import templates

        parts = self.templates.get(templates.dynamic(statement) or "")
        return "" if parts is None else templates.expand(parts, message) or ""


def read(node: Node) -> Rsyslog:
    """What rsyslogd of `node` does."""
    collected = "rsyslog" in node.collected or any(path.startswith("/etc/rsyslog") for path in node.files)
    model = Rsyslog(collected)
    if collected:
        from halint.models.rsyslog.reading import Reading

        Reading(node, model).read()
    return model


SYSTEM_SOCKETS = ("/dev/log", "/run/systemd/journal/dev-log")


#: The modules that take messages by a transport.
_MODULES = {"udp": ("imudp",), "tcp": ("imtcp", "imptcp")}


def _listens(found: Input, host: str, port: str) -> bool | None:
    """Whether the input takes what is sent to `host` and `port`."""
    if found.port != port:
        return False
    if found.choosy:
        return None
    if found.address is None or found.address in ("0.0.0.0", "::"):
        return True
    target, local = ("127.0.0.1" if h.lower() == "localhost" else h for h in (host, found.address))
    if canonical(target) is None or canonical(local) is None:
        return True if target == local else None
    if canonical(target) == canonical(local):
        return True
    return False if is_loopback(target) or is_loopback(local) else None


def _is_among(host: str, senders: list[str]) -> bool | None:
    """Whether what this node sends to its own `host` comes from one of `senders`: addresses, networks and names."""
    from ipaddress import ip_address, ip_network

    try:
        own = ip_address("127.0.0.1" if host.lower() in ("", "localhost") else host)
        networks = [ip_network(sender, strict=False) for sender in senders]
    except ValueError:
        return None
    return any(own in network for network in networks)
