"""The README shows real output: what it prints below a command is what that command prints today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from halint.cli import cli

HOME = Path(__file__).parents[1]
README = (HOME / "README.md").read_text(encoding="utf-8")


def shown(command: str) -> list[str]:
    """The `text` block that follows the first mention of `command`, in the parts between lines `[...]`."""
    found = re.search(r"^```text\n(.*?)^```$", README[README.index(command) :], re.M | re.S)
    assert found, command
    return found[1].split("[...]\n")


@pytest.mark.parametrize(
    "command", ["halint check corpus/article-el8", "halint fix --diff corpus/article-el8"], ids=["check", "fix"]
)
def test_output_is_real(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOME)
    printed = CliRunner().invoke(cli, command.split()[1:]).stdout
    at = 0
    for part in shown(command):
        assert part in printed[at:]
        at = printed.index(part, at) + len(part)


def test_every_document_that_it_names_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (HOME / target).exists(), target
