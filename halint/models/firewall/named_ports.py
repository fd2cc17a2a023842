"""The ports that a firewall's rules speak of: what to ask about where nothing says what is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.names import ports
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.models.firewall import Firewall
    from halint.models.firewall.firewalld import Firewalld

#: More are not asked about.
_MOST = 200


def named_ports(firewall: Firewall) -> list[int]:
    """In order; of ranges the ends."""
    texts = _of_firewalld(firewall.firewalld) if firewall.firewalld is not None else _of_rules(firewall)
    found = {port for text in texts for port in ports(text) or ()}
    return sorted(found - {0})[:_MOST]


def _of_rules(firewall: Firewall) -> Iterator[str]:
    """Whatever stands behind the word for ports in rules, and in sets of numbers."""
    for tree in firewall.trees:
        for match in compiled(r"(?<![\w.:/-])[0-9]{1,5}(?:[-:][0-9]{1,5})?(?![\w.:/-])").finditer(tree.source.text):
            yield match[0].replace(":", "-")
        for match in compiled(r"dports?[ \t]+\{?[ \t]*([a-z][a-z0-9, \t-]*)").finditer(tree.source.text):
            yield from match[1].replace(",", " ").split(" ")


def _of_firewalld(firewalld: Firewalld) -> Iterator[str]:
    from halint.models.firewall.firewalld.stock import SERVICES

    waiting = [name for zone in firewalld.zones.own for name in zone.service_names]
    for root in firewalld.services.roots():
        waiting += [element.get("service") or "" for element in root.elements("include")]
        yield from (element.get("port") or "" for element in root.elements("port"))
    for zone in firewalld.zones.own:
        for element in zone.root.elements("port", "rule") if zone.root is not None else ():
            yield from (each.get("port") or "" for each in (element, *element.elements("port")))
            waiting += [each.get("name") or "" for each in element.elements("service")]
    for name in waiting:
        yield from (entry.partition("/")[0] for entry in SERVICES.get(name, "").split(" "))
