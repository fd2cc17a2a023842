"""Names of protocols in rules that no /etc/protocols has: nft and iptables-restore refuse all rules for one (measured,
nft 1.0.6, iptables 1.8.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.names import protocol
from halint.nearest import Nearest
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from halint.source import Source
    from halint.tree import Statement, Tree, Word

#: What comes before the name of a protocol, or before several in braces.
_OPTIONS = frozenset({"-p", "--protocol", "--proto", "l4proto", "protocol", "nexthdr"})
#: What is nearly vrrp holds two letters of it in a row.
_PAIRS = ("vr", "rr", "rp")
#: Names behind it, in the whole text at once: long rule sets are looked at word by word only where one is suspicious.
_NAMED = (
    r"(?:-p|--proto(?:col)?|l4proto|protocol|nexthdr)(?:[ \t]*[!=]+)?[ \t]+(?:\{([^{}]*)\}|([A-Za-z][^ \t\r\n,;{}<]*))"
)


def misnamed(trees: Iterable[Tree], *, any_case: bool) -> list[Word]:
    """The words in `trees`, of nft's or iptables' rules, that are misspelled names of VRRP."""
    return [word for tree in trees if may_be(tree.source) for line in tree.statements for word in _in(line, any_case)]


def may_be(source: Source) -> bool:
    """Whether the text may name such a protocol somewhere."""
    rest = source.text.lower().replace("vrrp", "")
    if not any(pair in rest for pair in _PAIRS):
        return False
    found = {name for pair in compiled(_NAMED).findall(source.text) for name in pair if name}
    names = {name.strip(" \t\r\n\"'") for text in found for name in text.split(",")}
    return any(is_misspelled(name) for name in names)


def is_misspelled(text: str) -> bool:
    """Whether `text` is no protocol that any /etc/protocols has, but nearly vrrp; VRRP is its alias there."""
    if text in ("vrrp", "VRRP") or text.isdigit():
        return False
    return text.lower() == "vrrp" or protocol(text) is None and Nearest()(text, ("vrrp",)) is not None


def among(words: list[Word], *, any_case: bool) -> Iterator[Word]:
    """The misspelled ones among the `words` of one rule. any_case: as iptables takes names, and nft does not."""
    for at, word in enumerate(words[:-1]):
        if word.text in _OPTIONS:
            rest = words[at + 1 :]
            while rest and rest[0].text in ("==", "!=", "!"):
                rest = rest[1:]
            end = next((n for n, other in enumerate(rest) if other.text == "}"), 0) if rest[:1] else 0
            several = bool(rest) and rest[0].text == "{"
            for name in rest[1:end] if several else rest[:1]:
                if is_misspelled(name.text.lower() if any_case else name.text):
                    yield name


def _in(statement: Statement, any_case: bool) -> Iterator[Word]:
    waiting = [statement]
    while waiting:
        one = waiting.pop()
        yield from among(one.words, any_case=any_case)
        waiting += reversed(one.body or ())
