"""HA105; its page is duplicate_or_overlapping_bind.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.haproxy import Haproxy
from halint.models.haproxy.listeners import Bind
from halint.node import Node
from halint.rule import Rule

#: Options that make one of two binds of a proxy unusable for the clients of the other.
_TELLING = ("ssl", "accept-proxy")


class DuplicateOrOverlappingBind(Rule):
    """Two proxies listen on the same address and port, and the kernel spreads the connections over both."""

    code = "HA105"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for binds in _sockets(node.haproxy).values():
            binds.sort(key=lambda bind: bind.low)
            widest = binds[0]
            for bind in binds[1:]:
                if bind.low <= widest.high and _differ(widest, bind):
                    yield self._report(node, widest, bind)
                if bind.high > widest.high:
                    widest = bind

    def _report(self, node: Node, first: Bind, second: Bind) -> Finding:
        port = str(second.low) if second.low == second.high else f"{second.low}-{min(first.high, second.high)}"
        if first.proxy is second.proxy:
            option = next(o for o in _TELLING if (o in first.options) != (o in second.options))
            clash = f"two binds of {second.proxy.name}, of which one has {option}"
        else:
            clash = f"{first.proxy.kind} {first.proxy.name} and {second.proxy.kind} {second.proxy.name}"
        return self.finding(
            f"connections to {second.word.text} will go to either of {clash}, by chance: both listen on port {port} "
            "of the same address; give one of them another address or port",
            node,
            second.word,
            related=[Location(node, first.word, f"{first.proxy.name} listens here")],
        )


def _sockets(haproxy: Haproxy) -> dict[tuple[object, ...], list[Bind]]:
    """The binds in file order, by what must be equal for the kernel to put their sockets into one group."""
    found: dict[tuple[object, ...], list[Bind]] = {}
    for proxy in haproxy.proxies:
        if proxy.kind == "backend" or proxy.disabled:
            continue
        for bind in proxy.binds:
            if bind.known and bind.certain:
                address = bind.address or f"any{bind.family or 6}"
                key = bind.protocol, address, bind.interface, bind.namespace
                found.setdefault(key, []).append(bind)
    return found


def _differ(first: Bind, second: Bind) -> bool:
    """Whether it matters which of two binds takes a connection. Binds of one proxy are repeated on purpose, for
    threads and processes."""
    if first.proxy is not second.proxy:
        return True
    return any((option in first.options) != (option in second.options) for option in _TELLING)
