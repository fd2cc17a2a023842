"""FW114; its page is stale_open_port.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.cluster.closed_ports import open_statistics
from halint.finding import Applicability, Finding, Fix, Severity, Skipped
from halint.fixes import edits
from halint.node import Node
from halint.rule import Rule

if TYPE_CHECKING:
    from halint.models.haproxy import Haproxy


class StaleOpenPort(Rule):
    """The service of firewalld that is made for haproxy opens a port on which haproxy does not listen, or the firewall
    opens haproxy's statistics to everybody."""

    code = "FW114"
    severity = Severity.INFO
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        haproxy = node.haproxy
        if haproxy is None:
            return
        if "firewall" not in node.collected or node.firewall.active is None or node.firewall.fault:
            yield self.skip(node, "firewall")
            return
        yield from self._statistics(node)
        firewalld = node.firewall.firewalld
        listening = _listening(haproxy) if firewalld is not None else None
        if firewalld is None or listening is None:
            return
        for element, ports, over in firewalld.listed_ports("haproxy"):
            low, high = ports
            if not any(over == other and first <= high and low <= last for first, last, other in listening):
                text = str(low) if low == high else f"{low}-{high}"
                title = f"remove port {text}/{over} from the service on {node.name}"
                yield self.finding(
                    f"{node.name} opens port {text}/{over} for haproxy, which does not listen there: whatever else "
                    f"does is open to the network; {title}",
                    node,
                    element.attributes["port"],
                    fix=Fix(title, [edits.remove(element)], Applicability.UNSAFE),
                )

    def _statistics(self, node: Node) -> Iterator[Finding]:
        for bind, answer in open_statistics(node) if node.firewall.active else ():
            yield self.finding(
                f"whoever reaches {node.name} reads haproxy's statistics on port {bind.low}/{bind.protocol}, which ask "
                f"for no password: {answer.reason}; open the port to your own networks alone",
                node,
                bind.word,
                related=answer.places(node),
            )


def _listening(haproxy: Haproxy) -> list[tuple[int, int, str]] | None:
    """The ports that haproxy may listen on; None where not all of them are known."""
    binds = [bind for proxy in haproxy.proxies for bind in proxy.binds]
    if haproxy.sections_of("log-forward") or any(not bind.low and not bind.word.text.startswith("/") for bind in binds):
        return None
    found = [(bind.low, bind.high, bind.protocol) for bind in binds]
    for section in haproxy.sections_of("peers"):
        for line in section.body:
            for word in line.arguments:
                port = word.text.rpartition(":")[2]
                if port.isdigit() and len(port) < 6:
                    found.append((int(port), int(port), "tcp"))
    return found
