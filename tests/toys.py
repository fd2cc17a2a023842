"""Small rules and hand-made nodes, to test what is around the rules."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from halint.cluster import Cluster
from halint.finding import Applicability, Create, Edit, Finding, Fix, Location, Severity, Skipped
from halint.node import Node
from halint.rule import Rule
from halint.settings import Settings
from halint.source import Source
from halint.targets import Targets
from halint.tree import Word

KEEPALIVED = "/etc/keepalived/keepalived.conf"


def source(path: str, text: str, format: str = "keepalived", file: str | None = None) -> Source:
    return Source(path, text, format=format, file=file)


def node(name: str, *sources: Source, root: str | None = None) -> Node:
    paths = [KEEPALIVED, *(f"/etc/keepalived/{number}.conf" for number in range(1, len(sources)))]
    return Node(name, root, dict(zip(paths, sources, strict=True)), Targets())


def on_disk(root: Path, name: str, text: str) -> Node:
    """A node with a keepalived.conf below `root`."""
    path = root / name / "etc/keepalived/keepalived.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    shown = os.path.relpath(path, root)
    made = Source.of_bytes(shown, path.read_bytes(), format="keepalived", file=str(path))
    return node(name, made, root=str(root / name))


def one_cluster(nodes: list[Node]) -> list[Cluster]:
    return [Cluster("toy", nodes)]


def settings() -> Settings:
    return Settings()


class Toy(Rule):
    """Finds the statements of a keyword on each node."""

    code = "XX101"
    severity = Severity.ERROR
    name = "toy"
    keyword = "bad"
    to: str | None = "good"
    applicability = Applicability.SAFE

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        for source in node.files.values():
            for statement in node.tree(source).walk():
                if statement.keyword == self.keyword:
                    word = statement.words[0]
                    yield self.finding(self.message(node, word), node, word, fix=self.fix(node, word))

    def message(self, node: Node, word: Word) -> str:
        return f"{node.name} has {word.text}; take it away"

    def fix(self, node: Node, word: Word) -> Fix | None:
        if self.to is None:
            return None
        return Fix(f"write {self.to}", [Edit(word.source, word.start, word.end, self.to)], self.applicability)


class Warned(Toy):
    """As Toy, and a warning."""

    code = "XX102"
    severity = Severity.WARNING
    name = "warned"
    keyword = "odd"


class Unignorable(Toy):
    """Cannot be silenced."""

    code = "XX103"
    name = "unignorable"
    ignorable = False


class Crash(Rule):
    """Fails."""

    code = "XX900"
    severity = Severity.ERROR
    name = "crash"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        raise ZeroDivisionError(f"in {cluster.name}")


class Blind(Rule):
    """Cannot judge."""

    code = "XX104"
    severity = Severity.WARNING
    name = "blind"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        yield self.skip(node, "sysctl")


class Differs(Rule):
    """The nodes' `value` differs: the fix makes one of them right."""

    code = "XX105"
    severity = Severity.ERROR
    name = "differs"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        words = [
            (node, statement.words[1])
            for node in cluster.nodes
            for source in node.files.values()
            for statement in node.tree(source).walk()
            if statement.keyword == "value"
        ]
        if not words:
            return
        (first, right), *others = words
        for node, word in others:
            if word.text != right.text:
                prefer: dict[str, list[Edit | Create]] = {
                    first.name: [Edit(word.source, word.start, word.end, right.raw)],
                    node.name: [Edit(right.source, right.start, right.end, word.raw)],
                }
                fix = Fix("make both the same", prefer[first.name], Applicability.DISPLAY, prefer)
                related = [Location(first, right, f"{right.text} on {first.name}")]
                yield self.finding(f"{node.name} differs from {first.name}", node, word, related=related, fix=fix)


class Lacks(Rule):
    """A node lacks /etc/new/file."""

    code = "XX106"
    severity = Severity.WARNING
    name = "lacks"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        if "/etc/new/file" not in node.files:
            at = Word(next(iter(node.files.values())), 0, 0)
            fix = Fix("write it", [Create(node, "/etc/new/file", "text\n")], Applicability.SAFE)
            yield self.finding(f"{node.name} lacks /etc/new/file", node, at, fix=fix)
