"""HA121; its page is unresolvable_server_name.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Edit, Finding, Fix, Severity
from halint.node import Node
from halint.rule import Rule

_LATER = " init-addr last,libc,none"


class UnresolvableServerName(Rule):
    """Servers stand by names that haproxy must resolve before it starts."""

    code = "HA121"
    severity = Severity.INFO

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for proxy in node.haproxy.proxies:
            if not proxy.certain or proxy.disabled:
                continue
            named = [s for s in proxy.servers if s.host and s.must_resolve and s.certain]
            never = [server for server in named if server.host.startswith("_")]
            for server in never:
                yield self.finding(
                    f"haproxy on {node.name} will not start: it asks for the SRV records of {server.host} only through "
                    "`resolvers`; add them",
                    node,
                    server.head[-1],
                    severity=Severity.ERROR,
                )
            asked = [server for server in named if server not in never]
            if asked:
                first, more = asked[0], len(asked) - 1
                also = f" and {more} more" if more else ""
                edits = [Edit(s.statement.source, s.statement.end, s.statement.end, _LATER) for s in asked]
                yield self.finding(
                    f"haproxy on {node.name} will not start while nothing resolves {first.host}{also} of {proxy.kind} "
                    f"{proxy.name}; add `resolvers`, or `init-addr last,libc,none`",
                    node,
                    first.head[-1],
                    fix=Fix("start without an address", [*edits], Applicability.UNSAFE),
                )
