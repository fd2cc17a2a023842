"""Zones, and which of them an interface is in. Source: firewalld.zone(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.lazy import lazy
from halint.models.firewall.firewalld.definitions import FOLDER
from halint.models.firewall.firewalld.elements import number
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.finding import Located
    from halint.models.firewall.chains import Fact
    from halint.models.firewall.firewalld.configuration import Configuration
    from halint.models.firewall.firewalld.definitions import Definitions
    from halint.models.firewall.firewalld.listing import Listing
    from halint.node import Node
    from halint.readers.xml import Element
    from halint.tree import Word

#: Zones that EL 8 and later ship with the service cockpit in them (EL's firewalld package; Debian's have none).
_COCKPIT_ZONES = frozenset({"public", "home", "internal", "work"})


class Zone:
    """A zone. path: of its file in /etc/firewalld, which may not exist. root: the file's element, None where it is
    the stock zone. services: those that it lists, with where."""

    __slots__ = ("interfaces", "name", "path", "root", "services", "sources", "target", "target_at")

    def __init__(self, name: str, root: Element | None) -> None:
        self.name = name
        self.path = f"{FOLDER}/zones/{name}.xml"
        self.root = root
        self.target = "default"
        self.target_at: Located | None = None
        self.services: list[tuple[str, Element | None]] = []
        self.interfaces: list[Word] = []
        self.sources: list[Element] = []
        if root is not None:
            self.target = root.get("target") or "default"
            self.target_at = root.attributes.get("target", root.words[0])
            self.services = [(e.get("name") or "", e) for e in root.elements("service")]
            self.interfaces = [e.attributes["name"] for e in root.elements("interface") if "name" in e.attributes]
            self.sources = list(root.elements("source"))

    @property
    def service_names(self) -> list[str]:
        """The names of the services that it lists."""
        return [name for name, _ in self.services]

    def priority(self, direction: str) -> int:
        """Where it stands among the zones that a packet may be in: of direction "in" or "out"."""
        kind = "ingress" if direction == "in" else "egress"
        return 0 if self.root is None else number(self.root.get(f"{kind}-priority"))


class Zones:
    """The zones of a node. names: of those that have a file of their own, or that a running firewalld had. default:
    the name of the default zone, and default_at the word that sets it. alone: whether the zones themselves list all
    their interfaces; else connections put some into them, and what was seen of a running firewalld stands for
    those where the connections are not known."""

    def __init__(
        self,
        node: Node,
        definitions: Definitions,
        configuration: Configuration,
        *,
        alone: bool = False,
        seen: Listing | None = None,
    ) -> None:
        self._node = node
        self._alone = alone
        self._seen = seen
        self._definitions = definitions
        self._zones: dict[str, Zone] = {}
        self._zone_of: dict[str, tuple[str | None, Located | None, Fact]] = {}
        self.default, self.default_at = configuration.default_zone, configuration.default_at
        self.names = definitions.names("zones")

    def get(self, name: str) -> Zone | None:
        """The zone `name`: its file, or the stock zone."""
        if name not in self._zones:
            from halint.models.firewall.firewalld.stock import ZONES

            root = self._definitions.read("zones", name)
            if root is None and name not in ZONES:
                return None
            found = self._zones[name] = Zone(name, root)
            if root is None:
                found.target = ZONES[name][0]
                found.services = [(service, None) for service in self.stock_services(name)]
        return self._zones[name]

    def stock_services(self, zone: str) -> list[str]:
        """The services of a stock zone, as the node's distribution ships it."""
        from halint.models.firewall.firewalld.stock import ZONES

        services = list(ZONES[zone][1])
        match = compiled(r"el(\d+)").fullmatch(self._node.targets.os or "")
        if zone in _COCKPIT_ZONES and match is not None and int(match[1]) >= 8:
            services.append("cockpit")
        return services

    @lazy
    def own(self) -> list[Zone]:
        """The zones that have a file of their own."""
        return [zone for name in self.names if (zone := self.get(name)) is not None]

    @property
    def all_names(self) -> list[str]:
        """The names of all zones, the stock ones included."""
        from halint.models.firewall.firewalld.stock import ZONES

        return list(dict.fromkeys([*self.names, self.default, *ZONES]))

    @property
    def stock(self) -> list[Zone]:
        """The stock zones that the node has no file of its own for."""
        from halint.models.firewall.firewalld.stock import ZONES

        return [zone for name in ZONES if name not in self.names and (zone := self.get(name)) is not None]

    def of(self, interface: str) -> tuple[str | None, Located | None]:
        """The name of the zone of `interface`, and what says so; (None, None) where two places disagree."""
        return self._of(interface)[:2]

    def holds(self, name: str, interface: str | None, *, bound: bool) -> Fact:
        """Whether `interface` is in the zone `name`; `bound`: because something puts it there, and not just because
        that is the default zone."""
        zone, _, known = (None, None, None) if interface is None else self._of(interface)
        if zone is None:
            return None
        return False if zone != name else known if bound else True

    def _of(self, interface: str) -> tuple[str | None, Located | None, Fact]:
        """The zone of `interface`, what says so, and whether something puts it there."""
        if interface not in self._zone_of:
            self._zone_of[interface] = self._find_zone_of(interface)
        return self._zone_of[interface]

    def naming(self, interface: str) -> list[tuple[str, Word]]:
        """The zones whose files name `interface`, and where."""
        return [(zone.name, word) for zone in self.own for word in zone.interfaces if _is(word.text, interface)]

    def _find_zone_of(self, interface: str) -> tuple[str | None, Located | None, Fact]:
        named, at = (None, None) if self._alone else self._node.interfaces.zone(interface)
        written = self.naming(interface)
        if len({name for name, _ in written}) > 1 or named and written and written[0][0] != named:
            return None, None, None
        if named:
            return named, at, True
        if not written and self._seen is not None and not self._node.interfaces.connections:
            written = [
                (name, element.attributes["name"])
                for name, root in (self._seen.zones or {}).items()
                for element in root.elements("interface")
                if element.get("name") == interface
            ]
        if written:
            return *written[0], True
        # NetworkManager puts the interfaces of its connections into the default zone, firewalld none (measured, 1.3.3).
        known = self._node.interfaces
        bound = False if self._alone else True if known.connections and interface in known.names else None
        return self.default, self.default_at, bound


def _is(pattern: str, interface: str) -> bool:
    return pattern == interface or pattern.endswith("+") and interface.startswith(pattern[:-1])
