"""What a <port>, <protocol>, <source>... matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.chains import (
    Test,
    address_in,
    any_of,
    negated,
    port_in,
    protocol_is,
    source_port_in,
    unknown,
)
from halint.models.firewall.names import ports, protocol
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from halint.models.firewall.firewalld.definitions import Definitions
    from halint.readers.xml import Element

FAMILIES = {"ipv4": 4, "ipv6": 6}
_PORT_PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132, "dccp": 33}


def tests_of(element: Element) -> list[Test]:
    """The tests of anything but a service."""
    kind = element.keyword
    if kind == "protocol":
        return protocol_tests(element.get("value") or "")
    if kind in ("port", "forward-port"):
        return port_tests(element.get("port") or "", element.get("protocol") or "")
    if kind == "source-port":
        return port_tests(element.get("port") or "", element.get("protocol") or "", source_port_in)
    if kind in ("icmp-block", "icmp-type"):
        return [protocol_is(1, 58), unknown]
    return [unknown]


def protocol_tests(text: str) -> list[Test]:
    """The tests of a protocol by number or name."""
    number = protocol(text)
    return [unknown if number is None else protocol_is(number)]


def port_tests(text: str, over: str, test_of: Callable[[int, int], Test] = port_in) -> list[Test]:
    """The tests of the port or range `text` over the protocol `over`: of the destination, or by `source_port_in`."""
    found, number = ports(text), _PORT_PROTOCOLS.get(over)
    if number is None:
        return [unknown]
    return [protocol_is(number), unknown if found is None else test_of(*found)]


def address_test(element: Element, field: str, definitions: Definitions) -> Test:
    """The test of a <source> or <destination>, which asks about `field`, "source" or "destination", of a packet."""
    text, ipset = element.get("address"), element.get("ipset")
    test: Test = unknown
    if text is not None:
        test = address_in(field, text)
    elif ipset is not None:
        test = _ipset_test(definitions.read("ipsets", ipset), field)
    inverted = (element.get("invert") or "").lower() in ("yes", "true")
    return negated(test) if inverted else test


def _ipset_test(root: Element | None, field: str) -> Test:
    kind = "" if root is None else root.get("type") or ""
    if root is None or not kind.startswith("hash:") or "," in kind:
        return unknown
    entries = ["".join(word.text for word in e.texts).strip(" \t") for e in root.elements("entry")]
    test = address_in(field, *entries)
    if any(option.get("name") == "timeout" for option in root.elements("option")) or not entries:
        return any_of([test, unknown])  # filled while it is in use
    return test


def is_port(text: str) -> bool:
    """Whether `text` may be a port or a range: a name may be one of /etc/services."""
    if compiled(r"[0-9]+(?:-[0-9]+)?").fullmatch(text):
        return all(len(number) < 6 and int(number) < 65536 for number in text.split("-"))
    return compiled(r"[0-9 ,:-]*").fullmatch(text) is None


def is_priority(text: str) -> bool:
    """Whether `text` is a priority of a zone or a rule."""
    return compiled(r"[+-]?[0-9]{1,9}").fullmatch(text) is not None and -32768 <= int(text) <= 32767


def number(text: str | None) -> int:
    """The value of a priority; 0 where there is none."""
    match = compiled(r"-?[0-9]{1,6}").fullmatch(text or "")
    return int(match[0]) if match else 0
