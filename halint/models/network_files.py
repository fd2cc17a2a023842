"""The files of Debian's and Ubuntu's networks: /etc/network/interfaces, netplan, systemd-networkd.

Sources: interfaces(5) of ifupdown 0.8, netplan(5), systemd.network(5). What they leave open (DHCP, a match by hardware
address, a command that adds an address) is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from halint import globs
from halint.models.reading import tree_as
from halint.readers.lexer import compiled
from halint.tree import Word

if TYPE_CHECKING:
    from halint.models.interfaces import Interfaces
    from halint.node import Node
    from halint.source import Source

IFUPDOWN = "/etc/network/interfaces"
NETPLAN = "/etc/netplan/"
NETWORKD = "/etc/systemd/network/"

#: Kinds of devices in a netplan file.
_KINDS = frozenset(
    {
        "ethernets",
        "bonds",
        "bridges",
        "vlans",
        "wifis",
        "modems",
        "tunnels",
        "vrfs",
        "dummy-devices",
        "virtual-ethernets",
    }
)
_DEFAULT = ("default", "0.0.0.0/0", "::/0")
#: Characters: netplan files are short, and YAML is slow.
_MAX = 1 << 20


def read(model: Interfaces, node: Node) -> None:
    """Add to `model` what the files of `node` say."""
    if IFUPDOWN in node.files:
        _read_ifupdown(model, node, IFUPDOWN, set())
    by_dhcp: dict[str, bool] = {}
    for _, source in node.matching(NETPLAN, ".yaml"):
        _read_netplan(model, source, by_dhcp)
    model.dynamic = model.dynamic or any(by_dhcp.values())
    taken: set[str] = set()
    for path, _ in node.matching(NETWORKD, ".network"):
        _read_networkd(model, [tree_as(node, one, "ini") for one in node.with_drop_ins(path)], taken)


# ifupdown


def _read_ifupdown(model: Interfaces, node: Node, path: str, seen: set[str]) -> None:
    """Read `path` and what it sources; an address belongs to the last `iface` line above it."""
    if path in seen:
        return
    seen.add(path)
    interface, length = "", ""
    address: Word | None = None
    for word, *values in _lines(node.files[path]):
        value = values[0].text if values else ""
        if word.text == "iface" and values:
            if address is not None:
                model.add(interface, _joined(address.text, length), address)
            interface, address, length = _mentioned(model, value.partition(":")[0]), None, ""
            if [one.text for one in values[1:3]] in (["inet", "dhcp"], ["inet", "bootp"]):
                model.dynamic = True
        elif word.text in ("auto", "mapping", "template") or word.text.startswith("allow-"):
            pass
        elif word.text in ("source", "source-directory") and values:
            _source(model, node, word.text, value, seen)
        elif word.text == "address" and values:
            address = values[0]
        elif word.text == "netmask":
            length = value
        elif word.text == "gateway" and values:
            model.add_gateway(value, values[0])
        elif word.text in ("up", "pre-up", "post-up") and {"addr", "address", "a", "ifconfig", "dhclient"} & {
            one.text.rpartition("/")[2] for one in values
        }:
            model.dynamic = True
    if address is not None:
        model.add(interface, _joined(address.text, length), address)


def _lines(source: Source) -> Iterator[list[Word]]:
    """The words of each line; a line that ends in a backslash goes on."""
    for line in compiled(r"(?>(?:[^\n\\]+|\\\r?\n|\\)+)").finditer(source.text):
        words = [Word(source, *word.span()) for word in compiled(r"[^ \t\r\n\\]+").finditer(source.text, *line.span())]
        if words and not words[0].text.startswith("#"):
            yield words


def _source(model: Interfaces, node: Node, keyword: str, pattern: str, seen: set[str]) -> None:
    """Read the files that a `source` line names; files that are not in the input leave addresses unknown."""
    pattern = pattern if pattern.startswith("/") else "/etc/network/" + pattern
    pattern = pattern.rstrip("/") + "/*" if keyword == "source-directory" else pattern
    found = [path for path in sorted(node.files) if globs.matches(pattern, path)]
    folder = pattern.rpartition("/")[0]
    if not found and (node.layout is None or folder not in node.layout.folders):
        model.dynamic = True
    for path in found:
        if keyword == "source" or compiled(r"[A-Za-z0-9_-]+").fullmatch(path.rpartition("/")[2]):
            _read_ifupdown(model, node, path, seen)


def _joined(address: str, length: str) -> str:
    from halint.models.interfaces import with_length

    return address if "/" in address else with_length(address, length)


# netplan


def _read_netplan(model: Interfaces, source: Source, by_dhcp: dict[str, bool]) -> None:
    """Read the first document, as netplan does. by_dhcp: whether each interface has an IPv4 address from DHCP so far:
    a later file overrides that, and adds to the addresses (netplan 0.106, measured)."""
    import yaml

    try:
        documents = yaml.compose_all(source.text, yaml.SafeLoader) if len(source.text) < _MAX else iter(())
        top = next(documents, None)
    except (yaml.YAMLError, RecursionError, ValueError):
        top = None
    if top is None:
        model.dynamic = True
        return
    for kind, devices in _pairs(dict(_pairs(top)).get("network")):
        for name, device in _pairs(devices) if kind in _KINDS else ():
            _read_device(model, source, name, dict(_pairs(device)), by_dhcp)


def _read_device(
    model: Interfaces, source: Source, key: str, settings: dict[str, Any], by_dhcp: dict[str, bool]
) -> None:
    name = key
    match = dict(_pairs(settings.get("match")))
    if "set-name" in settings:
        name = _text(settings["set-name"])
    elif match:
        name = _text(match["name"]) if "name" in match else "*"
    interface = _mentioned(model, name)
    if "dhcp4" in settings:
        by_dhcp[key] = _text(settings["dhcp4"]).lower() in ("true", "yes", "on", "y")
    for item in _items(settings.get("addresses")):
        with_options = _pairs(item)
        text = with_options[0][0] if with_options else _text(item)
        model.add(interface, text, _word(source, item, text))
    vias = [settings[key] for key in ("gateway4", "gateway6") if key in settings]
    for route in map(dict, map(_pairs, _items(settings.get("routes")))):
        if _text(route.get("to")) in _DEFAULT and "via" in route:
            vias.append(route["via"])
    for via in vias:
        model.add_gateway(_text(via), _word(source, via, _text(via)))


def _word(source: Source, node: Any, text: str) -> Word:
    """Where `text` stands: the start of the node of YAML, up to its line's end where it goes on."""
    start, end = node.start_mark.index, node.end_mark.index
    return Word(source, start, min(end, source.line_end(start)), text)


