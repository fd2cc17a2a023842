"""What nodes must agree on: who dissents, and the fix that makes them agree.

A majority of at least three nodes is taken as right, and the fix is unsafe. Without one nobody knows who is
right: the finding is reported at the node that would follow, its fix is shown only, and applied for
`--prefer NODE`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from halint.cluster.virtual_router import Member
from halint.finding import Applicability, Create, Edit, Fix, Located, Location
from halint.fixes import edits
from halint.node import Node
from halint.tree import Word

Edits: TypeAlias = "list[Edit | Create]"


class Value:
    """What one member of a virtual router says.

    text: the effective value, as shown. at: where it stands, or what its default belongs to. word: what to
    replace, or None where it is a default. key: what is compared, where that is not the text (a secret, a set).
    """

    __slots__ = ("at", "key", "member", "text", "word")

    def __init__(self, member: Member, text: str, at: Located, word: Word | None = None, key: object = None) -> None:
        self.member = member
        self.text = text
        self.at = at
        self.word = word
        self.key = text if key is None else key

    @property
    def node(self) -> Node:
        return self.member.node


class Dissent(Value):
    """A value that differs from `right`, which the majority has, or else the node that would lead."""

    __slots__ = ("right",)

    def __init__(self, value: Value, right: Value) -> None:
        super().__init__(value.member, value.text, value.at, value.word, value.key)
        self.right = right

    def related(self) -> list[Location]:
        return [Location(self.right.node, self.right.at, f"{self.right.text} on {self.right.node.name}")]


def dissent(values: list[Value]) -> list[Dissent]:
    """The values that differ from the majority's, or from the leader's (highest priority) where there is none."""
    if len({value.key for value in values}) < 2:
        return []
    right = _majority(values) or _leader(values)
    return [Dissent(value, right) for value in values if value.key != right.key]


def fix(what: str, values: list[Value], write: Callable[[Value, Value], Edits | None] | None = None) -> Fix | None:
    """The fix that gives every node the same value, or None where it cannot be written.

    write: the edits that give the first value's node what the second says, or None where there are none; by
    default it replaces the word.
    """
    write = write or replace
    choices: dict[str, Edits] = {}
    for right in values:
        made = [write(value, right) for value in values if value.key != right.key]
        if None not in made:
            choices[right.node.name] = [edit for edits_made in made for edit in edits_made or ()]
    wanted = _majority(values)
    shown = wanted or _leader(values)
    if shown.node.name not in choices:
        return None
    applicability = Applicability.DISPLAY if wanted is None else Applicability.UNSAFE
    return Fix(f"set {what} as on {shown.node.name}: {shown.text}", choices[shown.node.name], applicability, choices)


def replace(value: Value, right: Value) -> Edits | None:
    """Write the word of `right` in the place of that of `value`."""
    if value.word is None or right.word is None or not literal(value.word):
        return None
    return [edits.replace(value.word, written(right.word))]


def set_or_add(keyword: str) -> Callable[[Value, Value], Edits | None]:
    """Like `replace`, but a default is written out, and added to an instance that has no such statement."""

    def write(value: Value, right: Value) -> Edits | None:
        text = right.text if right.word is None else written(right.word)
        block = value.member.instance.statement
        if value.word is not None:
            return [edits.replace(value.word, text)] if literal(value.word) else None
        return [edits.into(block, f"{keyword} {text}")] if literal(block.words[0]) else None

    return write


def add_peer(member: Member, source: str) -> Fix | None:
    """The fix that gives `member` a unicast peer; None where its list comes through a definition."""
    block = next(member.instance.statement.statements("unicast_peer"))
    if not literal(block.words[0]):
        return None
    return Fix(f"add {source} on {member.node.name}", [edits.into(block, source)], Applicability.UNSAFE)


def literal(word: Word) -> bool:
    """Whether `word` stands in the file as it is, and not through a definition, so that it can be edited."""
    return word.raw in (word.text, f'"{word.text}"')


def written(word: Word) -> str:
    """`word` as it would be written in another file."""
    return word.raw if literal(word) else word.text


def _majority(values: list[Value]) -> Value | None:
    """The first of those that are equal and more than half of at least three."""
    counts: dict[object, int] = {}
    for value in values:
        counts[value.key] = counts.get(value.key, 0) + 1
    return next((v for v in values if len(values) >= 3 and counts[v.key] * 2 > len(values)), None)


def _leader(values: list[Value]) -> Value:
    def rank(value: Value) -> tuple[int, bool]:
        instance = value.member.instance
        return instance.healthy_priority, instance.state.value == "MASTER"

    return max(values, key=rank)
