"""What firewalld refuses in its files: one such place, and firewalld 1.0 and later runs on its stock configuration.

The elements and attributes are those of firewalld 1.3.3, which stops at the first that it does not know; each kind
of fault below was written into a node's files and firewalld started on them (state "failed", the zone public without
what its file said). For a fault in a rich rule 1.3.3 leaves out that rule alone, 2.3.1 falls back (measured); a service
that there is not is a fault of the file in it, too (measured). Not here is direct.xml: where it is no XML, or names an
unknown kind of IP, its rules alone are missing (measured).
Sources: firewalld.zone(5), firewalld.service(5), firewalld.policy(5), firewalld.ipset(5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.firewalld.definitions import FOLDER, PACKAGED
from halint.models.firewall.firewalld.direct import DIRECT
from halint.models.firewall.firewalld.elements import is_port, is_priority
from halint.models.firewall.firewalld.rich_rules import complaint
from halint.models.firewall.firewalld.version import version
from halint.models.firewall.misnamed import is_misspelled
from halint.nearest import Nearest, shown
from halint.readers.lexer import compiled
from halint.readers.xml import Element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.finding import Located
    from halint.node import Node
    from halint.source import Source
    from halint.tree import Word

#: What may stand in a zone's and a policy's file alike: required attributes, and those that may be left out.
_RULES = {
    "short": "", "description": "", "rule": "|family priority", "accept": "", "drop": "", "audit": "",
    "service": "name", "port": "port protocol", "protocol": "value", "source-port": "port protocol",
    "icmp-block": "name", "icmp-type": "name", "forward-port": "port protocol|to-port to-addr",
    "source": "|address mac invert family ipset", "destination": "|address invert ipset", "log": "|prefix level",
    "nflog": "|group prefix queue-size", "reject": "|type", "mark": "set", "limit": "value",
    "tcp-mss-clamp": "|value",
}  # fmt: skip
_ELEMENTS = {
    "service": {
        "service": "|name version", "short": "", "description": "", "port": "port protocol", "protocol": "value",
        "module": "name", "destination": "|ipv4 ipv6", "source-port": "port protocol", "include": "service",
        "helper": "name",
    },
    "zone": {
        **_RULES, "zone": "|name immutable target version ingress-priority egress-priority", "forward": "",
        "interface": "name", "masquerade": "|enabled", "icmp-block-inversion": "",
    },
    "policy": {
        **_RULES, "policy": "target|version priority", "ingress-zone": "name", "egress-zone": "name",
        "masquerade": "",
    },
    "ipset": {"ipset": "type|version", "short": "", "description": "", "option": "name|value", "entry": ""},
}  # fmt: skip
_FOLDERS = (("ipset", "ipsets"), ("service", "services"), ("zone", "zones"), ("policy", "policies"))
_TARGETS = {
    "zone": ("ACCEPT", "%%REJECT%%", "DROP", "default", ""),
    "policy": ("ACCEPT", "REJECT", "DROP", "CONTINUE"),
}
_LONGEST_ZONE = 17
#: Attributes of zones that came with 2.0.
_PRIORITIES = ("ingress-priority", "egress-priority")
#: The first version that falls back; before it firewalld leaves out a file that it refuses, and keeps the others.
_FALLS_BACK = (1, 0)


class Refused:
    """One place that firewalld refuses. source: of the file. at: where. why: as a message says it.
    word: the same place where it is the misspelled name of a protocol. rule: the rich rule that it stands in, and
    family: what that rule should name for its family, where it lacks nothing else."""

    __slots__ = ("at", "family", "rule", "source", "why", "word")

    def __init__(
        self,
        source: Source,
        at: Located,
        why: str,
        *,
        word: Word | None = None,
        rule: Element | None = None,
        family: str = "",
    ) -> None:
        self.source = source
        self.at = at
        self.why = why
        self.word = word
        self.rule = rule
        self.family = family


def refused(node: Node) -> list[Refused]:
    """Every such place in the files of `node`, in firewalld's order."""
    files = [
        (kind, path, source)
        for kind, folder in _FOLDERS
        for path, source in node.matching(f"{FOLDER}/{folder}/", ".xml")
    ]
    found = [found for kind, path, source in files for found in _in_file(node, kind, path, source)]
    return found + (rich_rules(node) if _for_a_rule(node) else []) + _shared(node)


