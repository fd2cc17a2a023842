"""The picture of a cluster: its nodes side by side, the addresses above them, and below them who hears whom.

Everything is drawn in black, grey and the colours of the verdicts, and each verdict has a sign of its own, so that the
picture survives a printer without colours.
"""

from __future__ import annotations

from html import escape
from itertools import combinations, permutations
from typing import TYPE_CHECKING

from halint.failover.verdicts import NO_HOLDER, NONDETERMINISTIC, OK, SPLIT_BRAIN, STALE_HOLDER
from halint.reporters.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from halint.failover import Analysis
    from halint.failover.facts import Candidate

#: By verdict: its sign, its colour, and what it means.
VERDICTS = {
    OK: ("✓", "#1a7f37", "one node holds it, and serves it"),
    NONDETERMINISTIC: ("?", "#8a6100", "which node holds it depends on who was first"),
    STALE_HOLDER: ("!", "#b04a00", "its holder serves nothing, or nobody reaches it"),
    NO_HOLDER: ("○", "#c41e2e", "no node holds it"),
    SPLIT_BRAIN: ("✕", "#c41e2e", "several nodes hold it at the same time"),
}
INK, FAINT, RULE, PAPER, SHADE, BAD = "#1c1e21", "#5c636b", "#b9bfc6", "#ffffff", "#f4f6f8", "#c41e2e"
FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"
SIZE, LINE, MARGIN = 12, 18, 20
_BOX, _GAP, _PAD = 230, 90, 12
_ARC = 32
#: Fill, line and text of an address that a node holds, may hold, does not hold at the start.
_HOLDS, _MAY_HOLD, _HOLDS_NOT = (INK, INK, PAPER), (PAPER, INK, INK), (PAPER, RULE, FAINT)
#: So many addresses of an instance are shown.
_MOST_ADDRESSES = 4
#: With more nodes than these the arrows of those who hear each other would only hide the others.
_MOST_ARROWS = 4


class Canvas:
    """Shapes as SVG elements. width, height: how far they reach, in pixels of the user space."""

    def __init__(self) -> None:
        self.shapes: list[str] = []
        self.width = 0.0
        self.height = 0.0

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: str = INK,
        bold: bool = False,
        anchor: str = "start",
        size: int = SIZE,
    ) -> None:
        """One line of text with its baseline at `y`."""
        weight = ' font-weight="bold"' if bold else ""
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.shapes.append(
            f'<text x="{x:g}" y="{y:g}" fill="{colour}" font-size="{size}"{weight}{where}>{clean(text)}</text>'
        )
        reach = {"start": 1.0, "middle": 0.5, "end": 0.0}[anchor]
        self.reach(x + reach * extent(text, size, bold=bold), y + size / 3)

    def line(self, path: str, *, colour: str, dashed: bool = False, heads: Iterable[str] = ()) -> None:
        """A path. heads: which of its ends bear an arrowhead, "start" and "end"."""
        ends = "".join(f' marker-{end}="url(#{"bad" if dashed else "good"})"' for end in heads)
        self.shapes.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.5"{_dash(dashed)}{ends}/>')

    def reach(self, x: float, y: float) -> None:
        """Make the picture reach to this point at least."""
        self.width = max(self.width, x)
        self.height = max(self.height, y)


def rectangle(
    x: float, y: float, width: float, height: float, *, fill: str, line: str = RULE, dashed: bool = False
) -> str:
    where = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return f'<rect {where} rx="4" fill="{fill}" stroke="{line}"{_dash(dashed)}/>'


def _dash(dashed: bool) -> str:
    return ' stroke-dasharray="5 4"' if dashed else ""


def clean(text: str) -> str:
    """`text` as XML may hold it, on one line."""
    return escape(printable(text))


def extent(text: str, size: int = SIZE, *, bold: bool = False) -> float:
    """About how wide `text` will be, rather too much than too little."""
    units = sum(0.55 if c in "il.,:;|!'()[] " else 1.15 if ord(c) > 0x2E7F or c in "mwMW" else 0.72 for c in text)
    return units * size * (1.08 if bold else 1.0)


