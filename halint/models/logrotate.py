"""What logrotate does with the log files of a node.

logrotate.conf(5); measured with logrotate 3.21: the files of an included folder are read in the order of their
names, hidden ones too; those that the group or others may write are passed over; of two entries for one file the
first holds, the later one loses this file, or from it on all that its wildcard matches, and the exit status is 1;
`ignoreduplicates` of the first entry makes that silent and harmless to another entry. An entry with an error in it is
dropped whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from halint import globs
from halint.light import bisect_left
from halint.models.hangup import signals_rsyslog
from halint.models.reading import tree_as
from halint.patterns.logrotate_table import PERIODS, SINCE, TAKES, UNDOES, VERSIONS
from halint.readers.lexer import compiled
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.node import Node
    from halint.source import Source
    from halint.tree import Tree
    from halint.versions import Version

MAIN = "/etc/logrotate.conf"
FOLDER = "/etc/logrotate.d"

#: Endings of files that an include of a folder leaves out, as logrotate is built with; and the one pattern among them.
_TABOO = (
    ",v", ".bak", ".cfsaved", ".disabled", ".dpkg-bak", ".dpkg-del", ".dpkg-dist", ".dpkg-new", ".dpkg-old",
    ".dpkg-tmp", ".rpmnew", ".rpmorig", ".rpmsave", ".swp", ".ucf-dist", ".ucf-new", ".ucf-old", "~",
)  # fmt: skip
_TABOO_PATTERNS = ("*.rhn-cfg-tmp-*",)
_WRITABLE_BY_OTHERS = 0o022
#: A line with } alone, and behind it the head of an entry, which no shell takes for a command.
_ENTRY_IN_SCRIPT = r"(?m)^[ \t]*\}[ \t]*\n(?:[ \t]*(?:#.*)?\n)*[ \t]*[\"'/~][^\n(){}]*\{[ \t]*$"


#: What the distributions' own files rotate: they count where the input holds drop-ins without logrotate.conf.
_STOCK = {
    ("/etc/logrotate.d/haproxy",): ("/var/log/haproxy.log",),
    ("/etc/logrotate.d/syslog", "/etc/logrotate.d/rsyslog"): (
        "/var/log/messages", "/var/log/secure", "/var/log/maillog", "/var/log/cron", "/var/log/spooler",
        "/var/log/syslog", "/var/log/mail.log", "/var/log/kern.log", "/var/log/auth.log", "/var/log/user.log",
        "/var/log/cron.log", "/var/log/daemon.log",
    ),
    ("/etc/logrotate.d/bootlog",): ("/var/log/boot.log",),
}  # fmt: skip


class Entry:
    """How some log files are rotated.

    patterns: the files, with wildcards. path: of the file that holds the entry, on the node. options: the statements
    in effect by keyword, the last one last; global ones that stand before the entry and those of included files among
    them. refused: whether logrotate drops the entry for an error in it.
    """

    __slots__ = ("_node", "options", "path", "refused", "statement")

    def __init__(
        self, statement: Statement, path: str, options: dict[str, Statement], node: Node, refused: bool
    ) -> None:
        self.statement = statement
        self.path = path
        self.options = options
        self.refused = refused
        self._node = node

    @property
    def patterns(self) -> list[Word]:
        return self.statement.words

    @property
    def in_place(self) -> bool:
        """Whether the file is copied, and perhaps emptied, in place, so that no program need open it anew."""
        return "copytruncate" in self.options or "copy" in self.options

    @property
    def several(self) -> bool:
        """Whether it may rotate more than one file."""
        return len(self.patterns) > 1 or any(is_wildcard(pattern.text) for pattern in self.patterns)

    @property
    def overruled(self) -> tuple[Statement, Statement] | None:
        """A size and a period, of which the entry has both: the one that does not count, and the one that does."""
        criteria = [s for s in self.statement.statements(*PERIODS) if s.keyword != "size" or s.argument() is not None]
        last = criteria[-1] if criteria else None
        for lost in reversed(criteria):
            if last is not None and (lost.keyword == "size") != (last.keyword == "size"):
                return lost, last
        return None

    @property
    def runs_for_each(self) -> list[Statement]:
        """The scripts that run once for each file that is rotated, though they do not ask for which."""
        if "sharedscripts" in self.options:
            return []
        scripts = (self.options[keyword] for keyword in ("prerotate", "postrotate") if keyword in self.options)
        return [script for script in scripts if compiled(r"\$[{]?[12@*#]").search(script.words[1].text) is None]

    @property
    def signals_rsyslog(self) -> bool | None:
        """Whether rotation makes rsyslogd open its files anew; None where a script does what halint does not know."""
        scripts = [self.options[k].words[1].text for k in ("postrotate", "lastaction") if k in self.options]
        answers = [signals_rsyslog(script, self._node.targets) for script in scripts]
        return True if True in answers else None if None in answers else False

    def covers(self, path: str) -> Word | None:
        """The pattern that matches the log file `path`, or None."""
        return next((pattern for pattern in self.patterns if matches(pattern.text, path)), None)


class Duplicate:
    """Two entries for the log file `path`: `first` of `holder` holds, `word` of `entry` is refused."""

    __slots__ = ("entry", "first", "holder", "path", "word")

    def __init__(self, first: Word, holder: Entry, word: Word, entry: Entry, path: str) -> None:
        self.first = first
        self.holder = holder
        self.word = word
        self.entry = entry
        self.path = path


class Logrotate:
    """What logrotate reads.

    entries: in the order in which logrotate reads them. files: the files that it reads, in order. ignored: those that
    it passes over since others than root may write them. known: whether the entries are all, stock ones apart.
    globals_known: whether the global options are: logrotate.conf is in the input.
    version: of the logrotate of the distribution, or None.
    """

    def __init__(self, reading: _Reading, known: bool, stock: frozenset[str]) -> None:
        self.entries = reading.entries
        self.files = reading.read
        self._trees = reading.trees
        self.ignored = reading.ignored
        self.known = known
        self.globals_known = MAIN in self.files
        self.version = reading.version
        self._stock = stock

    @property
    def scripts_over_entries(self) -> list[tuple[Statement, int]]:
        """The scripts that only the endscript of an entry below ends, each with where its own entry seems to end."""
        scripts = (s for tree in self._trees for s in tree.walk() if TAKES.get(s.keyword) == "script" and s.closed)
        ends = ((script, compiled(_ENTRY_IN_SCRIPT).search(script.words[1].text)) for script in scripts)
        return [(script, script.words[1].start + end.start()) for script, end in ends if end is not None]

    @property
    def scripts_without_end(self) -> list[Statement]:
        """The scripts that no endscript ends."""
        return [
            statement
            for tree in self._trees
            for statement in tree.walk()
            if not statement.closed and statement.body is None
        ]

    @property
    def unknown(self) -> list[Statement]:
        """The lines with a keyword that this logrotate does not know, and that it therefore ignores."""
        return [
            statement
            for tree in self._trees
            for statement in tree.walk()
            if statement.body is None and not self.knows(statement.keyword) and _is_parted(statement)
        ]

    def rotates(self, path: str) -> bool | None:
        """Whether some entry rotates the log file `path`; None where not all of them are known."""
        if path in self._stock or any(entry.covers(path) for entry in self.entries):
            return True  # one that is refused is to be mended, not doubled
        return False if self.known and not self.scripts_over_entries else None

    def covering(self, path: str) -> list[Entry]:
        """The entries that match the log file `path`, and are not refused; the first of them rotates it."""
        return [entry for entry in self.entries if not entry.refused and entry.covers(path)]

    def duplicates(self, paths: Iterable[str] = ()) -> list[Duplicate]:
        """The patterns that name a log file which an earlier one holds, each with the first such file.

        paths: log files that exist, beside those that the entries name without wildcards.
        """
        entries = [entry for entry in self.entries if not entry.refused]
        exact = (p.text for entry in entries for p in entry.patterns if not is_wildcard(p.text))
        existing = sorted({*exact, *paths})
        holders: dict[str, tuple[Word, Entry]] = {}
        found = []
        for entry in entries:
            for word in entry.patterns:
                files = [word.text]
                if is_wildcard(word.text):  # two wildcards that are equal match the same, whatever there is
                    files += [path for path in existing if matches(word.text, path)]
                for path in files:
                    first, holder = holders.setdefault(path, (word, entry))
                    if first is not word and not self._ignores_duplicates(holder, entry):
                        found.append(Duplicate(first, holder, word, entry, path))
                        break
        return found

    def knows(self, keyword: str) -> bool:
        """Whether this logrotate knows `keyword`; of an unknown version, whether any does."""
        since = SINCE.get(keyword)
        return keyword in TAKES and (since is None or self.version is None or self.version >= since)

    def _ignores_duplicates(self, holder: Entry, entry: Entry) -> bool:
        """Whether `holder` says so; to its own names it does too late."""
        said = holder.options.get("ignoreduplicates")
        if said is None or not self.knows("ignoreduplicates"):
            return False
        return holder is not entry or not any(said is option for option in entry.statement.body or ())


def read(node: Node) -> Logrotate:
    """The entries of `node`: those of logrotate.conf, or, where the input lacks it, of logrotate.d."""
    reading = _Reading(node)
    if MAIN in node.files:
        reading.file(MAIN)
    else:
        reading.include(FOLDER)
    seen = MAIN in node.files or any(path.startswith(FOLDER + "/") for path in node.files)
    stock = (
        set()
        if MAIN in node.files
        else {log for files, logs in _STOCK.items() if not any(file in node.files for file in files) for log in logs}
    )
    known = (seen or "logrotate" in node.collected) and not reading.problems
    return Logrotate(reading, known, frozenset(stock))


class _Reading:
    def __init__(self, node: Node) -> None:
        self.node = node
        self.entries: list[Entry] = []
        self.options: dict[str, Statement] = {}
        self.taboo: tuple[str, ...] = _TABOO
        self.taboo_patterns: tuple[str, ...] = _TABOO_PATTERNS
        self.read: dict[str, Source] = {}
        self.trees: list[Tree] = []
        self.ignored: list[tuple[str, Source]] = []
        self.problems = False
        self._faults: dict[Source, list[int]] = {}  # where the problems of a file begin, in order
        self.version: Version | None = VERSIONS.get(node.targets.os or "")

    def file(self, main: str) -> None:
        """Read the file at `main` and what it includes, each file once; includes may nest as deep as they like."""
        files = [(main, iter(self.statements(main)))]
        while files:
            here, rest = files[-1]
            statement = next(rest, None)
            if statement is None:
                files.pop()
            elif statement.body is not None:
                self.entries.append(self.entry(statement, here))
            elif statement.keyword == "include" and len(statement.words) > 1:
                for path in reversed(self.included(statement.words[1].text)):
                    if path not in self.read:
                        files.append((path, iter(self.statements(path))))
            elif statement.keyword in ("tabooext", "taboopat"):
                self.set_taboo(statement)
            else:
                _set(self.options, statement)

    def entry(self, statement: Statement, path: str) -> Entry:
        options = dict(self.options)
        faults = self._faults.get(statement.source, [])
        at = bisect_left(faults, statement.start)
        refused = at < len(faults) and faults[at] <= statement.end
        for option in statement.statements():
            refused = refused or not option.closed
            if option.keyword == "include" and len(option.words) > 1:
                for file in self.included(option.words[1].text):
                    for inner in tree_as(self.node, self.node.files[file], "logrotate").statements:
                        if inner.body is None:
                            _set(options, inner)
            else:
                _set(options, option)
        return Entry(statement, path, options, self.node, refused)

    def include(self, folder: str) -> None:
        for path in self.included(folder):
            self.file(path)

    def statements(self, path: str) -> list[Statement]:
        source = self.node.files[path]
        if self.node.keeps_modes and source.mode is not None and source.mode & _WRITABLE_BY_OTHERS:
            self.ignored.append((path, source))
            return []
        self.read[path] = source
        tree = tree_as(self.node, source, "logrotate")
        self.trees.append(tree)
        if tree.problems:
            self.problems = True
            self._faults[source] = sorted(problem.start for problem in tree.problems)
        return tree.statements

    def included(self, path: str) -> list[str]:
        """The files that an include of the file or folder `path` reads, in order."""
        if path.startswith("~/"):
            path = "/root" + path[1:]
        if path in self.node.files:
            return [path]
        folder = path.rstrip("/") + "/"
        names = [file.removeprefix(folder) for file in self.node.files if file.startswith(folder)]
        return [folder + name for name in sorted(names) if "/" not in name and not self.is_taboo(name)]

    def is_taboo(self, name: str) -> bool:
        """Whether the file `name` of a folder is left out: no wildcard matches the dot that a name begins with."""
        if not name.startswith(".") and name.endswith(self.taboo):
            return True
        return any(
            globs.matches(pattern, name) and (not name.startswith(".") or pattern.startswith("."))
            for pattern in self.taboo_patterns
        )

    def set_taboo(self, statement: Statement) -> None:
        line = " ".join(word.text for word in statement.arguments)
        if not line:
            return
        if not line.startswith("+"):
            self.taboo, self.taboo_patterns = (), ()
        given = compiled(r"[^ \t,]+").findall(line.removeprefix("+"))
        if statement.keyword == "taboopat":
            self.taboo_patterns = (*self.taboo_patterns, *given)
        else:
            self.taboo = (*self.taboo, *(ending for ending in given if not is_wildcard(ending)))
            self.taboo_patterns = (*self.taboo_patterns, *("*" + ending for ending in given if is_wildcard(ending)))


def is_wildcard(pattern: str) -> bool:
    return compiled(r"[*?[]").search(pattern) is not None


def matches(pattern: str, path: str) -> bool:
    """Whether the glob(7) `pattern` of an entry matches the log file `path`."""
    if not is_wildcard(pattern):
        return pattern == path
    hidden = path.rpartition("/")[2].startswith(".") and not pattern.rpartition("/")[2].startswith(".")
    return not hidden and pattern.count("/") == path.count("/") and globs.matches(pattern, path)


def _set(options: dict[str, Statement], statement: Statement) -> None:
    """Put `statement` into effect, as the last one."""
    keyword = statement.keyword
    if keyword not in TAKES:
        return
    for other in (*UNDOES.get(keyword, ()), *(PERIODS if keyword in PERIODS else (keyword,))):
        options.pop(other, None)
    options[keyword] = statement


def _is_parted(statement: Statement) -> bool:
    """Whether a blank parts the keyword from what follows; else the reader has said it."""
    return len(statement.words) == 1 or statement.words[1].start > statement.words[0].end