def left_out(node: Node) -> list[Refused]:
    """Every rich rule that it leaves out, and keeps the rest; or, where its version is unknown, that it refuses."""
    return [] if _for_a_rule(node) else rich_rules(node)


def fault(node: Node, refused: list[Refused], left_out: list[Refused]) -> str:
    """Why nothing is known of the configuration of `node`, or "". From 1.0 on firewalld falls back to its stock
    configuration altogether where it refuses a file (measured, 1.3.3), before that it leaves out the file: which of
    them counts is unknown."""
    if refused or left_out and _for_a_rule(node) is None:
        path = (refused or left_out)[0].source.path
        return f"firewalld refuses {path}, and may have fallen back to its stock configuration"
    direct = node.files.get(DIRECT)
    if direct is not None:
        tree = node.tree(direct)
        if tree.problems or not tree.statements or tree.statements[0].keyword != "direct":
            return f"firewalld cannot read {direct.path}"
    if any(path.startswith(f"{FOLDER}/zones/") and path.count("/") > 4 for path in node.files):
        return "zones are combined from the files of a folder, which is not followed"
    if version(node) is None:
        for _, source in node.matching(f"{FOLDER}/zones/", ".xml"):
            root = node.tree(source).statements[0]
            if any(name in _PRIORITIES for name in getattr(root, "attributes", ())):
                return f"{source.path} has a priority, which firewalld refuses before 2.0"
    return ""


def rich_rules(node: Node) -> list[Refused]:
    """Every rich rule that firewalld does not take, for what is wrong with it first."""
    return [
        Refused(rule.source, found.at, found.why, word=found.word, rule=rule, family=found.family)
        for _, folder in _FOLDERS[2:]
        for _, source in node.matching(f"{FOLDER}/{folder}/", ".xml")
        for root in node.tree(source).statements[:1]
        for rule in root.statements("rule")
        if isinstance(rule, Element) and (found := complaint(rule)) is not None
    ]


def stock_alone(node: Node) -> bool | None:
    """Whether firewalld then falls back to its stock configuration altogether; None where its version is unknown."""
    known = version(node)
    return None if known is None else known >= _FALLS_BACK


def _for_a_rule(node: Node) -> bool | None:
    """The same where it refuses a rich rule: before 2.0 it leaves out that rule alone."""
    known = version(node)
    return False if known is not None and known < (2, 0) else True if known is not None and known >= (2, 3) else None


def _in_file(node: Node, kind: str, path: str, source: Source) -> Iterator[Refused]:
    tree = node.tree(source)
    root = tree.statements[0] if tree.statements else None
    if tree.problems:
        yield Refused(source, tree.problems[0], "it is no well-formed XML")
        return
    if not isinstance(root, Element) or root.keyword != kind:
        at: Located = tree.problems[0] if root is None else root.words[0]
        yield Refused(source, at, f"it holds no <{kind}>")
        return
    name = path.rpartition("/")[2].removesuffix(".xml")
    if compiled(r"[\w-]+").fullmatch(name) is None:
        yield Refused(source, root.words[0], f"{shown(name)} is no name for a {kind}")
    elif kind == "zone" and len(name) > _LONGEST_ZONE:
        yield Refused(source, root.words[0], f"the name of a zone has at most {_LONGEST_ZONE} characters")
    waiting = [(root, False)]
    while waiting:
        element, in_rule = waiting.pop()
        yield from _in_element(node, kind, element, in_rule)
        inner = in_rule or element.keyword == "rule"
        waiting += [(child, inner) for child in reversed(list(element.elements()))]


