"""Packets, and the chains of rules that decide about them: what every kind of firewall is compiled to.

Three-valued: a rule that may or may not match leaves both ways open, and only what all ways agree on is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from halint import address
from halint.finding import Located
from halint.light import bisect_right
from halint.readers.lexer import compiled
from halint.tree import Word

#: Whether something is so; None where the input does not tell.
Fact = bool | None
#: A destination of which only that much is known: some unicast address of the node.
OWN = "own"
#: The first port that programs without privilege send from.
_UNPRIVILEGED = 1024
#: nft refuses more than 16 nested jumps; beyond this depth the answer is unknown.
_DEPTH = 64


class Packet:
    """A packet that arrives at a node or leaves it.

    direction: "in" or "out". protocol: the IP protocol number. family: 4 or 6. source, destination: addresses,
    None where unknown; a destination may be OWN. port: the destination port. interface: where it arrives or
    leaves. state: what connection tracking says of it, "new" or "established", or None where it was not asked.
    A TCP packet that is new is the SYN of a connection; what is new and has ports comes from one that needs no
    privilege (1024 to 65535).
    """

    __slots__ = ("destination", "direction", "family", "interface", "port", "protocol", "source", "state")

    def __init__(
        self,
        direction: str,
        protocol: int,
        family: int,
        *,
        source: str | None = None,
        destination: str | None = None,
        port: int | None = None,
        interface: str | None = None,
        state: str | None = "new",
    ) -> None:
        self.direction = direction
        self.protocol = protocol
        self.family = family
        self.source = source
        self.destination = destination
        self.port = port
        self.interface = interface
        self.state = state

    def but(self, **changes: object) -> Packet:
        """The same packet with other values."""
        values = {name: getattr(self, name) for name in self.__slots__} | changes
        return Packet(values.pop("direction"), values.pop("protocol"), values.pop("family"), **values)

    @property
    def key(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)


Test = Callable[[Packet], Fact]


class Rule:
    """If every test holds: `verdict`, one of accept, drop, return, unknown, redirect (to an address or port that other
    rules then ask about), jump and goto (to the chain `target`), or "" where the packet just goes on.

    at: where it stands, None for what the program adds by itself. interface: the word that binds it to one.
    """

    __slots__ = ("at", "interface", "target", "tests", "verdict")

    def __init__(
        self,
        tests: list[Test],
        verdict: str,
        at: Located | None = None,
        *,
        target: str = "",
        interface: Word | None = None,
    ) -> None:
        self.tests = tests
        self.verdict = verdict
        self.at = at
        self.target = target
        self.interface = interface

    def matches(self, packet: Packet) -> Fact:
        found: Fact = True
        for test in self.tests:
            fact = test(packet)
            if fact is False:
                return False
            if fact is None:
                found = None
        return found


class Chain:
    """Rules in order. policy: what becomes of a packet behind the last: accept, drop or return to the caller.

    at: where the policy stands, or the chain. label: how a message names the chain. sorts: whether its rules send
    packets to places of their own, so that opening one place opens it for those that are not sent elsewhere.
    """

    __slots__ = ("at", "label", "policy", "rules", "sorts")

    def __init__(self, label: str, policy: str = "return", at: Located | None = None) -> None:
        self.label = label
        self.policy = policy
        self.at = at
        self.rules: list[Rule] = []
        self.sorts = False


class Base:
    """A chain that the kernel itself enters, for packets of `direction` and `family` (None: both)."""

    __slots__ = ("chain", "chains", "direction", "family")

    def __init__(self, direction: str, family: int | None, chain: Chain, chains: Mapping[str, Chain]) -> None:
        self.direction = direction
        self.family = family
        self.chain = chain
        self.chains = chains


class Decision:
    """One way in which a chain can end: `verdict`, by `rule`, or by the policy of `chain` where that is None."""

    __slots__ = ("chain", "rule", "verdict")

    def __init__(self, verdict: str, chain: Chain, rule: Rule | None) -> None:
        self.verdict = verdict
        self.chain = chain
        self.rule = rule

    @property
    def at(self) -> Located | None:
        return self.chain.at if self.rule is None else self.rule.at


def decide(base: Base, packet: Packet) -> dict[str, Decision]:
    """The ways in which `base` can end for `packet`, by verdict: accept, drop, redirect, unknown.

    Of several ways to a drop the one is named that is taken where nothing doubtful comes before.
    """
    ends = _walk(base.chain, base.chains, packet, {}, 0)
    if "return" in ends:
        del ends["return"]
        policy = base.chain.policy if base.chain.policy in ("accept", "drop") else "accept"
        _end(ends, Decision(policy, base.chain, None), True)
    return ends


def _end(ends: dict[str, Decision], decision: Decision, certain: Fact) -> None:
    """Add to `ends` what a rule decides that matches for certain, or may."""
    if certain and decision.verdict == "drop":
        ends["drop"] = decision
    else:
        ends.setdefault(decision.verdict, decision)


def _walk(
    chain: Chain, chains: Mapping[str, Chain], packet: Packet, memo: dict[int, dict[str, Decision]], depth: int
) -> dict[str, Decision]:
    known = memo.get(id(chain))
    if known is not None:
        return known
    # What a chain that leads back to itself finds: the kernel refuses such rules.
    memo[id(chain)] = {"unknown": Decision("unknown", chain, None)}
    ends: dict[str, Decision] = {}
    for rule in chain.rules:
        fact = rule.matches(packet) if rule.verdict else False
        if fact is False:
            continue
        if rule.verdict in ("jump", "goto"):
            target = chains.get(rule.target)
            if target is None or depth >= _DEPTH:
                inner = {"unknown": Decision("unknown", chain, rule)}
            else:
                inner = _walk(target, chains, packet, memo, depth + 1)
            back = rule.verdict == "jump" and "return" in inner
            for verdict, decision in inner.items():
                if verdict != "return" or rule.verdict == "goto":
                    _end(ends, decision, fact and not back)
            if fact and not back:
                break
        else:
            _end(ends, Decision(rule.verdict, chain, rule), fact)
            if fact:
                break
    else:
        _end(ends, Decision(chain.policy, chain, None), True)
    memo[id(chain)] = ends
    return ends


#: A rule of a chain; None is the chain's end.
Step = tuple[Chain, Rule | None]


def way(base: Base, packet: Packet) -> list[Step]:
    """How `base`, which refuses `packet`, comes to that: through rules that jump to the one that decides, or may.

    An accept before the rule of any of these steps (at the end of the chain, where it is None) lets it through.
    """
    return _way(base.chain, base.chains, packet, {})


def _way(chain: Chain, chains: Mapping[str, Chain], packet: Packet, memo: dict[int, dict[str, Decision]]) -> list[Step]:
    for rule in chain.rules:
        fact = rule.matches(packet) if rule.verdict not in ("", "accept") else False
        if fact is False or fact is None and chain.sorts:
            continue
        target = chains.get(rule.target) if rule.verdict in ("jump", "goto") else None
        if target is None:
            return [(chain, rule)]
        harmless = {"accept", "return"} if rule.verdict == "jump" else {"accept"}
        if _walk(target, chains, packet, memo, 0).keys() <= harmless:
            continue
        return [(chain, rule), *_way(target, chains, packet, memo)] if fact else [(chain, rule)]
    return [(chain, None)]


def negated(test: Test) -> Test:
    def inverse(packet: Packet) -> Fact:
        fact = test(packet)
        return None if fact is None else not fact

    return inverse


def any_of(tests: list[Test]) -> Test:
    def either(packet: Packet) -> Fact:
        found: Fact = False
        for test in tests:
            fact = test(packet)
            if fact:
                return True
            if fact is None:
                found = None
        return found

    return either


def unknown(_packet: Packet) -> Fact:
    """A test of something that the model does not follow."""
    return None


def family_is(family: int) -> Test:
    return lambda packet: packet.family == family


def protocol_is(*numbers: int) -> Test:
    return lambda packet: packet.protocol in numbers


def all_of(tests: list[Test]) -> Test:
    return Rule(tests, "").matches


def state_is(states: set[str]) -> Test:
    """Of connection tracking; `invalid` and `untracked` are no states of the packets that halint asks about."""
    return lambda packet: None if packet.state is None else packet.state in states


#: Bits of the TCP header by their names in nft and iptables.
TCP_FLAGS = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32, "ecn": 64, "cwr": 128}


def flags_are(mask: int, value: int) -> Test:
    """Whether the flags of a TCP packet, as far as `mask` shows them, are `value`: a new one has SYN alone."""
    holds = TCP_FLAGS["syn"] & mask == value

    def test(packet: Packet) -> Fact:
        if packet.protocol != 6:
            return False
        return holds if packet.state == "new" else None

    return test


def port_in(low: int, high: int) -> Test:
    return lambda packet: None if packet.port is None else low <= packet.port <= high


def source_port_in(low: int, high: int) -> Test:
    """Whether a packet comes from one of these ports: whoever asks first has one of his own. Of a protocol without
    ports nft takes whatever stands in their place (`th sport`)."""
    fact = True if low <= _UNPRIVILEGED and high == 65535 else None if high >= _UNPRIVILEGED else False
    return lambda packet: fact if packet.state == "new" and packet.port is not None else None


def port_of(protocol: int, low: int, high: int) -> Test:
    """`protocol_is` and `port_in` in one."""

    def test(packet: Packet) -> Fact:
        if packet.protocol != protocol:
            return False
        return None if packet.port is None else low <= packet.port <= high

    return test


def interface_is(name: str, direction: str, wildcard: str) -> Test:
    """Whether the packet arrives (`direction` "in") or leaves on `name`; anything may follow behind `wildcard`."""
    prefix = name.removesuffix(wildcard) if name.endswith(wildcard) else None

    def test(packet: Packet) -> Fact:
        if packet.direction != direction:
            return False
        if packet.interface is None:
            return None
        return packet.interface == name if prefix is None else packet.interface.startswith(prefix)

    return test


def address_in(field: str, *texts: str) -> Test:
    """Whether the packet's `field` ("source", "destination") is in one of `texts`: ADDRESS, ADDRESS/LENGTH or A-B."""
    return _Addresses(field, texts).test


