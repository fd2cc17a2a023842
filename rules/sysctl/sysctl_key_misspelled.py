"""SY103; its page is sysctl_key_misspelled.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.models.sysctl import Assignment
from halint.node import Node
from halint.patterns.sysctl_table import NAMES
from halint.rule import Rule

#: How alike two names must be: one letter in eight may be wrong.
_ALIKE = 0.87


class SysctlKeyMisspelled(Rule):
    """A kernel parameter has a name that no kernel knows, and nearly that of one it does."""

    code = "SY103"
    severity = Severity.WARNING
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for line in node.sysctl.lines:
            meant = _meant(line)
            if meant is not None:
                name = line.key.text.removeprefix("-")
                yield self.finding(
                    f"{node.name} does not set {meant}, for the kernel knows no {name}, and only the journal says so; "
                    f"write {meant}",
                    node,
                    line.key,
                    fix=_fix(node, line, meant),
                )


def _meant(line: Assignment) -> str | None:
    """The name that is probably meant, as people write it; None where the kernel knows it, or nothing is alike."""
    parts = line.name.split("/")
    if parts[:1] != ["net"] or parts[1:2] not in (["core"], ["ipv4"], ["ipv6"], ["ip4"], ["ip6"]) or "*" in line.name:
        return None
    interface = parts[3] if len(parts) == 5 and parts[2] in ("conf", "neigh") else ""
    name = "/".join("*" if interface and at == 3 else part for at, part in enumerate(parts))
    if name in NAMES:
        return None
    from difflib import get_close_matches  # a check without such a slip does not need it

    alike = get_close_matches(name, NAMES, 1, _ALIKE)
    return (
        alike[0].replace("/", ".").replace("*", interface) if alike and ("*" in alike[0]) == bool(interface) else None
    )


def _fix(node: Node, line: Assignment, meant: str) -> Fix | None:
    if not agreement.literal(line.key) or "." not in line.key.text or "/" in line.key.text:
        return None
    dash = "-" if line.key.text.startswith("-") else ""
    others = [other.word for other in node.sysctl.assigning(meant)]
    agreed = all(other is None or line.word is None or other.text == line.word.text for other in others)
    applicability = Applicability.SAFE if agreed else Applicability.UNSAFE
    return Fix(f"write {meant}", [edits.replace(line.key, dash + meant)], applicability)