def _in_element(node: Node, kind: str, element: Element, in_rule: bool) -> Iterator[Refused]:
    source, name = element.source, element.keyword
    known = _ELEMENTS[kind].get(name)
    if known is None:
        yield Refused(source, element.words[0], f"<{name}> is no element of a {kind}")
        return
    required, _, optional = known.partition("|")
    for attribute in required.split():
        if attribute not in element.attributes:
            yield Refused(source, element.words[0], f"<{name}> needs {attribute}=")
    for attribute, word in element.attributes.items():
        too_new = name == kind == "zone" and attribute in _PRIORITIES and (version(node) or (2, 0)) < (2, 0)
        if too_new or attribute not in (*required.split(), *optional.split()):
            yield Refused(source, word, f"<{name}> takes no {attribute}=" + (" before firewalld 2.0" * too_new))
        elif attribute in _PRIORITIES and not is_priority(word.text):
            yield Refused(source, word, f"{shown(word.text)} is no priority from -32768 to 32767")
    if name == "service" and in_rule and element.get("name") and _is_unknown(node, element.get("name") or ""):
        yield Refused(source, element.attributes["name"], f"there is no service {shown(element.get('name') or '')}")
    if in_rule and name in ("source", "destination") and not {"address", "mac", "ipset"} & set(element.attributes):
        yield Refused(source, element.words[0], f"<{name}> names no address")
    if in_rule:
        return
    text = element.get("port")
    if text and name in ("port", "source-port", "forward-port") and not is_port(text):
        yield Refused(source, element.attributes["port"], f"{shown(text)} is no port")
    over = element.get("protocol")
    if over is not None and "port" in element.attributes and text and over not in ("tcp", "udp", "sctp", "dccp"):
        yield Refused(source, element.attributes["protocol"], f"a port is of tcp, udp, sctp or dccp, not {shown(over)}")
    value = element.get("value")
    if name == "protocol" and value is not None and is_misspelled(value):
        word = element.attributes["value"]
        yield Refused(source, word, f"{shown(value)} is no protocol", word=word)
    target = element.get("target")
    if name == kind and target is not None and target not in _TARGETS.get(kind, (target,)):
        yield Refused(source, element.attributes["target"], f"{shown(target)} is no target of a {kind}")
    service = element.get("service" if name == "include" else "name")
    if service is not None and name in ("service", "include") and kind != name and _is_unknown(node, service):
        at = element.attributes["service" if name == "include" else "name"]
        yield Refused(source, at, f"there is no service {shown(service)}")


def _shared(node: Node) -> list[Refused]:
    """Interfaces and sources that two zones name."""
    found: list[Refused] = []
    first: dict[tuple[str, str], str] = {}
    for path, source in node.matching(f"{FOLDER}/zones/", ".xml"):
        root = node.tree(source).statements[:1]
        for element in root[0].statements("interface", "source") if root else ():
            if isinstance(element, Element):
                at = element.attributes.get("name") or element.attributes.get("address")
                if at is not None:
                    other = first.setdefault((element.keyword, at.text), path)
                    if other != path:
                        zone = other.rpartition("/")[2].removesuffix(".xml")
                        found.append(Refused(source, at, f"{shown(at.text)} is in zone {zone} already"))
    return found


def _is_unknown(node: Node, service: str) -> bool:
    """Whether firewalld certainly has no service `service`: no file and no stock service, and either the version is
    that of the stock table, or another node defines it, or the name is nearly that of a file."""
    from halint.models.firewall.firewalld.stock import SERVICES

    path = f"{FOLDER}/services/{service}.xml"
    if service in SERVICES or path in node.files or f"{PACKAGED}/services/{service}.xml" in node.files:
        return False
    if any(path in other.files and other.targets.os == node.targets.os for other in node.siblings):
        return True
    own = [path.rpartition("/")[2][:-4] for path, _ in node.matching(f"{FOLDER}/services/", ".xml")]
    return node.targets.os == "debian12" or Nearest()(service, own) is not None