def _pairs(node: Any) -> list[tuple[str, Any]]:
    """The keys and values of a mapping; none where the node of YAML is something else."""
    found = getattr(node, "value", None)
    if getattr(node, "id", "") != "mapping" or not isinstance(found, list):
        return []
    return [(_text(key), value) for key, value in found]


def _items(node: Any) -> list[Any]:
    found = getattr(node, "value", None)
    return found if getattr(node, "id", "") == "sequence" and isinstance(found, list) else []


def _text(node: Any) -> str:
    found = getattr(node, "value", None)
    return found if isinstance(found, str) else ""


# systemd-networkd


def _read_networkd(model: Interfaces, trees: list[Any], taken: set[str]) -> None:
    """A .network file with its drop-ins. An interface is that of the first file that matches it: `taken` before."""
    lines = [
        (section.keyword, line.keyword, line.words[1])
        for tree in trees
        for section in tree.statements
        for line in section.statements()
        if len(line.words) > 1
    ]
    matches = {key: word.text for section, key, word in lines if section == "Match"}
    names = [name for name in matches.pop("Name", "" if matches else "*").split(" ") if name]
    if matches or not names or any(name.startswith("!") for name in names):
        names = ["*"]
    if len(names) == 1 and names[0] in taken:
        return
    taken.update(names)
    interfaces = [_mentioned(model, name) for name in names]
    for section, key, word in lines:
        if section in ("Network", "Address") and key == "Address":
            for interface in interfaces:
                model.add(interface, word.text, word)
        elif section == "Network" and key == "DHCP" and word.text.lower() in ("yes", "ipv4", "true", "both", "1", "on"):
            model.dynamic = True
        elif section in ("Network", "Route") and key == "Gateway":
            others = {other.text for at, name, other in lines if (at, name) == ("Route", "Destination")}
            if section == "Network" or not others - set(_DEFAULT):
                model.add_gateway(word.text, word)


def _mentioned(model: Interfaces, name: str) -> str:
    """Note that some file mentions the interface; returns it, "" where `name` is a pattern."""
    if compiled(r"[*?\[/!]").search(name) or not name:
        model.patterns.append(name or "*")
        return ""
    model.names.add(name)
    return name
