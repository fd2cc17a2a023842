"""One rule of nft, read word by word. Source: nft(8) of nftables 1.0.6.

What a rule may say beyond what is followed here makes its match unknown, never its verdict wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from halint import address
from halint.light import cache
from halint.models.firewall import nft_words
from halint.models.firewall.chains import (
    TCP_FLAGS,
    Fact,
    Packet,
    Rule,
    Test,
    address_in,
    all_of,
    any_of,
    destination_type_is,
    family_is,
    flags_are,
    interface_is,
    negated,
    packet_type_is,
    port_in,
    port_of,
    protocol_is,
    source_port_in,
    state_is,
    unknown,
)
from halint.models.firewall.names import AH, TCP, UDP, ports, protocol
from halint.readers.lexer import compiled
from halint.tree import SyntaxProblem

if TYPE_CHECKING:
    from halint.tree import Statement, Word

#: How the values of an expression become a test: any of them will do.
_TestOf = Callable[[list[str]], Test]

_VERDICTS = {"accept": "accept", "drop": "drop", "reject": "drop", "return": "return", "continue": ""}
#: Statements that decide about a packet in a way that is not followed.
_UNFOLLOWED = {
    "queue": "unknown", "dnat": "redirect", "redirect": "redirect", "tproxy": "redirect", "fwd": "unknown",
    "synproxy": "unknown", "flow": "unknown",
}  # fmt: skip
_PASSING = frozenset(
    {"counter", "log", "comment", "notrack", "dup", "masquerade", "snat", "quota", "add", "update", "delete", "last"}
)
_ENDS = frozenset({*_VERDICTS, *_UNFOLLOWED, *_PASSING, "jump", "goto", "vmap"})
#: Header expressions by the protocol that a packet must have to match at all.
_HEADERS = {
    "tcp": TCP, "udp": UDP, "icmp": 1, "igmp": 2, "icmpv6": 58, "sctp": 132, "dccp": 33, "udplite": 136, "ah": AH,
    "esp": 50, "comp": 108, "gre": 47,
}  # fmt: skip
_META = frozenset(
    {
        "iif", "iifname", "oif", "oifname", "l4proto", "nfproto", "protocol", "pkttype", "mark", "skuid", "skgid",
        "nftrace", "iiftype", "oiftype", "iifgroup", "oifgroup", "length", "priority", "cpu", "cgroup", "rtclassid",
        "day", "hour", "time", "random", "secpath", "ibrname", "obrname", "iifkind", "oifkind", "sdif", "sdifname",
    }
)  # fmt: skip
#: Words that a match may start with, beside those.
_STARTS = frozenset(
    {
        "ip", "ip6", "meta", "ct", "fib", "th", "limit", "ether", "vlan", "socket", "rt", "exthdr", "osf", "numgen",
        "jhash", "symhash", "ipsec", "hbh", "dst", "frag", "mh", "arp", "vxlan", "geneve", "gretap", "meter",
        "cgroupv2", "ibriport", "obriport", "reset", "xt",
    }
)  # fmt: skip
_OPERATORS = {"==": False, "eq": False, "!=": True, "ne": True, "!": True}
_ORDERED = {"<": "<", "lt": "<", ">": ">", "gt": ">", "<=": "<=", "le": "<=", ">=": ">=", "ge": ">="}
_BITS = frozenset({"&", "|", "^", "and", "or", "xor", "<<", ">>"})
#: Expressions of two words whose values nobody can tell from outside.
_UNKNOWABLE = frozenset({"ttl", "hoplimit", "dscp", "length", "mark", "direction", "zone", "saddr", "daddr"})
#: Words of verdict maps that rules may use in all, each time anew.
_MAX_WORDS = 100_000
#: Longer sets in rules are not looked through for what nft refuses.
_MANY = 1000


class Names:
    """What the rules of a table may refer to.

    sets: the elements of sets and maps by name. open_sets: those that the kernel or a command may fill while they are
    in use. tests: of the sets that rules have asked about, by name and expression. problems: what nft refuses.
    untracks: whether some rule keeps packets from connection tracking. redirects: whether some rule of the rule set
    sends packets to another address.
    """

    def __init__(self) -> None:
        self.sets: dict[str, list[Word]] = {}
        self.open_sets: set[str] = set()
        self.tests: dict[tuple[str, str], Test] = {}
        self.jumps: list[Word] = []
        self.problems: list[SyntaxProblem] = []
        self.untracks = self.redirects = False
        self.used = 0

    def redirected(self, _packet: Packet) -> Fact:
        """Whether the packet was sent elsewhere by an earlier rule: certainly not, where no rule does that."""
        return None if self.redirects else False

    def problem(self, word: Word, message: str) -> None:
        self.problems.append(SyntaxProblem(word.source, word.start, word.end, message))


class RuleText:
    """rules: what one rule says; a verdict map is a rule for each of its elements."""

    def __init__(self, names: Names, words: list[Word], line: Statement) -> None:
        self.names = names
        self.words = words
        self.at = 0
        self.rule = Rule([], "", line)
        self.rules: list[Rule] = []
        self.headers: dict[int, str] = {}
        while self.at < len(words) and self.statement():
            pass
        if self.rule.verdict:
            self.rules.append(self.rule)

    def peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.words[at].text if at < len(self.words) else ""

    def statement(self) -> bool:
        """Read one statement or match; False behind a verdict."""
        text = self.peek()
        if text in _VERDICTS:
            self.rule.verdict = _VERDICTS[text]
            if text != "reject" and self.peek(1) not in ("", "comment"):
                self.names.problem(self.words[self.at + 1], f"nothing but a comment may stand behind {text}")
            return False
        if text in ("jump", "goto"):
            self.jump(text)
            return False
        if text in _UNFOLLOWED:
            self.rule.verdict = _UNFOLLOWED[text]
            self.names.redirects = self.names.redirects or self.rule.verdict == "redirect"
            return False
        if text in _PASSING:
            self.names.untracks = self.names.untracks or text == "notrack"
            self.skip()
            return True
        self.match()
        return True

    def jump(self, verdict: str) -> None:
        self.rule.verdict, self.rule.target = verdict, self.peek(1)
        if self.rule.target == "{":
            self.rule.verdict = "unknown"
        elif self.rule.target and not self.rule.target.startswith("$"):
            self.names.jumps.append(self.words[self.at + 1])

    def skip(self) -> None:
        """Go on to the next statement, over what belongs to this one."""
        self.at += 1
        depth = 0
        while self.at < len(self.words):
            text = self.peek()
            depth += (text == "{") - (text == "}")
            quoted = self.words[self.at].raw.startswith('"')
            if not depth and not quoted and (text in _ENDS or text in _HEADERS or text in _META or text in _STARTS):
                return
            self.at += 1

    def match(self) -> None:
        """Read a match: an expression, an operator, and the values."""
        start = self.at
        if self.peek() == "tcp" and self.peek(1) == "flags":
            self.flags()
            return
        found = self.expression()
        if self.peek() == "set":  # `meta mark set 1` changes the packet, and matches every one
            self.skip()
            return
        if self.peek() == "vmap":
            self.verdict_map(found)
            return
        operator = self.peek()
        inverted = _OPERATORS.get(operator, False)
        if operator in _OPERATORS:
            self.at += 1
        elif operator in _ORDERED and found is not None and found[0].endswith(("dport", "sport")):
            self.compared(operator, port_in if found[0].endswith("dport") else source_port_in)
            return
        if operator in _BITS or operator in _ORDERED or found is None:
            self.give_up(start)
            return
        value = self.at
        test = self.values(*found)
        if test is None or self.peek() in _BITS:
            self.give_up(start)
            return
        self.rule.tests.append(negated(test) if inverted else test)
        bound = found[0].removeprefix("meta ") in ("iif", "iifname", "oif", "oifname") and not inverted
        if bound and self.at == value + 1 and not self.words[value].text.startswith("@"):
            self.rule.interface = self.words[value]

    def give_up(self, start: int) -> None:
        """What stands here is not followed: the match is unknown."""
        self.rule.tests.append(unknown)
        self.at = max(self.at, start + 1)
        depth = 0
        while self.at < len(self.words):
            text = self.peek()
            depth += (text == "{") - (text == "}")
            if not depth and text in _ENDS and text != "vmap":
                return
            if not depth and text == "vmap":
                self.rule.verdict, self.at = "unknown", len(self.words)
                return
            self.at += 1

    def expression(self) -> tuple[str, _TestOf, int] | None:
        """Read an expression, several joined by dots too; adds the tests that it implies, and returns its name, how
        values are tested, and of how many parts each has. None where it is not followed."""
        start = self.at
        makers = [self.key()]
        while self.peek() == ".":
            self.at += 1
            makers.append(self.key())
        known = [maker for maker in makers if maker is not None]
        if len(known) < len(makers):
            return None
        name = " ".join(word.text for word in self.words[start : self.at])
        if len(known) == 1:
            return name, known[0], 1

        def test_of(texts: list[str]) -> Test:
            parts = [texts[n :: len(known)] for n in range(len(known))]
            return any_of(
                [
                    all_of([maker([text]) for maker, text in zip(known, row, strict=True)])
                    for row in zip(*parts, strict=True)
                ]
            )

        return name, test_of, len(known)

    def key(self) -> _TestOf | None:
        """Read one expression; adds the tests that it implies, and returns how values are tested."""
        first, second = self.peek(), self.peek(1)
        if first == "meta":
            self.at += 1
            first, second = second, self.peek(1)
        if first in _META:
            self.at += 1
            return _META_TESTS.get(first, _no_test)
        fields = nft_words.FIELDS.get(first)
        if fields is not None and compiled(r"[a-z]\w*").fullmatch(second) and second not in fields | {"set"}:
            self.names.problem(self.words[self.at + 1], f"nft knows no {second} of {first}")
        if first in _HEADERS or first in ("ip", "ip6"):
            self.header(first, 3 if first in ("ip", "ip6") else 4)
        if first in ("ip", "ip6"):
            self.rule.tests.append(family_is(4 if first == "ip" else 6))
            self.at += 2
            if second in ("saddr", "daddr"):
                field = "source" if second == "saddr" else "destination"
                return lambda texts: address_in(field, *texts)
            if second == ("protocol" if first == "ip" else "nexthdr"):
                return _protocols
            return _no_test if second in _UNKNOWABLE else None
        if first in _HEADERS or first == "th":
            if first in _HEADERS:
                self.rule.tests.append(protocol_is(_HEADERS[first]))
            self.at += 2
            if second == "dport":
                return _ports
            if second == "sport":
                return _source_ports
            return _no_test if second in ("type", "code") else None
        if first == "ct" and second == "state":
            self.at += 2
            return lambda texts: state_is(set(texts))
        if first == "ct" and second == "status":
            self.at += 2
            return lambda texts: self.names.redirected if texts == ["dnat"] else unknown
        if first in ("ct", "ether") and second in _UNKNOWABLE:
            self.at += 2
            return _no_test
        if first == "rt" and second == "type":  # of a header that packets which are asked about have not
            self.at += 2
            return lambda _texts: any_of([])
        if first == "fib" and second == "saddr":
            return self.way_back()
        if first == "fib" and second == "daddr" and self.peek(2) == "type":
            self.at += 3
            return lambda texts: any_of([destination_type_is(text) for text in texts])
        if first and first not in _STARTS and compiled(r"[A-Za-z]\w*").fullmatch(first):
            self.names.problem(self.words[self.at], f"nft knows no {first} here")
        return None

    def way_back(self) -> _TestOf | None:
        """Read `fib saddr . mark . iif oif`: packets that are asked about come in by where their source is reached."""
        texts = [word.text for word in self.words[self.at + 1 : self.at + 7]]
        for way in (["saddr", ".", "iif", "oif"], ["saddr", ".", "mark", ".", "iif", "oif"]):
            if texts[: len(way)] == way:
                self.at += 1 + len(way)
                return _way_exists
        return None

    def header(self, name: str, layer: int) -> None:
        """A packet has one header of each layer."""
        other = self.headers.setdefault(layer, name)
        if other != name and not {other, name} & {"ah", "esp", "comp"}:
            self.names.problem(self.words[self.at], f"a packet of {other} is none of {name}")

    def values(self, name: str, test_of: _TestOf, parts: int) -> Test | None:
        """Read a value, a list or a set, and return the test; None where it is not followed."""
        text = self.peek()
        if not text or text.startswith("$"):
            return None
        if text.startswith("@"):
            self.at += 1
            return self.named_set(self.words[self.at - 1], name, test_of, parts)
        start = self.at
        if text == "{":
            self.braced()
        else:
            self.at += 1
            while self.peek() in (",", "-") or self.peek() == "." and parts > 1:
                self.at += 2
        words = self.words[start : self.at]
        if parts == 1 and len(words) < _MANY:
            for word in words:
                complaint = nft_words.complaint(name, word.text)
                if complaint:
                    self.names.problem(word, complaint)
        return _test(words, test_of, parts)

    def named_set(self, word: Word, name: str, test_of: _TestOf, parts: int) -> Test:
        known = word.text[1:], name
        test = self.names.tests.get(known)
        if test is None:
            if known[0] not in self.names.sets:
                self.names.problem(word, f"there is no set {known[0]} in this table")
                test = unknown
            else:
                test = _test(self.names.sets[known[0]], test_of, parts, may_grow=True)
                if known[0] in self.names.open_sets:
                    test = any_of([test, unknown])
            self.names.tests[known] = test
        return test

    def braced(self) -> list[Word]:
        """Read a set: its words, braces included."""
        start, depth = self.at, 0
        while self.at < len(self.words):
            depth += (self.peek() == "{") - (self.peek() == "}")
            self.at += 1
            if not depth:
                break
        return self.words[start : self.at]

    def compared(self, operator: str, test_of: Callable[[int, int], Test]) -> None:
        """Read `dport >= PORT`."""
        found = ports(self.peek(1))
        self.at += 2
        if found is None or found[0] != found[1]:
            self.rule.tests.append(unknown)
            return
        port = found[0]
        spans = {"<": (0, port - 1), "<=": (0, port), ">": (port + 1, 65535), ">=": (port, 65535)}
        self.rule.tests.append(test_of(*spans[_ORDERED[operator]]))

    def flags(self) -> None:
        """Read a match of TCP's flags: `[==|!=] VALUE [/ MASK]` or `& MASK ==|!= VALUE`."""
        self.rule.tests.append(protocol_is(TCP))
        self.at += 2
        start = self.at
        while self.at < len(self.words):
            text = self.peek()
            if text in _ENDS or text in _HEADERS or text in _META or text in _STARTS:
                break
            self.at += 1
        text = "".join(word.text for word in self.words[start : self.at])
        masked = compiled(r"&\(?([a-z|,]+)\)?(==|!=)\(?([a-z|,]+)\)?").fullmatch(text)
        plain = compiled(r"(==|!=|)([a-z,]+)(?:/([a-z,]+))?").fullmatch(text)
        if masked:
            mask, value, inverted, any_bit = _bits(masked[1]), _bits(masked[3]), masked[2] == "!=", False
        elif plain:
            mask, value, inverted = _bits(plain[3] or "") or 255, _bits(plain[2]), plain[1] == "!="
            any_bit = not plain[1] and not plain[3]
        else:
            mask = value = 0
            inverted = any_bit = False
        if not mask or not value:
            self.rule.tests.append(unknown)
            return
        test = negated(flags_are(value, 0)) if any_bit else flags_are(mask, value)
        self.rule.tests.append(negated(test) if inverted else test)

    def verdict_map(self, found: tuple[str, _TestOf, int] | None) -> None:
        """Read `vmap { VALUE : VERDICT, ... }`: a rule for each element."""
        self.at += 1
        is_open = False
        if self.peek().startswith("@"):
            word = self.words[self.at]
            name = word.text[1:]
            self.at += 1
            if name not in self.names.sets:
                self.names.problem(word, f"there is no map {name} in this table")
            words = self.names.sets.get(name, [])
            self.names.used += len(words)
            is_open = name in self.names.open_sets or name not in self.names.sets or self.names.used > _MAX_WORDS
            words = words if self.names.used <= _MAX_WORDS else []
        else:
            words = self.braced()
        for element in _elements(words):
            texts = [word.text for word in element]
            colon = texts.index(":") if ":" in texts else 0
            key = [text for text in texts[:colon] if text != "."]
            if found is None or len(key) != found[2] or len(texts) < colon + 2:
                is_open = True
                continue
            verdict, jump = texts[colon + 1], texts[colon + 1] in ("jump", "goto")
            tests = self.rule.tests if key == ["*"] else [*self.rule.tests, found[1](key)]
            rule = Rule(tests, "unknown", self.rule.at)
            if verdict in _VERDICTS:
                rule.verdict = _VERDICTS[verdict]
            elif jump and len(texts) > colon + 2:
                rule.verdict, rule.target = verdict, texts[colon + 2]
                self.names.jumps.append(element[colon + 2])
            self.rules.append(rule)
        if is_open:
            self.rules.append(Rule([*self.rule.tests, unknown], "unknown", self.rule.at))


