"""What rsyslogd of a node receives, and the files in which a message ends up.

rsyslog.conf(5); measured with rsyslogd 8.2302: rules are tried in the order in which they stand, an include at its
place; `stop` and `~` end a message; $UDPServerAddress holds for the $UDPServerRun lines after it; imudp loaded
twice is reported and works. Where the input holds no rsyslog.conf, the distribution's stock file counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from halint.address import canonical, is_loopback
from halint.lexer import compiled
from halint.models.reading import tree_as
from halint.models.syslog_filters import Message, accepts, depends_on_text
from halint.source import Source
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.node import Node

MAIN = "/etc/rsyslog.conf"
DEFAULT_RULESET = "RSYSLOG_DefaultRuleset"

_MAX_STATEMENTS = 100_000

_EL_RULES = (
    "*.info;mail.none;authpriv.none;cron.none /var/log/messages\nauthpriv.* /var/log/secure\n"
    "mail.* -/var/log/maillog\ncron.* /var/log/cron\nuucp,news.crit /var/log/spooler\nlocal7.* /var/log/boot.log\n"
)
#: What counts of the distributions' own rsyslog.conf, by distribution or family.
_STOCK = {
    "el7": "$ModLoad imuxsock\n$ModLoad imjournal\n$IncludeConfig /etc/rsyslog.d/*.conf\n$OmitLocalLogging on\n"
    + _EL_RULES,
    "el": (
        'module(load="imuxsock" SysSock.Use="off")\nmodule(load="imjournal")\n'
        'include(file="/etc/rsyslog.d/*.conf" mode="optional")\n' + _EL_RULES
    ),
    "debian": (
        'module(load="imuxsock")\nmodule(load="imklog")\n$IncludeConfig /etc/rsyslog.d/*.conf\n'
        "*.*;auth,authpriv.none -/var/log/syslog\nauth,authpriv.* /var/log/auth.log\n"
    ),
}
#: What Debian's haproxy package puts beside the stock file.
_STOCK_HAPROXY = (
    "/etc/rsyslog.d/49-haproxy.conf",
    "$AddUnixListenSocket /var/lib/haproxy/dev/log\n"
    ':programname, startswith, "haproxy" {\n/var/log/haproxy.log\nstop\n}\n',
)


class Input:
    """Something that rsyslogd takes messages from.

    module: imudp, imtcp, imptcp, imuxsock or imjournal. address: the local one, None for any. port: in decimal.
    path: of a socket; "/dev/log" stands for the system's own. ruleset: what the messages go through. word: where
    the configuration says so, None where it is the distribution's stock file.
    """

    __slots__ = ("address", "module", "path", "port", "ruleset", "word")

    def __init__(self, module: str, word: Word | None, *, ruleset: str = DEFAULT_RULESET) -> None:
        self.module = module
        self.word = word
        self.ruleset = ruleset
        self.address: str | None = None
        self.port = ""
        self.path = ""


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
    does, whatever its text. last_if: the answer of the last `if` among them, and whether it depends on the text.
    """

    __slots__ = ("always", "last_if", "rest", "sure")

    def __init__(self, statements: list[Statement], *, sure: bool, always: bool) -> None:
        self.rest = iter(statements)
        self.sure = sure
        self.always = always
        self.last_if: tuple[bool | None, bool] = (None, False)


