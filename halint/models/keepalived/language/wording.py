"""How a complaint is put into words, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

from halint.finding import Applicability, Fix
from halint.fixes import edits
from halint.models.keepalived.language.complaint import Complaint
from halint.models.keepalived.language.keywords import homes, keywords
from halint.models.keepalived.language.signature import one_of
from halint.nearest import shown
from halint.tree import Statement
from halint.versions import Lifetime, show

#: Longer words are nobody's misspelling, and comparing them takes long.
_LONGEST = 40

#: So many words are compared with the keywords; a file with more unknown ones is none of keepalived's.
_MOST = 200

#: How alike a word and a keyword must be: one letter in four may be wrong.
_ALIKE = 0.75


def head(statement: Statement | None) -> str:
    """A block as one names it: `vrrp_instance VI_1`."""
    if statement is None:
        return "keepalived.conf"
    return " ".join(word.text for word in statement.words[:2])


def whole(statement: Statement) -> str:
    """A block as `head` names it, and a line by its words: a route is no more than them."""
    return head(statement) if statement.body is not None else shown(" ".join(word.text for word in statement.words))


def place_of(complaint: Complaint) -> str:
    """Where what a line lacks has to stand, for a message: keepalived looks for it before the hops of a route."""
    return " before nexthop" if any(word.text == "nexthop" for word in complaint.statement.words) else ""


def is_check_weight(complaint: Complaint) -> bool:
    """Whether it is about the weight of a check, in its definition or where an instance or a group tracks it."""
    words = [word.text for word in complaint.statement.words]
    return complaint.block.startswith("vrrp_") and "weight" in words[:2]


class Guesses:
    """What the unknown words of one file were probably meant to be."""

    __slots__ = ("known",)

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], str] = {}

    def keyword(self, name: str, block: str) -> str:
        """The keyword of the block with the path `block` that `name` is probably meant to be, or ""."""
        known = keywords(block)
        for home in homes(name):  # nb_get_retry in TCP_CHECK: HTTP_GET takes it for retry
            if (other := keywords(home)[name].replacement) in known:
                return other
        return self._guess(name, block, known)

    def word(self, name: str, place: str, words: Iterable[str]) -> str:
        """The one of `words`, which may stand at `place`, that `name` is probably meant to be, or ""."""
        return self._guess(name, place, words)

    def _guess(self, name: str, place: str, words: Iterable[str]) -> str:
        if (name, place) not in self.known and len(self.known) < _MOST:
            from difflib import get_close_matches

            alike = get_close_matches(name, list(words), 1, _ALIKE) if len(name) <= _LONGEST else []
            self.known[name, place] = alike[0] if alike else ""
        return self.known.get((name, place), "")


def subject(complaint: Complaint) -> str:
    """The word in question and where it stands: `0` for interval in vrrp_script check."""
    keyword = complaint.keyword
    if keyword is None or complaint.block == keyword.path:
        return f"`{complaint.name}` on a line of {head(complaint.opened)}"
    if complaint.opened is None:
        return f"`{complaint.name}` behind {keyword.name}"
    return f"`{complaint.name}` for {keyword.name} in {head(complaint.opened)}"


def remedy(complaint: Complaint) -> str:
    """What to do about an argument that is not as it should be."""
    default = complaint.keyword.default if complaint.keyword else ""
    return f"correct it, or remove the line for the default ({default})" if default else "correct it"


def elsewhere(name: str) -> str:
    """Where the keyword `name` stands, for a message: "into global_defs or vrrp_instance"; "" where nowhere."""
    paths = list(homes(name))
    inside = [path.rpartition("/")[2] for path in paths if path]
    places = [f"into {one_of(inside)}"] if inside else []
    return " or ".join(places + ["out of all blocks"] * ("" in paths))


def renamed(complaint: Complaint, name: str, applicability: Applicability) -> Fix | None:
    """The fix that writes the keyword `name` instead."""
    return edits.writing(complaint.statement.words[0], name, applicability)


def came(lifetime: Lifetime) -> str:
    """ "after 2.0.10, by 2.2.7"."""
    after, by, _, _ = lifetime
    return f"after {show(after)}, by {show(by)}" if after and by else ""
