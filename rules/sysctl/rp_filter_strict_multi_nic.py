"""SY104; its page is rp_filter_strict_multi_nic.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.fixes import parameters
from halint.models.sysctl import Value
from halint.node import Node
from halint.rule import Rule


class RpFilterStrictMultiNic(Rule):
    """A node with virtual addresses on several interfaces drops what comes in by another way than it would answer."""

    code = "SY104"
    severity = Severity.WARNING
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        interfaces = dict.fromkeys(
            instance.interface.value for instance in node.instances if instance.family == 4 and instance.interface.value
        )
        if len(interfaces) < 2:
            return
        for key, value in dict(_deciding(node, interface) for interface in interfaces).items():
            if value.word is not None and value.value == "1":
                yield self.finding(
                    f"{node.name} drops packets that come in by one interface from where it would answer by another: "
                    f"{key} is 1, and it has virtual addresses on {' and '.join(interfaces)}; set it to 2",
                    node,
                    value.word,
                    fix=parameters.fix(node, key, "2", name="90-rp-filter.conf", why="Several ways lead here"),
                )


def _deciding(node: Node, interface: str) -> tuple[str, Value]:
    """The larger of what holds for all interfaces and for this one: the kernel takes it (ip-sysctl.rst)."""
    # The dots of eth0.100 are slashes in such a name.
    keys = [f"net.ipv4.conf.{name.replace('.', '/')}.rp_filter" for name in ("all", interface)]
    values = [(key, node.sysctl.value(key)) for key in keys]
    return max(values, key=lambda pair: pair[1].value or "")
