"""KA104; its page is interface_not_on_node.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.finding import Finding, Location, Severity, Skipped
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class InterfaceNotOnNode(Rule):
    """The interface of an instance is not there on the node."""

    code = "KA104"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        if node.keepalived is None or node.keepalived.global_flag("dynamic_interfaces").value:
            return
        for instance in node.instances:
            word = instance.interface.word
            if word is None or "$" in word.text or node.interfaces.mentions(word.text):
                continue
            if not node.interfaces.names:
                yield self.skip(node, "addresses")
            elif node.interfaces.captured:
                known = ", ".join(sorted(node.interfaces.names - {"lo"})) or "none but lo"
                yield self.finding(
                    f"VRRP on {node.name} will not start or will never hold the addresses of {instance.name}: "
                    f"{word.text} is not there, or has no address (those that have one: {known}); name the interface "
                    "that this node has",
                    node,
                    word,
                )
            elif (other := _sending(node, instance) or _connected(node, instance)) is not None:
                interface, why, at = other
                yield self.finding(
                    f"VRRP on {node.name} will not start if there is no {word.text}: no file of {node.name} mentions "
                    f"it, and {interface} is the one {why}; name {interface}",
                    node,
                    word,
                    related=[Location(node, at, f"of {interface}")],
                    severity=Severity.WARNING,
                )


def _sending(node: Node, instance: VrrpInstance) -> tuple[str, str, Word] | None:
    """The interface that has the address from which the instance sends to its peers."""
    source = instance.unicast_src_ip
    known = node.interfaces.written.get(address.canonical(source.value or "") or "")
    return None if known is None or source.word is None else (known[0], f"that has {source.value}", source.word)


def _connected(node: Node, instance: VrrpInstance) -> tuple[str, str, Word] | None:
    """The only interface whose network holds the first address that the instance advertises."""
    if not instance.advertised:
        return None
    first = address.network(instance.advertised[0].text)
    found = {
        interface
        for interface in node.interfaces.names
        for one in node.interfaces.networks(interface, instance.family or 4)
        if first is not None and one.length > 0 and one.holds(first)
    }
    if len(found) != 1:
        return None
    return found.pop(), f"in the network of {instance.advertised[0].text}", instance.advertised[0].word
