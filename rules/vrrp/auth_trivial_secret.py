"""KA115; its page is auth_trivial_secret.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule

#: Those that tutorials and the samples of keepalived use, cut to what is sent. Of 92 public clusters 33 have one.
_COMMON = frozenset({
    b"0000", b"1111", b"1234", b"12345", b"123456", b"1234567", b"12345678", b"abc123", b"admin", b"changeme",
    b"default", b"foobar", b"haproxy", b"k@l!ve1", b"keepaliv", b"loadbala", b"pass", b"passw0rd", b"password",
    b"qwerty", b"root", b"secret", b"test", b"vrrp",
})  # fmt: skip


class AuthTrivialSecret(Rule):
    """The password is one that everybody uses."""

    code = "KA115"
    severity = Severity.INFO

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            kind, password = instance.authentication
            if kind and password.lower() in _COMMON:
                yield self.finding(
                    f"the auth_pass of {instance.name} on {node.name} is one that many clusters use, so it does not "
                    "keep another cluster with the same virtual_router_id apart; choose one of your own",
                    node,
                    instance.auth_pass.at,
                )
