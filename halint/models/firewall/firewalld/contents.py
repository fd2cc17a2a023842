"""What stands in a zone or a policy, as rules of its chain.

The order is firewalld's own (read off `nft list ruleset` of 1.3.3): rich rules of negative priority, then all that
deny, then all that accept, then rich rules of positive priority; the target comes last. Sources: firewalld.zone(5),
firewalld.richlanguage(5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.chains import Chain, Rule, Test, family_is, unknown
from halint.models.firewall.firewalld.elements import FAMILIES, address_test, number, tests_of
from halint.models.firewall.firewalld.rich_rules import BESIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from halint.models.firewall.firewalld.definitions import Definitions
    from halint.models.firewall.firewalld.services import Services
    from halint.readers.xml import Element


class Contents:
    """Makes rules of elements. left_out: the rich rules that firewalld leaves out."""

    def __init__(self, definitions: Definitions, services: Services, left_out: Iterable[Element]) -> None:
        self._definitions = definitions
        self._services = services
        self._left_out = set(map(id, left_out))

    def fill(
        self,
        chain: Chain,
        root: Element | None,
        services: Iterable[tuple[str, Element | None]],
        first: Callable[[str], list[Rule]] = lambda part: [],
    ) -> None:
        """Add to `chain` what the elements of a zone or a policy, and the `services` that it lists, come to. first: the
        rules that come first in a part (pre, deny, allow, post)."""
        early: list[tuple[int, Rule]] = []
        late: list[tuple[int, Rule]] = []
        deny: list[Rule] = []
        allow: list[Rule] = []
        for service, at in services:
            allow += [Rule(tests, "accept", at) for tests in self._services.tests(service)]
        for element in root.elements() if root else ():
            if element.keyword == "rule":
                priority = number(element.get("priority"))
                for rule in self._rich_rules(element):
                    if priority:
                        (early if priority < 0 else late).append((priority, rule))
                    else:
                        (deny if rule.verdict == "drop" else allow).append(rule)
            elif element.keyword == "forward-port":
                # Redirected to another port or machine before the zone is asked.
                chain.rules.append(Rule(tests_of(element), "redirect", element))
            elif element.keyword in ("port", "protocol", "source-port"):
                allow.append(Rule(tests_of(element), "accept", element))
        for rules in (early, late):
            rules.sort(key=lambda entry: entry[0])
        chain.rules += first("pre") + [rule for _, rule in early] + first("deny") + deny
        chain.rules += first("allow") + allow + first("post") + [rule for _, rule in late]

    def address_test(self, element: Element, field: str) -> Test:
        """The test of a <source> or <destination>, which asks about `field` of a packet."""
        return address_test(element, field, self._definitions)

    def _rich_rules(self, element: Element) -> list[Rule]:
        """What a rich rule comes to: a rule for each port of the service that it names."""
        actions = list(element.elements("accept", "reject", "drop"))
        if not actions or id(element) in self._left_out:
            return []
        verdict = "accept" if actions[0].keyword == "accept" else "drop"
        common: list[Test] = []
        family = FAMILIES.get(element.get("family") or "")
        if family:
            common.append(family_is(family))
        for side in element.elements("source", "destination"):
            common.append(self.address_test(side, side.keyword))
        if any(True for _ in actions[0].elements("limit")):
            common.append(unknown)
        about = next((e for e in element.elements() if e.keyword not in BESIDE), None)
        if about is None:
            return [Rule(common, verdict, element)]
        if about.keyword == "service":
            return [Rule(common + tests, verdict, element) for tests in self._services.tests(about.get("name") or "")]
        return [Rule(common + tests_of(about), verdict, element)]
