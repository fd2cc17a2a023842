"""The fail-over analysis as one picture, for a ticket or for paper: the cluster, and the table below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.failover.verdicts import OK
from halint.reporters import failover_picture as picture
from halint.reporters.failover_full import heading, holders, summary
from halint.reporters.failover_picture import FAINT, INK, LINE, MARGIN, VERDICTS, Canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halint.failover import Analysis
    from halint.secrets import Masking

_GAP = 16
#: Widest column of a table and widest reason, in pixels.
_WIDEST, _REASON = 260, 620


def write(analyses: Sequence[Analysis], masking: Masking) -> str:
    canvas = Canvas()
    y = float(MARGIN)
    for analysis in analyses:
        y += LINE
        canvas.text(MARGIN, y, analysis.cluster.name, bold=True, size=picture.SIZE + 6)
        if analysis.instances:
            y = picture.draw(canvas, analysis, y + LINE)
            y = _draw_table(canvas, analysis, y + LINE)
        for title, lines in (("Assumed", analysis.assumptions), ("Not analysed", analysis.left_out)):
            y = _draw_list(canvas, title, lines, y + LINE)
        y += LINE
    y = _draw_legend(canvas, y)
    canvas.text(MARGIN, y + 2 * LINE, summary(analyses), bold=True)
    return document(canvas)


def document(canvas: Canvas) -> str:
    """The shapes of `canvas` as an SVG document on white."""
    width, height = canvas.width + MARGIN, canvas.height + MARGIN
    heads = "".join(
        f'<marker id="{name}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path d="M 0 0 L 8 4 L 0 8 z" fill="{colour}"/></marker>'
        for name, colour in (("good", FAINT), ("bad", picture.BAD))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{picture.FONT}">\n'
        f"<defs>{heads}</defs>\n"
        f'<rect width="100%" height="100%" fill="{picture.PAPER}"/>\n' + "\n".join(canvas.shapes) + "\n</svg>\n"
    )


def _draw_table(canvas: Canvas, analysis: Analysis, y: float) -> float:
    vips = heading(analysis)
    rows = [
        (s, [s.name, *(_cell(s.verdicts.get(vip, OK), holders(s, vip)) for vip in vips)]) for s in analysis.scenarios
    ]
    titles = ["event", *vips]
    widths = [
        min(_WIDEST, max(picture.extent(cell, bold=True) for cell in column))
        for column in zip(titles, *(cells for _, cells in rows), strict=True)
    ]
    left = [MARGIN + sum(widths[:n]) + n * _GAP for n in range(len(widths) + 1)]
    y += LINE
    for x, title in zip(left, [*titles, "why"], strict=True):
        canvas.text(x, y, picture.shortened(title, _WIDEST), bold=True)
    for scenario, cells in rows:
        y += 6
        canvas.line(f"M {MARGIN} {y:g} H {left[-1] + _REASON:g}", colour=picture.RULE)
        y += LINE - 2
        colours = [INK, *(VERDICTS[scenario.verdicts.get(vip, OK)][1] for vip in vips)]
        for x, cell, colour in zip(left[:-1], cells, colours, strict=True):
            canvas.text(x, y, picture.shortened(cell, _WIDEST), colour=colour)
        lines = wrapped(scenario.reason, _REASON)
        for number, line in enumerate(lines):
            y += LINE * (number > 0)
            canvas.text(left[-1], y, line)
    return y + 6


def _cell(verdict: str, held: str) -> str:
    return f"{VERDICTS[verdict][0]} {held}" + ("" if verdict == OK else f" {verdict}")


def _draw_list(canvas: Canvas, title: str, lines: list[str], y: float) -> float:
    if not lines:
        return y - LINE
    y += LINE
    canvas.text(MARGIN, y, title, bold=True)
    for line in lines:
        for number, part in enumerate(wrapped(line, 1.5 * _REASON)):
            y += LINE
            canvas.text(MARGIN + (12 if number else 0), y, part)
    return y


def _draw_legend(canvas: Canvas, y: float) -> float:
    for verdict, (sign, colour, meaning) in VERDICTS.items():
        y += LINE
        canvas.text(MARGIN, y, f"{sign} {verdict}", colour=colour, bold=True)
        canvas.text(MARGIN + 170, y, meaning, colour=FAINT)
    return y


def wrapped(text: str, width: float) -> list[str]:
    """`text` in lines no wider than `width`; a word that is wider stands alone."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip(" ")
        if lines[-1] and picture.extent(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
