"""Reads the files of rsyslog in rsyslogd's order: inputs, rulesets, and what includes and settings change below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint import globs
from halint.models.reading import tree_as
from halint.models.rsyslog import DEFAULT_RULESET, MAIN, MAX_STATEMENTS, SYSTEM_SOCKETS, Input, Rsyslog, stock
from halint.models.rsyslog.words import file_of, is_enabled, is_garbled, is_off, parameters, placed
from halint.readers.lexer import compiled
from halint.source import Source
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.node import Node

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
#: Other directives that most files have, so that the table of all is seldom asked.
_KNOWN = frozenset(
    {
        "actionfiledefaulttemplate", "allowedsender", "createdirs", "defaultruleset", "dircreatemode", "dirgroup",
        "dirowner", "filecreatemode", "filegroup", "fileowner", "klogpermitnonkernelfacility", "modload", "outchannel",
        "privdroptogroup", "privdroptouser", "repeatedmsgreduction", "ruleset", "template", "umask", "workdirectory",
    }
)  # fmt: skip
#: Where systemd's journal hands messages on, which it has taken at /dev/log.
_OF_JOURNAL = "/run/systemd/journal/syslog"
#: How deep includes of blocks may nest: one that includes itself has an end.
_DEEPEST = 16


class Reading:
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
        #: Whether imtcp takes messages of peers alone that prove who they are.
        self.peers = False
        self.omit_local = False
        #: The system's socket as rsyslogd has it: what is sent to /dev/log comes by these, see systemd's journal.
        self.own_socket = SYSTEM_SOCKETS[0]
        #: The template by which actions write that name none.
        self.line_template = ""
        #: What says that the actions below make no folders.
        self.no_folders: Word | None = None
        self.count = 0

    def read(self) -> None:
        model = self.model
        if any(path.startswith("/etc/syslog-ng/") for path in self.files):
            model.complete = False
        if MAIN not in self.files:
            stock_files, known = stock.files(MAIN, self.node.targets)
            model.complete = model.complete and known
            for path, text in stock_files.items():
                self.files.setdefault(path, Source("", text, format="rsyslog"))
        for statement in self.expand(self.statements(MAIN)):
            if model.missing:
                break
            self.take(statement)
        self.end()

    def statements(self, path: str) -> list[Statement]:
        tree = tree_as(self.node, self.files[path], "rsyslog")
        if tree.problems:
            self.model.complete = False
        return tree.statements

    def expand(self, statements: list[Statement]) -> Iterator[Statement]:
        """`statements` with what they include in its place."""
        # Statements of a file, with its path; and the paths that one include means.
        stack: list[tuple[Iterator[Statement | str], str]] = [(iter(statements), MAIN)]
        entered = {MAIN}
        while stack:
            rest, path = stack[-1]
            following = next(rest, None)
            self.count += 1
            if following is None:
                stack.pop()
                entered.discard(path)
            elif self.count > MAX_STATEMENTS:
                self.model.complete = False
                return
            elif isinstance(following, str):
                if following not in entered:
                    entered.add(following)
                    stack.append((iter(self.statements(following)), following))
            elif (included := self.included(following)) is None:
                yield following
            else:
                stack.append((iter(included), ""))

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
        if pattern == "/etc/rsyslog.d/*.conf" and not self.model.reads_drop_ins:
            self.model.reads_drop_ins = True
            self.model.loaded_before = frozenset(self.modules)
        depth = pattern.count("/")
        found = [p for p in self.files if p.count("/") == depth and globs.matches(pattern, p)]
        found = sorted(p for p in found if not p.rpartition("/")[2].startswith("."))
        if not found and not pattern.startswith("/etc/rsyslog.d/"):
            self.model.complete = False  # it may be there and was not collected
        elif not found and not compiled(r"[*?[]").search(pattern):
            self.note_missing(statement)
        return found

    def note_missing(self, statement: Statement) -> None:
        """A file that is not there ends the reading for good, by $IncludeConfig, and rsyslogd itself, by its mode."""
        mode = parameters(statement).get("mode") if statement.keyword[0] != "$" else None
        aborts = mode is not None and mode[0].text == "abort-if-missing"
        if statement.keyword[0] == "$" or aborts:
            self.model.missing.append(statement)
        if aborts:
            self.ruleset.clear()
            self.model.inputs.clear()
            self.modules.clear()

    def take(self, statement: Statement) -> None:
        keyword = statement.keyword.lower()
        if keyword.startswith("$"):
            self.directive(keyword[1:], statement)
        elif keyword == "module":
            self.module(statement)
        elif keyword == "input":
            self.input(statement)
        elif keyword == "ruleset":
            self.define_ruleset(statement)
        elif keyword == "template":
            self.template(statement)
        elif keyword == "global":
            self.model.user = parameters(statement).get("privdrop.user.name", [self.model.user])[0]
        elif not keyword.startswith(("!", "+")):
            self.ruleset += self.nested([statement])

    def define_ruleset(self, statement: Statement) -> None:
        given = parameters(statement)
        name = given["name"][0].text if "name" in given else ""
        enabled = is_enabled(statement)
        if not name or name in self.model.rulesets or enabled is False:
            return  # the second of one name is refused
        parsers = [word.text for word in given.get("parser", ())]
        if enabled is None or parsers and not any(parser.endswith("rfc3164") for parser in parsers):
            self.model.complete = False
        if any(key.startswith("queue.") for key in given):
            self.model.queued.add(name)
        self.model.rulesets[name] = self.nested(statement.body or [])

    def nested(self, statements: list[Statement]) -> list[Statement]:
        """`statements`, which are rules, with what the includes in their blocks stand for."""
        self.model.rules += statements
        stack = [(statement, 0) for statement in statements]
        while stack:
            statement, depth = stack.pop()
            self.count += 1
            if statement.body:
                stack += [(inner, depth) for inner in statement.body]
            elif statement.keyword.lower() in ("include", "$includeconfig"):
                stack += [(inner, depth + 1) for inner in self.in_block(statement, depth)]
            elif is_garbled(statement) or self.lacks_template(statement):
                self.model.idle.add(statement)
            elif self.no_folders is not None or statement.keyword.lower() == "action":
                self.note_folder(statement)
        return statements

    def in_block(self, statement: Statement, depth: int) -> list[Statement]:
        """What an include in a block stands for; without braces it stands behind the filter, which is not followed."""
        files = self.included(statement) or []
        around = statement.parent
        braced = around is not None and around.source.text[around.body_start - 1 : around.body_start] == "{"
        if not braced or depth > _DEEPEST or self.count > MAX_STATEMENTS or self.model.missing:
            self.model.complete = False
            return []
        found = [inner for path in files for inner in self.statements(path)]
        if any(inner.keyword.startswith("$") for inner in found):
            self.model.complete = False
        self.model.included[statement] = found
        return found

    def note_folder(self, statement: Statement) -> None:
        """Note whether an action makes the folder of its file: it does, unless told not to (measured)."""
        says = self.no_folders
        if statement.keyword.lower() == "action":
            given = parameters(statement).get("createdirs")
            says = given[0] if is_off(given) and given is not None else None
        target = file_of(statement)
        if says is not None and target is not None and target[0]:
            self.model.without_folders[target[0]] = says

    def lacks_template(self, statement: Statement) -> bool:
        """Whether an action names a template that is not there before it: then rsyslogd leaves it out (measured)."""
        text = statement.keyword
        if not self.line_template and ";" not in text and text[:1] not in "?-" and text.lower() != "action":
            return False
        from halint.models.rsyslog import templates

        names = templates.names(statement)
        if self.line_template and file_of(statement) is not None and not templates.is_own(statement):
            names.append(self.line_template)
        return any(
            name not in self.model.templates and not name.startswith("RSYSLOG_") and self.model.complete
            for name in names
        )

    def directive(self, name: str, statement: Statement) -> None:
        word = statement.argument()
        value = "" if word is None else word.text
        if word is None:
            return
        module = _OWNERS.get(name)
        if module is None and name not in _KNOWN:
            self.model.others.append(statement)
        if module is not None and module not in self.modules:
            self.model.early.append((statement, module))
        elif name == "modload":
            self.load(value, statement)
        elif name in ("template", "outchannel"):
            self.template(statement)
        elif name == "actionfiledefaulttemplate":
            self.line_template = value
        elif name == "allowedsender":
            self.allow(statement)
        elif name == "inputtcpserverstreamdrivermode" and value != "0":
            self.peers = True
        elif name == "resetconfigvariables":
            self.model.complete = False
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
            self.no_folders = word if is_off([word]) else None
        elif name == "privdroptouser":
            self.model.user = word
        elif name in ("omitlocallogging", "systemlogsocketname"):
            if self.modules["imuxsock"].keyword.startswith("$"):  # else refused: "currently not permitted"
                self.set_socket(name, value)
        elif name == "ruleset":
            self.ruleset = self.model.rulesets.setdefault(value, [])
        elif name == "defaultruleset" and value in self.model.rulesets:
            self.default = value

    def allow(self, statement: Statement) -> None:
        given = " ".join(word.text for word in statement.arguments)
        kind, *senders = compiled(r"[^ \t,[\]]+(?:\]/\d+)?").findall(given) or [""]
        _, known = self.model.senders.setdefault(kind.lower(), (statement, []))
        known += [sender.replace("]", "") for sender in senders]

    def set_socket(self, name: str, value: str) -> None:
        if name == "omitlocallogging":
            self.omit_local = value.lower() in ("on", "yes", "true", "1")
        else:
            self.own_socket = value

    def module(self, statement: Statement) -> None:
        given = parameters(statement)
        enabled = is_enabled(statement)
        self.model.complete = self.model.complete and enabled is not None
        if "load" not in given or not enabled:
            return
        name = self.load(given["load"][0].text, statement)
        if self.modules[name] is not statement:
            return
        if name == "imuxsock":
            self.omit_local = self.omit_local or is_off(given.get("syssock.use"))
            self.own_socket = given["syssock.name"][0].text if "syssock.name" in given else self.own_socket
        elif name == "imtcp":
            mode = given["streamdriver.mode"][0].text if "streamdriver.mode" in given else "0"
            self.peers = mode != "0" or "permittedpeer" in given
        elif name == "builtin:omfile" and "template" in given:
            self.line_template = given["template"][0].text

    def load(self, value: str, statement: Statement) -> str:
        """Load a module; the second load of one is refused. The name of the module."""
        name = value.rpartition("/")[2].removesuffix(".so").lower()
        self.modules.setdefault(name, statement)
        self.model.loads.append((name, statement))
        return name

    def template(self, statement: Statement) -> None:
        from halint.models.rsyslog import templates

        enabled = is_enabled(statement)
        self.model.complete = self.model.complete and enabled is not None
        if enabled:
            read = templates.channel if statement.keyword.lower() == "$outchannel" else templates.read
            name, parts = read(statement)
            self.model.templates.setdefault(name, parts)

    def input(self, statement: Statement) -> None:
        given = parameters(statement)
        module = given["type"][0].text.lower() if "type" in given else ""
        if module not in self.modules:
            if module in _RULED.values():
                self.model.early.append((statement, module))
            return
        enabled = is_enabled(statement)
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
                appended = "name.appendport" in given and not is_off(given["name.appendport"])
                made.name, made.statement = name + made.port * appended, statement
                made.unlimited = not address
                made.choosy = made.choosy or "device" in given and given["device"][0].text != "lo"
                made.plain = len(given.get("port", ())) < 2 and given.keys() <= {"type", "port", "address"}

    def listen(self, module: str, word: Word, port: str, address: str | None, ruleset: str = "") -> Input:
        found = Input(module, placed(word), ruleset=ruleset or self.bound.get(module, ""))
        found.port = "514" if port == "syslog" else port
        found.choosy = module == "imtcp" and self.peers
        found.address = address
        self.model.inputs.append(found)
        return found

    def socket(self, word: Word, ruleset: str = "") -> None:
        found = Input("imuxsock", placed(word), ruleset=ruleset)
        found.path = word.text
        self.model.inputs.append(found)

    def end(self) -> None:
        """What is decided when everything was read: the system's socket and the default rules."""
        model = self.model
        for name in ("imjournal", "imuxsock"):
            statement = self.modules.get(name)
            if statement is not None and not (name == "imuxsock" and self.omit_local):
                found = Input(name, placed(statement.words[0]), ruleset="")
                is_other = name == "imuxsock" and self.own_socket not in (*SYSTEM_SOCKETS, _OF_JOURNAL)
                found.path = self.own_socket if is_other else "/dev/log"
                model.inputs.append(found)
        model.default = self.default if self.default in model.rulesets else DEFAULT_RULESET
        for taking in model.inputs:
            # An input of a ruleset that is not there uses the default one (measured).
            if taking.ruleset == "" or model.complete and taking.ruleset not in model.rulesets:
                if taking.ruleset and taking.word is not None:
                    model.unruled.append((taking.word, taking.ruleset))
                taking.ruleset = model.default
        model.forwarded = _journald_forwards(self.node)


def _journald_forwards(node: Node) -> bool | None:
    """Whether journald hands messages on to rsyslog's socket: EL 7 and Debian do unless told not to; later ELs, whose
    rsyslog reads the journal, do if told to, and of others nothing is known."""
    forwards = True if node.targets.os == "el7" or node.targets.family != "el" else None
    for source in node.with_drop_ins("/etc/systemd/journald.conf"):
        for section in tree_as(node, source, "ini").statements:
            for statement in section.statements("ForwardToSyslog"):
                forwards = statement.words[1].text.lower() not in ("no", "false", "off", "0", "n", "f")
    return forwards
