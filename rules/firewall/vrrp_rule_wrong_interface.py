"""FW103; its page is vrrp_rule_wrong_interface.md."""

from __future__ import annotations

from halint.cluster import adverts
from halint.finding import Create, Edit


class VrrpRuleWrongInterface(adverts.AdvertRule):
    """VRRP is accepted, but on another interface, or in another zone."""

    code = "FW103"
    cause = adverts.INTERFACE

    def why(self, refusal: adverts.Refusal) -> str:
        word = refusal.near.interface if refusal.near else None
        if word is not None:
            return f"the rule that accepts VRRP is for {word.text}"
        return f"VRRP is accepted in another zone than that of {refusal.packet.interface}"

    def edits(self, refusal: adverts.Refusal) -> list[Edit | Create] | None:
        return adverts.use_interface(refusal) or super().edits(refusal)
