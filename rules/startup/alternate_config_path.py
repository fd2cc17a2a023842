"""ST104; its page is alternate_config_path.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models import haproxy
from halint.models.keepalived import MAIN
from halint.node import Node
from halint.rule import Rule


class AlternateConfigPath(Rule):
    """A daemon is started with another file than the one that is checked here."""

    code = "ST104"
    severity = Severity.WARNING

    def check_node(self, node: Node) -> Iterator[Finding]:
        option = node.startup.keepalived_option("use-file") if node.keepalived else None
        if option is not None and option.word is not None and option.text != MAIN:
            yield self.finding(
                f"nothing that is said here of keepalived on {node.name} is sure: it is started with {option.text}, "
                f"and not with {MAIN}; check that file in its place",
                node,
                option.word,
            )
        for file in node.startup.haproxy_files or () if node.haproxy else ():
            if file.word is not None and file.text.startswith("/") and not haproxy.loaded(node.files, [file.text]):
                yield self.finding(
                    f"nothing that is said here of haproxy on {node.name} is sure: it is started with {file.text}, "
                    "which is not among the files; check that, too",
                    node,
                    file.word,
                )
