"""What `halint failover` does with its options: analyse the clusters, report, and end with a status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halint.run import FINDINGS, Run, UsageError, coloured, save, write

if TYPE_CHECKING:
    from halint.failover.scenarios import Analysis, Scenario

FORMATS = ("full", "json", "svg", "html")


def run(given: dict[str, Any]) -> int:
    """`halint failover`; its exit status. Raises UsageError."""
    from halint.failover import analyse

    run = Run(given, FORMATS)
    if run.empty():
        return run.nothing()
    clusters = run.group(run.discovery.nodes)
    analyses = [analyse(cluster, given["pairs"]) for cluster in clusters if cluster.virtual_routers]
    if not analyses:
        return run.nothing("no VRRP instance")
    if given["explain"]:
        _explain(run, analyses, given["explain"])
    else:
        _report(run, analyses)
    singles = [scenario for analysis in analyses for scenario in analysis.singles]
    return FINDINGS if any(scenario.verdict != "ok" for scenario in singles) else 0


def _report(run: Run, analyses: list[Analysis]) -> None:
    from importlib import import_module

    for kind, file in run.outputs:
        reporter = import_module(f"halint.reporters.failover_{kind}")
        if kind == "full" and file is None and coloured(run.given["color"]):
            from halint.reporters.colour import paint

            text = paint(reporter.segments(analyses, run.masking))
        else:
            text = reporter.write(analyses, run.masking)
        if file is None:
            write(text)
        else:
            save(text, file)


def _explain(run: Run, analyses: list[Analysis], text: str) -> None:
    """Explain the events `text` in the clusters that have them."""
    from halint.reporters import failover_full

    found: list[tuple[Analysis, Scenario]] = []
    wrong = ""
    for analysis in analyses:
        try:
            found.append((analysis, analysis.find(text)))
        except ValueError as error:
            wrong = wrong or str(error)
    if not found:
        raise UsageError(f"--explain {wrong}")
    pieces = [piece for analysis, scenario in found for piece in failover_full.explain(analysis, scenario, run.masking)]
    if coloured(run.given["color"]):
        from halint.reporters.colour import paint

        write(paint(pieces))
    else:
        write("".join(piece for piece, _ in pieces))
