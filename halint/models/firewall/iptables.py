"""iptables rules: what iptables-save prints (/etc/sysconfig/iptables, /etc/iptables/rules.v4), and the arguments of
firewalld's direct rules. Sources: iptables(8), iptables-extensions(8), iptables-restore(8) of iptables 1.8.9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.chains import (
    TCP_FLAGS,
    Base,
    Chain,
    Rule,
    Test,
    address_in,
    any_of,
    cast_is,
    family_is,
    flags_are,
    interface_is,
    negated,
    port_in,
    protocol_is,
    state_is,
    unknown,
)
from halint.models.firewall.iptables_words import FLAGS, TABLES, TARGETS, complaint, is_unknown
from halint.models.firewall.names import ports, protocol
from halint.nearest import shown
from halint.tree import SyntaxProblem

if TYPE_CHECKING:
    from halint.tree import Statement, Tree, Word

#: Files of rules by family, as iptables-services (EL) and netfilter-persistent (Debian) load them.
FILES = {
    4: ("/etc/sysconfig/iptables", "/etc/iptables/rules.v4"),
    6: ("/etc/sysconfig/ip6tables", "/etc/iptables/rules.v6"),
}
#: The chains that a packet of a direction passes, by table.
HOOKS = {
    "in": (
        ("raw", "PREROUTING"), ("mangle", "PREROUTING"), ("nat", "PREROUTING"),
        ("mangle", "INPUT"), ("filter", "INPUT"), ("security", "INPUT"),
    ),
    "out": (("raw", "OUTPUT"), ("mangle", "OUTPUT"), ("filter", "OUTPUT"), ("security", "OUTPUT"),
        ("mangle", "POSTROUTING"),
    ),
}  # fmt: skip
_BUILT_IN = frozenset({"INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING"})
#: Targets that let the packet go on to the next rule.
_PASSING = frozenset(
    {
        "LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "DSCP", "TOS", "TTL", "HL", "TCPMSS", "CLASSIFY", "TRACE", "CT",
        "NOTRACK", "CHECKSUM", "AUDIT", "SECMARK", "CONNSECMARK", "SET", "RATEEST", "TEE", "IDLETIMER", "LED",
    }
)  # fmt: skip
_UNFOLLOWED = frozenset({"DNAT", "REDIRECT", "NETMAP", "QUEUE", "NFQUEUE", "TPROXY", "SYNPROXY", "TARPIT", "CLUSTERIP"})
#: Match modules that test nothing without options of theirs.
_MODULES = frozenset(
    {
        "comment", "state", "conntrack", "tcp", "udp", "sctp", "dccp", "icmp", "icmp6", "icmpv6", "multiport",
        "pkttype", "addrtype", "iprange",
    }
)  # fmt: skip


#: Options that load what has options of its own, and options that have a value.
_LOADING = frozenset({"-m", "--match", "-p", "--protocol", "--proto", "-j", "--jump", "-g", "--goto"})
_WITH_VALUE = frozenset({"-A", "-I", "-D", "-R", "-s", "-d", "-i", "-o", "-p", "-j", "-g", "-m", "-t"})


class RuleText:
    """The words of one rule. operation: -A, -I...; chain; number: of -I; table: of -t, "" where not given.
    goes_to: the word that names where it jumps. problems: what iptables refuses in it."""

    __slots__ = ("at", "chain", "goes_to", "number", "operation", "problems", "rule", "table")

    def __init__(self, words: list[Word], family: int | None, at: Statement) -> None:
        self.at = at
        self.operation = self.chain = self.table = ""
        self.number = 1
        self.goes_to: Word | None = None
        self.problems: list[SyntaxProblem] = []
        self.rule = self._parse(words, family)

    def _parse(self, words: list[Word], family: int | None) -> Rule:
        rule = Rule([] if family is None else [family_is(family)], "", self.at)
        at, inverted, targeted = 0, False, False
        loaded: list[str] = []  # matches, protocols and targets, whose options are known from then on
        while at < len(words):
            option = words[at].text
            value = words[at + 1] if at + 1 < len(words) else None
            text = value.text if value is not None else ""
            self._judge(words[at], value, loaded, inverted=inverted, targeted=targeted)
            if option in _LOADING and text:
                loaded.append(text)
            elif option[:2] in _LOADING and len(option) > 2:  # -mtcp
                loaded.append(option[2:])
            elif option.startswith("--") and "=" in option:
                loaded.append(option.partition("=")[2])
            at += 2
            if option == "!":
                inverted, at = True, at - 1
                continue
            if option in ("-4", "-6", "--ipv4", "--ipv6"):
                rule.tests.append(family_is(4 if "4" in option else 6))
                at -= 1
            elif option in ("-A", "-I", "--append", "--insert"):
                self.operation, self.chain = option.lstrip("-")[0].upper(), text
                if self.operation == "I" and at < len(words) and words[at].text.isdigit():
                    self.number, at = int(words[at].text[:9]), at + 1
            elif option in ("-t", "--table"):
                self.table = text
            elif option in ("-j", "--jump", "-g", "--goto"):
                targeted, self.goes_to = True, value
                rule.verdict, rule.target = _verdict(text, "goto" if option in ("-g", "--goto") else "jump")
            elif option in ("-c", "--set-counters"):
                at += 1
            elif option == "--comment":
                pass
            elif option == "--syn":
                at -= 1
                opening = flags_are(23, TCP_FLAGS["syn"])
                rule.tests.append(negated(opening) if inverted else opening)
            elif option == "--tcp-flags":
                flags = _flags(text, words[at].text if at < len(words) else "")
                at += 1
                rule.tests.append(negated(flags) if inverted else flags)
            elif option in ("-m", "--match"):
                if text not in _MODULES:
                    rule.tests.append(protocol_is(51) if text == "ah" else unknown)
            else:
                test = _match(option, text)
                if test is not None:
                    rule.tests.append(negated(test) if inverted else test)
                    if option in ("-i", "-o", "--in-interface", "--out-interface") and not inverted:
                        rule.interface = value
                else:
                    # Not followed: of a target it changes nothing, of a match everything. Its values are skipped.
                    if not targeted:
                        rule.tests.append(unknown)
                    at -= 1
                    while at < len(words) and not words[at].text.startswith("-") and words[at].text != "!":
                        at += 1
            inverted = False
        return rule

    def _judge(self, word: Word, value: Word | None, loaded: list[str], *, inverted: bool, targeted: bool) -> None:
        """Note what iptables refuses of an option with its value."""
        option = word.text
        if option == "!":
            why = "one ! is enough" if inverted else ""
        elif not option.startswith("-"):
            why = f"expected an option, not {shown(option)}"
        elif is_unknown(option, loaded):
            why = f"iptables knows no option {shown(option)} here"
        elif option in FLAGS or not option.startswith("--") and option not in _WITH_VALUE:
            why = ""
        elif value is None:
            why = f"expected a value behind {shown(option)}"
        elif option in ("-j", "--jump", "-g", "--goto") and targeted:
            why = "a rule has one target"
        else:
            why = complaint(option, value.text, self.chain)
            word = value
        if why:
            self.problems.append(SyntaxProblem(word.source, word.start, word.end, why))


def _verdict(target: str, jump: str) -> tuple[str, str]:
    """The verdict and the chain of `-j target`; "" where the packet goes on."""
    known = {"ACCEPT": "accept", "DROP": "drop", "REJECT": "drop", "RETURN": "return"}
    if target in known:
        return known[target], ""
    if target in _PASSING:
        return "", ""
    return ("unknown", "") if target in _UNFOLLOWED else (jump, target)


def _match(option: str, value: str) -> Test | None:
    """The test of an option with its value, or None where it is none that is followed."""
    if option in ("-p", "--protocol", "--proto"):
        if value.lower() in ("all", "0", "ip"):
            return lambda packet: True
        number = protocol(value)
        return unknown if number is None else protocol_is(number)
    if option in ("-s", "--source", "--src"):
        return _addresses("source", value)
    if option in ("-d", "--destination", "--dst"):
        return _addresses("destination", value)
    if option == "--src-range":
        return address_in("source", value)
    if option == "--dst-range":
        return address_in("destination", value)
    if option in ("-i", "--in-interface"):
        return interface_is(value, "in", "+")
    if option in ("-o", "--out-interface"):
        return interface_is(value, "out", "+")
    if option in ("--dport", "--destination-port", "--dports", "--destination-ports"):
        found = [ports(part, ":") for part in value.split(",")]
        return any_of([unknown if part is None else port_in(*part) for part in found])
    if option == "--ports":
        found = [ports(part, ":") for part in value.split(",")]
        return any_of([*(unknown if part is None else port_in(*part) for part in found), unknown])
    if option in ("--state", "--ctstate"):
        return state_is({state.lower() for state in value.split(",")})
    if option == "--pkt-type":
        return cast_is("unicast" if value.lower() in ("host", "unicast") else value.lower())
    if option == "--dst-type" and value in ("MULTICAST", "BROADCAST", "LOCAL"):
        return cast_is("unicast" if value == "LOCAL" else value.lower())
    return None


def _addresses(field: str, value: str) -> Test:
    return address_in(field, *value.split(","))


def _flags(mask: str, value: str) -> Test:
    """The test of --tcp-flags: of the flags in `mask` those of `value` are set."""
    bits = [_bits(mask), _bits(value)]
    return unknown if None in bits else flags_are(bits[0] or 0, bits[1] or 0)


def _bits(text: str) -> int | None:
    known = {"all": 63, "none": 0, **TCP_FLAGS}
    bits = 0
    for name in text.lower().split(","):
        if name not in known:
            return None
        bits |= known[name]
    return bits


def compile_tables(tree: Tree, family: int, problems: list[SyntaxProblem]) -> list[Base]:
    """The base chains of a rule file; its tables stand for themselves. What iptables-restore refuses is added to
    `problems`."""
    tables: dict[str, _Table] = {}
    for statement in tree.statements:
        if statement.keyword.startswith("*"):
            name = statement.keyword[1:]
            if name not in TABLES:
                word = statement.words[0]
                problems.append(SyntaxProblem(word.source, word.start, word.end, f"there is no table {shown(name)}"))
            table = tables.setdefault(name, _Table(problems))
            for line in statement.body or ():
                table.take(line)
    for table in tables.values():
        table.finish()
    return [
        Base(direction, family, tables[name].chains[chain], tables[name].chains)
        for direction, hooks in HOOKS.items()
        for name, chain in hooks
        if name in tables and chain in tables[name].chains
    ]


class _Table:
    """A table while its lines are read. inserted: what -I puts before the rules of a chain, the last first."""

    __slots__ = ("_declared", "_named", "_problems", "chains", "inserted", "unfollowed")

    def __init__(self, problems: list[SyntaxProblem]) -> None:
        self._problems = problems
        #: The words that name a chain or a target.
        self._named: list[tuple[Word, bool]] = []
        self._declared: set[str] = set()
        self.chains: dict[str, Chain] = {}
        self.inserted: dict[str, list[Rule]] = {}
        self.unfollowed: dict[str, Statement] = {}

    def take(self, line: Statement) -> None:
        """Add a line."""
        words = line.words
        if words[0].text.startswith("["):
            words = words[1:]
        texts = [word.text for word in words[:3]]
        if not texts:
            return
        if texts[0].startswith(":"):
            self._declared.add(texts[0][1:])
            chain = self.chain(texts[0][1:])
            chain.policy = {"ACCEPT": "accept", "DROP": "drop"}.get(texts[1] if len(texts) > 1 else "", "return")
            chain.at = line
        elif texts[0] in ("-P", "--policy") and len(texts) > 2:
            chain = self.chain(texts[1])
            chain.policy, chain.at = "drop" if texts[2] == "DROP" else "accept", line
        elif texts[0] in ("-N", "--new-chain") and len(texts) > 1:
            self._declared.add(texts[1])
            self.chain(texts[1])
        else:
            text = RuleText(words, None, line)
            self._problems += text.problems
            if text.goes_to is not None:
                self._named.append((text.goes_to, True))
            if text.operation and len(words) > 1:
                self._named.append((words[1], False))
            if text.operation == "A":
                self.chain(text.chain).rules.append(text.rule)
            elif text.operation == "I" and text.number == 1:
                self.chain(text.chain)
                self.inserted.setdefault(text.chain, []).append(text.rule)
            else:  # -D, -F, -I CHAIN 2...: which rules that leaves is not followed
                self.unfollowed[texts[1] if len(texts) > 1 else ""] = line

    def finish(self) -> None:
        """Put the rules in the order in which they are asked, and see that all chains are there."""
        for word, target in self._named:
            if word.text not in self._declared and word.text not in (TARGETS if target else _BUILT_IN):
                why = f"there is no chain {shown(word.text)} in this table"
                self._problems.append(SyntaxProblem(word.source, word.start, word.end, why))
        for name, rules in self.inserted.items():
            self.chains[name].rules[:0] = reversed(rules)
        for name, line in self.unfollowed.items():
            for chain in [self.chains[name]] if name in self.chains else () if name else self.chains.values():
                chain.rules.insert(0, Rule([unknown], "unknown", line))

    def chain(self, name: str) -> Chain:
        found = self.chains.get(name)
        if found is None:
            policy = "accept" if name in _BUILT_IN else "return"
            found = self.chains[name] = Chain(f"chain {name}", policy)
        return found


#: The rules of /etc/sysconfig/iptables and ip6tables as EL's iptables-services package installs them.
_STOCK = frozenset(
    {
        ":INPUT ACCEPT", ":FORWARD ACCEPT", ":OUTPUT ACCEPT",
        "-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT",
        "-A INPUT -p icmp -j ACCEPT", "-A INPUT -p ipv6-icmp -j ACCEPT", "-A INPUT -i lo -j ACCEPT",
        "-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT",
        "-A INPUT -d fe80::/64 -p udp -m udp --dport 546 -m state --state NEW -j ACCEPT",
        "-A INPUT -j REJECT --reject-with icmp-host-prohibited",
        "-A FORWARD -j REJECT --reject-with icmp-host-prohibited",
        "-A INPUT -j REJECT --reject-with icmp6-adm-prohibited",
        "-A FORWARD -j REJECT --reject-with icmp6-adm-prohibited",
    }
)  # fmt: skip


def is_stock(tree: Tree) -> bool:
    """Whether the file holds no rule but those that the package came with."""
    lines = [line for table in tree.statements for line in table.body or ()]
    texts = (" ".join(w.text for w in line.words if not w.text.startswith("[")) for line in lines)
    return all(text in _STOCK for text in texts)
