"""LG107; its page is imudp_input_duplicated_or_world.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.finding import Applicability, Create, Edit, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.models.rsyslog import Input
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class ImudpInputDuplicatedOrWorld(Rule):
    """rsyslog takes messages by UDP from everywhere, though only haproxy's own are meant; or on a port twice."""

    code = "LG107"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        ports: dict[tuple[str, str | None, str, bool], list[Input]] = {}
        for found in node.rsyslog.inputs:
            if found.module == "imudp" and found.word is not None and found.statement is not None:
                ports.setdefault((found.port, found.address, found.ruleset, found.plain), []).append(found)
        for (port, local, _, plain), (first, *others) in ports.items():
            for other in others[: len(others) * plain]:
                yield self._twice(node, first, other)
            if local is None and first.unlimited and _is_for_haproxy(node, port) and _is_open(node, port):
                yield self._world(node, first, others)

    def _twice(self, node: Node, first: Input, other: Input) -> Finding:
        assert other.statement is not None
        return self.finding(
            f"rsyslog on {node.name} listens on UDP port {first.port} twice, and one of the two "
            "sockets gets everything; listen once",
            node,
            _place(other),
            related=[Location(node, _place(first), "listens already")],
            fix=Fix("listen once", [edits.remove(other.statement)], Applicability.SAFE),
            severity=Severity.INFO,
        )

    def _world(self, node: Node, found: Input, others: list[Input]) -> Finding:
        return self.finding(
            f"everybody can write into the logs of {node.name}: rsyslog listens on UDP port {found.port} of all "
            "addresses, and only haproxy of this node logs there; listen on 127.0.0.1, unless other hosts log here",
            node,
            _place(found),
            related=[Location(node, _place(other), "and here") for other in others],
            fix=Fix("listen on 127.0.0.1", _bind([found, *others]), Applicability.UNSAFE),
        )


def _place(found: Input) -> Word:
    assert found.word is not None
    return found.word


def _is_for_haproxy(node: Node, port: str) -> bool:
    """Whether haproxy of this node logs to the port, and so the port was opened for it."""
    own = [flow for flow in node.flows if flow.transport == "udp" and flow.place == port]
    return bool(own) and all(flow.host == "localhost" or address.is_loopback(flow.host) for flow in own)


def _is_open(node: Node, port: str) -> bool:
    """Whether the firewall lets others in, or is not known to refuse them."""
    if "firewall" not in node.collected or not port.isdigit():
        return True
    from halint.models.firewall import Packet

    packets = [
        Packet("in", 17, 4, port=int(port), interface=name) for name in node.interfaces.addresses if name != "lo"
    ]
    return not packets or any(node.firewall.accepts(packet).verdict is not False for packet in packets)


def _bind(inputs: list[Input]) -> list[Edit | Create]:
    changes: list[Edit | Create] = []
    for found in inputs:
        statement, word = found.statement, found.word
        assert statement is not None and word is not None
        if statement.keyword.startswith("$"):
            changes.append(edits.before(statement, "$UDPServerAddress 127.0.0.1"))
            break
        at = statement.end - len(")")
        changes.append(Edit(word.source, at, at, ' address="127.0.0.1"'))
    return changes
