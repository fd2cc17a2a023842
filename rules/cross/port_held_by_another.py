"""CX110; its page is port_held_by_another.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule

if TYPE_CHECKING:
    from halint.models.haproxy.listeners import Bind
    from halint.models.held_ports import Held


class PortHeldByAnother(Rule):
    """Another program held a port that haproxy binds when that was captured."""

    code = "CX110"
    severity = Severity.ERROR
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None or not any(path.startswith("/sos_commands/networking/") for path in node.files):
            return
        from halint.models import held_ports

        held = held_ports.read(node)
        ours = held_ports.Ports(one for one in held if one.program == "haproxy")
        theirs = held_ports.Ports(one for one in held if one.program != "haproxy")
        taken: dict[str, list[tuple[Bind, Held]]] = {}
        for bind in node.haproxy.certain_binds if held else ():
            if bind.proxy.disabled or bind.interface or ours.against(bind) is not None:
                continue
            other = theirs.against(bind)
            if other is not None:
                taken.setdefault(other.program, []).append((bind, other))
        for program, pairs in taken.items():
            yield self._report(node, program, pairs)

    def _report(self, node: Node, program: str, pairs: list[tuple[Bind, Held]]) -> Finding:
        ports = sorted({held.port for _, held in pairs})
        which = f"port{'s' if len(ports) > 1 else ''} {', '.join(map(str, ports))}"
        (first, held), *others = pairs
        return self.finding(
            f"haproxy on {node.name} does not start beside {program}, which had {which} when that was captured (cannot "
            f"bind socket: Address already in use); stop and disable {program}, or give one of them other ports",
            node,
            first.word,
            related=[
                Location(node, held.word, f"{program} had port {held.port}"),
                *(Location(node, bind.word, "this too") for bind, _ in others),
            ],
        )
