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
        had = _had(interfaces, virtual)
        for text, (interface, word) in interfaces.written.items():
            # Of several connections of an interface one is active.
            if text in interfaces.held or text in virtual or len(files[interface]) > 1:
                continue
            others = had.get((interface, address.family(text)), [])[:_SHOWN]
            if others:
                shown = ", ".join(own for own, _ in others)
                yield self.finding(
                    f"{interface} of {node.name} had {shown} and not {text} when that was captured: the "
                    "file was never applied, or something sets others later, and a boot may change what works today; "
                    "apply it, or write what is meant",
                    node,
                    word,
                    related=[Location(node, place, "what it had") for _, place in others],
                )


def _had(interfaces: Interfaces, virtual: set[str]) -> dict[tuple[str, int | None], list[tuple[str, Word]]]:
    """The addresses that each interface had by family: its own, and not for the link alone."""
    found: dict[tuple[str, int | None], list[tuple[str, Word]]] = {}
    for held, (interface, word) in interfaces.held.items():
        if held not in virtual and not held.startswith("fe80:"):
            found.setdefault((interface, address.family(held)), []).append((held, word))
    return found
