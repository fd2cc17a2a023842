"""The fail-over analysis as a page: the picture of each cluster, and the table as text, to be searched and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import __version__
from halint.failover.verdicts import OK
from halint.reporters import failover_picture as picture
from halint.reporters.failover_full import heading, holders, summary
from halint.reporters.failover_picture import MARGIN, VERDICTS, Canvas, clean
from halint.reporters.failover_svg import document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from halint.failover import Analysis, Scenario
    from halint.secrets import Masking

_STYLE = (
    f"""
body {{ font: 14px/1.45 {picture.FONT}; color: {picture.INK}; background: {picture.PAPER}; margin: 2em; }}
table {{ border-collapse: collapse; margin: 1em 0; }}
th, td {{ text-align: left; vertical-align: top; padding: .35em .9em .35em 0; }}
tr {{ border-bottom: 1px solid {picture.RULE}; }}
th {{ white-space: nowrap; }}
td:first-child, .held {{ white-space: nowrap; }}
figure {{ margin: 0 0 0 -20px; }}
svg {{ max-width: 100%; height: auto; }}
ul, dl {{ padding-left: 1.2em; }}
dt {{ float: left; clear: left; width: 12em; font-weight: bold; }}
dd {{ color: {picture.FAINT}; margin-left: 12em; }}
footer {{ color: {picture.FAINT}; }}
"""
    + "".join(f".{verdict} {{ color: {colour}; }}\n" for verdict, (_, colour, _) in VERDICTS.items())
    + """
@media print { body { margin: 0; font-size: 10pt; } tr { break-inside: avoid; } section { break-before: page; }
section:first-of-type { break-before: auto; } }
"""
)


def write(analyses: Sequence[Analysis], masking: Masking) -> str:
    return "".join(_page(analyses))


def _page(analyses: Sequence[Analysis]) -> Iterator[str]:
    names = clean(", ".join(analysis.cluster.name for analysis in analyses))
    yield f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Fail-over of {names}</title>\n'
    yield f'<meta name="viewport" content="width=device-width">\n<style>{_STYLE}</style>\n</head>\n<body>\n'
    for analysis in analyses:
        yield f"<section>\n<h1>{clean(analysis.cluster.name)}</h1>\n"
        if analysis.instances:
            canvas = Canvas()
            picture.draw(canvas, analysis, MARGIN)
            yield f"<figure>\n{document(canvas)}</figure>\n"
            yield from _table(analysis)
        for title, lines in (("Assumed", analysis.assumptions), ("Not analysed", analysis.left_out)):
            if lines:
                items = "".join(f"<li>{clean(line)}</li>\n" for line in lines)
                yield f"<h2>{title}</h2>\n<ul>\n{items}</ul>\n"
        yield "</section>\n"
    meanings = "".join(
        f'<dt class="{verdict}">{sign} {verdict}</dt><dd>{meaning}</dd>\n'
        for verdict, (sign, _, meaning) in VERDICTS.items()
    )
    yield f"<p><strong>{clean(summary(analyses))}</strong></p>\n<dl>\n{meanings}</dl>\n"
    yield f"<footer>halint {__version__}</footer>\n</body>\n</html>\n"


def _table(analysis: Analysis) -> Iterator[str]:
    vips = heading(analysis)
    titles = "".join(f"<th>{clean(vip)}</th>" for vip in vips)
    yield f"<table>\n<thead><tr><th>event</th>{titles}<th>why</th></tr></thead>\n<tbody>\n"
    for scenario in analysis.scenarios:
        cells = "".join(_cell(scenario, vip) for vip in vips)
        yield f"<tr><td>{clean(scenario.name)}</td>{cells}<td>{clean(scenario.reason)}</td></tr>\n"
    yield "</tbody>\n</table>\n"


def _cell(scenario: Scenario, vip: str) -> str:
    verdict = scenario.verdicts.get(vip, OK)
    text = f"{VERDICTS[verdict][0]} {holders(scenario, vip)}" + ("" if verdict == OK else f" {verdict}")
    return f'<td class="held {verdict}">{clean(text)}</td>'
