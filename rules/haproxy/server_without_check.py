"""HA116; its page is server_without_check.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Edit, Finding, Fix, Location, Severity
from halint.models.haproxy import Proxy
from halint.models.haproxy.servers import Server
from halint.node import Node
from halint.readers.lexer import compiled
from halint.rule import Rule


class ServerWithoutCheck(Rule):
    """A server among several is never found to be down, and keeps its share of the traffic."""

    code = "HA116"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        haproxy = node.haproxy
        for proxy in haproxy.proxies if haproxy else ():
            if proxy.kind == "frontend" or all(server.checked is not False for server in proxy.servers):
                continue
            if not proxy.certain or proxy.disabled or proxy.mode.value not in ("tcp", "http"):
                continue
            used = [server for server in proxy.servers if not server.disabled and server.certain]
            active = [server for server in used if not server.backup]
            unchecked = [server for server in active if server.checked is False and _can_be_checked(server)]
            backup = next((server for server in used if server.backup), None)
            if unchecked and (backup or len(active) > 1):
                yield self._report(node, proxy, unchecked, backup)

    def _report(self, node: Node, proxy: Proxy, unchecked: list[Server], backup: Server | None) -> Finding:
        first, names = unchecked[0], _listed(unchecked)
        related = [Location(node, server.word, "no check either") for server in unchecked[1:]]
        add = [Edit(s.statement.source, s.statement.end, s.statement.end, " check") for s in unchecked]
        fix = Fix(f"check {names}", [*add], Applicability.UNSAFE)
        if backup is None:
            return self.finding(
                f"haproxy will send requests of {proxy.kind} {proxy.name} to {names}, up or down, since nothing checks "
                "that; add `check`",
                node,
                first.word,
                related=related,
                fix=fix,
            )
        return self.finding(
            f"the backup {backup.name} of {proxy.kind} {proxy.name} will never take over: haproxy never finds out that "
            f"{names} is down; add `check`",
            node,
            first.word,
            related=[*related, Location(node, backup.word, "the backup")],
            fix=fix,
            severity=Severity.ERROR,
        )


def _can_be_checked(server: Server) -> bool:
    """Not where DNS says which servers there are, and not a socket of this very machine, haproxy's own as a rule."""
    address = server.statement.argument(1)
    if server.template or address is None:
        return False
    return (
        compiled(r"/|(?:(?:stream\+|dgram\+)?(?:unix|uxst|uxdg|abnsz?|sockpair|fd|rhttp|rev))@").match(address.text)
        is None
    )


def _listed(servers: list[Server]) -> str:
    names = [server.name for server in servers[:3]]
    if len(servers) > 3:
        return ", ".join(names) + f" and {len(servers) - 3} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
