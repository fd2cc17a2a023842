"""HA203; its page is crt_without_ssl.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Edit, Finding, Fix, Severity
from halint.node import Node
from halint.rule import Rule

_CERTIFICATES = ("crt", "crt-list")
_OTHERS = ("ca-file", "verify", "alpn")


class CrtWithoutSsl(Rule):
    """A bind has a certificate, or another option of TLS, and no `ssl`."""

    code = "HA203"
    severity = Severity.ERROR

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for proxy in node.haproxy.proxies:
            for bind in {bind.statement: bind for bind in proxy.binds}.values():
                said = [option for option in (*_CERTIFICATES, *_OTHERS) if option in bind.options]
                if not said or bind.secured is not False or proxy.disabled or not bind.certain:
                    continue
                address = bind.statement.words[1]
                plain = f"haproxy on {node.name} will speak plain text on {address.text} in {proxy.kind} {proxy.name}"
                if said[0] in _CERTIFICATES:
                    edit = Edit(address.source, address.end, address.end, " ssl")
                    yield self.finding(
                        f"{plain}, where clients want TLS: the bind has `{said[0]}` and no `ssl`; add it",
                        node,
                        address,
                        fix=Fix("add ssl", [edit], Applicability.SAFE),
                    )
                else:
                    yield self.finding(
                        f"{plain}, and will ignore `{said[0]}` there; add `ssl` and a certificate, or remove it",
                        node,
                        address,
                        severity=Severity.WARNING,
                    )
