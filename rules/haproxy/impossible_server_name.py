"""HA147; its page is impossible_server_name.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.haproxy.hosts import is_possible, is_service
from halint.node import Node
from halint.rule import Rule


class ImpossibleServerName(Rule):
    """A server stands by what can be neither an address nor a name."""

    code = "HA147"
    severity = Severity.ERROR
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for server in node.haproxy.unusual_servers:
            host = server.host
            if not host or not server.must_resolve or not server.certain:
                continue
            if is_service(host):
                because, cure = f"without `resolvers` it never asks for the SRV records of {host}", "add them"
            elif not is_possible(host):
                because, cure = f"{host!r} is neither an address nor the name of a host", "correct it"
            else:
                continue
            yield self.finding(f"haproxy on {node.name} will not start: {because}; {cure}", node, server.head[-1])
