"""SE101; its page is selinux_haproxy_port.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word

_BOOLEAN = "haproxy_connect_any"


class SelinuxHaproxyPort(Rule):
    """haproxy binds, or connects to, a port that SELinux does not let it use."""

    code = "SE101"
    severity = Severity.ERROR
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None or not (node.targets.os or "").startswith("el"):
            return
        from halint.models.haproxy import ports
        from halint.models.selinux_policy import HAPROXY_BINDS, HAPROXY_CONNECTS, is_of

        listening = [
            (word, port)
            for word, low, high in ports.listening(node, node.haproxy)
            for port in ports.within(low, high)
            if not is_of(HAPROXY_BINDS, port)
        ]
        servers = list(ports.connecting(node.haproxy))
        unusual = {port for port in {port for _, port in servers} if not is_of(HAPROXY_CONNECTS, port)}
        connecting = [
            (word, port) for server, port in servers if port in unusual and (word := ports.asking(server, port))
        ]
        if not listening and not connecting:
            return
        from halint.models.selinux import Selinux

        selinux = Selinux(node)
        if selinux.enforcing is False:
            return
        bound = [one for one in listening if selinux.lets_bind(HAPROXY_BINDS, one[1], _BOOLEAN) is False]
        asked = [one for one in connecting if selinux.lets_connect(HAPROXY_CONNECTS, one[1], _BOOLEAN) is False]
        certain = selinux.certain and selinux.enforcing is True
        for refused, effect in (
            (bound, "haproxy on {} does not start: SELinux does not let it bind {}"),
            (asked, "haproxy on {} reaches no server at {}: SELinux does not let it connect there"),
        ):
            if refused:
                yield self._report(node, refused, effect, certain)

    def _report(self, node: Node, refused: list[tuple[Word, int]], effect: str, certain: bool) -> Finding:
        """refused: the words that ask for the ports, not empty. effect: with places for the node and the ports."""
        firsts: dict[int, Word] = {}
        for word, port in refused:
            firsts.setdefault(port, word)
        names = sorted(firsts)
        listed = ", ".join(map(str, names))
        which, them = (f"port {listed}", "it") if len(names) == 1 else (f"ports {listed}", "them")
        words = list(dict.fromkeys(firsts.values()))
        return self.finding(
            f"{'' if certain else 'with the stock policy enforced, '}{effect.format(node.name, which)}; "
            f"give {them} the type http_port_t with semanage port, or setsebool -P {_BOOLEAN} 1",
            node,
            words[0],
            related=[Location(node, word, "this too") for word in words[1:]],
            severity=Severity.ERROR if certain else Severity.INFO,
        )
