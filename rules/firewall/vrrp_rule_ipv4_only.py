"""FW104; its page is vrrp_rule_ipv4_only.md."""

from __future__ import annotations

from halint.cluster import adverts


class VrrpRuleIpv4Only(adverts.AdvertRule):
    """VRRP is accepted over IPv4 alone, and the instance is of IPv6."""

    code = "FW104"
    cause = adverts.FAMILY

    def why(self, refusal: adverts.Refusal) -> str:
        return "the rule that accepts VRRP is for IPv4 alone, and the adverts are IPv6"
