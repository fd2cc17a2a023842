"""What keepalived can track: scripts, processes and files, the lines that do track them, and sync groups.

Sources: keepalived.conf(5); keepalived v2.2.7 keepalived/vrrp/vrrp_parser.c, vrrp_track.c; measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.keepalived.block import (
    between,
    head_of,
    last_line,
    lines_of,
    number_setting,
    seconds_setting,
    text_setting,
)
from halint.models.keepalived.values import integer
from halint.models.setting import Setting
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.keepalived import Keepalived

#: keepalived cuts the weight of a check to 253 up and down (measured).
MAX_WEIGHT = 253


class Tracker:
    """A definition that instances can track: vrrp_script, vrrp_track_process, track_file.

    kind: "script", "process" or "file". weight: 0 where a failure means FAULT, the default of scripts and, against
    the manual, of processes; a number out of range is cut to the nearest (measured). reverse: success and failure
    swapped.
    """

    __slots__ = ("head", "kind", "name", "reverse", "statement", "weight")

    def __init__(self, statement: Statement, kind: str) -> None:
        self.statement = statement
        self.head = statement.words[1]
        self.name = self.head.text
        self.kind = kind
        self.weight = _weight(statement, kind)
        self.reverse = (
            "reverse" in [w.text for w in self.weight.statement.words[2:]] if self.weight.statement else False
        )


class VrrpScript(Tracker):
    """A check script. words: the words after `script`; only the first runs unless they are one quoted string."""

    __slots__ = ("fall", "interval", "rise", "script", "user", "words")

    def __init__(self, statement: Statement) -> None:
        super().__init__(statement, "script")
        self.script = last_line(statement, "script")
        self.words = arguments(self.script) if self.script else []
        self.user = text_setting(statement, "user")
        self.interval = seconds_setting(statement, "interval", 1.0)
        self.rise = number_setting(statement, "rise", 1, 1, 2**31 - 1)
        self.fall = number_setting(statement, "fall", 1, 1, 2**31 - 1)

    @property
    def command(self) -> str:
        """What keepalived executes: the first word, which is everything where it was quoted."""
        return self.words[0].text if self.words else ""


class Tracked:
    """One check that an instance tracks, on its own or through its sync group.

    tracker: its definition, or None where keepalived ignores the line since nothing of that name is defined
    before it. misread: whether it ignores the line for what follows the name (measured). weight: of this use; 0
    means that a failure is FAULT. weight_word: what sets the weight, on the line or in the definition, or None.
    reverse: success and failure swapped. kind: "script", "process", "file" or "interface". shared: whether it is the
    sync group that tracks it.
    """

    __slots__ = (
        "kind", "misread", "name", "reverse", "shared", "statement", "tracker", "weight", "weight_word", "word",
    )  # fmt: skip

    def __init__(self, statement: Statement, kind: str, tracker: Tracker | None) -> None:
        self.statement = statement
        self.shared = False
        self.word = statement.words[0]
        self.name = self.word.text
        self.kind = kind
        self.tracker = tracker
        options = [word.text for word in statement.words[1:]]
        self.misread = bool(options) and (options[0] != "weight" or len(options) < 2)
        written = None if self.misread else statement.argument(1)
        number = integer(written.text) if written else None
        if number is None or abs(number) > MAX_WEIGHT + 1:
            self.weight = tracker.weight.value if tracker else 0
            self.weight_word = tracker.weight.word if tracker else None
        else:
            self.weight = between(-MAX_WEIGHT, number, MAX_WEIGHT)
            self.weight_word = written
        self.reverse = options[2] == "reverse" if len(options) > 2 else tracker is not None and tracker.reverse

    @property
    def taken(self) -> bool:
        """Whether keepalived keeps the line."""
        return not self.misread and (self.tracker is not None or self.kind == "interface")

    def adds(self, *, failing: bool) -> int:
        """What it adds to the priority: a positive weight counts while the check succeeds, a negative one while it
        fails, with `reverse` the other way up or down. Of a file, whose value is not known, nothing."""
        if self.kind == "file" or (self.weight < 0) != failing:
            return 0
        return -self.weight if self.reverse else self.weight


class SyncGroup:
    """vrrp_sync_group: instances that change state together.

    members: the names in its first block `group`; keepalived reads no other. tracked: what the group tracks for all
    its members; cleared: those of them whose weight keepalived clears, so that a failure is FAULT, since a member is
    an address owner (measured). tracked_again: lines with a name that it tracks already, which keepalived ignores.
    names: kind and name of each of them. member_weights: whether weights count that its members give to scripts of
    their own.
    """

    __slots__ = (
        "cleared", "head", "member_weights", "members", "name", "names", "statement", "tracked", "tracked_again",
    )  # fmt: skip

    def __init__(self, statement: Statement, tracked: list[Tracked], again: list[Tracked]) -> None:
        self.statement = statement
        self.tracked_again = again
        self.head = head_of(statement)
        self.name = self.head.text
        first = next(statement.statements("group"), None)
        self.members = [word for line in (first.body if first else None) or () for word in line.words]
        self.tracked = tracked
        self.names = {(one.kind, one.name) for one in tracked}
        for one in tracked:
            one.shared = True
        self.cleared: list[Tracked] = []
        self.member_weights = last_line(statement, "sync_group_tracking_weight", "global_tracking") is not None


def read_tracker(statement: Statement) -> Tracker | None:
    """The tracker that `statement` defines; None where keepalived drops it: no name, or a script without `script`."""
    if len(statement.words) < 2:
        return None
    if statement.keyword == "vrrp_script":
        script = VrrpScript(statement)
        return script if script.words else None
    return Tracker(statement, "process" if statement.keyword == "vrrp_track_process" else "file")


def read_sync_group(model: Keepalived, statement: Statement) -> SyncGroup:
    return SyncGroup(statement, *tracked_by(model, statement))


def tracked_by(model: Keepalived, block: Statement) -> tuple[list[Tracked], list[Tracked]]:
    """What `block` tracks, and what it tracks once more: of two lines with one name the first counts that keepalived
    takes at all (measured)."""
    found: dict[tuple[str, str], Tracked] = {}
    again: list[Tracked] = []
    for kind in ("script", "process", "file", "interface"):
        for line in lines_of(block, f"track_{kind}"):
            name = line.words[0].text
            tracked = Tracked(line, kind, model.trackers.get((f"track_{kind}", name)))
            first = found.setdefault((kind, name), tracked)
            if first is not tracked and tracked.taken:
                if first.taken:
                    again.append(tracked)
                else:
                    found[kind, name] = tracked
    return list(found.values()), again


def arguments(statement: Statement) -> list[Word]:
    """The arguments of a line that names a script: there single quotes hold words together too (measured)."""
    found: list[Word] = []
    for word in statement.arguments:
        last = found[-1] if found else word
        if last is not word and last.text.startswith("'"):
            last = found[-1] = Word(word.source, last.start, word.end)
        else:
            last = word
            found.append(word)
        if len(last.raw) > 1 and last.raw.startswith("'") and last.raw.endswith("'"):
            found[-1] = Word(last.source, last.start, last.end, last.raw[1:-1])
    return found


def _weight(block: Statement, kind: str) -> Setting[int]:
    """A file's weight, by default 1, multiplies the number that stands in it."""
    found = last_line(block, "weight")
    word = found.argument() if found else None
    number = integer(word.text) if word else None
    if number is None:
        number = 1 if kind == "file" else 0
    return Setting(between(-MAX_WEIGHT, number, MAX_WEIGHT), head_of(block), word, found)
