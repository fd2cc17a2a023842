"""What rules report: findings at locations on nodes, with fixes made of edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, Self

if TYPE_CHECKING:
    from halint.node import Node
    from halint.source import Source


class _Grade(int):
    """One of a few values in an order, each with its label. An enum takes as long to import as ten of our modules."""

    label: str

    @classmethod
    def define(cls, *labels: str) -> None:
        """Make the values, from the least on, attributes of the class."""
        for number, label in enumerate(labels, 1):
            value = cls(number)
            value.label = label
            setattr(cls, label.upper(), value)

    @classmethod
    def named(cls, label: str) -> Self:
        """The value with `label`."""
        value: Self = getattr(cls, label.upper())
        return value


class Severity(_Grade):
    """error: split brain, no fail-over, no start, traffic or logs lost. warning: a likely accident or a
    needless risk. info: hygiene."""

    INFO: ClassVar[Severity]
    WARNING: ClassVar[Severity]
    ERROR: ClassVar[Severity]


class Applicability(_Grade):
    """safe: what was certainly meant. unsafe: changes behaviour or guesses. display: shown, never applied."""

    DISPLAY: ClassVar[Applicability]
    UNSAFE: ClassVar[Applicability]
    SAFE: ClassVar[Applicability]


Severity.define("info", "warning", "error")
Applicability.define("display", "unsafe", "safe")


class Located(Protocol):
    """Anything with a place in a source: a Word, a Statement, a SyntaxProblem."""

    @property
    def source(self) -> Source: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Location:
    """The span [start, end) of a source as it stands on `node`, with what there is to see there.

    nodes: the names of all nodes that it stands on: several where they share the file (see linter.merged).
    """

    __slots__ = ("end", "label", "node", "nodes", "source", "start")

    def __init__(self, node: Node | None, at: Located, label: str = "") -> None:
        self.node = node
        self.nodes: tuple[str, ...] = () if node is None else (node.name,)
        self.source = at.source
        self.start = at.start
        self.end = at.end
        self.label = label


class Edit:
    """Replace [start, end) of a source by `text`; an empty span inserts."""

    __slots__ = ("end", "source", "start", "text")

    def __init__(self, source: Source, start: int, end: int, text: str) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.text = text


class Create:
    """Write `text` to the new file `path` (as the node sees it: /etc/...) of `node`; several fixes may add to it."""

    __slots__ = ("node", "path", "text")

    def __init__(self, node: Node, path: str, text: str) -> None:
        self.node = node
        self.path = path
        self.text = text


class Fix:
    """The edits that cure a finding, over any number of files and nodes; all are made, or none."""

    __slots__ = ("applicability", "edits", "prefer", "title")

    def __init__(
        self,
        title: str,
        edits: list[Edit | Create],
        applicability: Applicability,
        prefer: dict[str, list[Edit | Create]] | None = None,
    ) -> None:
        """prefer: where nodes disagree, the edits that make the named node right; then `edits` are
        those of the fix as displayed, or of the majority."""
        self.title = title
        self.edits = edits
        self.applicability = applicability
        self.prefer = prefer


class Finding:
    """One fault. `message`: in one sentence what will happen, and what to do."""

    __slots__ = ("cluster", "code", "fix", "location", "message", "related", "rule", "severity")

    def __init__(
        self,
        code: str,
        rule: str,
        severity: Severity,
        message: str,
        location: Location,
        related: list[Location] | None = None,
        fix: Fix | None = None,
    ) -> None:
        self.code = code
        self.rule = rule
        self.severity = severity
        self.message = message
        self.location = location
        self.related = related or []
        self.fix = fix
        self.cluster = ""


class Skipped:
    """A rule that could not judge a node, and the families of facts that it missed."""

    __slots__ = ("code", "missing", "node")

    def __init__(self, code: str, node: Node, missing: tuple[str, ...]) -> None:
        self.code = code
        self.node = node
        self.missing = missing
