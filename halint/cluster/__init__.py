"""Clusters: nodes that share virtual addresses, and how they are told from the nodes around them."""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import dirname
from typing import TYPE_CHECKING

from halint import address
from halint.discovery import families
from halint.discovery.layout import KEEPALIVED
from halint.lazy import lazy

if TYPE_CHECKING:
    from halint.cluster.segment import Register
    from halint.cluster.virtual_router import VirtualRouter
    from halint.discovery.inputs import InputProblem
    from halint.failover.facts import Facts
    from halint.node import Node
    from halint.settings import Settings
    from halint.source import Source

#: More nodes than this that share nothing are a fleet, not a cluster.
_MAX_TENTATIVE = 4


class Cluster:
    """Nodes that are meant to hold the same virtual addresses; a node without a partner is one alone.

    tentative: the nodes share nothing, they only stand side by side. declared: halint.toml names it.
    reasons: why the nodes are together. segment: the L2 segment that halint.toml names for its nodes, or "".
    beside: all clusters of the run, itself too.
    problems: of the input, in this cluster's part of it. Only a cluster that has problems may lack nodes.
    facts: what decides who holds the addresses, once halint.failover has read it.
    """

    def __init__(self, name: str, nodes: list[Node], reasons: list[str] | None = None, tentative: bool = False) -> None:
        self.name = name
        self.nodes = nodes
        self.tentative = tentative
        self.declared = False
        self.reasons = reasons or []
        self.segment = ""
        self.beside = [self]
        self.problems: list[InputProblem] = []
        self.facts: Facts | None = None

    @lazy
    def virtual_routers(self) -> list[VirtualRouter]:
        from halint.cluster.virtual_router import pair

        return pair(self.nodes)

    @property
    def alone(self) -> bool:
        """Whether no other cluster is in the run."""
        return len(self.beside) == 1

    @property
    def register(self) -> Register:
        """What the clusters of the run have on which segment; one for all of them."""
        return self.beside[0]._register

    @lazy
    def _register(self) -> Register:
        from halint.cluster.segment import Register

        return Register(self.beside)

    def nodes_of(self, source: Source) -> list[Node]:
        """The nodes that have the file `source`."""
        return self._nodes_by_source.get(source, [])

    @lazy
    def _nodes_by_source(self) -> dict[Source, list[Node]]:
        found: dict[Source, list[Node]] = {}
        for node in self.nodes:
            for source in dict.fromkeys(node.files.values()):
                found.setdefault(source, []).append(node)
        return found

    def __repr__(self) -> str:
        return f"Cluster({self.name!r})"


def group(nodes: list[Node], settings: Settings, problems: Iterable[InputProblem] = ()) -> list[Cluster]:
    """The clusters of `nodes`, each node in one, in the order of their first nodes. Each of `problems` goes to
    the cluster that it stands nearest to."""
    order = {node: number for number, node in enumerate(nodes)}
    clusters, rest = _configured(nodes, settings)
    keys = {node: _keys(node) for node in rest}
    rest = _joined(clusters, rest, keys, settings, by_variant=True)
    odd = {node for node in rest if node.layout is not None and node.layout.variant}
    odd -= set(_joined(clusters, [node for node in rest if node in odd], keys, settings, by_variant=False))
    rest = [node for node in rest if node not in odd]
    rest = _side_by_side(clusters, rest)
    clusters += [Cluster(node.name, [node]) for node in rest]
    for cluster in clusters:
        cluster.nodes.sort(key=order.__getitem__)
        cluster.name = cluster.name or "+".join(node.name for node in cluster.nodes)
        collected = frozenset().union(*(families.on_node(node, settings) for node in cluster.nodes))
        for node in cluster.nodes:
            node.collected = collected - families.unread(node)
            node.siblings = cluster.nodes
    clusters.sort(key=lambda cluster: order[cluster.nodes[0]])
    clusters = _with_problems(clusters, list(problems))
    for cluster in clusters:
        cluster.segment = _segment(cluster, settings)
        cluster.beside = clusters
    return clusters


def _configured(nodes: list[Node], settings: Settings) -> tuple[list[Cluster], list[Node]]:
    """The clusters that halint.toml names, and the nodes that it leaves to their addresses."""
    by_name = {node.name: node for node in nodes}
    clusters = []
    for name, given in settings.clusters.items():
        members = [by_name.pop(node) for node in given.nodes if node in by_name]
        if members:
            cluster = Cluster(name, members, [f"{settings.where} says so"])
            cluster.declared = True
            clusters.append(cluster)
    return clusters, list(by_name.values())


def _joined(
    clusters: list[Cluster],
    nodes: list[Node],
    keys: dict[Node, dict[str, str]],
    settings: Settings,
    by_variant: bool,
) -> list[Node]:
    """Make clusters of the nodes that share an address under their nearest common folder; returns the others.

    From the deepest folder upwards: nodes that have found each other in a folder do not join those of another,
    which may be another site's copy.
    """
    pending: dict[str, list[Node]] = {}
    for node in nodes:
        pending.setdefault(_place(node, settings), []).append(node)
    deepest = max((place.count("/") for place in pending), default=0)
    levels: list[set[str]] = [set() for _ in range(deepest + 1)]
    for place in pending:
        levels[place.count("/")].add(place)
    alone: list[Node] = []
    for depth in range(deepest, -1, -1):
        for place in sorted(levels[depth]):
            for found, shared in _linked(pending[place], keys, by_variant):
                if len(found) > 1:
                    clusters.append(Cluster("", found, shared))
                elif depth == 0:
                    alone += found
                else:
                    above = place[: place.rfind("/")]
                    levels[depth - 1].add(above)
                    pending.setdefault(above, []).append(found[0])
    left = set(alone)
    return [node for node in nodes if node in left]


