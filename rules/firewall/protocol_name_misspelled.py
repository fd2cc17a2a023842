"""FW116; its page is protocol_name_misspelled.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Severity, Skipped
from halint.fixes import edits
from halint.nearest import shown
from halint.node import Node
from halint.rule import Rule


class ProtocolNameMisspelled(Rule):
    """A rule of the firewall names a protocol that does not exist, so that nothing of its rules is loaded."""

    code = "FW116"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        if "firewall" not in node.collected or node.firewall.active is None:
            yield self.skip(node, "firewall")
        elif node.firewall.active:
            for word, lost in node.firewall.misspelled():
                yield self.finding(
                    f"{_effect(node, lost)}: {shown(word.text)} is no protocol; write vrrp",
                    node,
                    word,
                    fix=edits.writing(word, "vrrp", Applicability.SAFE, name=word.text),
                )


def _effect(node: Node, lost: str) -> str:
    from halint.models.firewall.firewalld.refused import stock_alone

    program = {"nftables": "nft", "iptables": "iptables-restore"}.get(node.firewall.kind)
    if node.firewall.kind == "ufw":
        return f"ufw on {node.name} loads none of the rules of this file: iptables-restore refuses them all"
    if program is not None:
        return f"{node.name} loads none of its firewall's rules: {program} refuses them all"
    if lost == "rule" or stock_alone(node) is False:
        return f"firewalld on {node.name} leaves out this {'rule' if lost == 'rule' else 'file'}, and keeps VRRP out"
    return f"firewalld on {node.name} runs on its stock configuration, and keeps VRRP out"
