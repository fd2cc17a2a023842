"""FW109; its page is firewalld_config_falls_back_to_stock.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.finding import Applicability, Edit, Finding, Fix, Severity, Skipped
from halint.node import Node
from halint.rule import Rule

if TYPE_CHECKING:
    from halint.models.firewall.firewalld.refused import Refused


class FirewalldConfigFallsBackToStock(Rule):
    """firewalld refuses one of its files, and runs without what the administrator configured."""

    code = "FW109"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        if "firewall" not in node.collected or node.firewall.active is None:
            yield self.skip(node, "firewall")
        elif node.firewall.firewalld is not None:
            firewalld = node.firewall.firewalld
            effects = [(place, _of_file(node, place)) for place in firewalld.refused]
            effects += [(place, _of_rule(node, firewalld.fault)) for place in firewalld.left_out]
            for place, effect in effects:
                if place.word is None:  # else FW116
                    left_out = place in firewalld.left_out and not firewalld.fault
                    yield self.finding(
                        f"{effect}: {place.why}; {_title(place)}",
                        node,
                        place.at,
                        fix=_fix(place),
                        severity=Severity.WARNING if left_out else None,
                    )


def _of_file(node: Node, place: Refused) -> str:
    from halint.models.firewall.firewalld.refused import stock_alone

    falls_back = stock_alone(node)
    path = place.source.path.rpartition("/etc/firewalld/")[2]
    if falls_back is False:
        return f"firewalld on {node.name} leaves out {path}, and keeps closed what that opens"
    effect = f"firewalld on {node.name} runs on its stock configuration, as if /etc/firewalld were empty"
    return effect if falls_back else f"{effect}, or, before 1.0, without {path}"


def _of_rule(node: Node, fault: str) -> str:
    effect = f"firewalld on {node.name} leaves out this rich rule"
    return f"{effect}, or, from 2.3 on, runs on its stock configuration" if fault else effect


def _title(place: Refused) -> str:
    return f'add family="{place.family}"' if place.family else "correct it"


def _fix(place: Refused) -> Fix | None:
    if place.rule is None or not place.family:
        return None
    end = place.rule.words[0].end
    edit = Edit(place.source, end, end, f' family="{place.family}"')
    return Fix(_title(place), [edit], Applicability.SAFE)