class Rsyslog:
    """collected: whether the input would have shown rsyslog's files. complete: whether all of them were read and
    understood, so that what is not there is absent. rulesets: the rules by name. modules: what loads each module, by
    its name. reads_drop_ins: whether /etc/rsyslog.d/*.conf is included."""

    def __init__(self, collected: bool) -> None:
        self.collected = collected
        self.complete = collected
        self.inputs: list[Input] = []
        self.rulesets: dict[str, list[Statement]] = {DEFAULT_RULESET: []}
        self.modules: dict[str, Statement] = {}
        self.reads_drop_ins = False
        self.forwarded = True
        self._found: dict[tuple[str | None, ...], Destinations] = {}

    def receives(self, kind: str, host: str = "", place: str = "514") -> tuple[bool | None, Word | None]:
        """Whether rsyslogd of this node takes what is sent to it.

        kind: "udp" or "tcp" with the address and the port, or "unix" with the path of the socket as `place`. With
        the word that says so; where the answer is no, that of an input of the kind which listens elsewhere.
        """
        if kind == "unix":
            return self._receives_unix(place)
        inputs = [i for i in self.inputs if i.module in _MODULES.get(kind, ())]
        answers = [(_listens(i, host, place), i.word) for i in inputs]
        for wanted in (True, None):
            for answer, word in answers:
                if answer is wanted:
                    return answer, word
        return False if self.complete else None, answers[0][1] if answers else None

    def _receives_unix(self, path: str) -> tuple[bool | None, Word | None]:
        system = path in ("/dev/log", "/run/systemd/journal/dev-log")
        for found in self.inputs:
            if system and (found.module == "imjournal" or found.path == "/dev/log" and self.forwarded):
                return True, found.word
            if found.module == "imuxsock" and found.path == path and not system:
                return True, found.word
        return False if self.complete else None, None

    def files(
        self,
        facility: str,
        severity: str,
        program: str | None,
        transport: str = "unix",
        host: str = "",
        port: str = "514",
    ) -> Destinations:
        """Where a message of this node's `program` goes that comes by `transport` (udp, tcp or unix)."""
        key = (facility, severity, program, transport, host, port)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._destinations(*key)
        return found

    def _destinations(
        self, facility: str, severity: str, program: str | None, transport: str, host: str, port: str
    ) -> Destinations:
        if transport == "unix":
            taking = [i for i in self.inputs if i.module == "imjournal"] or [
                i for i in self.inputs if i.module == "imuxsock"
            ]
        else:
            taking = [i for i in self.inputs if i.module in _MODULES[transport] and _listens(i, host, port)]
        through = taking[0] if taking else Input("", None)
        found = Destinations()
        rules = self.rulesets.get(through.ruleset)
        if rules is None or any(i.ruleset != through.ruleset for i in taking):
            found.known = False
        else:
            self._follow(rules, Message(facility, severity, program, through.module), found)
        found.known = found.known and self.complete
        return found

    def _follow(self, rules: list[Statement], message: Message, found: Destinations) -> None:
        """Put the message through `rules`."""
        frames = [_Frame(rules, sure=True, always=True)]
        budget = _MAX_STATEMENTS
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
            elif keyword in ("stop", "~"):
                if frame.sure and frame.always:
                    found.stop = _placed(statement.words[0])
                    return
                found.known = False
                if not frame.sure:  # from here on the message may be gone
                    for entered in frames:
                        entered.sure = False
            elif keyword == "call" and len(statement.words) > 1:
                called = self.rulesets.get(statement.words[1].text)
                if called is None or len(frames) > 64:
                    found.known = False
                else:
                    frames.append(_Frame(called, sure=frame.sure, always=frame.always))
            else:
                self._act(statement, frame, found)

    def _act(self, statement: Statement, frame: _Frame, found: Destinations) -> None:
        target = file_of(statement)
        if target is None:
            found.elsewhere = found.elsewhere or _leaves(statement)
            return
        path, word = target
        found.known = found.known and frame.sure and frame.always and bool(path)
        if path and frame.sure and all(path != known for known, _ in found.files):
            found.files.append((path, _placed(word)))


def read(node: Node) -> Rsyslog:
    """What rsyslogd of `node` does."""
    collected = "rsyslog" in node.collected or any(path.startswith("/etc/rsyslog") for path in node.files)
    model = Rsyslog(collected)
    if collected:
        _Reading(node, model).read()
    return model


#: The modules that take messages by a transport.
_MODULES = {"udp": ("imudp",), "tcp": ("imtcp", "imptcp")}


