"""The command line. What a verb needs is imported when it runs: half of a check's time is imports."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from halint import __version__
from halint.failover import command as failover_run
from halint.run import FINDINGS, FORMATS, INTERRUPTED, WRONG, Failure, Run, UsageError, coloured, end, selection, write

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


class _Verb(click.Command):
    """Says what is wrong with the options as click does."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UsageError as error:
            raise click.UsageError(str(error), ctx) from None
        except Failure as error:
            raise click.ClickException(str(error)) from None


class _Verbs(click.Group):
    command_class = _Verb


@click.group(cls=_Verbs, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
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
    return Run(given).check()


@cli.command()
@_with(_PATHS, *_SELECTION, *_REPORT, *_INPUT)
@click.option("--diff", is_flag=True, help="Show the changes, write nothing; the exit status is 1 where there are any.")
@click.option("--unsafe", is_flag=True, help="Make fixes that change behaviour or guess, too.")
@click.option("--prefer", metavar="NODE", help="The node that is right where nodes disagree; such fixes are unsafe.")
def fix(diff: bool, unsafe: bool, prefer: str | None, **given: Any) -> int:
    """Correct what can be corrected: all files or none, each checked before it is written."""
    from halint import fixer
    from halint.fixes import atomic

    run = Run(given)
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
        from halint.fixes.diff import unified

        text = unified(fixed.changes, run.masking)
        if sys.stdout.isatty():
            from halint.reporters import terminal

            text = terminal.lines(text)
        write(text)
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
    if coloured(color):
        from rich.console import Console
        from rich.markdown import Markdown

        console = Console(force_terminal=True)
        with console.capture() as capture:
            console.print(Markdown(page))
        page = capture.get()
    write(page)
    return 0


@cli.command()
@_with(*_SELECTION)
def rules(select: tuple[str, ...], ignore: tuple[str, ...]) -> int:
    """List the rules: code, name, severity, fix and what they report."""
    from halint import pages, registry

    selected = selection(select, ignore)
    rows = [
        (rule.code, rule.name, rule.severity.label, pages.fix(rule), pages.summary(rule))
        for rule in registry.rules().values()
        if rule in selected
    ]
    rows.insert(0, ("CODE", "NAME", "SEVERITY", "FIX", "WHAT IT REPORTS"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    write("".join("  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[4]]) + "\n" for row in rows))
    return 0


@cli.command()
@_with(_PATHS, *_INPUT)
@click.option("--allow-empty", is_flag=True, help="It is no error when there is nothing to check.")
def nodes(**given: Any) -> int:
    """Show the nodes and clusters below each PATH, what is known of them, and why."""
    from halint.discovery import overview

    run = Run(given)
    found = run.discovery
    write(overview.text(found, run.group(found.nodes)))
    return run.nothing() if run.empty() else 0


@cli.command()
@_with(_PATHS, *_INPUT)
@click.option("--pairs", is_flag=True, help="Every two events together, too.")
@click.option("--explain", metavar="EVENT", help="Walk through one event: service-down:lb1, two with + between them.")
@click.option(
    "--output",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help=f"How to report, and where to; may be repeated. Formats: {', '.join(failover_run.FORMATS)}. Default: full.",
)
@click.option("--allow-empty", is_flag=True, help="It is no error when there is nothing to analyse.")
@click.option("--show-secrets", is_flag=True, help="Show passwords and keys instead of ***.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Default: auto.")
def failover(**given: Any) -> int:
    """Show who holds each virtual address after every failure, and whether anything serves it.

    Exit status: 0 where every single event ends well, 1 where one does not, 2 wrong usage, 3 no input.
    """
    return failover_run.run(given)


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
    write("".join(line + "\n" for line in [*written, *generator.next_steps(cluster, output_dir)]))
    return 0


def main() -> None:
    """Run the command line and exit."""
    end(_main)


def _main() -> int:
    try:
        status = cli(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return WRONG
    except click.ClickException as error:
        raise Failure(error.format_message()) from None
    except click.Abort:
        return INTERRUPTED
    return status if isinstance(status, int) else 0
