"""Sets of the kernel that rules of iptables ask with `-m set --match-set`: from the files that load them, or captured.

Sources: ipset(8) of ipset 7.17; iptables-extensions(8), `set`. Measured: iptables refuses a set of the other family,
and a list of both asks the sets of the packet's alone; nothing matches where a rule names fewer directions than the
set has dimensions; bitmap:port asks TCP and UDP; what is marked `nomatch` is no member of the network around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import address
from halint.models.firewall.chains import (
    Fact,
    Packet,
    Test,
    address_in,
    all_of,
    any_of,
    family_is,
    interface_is,
    port_in,
    port_of,
    protocol_is,
    source_port_in,
    unknown,
)
from halint.models.firewall.names import TCP, UDP, ports, protocol
from halint.nearest import shown
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.node import Node
    from halint.source import Source

#: Files that load sets: of ipset's own service (EL, others), of netfilter-persistent (Debian).
FILES = ("/etc/ipset.conf", "/etc/sysconfig/ipset", "/etc/iptables/ipsets")
_FOLDER = "/etc/sysconfig/ipset.d/"
_CAPTURED = ("/sos_commands/firewall_tables/ipset_save", "/sos_commands/firewall_tables/ipset_list")
_COMMANDS = {
    "create": "create", "-N": "create", "--create": "create", "n": "create", "add": "add", "-A": "add", "--add": "add",
    "del": "del", "-D": "del", "--del": "del", "flush": "flush", "-F": "flush", "--flush": "flush",
    "destroy": "destroy", "-X": "destroy", "--destroy": "destroy", "rename": "lose", "-E": "lose", "--rename": "lose",
    "swap": "lose", "-W": "lose", "--swap": "lose",
}  # fmt: skip
_NOTHING = frozenset({"", "-!", "-exist", "--exist"})
#: Options of a set without a value.
_FLAGS = frozenset({"counters", "comment", "forceadd", "skbinfo"})
#: What the dimensions of a set may be, as far as they are followed.
_DIMENSIONS = frozenset({"ip", "net", "port", "iface"})
_ALIASES = {"iphash": "hash:ip", "nethash": "hash:net", "ipporthash": "hash:ip,port", "ipmap": "bitmap:ip",
            "portmap": "bitmap:port", "setlist": "list:set"}  # fmt: skip
#: Protocols whose elements name a port.
_WITH_PORTS = (TCP, UDP, 132, 136)


class Set:
    """kind: "hash:ip,port". options: of its creation, with "" where they have no value. elements: with what follows
    each. grows: whether the kernel may put others into it."""

    __slots__ = ("elements", "grows", "kind", "options")

    def __init__(self, kind: str, options: dict[str, str]) -> None:
        self.kind = _ALIASES.get(kind, kind)
        self.options = options
        self.elements: dict[str, str] = {}
        self.grows = "timeout" in options

    @property
    def family(self) -> int | None:
        """4 or 6; None where its kind has none."""
        if self.kind in ("list:set", "bitmap:port"):
            return None
        return 6 if self.options.get("family") == "inet6" else 4


class Sets:
    """The sets of a node that rules of `family` ask: those of its files, else the captured ones, or the other way
    round."""

    def __init__(self, node: Node, family: int, *, captured: bool) -> None:
        self._family = family
        loaded = [node.files[path] for path in FILES if path in node.files]
        loaded += [source for _, source in node.matching(_FOLDER, ".set")]
        seen = [node.files[path] for path in _CAPTURED if path in node.files]
        self._sets: dict[str, Set | None] = {}
        for sources in (seen, loaded) if captured else (loaded, seen):
            found: dict[str, Set | None] = {}
            for source in sources:
                _read(source, found)
            self._sets = {**found, **self._sets}
        self._tests: dict[tuple[str, str], Test] = {}

    def complaint(self, name: str) -> str:
        """What iptables has against a rule that asks the set `name`, or ""."""
        found = self._sets.get(name)
        family = None if found is None else found.family
        if family in (None, self._family):
            return ""
        return f"the set {shown(name)} is of IPv{family}, which iptables of IPv{self._family} does not take"

    def change(self, name: str) -> None:
        """Note that a rule puts something into the set `name`, or takes it out."""
        found = self._sets.get(name)
        if found is not None:
            found.grows = True

    def test(self, name: str, directions: str) -> Test:
        """Whether a packet is in the set `name`, asked by `src,dst`."""
        key = name, directions
        if key not in self._tests:
            found = self._sets.get(name)
            self._tests[key] = unknown if found is None else self._member(found, directions.split(","))
        return self._tests[key]

    def _member(self, found: Set, directions: list[str]) -> Test:
        if found.kind == "list:set":
            members = [self._sets.get(name) for name in found.elements]
            tests = [
                unknown if one is None or one.kind == "list:set" else self._member(one, directions) for one in members
            ]
            return _guarded(found, any_of(tests))
        _, _, kinds = found.kind.partition(":")
        dimensions = kinds.split(",")
        if not _DIMENSIONS.issuperset(dimensions) or {"bitmask", "skbinfo"} & found.options.keys():
            return unknown
        if not {"src", "dst"}.issuperset(directions):
            return unknown
        if len(directions) < len(dimensions):
            return lambda packet: False
        test = _one(found, directions[0]) if len(dimensions) == 1 else _several(found, dimensions, directions)
        if found.family is not None:
            test = all_of([family_is(found.family), test])
        return _guarded(found, test)


def _guarded(found: Set, test: Test) -> Test:
    """Of a set that may change, or is empty, only what it holds for good is known."""

    def guarded(packet: Packet) -> Fact:
        fact = test(packet)
        return None if fact is False and (found.grows or not found.elements) else fact

    return guarded


def _one(found: Set, direction: str) -> Test:
    """The test of a set of addresses, of networks or of ports."""
    lasting = {element: rest for element, rest in found.elements.items() if not _expires(found, rest)}
    if found.kind == "bitmap:port":
        return all_of([protocol_is(TCP, UDP), any_of([_port(element, direction) for element in lasting])])
    field = "source" if direction == "src" else "destination"
    mask = found.options.get("netmask", "")
    excepted = {element for element, rest in lasting.items() if "nomatch" in rest.split()}
    texts = [element for element in lasting if element not in excepted] if excepted else list(lasting)
    inside = address_in(field, *_masked(texts, mask))
    if not excepted:
        return inside
    outside = address_in(field, *excepted)
    nested = any(_starts_in(text, outside) for text in texts)

    def test(packet: Packet) -> Fact:
        out = outside(packet)
        if out is False:
            return inside(packet)
        return None if out is None or nested else False

    return test


def _masked(texts: list[str], mask: str) -> list[str]:
    """Single addresses as the networks that they stand for where a set has a mask; "" for what is not followed."""
    return ["" if "/" in text or "-" in text else f"{text}/{mask}" for text in texts] if mask else texts


def _starts_in(text: str, test: Test) -> bool:
    """Whether the first address of `text` passes `test`: an exception may have exceptions of its own."""
    first = text.partition("/")[0].partition("-")[0]
    family = address.family(first) or 4
    return test(Packet("in", 0, family, source=first, destination=first)) is not False


def _several(found: Set, dimensions: list[str], directions: list[str]) -> Test:
    """The test of a set whose elements have several parts."""
    heads: dict[tuple[str, ...], list[str]] = {}  # the first parts of the elements that end alike
    for element, rest in found.elements.items():
        head, *others = element.split(",")
        if _expires(found, rest):
            continue
        if len(others) + 1 != len(dimensions) or "nomatch" in rest.split():
            return unknown
        heads.setdefault((rest, *others), []).append(head)
    tests = []
    for (rest, *others), texts in heads.items():
        parts = zip(dimensions, directions, [texts, *([other] for other in others)], strict=False)
        tests.append(all_of([_part(found, rest, *each) for each in parts]))
    return any_of(tests)


def _part(found: Set, rest: str, dimension: str, direction: str, texts: list[str]) -> Test:
    """The test of one part, which may be any of `texts`."""
    if dimension in ("ip", "net"):
        mask = found.options.get("netmask", "") if dimension == "ip" else ""
        return address_in("source" if direction == "src" else "destination", *_masked(texts, mask))
    (text,) = texts
    if dimension == "iface":
        if text.startswith("physdev:"):
            return unknown
        return interface_is(text + "+" * ("wildcard" in rest), "in" if direction == "src" else "out", "+")
    name, colon, port = text.rpartition(":")
    number = protocol(name) if colon else TCP
    if number is None:
        return unknown
    if number not in _WITH_PORTS:
        return protocol_is(number)
    known = ports(port)
    if known is not None and direction == "dst":
        return port_of(number, *known)
    return all_of([protocol_is(number), _port(port, direction)])


def _port(text: str, direction: str) -> Test:
    known = ports(text)
    return unknown if known is None else (source_port_in if direction == "src" else port_in)(*known)


def _expires(found: Set, rest: str) -> bool:
    own = compiled(r"(?:^|[ ])timeout ([0-9]+)").search(rest)
    return (own[1] if own else found.options.get("timeout", "0")).strip("0") != ""


def _read(source: Source, found: dict[str, Set | None]) -> None:
    """Add the sets of `source`, of `ipset save` or `ipset list`; None is one of which nobody knows what it holds."""
    if compiled(r"Name: ").match(source.text):
        _read_list(source.text, found)
        return
    for line in source.text.split("\n"):
        words = [word for word in line.strip("\r").replace("\t", " ").split(" ") if word not in _NOTHING]
        command = _COMMANDS.get(words[0], "") if words else ""
        if not command:
            continue
        name = words[1] if len(words) > 1 else ""
        if command == "create" and len(words) > 2:
            found[name] = None if name in found else Set(words[2], _options(words[3:]))
        elif command == "lose":
            found.update(dict.fromkeys(words[1:3]))
        elif command in ("flush", "destroy"):
            for each in [name] if name else list(found):
                found[each] = None
        else:
            known = found.get(name)
            if known is not None and len(words) > 2:
                if command == "add":
                    known.elements[words[2]] = " ".join(words[3:])
                else:
                    known.elements.pop(words[2], None)


def _read_list(text: str, found: dict[str, Set | None]) -> None:
    name = kind = ""
    known: Set | None = None
    in_members = False
    for line in text.split("\n"):
        line = line.rstrip("\r")
        label, colon, value = line.partition(": ")
        if in_members and line and known is not None:
            element, _, rest = line.partition(" ")
            known.elements[element] = rest
            continue
        in_members = line == "Members:"
        if label == "Name" and colon:
            name, known = value, None
        elif label == "Type" and colon:
            kind = value
        elif label == "Header":
            known = found[name] = Set(kind, _options(value.split(" ")))


def _options(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        found[word] = "" if word in _FLAGS else next(rest, "")
    return found
