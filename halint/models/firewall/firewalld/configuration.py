"""firewalld.conf, and what holds where it does not say. Source: firewalld.conf(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.firewalld.version import distribution, version

if TYPE_CHECKING:
    from halint.models.firewall.chains import Fact
    from halint.node import Node
    from halint.tree import Word

CONF = "/etc/firewalld/firewalld.conf"


class Configuration:
    """default_zone: its name, and default_at the word that sets it. backend: "nftables", "iptables", or None where
    neither the file nor the distribution tells. drifts: whether packets of a zone of sources go on to the zone of
    their interface."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.default_zone, self.default_at = self._setting("DefaultZone", "public")
        written, _ = self._setting("FirewallBackend", "")
        self.backend = written if written in ("nftables", "iptables") else self._backend_of_distribution()
        self.drifts = self._drift()

    def _setting(self, key: str, default: str) -> tuple[str, Word | None]:
        source = self._node.files.get(CONF)
        found: Word | None = None
        for statement in self._node.tree(source).statements if source else ():
            if statement.keyword == key and len(statement.words) > 1:
                found = statement.words[1]
        return (default, None) if found is None else (found.text, found)

    def _backend_of_distribution(self) -> str | None:
        """EL 7 has no other than iptables; EL 8 and later, and Debian 11 and later, build nftables as the default."""
        found = distribution(self._node)
        if found is None:
            return None
        name, release = found
        if name == "ubuntu":
            return "nftables" if release >= 22 else None
        return "iptables" if release < {"el": 8, "debian": 11, "fedora": 32}[name] else "nftables"

    def _drift(self) -> Fact:
        """Up to 0.6 always, from 1.0 on never, between as AllowZoneDrifting says (firewalld.conf(5)), whose default
        changed."""
        written, _ = self._setting("AllowZoneDrifting", "")
        known = version(self._node)
        if known is not None and not (0, 6) < known < (1, 0):
            return known <= (0, 6)
        return False if written.lower() in ("no", "false") else True if known is not None and written else None
