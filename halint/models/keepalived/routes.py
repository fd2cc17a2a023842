"""Routes and rules of keepalived.conf: what in a line contradicts the rest of it, so that keepalived drops the line.

Source: keepalived v2.2.7 keepalived/vrrp/vrrp_iproute.c (alloc_route) and vrrp_iprule.c (alloc_rule); every fault is
measured with `keepalived -t`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from halint import address
from halint.models.keepalived.block import lines_of
from halint.models.keepalived.values import integer
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.keepalived import Keepalived

#: The blocks, and what one of their lines is.
_BLOCKS = {"static_routes": "route", "virtual_routes": "route", "static_rules": "rule", "virtual_rules": "rule"}

_FLAGS = frozenset({"onlink", "no_track", "add", "prepend", "append", "not"})
_ACTIONS = frozenset({"table", "lookup", "goto", "nop", "blackhole", "unreachable", "prohibit", "l3mdev", "type"})
_BARE_ACTIONS = frozenset({"nop", "blackhole", "unreachable", "prohibit", "l3mdev"})
_OF_TABLES = frozenset({"suppress_prefixlength", "sup_pl", "suppress_ifgroup", "sup_group", "realms"})
_TYPES = frozenset(
    {
        "to", "local", "nat", "broadcast", "brd", "anycast", "multicast", "prohibit", "unreachable", "blackhole",
        "xresolve", "unicast", "throw",
    }
)  # fmt: skip
#: The options of routes that one family alone has.
_FAMILY_OF = {"from": 6, "pref": 6, "expires": 6, "realms": 4}


class RouteFault:
    """word: where. what: "route" or "rule". why: why keepalived drops it, for a message. dropped: False where it drops
    only the word."""

    __slots__ = ("dropped", "what", "why", "word")

    def __init__(self, word: Word, what: str, why: str, dropped: bool = True) -> None:
        self.word = word
        self.what = what
        self.why = why
        self.dropped = dropped


def faults(model: Keepalived) -> Iterator[RouteFault]:
    """The first fault of each line that keepalived takes word by word, and that holds nothing unknown."""
    refused = {complaint.statement for complaint in model.complaints if complaint.kind != "lacks"}
    groups = {word.text for s in model.statements if s.keyword == "track_group" for word in s.arguments[:1]}
    for block, line in _lines(model):
        if line in refused or any("$" in word.text for word in line.words):
            continue
        what = _BLOCKS[block]
        found = next(_of_route(line) if what == "route" else _of_rule(line), None)
        if found is not None:
            yield RouteFault(found[0], what, found[1])
            continue
        group = _behind(line.words, "track_group")
        if group is not None and block.startswith("virtual"):
            yield RouteFault(group, what, f"only a static {what} takes a track_group")
        elif group is not None and group.text not in groups and not model.missing_includes:
            yield RouteFault(group, what, f"no track_group {group.text} is defined", dropped=False)


def _lines(model: Keepalived) -> Iterator[tuple[str, Statement]]:
    for statement in model.statements:
        if statement.keyword in _BLOCKS:
            yield from ((statement.keyword, line) for line in statement.body or ())
        elif statement.keyword == "vrrp_instance":
            for block in ("virtual_routes", "virtual_rules"):
                yield from ((block, line) for line in lines_of(statement, block))


def _behind(words: list[Word], option: str) -> Word | None:
    return next((word for before, word in pairwise(words) if before.text == option), None)


def _of_route(line: Statement) -> Iterator[tuple[Word, str]]:
    """The faults of a route, in the order in which keepalived meets them."""
    families = _Families()
    words = line.words
    at, destination, hop = 0, False, False
    while at < len(words):
        text = words[at].text
        at += 1
        if text in ("inet", "inet6"):
            at += 1  # keepalived skips what is behind it, too
        elif text == "encap":
            return
        elif text == "nexthop":
            hop = True
        elif text in _FLAGS or at > len(words):
            continue
        elif text in ("via", "gw", "src") and at < len(words):
            said = words[at].text
            at += said in ("inet", "inet6")
            yield from families.meet(words[min(at, len(words) - 1)], {"inet": 4, "inet6": 6}.get(said))
            at += 1
        elif text in _FAMILY_OF:
            if families.known not in (None, _FAMILY_OF[text]):
                yield (
                    words[at - 1],
                    f"{text} is for IPv{_FAMILY_OF[text]} alone, and the route is of IPv{families.known}",
                )
            at += 1
        elif not hop and (text in _TYPES or address.family(text.partition("/")[0]) or text == "default"):
            word = words[min(at, len(words) - 1)] if text in _TYPES else words[at - 1]
            at += text in _TYPES
            destination = True
            yield from families.meet(word)
        else:
            at += 1 + (at < len(words) and words[at].text == "lock")
    if not destination:
        yield words[0], "it has no destination"


class _Families:
    """The family of a line. known: of the addresses so far, None before the first."""

    __slots__ = ("first", "known")

    def __init__(self) -> None:
        self.known: int | None = None
        self.first = ""

    def meet(self, word: Word, family: int | None = None) -> Iterator[tuple[Word, str]]:
        """The fault that the address `word` makes, if it is of another family than those before it."""
        family = family or address.family(word.text.partition("/")[0])
        if self.known is None:
            self.known, self.first = family, word.text
        elif family not in (None, self.known):
            yield word, f"{word.text} is of another address family than {self.first}"


def _of_rule(line: Statement) -> Iterator[tuple[Word, str]]:
    """The faults of a rule, in the order in which keepalived meets them."""
    families = _Families()
    words = line.words
    if any(word.text in ("inet", "inet6") for word in words):
        return  # keepalived takes what is behind these for something else
    action: Word | None = None
    kind = ""
    target = priority = of_tables = None
    at = 0
    while at < len(words):
        word = words[at]
        text = word.text
        value = words[at + 1] if at + 1 < len(words) else word
        at += 1 if text in _FLAGS or text in _BARE_ACTIONS else 2
        if text in ("from", "to"):
            yield from families.meet(value)
        elif text in ("preference", "order", "priority"):
            priority = value
        elif text in _OF_TABLES:
            of_tables = word
        elif text in _ACTIONS:
            if action is not None:
                yield word, f"it has the action {action.text} already"
            action = word
            kind = value.text if text == "type" else text
            if kind == "goto":
                at += text == "type"
                target = words[min(at - 1, len(words) - 1)]
    if target is not None and priority is not None and _number(priority) >= _number(target):
        yield target, f"it goes to {target.text}, which is not behind its own place, {priority.text}"
    elif action is None:
        yield words[0], "it has no action"
    elif of_tables is not None and kind not in ("table", "lookup"):
        yield of_tables, f"{of_tables.text} is for tables alone, and the action is {kind}"


def _number(word: Word) -> int:
    return integer(word.text) or 0
