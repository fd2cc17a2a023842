"""What firewalld refuses in its files: one such place, and firewalld 1.0 and later runs on its stock configuration.

The elements and attributes are those of firewalld 1.3.3, which stops at the first that it does not know; each kind
of fault below was written into a node's files and firewalld started on them (state "failed", the zone public without
what its file said). Errors inside a rich rule are not here: firewalld leaves out that rule alone (measured). Nor is
direct.xml: where it is no XML, or names an unknown kind of IP, its rules alone are missing (measured).
Sources: firewalld.zone(5), firewalld.service(5), firewalld.policy(5), firewalld.ipset(5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.firewalld.definitions import FOLDER, PACKAGED
from halint.models.firewall.firewalld.direct import DIRECT
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
#: Where firewalld leaves out a file that it refuses, and keeps the others: EL 7 and 8, Debian 11 have 0.6 to 0.9.
_OLD = {"el": 9, "debian": 12, "fedora": 35}


class Refused:
    """One place that firewalld refuses. source: of the file. at: where. why: as a message says it.
    word: the same place where it is the misspelled name of a protocol."""

    __slots__ = ("at", "source", "why", "word")

    def __init__(self, source: Source, at: Located, why: str, *, word: Word | None = None) -> None:
        self.source = source
        self.at = at
        self.why = why
        self.word = word


def refused(node: Node) -> list[Refused]:
    """Every such place in the files of `node`, in firewalld's order."""
    files = [
        (kind, path, source)
        for kind, folder in _FOLDERS
        for path, source in node.matching(f"{FOLDER}/{folder}/", ".xml")
    ]
    return [found for kind, path, source in files for found in _in_file(node, kind, path, source)] + _shared(node)


def fault(node: Node, refused: list[Refused]) -> str:
    """Why nothing is known of the configuration of `node`, or "". From 1.0 on firewalld falls back to its stock
    configuration altogether where it refuses a file (measured, 1.3.3), before that it leaves out the file: which of
    them counts is unknown."""
    if refused:
        path = refused[0].source.path
        return f"firewalld refuses {path}, and may have fallen back to its stock configuration"
    direct = node.files.get(DIRECT)
    if direct is not None:
        tree = node.tree(direct)
        if tree.problems or not tree.statements or tree.statements[0].keyword != "direct":
            return f"firewalld cannot read {direct.path}"
    if any(path.startswith(f"{FOLDER}/zones/") and path.count("/") > 4 for path in node.files):
        return "zones are combined from the files of a folder, which is not followed"
    for _, source in node.matching(f"{FOLDER}/zones/", ".xml"):
        root = node.tree(source).statements[0]
        if any("priority" in name for name in getattr(root, "attributes", ())):
            return f"{source.path} has a priority, which is not followed"
    return ""


def in_rich_rules(node: Node) -> list[Word]:
    """The misspelled names of protocols in rich rules, of which firewalld leaves out the rule alone (measured)."""
    found = []
    for _, source in node.matching(f"{FOLDER}/zones/", ".xml"):
        for root in node.tree(source).statements:
            for rule in root.statements("rule"):
                for element in rule.statements("protocol"):
                    word = element.attributes.get("value") if isinstance(element, Element) else None
                    if word is not None and is_misspelled(word.text):
                        found.append(word)
    return found


def stock_alone(node: Node) -> bool | None:
    """Whether firewalld then falls back to its stock configuration altogether; None where its version is unknown."""
    match = compiled(r"(el|debian|fedora)(\d+)").fullmatch(node.targets.os or "")
    return None if match is None else int(match[2]) >= _OLD[match[1]]


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
        if attribute not in (*required.split(), *optional.split()):
            yield Refused(source, word, f"<{name}> takes no {attribute}=")
    if in_rule:
        return
    text = element.get("port")
    if text and name in ("port", "source-port", "forward-port") and not _is_port(text):
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


def _is_port(text: str) -> bool:
    """Whether `text` may be a port or a range: a name may be one of /etc/services."""
    if compiled(r"[0-9]+(?:-[0-9]+)?").fullmatch(text):
        return all(len(number) < 6 and int(number) < 65536 for number in text.split("-"))
    return compiled(r"[0-9 ,:-]*").fullmatch(text) is None


def _is_unknown(node: Node, service: str) -> bool:
    """Whether firewalld certainly has no service `service`: no file and no stock service, and either the version is
    that of the stock table, or the name is nearly that of a file."""
    from halint.models.firewall.firewalld.stock import SERVICES

    if service in SERVICES or any(f"{folder}/services/{service}.xml" in node.files for folder in (FOLDER, PACKAGED)):
        return False
    own = [path.rpartition("/")[2][:-4] for path, _ in node.matching(f"{FOLDER}/services/", ".xml")]
    return node.targets.os == "debian12" or Nearest()(service, own) is not None