class _Reading:
    """Reads the configuration in rsyslogd's order."""

    def __init__(self, node: Node, model: Rsyslog) -> None:
        self.node = node
        self.model = model
        self.files = dict(node.files)
        self.modules = model.modules
        self.ruleset = model.rulesets[DEFAULT_RULESET]
        self.default = DEFAULT_RULESET
        #: The legacy settings that the next $UDPServerRun takes over.
        self.address: str | None = None
        self.bound: dict[str, str] = {}
        self.omit_local = False
        self.count = 0

    def read(self) -> None:
        model = self.model
        if any(path.startswith("/etc/syslog-ng/") for path in self.files):
            model.complete = False
        if MAIN not in self.files:
            targets = self.node.targets
            stock = _STOCK.get(targets.os or "") or _STOCK.get(targets.family or "")
            if stock is None:
                model.complete = False
            self.files[MAIN] = _stock(stock or "$IncludeConfig /etc/rsyslog.d/*.conf\n")
            if targets.family == "debian":
                path, text = _STOCK_HAPROXY
                self.files.setdefault(path, _stock(text))
        for statement in self.expand(self.statements(MAIN)):
            self.take(statement)
        self.end()

    def statements(self, path: str) -> list[Statement]:
        tree = tree_as(self.node, self.files[path], "rsyslog")
        if tree.problems:
            self.model.complete = False
        return tree.statements

    def expand(self, statements: list[Statement]) -> Iterator[Statement]:
        """`statements` with what they include in its place."""
        stack: list[tuple[Iterator[Statement], str]] = [(iter(statements), MAIN)]
        while stack:
            statement = next(stack[-1][0], None)
            self.count += 1
            if statement is None:
                stack.pop()
            elif self.count > _MAX_STATEMENTS:
                self.model.complete = False
                return
            elif (included := self.included(statement)) is None:
                yield statement
            else:
                for path in reversed(included):
                    if all(path != entered for _, entered in stack):
                        stack.append((iter(self.statements(path)), path))

    def included(self, statement: Statement) -> list[str] | None:
        """The files that `statement` includes, or None where it is no include."""
        keyword = statement.keyword.lower()
        if keyword == "$includeconfig" and len(statement.words) > 1:
            pattern = statement.words[1].text
        elif keyword == "include" and len(statement.words) > 1:
            file = parameters(statement).get("file")
            if file is None or file[0].raw.startswith("`"):
                self.model.complete = False  # text=, or a path from the environment
                return []
            pattern = file[0].text
        else:
            return None
        if pattern.endswith("/"):
            pattern += "*"
        self.model.reads_drop_ins = self.model.reads_drop_ins or pattern == "/etc/rsyslog.d/*.conf"
        depth = pattern.count("/")
        found = [p for p in self.files if p.count("/") == depth and fnmatchcase(p, pattern)]
        found = sorted(p for p in found if not p.rpartition("/")[2].startswith("."))
        if not found and not pattern.startswith("/etc/rsyslog.d/"):
            self.model.complete = False  # it may be there and was not collected
        return found

    def take(self, statement: Statement) -> None:
        keyword = statement.keyword.lower()
        if keyword.startswith("$"):
            self.directive(keyword[1:], statement)
        elif keyword == "module":
            self.module(statement)
        elif keyword == "input":
            self.input(statement)
        elif keyword == "ruleset":
            name = parameters(statement).get("name")
            if name is not None:
                rules = self.model.rulesets.setdefault(name[0].text, [])
                rules += self.nested(statement.body or [])
        elif not keyword.startswith(("!", "+")):
            self.ruleset += self.nested([statement])

    def nested(self, statements: list[Statement]) -> list[Statement]:
        """`statements`; an include inside of blocks is not followed, so that what is missed is known."""
        stack = list(statements)
        while stack:
            statement = stack.pop()
            if self.included(statement) is not None:
                self.model.complete = False
            stack += statement.body or []
        return statements

    def directive(self, name: str, statement: Statement) -> None:
        word = statement.argument()
        value = "" if word is None else word.text
        if word is None:
            return
        if name == "modload":
            self.modules.setdefault(value.rpartition("/")[2].removesuffix(".so").lower(), statement)
        elif name == "udpserveraddress":
            self.address = None if value in ("*", "") else value
        elif name == "udpserverrun" and "imudp" in self.modules:
            self.listen("imudp", word, value, self.address)
        elif name == "inputtcpserverrun" and "imtcp" in self.modules:
            self.listen("imtcp", word, value, None)
        elif name == "inputptcpserverrun" and "imptcp" in self.modules:
            self.listen("imptcp", word, value, None)
        elif name in ("inputudpserverbindruleset", "inputtcpserverbindruleset", "inputptcpserverbindruleset"):
            self.bound["im" + name[5:].partition("server")[0]] = value
        elif name == "addunixlistensocket":
            self.socket(word)
        elif name == "omitlocallogging":
            self.omit_local = value.lower() in ("on", "yes", "true", "1")
        elif name == "ruleset":
            self.ruleset = self.model.rulesets.setdefault(value, [])
        elif name == "defaultruleset":
            self.default = value

    def module(self, statement: Statement) -> None:
        given = parameters(statement)
        if "load" in given:
            name = given["load"][0].text.rpartition("/")[2].removesuffix(".so").lower()
            self.modules.setdefault(name, statement)
            if _is_off(given.get("syssock.use")) and name == "imuxsock":
                self.omit_local = True

    def input(self, statement: Statement) -> None:
        given = parameters(statement)
        module = given["type"][0].text.lower() if "type" in given else ""
        if module not in self.modules:
            return
        ruleset = given["ruleset"][0].text if "ruleset" in given else ""
        if module == "imuxsock" and "socket" in given:
            self.socket(given["socket"][0], ruleset)
        elif module in ("imudp", "imtcp", "imptcp"):
            address = given["address"][0].text if "address" in given else ""
            for port in given.get("port", [Word(statement.source, statement.start, statement.words[0].end, "514")]):
                self.listen(module, port, port.text, None if address in ("*", "") else address, ruleset)

    def listen(self, module: str, word: Word, port: str, address: str | None, ruleset: str = "") -> None:
        found = Input(module, _placed(word), ruleset=ruleset or self.bound.get(module, ""))
        found.port = "514" if port == "syslog" else port
        found.address = address
        self.model.inputs.append(found)

    def socket(self, word: Word, ruleset: str = "") -> None:
        if "imuxsock" in self.modules:
            found = Input("imuxsock", _placed(word), ruleset=ruleset)
            found.path = word.text
            self.model.inputs.append(found)

    def end(self) -> None:
        """What is decided when everything was read: the system's socket and the default rules."""
        model = self.model
        for name in ("imjournal", "imuxsock"):
            statement = self.modules.get(name)
            if statement is not None and not (name == "imuxsock" and self.omit_local):
                found = Input(name, _placed(statement.words[0]))
                found.path = "/dev/log"
                model.inputs.append(found)
        for taking in model.inputs:
            if taking.ruleset in ("", DEFAULT_RULESET):
                taking.ruleset = self.default
        model.forwarded = _journald_forwards(self.node)


