"""SY106; its page is ip_forward_not_set_for_lvs_or_gateway.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.cluster import Cluster
from halint.finding import Finding, Location, Severity, Skipped
from halint.fixes import parameters
from halint.node import Node
from halint.rule import Rule
from halint.tree import Statement, Word

_KEY = "net.ipv4.ip_forward"


class IpForwardNotSetForLvsOrGateway(Rule):
    """A node balances by NAT or is a gateway, and does not forward packets."""

    code = "SY106"
    severity = Severity.ERROR
    oracle = "none"

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        yield from super().check(cluster)
        gateways = [node for node in cluster.nodes if _between_networks(node) and not _balances(node)]
        values = [(node, node.sysctl.value(_KEY)) for node in gateways]
        told = [(node, value.word) for node, value in values if value.value == "1" and value.word is not None]
        for other, word in told[:1]:
            for node, value in values:
                if value.value == "0":
                    yield self.finding(
                        f"what {other.name} forwards as a gateway {node.name} does not, when it holds the addresses: "
                        f"{_KEY} is 1 there and 0 here; set it to 1 on both",
                        node,
                        value.word or node.instances[0].head,
                        related=[Location(other, word, f"on {other.name}")],
                        fix=parameters.fix(node, _KEY, "1", name="90-ip-forward.conf", why="As on the other nodes"),
                        severity=Severity.WARNING,
                    )

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        for server in node.keepalived.virtual_servers if node.keepalived else ():
            method = _nat(server)
            if method is None:
                continue
            forward = node.sysctl.value(_KEY)
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
                        _KEY,
                        "1",
                        name="90-ip-forward.conf",
                        why="Virtual servers balance by NAT",
                    ),
                )
            return


def _between_networks(node: Node) -> bool:
    """Whether it has virtual IPv4 addresses on several interfaces, as a gateway has."""
    return len({instance.interface.value for instance in node.instances if instance.family == 4}) > 1


def _balances(node: Node) -> bool:
    return node.keepalived is not None and any(_nat(server) for server in node.keepalived.virtual_servers)


def _nat(server: Statement) -> Word | None:
    """Where an IPv4 virtual server says that it balances by NAT."""
    if len(server.words) < 2 or address.family(server.words[1].text) != 4:
        return None
    for method in server.statements("lb_kind", "lvs_method"):
        word = method.argument()
        if word is not None and word.text == "NAT":
            return word
    return None
