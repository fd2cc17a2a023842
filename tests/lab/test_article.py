"""The set-up article's cluster: its address stays where haproxy is dead, and moves after `halint fix --unsafe`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from agreement import INITIAL, examine
from click.testing import CliRunner
from draw import Drawn

from halint.cli import cli

ARTICLE = Path(__file__).parents[2] / "corpus/article-el7"
VIP = "192.0.2.10"
EVENT = "service-down:lb1"


@pytest.mark.lab
@pytest.mark.parametrize(("fixed", "holder"), [(False, "lb1"), (True, "lb2")])
def test_model_and_daemons_agree(fixed: bool, holder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for node in ("lb1", "lb2"):
        shutil.copytree(ARTICLE / node, tmp_path / node)
    monkeypatch.chdir(tmp_path)
    if fixed:
        CliRunner().invoke(cli, ["fix", "--unsafe", "--prefer", "lb1"], standalone_mode=False)
    files = {str(p.relative_to(tmp_path)): p.read_text() for p in tmp_path.rglob("*") if p.is_file()}
    # Both are MASTER with one priority: who comes first is chance.
    found = examine(Drawn(files, [EVENT], ["lb1"]))
    assert found.disagreements == []
    seen = found.seen[0]
    assert seen.holders == {INITIAL: {VIP: ("lb1",)}, EVENT: {VIP: (holder,)}}, seen.told
    assert fixed == ({VIP: ("lb1",)} not in found.claimed[EVENT])
