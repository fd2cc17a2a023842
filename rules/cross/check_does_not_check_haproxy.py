"""CX105; its page is check_does_not_check_haproxy.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import health
from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule

#: Servers of the web that tutorials put behind keepalived where haproxy stands here.
_OTHERS = frozenset({"apache2", "caddy", "envoy", "httpd", "lighttpd", "nginx", "traefik", "varnishd"})


class CheckDoesNotCheckHaproxy(Rule):
    """The check of an instance looks at another web server, and haproxy serves its addresses."""

    code = "CX105"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            bind = health.serving(node, instance)
            wide = bind is not None and bind.wildcard and health.fronts(node)  # not wide: KA403
            known = health.checks(node, instance) if wide else []
            if any(check.looks_at_haproxy is not False for _, check in known):
                continue
            wrong = next(((tracked, check) for tracked, check in known if check.target in _OTHERS), None)
            if wrong is not None and bind is not None:
                addresses = ", ".join(line.text for line in instance.advertised)
                yield self.finding(
                    f"{addresses} stays on {node.name} when haproxy dies: the check {wrong[0].name} looks at "
                    f"{wrong[1].target}, and haproxy serves the address; look at haproxy",
                    node,
                    wrong[0].word,
                    related=[Location(node, bind.word, "haproxy listens here")],
                )