_NOWHERE: tuple[list[int], list[int]] = ([], [])


class _Addresses:
    """Many addresses, sorted when they are first asked about: rule sets have sets of fifty thousand."""

    __slots__ = ("_field", "_other", "_ranges", "_texts")

    def __init__(self, field: str, texts: Iterable[str]) -> None:
        self._field = field
        self._texts = texts
        self._ranges: dict[int, tuple[list[int], list[int]]] | None = None
        #: What is not in the ranges: False, or None where some text is no address.
        self._other: Fact = False

    def test(self, packet: Packet) -> Fact:
        ranges = self._ranges
        if ranges is None:
            ranges = self._ranges = self._sorted()
        starts, ends = ranges.get(packet.family, _NOWHERE)
        if not starts:
            return self._other
        last = (1 << (32 if packet.family == 4 else 128)) - 1
        if starts[0] == 0 and ends[0] == last:
            return True
        value = packet.source if self._field == "source" else packet.destination
        if value == OWN:
            group = 0xE << 28 if packet.family == 4 else 0xFF << 120
            return self._other if starts[0] >= group and (packet.family == 6 or ends[-1] < 0xF << 28) else None
        found = None if value is None else address.network(value)
        if found is None:
            return None
        if found.family != packet.family:
            return False
        at = bisect_right(starts, found.value) - 1
        return True if at >= 0 and found.value <= ends[at] else self._other

    def _sorted(self) -> dict[int, tuple[list[int], list[int]]]:
        found: dict[int, list[tuple[int, int]]] = {}  # by family
        for text in self._texts:
            span = _span(text)
            if span is None:
                self._other = None
            else:
                family, start, end = span
                found.setdefault(family, []).append((start, end))
        ranges = {}
        for family, spans in found.items():
            spans.sort()
            starts, ends = [spans[0][0]], [spans[0][1]]
            for start, end in spans[1:]:
                if start <= ends[-1] + 1:
                    ends[-1] = max(ends[-1], end)
                else:
                    starts.append(start)
                    ends.append(end)
            ranges[family] = starts, ends
        return ranges