def parameters(statement: Statement) -> dict[str, list[Word]]:
    """The parameters of an object by their names in lower case; an array gives several values."""
    found: dict[str, list[Word]] = {}
    words = statement.words
    for name, value in zip(words[1::2], words[2::2], strict=False):
        found.setdefault(name.text.lower(), []).append(value)
    return found


def file_of(statement: Statement) -> tuple[str, Word] | None:
    """The log file that an action writes to, "" where its name is computed; None where it writes to none."""
    word = statement.words[0]
    if word.text.lower() == "action":
        given = parameters(statement)
        kind = given["type"][0].text.lower() if "type" in given else ""
        if kind != "omfile":
            return None
        if "file" in given and not given["file"][0].raw.startswith("`"):
            return given["file"][0].text, given["file"][0]
        return "", word
    text = word.text
    if text.startswith(("/", "-/")):
        start = len(text) - len(text.lstrip("-"))
        end = compiled(r"[ \t;,]").search(text)
        path = word.part(start, len(text) if end is None else end.start())
        return path.text, path
    if text.startswith("?") or text.lower().startswith(":omfile:"):
        return "", word
    return None


def _leaves(statement: Statement) -> bool:
    """Whether an action hands messages on to what may keep them; users' terminals do not."""
    text = statement.keyword
    if text.lower() == "action":
        given = parameters(statement)
        return "type" in given and given["type"][0].text.lower() not in ("omfile", "omusrmsg", "omdiscard")
    return text.startswith(("@", "|", "^", ">")) or text.startswith(":") and not text.lower().startswith(":omusrmsg:")


def _listens(found: Input, host: str, port: str) -> bool | None:
    """Whether the input takes what is sent to `host` and `port`."""
    if found.port != port:
        return False
    if found.address is None or found.address in ("0.0.0.0", "::"):
        return True
    target, local = ("127.0.0.1" if h.lower() == "localhost" else h for h in (host, found.address))
    if canonical(target) is None or canonical(local) is None:
        return True if target == local else None
    if canonical(target) == canonical(local):
        return True
    return False if is_loopback(target) or is_loopback(local) else None


def _journald_forwards(node: Node) -> bool:
    """Whether journald hands messages on to rsyslog's socket: EL and Debian do unless told not to."""
    forwards = True
    for source in node.with_drop_ins("/etc/systemd/journald.conf"):
        for section in tree_as(node, source, "ini").statements:
            for statement in section.statements("ForwardToSyslog"):
                forwards = statement.words[1].text.lower() not in ("no", "false", "off", "0", "n", "f")
    return forwards


def _is_off(words: list[Word] | None) -> bool:
    return words is not None and words[0].text.lower() in ("off", "no", "false", "0")


def _stock(text: str) -> Source:
    return Source("", text, format="rsyslog")


def _placed(word: Word) -> Word | None:
    """`word`, unless it stands in a stock file that the input does not hold."""
    return word if word.source.path else None
