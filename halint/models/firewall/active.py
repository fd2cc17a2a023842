"""Which firewall of a node is active.

A wants-link or a mask of systemd decides, with ENABLED of ufw.conf for ufw; without them what somebody wrote counts as
active, and what the packages install says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halint.models.firewall.captured import Captured
    from halint.models.firewall.chains import Fact
    from halint.models.firewall.files import Files
    from halint.node import Node

#: The units that load the rules of each kind: EL's and Debian's names.
UNITS = {
    "firewalld": ("firewalld",),
    "nftables": ("nftables",),
    "iptables": ("iptables", "ip6tables", "netfilter-persistent"),
    "ufw": ("ufw",),
}


def active(node: Node, files: Files, captured: Captured | None) -> tuple[str, Fact, str]:
    """The kind ("none", "unknown"), whether it filters, None where that is unknown, and why halint thinks so."""
    enabled = {kind: [node.startup.enabled(unit) for unit in units] for kind, units in UNITS.items()}
    if enabled["ufw"] != [False] and not files.ufw_switch:
        enabled["ufw"] = [files.ufw_switch]
    on = [kind for kind in UNITS if True in enabled[kind]]
    if len(on) > 1:
        return "unknown", None, f"{' and '.join(on)} are both enabled"
    if on:
        return on[0], True, f"{on[0]} is enabled"
    off = [kind for kind in UNITS if all(fact is False for fact in enabled[kind])]
    if len(off) == len(UNITS):
        return "none", False, "no firewall is enabled"
    found = [kind for kind in UNITS if files.has(kind) and kind not in off]
    by_hand = [kind for kind in found if files.by_hand(kind)]
    if captured is not None and captured.firewalld and "firewalld" in found:
        return "firewalld", True, "it was running when its rules were captured"
    if captured is not None and "firewalld" in by_hand:
        return "unknown", None, "somebody wrote rules of firewalld, and it was not running"
    if len(by_hand) > 1:
        return "unknown", None, f"there are rules of {' and '.join(by_hand)}, and nothing says which is enabled"
    if by_hand:
        reason = "somebody enabled ufw" if by_hand[0] == "ufw" else f"somebody wrote rules of {by_hand[0]}"
        return by_hand[0], True, reason
    if off == ["ufw"] and not found:
        return "unknown", None, "ufw is off, and there are no files of another firewall"
    if found:
        return "unknown", None, f"of {' and '.join(found)} there is only what the package installs"
    return "unknown", None, "there are no files of a firewall"
