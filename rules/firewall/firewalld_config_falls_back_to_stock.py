"""FW109; its page is firewalld_config_falls_back_to_stock.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity, Skipped
from halint.node import Node
from halint.rule import Rule


class FirewalldConfigFallsBackToStock(Rule):
    """firewalld refuses one of its files, and runs without what the administrator configured."""

    code = "FW109"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        if "firewall" not in node.collected or node.firewall.active is None:
            yield self.skip(node, "firewall")
        elif node.firewall.firewalld is not None and node.firewall.firewalld.refused:
            from halint.models.firewall.firewalld.refused import stock_alone

            falls_back = stock_alone(node)
            for place in node.firewall.firewalld.refused:
                if place.word is not None:  # FW116
                    continue
                path = place.source.path.rpartition("/etc/firewalld/")[2]
                effect = f"firewalld on {node.name} runs on its stock configuration, as if /etc/firewalld were empty"
                if falls_back is False:
                    effect = f"firewalld on {node.name} leaves out {path}, and keeps closed what that opens"
                elif falls_back is None:
                    effect += f", or, before 1.0, without {path}"
                yield self.finding(f"{effect}: {place.why}; correct it", node, place.at)
