"""nft rule sets: /etc/nftables.conf and what it includes. Source: nft(8) of nftables 1.0.6.

What a rule may say beyond what is followed here makes its match unknown, never its verdict wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.lexer import compiled
from halint.models.firewall.chains import (
    Base,
    Chain,
    Rule,
    Test,
    address_in,
    any_of,
    cast_is,
    family_is,
    interface_is,
    negated,
    port_in,
    protocol_is,
    state_is,
    unknown,
)
from halint.models.firewall.names import AH, TCP, UDP, ports, protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from halint.node import Node
    from halint.tree import Statement, Word

    #: How the value of an expression becomes a test.
    _TestOf = Callable[[Word], Test]

#: The rule file that the unit of each distribution loads: EL's, Debian's.
FILES = ("/etc/sysconfig/nftables.conf", "/etc/nftables.conf")

_FAMILIES = {"ip": 4, "ip6": 6, "inet": None, "netdev": None}
_ALL_FAMILIES = frozenset({*_FAMILIES, "arp", "bridge"})
_DIRECTIONS = {"ingress": "in", "prerouting": "in", "input": "in", "output": "out", "postrouting": "out"}
_VERDICTS = {"accept": "accept", "drop": "drop", "reject": "drop", "return": "return", "continue": ""}
#: Statements that decide about a packet in a way that is not followed.
_UNFOLLOWED = frozenset({"queue", "dnat", "redirect", "tproxy", "fwd", "synproxy", "flow"})
_PASSING = frozenset({"counter", "log", "comment", "notrack", "dup", "masquerade", "snat", "quota"})
_ENDS = frozenset({*_VERDICTS, *_UNFOLLOWED, *_PASSING, "jump", "goto", "vmap"})
#: Header expressions by the protocol that a packet must have to match at all.
_HEADERS = {
    "tcp": TCP, "udp": UDP, "icmp": 1, "igmp": 2, "icmpv6": 58, "sctp": 132, "dccp": 33, "udplite": 136, "ah": AH,
    "esp": 50, "comp": 108, "gre": 47,
}  # fmt: skip
_META = frozenset(
    {
        "iif",
        "iifname",
        "oif",
        "oifname",
        "l4proto",
        "nfproto",
        "protocol",
        "pkttype",
        "mark",
        "skuid",
        "skgid",
        "nftrace",
    }
)
#: Words that a match may start with, beside those.
_STARTS = frozenset({"ip", "ip6", "meta", "ct", "fib", "th", "limit", "ether", "vlan", "socket", "rt", "exthdr"})
_OPERATORS = {"==": False, "eq": False, "!=": True, "ne": True}
_COMPARISONS = frozenset({"<", ">", "<=", ">=", "lt", "gt", "le", "ge", "&", "|", "^", ".", "and", "or", "xor"})
_OPERATIONS = frozenset({"add", "create", "insert", "delete", "destroy", "flush", "replace", "reset"})
#: Words that definitions and sets may come to where rules use them: definitions in definitions grow without end.
_MAX_WORDS = 100_000
#: Files that may be open at once (measured, nft 1.0.6), and all that are read: each may include others again.
_MAX_DEPTH, _MAX_FILES = 16, 1000


class Ruleset:
    """bases: the base chains. fault: why nothing is known of it, or "". hand_written: whether anything in it can
    refuse a packet, which the file that Debian installs cannot."""

    __slots__ = ("_count", "_defines", "_expanded", "_files", "_node", "_tables", "bases", "fault", "hand_written")

    def __init__(self, node: Node, main: str) -> None:
        self._node = node
        self._tables: dict[tuple[str, str], _Table] = {}
        self._defines: dict[str, list[Word]] = {}
        self._files: list[str] = []
        self._count = self._expanded = 0
        self.fault = ""
        self._load(main)
        self.bases = [base for table in self._tables.values() for base in table.bases()]
        chains = [chain for table in self._tables.values() for chain in table.chains.values()]
        self.hand_written = any(chain.rules or chain.policy == "drop" for chain in chains) or bool(self.fault)

    def _load(self, path: str) -> None:
        source = self._node.files[path]
        if path in self._files:
            self.fault = f"{source.path} includes itself"
            return
        self._count += 1
        if len(self._files) == _MAX_DEPTH or self._count > _MAX_FILES:
            self.fault = f"the includes up to {source.path} are more than {_MAX_DEPTH} deep, or {_MAX_FILES} in all"
            return
        tree = self._node.tree(source)
        if tree.problems:
            self.fault = f"{source.path} has a syntax error: nft loads nothing of it"
            return
        self._files.append(path)
        self._lines(tree.statements, None)
        self._files.pop()

    def _lines(self, statements: list[Statement], table: _Table | None) -> None:
        for line in statements:
            words = self._expand(line.words)
            operation = words[0].text if words[0].text in _OPERATIONS else "add"
            rest = words[1:] if words[0].text in _OPERATIONS else words
            if words[0].text == "include" and len(words) > 1:
                self._include(words[1].text)
            elif words[0].text in ("define", "redefine") and len(words) > 3:
                self._defines[words[1].text] = words[3:]
            elif words[0].text == "undefine" and len(words) > 1:
                self._defines.pop(words[1].text, None)
            elif rest:
                self._object(operation, rest, line, table)

    def _object(self, operation: str, words: list[Word], line: Statement, table: _Table | None) -> None:
        kind, names = words[0].text, [word.text for word in words[1:]]
        if kind == "ruleset":
            if operation == "flush" and len(names) == 0:
                self._tables.clear()
            return
        family = ""
        if table is None:
            family, names = (names[0], names[1:]) if names and names[0] in _ALL_FAMILIES else ("ip", names)
        skipped = len(words) - len(names)
        if not names:
            return
        if kind == "table":
            if operation in ("delete", "destroy", "flush"):
                found = self._tables.get((family, names[0]))
                if found is not None and operation == "flush":
                    found.flush()
                elif found is not None:
                    del self._tables[family, names[0]]
            else:
                inner = self._tables.setdefault((family, names[0]), _Table(family))
                self._lines(line.body or [], inner)
            return
        if table is None:
            table = self._tables.setdefault((family, names[0]), _Table(family))
            names, skipped = names[1:], skipped + 1
        if not names or kind not in ("chain", "rule", "set", "map", "element"):
            return
        name = names[0]
        if operation in ("delete", "destroy", "flush", "replace", "reset"):
            if kind == "chain" and operation == "flush" and name in table.chains:
                table.chains[name].rules.clear()
            elif kind in ("chain", "rule"):
                # Which rules that leaves is not followed.
                table.unfollowed[name] = line
        elif kind == "chain":
            self._chain(table, table.chain(name), line)
        elif kind == "rule":
            rules = self._rules(table, words[skipped + 1 :], line)
            chain = table.chain(name)
            at = 0 if operation == "insert" else len(chain.rules)
            chain.rules[at:at] = rules
        elif kind in ("set", "map"):
            table.open_sets.discard(name)
            table.sets.setdefault(name, [])
            for inner_line in line.body or ():
                inner_words = self._expand(inner_line.words)
                if inner_words[0].text == "elements":
                    table.sets[name] += inner_words[2:]
                elif inner_words[0].text == "flags" and {"dynamic", "timeout"} & {w.text for w in inner_words}:
                    table.open_sets.add(name)
            if not table.sets[name]:
                table.open_sets.add(name)
        elif kind == "element":
            table.sets.setdefault(name, []).extend(words[skipped + 1 :])

    def _chain(self, table: _Table, chain: Chain, block: Statement) -> None:
        chain.at = chain.at or block.words[0]
        for line in block.body or ():
            words = self._expand(line.words)
            first = words[0].text
            if first == "type" and len(words) > 3 and words[2].text == "hook":
                table.hooks[id(chain)] = (words[1].text, words[3].text)
            elif first == "policy" and len(words) > 1:
                chain.policy = "drop" if words[1].text == "drop" else "accept"
                chain.at = line
            elif first == "include" and len(words) > 1:
                self.fault = f"{line.source.path} includes a file in a chain"
            elif first not in ("comment", "flags", "devices", "device"):
                chain.rules += self._rules(table, words, line)

    def _rules(self, table: _Table, words: list[Word], line: Statement) -> list[Rule]:
        if words and words[0].text in ("handle", "position", "index") and len(words) > 2:
            return [Rule([unknown], "unknown", line)]
        return _RuleText(table, words, line).rules

    def _expand(self, words: list[Word]) -> list[Word]:
        """`words` with each `$name` replaced by what it is defined as."""
        if not any(word.text.startswith("$") for word in words):
            return words
        found: list[Word] = []
        for word in words:
            found += self._defines.get(word.text[1:], [word]) if word.text.startswith("$") else [word]
            if self._expanded + len(found) > _MAX_WORDS:
                self.fault = f"the definitions of {word.source.path} grow too large"
                return words
        self._expanded += len(found)
        return found

    def _include(self, name: str) -> None:
        if self.fault:
            return
        path = name if name.startswith("/") else "/etc/" + name.removeprefix("./")
        if not any(character in name for character in "*?["):
            if path in self._node.files:
                self._load(path)
            else:
                self.fault = f"{path}, which it includes, is not among the files"
            return
        escaped = "".join({"*": "[^/]*", "?": "[^/]"}.get(c, compiled(r"\W").sub(r"\\\g<0>", c)) for c in path)
        for found in sorted(filter(compiled(escaped).fullmatch, self._node.files)):
            self._load(found)


class _Table:
    __slots__ = ("chains", "family", "hooks", "open_sets", "sets", "unfollowed", "used")

    def __init__(self, family: str) -> None:
        self.family = family
        self.chains: dict[str, Chain] = {}
        self.hooks: dict[int, tuple[str, str]] = {}
        self.sets: dict[str, list[Word]] = {}
        #: Sets that the kernel or a command may fill while they are in use: what is not in them may come.
        self.open_sets: set[str] = set()
        self.unfollowed: dict[str, Statement] = {}
        #: Words of sets that rules have used so far.
        self.used = 0

    def chain(self, name: str) -> Chain:
        if name not in self.chains:
            self.chains[name] = Chain(f"chain {name}")
        return self.chains[name]

    def flush(self) -> None:
        for chain in self.chains.values():
            chain.rules.clear()

    def bases(self) -> Iterator[Base]:
        if self.family not in _FAMILIES:
            return
        for name, line in self.unfollowed.items():
            self.chain(name).rules.insert(0, Rule([unknown], "unknown", line))
        for chain in self.chains.values():
            kind, hook = self.hooks.get(id(chain), ("", ""))
            direction = _DIRECTIONS.get(hook)
            if direction is None or kind == "nat" and direction == "out":
                continue
            if chain.policy == "return":
                chain.policy = "accept"
            yield Base(direction, _FAMILIES[self.family], chain, self.chains)


class _RuleText:
    """One rule, read word by word. rules: what it says; a verdict map is a rule for each of its elements."""

    def __init__(self, table: _Table, words: list[Word], line: Statement) -> None:
        self.table = table
        self.words = words
        self.at = 0
        self.rule = Rule([], "", line)
        self.rules: list[Rule] = []
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
            return False
        if text in ("jump", "goto"):
            self.rule.verdict, self.rule.target = text, self.peek(1)
            if self.rule.target == "{":
                self.rule.verdict = "unknown"
            return False
        if text in _UNFOLLOWED:
            self.rule.verdict = "unknown"
            return False
        if text in _PASSING:
            self.skip()
            return True
        self.match()
        return True

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
        test_of = self.key()
        if self.peek() == "set":  # `meta mark set 1` changes the packet, and matches every one
            self.skip()
            return
        if self.peek() == "vmap":
            self.verdict_map(test_of)
            return
        operator = self.peek()
        inverted = _OPERATORS.get(operator, False)
        if operator in _OPERATORS:
            self.at += 1
        if operator in _COMPARISONS or test_of is None:
            self.give_up(start)
            return
        first = self.at
        values = self.values()
        if values is None or self.peek() in _COMPARISONS:
            self.give_up(start)
            return
        elements, is_open = values
        tests = [unknown if len(element) > 1 else test_of(element[0]) for element in elements]
        if is_open:
            tests.append(unknown)
        test = any_of(tests)
        self.rule.tests.append(negated(test) if inverted else test)
        if self.words[start:first] and not inverted and len(tests) == 1:
            names = {w.text for w in self.words[start:first]}
            if names & {"iif", "iifname", "oif", "oifname"}:
                self.rule.interface = elements[0][0]

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

    def key(self) -> _TestOf | None:
        """Read an expression; adds the tests that it implies, and returns how a value is tested."""
        first, second = self.peek(), self.peek(1)
        if first == "meta":
            self.at += 1
            first, second = self.peek(), self.peek(1)
        if first in _META:
            self.at += 1
            return _META_TESTS.get(first)
        if first in ("ip", "ip6"):
            self.rule.tests.append(family_is(4 if first == "ip" else 6))
            self.at += 2
            if second in ("saddr", "daddr"):
                field = "source" if second == "saddr" else "destination"
                return lambda word: address_in(field, word.text)
            return _protocol if second == ("protocol" if first == "ip" else "nexthdr") else None
        if first in _HEADERS or first == "th":
            if first in _HEADERS:
                self.rule.tests.append(protocol_is(_HEADERS[first]))
            self.at += 2
            return _port if second == "dport" else None
        if first == "ct" and second == "state":
            self.at += 2
            return lambda word: state_is({word.text})
        if first == "fib" and second == "daddr" and self.peek(2) == "type":
            self.at += 3
            return lambda word: cast_is("unicast" if word.text == "local" else word.text)
        return None

    def values(self) -> tuple[list[list[Word]], bool] | None:
        """Read a value, a list or a set: its elements, and whether more may come; None where it is not followed."""
        text = self.peek()
        if not text or text.startswith("$"):
            return None
        if text.startswith("@"):
            self.at += 1
            name = text[1:]
            self.table.used += len(self.table.sets.get(name, ()))
            if name not in self.table.sets or self.table.used > _MAX_WORDS:
                return [], True
            return _elements(self.table.sets[name]), name in self.table.open_sets
        if text == "{":
            return _elements(self.braced()), False
        found = [[self.words[self.at]]]
        self.at += 1
        while self.peek() == "," and self.at + 1 < len(self.words):
            found.append([self.words[self.at + 1]])
            self.at += 2
        return found, False

    def braced(self) -> list[Word]:
        """Read a set: its words, braces included."""
        start, depth = self.at, 0
        while self.at < len(self.words):
            depth += (self.peek() == "{") - (self.peek() == "}")
            self.at += 1
            if not depth:
                break
        return self.words[start : self.at]

    def verdict_map(self, test_of: _TestOf | None) -> None:
        """Read `vmap { VALUE : VERDICT, ... }`: a rule for each element."""
        self.at += 1
        if self.peek().startswith("@"):
            name = self.peek()[1:]
            words, is_open = self.table.sets.get(name, []), True
        else:
            words, is_open = self.braced(), False
        for element in _elements(words):
            texts = [word.text for word in element]
            if test_of is None or ":" not in texts or texts.index(":") != 1 or len(texts) < 3:
                is_open = True
                continue
            rule = Rule([*self.rule.tests, test_of(element[0])], "unknown", self.rule.at)
            if texts[2] in _VERDICTS:
                rule.verdict = _VERDICTS[texts[2]]
            elif texts[2] in ("jump", "goto") and len(texts) > 3:
                rule.verdict, rule.target = texts[2], texts[3]
            self.rules.append(rule)
        if is_open:
            self.rules.append(Rule([*self.rule.tests, unknown], "unknown", self.rule.at))


def _elements(words: list[Word]) -> list[list[Word]]:
    """The elements of a set, without the braces: definitions may put a set into a set."""
    found: list[list[Word]] = [[]]
    for word in words:
        if word.text == ",":
            found.append([])
        elif word.text not in ("{", "}", "="):
            found[-1].append(word)
    return [_bare(element) for element in found if element]


def _bare(element: list[Word]) -> list[Word]:
    """An element without its time-out, counter and comment."""
    for at, word in enumerate(element):
        if at and word.text in ("timeout", "expires", "counter", "comment"):
            return element[:at]
    return element


def _protocol(word: Word) -> Test:
    number = protocol(word.text)
    return unknown if number is None else protocol_is(number)


def _port(word: Word) -> Test:
    found = ports(word.text)
    return unknown if found is None else port_in(*found)


def _family(word: Word) -> Test:
    family = {"ipv4": 4, "ip": 4, "2": 4, "ipv6": 6, "ip6": 6, "10": 6}.get(word.text)
    return unknown if family is None else family_is(family)


def _cast(word: Word) -> Test:
    return cast_is("unicast" if word.text in ("host", "unicast") else word.text)


_META_TESTS: dict[str, _TestOf] = {
    "iif": lambda word: interface_is(word.text, "in", "*"),
    "iifname": lambda word: interface_is(word.text, "in", "*"),
    "oif": lambda word: interface_is(word.text, "out", "*"),
    "oifname": lambda word: interface_is(word.text, "out", "*"),
    "l4proto": _protocol,
    "nfproto": _family,
    "protocol": _family,
    "pkttype": _cast,
}
