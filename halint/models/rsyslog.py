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
from halint.models.syslog_filters import FACILITIES, Message, accepts, depends_on_text, selector_fault
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


class Input:
    """Something that rsyslogd takes messages from.

    module: imudp, imtcp, imptcp, imuxsock or imjournal. address: the local one, None for any. port: in decimal.
    path: of a socket; "/dev/log" stands for the system's own. ruleset: what the messages go through. word: where
    the configuration says so, None where it is the distribution's stock file. name: what $inputname is. statement:
    where it is configured; None where the module alone makes it. unlimited: whether nothing says on which addresses it
    listens. plain: whether its statement says nothing but one port and an address.
    """

    __slots__ = ("address", "module", "name", "path", "plain", "port", "ruleset", "statement", "unlimited", "word")

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
    understood, so that what is not there is absent. rulesets: the rules by name; default: the name of those that count
    where an input names no other. modules: what loads each module, by its name. loads: all that want to, in order; the
    second load of a module is refused. early: the settings and inputs of a module that is not loaded before them, with
    its name: rsyslogd does not know them. rules: the statements that are rules, those in blocks not. reads_drop_ins:
    whether /etc/rsyslog.d/*.conf is included. forwarded: whether journald hands on what comes by /dev/log, None where
    that is not known. templates: what each stands for, None where it is not understood. user: the word that says as
    whom it writes, or None. without_folders: the log files whose folders it does not make, with what says so."""

    def __init__(self, collected: bool) -> None:
        self.collected = collected
        self.complete = collected
        self.inputs: list[Input] = []
        self.rulesets: dict[str, list[Statement]] = {DEFAULT_RULESET: []}
        self.modules: dict[str, Statement] = {}
        self.reads_drop_ins = False
        self.forwarded: bool | None = True
        self.default = DEFAULT_RULESET
        self.templates: dict[str, str | None] = {}
        self.loads: list[tuple[str, Statement]] = []
        self.early: list[tuple[Statement, str]] = []
        self.rules: list[Statement] = []
        self.user: Word | None = None
        self.without_folders: dict[str, Word] = {}
        self._idle: set[Statement] = set()
        self._found: dict[tuple[str | None, ...], Destinations] = {}

    @property
    def loaded_again(self) -> list[tuple[str, Statement, list[Word]]]:
        """The loads of a module that is loaded already, each with the word that loads it first, if the input has it."""
        again = [(name, load, self.modules[name]) for name, load in self.loads if load is not self.modules[name]]
        return [(n, load, [w for w in first.words[:1] if _placed(w)]) for n, load, first in again if load.source.path]

    def statements(self) -> Iterator[Statement]:
        """The rules, and what is in their blocks, in order; without those of a stock file that the input lacks."""
        stack = [statement for statement in self.rules[::-1] if statement.source.path]
        while stack:
            statement = stack.pop()
            yield statement
            if statement.body:
                stack += statement.body[::-1]

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
        inputs = [i for i in self.inputs if i.module in _MODULES.get(kind, ())]
        answers = [(_listens(i, host, place), i.word) for i in inputs]
        for wanted in (True, None):
            for answer, word in answers:
                if answer is wanted:
                    return answer, word
        return False if self.complete else None, answers[0][1] if answers else None

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
            taking = [i for i in self.inputs if i.module in _MODULES[transport] and _listens(i, host, place)]
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
                # rsyslogd reads no name of one letter, and what it makes of the rest was not measured.
                if len(statement.words[1].text) < 2 or len(frames) > 64:
                    found.known = False
                elif called is not None:
                    frames.append(_Frame(called, sure=frame.sure, always=frame.always))
            elif keyword == "call_indirect" or (enabled := _is_enabled(statement)) is None:
                found.known = False
            elif enabled and statement not in self._idle:
                self._act(statement, message, frame, found)

    def _act(self, statement: Statement, message: Message, frame: _Frame, found: Destinations) -> None:
        target = file_of(statement)
        if target is None:
            found.elsewhere = found.elsewhere or _leaves(statement)
            return
        path, word = target
        if not path:
            path = self._computed(statement, message)
        found.known = found.known and frame.sure and frame.always and bool(path)
        if path and frame.sure and all(path != known for known, _ in found.files):
            found.files.append((path, _placed(word)))

    def _computed(self, statement: Statement, message: Message) -> str:
        """The name of a file that a template gives, "" where it is not known."""
        from halint.models import syslog_templates

        text = self.templates.get(syslog_templates.dynamic(statement) or "")
        return "" if text is None else syslog_templates.expand(text, message) or ""


def read(node: Node) -> Rsyslog:
    """What rsyslogd of `node` does."""
    collected = "rsyslog" in node.collected or any(path.startswith("/etc/rsyslog") for path in node.files)
    model = Rsyslog(collected)
    if collected:
        _Reading(node, model).read()
    return model


SYSTEM_SOCKETS = ("/dev/log", "/run/systemd/journal/dev-log")
#: The directives that make inputs, by module.
_RUNS = {"udpserverrun": "imudp", "inputtcpserverrun": "imtcp", "inputptcpserverrun": "imptcp"}
_RULED = {
    "inputudpserverbindruleset": "imudp", "inputtcpserverbindruleset": "imtcp", "inputptcpserverbindruleset": "imptcp",
    "addunixlistensocket": "imuxsock",
}  # fmt: skip
#: The directives that rsyslogd knows only after a module was loaded (asked of rsyslogd 8.2302).
_OWNERS = {
    **_RUNS, **_RULED, "udpserveraddress": "imudp", "udpservertimerequery": "imudp", "omitlocallogging": "imuxsock",
    "systemlogsocketname": "imuxsock", "inputunixlistensockethostname": "imuxsock",
    "inputunixlistensocketcreatepath": "imuxsock", "inputtcpmaxsessions": "imtcp", "inputtcpserverinputname": "imtcp",
    "imjournalstatefile": "imjournal", "imjournalratelimitinterval": "imjournal",
    "imjournalratelimitburst": "imjournal",
}  # fmt: skip
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
        self.all_addresses = False
        self.bound: dict[str, str] = {}
        self.omit_local = False
        #: What says that the actions below make no folders.
        self.no_folders: Word | None = None
        self.count = 0

    def read(self) -> None:
        model = self.model
        if any(path.startswith("/etc/syslog-ng/") for path in self.files):
            model.complete = False
        if MAIN not in self.files:
            targets = self.node.targets
            ubuntu = (targets.os or "").startswith("ubuntu")
            stock = _STOCK.get("ubuntu" if ubuntu else targets.os or "") or _STOCK.get(targets.family or "")
            if stock is None:
                model.complete = False
            self.files[MAIN] = _stock(stock or "$IncludeConfig /etc/rsyslog.d/*.conf\n")
            if ubuntu:
                path, text = _STOCK_UBUNTU
                self.files.setdefault(path, _stock(text))
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
        elif keyword == "template":
            self.template(statement)
        elif keyword == "global":
            self.model.user = parameters(statement).get("privdrop.user.name", [self.model.user])[0]
        elif not keyword.startswith(("!", "+")):
            self.ruleset += self.nested([statement])

    def nested(self, statements: list[Statement]) -> list[Statement]:
        """`statements`, which are rules; an include inside of a block is not followed, which makes them incomplete."""
        self.model.rules += statements
        stack = list(statements)
        while stack:
            statement = stack.pop()
            if statement.body:
                stack += statement.body
            elif self.included(statement) is not None:
                self.model.complete = False
            elif self.lacks_template(statement):
                self.model._idle.add(statement)
            elif self.no_folders is not None or statement.keyword.lower() == "action":
                self.note_folder(statement)
        return statements

    def note_folder(self, statement: Statement) -> None:
        """Note whether an action makes the folder of its file: it does, unless told not to (measured)."""
        says = self.no_folders
        if statement.keyword.lower() == "action":
            given = parameters(statement).get("createdirs")
            says = given[0] if _is_off(given) and given is not None else None
        target = file_of(statement)
        if says is not None and target is not None and target[0]:
            self.model.without_folders[target[0]] = says

    def lacks_template(self, statement: Statement) -> bool:
        """Whether an action names a template that is not there before it: then rsyslogd leaves it out (measured)."""
        text = statement.keyword
        if ";" not in text and text[:1] not in "?-" and text.lower() != "action":
            return False
        from halint.models import syslog_templates

        return any(
            name not in self.model.templates and not name.startswith("RSYSLOG_") and self.model.complete
            for name in syslog_templates.names(statement)
        )

    def directive(self, name: str, statement: Statement) -> None:
        word = statement.argument()
        value = "" if word is None else word.text
        if word is None:
            return
        module = _OWNERS.get(name)
        if module is not None and module not in self.modules:
            self.model.early.append((statement, module))
        elif name == "modload":
            self.load(value, statement)
        elif name == "template":
            self.template(statement)
        elif name.startswith("actionexeconly") and value.lower() not in ("off", "0"):
            self.model.complete = False  # what follows acts under a condition that is not in its line
        elif name == "udpserveraddress":
            self.address = None if value in ("*", "") else value
            self.all_addresses = self.address is None
        elif name in _RUNS:
            made = self.listen(_RUNS[name], word, value, self.address if name == "udpserverrun" else None)
            made.statement, made.unlimited = statement, made.address is None and not self.all_addresses
        elif name == "addunixlistensocket":
            self.socket(word)
            self.model.inputs[-1].statement = statement
        elif name in _RULED:
            self.bound[_RULED[name]] = value
        elif name == "createdirs":
            self.no_folders = word if _is_off([word]) else None
        elif name == "privdroptouser":
            self.model.user = word
        elif name == "omitlocallogging":
            self.omit_local = value.lower() in ("on", "yes", "true", "1")
        elif name == "ruleset":
            self.ruleset = self.model.rulesets.setdefault(value, [])
        elif name == "defaultruleset":
            self.default = value

    def module(self, statement: Statement) -> None:
        given = parameters(statement)
        if "load" in given:
            name = self.load(given["load"][0].text, statement)
            if name == "imuxsock" and self.modules[name] is statement:
                self.omit_local = self.omit_local or _is_off(given.get("syssock.use"))

    def load(self, value: str, statement: Statement) -> str:
        """Load a module; the second load of one is refused. The name of the module."""
        name = value.rpartition("/")[2].removesuffix(".so").lower()
        self.modules.setdefault(name, statement)
        self.model.loads.append((name, statement))
        return name

    def template(self, statement: Statement) -> None:
        from halint.models import syslog_templates

        name, text = syslog_templates.read(statement)
        self.model.templates[name] = text

    def input(self, statement: Statement) -> None:
        given = parameters(statement)
        module = given["type"][0].text.lower() if "type" in given else ""
        if module not in self.modules:
            if module in _RULED.values():
                self.model.early.append((statement, module))
            return
        enabled = _is_enabled(statement)
        self.model.complete = self.model.complete and enabled is not None
        if not enabled:
            return
        ruleset = given["ruleset"][0].text if "ruleset" in given else ""
        name = given["name"][0].text if "name" in given else module
        if module == "imuxsock" and "socket" in given:
            self.socket(given["socket"][0], ruleset)
            self.model.inputs[-1].statement = statement
        elif module in ("imudp", "imtcp", "imptcp"):
            address = given["address"][0].text if "address" in given else ""
            for port in given.get("port", [Word(statement.source, statement.start, statement.words[0].end, "514")]):
                made = self.listen(module, port, port.text, None if address in ("*", "") else address, ruleset)
                made.name, made.statement, made.unlimited = name, statement, not address
                made.plain = len(given.get("port", ())) < 2 and given.keys() <= {"type", "port", "address"}

    def listen(self, module: str, word: Word, port: str, address: str | None, ruleset: str = "") -> Input:
        found = Input(module, _placed(word), ruleset=ruleset or self.bound.get(module, ""))
        found.port = "514" if port == "syslog" else port
        found.address = address
        self.model.inputs.append(found)
        return found

    def socket(self, word: Word, ruleset: str = "") -> None:
        found = Input("imuxsock", _placed(word), ruleset=ruleset)
        found.path = word.text
        self.model.inputs.append(found)

    def end(self) -> None:
        """What is decided when everything was read: the system's socket and the default rules."""
        model = self.model
        for name in ("imjournal", "imuxsock"):
            statement = self.modules.get(name)
            if statement is not None and not (name == "imuxsock" and self.omit_local):
                found = Input(name, _placed(statement.words[0]), ruleset="")
                found.path = "/dev/log"
                model.inputs.append(found)
        model.default = self.default if self.default in model.rulesets else DEFAULT_RULESET
        for taking in model.inputs:
            # An input of a ruleset that is not there uses the default one (measured).
            if taking.ruleset == "" or model.complete and taking.ruleset not in model.rulesets:
                taking.ruleset = model.default
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


def _journald_forwards(node: Node) -> bool | None:
    """Whether journald hands messages on to rsyslog's socket: EL 7 and Debian do unless told not to; later ELs, whose
    rsyslog reads the journal, do if told to, and of others nothing is known."""
    forwards = True if node.targets.os == "el7" or node.targets.family != "el" else None
    for source in node.with_drop_ins("/etc/systemd/journald.conf"):
        for section in tree_as(node, source, "ini").statements:
            for statement in section.statements("ForwardToSyslog"):
                forwards = statement.words[1].text.lower() not in ("no", "false", "off", "0", "n", "f")
    return forwards


def _is_enabled(statement: Statement) -> bool | None:
    """Whether an object counts; None where that depends on another's failure, on a rate or on the environment."""
    if statement.keyword.lower() not in ("action", "input"):
        return True
    for name, value in zip(statement.words[1::2], statement.words[2::2], strict=False):
        key = name.text.lower()
        if key == "config.enabled" and not value.raw.startswith("`"):
            return not _is_off([value])
        if key == "config.enabled" or key.startswith("action.execonly"):
            return None
    return True


def _is_off(words: list[Word] | None) -> bool:
    return words is not None and words[0].text.lower() in ("off", "no", "false", "0")


def _stock(text: str) -> Source:
    return Source("", text, format="rsyslog")


def _placed(word: Word) -> Word | None:
    """`word`, unless it stands in a stock file that the input does not hold."""
    return word if word.source.path else None
