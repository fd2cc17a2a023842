"""SE101; its page is selinux_haproxy_port.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule

#: Of a wider range of ports only the ends are looked at.
_MAX_PORTS = 64


class SelinuxHaproxyPort(Rule):
    """haproxy binds a port that SELinux does not let it bind."""

    code = "SE101"
    severity = Severity.ERROR
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None or not (node.targets.os or "").startswith("el"):
            return
        from halint.models.selinux import Selinux, is_stock

        unusual = [
            (bind, port)
            for bind in node.haproxy.certain_binds
            if bind.known and bind.protocol == "tcp" and not bind.proxy.disabled
            for port in (range(bind.low, bind.high + 1) if bind.high - bind.low < _MAX_PORTS else (bind.low, bind.high))
            if not is_stock(port)
        ]
        if not unusual:
            return
        selinux = Selinux(node)
        refused = [(bind, port) for bind, port in unusual if not selinux.lets_bind(port)]
        if selinux.enforcing is False or not refused:
            return
        ports = list(dict.fromkeys(str(port) for _, port in refused))
        certain = selinux.certain and selinux.enforcing is True
        where = "" if certain else "with the stock policy enforced, "
        several = f"ports {', '.join(ports)}" if len(ports) > 1 else f"port {ports[0]}"
        words = list(dict.fromkeys(bind.word for bind, _ in refused))
        yield self.finding(
            f"{where}haproxy on {node.name} does not start: SELinux does not let it bind {several}; give "
            "them the type http_port_t with semanage port, or setsebool -P haproxy_connect_any 1",
            node,
            words[0],
            related=[Location(node, word, "this too") for word in words[1:]],
            severity=Severity.ERROR if certain else Severity.INFO,
        )
