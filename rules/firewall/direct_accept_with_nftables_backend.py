"""FW107; its page is direct_accept_with_nftables_backend.md."""

from __future__ import annotations

from halint.cluster import adverts


class DirectAcceptWithNftablesBackend(adverts.AdvertRule):
    """VRRP is accepted by a direct rule of firewalld, which is to no avail with the nftables backend."""

    code = "FW107"
    cause = adverts.DIRECT

    def why(self, refusal: adverts.Refusal) -> str:
        return f"a direct rule accepts it in iptables alone, and in nftables {refusal.answer.reason}"