def _span(text: str) -> tuple[int, int, int] | None:
    """The family, the first and the last of the addresses in `text`."""
    if compiled(address.IPV4).fullmatch(text):  # without the cache, which is for addresses that are met again
        one, two, three, four = text.split(".")
        number = int(one) << 24 | int(two) << 16 | int(three) << 8 | int(four)
        return 4, number, number
    first, dash, last = text.partition("-")
    low = address.network(first)
    if low is None:
        return None
    if dash:
        high = address.network(last)
        return None if high is None or high.family != low.family else (low.family, low.value, high.value)
    rest = (1 << (low.bits - low.length)) - 1
    return low.family, low.value & ~rest, low.value | rest


def is_multicast(text: str) -> bool:
    """Whether the address `text` is one of 224.0.0.0/4 or ff00::/8."""
    found = address.network(text)
    return found is not None and found.value >> (found.bits - (4 if found.family == 4 else 8)) in (0xE, 0xFF)


def packet_type_is(kind: str) -> Test:
    """Whether a packet came in as `kind` (host, multicast, broadcast); what one that leaves is taken for is open."""
    cast = _cast_is("unicast" if kind == "host" else kind)
    return lambda packet: cast(packet) if packet.direction == "in" else None


def destination_type_is(kind: str) -> Test:
    """Whether the routing tables hold the destination for `kind`: local is the node's own, unicast some other's."""
    if kind not in ("local", "unicast", "multicast", "broadcast"):
        return unknown
    cast = _cast_is("unicast" if kind == "local" else kind)

    def test(packet: Packet) -> Fact:
        fact = cast(packet)
        if fact and kind in ("local", "unicast"):
            return kind == "local" if packet.direction == "in" else None
        return fact

    return test


def _cast_is(kind: str) -> Test:
    """Whether the destination is of `kind`: multicast, broadcast, or unicast (of the node itself)."""

    def test(packet: Packet) -> Fact:
        if packet.destination is None:
            return None
        if is_multicast(packet.destination):
            return kind == "multicast"
        return kind == ("broadcast" if packet.destination == "255.255.255.255" else "unicast")

    return test