def _way_exists(texts: list[str]) -> Test:
    return (lambda _packet: texts == ["exists"]) if texts in (["exists"], ["missing"]) else unknown


def plain_rule(text: str, line: Statement) -> Rule | None:
    """The rule `text`, if it has nothing but usual matches with one value each, and a verdict: most rules of a long
    list are such, and reading them word by word would take three times as long."""
    texts = text.replace("\t", " ").split(" ")
    verdict = _VERDICTS.get(texts[-1])
    if not verdict:
        return None
    at, last = 0, len(texts) - 1
    tests: list[Test] = []
    if "ip" in texts and "ip6" in texts or "tcp" in texts and "udp" in texts:
        return None
    while at < last:
        if texts[at] == "counter":
            at += 5 if texts[at + 1] == "packets" else 1
            continue
        test = _plain_match(f"{texts[at]} {texts[at + 1]}", texts[at + 2]) if at + 2 < last else None
        if test is None:
            return None
        if texts[at + 1] == "dport":
            tests.insert(0, test)  # the cheaper first: the order of tests means nothing
        else:
            tests.append(test)
        at += 3
    return Rule(tests, verdict, line) if at == last else None


@cache
def _plain_match(key: str, value: str) -> Test | None:
    """The test of one match, with all that it implies; None where it is none of the usual."""
    if key in ("ip saddr", "ip daddr", "ip6 saddr", "ip6 daddr"):
        family = 6 if key[2] == "6" else 4
        if not (
            compiled(address.IPV4_NETWORK).fullmatch(value) if family == 4 else ":" in value and address.network(value)
        ):
            return None
        return address_in("source" if "s" in key else "destination", value)
    if key in ("tcp dport", "udp dport"):
        found = ports(value)
        return None if found is None else port_of(TCP if key[0] == "t" else UDP, *found)
    if key in ("meta l4proto", "ip protocol", "ip6 nexthdr"):
        number = protocol(value)
        if number is None:
            return None
        test = protocol_is(number)
        return test if key[0] == "m" else all_of([test, family_is(6 if key[2] == "6" else 4)])
    if key == "ct state" and value in nft_words.STATES:
        return state_is({value})
    return None


