"""What makes a finding the same one in the next run, though lines moved."""

from __future__ import annotations

from hashlib import sha256

from halint.finding import Finding, Location
from halint.light import bisect_right
from halint.readers.lexer import compiled
from halint.secrets import Masking

#: Blocks around a finding that count, from the outside: no real file nests as deep.
_DEPTH = 8


def fingerprints(findings: list[Finding], masking: Masking) -> list[str]:
    """One for each finding, all different: of its code, cluster, file, the blocks around it and its text.

    No line number and no secret goes into it; `masking` must be one that masks.
    """
    seen: dict[str, int] = {}
    found = []
    for finding in findings:
        place = finding.location
        text = masking.part(place.source, place.start, place.end)
        parts = (
            finding.code,
            finding.cluster,
            *place.nodes,
            place.source.path,
            *_blocks(place),
            compiled(r"[ \t\r\n]+").sub(" ", text),
        )
        key = "\0".join(parts)
        seen[key] = seen.get(key, 0) + 1
        found.append(sha256(f"{key}\0{seen[key]}".encode("utf-8", "surrogateescape")).hexdigest()[:32])
    return found


def _blocks(place: Location) -> list[str]:
    """The heads of the statements around `place`, outermost first."""
    if place.node is None or place.source.format == "text":
        return []
    heads: list[str] = []
    level = place.node.tree(place.source).statements
    while level and len(heads) < _DEPTH:
        around = level[bisect_right(level, place.start, key=lambda statement: statement.start) - 1]
        if not around.start <= place.start < max(around.end, around.body_end):
            break
        heads.append(" ".join(word.text for word in around.words[:2]) if around.body else around.keyword)
        level = around.body or []
    return heads
