"""LG101; its page is haproxy_logs_nowhere.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Create, Edit, Finding, Fix, Location, Severity
from halint.models.haproxy import Haproxy
from halint.node import Node
from halint.rule import Rule

_FORMATS = frozenset({"httplog", "httpslog", "tcplog"})


class HaproxyLogsNowhere(Rule):
    """haproxy's global section says where to log, and no proxy does."""

    code = "LG101"
    severity = Severity.WARNING
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        haproxy = node.haproxy
        if haproxy is None or not haproxy.global_logs or haproxy.doubtful or haproxy.unloaded:
            return
        serving = [proxy for proxy in haproxy.proxies if proxy.kind != "backend" and not proxy.disabled]
        # Where a format is set haproxy itself warns, and HA142 with it.
        if not serving or any(proxy.logs or not proxy.certain for proxy in haproxy.proxies) or _has_format(haproxy):
            return
        yield self.finding(
            f"haproxy on {node.name} logs no request, and no server that goes down: its global section says where to, "
            "but no proxy says `log global`; add it to their defaults",
            node,
            haproxy.global_logs[0].word,
            related=[Location(node, proxy.head, "logs nothing") for proxy in serving[:3]],
            fix=_fix(haproxy),
        )


def _has_format(haproxy: Haproxy) -> bool:
    return any(
        proxy.keyword("log-format")
        or proxy.keyword("log-format-sd")
        or any(name in _FORMATS for name, _ in proxy.option_lines)
        for proxy in (*haproxy.proxies, *haproxy.defaults)
    )


def _fix(haproxy: Haproxy) -> Fix | None:
    used = {id(proxy.defaults): proxy.defaults for proxy in haproxy.proxies}
    lines: list[Edit | Create] = [d.below("log global") for d in used.values() if d is not None]
    return None if None in used.values() else Fix("log what the proxies do", lines, Applicability.SAFE)
