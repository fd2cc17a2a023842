"""The fail-over table for people: an event a row, an address a column, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from halint.failover import explanation
from halint.failover.scenarios import Analysis, Scenario
from halint.failover.verdicts import NONDETERMINISTIC, OK
from halint.reporters.terminal import printable

if TYPE_CHECKING:
    from halint.finding import Location
    from halint.reporters.frame import Segment
    from halint.secrets import Masking

_STYLES = {OK: "", NONDETERMINISTIC: "warning"}
_GAP = "  "
#: Widest column of an address; longer cells are not cut, they only push what follows to the right.
_WIDEST = 40


def write(analyses: Sequence[Analysis], masking: Masking) -> str:
    return "".join(text for text, _ in segments(analyses, masking))


def segments(analyses: Sequence[Analysis], masking: Masking) -> Iterator[Segment]:
    """The tables of all clusters in pieces, each with its style."""
    for analysis in analyses:
        yield f"{printable(analysis.cluster.name)}\n", "message"
        if analysis.instances:
            yield "\n", ""
            yield from _table(analysis)
        for title, lines in (("Assumed:", analysis.assumptions), ("Not analysed:", analysis.left_out)):
            if lines:
                yield f"\n{title}\n", "summary"
                for line in lines:
                    yield f"  {printable(line)}\n", ""
        yield "\n", ""
    yield summary(analyses) + "\n", "summary"


def explain(analysis: Analysis, scenario: Scenario, masking: Masking) -> Iterator[Segment]:
    """The election of one event step by step."""
    yield f"{printable(analysis.cluster.name)}: {printable(scenario.name)}: ", "message"
    yield f"{scenario.verdict}\n", _style(scenario.verdict)
    for step in explanation.steps(analysis, scenario):
        indent = "  " * step.depth
        yield ("\n" if step.depth == 0 else "") + indent + printable(step.text) + "\n", "message" * (step.depth == 0)
        for place in step.places:
            yield from _place(place, indent, masking)


def _place(place: Location, indent: str, masking: Masking) -> Iterator[Segment]:
    source = place.source
    line, column = source.position(place.start)
    yield f"{indent}    --> ", "gutter"
    yield f"{printable(source.path)}:{line}:{column}", ""
    text = masking.prose(source.line(line).strip(" \t\r"), [source])
    yield f"  {printable(text)}\n", "related"


def heading(analysis: Analysis) -> list[str]:
    """The addresses that are the columns of the table."""
    return list(dict.fromkeys(vip for instance in analysis.instances for vip in instance.vips))


def holders(scenario: Scenario, vip: str) -> str:
    """Who holds an address in the outcomes of `scenario`: `lb1 or lb2`, `nobody`."""
    return " or ".join(dict.fromkeys(", ".join(outcome.get(vip, ())) or "nobody" for outcome in scenario.outcomes))


def _table(analysis: Analysis) -> Iterator[Segment]:
    vips = heading(analysis)
    rows = [(scenario.name, scenario, [_cell(scenario, vip) for vip in vips]) for scenario in analysis.scenarios]
    first = max(len(name) for name, _, _ in rows)
    widths = [
        min(_WIDEST, max(len(vip), *(len(cells[column]) for _, _, cells in rows))) for column, vip in enumerate(vips)
    ]
    titles = ["event".ljust(first), *(vip.ljust(width) for vip, width in zip(vips, widths, strict=True)), "why"]
    yield _GAP.join(titles) + "\n", "summary"
    for name, scenario, cells in rows:
        yield printable(name).ljust(first), ""
        verdicts = scenario.verdicts
        for vip, width, shown in zip(vips, widths, cells, strict=True):
            yield _GAP, ""
            yield shown.ljust(width), _style(verdicts.get(vip, OK))
        yield f"{_GAP}{printable(scenario.reason)}\n", ""


def _cell(scenario: Scenario, vip: str) -> str:
    """The holders of an address, and the verdict where it is not well."""
    verdict = scenario.verdicts.get(vip, OK)
    return printable(holders(scenario, vip)) + ("" if verdict == OK else f" {verdict}")


def _style(verdict: str) -> str:
    return _STYLES.get(verdict, "error")


def summary(analyses: Sequence[Analysis]) -> str:
    """How many single events there are, and how they end."""
    count = sum(len(analysis.singles) for analysis in analyses)
    bad = [s for analysis in analyses for s in analysis.singles if s.verdict != OK]
    if not bad:
        return f"{count} events, all well"
    verdicts: dict[str, int] = {}
    for scenario in bad:
        verdicts[scenario.verdict] = verdicts.get(scenario.verdict, 0) + 1
    return f"{count} events, {count - len(bad)} well, " + ", ".join(f"{n} {verdict}" for verdict, n in verdicts.items())
