"""HA101; its page is undefined_backend.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Location, Severity
from halint.fixes import edits
from halint.models.haproxy import Haproxy
from halint.nearest import Nearest
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class UndefinedBackend(Rule):
    """default_backend or use_backend names a backend that is not there."""

    code = "HA101"
    severity = Severity.ERROR
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        haproxy = node.haproxy
        if haproxy is None:
            return
        seen: set[Word] = set()
        nearest = Nearest()
        for proxy in haproxy.senders:
            for word in proxy.targets:
                if word.text in haproxy.backends or word in seen or word.text in haproxy.lost_names:
                    continue
                seen.add(word)
                elsewhere = _in_unloaded(node, haproxy, word.text)
                if elsewhere and not haproxy.files_known:
                    continue
                meant = nearest(word.text, haproxy.backends)
                yield self.finding(
                    f"haproxy on {node.name} will not start: there is no backend or listen {word.text!r}; define it, "
                    "or " + (f"write {meant!r}, which is there" if meant else "correct the name"),
                    node,
                    word,
                    related=[Location(node, at, "defined here, in a file that is not loaded") for at in elsewhere],
                    fix=edits.writing(word, meant, Applicability.DISPLAY),
                )


def _in_unloaded(node: Node, haproxy: Haproxy, name: str) -> list[Word]:
    return [
        section.words[1]
        for source in haproxy.unloaded
        for section in node.tree(source).statements
        if section.keyword in ("backend", "listen") and len(section.words) > 1 and section.words[1].text == name
    ]
