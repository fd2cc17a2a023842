"""FW105; its page is vrrp_rule_multicast_only_with_unicast.md."""

from __future__ import annotations

from halint.cluster import adverts


class VrrpRuleMulticastOnlyWithUnicast(adverts.AdvertRule):
    """VRRP is accepted by multicast alone, and the instance sends it to its peers."""

    code = "FW105"
    cause = adverts.UNICAST

    def why(self, refusal: adverts.Refusal) -> str:
        return "the rule that accepts VRRP is for multicast alone, and the adverts come by unicast"
