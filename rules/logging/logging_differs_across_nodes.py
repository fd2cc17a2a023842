"""LG121; its page is logging_differs_across_nodes.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.finding import Applicability, Create, Edit, Finding, Fix, Location, Severity
from halint.models import logs
from halint.models.logs import Flow
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class LoggingDiffersAcrossNodes(Rule):
    """What a daemon logs ends in other files on one node than on the others."""

    code = "LG121"
    severity = Severity.WARNING
    oracle = "none"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        if cluster.tentative or len({node.targets.os for node in cluster.nodes}) != 1:
            return
        differing = []
        for daemon in ("haproxy", "keepalived"):
            places = [(node, found) for node in cluster.nodes if (found := _places(node, daemon)) is not None]
            if len({frozenset(files) for _, files in places}) > 1:
                differing.append((daemon, places))
        if not differing:
            return
        parts = []
        words: list[tuple[int, Node, str, Word]] = []
        for daemon, places in differing:
            alike: dict[frozenset[str], list[Node]] = {}
            for node, files in places:
                alike.setdefault(frozenset(files), []).append(node)
            everywhere = frozenset.intersection(*alike)
            said = [
                f"{', '.join(sorted(files))} on {', '.join(n.name for n in nodes)}" for files, nodes in alike.items()
            ]
            parts.append(f"what {daemon} logs is in {' and '.join(said)}")
            words += [
                (len(alike[frozenset(files)]), node, daemon, _rule_for(files, everywhere)) for node, files in places
            ]
        # The node that stands alone is the likely culprit, of two the second.
        odd = min(reversed(words), key=lambda entry: entry[0])
        words.remove(odd)
        yield self.finding(
            f"the nodes log differently, so after a fail-over the lines are not where they are looked for: "
            f"{'; '.join(parts)}; let the nodes have the same rules",
            odd[1],
            odd[3],
            related=[Location(node, at, f"{daemon} on {node.name}") for _, node, daemon, at in words],
            fix=_copy(differing[0][1]),
        )


def _rule_for(files: dict[str, Flow], everywhere: frozenset[str]) -> Word:
    """What of a node's rules makes the difference; the daemon's own setting where that is the distribution's."""
    path = next((path for path in files if path not in everywhere), next(iter(files)))
    return files[path].files[path] or files[path].word


def _places(node: Node, daemon: str) -> dict[str, Flow] | None:
    """The files in which the daemon's lines end, each with the flow; None where that is not known, or where they are
    lost or go astray, which other rules report."""
    flows = [flow for flow in node.flows if flow.daemon == daemon]
    if not flows or node.rsyslog.slips or node.rsyslog.garbled or not node.rsyslog.complete or logs.starved(node):
        return None
    if any(flow.received is not True or not flow.known or flow.ends_nowhere for flow in flows):
        return None
    return {path: flow for flow in flows for path in flow.files} or None


def _copy(places: list[tuple[Node, dict[str, Flow]]]) -> Fix | None:
    """The drop-in of rsyslog that one node has and another lacks; which of the two is right is not known."""
    for node, files in places:
        for path, flow in files.items():
            word = flow.files[path]
            for other, _ in places:
                if word is None or word.source not in node.files.values():
                    continue
                name = next(name for name, source in node.files.items() if source is word.source)
                if name not in other.files and name.startswith("/etc/rsyslog.d/"):
                    copy: list[Edit | Create] = [Create(other, name, word.source.text)]
                    title = f"copy {name} from {node.name} to {other.name}"
                    return Fix(title, copy, Applicability.DISPLAY, {node.name: copy})
    return None
