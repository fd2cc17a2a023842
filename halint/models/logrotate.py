"""What logrotate does with the log files of a node.

logrotate.conf(5); measured with logrotate 3.21: the files of an included folder are read in the order of their
names; of two entries for one file the first holds, the later one loses this file, or from it on all that its
wildcard matches, and the exit status is 1; `ignoreduplicates` of the first entry makes that silent and harmless.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from halint.lexer import compiled
from halint.models.hangup import signals_rsyslog
from halint.models.reading import tree_as
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.node import Node

MAIN = "/etc/logrotate.conf"
FOLDER = "/etc/logrotate.d"

#: Endings of files that an include of a folder leaves out, as logrotate is built with.
_TABOO = (
    ",v", ".bak", ".cfsaved", ".disabled", ".dpkg-bak", ".dpkg-del", ".dpkg-dist", ".dpkg-new", ".dpkg-old",
    ".dpkg-tmp", ".rpmnew", ".rpmorig", ".rpmsave", ".swp", ".ucf-dist", ".ucf-new", ".ucf-old", "~",
)  # fmt: skip


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

    patterns: the files, with wildcards. path: of the file that holds the entry, on the node. options: the
    statements in effect by keyword, global ones that stand before the entry among them.
    """

    __slots__ = ("_node", "options", "path", "statement")

    def __init__(self, statement: Statement, path: str, options: dict[str, Statement], node: Node) -> None:
        self.statement = statement
        self.path = path
        self.options = dict(options)
        self._node = node
        for option in statement.statements():
            _set(self.options, option)

    @property
    def patterns(self) -> list[Word]:
        return self.statement.words

    @property
    def copytruncate(self) -> bool:
        """Whether the file is copied and emptied in place, so that no program need open it anew."""
        return "copytruncate" in self.options

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
    """entries: in the order in which logrotate reads them. known: whether these are all, stock ones apart."""

    def __init__(self, entries: list[Entry], known: bool, stock: frozenset[str]) -> None:
        self.entries = entries
        self.known = known
        self._stock = stock

    def rotates(self, path: str) -> bool | None:
        """Whether some entry rotates the log file `path`; None where not all of them are known."""
        if self.covering(path) or path in self._stock:
            return True
        return False if self.known else None

    def covering(self, path: str) -> list[Entry]:
        """The entries that match the log file `path`; the first of them rotates it."""
        return [entry for entry in self.entries if entry.covers(path)]

    def duplicates(self, paths: Iterable[str] = ()) -> list[Duplicate]:
        """The patterns that name a log file which an earlier one holds, each with the first such file.

        paths: log files that exist, beside those that the entries name without wildcards.
        """
        exact = (p.text for entry in self.entries for p in entry.patterns if not is_wildcard(p.text))
        existing = sorted({*exact, *paths})
        holders: dict[str, tuple[Word, Entry]] = {}
        found = []
        for entry in self.entries:
            for word in entry.patterns:
                files = [word.text]
                if is_wildcard(word.text):  # two wildcards that are equal match the same, whatever there is
                    files += [path for path in existing if matches(word.text, path)]
                for path in files:
                    first, holder = holders.setdefault(path, (word, entry))
                    if first is not word and "ignoreduplicates" not in holder.options:
                        found.append(Duplicate(first, holder, word, entry, path))
                        break
        return found


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
    return Logrotate(reading.entries, known, frozenset(stock))


class _Reading:
    def __init__(self, node: Node) -> None:
        self.node = node
        self.entries: list[Entry] = []
        self.options: dict[str, Statement] = {}
        self.taboo = _TABOO
        self.seen: set[str] = set()
        self.problems = False

    def file(self, main: str) -> None:
        """Read the file at `main` and what it includes, each file once; includes may nest as deep as they like."""
        files = [(main, iter(self.statements(main)))]
        while files:
            here, rest = files[-1]
            statement = next(rest, None)
            if statement is None:
                files.pop()
            elif statement.body is not None:
                self.entries.append(Entry(statement, here, self.options, self.node))
            elif statement.keyword == "include" and len(statement.words) > 1:
                for path in reversed(self.included(statement.words[1].text)):
                    if path not in self.seen:
                        files.append((path, iter(self.statements(path))))
            elif statement.keyword == "tabooext":
                self.set_taboo([word.text for word in statement.arguments])
            else:
                _set(self.options, statement)

    def include(self, folder: str) -> None:
        for path in self.included(folder):
            self.file(path)

    def statements(self, path: str) -> list[Statement]:
        self.seen.add(path)
        tree = tree_as(self.node, self.node.files[path], "logrotate")
        self.problems = self.problems or bool(tree.problems)
        return tree.statements

    def included(self, path: str) -> list[str]:
        """The files that an include of the file or folder `path` reads, in order."""
        if path in self.node.files:
            return [path]
        folder = path.rstrip("/")
        return sorted(p for p in self.node.files if p.rpartition("/")[0] == folder and not p.endswith(self.taboo))

    def set_taboo(self, words: list[str]) -> None:
        kept = self.taboo if words[:1] == ["+"] else ()
        added = (ending for word in words if word != "+" for ending in word.split(",") if ending)
        self.taboo = (*kept, *added)


def is_wildcard(pattern: str) -> bool:
    return compiled(r"[*?[]").search(pattern) is not None


def matches(pattern: str, path: str) -> bool:
    """Whether the glob(7) `pattern` of an entry matches the log file `path`."""
    if not is_wildcard(pattern):
        return pattern == path
    return pattern.count("/") == path.count("/") and fnmatchcase(path, pattern)


def _set(options: dict[str, Statement], statement: Statement) -> None:
    """Put `statement` into effect; `noX` takes X back."""
    options.pop(statement.keyword.removeprefix("no"), None)
    options[statement.keyword] = statement