def _test(words: list[Word], test_of: _TestOf, parts: int, *, may_grow: bool = False) -> Test:
    """Whether one of the elements in `words` matches; what they are is found out when that is first asked, since
    elements may be added behind the rule. may_grow: an empty set is there to be filled by somebody."""
    made: list[Test] = []

    def test(packet: Packet) -> Fact:
        if not made:
            texts = [word.text for word in words if word.text not in ("{", "}", ",")]
            if parts == 1 and len(texts) == sum(word.text == "," for word in words) + 1:  # each stands alone
                made.append(test_of(texts))
                return made[0](packet)
            rows = [_row(element) for element in _elements(words)]
            plain = [row for row in rows if len(row) == parts]
            made.append(test_of([text for row in plain for text in row]) if plain else any_of([]))
            if len(plain) < len(rows) or may_grow and not rows:
                made[0] = any_of([made[0], unknown])
        return made[0](packet)

    return test


def _row(element: list[Word]) -> list[str]:
    """The parts of an element: `A . B`, with `FIRST - LAST` as one."""
    if len(element) == 1:
        return [element[0].text]
    parts = " ".join(word.text for word in element).replace(" - ", "-").split(" . ")
    return [] if any(" " in part for part in parts) else parts


def _elements(words: list[Word]) -> list[list[Word]]:
    """The elements of a set, without the braces: definitions may put a set into a set."""
    found: list[list[Word]] = [[]]
    for word in words:
        text = word.text
        if text == "," or text == "{" or text == "}":
            found.append([])
        elif text != "=":
            found[-1].append(word)
    return [_bare(element) if len(element) > 1 else element for element in found if element]


