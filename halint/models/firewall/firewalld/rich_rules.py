"""What firewalld refuses in a rich rule: up to 1.x it leaves out that rule alone, 2.3 falls back to its stock
configuration (measured, 1.3.3 and 2.3.1). Source: firewalld.richlanguage(5); Rich_Rule.check of 1.3.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import address
from halint.models.firewall.firewalld.elements import FAMILIES, is_port, is_priority
from halint.models.firewall.misnamed import is_misspelled
from halint.nearest import shown
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.finding import Located
    from halint.readers.xml import Element
    from halint.tree import Word

#: What stands in a rich rule beside what it is about.
BESIDE = frozenset({"source", "destination", "log", "nflog", "audit", "accept", "reject", "drop", "mark"})
_ACTIONS = ("accept", "reject", "drop", "mark")
#: What a rule may be about without an action, and what goes with none.
_WITHOUT = frozenset({"icmp-block", "forward-port", "masquerade", "tcp-mss-clamp"})
_LEVELS = frozenset({"emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"})
_LONGEST_PREFIX = 127


class Complaint:
    """at: where. why: as a message says it. word: the same place where it is the misspelled name of a protocol.
    family: the one that the rule should name, where that is all that it lacks."""

    __slots__ = ("at", "family", "why", "word")

    def __init__(self, at: Located, why: str, word: Word | None = None, family: str = "") -> None:
        self.at = at
        self.why = why
        self.word = word
        self.family = family


def complaint(rule: Element) -> Complaint | None:
    """The first thing that firewalld refuses in `rule`."""
    return next(_complaints(rule), None)


def _complaints(rule: Element) -> Iterator[Complaint]:
    family, sides = rule.get("family"), list(rule.elements("source", "destination"))
    actions, about = list(rule.elements(*_ACTIONS)), [e for e in rule.elements() if e.keyword not in BESIDE]
    if family is not None and family not in FAMILIES:
        yield Complaint(rule.attributes["family"], f"{shown(family)} is no family")
    for several in (actions, about, list(rule.elements("source")), list(rule.elements("audit"))):
        if len(several) > 1:
            yield Complaint(several[1].words[0], f"a rule has room for <{several[0].keyword}> alone here")
    yield from _of_families(rule, family, sides, about)
    priority = rule.get("priority") or "0"
    if not is_priority(priority):
        yield Complaint(rule.attributes["priority"], f"{shown(priority)} is no priority from -32768 to 32767")
        return
    logs = list(rule.elements("log", "nflog"))
    if not about and (not logs or not int(priority)) and not (actions and (sides or int(priority))):
        yield Complaint(rule.words[0], "the rule does not say which packets it is about")
    without = bool(about) and about[0].keyword in _WITHOUT
    if without and actions and about[0].keyword in ("icmp-block", "forward-port", "masquerade"):
        yield Complaint(actions[0].words[0], f"a rule about <{about[0].keyword}> has no action")
    if not without and not actions and not logs and not any(rule.elements("audit")):
        yield Complaint(rule.words[0], "the rule has no action")
    for audit in rule.elements("audit"):
        if not actions or actions[0].keyword == "mark":
            yield Complaint(audit.words[0], "<audit> goes with accept, reject or drop")
    for log in rule.elements("log"):
        if log.get("level") is not None and log.get("level") not in _LEVELS:
            yield Complaint(log.attributes["level"], f"{shown(log.get('level') or '')} is no level")
        if "prefix" in log.attributes and not 0 < len(log.get("prefix") or "") <= _LONGEST_PREFIX:
            yield Complaint(log.attributes["prefix"], f"a prefix has 1 to {_LONGEST_PREFIX} characters")
    for reject in rule.elements("reject"):
        if reject.get("type") and family is None:
            yield Complaint(reject.attributes["type"], "a rule that says how to reject needs a family")
    for element in about:
        yield from _of_values(element)


def _of_families(rule: Element, family: str | None, sides: list[Element], about: list[Element]) -> Iterator[Complaint]:
    """What is wrong with addresses, and with the family that they need."""
    if family is None:
        needing = [e for e in sides if "address" in e.attributes or e.keyword == "destination"]
        needing += [e for e in about if e.keyword == "forward-port"]
        if needing:
            found = {address.family(e.get("address") or "") for e in needing}
            only = found.pop() if len(found) == 1 else None
            why = f"a rule with <{needing[0].keyword}> needs a family"
            yield Complaint(rule.words[0], why, family="" if only is None else f"ipv{only}")
    for side in sides:
        text = side.get("address")
        if text is None:
            continue
        if address.family(text) not in (FAMILIES.get(family or ""), None) and family is not None:
            yield Complaint(side.attributes["address"], f"{shown(text)} is no address of {family}")
        if address.network(text) is None and compiled(r"[0-9./]+|[0-9A-Fa-f:/]+").fullmatch(text):
            yield Complaint(side.attributes["address"], f"{shown(text)} is no address")


def _of_values(element: Element) -> Iterator[Complaint]:
    port, over, value = element.get("port"), element.get("protocol"), element.get("value")
    if element.keyword in ("port", "source-port", "forward-port"):
        if port is not None and not is_port(port):
            yield Complaint(element.attributes["port"], f"{shown(port)} is no port")
        if over is not None and over not in ("tcp", "udp", "sctp", "dccp"):
            yield Complaint(element.attributes["protocol"], f"a port is of tcp, udp, sctp or dccp, not {shown(over)}")
    elif element.keyword == "protocol" and value is not None and is_misspelled(value):
        word = element.attributes["value"]
        yield Complaint(word, f"{shown(value)} is no protocol", word=word)
    elif element.keyword == "service" and element.get("name") == "":
        yield Complaint(element.attributes["name"], "a service has a name")
