"""KA155; its page is undefined_parameter.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.misread import misread
from halint.models.keepalived.preprocess import Undefined
from halint.node import Node
from halint.rule import Rule
from halint.versions import show

#: How much of a name a message shows.
_LONGEST = 60


class UndefinedParameter(Rule):
    """Nothing defines what a `${NAME}` stands for, so keepalived takes its braces for those of a block."""

    code = "KA155"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        uses: dict[str, list[Undefined]] = {}
        for use in node.keepalived.undefined if node.keepalived else ():
            uses.setdefault(use.name, []).append(use)
        for whole, (first, *others) in uses.items():
            name = whole[:_LONGEST]
            if first.standard:
                version = show(node.targets.keepalived or ())
                why = f"version {version} knows no {name.partition(' ')[0]}; write what it should stand for"
            else:
                why = f"no line above defines it; write ${name}=... above, or what it should stand for"
            related = misread(node, first.at.source, first.at.end, first.end)
            for use in first.outside(others):
                related.append(Location(node, use.at, "and here"))
                related += misread(node, use.at.source, use.at.end, use.end)
            yield self.finding(
                f"keepalived on {node.name} takes the braces of ${{{name}}} for those of a block, and misreads the "
                f"block around it: {why}",
                node,
                first.at,
                related=related,
            )
