"""Direct rules: what direct.xml adds to iptables' own chains.

firewalld looks at none of their words, and neither does its --check-config; where iptables then refuses one, firewalld
falls back to its stock configuration. Without a word it passes over all of direct.xml where a rule names a table or a
kind of IP that is none (all measured, 1.3.3). Source: firewalld.direct(5).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from halint.models.firewall import misnamed
from halint.models.firewall.chains import Chain, Rule
from halint.models.firewall.firewalld.elements import FAMILIES, number
from halint.models.firewall.iptables import RuleText
from halint.models.firewall.iptables_words import TARGETS
from halint.nearest import Nearest, shown
from halint.readers.iptables import split
from halint.readers.lexer import compiled
from halint.readers.xml import Element
from halint.tree import SyntaxProblem

if TYPE_CHECKING:
    from halint.models.firewall.firewalld.listing import Listing
    from halint.node import Node
    from halint.source import Source
    from halint.tree import Word

DIRECT = "/etc/firewalld/direct.xml"
_CHAINS = {
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "raw": ("PREROUTING", "OUTPUT"),
    "security": ("INPUT", "FORWARD", "OUTPUT"),
}
#: The chains that packets of a direction pass, with those in which firewalld has direct rules.
_HOOKS = {"INPUT": "in", "INPUT_direct": "in", "PREROUTING": "in", "PREROUTING_direct": "in", "OUTPUT": "out",
          "OUTPUT_direct": "out"}  # fmt: skip
#: Targets that a misspelled word may mean.
_TARGETS = ("ACCEPT", "DROP", "REJECT", "RETURN")
#: What says where a rule goes; firewalld says so itself.
_COMMANDS = frozenset({"-A", "--append", "-I", "--insert", "-D", "--delete", "-R", "--replace"})
#: The chains of firewalld's own, over iptables: of a zone, with the part of it that the rules come first in.
_OF_ZONE = r"(IN|FWDI|FWDO|FWD|PRE|POST)_([\w-]+?)(?:_(pre|log|deny|allow|post))?"


class DirectRules:
    """chains: those of INPUT and OUTPUT, by "in" and "out". of_zones: the rules that come first in a part of a zone
    (pre, deny, allow, post), by the zone and the part. problems: what keeps the rules from being loaded. fault: why
    firewalld may have fallen back to its stock configuration, or passed over all direct rules; or ""."""

    def __init__(self, node: Node, backend: str | None, running: Listing | None = None) -> None:
        source = node.files.get(DIRECT)
        root = node.tree(source).statements[:1] if source else []
        #: The direct rules and passthroughs.
        self.rules = [e for top in root if isinstance(top, Element) for e in top.elements("rule", "passthrough")]
        if running is not None and running.direct is not None:
            self.rules = running.direct
        self.chains = {"in": Chain("the direct rules"), "out": Chain("the direct rules")}
        self.of_zones: dict[tuple[str, str], list[Rule]] = {}
        self.problems: list[SyntaxProblem] = []
        self.fault = ""
        self._backend = backend
        self._declared = {e.get("chain") for top in root if isinstance(top, Element) for e in top.elements("chain")}
        for words in self.words():
            self._declared.update(b.text for a, b in pairwise(words) if a.text in ("-N", "--new-chain"))

    def words(self) -> list[list[Word]]:
        """The words of each of them."""
        return [_words(element) for element in self.rules]

    def compile(self, chains: dict[str, Chain]) -> None:
        """Fill its chains, and add to `chains` those that direct rules make for themselves."""
        entries: list[tuple[int, int, str, Rule]] = []
        for order, element in enumerate(self.rules):
            words = _words(element)
            self._judge(element, words)
            family = FAMILIES.get(element.get("ipv") or "")
            if family is None:
                continue
            text = RuleText(words, family, element)
            self.problems += text.problems
            if text.goes_to is not None and text.goes_to.text not in TARGETS:
                self._exists(text.goes_to, _TARGETS)
            direct = element.keyword == "rule"
            table = element.get("table") if direct else text.table or "filter"
            chain = element.get("chain") or "" if direct else text.chain
            if table != "filter" and text.rule.verdict not in ("drop", "unknown", "redirect", "jump", "goto"):
                continue
            # A passthrough adds to the chain itself: -I comes before what firewalld has there, -A behind its reject.
            hook = _HOOKS.get(chain, chain)
            if not direct and self._backend != "nftables" and text.operation != "I" and hook == "in":
                continue
            priority = number(element.get("priority")) if direct else -(1 << 20)
            entries.append((priority, order, hook, text.rule))
        if self.problems and not self.fault:
            self.fault = _fails(self.problems[0].source)
        for _, _, hook, rule in sorted(entries, key=lambda entry: entry[:2]):
            of_zone = compiled(_OF_ZONE).fullmatch(hook)
            if of_zone is not None and hook not in self._declared:
                if of_zone[1] == "IN":
                    self.of_zones.setdefault((of_zone[2], of_zone[3] or "pre"), []).append(rule)
                continue
            chain_of = self.chains.get(hook) or chains.setdefault(f"direct {hook}", Chain(f"chain {hook}"))
            if rule.target:
                rule.target = f"direct {rule.target}"
            chain_of.rules.append(rule)

    def _judge(self, element: Element, words: list[Word]) -> None:
        """Note what is wrong with where a rule stands, and with what iptables alone would see."""
        ipv, table, chain = (element.attributes.get(name) for name in ("ipv", "table", "chain"))
        if ipv is not None and ipv.text not in (*FAMILIES, "eb"):
            self._problem(ipv, f"{shown(ipv.text)} is no kind of IP: ipv4, ipv6 or eb")
        if ipv is None or ipv.text == "eb":
            return
        for word in misnamed.among(words, any_case=True):
            self.fault = _fails(word.source)
        if element.keyword != "rule":
            return
        known = _CHAINS.get("" if table is None else table.text, ())
        if table is not None and not known:
            self._problem(table, f"{shown(table.text)} is no table of iptables")
        if chain is not None and chain.text not in known and chain.text.removesuffix("_direct") not in known:
            self._exists(chain, known)
        for word in words:
            if word.text in _COMMANDS:
                self._problem(word, f"a direct rule takes no {word.text}: its chain stands in chain=")

    def _exists(self, chain: Word, known: tuple[str, ...]) -> None:
        """Note what is known of a chain that is none of iptables' own: firewalld fails where it is not there."""
        if chain.text in self._declared:
            return
        if compiled(_OF_ZONE).fullmatch(chain.text):
            if self._backend == "nftables":
                self._problem(chain, f"over nftables there is no chain {shown(chain.text)} in iptables")
            elif self._backend is None:
                self.fault = _fails(chain.source)
            return
        meant = Nearest()(chain.text.upper(), known) if chain.text.isalpha() else None
        if meant is not None:
            self._problem(chain, f"{shown(chain.text)} is no chain of iptables, {meant} is")
        else:  # somebody else may make it
            self.fault = _fails(chain.source)

    def _problem(self, word: Word, message: str) -> None:
        self.problems.append(SyntaxProblem(word.source, word.start, word.end, message))


def _fails(source: Source) -> str:
    return f"firewalld fails on a rule in {source.path}, or may, and then loads none of its own"


def _words(element: Element) -> list[Word]:
    """The arguments that stand in a direct rule."""
    return [word for piece in element.texts for word in split(piece.source, piece.start, piece.end)]
