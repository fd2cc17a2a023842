"""iptables rules: what iptables-save prints (/etc/sysconfig/iptables, /etc/iptables/rules.v4), and the arguments of
firewalld's direct rules. Sources: iptables(8), iptables-extensions(8), iptables-restore(8) of iptables 1.8.9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.chains import (
    TCP_FLAGS,
    Rule,
    Test,
    address_in,
    any_of,
    destination_type_is,
    family_is,
    flags_are,
    interface_is,
    negated,
    packet_type_is,
    port_in,
    protocol_is,
    source_port_in,
    state_is,
    unknown,
)
from halint.models.firewall.iptables_words import FLAGS, complaint, is_unknown, takes_value
from halint.models.firewall.names import ports, protocol
from halint.nearest import shown
from halint.tree import SyntaxProblem

if TYPE_CHECKING:
    from halint.models.firewall.ipsets import Sets
    from halint.tree import Statement, Tree, Word

#: Files of rules by family, as iptables-services (EL) and netfilter-persistent (Debian) load them.
FILES = {
    4: ("/etc/sysconfig/iptables", "/etc/iptables/rules.v4"),
    6: ("/etc/sysconfig/ip6tables", "/etc/iptables/rules.v6"),
}
#: Targets that let the packet go on to the next rule.
_PASSING = frozenset(
    {
        "LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "DSCP", "TOS", "TTL", "HL", "TCPMSS", "CLASSIFY", "TRACE", "CT",
        "NOTRACK", "CHECKSUM", "AUDIT", "SECMARK", "CONNSECMARK", "SET", "RATEEST", "TEE", "IDLETIMER", "LED",
    }
)  # fmt: skip
_UNFOLLOWED = {
    "DNAT": "redirect", "REDIRECT": "redirect", "NETMAP": "redirect", "TPROXY": "redirect", "QUEUE": "unknown",
    "NFQUEUE": "unknown", "SYNPROXY": "unknown", "TARPIT": "unknown", "CLUSTERIP": "unknown",
}  # fmt: skip
#: Match modules that test nothing without options of theirs.
_MODULES = frozenset(
    {
        "comment", "state", "conntrack", "tcp", "udp", "sctp", "dccp", "icmp", "icmp6", "icmpv6", "multiport",
        "pkttype", "addrtype", "iprange", "rpfilter",
    }
)  # fmt: skip
#: Options of rpfilter: the packets that are asked about come in by where their source is reached, by whatever rules.
_WAYS_BACK = frozenset({"--loose", "--validmark", "--accept-local", "--invert"})


#: Match modules that test something by themselves: packets that halint asks about have no extension headers.
_MODULE_TESTS: dict[str, Test] = {
    "ah": protocol_is(51),
    **dict.fromkeys(("rt", "frag", "dst", "hbh", "mh"), lambda packet: False),
}

#: Options that load what has options of its own, and options that have a value.
_LOADING = frozenset({"-m", "--match", "-p", "--protocol", "--proto", "-j", "--jump", "-g", "--goto"})
_WITH_VALUE = frozenset({"-A", "-I", "-D", "-R", "-s", "-d", "-i", "-o", "-p", "-j", "-g", "-m", "-t"})


class RuleText:
    """The words of one rule. operation: -A, -I...; chain; number: of -I; table: of -t, "" where not given.
    goes_to: the word that names where it jumps. problems: what iptables refuses in it."""

    __slots__ = ("_sets", "at", "chain", "goes_to", "number", "operation", "problems", "rule", "table")

    def __init__(self, words: list[Word], family: int | None, at: Statement, sets: Sets | None = None) -> None:
        """sets: those that it may ask; None where they are not known."""
        self.at = at
        self._sets = sets
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
                if self.operation == "I" and at < len(words) and words[at].text.isdecimal():
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
            elif option in _WAYS_BACK and "rpfilter" in loaded:
                at -= 1
                if option == "--invert":
                    rule.tests.append(lambda _packet: False)
            elif option == "--tcp-flags":
                flags = _flags(text, words[at].text if at < len(words) else "")
                at += 1
                rule.tests.append(negated(flags) if inverted else flags)
            elif option == "--match-set" and self._sets is not None:
                why = self._sets.complaint(text)
                if why and value is not None:
                    self.problems.append(SyntaxProblem(value.source, value.start, value.end, why))
                asked = self._sets.test(text, words[at].text if at < len(words) else "")
                at += 1
                rule.tests.append(negated(asked) if inverted else asked)
            elif option in ("--add-set", "--del-set", "--map-set") and self._sets is not None:
                self._sets.change(text)
                at += 1
            elif option in ("-m", "--match"):
                if text not in _MODULES and (text != "set" or self._sets is None):
                    rule.tests.append(_MODULE_TESTS.get(text, unknown))
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
            why = f"expected a value behind {shown(option)}" if takes_value(option, loaded) else ""
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
    return (_UNFOLLOWED[target], "") if target in _UNFOLLOWED else (jump, target)


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
    if option in ("--sport", "--source-port", "--sports", "--source-ports"):
        found = [ports(part, ":") for part in value.split(",")]
        return any_of([unknown if part is None else source_port_in(*part) for part in found])
    if option == "--ports":
        found = [ports(part, ":") for part in value.split(",")]
        tests = (port_in, source_port_in)
        return any_of([unknown if part is None else test(*part) for part in found for test in tests])
    if option in ("--state", "--ctstate"):
        return state_is({state.lower() for state in value.split(",")})
    if option == "--pkt-type":
        return packet_type_is(value.lower())
    if option == "--dst-type":
        kinds = value.lower().split(",")
        asked = any_of([destination_type_is(kind) for kind in kinds])
        # Measured: of IPv6 all of several must hold, and unicast are one's own addresses, too.
        return asked if len(kinds) == 1 and kinds != ["unicast"] else lambda p: asked(p) if p.family == 4 else None
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