def _linked(
    nodes: list[Node], keys: dict[Node, dict[str, str]], by_variant: bool
) -> Iterable[tuple[list[Node], list[str]]]:
    """The nodes in groups that share addresses, each with how."""
    leader = {node: node for node in nodes}

    def find(node: Node) -> Node:
        while leader[node] is not node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    holders: dict[tuple[str, str], list[Node]] = {}
    for node in nodes:
        variant = node.layout.variant if by_variant and node.layout is not None else ""
        for key in keys[node]:
            holders.setdefault((variant, key), []).append(node)
    for found in holders.values():
        for node in found[1:]:
            leader[find(node)] = find(found[0])
    groups: dict[Node, tuple[list[Node], list[str]]] = {}
    for node in nodes:
        groups.setdefault(find(node), ([], []))[0].append(node)
    for (_, key), found in holders.items():
        if len(found) > 1:
            names = ", ".join(node.name for node in found)
            groups[find(found[0])][1].append(f"{names} share {keys[found[0]][key]} {key}")
    return groups.values()


def _keys(node: Node) -> dict[str, str]:
    """The addresses that tie a node to others, canonical, with what they are."""
    if node.keepalived is None:
        return {}
    found: dict[str, str] = {}
    for instance in node.keepalived.instances:
        for own in (instance.unicast_src_ip.value, instance.mcast_src_ip.value):
            if own and instance.peers and (canonical := address.canonical(own)):
                found[canonical] = "the unicast address"
        found |= dict.fromkeys(instance.peers, "the unicast address") | dict.fromkeys(
            instance.all_vips, "the virtual address"
        )
    return {key: what for key, what in found.items() if not address.is_everybodys(key)}


def _place(node: Node, settings: Settings) -> str:
    """The folder in which the node's siblings stand; folders of one segment are one."""
    place = node.layout.place if node.layout is not None else ""
    name, folder = settings.segment_of(place)
    return f"segment {name}" + place[len(folder) :] if name else place.rstrip("/")


def _segment(cluster: Cluster, settings: Settings) -> str:
    """The segment that all its nodes stand in, by halint.toml."""
    places = {node.layout.place if node.layout is not None else "" for node in cluster.nodes}
    names = {settings.segment_of(place)[0] for place in places}
    return names.pop() if len(names) == 1 else ""


def _side_by_side(clusters: list[Cluster], nodes: list[Node]) -> list[Node]:
    """Make tentative clusters of siblings that share nothing, or one with a mistyped address would look alone.

    Siblings are named alike but for a number or a role, or are the only two machines of a folder.
    """
    siblings: dict[tuple[str, str, str], list[Node]] = {}
    machines: dict[str, list[Node]] = {}
    alone: list[Node] = []
    for node in nodes:
        layout = node.layout
        if layout is None or not layout.balances:
            alone.append(node)
        else:
            siblings.setdefault((layout.place, layout.key, layout.variant), []).append(node)
    for found in siblings.values():
        if len(found) == 1 and found[0].root is not None and found[0].layout is not None:
            machines.setdefault(found[0].layout.place, []).append(found[0])
        else:
            alone += _tentative(clusters, found)
    for found in machines.values():
        alone += _tentative(clusters, found) if len(found) == 2 else found
    left = set(alone)
    return [node for node in nodes if node in left]


def _tentative(clusters: list[Cluster], nodes: list[Node]) -> list[Node]:
    """Make one tentative cluster of `nodes`; returns them where they do not look like one."""
    routers = [node for node in nodes if node.layout is not None and KEEPALIVED in node.layout.files]
    if not 2 <= len(nodes) <= _MAX_TENTATIVE or not routers:
        return nodes
    names = " and ".join(node.name for node in nodes)
    reason = f"{names} stand side by side; they share no virtual address and no unicast peer"
    clusters.append(Cluster("", nodes, [reason], tentative=True))
    return []


def _with_problems(clusters: list[Cluster], problems: list[InputProblem]) -> list[Cluster]:
    """Give each problem to the cluster that has the file, else to one whose folder it stands in."""
    if not problems:
        return clusters
    by_name = {cluster.name: cluster for cluster in clusters}
    owners: dict[str, tuple[Cluster, Node | None]] = {}
    for cluster in clusters:
        for node in cluster.nodes:
            if node.layout is None:
                continue
            for entry in node.layout.files.values():
                owners.setdefault(entry.path, (cluster, node))
            owners.setdefault(node.layout.folder, (cluster, node))
            owners.setdefault(node.layout.place, (cluster, None))
    for problem in problems:
        if problem.cluster:
            if problem.cluster not in by_name:
                by_name[problem.cluster] = Cluster(problem.cluster, [])
                clusters.append(by_name[problem.cluster])
            cluster = by_name[problem.cluster]
        else:
            path = problem.path
            while path not in owners and path not in {"/", ""}:
                path = dirname(path)
            if path not in owners and not clusters:
                clusters.append(Cluster("", []))
            cluster, problem.node = owners.get(path, (clusters[0], None))
        cluster.problems.append(problem)
    return clusters