def _bare(element: list[Word]) -> list[Word]:
    """An element without its time-out, counter and comment."""
    for at, word in enumerate(element):
        if at and word.text in ("timeout", "expires", "counter", "comment", "limit", "quota"):
            colon = next((n for n, other in enumerate(element) if n > at and other.text == ":"), len(element))
            return element[:at] + element[colon:]
    return element


def _no_test(_texts: list[str]) -> Test:
    return unknown


def _protocols(texts: list[str]) -> Test:
    numbers = [protocol(text) for text in texts]
    known = [number for number in numbers if number is not None]
    test = protocol_is(*known)
    return test if len(known) == len(numbers) else any_of([test, unknown])


def _ports(texts: list[str]) -> Test:
    found = [ports(text) for text in texts]
    return any_of([unknown if span is None else port_in(*span) for span in found])


def _source_ports(texts: list[str]) -> Test:
    found = [ports(text) for text in texts]
    return any_of([unknown if span is None else source_port_in(*span) for span in found])


def _families(texts: list[str]) -> Test:
    found = [{"ipv4": 4, "ip": 4, "2": 4, "ipv6": 6, "ip6": 6, "10": 6}.get(text) for text in texts]
    return any_of([unknown if family is None else family_is(family) for family in found])


def _casts(texts: list[str]) -> Test:
    return any_of([packet_type_is(text) for text in texts])


def _arriving(texts: list[str]) -> Test:
    return any_of([interface_is(text, "in", "*") for text in texts])


def _leaving(texts: list[str]) -> Test:
    return any_of([interface_is(text, "out", "*") for text in texts])


def _bits(text: str) -> int:
    """The bits of flags joined by | or commas; 0 where one is unknown."""
    bits = 0
    for name in compiled(r"[|,]").split(text):
        if name not in TCP_FLAGS:
            return 0
        bits |= TCP_FLAGS[name]
    return bits


_META_TESTS: dict[str, _TestOf] = {
    "iif": _arriving,
    "iifname": _arriving,
    "oif": _leaving,
    "oifname": _leaving,
    "l4proto": _protocols,
    "nfproto": _families,
    "protocol": _families,
    "pkttype": _casts,
}
