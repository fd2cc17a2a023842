"""KA103; its page is interface_missing.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule

#: Longest name that the kernel takes, in bytes.
_MAX_NAME = 15
#: Up to here keepalived wants an interface of unicast instances, too; of some later versions it is known that they
#: do not, as the manual says.
_STRICT = (2, 2, 7)


class InterfaceMissing(Rule):
    """An instance has no interface that keepalived can use."""

    code = "KA103"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            why = _fault(instance, node)
            if why:
                yield self.finding(
                    f"VRRP on {node.name} will not start: {instance.name} has {why}; name the interface that its "
                    "adverts go through",
                    node,
                    instance.interface.at,
                )


def _fault(instance: VrrpInstance, node: Node) -> str:
    name = instance.interface.value
    if name is None:
        version = node.targets.keepalived
        optional = instance.unicast and (version is None or version > _STRICT)
        return "" if instance.partial or optional else "no interface"
    if name == "lo":
        return "the loopback interface"
    if len(name.encode("utf-8", "surrogateescape")) > _MAX_NAME:
        return f"an interface name of more than {_MAX_NAME} characters, which keepalived ignores"
    return ""
