"""SY106; its page is ip_forward_not_set_for_lvs_or_gateway.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.finding import Finding, Location, Severity, Skipped
from halint.fixes import parameters
from halint.node import Node
from halint.rule import Rule
from halint.tree import Statement, Word


class IpForwardNotSetForLvsOrGateway(Rule):
    """A node balances by NAT, and does not forward what the real servers answer."""

    code = "SY106"
    severity = Severity.ERROR
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        for server in node.keepalived.virtual_servers if node.keepalived else ():
            method = _nat(server)
            if method is None:
                continue
            forward = node.sysctl.value("net.ipv4.ip_forward")
            if forward.value is None:
                yield self.skip(node, "sysctl")
            elif forward.value == "0":
                related = [] if forward.word is None else [Location(node, forward.word, "set here")]
                yield self.finding(
                    f"{server.words[1].text} will not answer on {node.name}: it is balanced by NAT, and the node does "
                    "not forward the answers of its real servers; set net.ipv4.ip_forward to 1",
                    node,
                    method,
                    related=related,
                    fix=parameters.fix(
                        node,
                        "net.ipv4.ip_forward",
                        "1",
                        name="90-ip-forward.conf",
                        why="Virtual servers balance by NAT",
                    ),
                )
            return


def _nat(server: Statement) -> Word | None:
    """Where an IPv4 virtual server says that it balances by NAT."""
    if len(server.words) < 2 or address.family(server.words[1].text) != 4:
        return None
    for method in server.statements("lb_kind", "lvs_method"):
        word = method.argument()
        if word is not None and word.text == "NAT":
            return word
    return None
