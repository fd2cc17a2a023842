"""The command line. What a verb needs is imported when it runs: half of a check's time is imports."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from halint import __version__

if TYPE_CHECKING:
    from halint.discovery import Discovery
    from halint.fixer import Fixed
    from halint.linter import Report
    from halint.secrets import Masking
    from halint.selection import Selection
    from halint.settings import Settings

#: Exit statuses.
FINDINGS, WRONG, NO_INPUT, INTERRUPTED = 1, 2, 3, 130

FORMATS = ("full", "concise", "json", "sarif", "github")

Command = TypeVar("Command", bound=Callable[..., Any])

_SELECTION = (
    click.option(
        "--select", multiple=True, metavar="RULE,...", help="Only these rules: codes, their first characters, names."
    ),
    click.option("--ignore", multiple=True, metavar="RULE,...", help="Not these rules."),
)
_INPUT = (
    click.option(
        "--config", metavar="FILE", help="The halint.toml; by default the nearest at or above the first path."
    ),
    click.option(
        "--target", multiple=True, metavar="NAME=VALUE", help="What runs: haproxy=2.8, keepalived=2.2.7, os=el8."
    ),
)
_REPORT = (
    click.option(
        "--output",
        multiple=True,
        metavar="FORMAT[=FILE]",
        help=f"How to report, and where to; may be repeated. Formats: {', '.join(FORMATS)}. Default: full.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(["info", "warning", "error"]),
        help="The least severity that makes the exit status 1. Default: warning.",
    ),
    click.option(
        "--fail-on-skipped", multiple=True, metavar="RULE,...", help="Fail where one of these rules could not judge."
    ),
    click.option("--allow-empty", is_flag=True, help="It is no error when there is nothing to check."),
    click.option("--show-secrets", is_flag=True, help="Show passwords and keys instead of ***."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Default: auto."),
)
_PATHS = click.argument("paths", nargs=-1, metavar="[PATH]...")


def _with(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="halint %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Checks the configuration of whole load balancer clusters: will they fail over, split their brain, refuse
    to start or lose their logs?"""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command()
@_with(_PATHS, *_SELECTION, *_REPORT, *_INPUT)
def check(**given: Any) -> int:
    """Report what is wrong with the clusters below each PATH (default: the current directory).

    Exit status: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or internal error, 3 no input.
    """
    from halint import linter

    run = _Run(given)
    if run.empty():
        return run.nothing()
    report = linter.check(run.group(run.discovery.nodes), run.selection)
    run.show(report)
    return run.status(report)


@cli.command()
@_with(_PATHS, *_SELECTION, *_REPORT, *_INPUT)
@click.option("--diff", is_flag=True, help="Show the changes, write nothing; the exit status is 1 where there are any.")
@click.option("--unsafe", is_flag=True, help="Make fixes that change behaviour or guess, too.")
@click.option("--prefer", metavar="NODE", help="The node that is right where nodes disagree; such fixes are unsafe.")
def fix(diff: bool, unsafe: bool, prefer: str | None, **given: Any) -> int:
    """Correct what can be corrected: all files or none, each checked before it is written."""
    from halint import atomic, fixer

    run = _Run(given)
    found = run.discovery
    if run.empty():
        return run.nothing()
    if prefer is not None and all(prefer != node.name for node in found.nodes):
        names = ", ".join(node.name for node in found.nodes)
        raise click.UsageError(f"--prefer {prefer}: there is no such node; there are {names}")
    try:
        fixed = fixer.fix(found.nodes, run.group, run.selection, unsafe=unsafe, prefer=prefer, roots=run.roots)
        if not diff:
            texts = [
                atomic.NewText(
                    change.after.file or "", change.before.data if change.before else None, change.after.data
                )
                for change in fixed.changes
            ]
            atomic.write(texts, run.roots)
    except (fixer.FixError, atomic.WriteError) as error:
        raise click.ClickException(str(error)) from None
    run.refusals(fixed)
    if diff:
        from halint.diff import unified

        _write(unified(fixed.changes, run.masking))
        return FINDINGS if fixed.changes else 0
    if fixed.changes:
        count, files = len(fixed.applied), len(fixed.changes)
        click.echo(f"fixed {count} finding{'s' * (count != 1)} in {files} file{'s' * (files != 1)}", err=True)
    run.show(fixed.remaining)
    return run.status(fixed.remaining)


