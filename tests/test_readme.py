"""The README shows real output: what it prints below a command is what that command prints today."""

from __future__ import annotations

import os
import re
import subprocess
import sys
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


#: What stands for ssh: the commands run here, those of tar in the root of the node that was named, and those that ask
#: the kernel print what the node of that name has captured.
SSH = r"""#!/bin/bash
[ "$1" = -n ] && shift
node=${1#root@}; shift
case "$*" in
  "tar -C / "*) shift 3; exec tar -C "$NODES/$node" "$@" ;;
  "ip -o addr") exec cat "$NODES/$node/sos_commands/networking/ip_-o_addr" ;;
  "sysctl -a") exec cat "$NODES/$node/sos_commands/kernel/sysctl_-a" ;;
  "nft list ruleset") exec cat "$NODES/$node/sos_commands/firewall_tables/nft_-a_list_ruleset" ;;
  *) echo "sh: ${1}: command not found" >&2; exit 127 ;;
esac
"""


def test_collects_from_nodes(tmp_path: Path) -> None:
    """Both commands, one behind the other, with a stub of ssh: what the files alone do not show, the kernel does."""
    nodes = HOME / "corpus" / "captured-state"
    stub, halint = tmp_path / "bin" / "ssh", tmp_path / "bin" / "halint"
    stub.parent.mkdir()
    stub.write_text(SSH, encoding="utf-8")
    halint.write_text(
        f'#!/bin/sh\nexec {sys.executable} -P -c "from halint.cli import main; main()" "$@" --output concise\n',
        encoding="utf-8",
    )
    for program in (stub, halint):
        program.chmod(0o755)
    archives, folders = re.findall(r"^```sh\n(for node in .*?)^```$", README, re.M | re.S)
    environment = {**os.environ, "PATH": f"{stub.parent}:{os.environ['PATH']}", "NODES": str(nodes)}
    expected = (nodes / "expected.txt").read_text(encoding="utf-8")
    for script, status, printed in ((archives, 0, ""), (folders, 1, expected)):
        run = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert (run.returncode, run.stdout) == (status, printed), run.stderr
