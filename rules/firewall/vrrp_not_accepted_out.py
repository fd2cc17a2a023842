"""FW102; its page is vrrp_not_accepted_out.md."""

from __future__ import annotations

from halint.cluster import adverts
from halint.finding import Create, Edit


class VrrpNotAcceptedOut(adverts.AdvertRule):
    """A node refuses to send its own VRRP adverts."""

    code = "FW102"
    cause = adverts.OUTPUT

    def why(self, refusal: adverts.Refusal) -> str:
        return refusal.answer.reason

    def edits(self, refusal: adverts.Refusal) -> list[Edit | Create] | None:
        # Wherever they go: nobody filters what the node itself sends for the sake of the receiver.
        return refusal.node.firewall.allow(refusal.packets, [])
