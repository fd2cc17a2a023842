"""KA409; its page is script_path_writable_by_non_root.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class ScriptPathWritableByNonRoot(Rule):
    """A check of root stands in a folder of somebody else, so keepalived disables it."""

    code = "KA409"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        keepalived = node.keepalived
        if keepalived is None or keepalived.global_setting("enable_script_security") is None:
            return
        for script in keepalived.tracked_scripts:
            path = script.command.partition(" ")[0]
            if path.startswith("/home/") and path.count("/") > 2 and keepalived.account(script).value == "root":
                yield self.finding(
                    f"keepalived on {node.name} disables the check {script.name}, so its failure moves nothing: "
                    f"it runs as root, and whoever owns {'/'.join(path.split('/')[:3])} can replace {path}; move it to "
                    "/usr/libexec/keepalived, owned by root",
                    node,
                    script.words[0],
                )
