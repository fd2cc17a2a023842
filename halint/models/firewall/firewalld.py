"""firewalld: zones, services, rich rules, policies and direct rules, as firewalld 1.3.3 turns them into chains.

The order inside a zone is firewalld's own (read off `nft list ruleset` of 1.3.3): rich rules of negative priority,
then all that deny, then all that accept, then rich rules of positive priority, then the target. Packets of known
connections are accepted before any zone. Direct rules: with the iptables backend they come before the zones and
their ACCEPT is final; with nftables an ACCEPT does nothing, since the zones still decide, and a DROP drops
(firewalld.direct(5) "Caveats", measured). Sources: firewalld.zone(5), firewalld.service(5), firewalld.richlanguage(5),
firewalld.direct(5), firewalld.policy(5), firewalld.conf(5).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from halint.lexer import compiled
from halint.models.firewall.chains import (
    Base,
    Chain,
    Fact,
    Packet,
    Rule,
    Test,
    address_in,
    any_of,
    decide,
    family_is,
    interface_is,
    negated,
    port_in,
    protocol_is,
    state_is,
    unknown,
)
from halint.models.firewall.iptables import RuleText
from halint.models.firewall.names import ports, protocol
from halint.models.firewall.refused import refused
from halint.readers import xml
from halint.readers.iptables import split
from halint.readers.xml import Element

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from halint.finding import Located
    from halint.node import Node
    from halint.tree import SyntaxProblem, Word

FOLDER = "/etc/firewalld"
CONF = "/etc/firewalld/firewalld.conf"
DIRECT = "/etc/firewalld/direct.xml"
_PACKAGED = "/usr/lib/firewalld"
#: Zones that EL 8 and later ship with the service cockpit in them (EL's firewalld package; Debian's have none).
_COCKPIT_ZONES = frozenset({"public", "home", "internal", "work"})
#: The priority of a policy that names none.
_PRIORITY = -1
#: Targets of a zone that say no; a zone without a target rejects.
_TARGETS = {"ACCEPT": "accept", "DROP": "drop", "%%REJECT%%": "drop", "REJECT": "drop", "default": "drop"}
#: Of a policy without a target, and CONTINUE, the zone decides.
_POLICY_TARGETS = {"CONTINUE": "", "ACCEPT": "accept", "DROP": "drop", "REJECT": "drop"}
_FAMILIES = {"ipv4": 4, "ipv6": 6}
#: What a rich rule can be about.
_ABOUT = frozenset(
    {
        "service",
        "port",
        "protocol",
        "icmp-block",
        "icmp-type",
        "masquerade",
        "forward-port",
        "source-port",
        "tcp-mss-clamp",
    }
)
_PORT_PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132, "dccp": 33}


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


class Firewalld:
    """The configuration of firewalld on a node.

    bases: the chains that it makes. refused: what firewalld refuses in its files. fault: why nothing is known of it,
    or "". backend: "nftables", "iptables",
    or None where neither the file nor the distribution tells. direct: the chain of the direct rules of INPUT.
    default_zone: its name, and the word that sets it.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._chains: dict[str, Chain] = {}
        self._zones: dict[str, Zone] = {}
        self._zone_of: dict[str, tuple[str | None, Located | None]] = {}
        self.refused = refused(node)
        self.fault = self._fault()
        self.default_zone, self.default_at = self._setting("DefaultZone", "public")
        written, self.backend_at = self._setting("FirewallBackend", "")
        self.backend = written if written in ("nftables", "iptables") else self._backend_of_distribution()
        self._drifts = self._drift()
        self.direct: dict[str, Chain] = {"in": Chain("the direct rules"), "out": Chain("the direct rules")}
        self.bases: list[Base] = []
        #: What iptables refuses in direct rules, of which firewalld itself looks at none (measured, 1.3.3).
        self.problems: list[SyntaxProblem] = []
        if not self.fault:
            self._compile()

    # What is in the files

    def _fault(self) -> str:
        """A file that firewalld refuses. From 1.0 on it then falls back to its stock configuration altogether
        (measured, 1.3.3), before that it leaves out the file: which of them counts is unknown."""
        if self.refused:
            path = self.refused[0].source.path
            return f"firewalld refuses {path}, and may have fallen back to its stock configuration"
        direct = self._node.files.get(DIRECT)
        if direct is not None:
            tree = self._node.tree(direct)
            if tree.problems or not tree.statements or tree.statements[0].keyword != "direct":
                return f"firewalld cannot read {direct.path}"
        if any(path.startswith(f"{FOLDER}/zones/") and path.count("/") > 4 for path in self._node.files):
            return "zones are combined from the files of a folder, which is not followed"
        for _, source in self._node.matching(f"{FOLDER}/zones/", ".xml"):
            root = self._node.tree(source).statements[0]
            if any("priority" in name for name in getattr(root, "attributes", ())):
                return f"{source.path} has a priority, which is not followed"
        return ""

    def _setting(self, key: str, default: str) -> tuple[str, Word | None]:
        source = self._node.files.get(CONF)
        found: Word | None = None
        for statement in self._node.tree(source).statements if source else ():
            if statement.keyword == key and len(statement.words) > 1:
                found = statement.words[1]
        return (default, None) if found is None else (found.text, found)

    def _backend_of_distribution(self) -> str | None:
        """EL 7 has no other than iptables; EL 8 and later, and Debian 11 and later, build nftables as the default."""
        match = compiled(r"(el|debian|fedora|ubuntu)(\d+)(?:\.\d+)?").fullmatch(self._node.targets.os or "")
        if match is None:
            return None
        if match[1] == "ubuntu":
            return "nftables" if int(match[2]) >= 22 else None
        return "iptables" if int(match[2]) < {"el": 8, "debian": 11, "fedora": 32}[match[1]] else "nftables"

    def _drift(self) -> Fact:
        """Whether packets of a zone of sources go on to the zone of their interface: up to 0.6 always, from 1.0 on
        never, between as AllowZoneDrifting says (firewalld.conf(5)), whose default changed."""
        written, _ = self._setting("AllowZoneDrifting", "")
        match = compiled(r"(el|debian|fedora|ubuntu)(\d+)(?:\.\d+)?").fullmatch(self._node.targets.os or "")
        if match is not None:
            if match[0] == "el7":
                return True
            if int(match[2]) >= {"el": 9, "debian": 12, "fedora": 35, "ubuntu": 22}[match[1]]:
                return False
        return False if written.lower() in ("no", "false") else True if match is not None and written else None

    def _read(self, folder: str, name: str) -> Element | None:
        """The file of a zone, service or ipset: the node's own, or the packaged one where the input has it."""
        if not compiled(r"[\w./-]+").fullmatch(name):
            return None
        own = self._node.files.get(f"{FOLDER}/{folder}/{name}.xml")
        if own is not None:
            root = self._node.tree(own).statements
        else:
            packaged = self._node.files.get(f"{_PACKAGED}/{folder}/{name}.xml")
            root = [] if packaged is None else xml.read(packaged).statements
        return root[0] if root and isinstance(root[0], Element) else None

    def zone(self, name: str) -> Zone | None:
        """The zone `name`: its file, or the stock zone."""
        if name not in self._zones:
            from halint.models.firewall.stock import ZONES

            root = self._read("zones", name)
            if root is None and name not in ZONES:
                return None
            found = self._zones[name] = Zone(name, root)
            if root is None:
                found.target = ZONES[name][0]
                found.services = [(service, None) for service in self.stock_services(name)]
        return self._zones[name]

    def stock_services(self, zone: str) -> list[str]:
        """The services of a stock zone, as the node's distribution ships it."""
        from halint.models.firewall.stock import ZONES

        services = list(ZONES[zone][1])
        match = compiled(r"el(\d+)").fullmatch(self._node.targets.os or "")
        if zone in _COCKPIT_ZONES and match is not None and int(match[1]) >= 8:
            services.append("cockpit")
        return services

    @cached_property
    def unlisted_services(self) -> list[Service]:
        """The node's own services that no zone, policy, rich rule or other service names."""
        named = set()
        for folder in ("zones", "policies", "services"):
            for _, source in self._node.matching(f"{FOLDER}/{folder}/", ".xml"):
                waiting = list(self._node.tree(source).statements)
                while waiting:
                    element = waiting.pop()
                    if isinstance(element, Element):
                        named.add(element.get("service" if element.keyword == "include" else "name"))
                    waiting += element.body or ()
        found = []
        for path, _ in self._node.matching(f"{FOLDER}/services/", ".xml"):
            name = path.rpartition("/")[2].removesuffix(".xml")
            root = self._read("services", name)
            listed = name in named or any(name in self.stock_services(zone) for zone in self._stock_zones())
            if root is not None and not listed:
                found.append(Service(name, root, self._service_tests(name)))
        return found

    def ports_for(self, program: str) -> Iterator[tuple[Element, tuple[int, int], str]]:
        """The ports that the node's own services named after `program` open, where some zone lists them: the
        element, first and last, and over which protocol."""
        listed = {
            service for name in self.zone_names() for service, _ in (self.zone(name) or Zone(name, None)).services
        }
        for path, source in self._node.matching(f"{FOLDER}/services/", ".xml"):
            name = path.rpartition("/")[2].removesuffix(".xml")
            if program in name.lower() and name in listed:
                for element in self._node.tree(source).statements[0].statements("port"):
                    if isinstance(element, Element) and element.get("protocol") in ("tcp", "udp"):
                        found = ports(element.get("port") or "")
                        if found is not None:
                            yield element, found, element.get("protocol") or ""

    def _stock_zones(self) -> list[str]:
        """The stock zones that the node has no file of its own for."""
        from halint.models.firewall.stock import ZONES

        own = set(self.zone_names())
        return [name for name in ZONES if name not in own]

    def base_of(self, zone: str) -> Base | None:
        """The chain of `zone` alone, as for a packet that has come to it."""
        chain = self._chains.get(zone)
        return None if chain is None else Base("in", None, chain, self._chains)

    def zone_names(self) -> list[str]:
        """The zones that have a file of their own on the node."""
        return [path.rpartition("/")[2][:-4] for path, _ in self._node.matching(f"{FOLDER}/zones/", ".xml")]

    def zone_of(self, interface: str) -> tuple[str | None, Located | None]:
        """The name of the zone of `interface`, and what says so; (None, None) where two places disagree."""
        if interface not in self._zone_of:
            self._zone_of[interface] = self._find_zone_of(interface)
        return self._zone_of[interface]

    def zones_naming(self, interface: str) -> list[tuple[str, Word]]:
        """The zones whose files name `interface`, and where."""
        return [
            (name, word)
            for name in self.zone_names()
            for word in (self.zone(name) or Zone(name, None)).interfaces
            if word.text == interface
        ]

    def _find_zone_of(self, interface: str) -> tuple[str | None, Located | None]:
        named, at = self._node.interfaces.zone(interface)
        written = self.zones_naming(interface)
        if len({name for name, _ in written}) > 1 or named and written and written[0][0] != named:
            return None, None
        if named:
            return named, at
        return written[0] if written else (self.default_zone, self.default_at)

    # What firewalld makes of it

    def _compile(self) -> None:
        from halint.models.firewall.stock import ZONES

        names = dict.fromkeys([*self.zone_names(), self.default_zone, *ZONES])
        for name in names:
            self._compile_zone(name)
        self._compile_policies(names)
        dispatch = Chain("the zones", "drop")
        for name in names:
            zone = self.zone(name)
            for source in zone.sources if zone else ():
                verdict, target = ("goto", name) if self._drifts is False else ("jump", self._drifting(name))
                dispatch.rules.append(Rule([self._source_test(source, "source")], verdict, source, target=target))
        for name in names:
            dispatch.rules.append(Rule([self._zone_test(name)], "goto", target=name))
        # The interface is in a zone that is neither among the files nor a stock one.
        dispatch.rules.append(Rule([], "unknown"))
        self._chains["all zones"] = dispatch
        self._compile_direct()
        incoming = Chain("firewalld", "drop")
        incoming.rules.append(Rule([state_is({"established"})], "accept"))
        incoming.rules.append(Rule([interface_is("lo", "in", "\0")], "accept"))
        if self.backend != "nftables":
            # Not known which: what a direct rule accepts may or may not be accepted.
            tests: list[Test] = [] if self.backend == "iptables" else [unknown]
            incoming.rules.append(Rule(tests, "jump", target="direct rules"))
        incoming.rules.append(Rule([], "jump", target="all zones"))
        self._chains["direct rules"] = self.direct["in"]
        self.bases.append(Base("in", None, incoming, self._chains))
        if self.backend != "iptables":
            self.bases.append(Base("in", None, self.direct["in"], self._chains))
        outgoing = Chain("firewalld", "accept")
        outgoing.rules.append(Rule([state_is({"established"})], "accept"))
        outgoing.rules.append(Rule([interface_is("lo", "out", "\0")], "accept"))
        if self.backend == "iptables":
            self._chains["direct output"] = self.direct["out"]
            outgoing.rules.append(Rule([], "jump", target="direct output"))
        else:
            self.bases.append(Base("out", None, self.direct["out"], self._chains))
        outgoing.rules += [Rule([], "jump", target=f"policies out {when}") for when in ("before", "behind")]
        self.bases.append(Base("out", None, outgoing, self._chains))

    def _zone_test(self, name: str) -> Test:
        def test(packet: Packet) -> Fact:
            if packet.interface is None:
                return None
            zone, _ = self.zone_of(packet.interface)
            return None if zone is None else zone == name

        return test

    def _compile_zone(self, name: str) -> None:
        zone = self.zone(name)
        target = _TARGETS.get(zone.target, "unknown") if zone else "unknown"
        chain = self._chains[name] = Chain(f"zone {name}", "return", zone.target_at if zone else None)
        chain.rules.append(Rule([], "jump", target="policies in before"))
        if zone is not None:
            self._fill(chain, zone.root, zone.services)
        chain.rules.append(Rule([], "jump", target="policies in behind"))
        # ICMP has rules of its own (icmp-block, inversion), which are not followed.
        chain.rules.append(Rule([protocol_is(1, 58)], "unknown"))
        if target == "unknown":
            chain.rules.append(Rule([], "unknown"))
        else:
            chain.policy = target

    def _fill(self, chain: Chain, root: Element | None, services: list[tuple[str, Element | None]]) -> None:
        """Add to `chain` what the elements of a zone or a policy come to."""
        early: list[tuple[int, Rule]] = []
        late: list[tuple[int, Rule]] = []
        deny: list[Rule] = []
        allow: list[Rule] = []
        for service, at in services:
            allow += [Rule(tests, "accept", at) for tests in self._service_tests(service)]
        for element in root.elements() if root else ():
            if element.keyword == "rule":
                priority = _number(element.get("priority"))
                for rule in self._rich_rules(element):
                    if priority:
                        (early if priority < 0 else late).append((priority, rule))
                    else:
                        (deny if rule.verdict == "drop" else allow).append(rule)
            elif element.keyword == "forward-port":
                # Redirected to another port or machine before the zone is asked.
                chain.rules.append(Rule(self._element_tests(element)[0], "unknown", element))
            elif element.keyword in ("port", "protocol", "source-port"):
                allow += [Rule(tests, "accept", element) for tests in self._element_tests(element)]
        for rules in (early, late):
            rules.sort(key=lambda entry: entry[0])
        chain.rules += [rule for _, rule in early] + deny + allow + [rule for _, rule in late]

    def _drifting(self, name: str) -> str:
        """The chain of `name` for packets that come to the zone by their source, and may drift on to that of their
        interface where nothing in it decides."""
        whole = self._chains[name]
        chain = Chain(whole.label, whole.policy, whole.at)
        chain.rules += whole.rules
        zone = self.zone(name)
        if zone is not None and zone.target == "default":
            if self._drifts is None:
                chain.rules.append(Rule([unknown], "drop"))
            chain.policy = "return"
        self._chains[f"{name}, drifting"] = chain
        return f"{name}, drifting"

    def _rich_rules(self, element: Element) -> list[Rule]:
        """What a rich rule comes to: a rule for each port of the service that it names."""
        actions = list(element.elements("accept", "reject", "drop"))
        if not actions:
            return []
        verdict = "accept" if actions[0].keyword == "accept" else "drop"
        common: list[Test] = []
        family = _FAMILIES.get(element.get("family") or "")
        if family:
            common.append(family_is(family))
        for side in element.elements("source", "destination"):
            common.append(self._source_test(side, side.keyword))
        if any(True for _ in actions[0].elements("limit")):
            common.append(unknown)
        about = [e for e in element.elements() if e.keyword in _ABOUT]
        if not about:
            return [Rule(common, verdict, element)]
        return [Rule(common + tests, verdict, element) for tests in self._element_tests(about[0])]

    def _source_test(self, element: Element, field: str) -> Test:
        """The test of a <source> or <destination>."""
        text, ipset = element.get("address"), element.get("ipset")
        test: Test = unknown
        if text is not None:
            test = address_in(field, text)
        elif ipset is not None:
            root = self._read("ipsets", ipset)
            if (
                root is not None
                and (root.get("type") or "").startswith("hash:")
                and "," not in (root.get("type") or "")
            ):
                entries = ["".join(word.text for word in e.texts).strip(" \t") for e in root.elements("entry")]
                test = address_in(field, *entries)
                if any(option.get("name") == "timeout" for option in root.elements("option")) or not entries:
                    test = any_of([test, unknown])  # filled while it is in use
        inverted = (element.get("invert") or "").lower() in ("yes", "true")
        return negated(test) if inverted else test

    def _element_tests(self, element: Element) -> list[list[Test]]:
        """What a <port>, <protocol>, <service>... matches: any of these lists of tests."""
        kind = element.keyword
        if kind == "service":
            return self._service_tests(element.get("name") or "")
        if kind == "protocol":
            return [_protocol_tests(element.get("value") or "")]
        if kind in ("port", "forward-port"):
            return [_port_tests(element.get("port") or "", element.get("protocol") or "")]
        if kind == "source-port":
            return [[*_port_tests("0-65535", element.get("protocol") or ""), unknown]]
        if kind in ("icmp-block", "icmp-type"):
            return [[protocol_is(1, 58), unknown]]
        return [[unknown]]

    def _service_tests(self, name: str) -> list[list[Test]]:
        """What the service `name` matches, with the services that it includes."""
        found: list[list[Test]] = []
        waiting, seen = [name], {name}
        while waiting:
            current = waiting.pop(0)
            root = self._read("services", current)
            included = self._own_service(root, found) if root is not None else _stock_service(current, found)
            for other in included:
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return found

    def _own_service(self, root: Element, found: list[list[Test]]) -> list[str]:
        tests: list[list[Test]] = []
        for element in root.elements("port", "protocol", "source-port"):
            if element.keyword == "port" and not element.get("port"):
                tests.append(_protocol_tests(element.get("protocol") or ""))  # the old way to name a protocol
            else:
                tests += self._element_tests(element)
        places = [
            (number, element.attributes[name].text)
            for element in root.elements("destination")
            for name, number in _FAMILIES.items()
            if name in element.attributes
        ]
        found += _to(places, tests)
        return [e.get("service") or "" for e in root.elements("include")]

    def _compile_policies(self, zones: Iterable[str]) -> None:
        """Policies between this host (the zone HOST) and others: those of negative priority are asked before the zone,
        the others behind it, but before its target."""
        for direction in ("in", "out"):
            for when in ("before", "behind"):
                self._chains[f"policies {direction} {when}"] = Chain("the policies")
        found: list[tuple[int, str, Element]] = []
        for path, source in self._node.matching(f"{FOLDER}/policies/", ".xml"):
            root = self._node.tree(source).statements[0]
            if isinstance(root, Element):
                priority = _number(root.get("priority")) if "priority" in root.attributes else _PRIORITY
                found.append((priority, path.rpartition("/")[2][:-4], root))
        for priority, name, root in sorted(found, key=lambda entry: entry[:2]):
            when = "before" if priority < 0 else "behind"
            for direction, own, other in (
                ("in", "egress-zone", "ingress-zone"),
                ("out", "ingress-zone", "egress-zone"),
            ):
                if not any(e.get("name") == "HOST" for e in root.elements(own)):
                    continue
                target = f"policy {name}, {direction}"
                chain = self._chains[target] = Chain(
                    f"policy {name}", "return", root.attributes.get("target", root.words[0])
                )
                self._fill(chain, root, [(e.get("name") or "", e) for e in root.elements("service")])
                chain.rules.append(Rule([protocol_is(1, 58)], "unknown"))
                verdict = _POLICY_TARGETS.get(root.get("target") or "CONTINUE", "unknown")
                if verdict:
                    chain.rules.append(Rule([], verdict, chain.at))
                tests = [self._policy_test(e.get("name") or "", direction) for e in root.elements(other)]
                rule = Rule([any_of(tests)], "jump", root, target=target)
                self._chains[f"policies {direction} {when}"].rules.append(rule)

    def _policy_test(self, name: str, direction: str) -> Test:
        """Whether a packet comes from the zone `name`, or goes to it: by its interface or one of its sources."""
        if name == "ANY":
            return lambda packet: True
        zone = self.zone(name)
        field = "source" if direction == "in" else "destination"
        sources = [self._source_test(source, field) for source in zone.sources] if zone else []

        def by_interface(packet: Packet) -> Fact:
            if packet.interface is None:
                return None
            found, at = self.zone_of(packet.interface)
            if found is None:
                return None
            # An interface is in the default zone for policies only where something puts it there.
            return found == name and (None if at is self.default_at else True)

        return any_of([by_interface, *sources])

    def _compile_direct(self) -> None:
        source = self._node.files.get(DIRECT)
        root = self._node.tree(source).statements[0] if source else None
        if not isinstance(root, Element):
            return
        entries: list[tuple[int, int, str, Rule]] = []
        for order, element in enumerate(root.elements("rule", "passthrough")):
            family = _FAMILIES.get(element.get("ipv") or "")
            if family is None:
                continue
            text = RuleText(_words(element), family, element)
            self.problems += text.problems
            direct = element.keyword == "rule"
            table = element.get("table") if direct else text.table or "filter"
            chain = element.get("chain") or "" if direct else text.chain
            if table != "filter" and text.rule.verdict not in ("drop", "unknown", "jump", "goto"):
                continue
            hook = {"INPUT": "in", "PREROUTING": "in", "OUTPUT": "out"}.get(chain, chain)
            # A passthrough adds to the chain itself: -I comes before what firewalld has there, -A behind its reject.
            if not direct and self.backend != "nftables" and text.operation != "I" and hook == "in":
                continue
            priority = _number(element.get("priority")) if direct else -(1 << 20)
            entries.append((priority, order, hook, text.rule))
        for _, _, hook, rule in sorted(entries, key=lambda entry: entry[:2]):
            chain_of = self.direct.get(hook) or self._chains.setdefault(f"direct {hook}", Chain(f"chain {hook}"))
            if rule.target:
                rule.target = f"direct {rule.target}"
            chain_of.rules.append(rule)

    def direct_rules(self) -> list[Element]:
        """The direct rules and passthroughs."""
        source = self._node.files.get(DIRECT)
        root = self._node.tree(source).statements[:1] if source else []
        elements = root[0].statements("rule", "passthrough") if root else ()
        return [element for element in elements if isinstance(element, Element)]

    def direct_words(self) -> list[list[Word]]:
        """The words of each of them."""
        return [_words(element) for element in self.direct_rules()]

    def dead_accept(self, packet: Packet) -> Rule | None:
        """The direct rule that accepts `packet` to no avail, since the backend is nftables."""
        if self.backend != "nftables" or self.fault:
            return None
        base = Base(packet.direction, None, self.direct[packet.direction], self._chains)
        found = decide(base, packet).get("accept")
        return None if found is None else found.rule


def _words(element: Element) -> list[Word]:
    """The arguments that stand in a direct rule."""
    return [word for piece in element.texts for word in split(piece.source, piece.start, piece.end)]


def _stock_service(name: str, found: list[list[Test]]) -> list[str]:
    """Add what the stock service `name` matches to `found`; returns the services that it includes."""
    from halint.models.firewall.stock import SERVICES

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
            tests.append(_port_tests(port, over))
        elif kind == "proto":
            tests.append(_protocol_tests(value))
        elif kind == "from":
            tests.append([*_port_tests("0-65535", value.rpartition("/")[2]), unknown])
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


def _protocol_tests(text: str) -> list[Test]:
    number = protocol(text)
    return [unknown if number is None else protocol_is(number)]


def _port_tests(text: str, over: str) -> list[Test]:
    found, number = ports(text), _PORT_PROTOCOLS.get(over)
    if number is None:
        return [unknown]
    return [protocol_is(number), unknown if found is None else port_in(*found)]


def _number(text: str | None) -> int:
    match = compiled(r"-?[0-9]{1,6}").fullmatch(text or "")
    return int(match[0]) if match else 0