def shortened(text: str, width: float, size: int = SIZE) -> str:
    """`text`, or as much of its beginning as is not wider than `width`."""
    if extent(text, size) <= width:
        return text
    while text and extent(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def draw(canvas: Canvas, analysis: Analysis, top: float) -> float:
    """Draw the cluster from `top` on; returns where it ends."""
    nodes: dict[str, list[Candidate]] = {node.name: [] for node in analysis.cluster.nodes}
    for instance in analysis.instances:
        for candidate in instance.candidates:
            nodes[candidate.node.name].append(candidate)
    left: dict[str, float] = {}
    bottom = top
    for node, candidates in nodes.items():
        if candidates:
            left[node] = MARGIN + len(left) * (_BOX + _GAP)
            bottom = max(bottom, _draw_node(canvas, analysis, node, candidates, left[node], top))
    bottom = _draw_hearing(canvas, analysis, left, bottom)
    canvas.text(MARGIN, bottom, "filled: held at the start; dashed: may be held at the start", colour=FAINT)
    return bottom + LINE


def _draw_node(
    canvas: Canvas, analysis: Analysis, node: str, candidates: list[Candidate], x: float, top: float
) -> float:
    """A node with its instances: priority, checks, and the addresses, filled where it holds them at the start."""
    frame = len(canvas.shapes)
    y = top + LINE + 2
    canvas.text(x + _PAD, y, shortened(node, _BOX - 2 * _PAD, SIZE + 2), bold=True, size=SIZE + 2)
    for candidate in candidates:
        y += LINE + 4
        for number, line in enumerate(_facts(candidate)):
            y += LINE * (number > 0)
            colour = FAINT if number else INK
            canvas.text(x + _PAD, y, shortened(line, _BOX - 2 * _PAD), bold=number == 0, colour=colour)
        y = _draw_addresses(canvas, analysis, candidate, x + _PAD, y + 6)
    canvas.shapes.insert(frame, rectangle(x, top, _BOX, y + 4 - top, fill=SHADE))
    canvas.reach(x + _BOX, y + 4)
    return y + 4


def _facts(candidate: Candidate) -> list[str]:
    instance = candidate.instance
    fault, priority = candidate.state(0)
    lines = [f"{instance.name}  VRID {instance.vrid.value}"]
    lines.append(f"{instance.interface.value or 'no interface'}, priority {priority}")
    if instance.nopreempt.value:
        lines[-1] += ", nopreempt"
    for watch in candidate.watches:
        weight = watch.tracked.weight
        lines.append(f"{watch.tracked.name}: {f'{weight:+}' if weight else 'FAULT when it fails'}")
    if candidate.down or fault:
        lines.append(candidate.down or "FAULT from the start")
    return lines


def _draw_addresses(canvas: Canvas, analysis: Analysis, candidate: Candidate, x: float, y: float) -> float:
    instance = next(one for one in analysis.instances if candidate in one.candidates)
    name, outcomes = candidate.node.name, analysis.initial.outcomes
    vips = [vip for vip in instance.vips if vip in candidate.vips]
    shown = vips[:_MOST_ADDRESSES]
    if len(vips) > len(shown):
        shown.append(f"and {len(vips) - len(shown)} more")
    for vip in shown:
        held = [name in outcome.get(vip, instance.initial) for outcome in outcomes]
        fill, line, ink = _HOLDS if all(held) else _MAY_HOLD if any(held) else _HOLDS_NOT
        dashed = any(held) and not all(held)
        canvas.shapes.append(rectangle(x, y, _BOX - 2 * _PAD, LINE, fill=fill, line=line, dashed=dashed))
        canvas.text(x + _PAD / 2, y + LINE - 5, shortened(vip, _BOX - 3 * _PAD), colour=ink)
        y += LINE + 3
    return y


def _draw_hearing(canvas: Canvas, analysis: Analysis, left: dict[str, float], top: float) -> float:
    """Who hears whom: an arrow to a node that accepts the adverts of the other, and below it why one does not."""
    deaf = _deaf(analysis)
    depth = 0
    pairs = sorted(combinations(left, 2), key=lambda pair: left[pair[1]] - left[pair[0]])
    for one, other in pairs:
        broken = (one, other) in deaf or (other, one) in deaf
        if not broken and len(left) > _MOST_ARROWS:
            continue
        span = round((left[other] - left[one]) / (_BOX + _GAP))
        depth = max(depth, span)
        start, end = left[one] + _BOX / 2 + 14 * span, left[other] + _BOX / 2 - 14 * span
        low = top + 8 + _ARC * span
        ends = [name for name, pair in (("start", (one, other)), ("end", (other, one))) if pair not in deaf]
        canvas.line(
            f"M {start:g} {top + 4:g} V {low:g} H {end:g} V {top + 4:g}",
            colour=BAD if broken else FAINT,
            dashed=broken,
            heads=ends,
        )
        label = "✕ see below" if broken else "hear each other"
        canvas.text((start + end) / 2, low - 6, label, colour=BAD if broken else FAINT, anchor="middle")
        canvas.reach(end, low)
    y = top + 8 + _ARC * depth + LINE
    if len(left) > _MOST_ARROWS:
        canvas.text(
            MARGIN, y, "nodes without an arrow hear each other" if deaf else "all hear each other", colour=FAINT
        )
        y += LINE
    for line in _legend(deaf):
        canvas.text(MARGIN, y, f"✕ {line}", colour=BAD)
        y += LINE
    return y


def _deaf(analysis: Analysis) -> dict[tuple[str, str], str]:
    """By listener and speaker, why the one does not accept the adverts of the other."""
    found: dict[tuple[str, str], list[str]] = {}
    for instance in analysis.instances:
        for listener, speaker in permutations(instance.candidates, 2):
            why = instance.contest.deafness(listener.number, speaker.number)
            if why is not None:
                found.setdefault((listener.node.name, speaker.node.name), []).append(f"{instance.name}, {why.reason}")
    return {pair: "; ".join(reasons) for pair, reasons in found.items()}


def _legend(deaf: dict[tuple[str, str], str]) -> list[str]:
    """A line for each pair that does not hear each other, two where the reasons differ."""
    lines: dict[object, str] = {}
    for (listener, speaker), why in deaf.items():
        back = deaf.get((speaker, listener))
        mutual = back is not None and _words(back) == _words(why)
        said = f"{listener} and {speaker} do not hear each other" if mutual else f"{listener} does not hear {speaker}"
        lines.setdefault(frozenset((listener, speaker)) if mutual else (listener, speaker), f"{said}: {why}")
    return list(lines.values())


def _words(reason: str) -> list[str]:
    """What a reason says, whichever of the two nodes it names first."""
    return sorted(reason.replace(",", "").split(" "))
