"""HA111; its page is missing_timeouts.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Create, Edit, Finding, Fix, Severity
from halint.fixes import edits
from halint.models.haproxy import Proxy
from halint.node import Node
from halint.rule import Rule

#: What EL's and Debian's haproxy.cfg set.
_USUAL = {"connect": "5s", "client": "50s", "server": "50s"}


class MissingTimeouts(Rule):
    """A proxy has no timeout for its clients, or none to connect to its servers or to wait for them."""

    code = "HA111"
    severity = Severity.WARNING
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        haproxy = node.haproxy
        if haproxy is None:
            return
        for proxy in haproxy.running:
            missing = _missing(proxy)
            # A misspelt timeout is reported as such: with it corrected nothing may be missing.
            if missing and not proxy.may_say("timeout"):
                names = "timeout " + " and ".join([", ".join(missing[:-1]), missing[-1]] if missing[1:] else missing)
                yield self.finding(
                    f"sessions of {proxy.kind} {proxy.name} that hang are kept for ever, until haproxy on {node.name} "
                    f"has no connections left: {names} not set here or in its defaults; set "
                    f"{'them' if missing[1:] else 'it'}",
                    node,
                    proxy.head,
                    fix=Fix(f"set {names}", _edits(proxy, missing), Applicability.UNSAFE),
                )


def _missing(proxy: Proxy) -> list[str]:
    """The timeouts that haproxy warns about, by its own condition (check_config_validity, measured on 2.6.12)."""
    mode = proxy.mode.value
    if mode not in ("tcp", "http"):
        return []
    missing = []
    if proxy.kind != "backend" and "client" not in proxy.limits:
        missing.append("client")
    if proxy.kind != "frontend" and (proxy.keyword("server") or proxy.keyword("server-template")):
        if "connect" not in proxy.limits:
            missing.append("connect")
        # In a TCP proxy the timeout for tunnels takes over once both sides have sent.
        if "server" not in proxy.limits and (mode == "http" or "tunnel" not in proxy.limits):
            missing.append("server")
    return missing


def _edits(proxy: Proxy, missing: list[str]) -> list[Edit | Create]:
    """Set `missing` where they are set to 0, else in the defaults that the proxy has, else in the proxy itself."""
    made: list[Edit | Create] = []
    lines = []
    for name in missing:
        word = proxy.timeout(name).word
        if word is None:
            lines.append(f"timeout {name} {_USUAL[name]}")
        else:
            made.append(edits.replace(word, _USUAL[name]))
    if lines:
        made.append((proxy.defaults or proxy).below(*lines))
    return made
