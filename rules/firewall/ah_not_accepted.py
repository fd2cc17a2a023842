"""FW106; its page is ah_not_accepted.md."""

from __future__ import annotations

from halint.cluster import adverts


class AhNotAccepted(adverts.AdvertRule):
    """VRRP is accepted, but with auth_type AH the adverts are protocol 51."""

    code = "FW106"
    cause = adverts.PROTOCOL

    def why(self, refusal: adverts.Refusal) -> str:
        return "the rule that accepts VRRP is for protocol 112, and auth_type AH makes it protocol 51"
