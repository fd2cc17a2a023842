"""KA135; its page is vmac_name_too_long.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.models.keepalived import vmac
from halint.node import Node
from halint.rule import Rule


class VmacNameTooLong(Rule):
    """keepalived ignores the name of the virtual interface, and makes one up."""

    code = "KA135"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        taken: dict[str, vmac.Name] = {}
        for instance in node.instances:
            for name in vmac.names(instance):
                first = taken.setdefault(name.word.text, name) if not name.fault else name
                fault = name.fault or (f"{first.instance.name} uses it already" if first is not name else "")
                if not fault:
                    continue
                yield self.finding(
                    f"the interface of {instance.name} on {node.name} will not be called {name.word.text}, so what "
                    f"firewall or sysctl say of that name does not count: {fault}; choose another",
                    node,
                    name.word,
                    fix=_fix(name) if name.too_long else None,
                )


def _fix(name: vmac.Name) -> Fix | None:
    """Write the name that keepalived makes up."""
    vrid = name.instance.vrid.value
    if vrid is None or not agreement.literal(name.word):
        return None
    made_up = f"vrrp.{vrid}" if name.instance.family != 6 else f"vrrp6.{vrid}"
    return Fix(f"write {made_up}", [edits.replace(name.word, made_up)], Applicability.SAFE)
