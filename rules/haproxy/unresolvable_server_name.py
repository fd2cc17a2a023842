"""HA121; its page is unresolvable_server_name.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Edit, Finding, Fix, Severity
from halint.models.haproxy.hosts import is_possible, is_service
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
        # A name without a dot is one of /etc/hosts, or of a container.
        named = [
            server
            for server in node.haproxy.unusual_servers
            if "." in (host := server.host) and is_possible(host) and not is_service(host)
        ]
        asked = [server for server in named if server.must_resolve and server.certain]
        if asked:
            first, *more = dict.fromkeys(server.host for server in asked)
            also = f" or {more[0]}" if len(more) == 1 else f" or one of {len(more)} more names" if more else ""
            edits = [Edit(s.statement.source, s.statement.end, s.statement.end, _LATER) for s in asked]
            yield self.finding(
                f"haproxy on {node.name} will not start while nothing resolves {first}{also}; add `resolvers`, or "
                "`init-addr last,libc,none`",
                node,
                asked[0].head[-1],
                fix=Fix("start without an address", [*edits], Applicability.UNSAFE),
            )
