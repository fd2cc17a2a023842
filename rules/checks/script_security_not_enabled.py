"""KA408; its page is script_security_not_enabled.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity, Skipped
from halint.models.keepalived import scripts
from halint.node import Node
from halint.rule import Rule


class ScriptSecurityNotEnabled(Rule):
    """keepalived runs scripts without having looked at who may write them."""

    code = "KA408"
    severity = Severity.INFO
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        model = node.keepalived
        if model is None or not model.instances or model.global_setting("enable_script_security") is not None:
            return
        first = next(scripts.run_by(model), None)
        if first is None:
            return
        if model.missing_includes:
            yield self.skip(node, "keepalived")
            return
        yield self.finding(
            f"keepalived on {node.name} does not look at who can write the scripts that it runs, and `keepalived -t` "
            "ends with status 6 for that; add enable_script_security and a script_user to global_defs",
            node,
            first,
            label="the first of them",
        )
