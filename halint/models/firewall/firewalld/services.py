"""Services: what they match, with what they include. Source: firewalld.service(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.chains import Packet, Test, address_in, source_port_in, unknown
from halint.models.firewall.firewalld.elements import FAMILIES, port_tests, protocol_tests, tests_of
from halint.models.firewall.names import ports
from halint.readers.xml import Element

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from halint.models.firewall.firewalld.definitions import Definitions
    from halint.tree import Statement


class Service:
    """A service that has a file of the node's own. root: its element."""

    __slots__ = ("_tests", "name", "root")

    def __init__(self, name: str, root: Element, tests: list[list[Test]]) -> None:
        self.name = name
        self.root = root
        self._tests = tests

    def accepts(self, packet: Packet) -> bool:
        """Whether it certainly is about `packet`."""
        return any(all(test(packet) for test in tests) for tests in self._tests)


class Services:
    """The services of a node: its own, and the stock ones. doubtful: whether its own may not be those that count."""

    def __init__(self, definitions: Definitions, *, doubtful: bool = False) -> None:
        self._definitions = definitions
        self._doubtful = doubtful

    def tests(self, name: str) -> list[list[Test]]:
        """What the service `name` matches, with the services that it includes: any of these lists of tests."""
        found: list[list[Test]] = []
        waiting, seen = [name], {name}
        while waiting:
            current = waiting.pop(0)
            root = self._definitions.read("services", current)
            if root is None:
                included = _stock(current, found)
            else:
                included = _own(root, found)
                if self._doubtful:
                    found.append([unknown])
            for other in included:
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return found

    def roots(self) -> list[Element]:
        """The elements of the node's own services."""
        return [root for _, root in self._definitions.own("services")]

    def unlisted(self, listed: Container[str]) -> list[Service]:
        """The node's own services that no zone, policy, rich rule or other service names, and that are not `listed`."""
        named = set()
        for folder in ("zones", "policies", "services"):
            for _, root in self._definitions.own(folder):
                waiting: list[Statement] = [root]
                while waiting:
                    element = waiting.pop()
                    if isinstance(element, Element):
                        named.add(element.get("service" if element.keyword == "include" else "name"))
                    waiting += element.body or ()
        return [
            Service(name, root, self.tests(name))
            for name, root in self._definitions.own("services")
            if name not in named and name not in listed
        ]

    def ports_for(self, program: str, listed: Container[str]) -> Iterator[tuple[Element, tuple[int, int], str]]:
        """The ports that the node's own services named after `program` open, of those that are `listed`: the
        element, first and last, and over which protocol."""
        for name, root in self._definitions.own("services"):
            if program in name.lower() and name in listed:
                for element in root.elements("port"):
                    if element.get("protocol") in ("tcp", "udp"):
                        found = ports(element.get("port") or "")
                        if found is not None:
                            yield element, found, element.get("protocol") or ""


def _own(root: Element, found: list[list[Test]]) -> list[str]:
    """Add what the service at `root` matches to `found`; returns the services that it includes."""
    tests: list[list[Test]] = []
    for element in root.elements("port", "protocol", "source-port"):
        if element.keyword == "port" and not element.get("port"):
            tests.append(protocol_tests(element.get("protocol") or ""))  # the old way to name a protocol
        else:
            tests.append(tests_of(element))
    places = [
        (number, element.attributes[name].text)
        for element in root.elements("destination")
        for name, number in FAMILIES.items()
        if name in element.attributes
    ]
    found += _to(places, tests)
    return [e.get("service") or "" for e in root.elements("include")]


def _stock(name: str, found: list[list[Test]]) -> list[str]:
    """The same of the stock service `name`."""
    from halint.models.firewall.firewalld.stock import SERVICES

    written = SERVICES.get(name)
    if written is None:  # another version of firewalld may have it
        found.append([unknown])
        return []
    tests: list[list[Test]] = []
    places: list[tuple[int, str]] = []
    included: list[str] = []
    for entry in written.split(" "):
        kind, colon, value = entry.partition(":")
        if not colon:
            port, _, over = entry.partition("/")
            tests.append(port_tests(port, over))
        elif kind == "proto":
            tests.append(protocol_tests(value))
        elif kind == "from":
            port, _, over = value.partition("/")
            tests.append(port_tests(port, over, source_port_in))
        elif kind == "include":
            included.append(value)
        else:
            places.append((int(kind[2:]), value))
    found += _to(places, tests)
    return included


def _to(places: list[tuple[int, str]], tests: list[list[Test]]) -> list[list[Test]]:
    """Tests of a service limited to its destinations: a family without one is not accepted."""
    if not places:
        return tests
    return [[address_in("destination", text), *test] for _, text in places for test in tests]
