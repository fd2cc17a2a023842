"""Paints the pieces of a report for a terminal. The only module of a check that imports rich."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from halint.reporters.frame import Segment

_STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "info": "bold cyan",
    "message": "bold",
    "gutter": "blue",
    "primary": "red",
    "related": "cyan",
    "help": "bold green",
    "summary": "bold",
    "": "",
}


def paint(segments: Iterable[Segment]) -> str:
    """The text of `segments`, with the escapes that colour it."""
    console = Console(force_terminal=True, color_system="standard", no_color=False, highlight=False)
    text = Text.assemble(*((piece, _STYLES[style]) for piece, style in segments))
    with console.capture() as capture:
        console.print(text, end="", soft_wrap=True)
    return capture.get()