@cli.command()
@click.argument("rule")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Default: auto.")
def explain(rule: str, color: str) -> int:
    """Show the page of a RULE, by its code or name."""
    from halint import registry

    known = registry.rules()
    wanted = rule.upper()
    found = known.get(wanted) or next((one for one in known.values() if one.name.upper() == wanted), None)
    if found is None:
        from difflib import get_close_matches

        near = get_close_matches(rule.lower(), [one.name for one in known.values()], 1, 0.4)
        raise click.UsageError(f"there is no rule {rule!r}" + (f"; did you mean {near[0]}?" if near else ""))
    page = registry.page(found)
    if _coloured(color):
        from rich.console import Console
        from rich.markdown import Markdown

        console = Console(force_terminal=True)
        with console.capture() as capture:
            console.print(Markdown(page))
        page = capture.get()
    _write(page)
    return 0


@cli.command()
@_with(*_SELECTION)
def rules(select: tuple[str, ...], ignore: tuple[str, ...]) -> int:
    """List the rules: code, name, severity, fix and what they report."""
    from halint import pages, registry

    selection = _selection(select, ignore)
    rows = [
        (rule.code, rule.name, rule.severity.label, pages.fix(rule), pages.summary(rule))
        for rule in registry.rules().values()
        if rule in selection
    ]
    rows.insert(0, ("CODE", "NAME", "SEVERITY", "FIX", "WHAT IT REPORTS"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    _write(
        "".join("  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[4]]) + "\n" for row in rows)
    )
    return 0


@cli.command()
@_with(_PATHS, *_INPUT)
@click.option("--allow-empty", is_flag=True, help="It is no error when there is nothing to check.")
def nodes(**given: Any) -> int:
    """Show the nodes and clusters below each PATH, what is known of them, and why."""
    from halint import overview

    run = _Run(given)
    found = run.discovery
    _write(overview.text(found, run.group(found.nodes)))
    return run.nothing() if run.empty() else 0


@cli.command()
@click.argument("cluster", metavar="CLUSTER.toml", type=click.Path())
@click.option("--output-dir", required=True, type=click.Path(), help="The folder to write to: a new or an empty one.")
def generate(cluster: str, output_dir: str) -> int:
    """Write the complete configuration of every node of a cluster that CLUSTER.toml describes."""
    from halint import generator

    try:
        written = generator.generate(cluster, output_dir)
    except generator.GenerateError as error:
        raise click.ClickException(str(error)) from None
    _write("".join(line + "\n" for line in [*written, *generator.next_steps(cluster, output_dir)]))
    return 0


class _Run:
    """What the options of a verb come to. Raises click.ClickException for what is wrong with them."""

    def __init__(self, given: dict[str, Any]) -> None:
        from halint import discovery
        from halint.secrets import Masking

        gc.disable()  # everything lives until the end
        self.given = given
        self.paths: list[str] = list(given["paths"]) or ["."]
        self.settings = _settings(given["config"], self.paths[0], given["target"])
        self.masking: Masking = Masking(given.get("show_secrets", False))
        self.selection: Selection = _selection(
            given.get("select", ()), given.get("ignore", ()), self.settings.select, self.settings.ignore
        )
        self.unjudged: Selection = _selection(given.get("fail_on_skipped", ()), ())
        self.outputs = _outputs(given.get("output", ()))
        try:
            self.discovery: Discovery = discovery.find(self.paths, self.settings)
        except OSError as error:
            raise click.UsageError(f"{error.filename}: {error.strerror}") from None

    @property
    def roots(self) -> list[str]:
        """The folders that may be written to."""
        layers = [folder for node in self.settings.nodes.values() for folder in node.layers]
        return [
            path if os.path.isdir(path) else os.path.dirname(os.path.abspath(path)) for path in (*self.paths, *layers)
        ]

    def group(self, nodes: list[Any]) -> list[Any]:
        from halint import cluster

        return cluster.group(nodes, self.settings, self.discovery.problems)

    def empty(self) -> bool:
        """Whether there is nothing to check; templates are nothing yet."""
        found = self.discovery
        return not found.nodes and len(found.problems) == len(found.templates)

    def nothing(self) -> int:
        if self.given["allow_empty"]:
            return 0
        click.echo(f"halint: nothing to check below {', '.join(self.paths)}: no keepalived or haproxy there", err=True)
        return NO_INPUT

    def show(self, report: Report) -> None:
        """Write `report` in every format that was asked for."""
        from importlib import import_module

        for kind, file in self.outputs:
            if kind == "full" and file is None and _coloured(self.given["color"]):
                from halint.reporters import full
                from halint.reporters.colour import paint

                text = paint(full.segments(report, self.masking))
            else:
                text = import_module(f"halint.reporters.{kind}").write(report, self.masking)
            if file is None:
                _write(text)
            else:
                _save(text, file)
        for crash in report.crashes:
            click.echo(self.masking.prose(crash, (s for node in report.nodes for s in node.files.values())), err=True)

    def refusals(self, fixed: Fixed) -> None:
        """Say which fixes were not made."""
        from halint.reporters import concise

        for refused in fixed.refused:
            click.echo(f"{concise.line(refused.finding, self.masking)}: not fixed: {refused.reason}", err=True)

    def status(self, report: Report) -> int:
        """The exit status for `report`."""
        from halint.finding import Severity

        if report.crashes:
            return WRONG
        least = Severity[(self.given["fail_on"] or self.settings.fail_on or "warning").upper()]
        if any(finding.severity >= least for finding in report.findings):
            return FINDINGS
        if self.unjudged.select:
            from halint.registry import rules

            missed = sorted({s.code for s in report.skipped if rules()[s.code] in self.unjudged})
            if missed:
                click.echo(f"halint: skipped, and --fail-on-skipped asks for them: {', '.join(missed)}", err=True)
                return FINDINGS
        return 0


def _settings(config: str | None, start: str, given: tuple[str, ...]) -> Settings:
    from halint import settings

    try:
        loaded = settings.load(config or settings.find(start), os.getcwd())
        if given:
            from halint import targets

            loaded.options |= dict(targets.parse(option) for option in given)
    except settings.SettingsError as error:
        raise click.UsageError(str(error)) from None
    return loaded


def _selection(
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    selected: list[str] | None = None,
    ignored: list[str] | None = None,
) -> Selection:
    """The selection by the options, or where there is none by halint.toml. Raises click.UsageError."""
    from halint.selection import Selection

    selection = Selection(_listed(select) or selected or (), [*_listed(ignore), *(ignored or ())])
    if selection.select or selection.ignore:
        from halint.registry import rules

        unknown = selection.unknown(rules().values())
        if unknown:
            raise click.UsageError(f"no rule is meant by {', '.join(unknown)}: see `halint rules`")
    return selection


def _listed(given: tuple[str, ...]) -> list[str]:
    return [part for text in given for part in text.replace(" ", "").split(",") if part]


def _outputs(given: tuple[str, ...]) -> list[tuple[str, str | None]]:
    found = []
    for option in given or ("full",):
        kind, equals, file = option.partition("=")
        if kind not in FORMATS or (equals and not file):
            raise click.UsageError(
                f"--output {option}: expected FORMAT or FORMAT=FILE with one of {', '.join(FORMATS)}"
            )
        found.append((kind, file or None))
    return found


def _coloured(when: str) -> bool:
    if when == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return when == "always"


def _write(text: str) -> None:
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        pass  # whoever reads has seen enough
    except OSError as error:
        raise click.ClickException(f"standard output: {error.strerror}") from None


def _save(text: str, file: str) -> None:
    try:
        with open(file, "wb") as out:
            out.write(text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None


def main() -> None:
    """Run the command line and exit."""
    try:
        status = cli(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        status = WRONG
    except click.ClickException as error:
        click.echo(f"halint: {error.format_message()}", err=True)
        status = WRONG
    except (click.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except Exception:
        import traceback

        traceback.print_exc()
        click.echo("halint: this is a fault of halint, please report it", err=True)
        status = WRONG
    _leave(status if isinstance(status, int) else 0)


def _leave(status: int) -> NoReturn:
    """Exit without taking the interpreter apart, object by object: that costs a tenth of a pair's check."""
    for stream in (sys.stdout, sys.stderr):
        # Whoever reads may have gone; there is nobody left to tell.
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
