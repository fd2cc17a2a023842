"""The program: a check without options, as people and hooks run it, at once; everything else by halint/cli.py.

click, which reads the options there, takes as long to import as a pair takes to check.
"""

from __future__ import annotations

import contextlib
import gc
import sys

gc.disable()  # everything lives until the end, modules too

from halint.run import Run, UsageError, end  # noqa: E402


def main() -> None:
    """Run the command line and exit."""
    verb, *paths = sys.argv[1:] or [""]
    if verb == "check" and not any(path.startswith("-") for path in paths):
        with contextlib.suppress(UsageError):  # click says it, with the usage
            end(lambda: Run({"paths": paths}).check())
    from halint.cli import main

    main()
