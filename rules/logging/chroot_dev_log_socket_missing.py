"""LG105; its page is chroot_dev_log_socket_missing.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Fix, Location, Severity
from halint.fixes import additions, edits
from halint.models.logs import Flow
from halint.node import Node
from halint.rule import Rule

_DROP_IN = "/etc/rsyslog.d/10-haproxy-socket.conf"


class ChrootDevLogSocketMissing(Rule):
    """haproxy logs to /dev/log from a chroot in which nobody listens there."""

    code = "LG105"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        haproxy = node.haproxy
        if haproxy is None or haproxy.chroot is None:
            return
        lost = [flow for flow in node.flows if flow.transport == "unix" and flow.jailed and flow.received is False]
        for flow in lost[:1]:
            others = [Location(node, other.word, "lost too") for other in lost[1:]]
            yield self.finding(
                f"what haproxy on {node.name} logs to {flow.word.text} is lost: in its chroot that is {flow.place}, "
                "where nobody listens; let rsyslog do so",
                node,
                flow.word,
                related=[Location(node, haproxy.chroot, "the chroot"), *others],
                fix=_fix(node, flow),
            )


def _fix(node: Node, flow: Flow) -> Fix | None:
    """Let rsyslog listen there, once imuxsock is loaded; its folder need not be there."""
    line, title = f'input(type="imuxsock" Socket="{flow.place}" CreatePath="on")', f"listen at {flow.place}"
    if node.rsyslog.reads_drop_ins and "imuxsock" in node.rsyslog.loaded_before:
        return additions.fix(title, node, additions.addition(node, _DROP_IN, line))
    loaded = node.rsyslog.modules.get("imuxsock")
    if loaded is None or loaded.source not in node.files.values():
        return None
    return additions.fix(title, node, edits.after(loaded, line))
