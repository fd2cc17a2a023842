"""LG102; its page is log_udp_without_receiver.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Create, Edit, Finding, Fix, Location, Severity, Skipped
from halint.fixes import additions, edits
from halint.models.logs import Flow
from halint.node import Node
from halint.rule import Rule

_DROP_IN = "/etc/rsyslog.d/10-imudp.conf"


class LogUdpWithoutReceiver(Rule):
    """haproxy logs by UDP to its own node, and rsyslog does not listen there."""

    code = "LG102"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        sent = [flow for flow in node.flows if flow.transport == "udp"]
        if any(flow.received is None for flow in sent):
            yield self.skip(node, "rsyslog")
            return
        lost = [flow for flow in sent if flow.received is False]
        for flow in lost[:1]:
            related = [Location(node, other.word, "lost too") for other in lost[1:]]
            why, fix = "rsyslog has no imudp input there; add one", None
            refusing = node.rsyslog.disallowing("udp", flow.host, flow.place)
            if refusing is None:
                fix = _fix(node, lost)
            else:
                why = f"rsyslog drops what comes from {flow.host}; add it to {refusing.keyword}"
                related.append(Location(node, refusing.words[0], "not allowed"))
            yield self.finding(
                f"what haproxy on {node.name} logs to {flow.host} port {flow.place} is lost: {why}",
                node,
                flow.word,
                related=related,
                fix=fix,
            )


def _fix(node: Node, lost: list[Flow]) -> Fix | None:
    """Let rsyslog listen where haproxy sends to, and there alone."""
    places = dict.fromkeys((flow.host.replace("localhost", "127.0.0.1"), flow.place) for flow in lost)
    inputs = [f'input(type="imudp" address="{address}" port="{port}")' for address, port in places]
    loaded = node.rsyslog.modules.get("imudp")
    change: Edit | Create
    if loaded is None:
        if not node.rsyslog.reads_drop_ins:
            return None
        change = additions.addition(node, _DROP_IN, 'module(load="imudp")', *inputs)
    else:
        change = edits.after(loaded, *inputs)
    return additions.fix("listen for the messages", node, change)
