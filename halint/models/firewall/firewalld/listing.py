"""What `firewall-cmd` prints of zones, policies and direct rules, as the elements that say the same in files.

Source: print_zone_policy_info of firewalld 1.3.3's command.py, which 0.6 to 2.x print alike but for added lines; the
names of the outputs are those of sos, plugin `firewalld`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.readers.lexer import compiled
from halint.readers.xml import Element
from halint.tree import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from halint.node import Node
    from halint.source import Source

CAPTURED = "/sos_commands/firewalld/firewall-cmd_"
_HEAD = r"([^ \t\r\n:]+)(?: \([a-z, ]*\))?[ \t]*"
_LINE = r"  ([a-z][a-z -]*):[ \t]*([^\r\n]*)"
_MAC = r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}"
#: An attribute of a rich rule, or one of its words.
_RICH = r'([a-z-]+)="([^"]*)"|([A-Za-z-]+)'
_RULE = r"(ipv[46]|eb) ([^ \t\r\n]+) ([^ \t\r\n]+) (-?[0-9]+) ([^\r\n]*)"
_PASSTHROUGH = r"(ipv[46]|eb) ([^\r\n]*)"


class Listing:
    """zones, policies: the elements by name; None where the output is not there, or is an error message. direct: the
    direct rules and passthroughs, likewise."""

    __slots__ = ("direct", "policies", "zones")

    def __init__(self, node: Node, start: str) -> None:
        self.zones = _blocks(node.files.get(f"{start}--list-all-zones"))
        self.policies = _blocks(node.files.get(f"{start}--list-all-policies"))
        rules = node.files.get(f"{start}--direct_--get-all-rules")
        others = node.files.get(f"{start}--direct_--get-all-passthroughs")
        self.direct = None if rules is None else list(_direct(rules, _RULE, "rule"))
        if self.direct is not None and others is not None:
            self.direct += _direct(others, _PASSTHROUGH, "passthrough")


def running(node: Node) -> Listing | None:
    """What the running firewalld had; None where its zones were not captured."""
    if not any(path.startswith(CAPTURED) for path in node.files):
        return None
    found = Listing(node, CAPTURED)
    return None if found.zones is None else found


def _blocks(source: Source | None) -> dict[str, Element] | None:
    """The blocks of a listing by the name of the zone or policy."""
    if source is None:
        return None
    found: dict[str, Element] = {}
    block: Element | None = None
    key = ""
    for line in compiled(r"[^\r\n]+").finditer(source.text):
        head = compiled(_HEAD).fullmatch(line[0])
        entry = compiled(_LINE).fullmatch(line[0])
        if head is not None:
            name = Word(source, line.start(), line.start() + len(head[1]))
            block = found[name.text] = Element(name, name.start, None)
            block.body = []
        elif block is not None and entry is not None:
            key = entry[1]
            _take(block, key, line.start() + entry.start(2), line.end())
        elif block is not None and line[0].startswith("\t"):
            _take(block, key, line.start() + 1, line.end())
    # What is no listing, an error message, has no targets.
    return {name: root for name, root in found.items() if "target" in root.attributes} or None


def _take(block: Element, key: str, start: int, end: int) -> None:
    """Add to `block` what the line `key` says between `start` and `end`."""
    source = block.source
    if key == "rich rules":
        if start < end:
            _add(block, _rich_rule(source, start, end))
        return
    for match in compiled(r"[^ \t\r\n]+").finditer(source.text, start, end):
        word = Word(source, match.start(), match.end())
        if key in ("target", "priority", "ingress-priority", "egress-priority"):
            block.attributes[key] = word
        elif key == "icmp-block-inversion":
            if word.text == "yes":
                _add(block, _element(word, key, {}))
        elif key in _LISTED:
            name, attributes = _LISTED[key]
            _add(block, _element(word, name, attributes(word.text)))


def _add(parent: Element, child: Element) -> None:
    child.parent = parent
    if parent.body is None:
        parent.body = []
    parent.body.append(child)


def _element(word: Word, name: str, attributes: dict[str, str]) -> Element:
    """An element `name`, which stands where `word` does."""
    made = Element(Word(word.source, word.start, word.end, name), word.start, None)
    made.end = word.end
    made.attributes = {key: Word(word.source, word.start, word.end, value) for key, value in attributes.items()}
    return made


def _port(text: str) -> dict[str, str]:
    port, _, over = text.partition("/")
    return {"port": port, "protocol": over}


def _source(text: str) -> dict[str, str]:
    if text.startswith("ipset:"):
        return {"ipset": text.removeprefix("ipset:")}
    return {"mac" if compiled(_MAC).fullmatch(text) else "address": text}


def _forward(text: str) -> dict[str, str]:
    names = {"proto": "protocol", "toport": "to-port", "toaddr": "to-addr"}
    pairs = compiled(r"(port|proto|toport|toaddr)=([^=]*?)(?=:(?:port|proto|toport|toaddr)=|$)").findall(text)
    return {names.get(key, key): value for key, value in pairs if value}


#: By the key of a line, the element and the attributes that one of its words comes to.
_LISTED: dict[str, tuple[str, Callable[[str], dict[str, str]]]] = {
    "interfaces": ("interface", lambda text: {"name": text}),
    "sources": ("source", _source),
    "services": ("service", lambda text: {"name": text}),
    "ports": ("port", _port),
    "protocols": ("protocol", lambda text: {"value": text}),
    "source-ports": ("source-port", _port),
    "forward-ports": ("forward-port", _forward),
    "icmp-blocks": ("icmp-block", lambda text: {"name": text}),
    "ingress-zones": ("ingress-zone", lambda text: {"name": text}),
    "egress-zones": ("egress-zone", lambda text: {"name": text}),
}


def _rich_rule(source: Source, start: int, end: int) -> Element:
    """A rich rule in the words of firewalld.richlanguage(5)."""
    rule = current = action = _element(Word(source, start, end), "rule", {})
    for match in compiled(_RICH).finditer(source.text, start, end):
        if match[1]:
            current.attributes[match[1]] = Word(source, match.start(2), match.end(2))
        elif match[3].lower() == "not":
            current.attributes["invert"] = Word(source, match.start(), match.end(), "True")
        elif match[3] != "rule":
            current = _element(Word(source, match.start(), match.end()), match[3], {})
            _add(action if match[3] == "limit" else rule, current)
            if match[3] != "limit":
                action = current
    return rule


def _direct(source: Source, pattern: str, kind: str) -> Iterator[Element]:
    for match in compiled("(?m)^" + pattern).finditer(source.text):
        word = Word(source, match.start(), match.end())
        names = ("ipv", "table", "chain", "priority") if kind == "rule" else ("ipv",)
        made = _element(word, kind, dict(zip(names, match.groups(), strict=False)))
        made.texts = [Word(source, match.start(match.lastindex or 0), match.end())]
        yield made
