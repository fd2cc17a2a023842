"""What a verb of the command line does with its options: find the input, check it, report, and end with a status.

Knows nothing of click, which takes as long to import as a pair takes to check.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from halint.discovery.nodes import Discovery
    from halint.fixer import Fixed
    from halint.linter import Report
    from halint.secrets import Masking
    from halint.selection import Selection
    from halint.settings import Settings

#: Exit statuses.
FINDINGS, WRONG, NO_INPUT, INTERRUPTED = 1, 2, 3, 130

FORMATS = ("full", "concise", "json", "sarif", "github")


class UsageError(Exception):
    """What was asked for makes no sense."""


class Failure(Exception):
    """What was asked for cannot be done."""


class Run:
    """What the options of a verb come to. Raises UsageError for what is wrong with them."""

    def __init__(self, given: dict[str, Any], formats: tuple[str, ...] = FORMATS) -> None:
        from halint.discovery import nodes as discovery
        from halint.secrets import Masking

        gc.disable()  # everything lives until the end
        self.given = given
        self.paths: list[str] = list(given.get("paths", ())) or ["."]
        self.settings = _settings(given.get("config"), self.paths[0], given.get("target", ()))
        self.masking: Masking = Masking(given.get("show_secrets", False))
        self.selection: Selection = selection(
            given.get("select", ()), given.get("ignore", ()), self.settings.select, self.settings.ignore
        )
        self.unjudged: Selection = selection(given.get("fail_on_skipped", ()), ())
        self.outputs = outputs(given.get("output", ()), formats)
        try:
            self.discovery: Discovery = discovery.find(self.paths, self.settings)
        except OSError as error:
            raise UsageError(f"{error.filename}: {error.strerror}") from None

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

    def check(self) -> int:
        """`halint check`; its exit status."""
        from halint import linter

        if self.empty():
            return self.nothing()
        report = linter.check(self.group(self.discovery.nodes), self.selection)
        self.show(report)
        return self.status(report)

    def empty(self) -> bool:
        """Whether there is nothing to check; templates are nothing yet."""
        found = self.discovery
        return not found.nodes and len(found.problems) == len(found.templates)

    def nothing(self, lacking: str = "no keepalived or haproxy") -> int:
        if self.given.get("allow_empty"):
            return 0
        tell(f"halint: nothing to check below {', '.join(self.paths)}: {lacking} there")
        return NO_INPUT

    def show(self, report: Report) -> None:
        """Write `report` in every format that was asked for."""
        from halint.lazy import imported

        for kind, file in self.outputs:
            if kind == "full" and file is None and coloured(self.given.get("color", "auto")):
                from halint.reporters import full
                from halint.reporters.colour import paint

                text = paint(full.segments(report, self.masking))
            else:
                text = imported(f"halint.reporters.{kind}").write(report, self.masking)
            if file is None:
                write(text)
            else:
                save(text, file)
        for crash in report.crashes:
            tell(self.masking.prose(crash, (s for node in report.nodes for s in node.files.values())))

    def refusals(self, fixed: Fixed) -> None:
        """Say which fixes were not made."""
        from halint.reporters import concise

        for refused in fixed.refused:
            tell(f"{concise.line(refused.finding, self.masking)}: not fixed: {refused.reason}")

    def status(self, report: Report) -> int:
        """The exit status for `report`."""
        from halint.finding import Severity

        if report.crashes:
            return WRONG
        least = Severity.named(self.given.get("fail_on") or self.settings.fail_on or "warning")
        if any(finding.severity >= least for finding in report.findings):
            return FINDINGS
        if self.unjudged.select:
            from halint.registry import rules

            missed = sorted({s.code for s in report.skipped if rules()[s.code] in self.unjudged})
            if missed:
                tell(f"halint: skipped, and --fail-on-skipped asks for them: {', '.join(missed)}")
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
        raise UsageError(str(error)) from None
    return loaded


def selection(
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    selected: list[str] | None = None,
    ignored: list[str] | None = None,
) -> Selection:
    """The selection by the options, or where there is none by halint.toml. Raises UsageError."""
    from halint.selection import Selection

    selection = Selection(_listed(select) or selected or (), [*_listed(ignore), *(ignored or ())])
    if selection.select or selection.ignore:
        from halint.registry import rules

        unknown = selection.unknown(rules().values())
        if unknown:
            raise UsageError(f"no rule is meant by {', '.join(unknown)}: see `halint rules`")
    return selection


def _listed(given: tuple[str, ...]) -> list[str]:
    return [part for text in given for part in text.replace(" ", "").split(",") if part]


def outputs(given: tuple[str, ...], formats: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """The formats of `--output`, each with its file. Raises UsageError."""
    found = []
    for option in given or ("full",):
        kind, equals, file = option.partition("=")
        if kind not in formats or (equals and not file):
            raise UsageError(f"--output {option}: expected FORMAT or FORMAT=FILE with one of {', '.join(formats)}")
        found.append((kind, file or None))
    return found


def coloured(when: str) -> bool:
    if when == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return when == "always"


def write(text: str) -> None:
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        pass  # whoever reads has seen enough
    except OSError as error:
        raise Failure(f"standard output: {error.strerror}") from None


def save(text: str, file: str) -> None:
    try:
        with open(file, "wb") as out:
            out.write(text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}") from None


def tell(text: str) -> None:
    """Say something beside the report."""
    print(text, file=sys.stderr)


def end(verb: Callable[[], int]) -> NoReturn:
    """Run `verb` and exit with its status. Raises UsageError."""
    try:
        status = verb()
    except UsageError:
        raise
    except Failure as error:
        tell(f"halint: {error}")
        status = WRONG
    except KeyboardInterrupt:
        status = INTERRUPTED
    except Exception:
        import traceback

        traceback.print_exc()
        tell("halint: this is a fault of halint, please report it")
        status = WRONG
    _leave(status)


def _leave(status: int) -> NoReturn:
    """Exit without taking the interpreter apart, object by object: that costs a tenth of a pair's check."""
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105 - importing contextlib takes as long as three files
            stream.flush()
        except (OSError, ValueError):
            pass  # whoever reads has gone; there is nobody left to tell
    os._exit(status)
