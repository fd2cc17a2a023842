"""ST110; its page is address_not_applied.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.finding import Finding, Location, Severity
from halint.models.interfaces import Interfaces
from halint.node import Node
from halint.rule import Rule
from halint.source import Source
from halint.tree import Word

#: Of the addresses that the interface had instead.
_SHOWN = 3


class AddressNotApplied(Rule):
    """A file gives an interface an address, and it had others when these were captured."""

    code = "ST110"
    severity = Severity.WARNING
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        interfaces = node.interfaces
        if not interfaces.captured:
            return
        virtual = {vip for instance in node.instances for vip in instance.all_vips}
        files: dict[str, set[Source]] = {}
        for interface, word in interfaces.written.values():
            files.setdefault(interface, set()).add(word.source)
        for text, (interface, word) in interfaces.written.items():
            # Of several connections of an interface one is active.
            if text in interfaces.held or text in virtual or len(files[interface]) > 1:
                continue
            others = dict(list(_others(interfaces, interface, text, virtual).items())[:_SHOWN])
            if others:
                yield self.finding(
                    f"{interface} of {node.name} had {', '.join(others)} and not {text} when that was captured: the "
                    "file was never applied, or something sets others later, and a boot may change what works today; "
                    "apply it, or write what is meant",
                    node,
                    word,
                    related=[Location(node, others[own], "what it had") for own in others],
                )


def _others(interfaces: Interfaces, interface: str, text: str, virtual: set[str]) -> dict[str, Word]:
    """The addresses of the same family that `interface` had: its own, and not for the link alone."""
    return {
        held: word
        for held, (where, word) in interfaces.held.items()
        if where == interface
        and address.family(held) == address.family(text)
        and held not in virtual
        and not held.startswith("fe80:")
    }
