"""Direct rules: what direct.xml adds to iptables' own chains. Source: firewalld.direct(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.chains import Chain, Rule
from halint.models.firewall.firewalld.elements import FAMILIES, number
from halint.models.firewall.iptables import RuleText
from halint.readers.iptables import split
from halint.readers.xml import Element

if TYPE_CHECKING:
    from halint.models.firewall.firewalld.listing import Listing
    from halint.node import Node
    from halint.tree import SyntaxProblem, Word

DIRECT = "/etc/firewalld/direct.xml"


class DirectRules:
    """chains: those of INPUT and OUTPUT, by "in" and "out". problems: what iptables refuses in the rules, of which
    firewalld itself looks at none (measured, 1.3.3)."""

    def __init__(self, node: Node, backend: str | None, running: Listing | None = None) -> None:
        source = node.files.get(DIRECT)
        root = node.tree(source).statements[:1] if source else []
        #: The direct rules and passthroughs.
        self.rules = [e for top in root if isinstance(top, Element) for e in top.elements("rule", "passthrough")]
        if running is not None and running.direct is not None:
            self.rules = running.direct
        self.chains = {"in": Chain("the direct rules"), "out": Chain("the direct rules")}
        self.problems: list[SyntaxProblem] = []
        self._backend = backend

    def words(self) -> list[list[Word]]:
        """The words of each of them."""
        return [_words(element) for element in self.rules]

    def compile(self, chains: dict[str, Chain]) -> None:
        """Fill its chains, and add to `chains` those that direct rules make for themselves."""
        entries: list[tuple[int, int, str, Rule]] = []
        for order, element in enumerate(self.rules):
            family = FAMILIES.get(element.get("ipv") or "")
            if family is None:
                continue
            text = RuleText(_words(element), family, element)
            self.problems += text.problems
            direct = element.keyword == "rule"
            table = element.get("table") if direct else text.table or "filter"
            chain = element.get("chain") or "" if direct else text.chain
            if table != "filter" and text.rule.verdict not in ("drop", "unknown", "redirect", "jump", "goto"):
                continue
            hook = {"INPUT": "in", "PREROUTING": "in", "OUTPUT": "out"}.get(chain, chain)
            # A passthrough adds to the chain itself: -I comes before what firewalld has there, -A behind its reject.
            if not direct and self._backend != "nftables" and text.operation != "I" and hook == "in":
                continue
            priority = number(element.get("priority")) if direct else -(1 << 20)
            entries.append((priority, order, hook, text.rule))
        for _, _, hook, rule in sorted(entries, key=lambda entry: entry[:2]):
            chain_of = self.chains.get(hook) or chains.setdefault(f"direct {hook}", Chain(f"chain {hook}"))
            if rule.target:
                rule.target = f"direct {rule.target}"
            chain_of.rules.append(rule)


def _words(element: Element) -> list[Word]:
    """The arguments that stand in a direct rule."""
    return [word for piece in element.texts for word in split(piece.source, piece.start, piece.end)]
