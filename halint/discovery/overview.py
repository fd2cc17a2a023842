"""The text of `halint nodes`: what was found, and the reason for each decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint import judged
from halint.discovery import outputs
from halint.discovery.walk import display, printable
from halint.node import FAMILIES
from halint.readers.formats import SERVICES
from halint.versions import show

if TYPE_CHECKING:
    from halint.cluster import Cluster
    from halint.discovery.nodes import Discovery
    from halint.node import Node


def text(discovery: Discovery, clusters: list[Cluster]) -> str:
    """Clusters with their nodes, then what is not checked and why."""
    lines: list[str] = []
    for cluster in clusters:
        if cluster.nodes:
            lines += _cluster(cluster)
            for node in cluster.nodes:
                lines += ["  " + line for line in _node(node, discovery.here)]
            lines.append("")
    problems = [(problem.source.path, problem.message) for problem in discovery.problems]
    for title, found in (("not checked:", problems), ("ignored:", discovery.ignored)):
        if found:
            lines += [title, *(f"  {path}: {reason}" for path, reason in found), ""]
    return "\n".join(map(printable, lines))


def _cluster(cluster: Cluster) -> Iterator[str]:
    if len(cluster.nodes) == 1 and not cluster.declared:
        yield f"node {cluster.name}, alone"
        yield "  it shares no virtual address and no unicast peer with another node"
        return
    yield f"cluster {cluster.name}{', tentative' if cluster.tentative else ''}"
    for reason in cluster.reasons:
        yield f"  {reason}"


def _node(node: Node, here: str) -> Iterator[str]:
    yield f"node {node.name}"
    layout = node.layout
    for reason in layout.reasons if layout else ():
        yield f"  because {reason}"
    targets = node.targets
    yield f"  os {targets.os or 'unknown'}: {targets.reasons.get('os', '')}"
    for one in judged.versions(node):
        yield f"  {one.program} {show(one.version)}{'' if one.told else ', assumed'}: {one.reason}"
    firewall = node.firewall
    active = "" if firewall.active is None else ", active" if firewall.active else ", not active"
    captured = "" if firewall.captured is None else f"; what {firewall.captured.whose} had outranks its files"
    fault = f"; nothing is known of its rules: {firewall.fault}" if firewall.fault else ""
    yield f"  firewall {firewall.kind}{active}: {firewall.reason}{captured}{fault}"
    yield f"  collected: {', '.join(family for family in FAMILIES if family in node.collected) or 'nothing'}"
    missing = ", ".join(family for family in FAMILIES if family not in node.collected)
    if missing:
        yield f"  not collected, so nothing is known of: {missing}"
    yield "  files:"
    loaded = _loaded(node)
    for path, entry in sorted(layout.files.items()) if layout else ():
        source = node.files.get(path)
        state = "not checked" if source is None else loaded.get(path, source.format)
        state = "captured" if source is not None and path.startswith(outputs.FOLDER) else state
        yield f"    {path} ({state}) from {display(entry.path, here)}"
    for path, target in sorted(node.links.items()):
        if path in node.files or path.startswith("/etc/sysctl.d/") or any(service in path for service in SERVICES):
            yield f"    {path} -> {target}"


def _loaded(node: Node) -> dict[str, str]:
    """Which files keepalived and haproxy load, by their path on the node."""
    found: dict[str, str] = {}
    readers = (("keepalived", node.keepalived), ("haproxy", node.haproxy))
    for name, model in readers:
        sources = {id(source) for source in model.sources} if model is not None else set()
        for path, source in node.files.items():
            if source.format == name:
                found[path] = f"{name}, {'loaded' if id(source) in sources else 'not loaded'}"
    return found
