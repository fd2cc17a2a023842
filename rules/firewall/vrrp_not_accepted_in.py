"""FW101; its page is vrrp_not_accepted_in.md."""

from __future__ import annotations

from halint.cluster import adverts


class VrrpNotAcceptedIn(adverts.AdvertRule):
    """A node refuses the VRRP adverts of the others."""

    code = "FW101"
    cause = adverts.NO_RULE

    def why(self, refusal: adverts.Refusal) -> str:
        return refusal.answer.reason
