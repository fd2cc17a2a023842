"""The hook as its users have it: the real pre-commit, the real git, an environment of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLUSTER = ROOT / "corpus" / "healthy-debian12"

pytestmark = pytest.mark.slow


class Repository:
    """A repository with a cluster in it, and this checkout to try as its hook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "site"
        self.hook = folder / "halint"
        self.env = {**os.environ, "PRE_COMMIT_HOME": str(folder / "cache")}
        for who in ("AUTHOR", "COMMITTER"):
            self.env |= {f"GIT_{who}_NAME": "an operator", f"GIT_{who}_EMAIL": "operator@example.org"}
        subprocess.run(["git", "clone", "-q", ROOT, self.hook], check=True)
        self.folder.mkdir()
        self.git("init", "-q", "-b", "main")
        for node in ("lb1", "lb2"):
            shutil.copytree(CLUSTER / node, self.folder / node)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a pair")

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=self.folder, env=self.env, check=True, capture_output=True, text=True
        ).stdout

    def try_repo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "try-repo", str(self.hook), "halint", *arguments]
        return subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("pre-commit"))


def test_a_healthy_pair_passes_and_a_fault_fails(repository: Repository) -> None:
    passed = repository.try_repo("--all-files")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    file = repository.folder / "lb2/etc/keepalived/keepalived.conf"
    sound = file.read_text()
    file.write_text(re.sub(r"virtual_router_id \d+", "virtual_router_id 250", sound))
    assert file.read_text() != sound
    repository.git("add", "-A")
    failed = repository.try_repo()
    repository.git("reset", "-q", "--hard")
    assert failed.returncode == 1
    assert "KA201" in failed.stdout


def test_a_commit_that_only_deletes_is_checked(repository: Repository) -> None:
    repository.git("rm", "-q", "lb2/etc/keepalived/keepalived.conf")
    failed = repository.try_repo()
    repository.git("reset", "-q", "--hard")
    assert failed.returncode == 1, failed.stdout
    assert "HL104" in failed.stdout or "KA211" in failed.stdout


def test_a_repository_without_a_cluster_passes(repository: Repository) -> None:
    repository.git("rm", "-q", "-r", "lb1", "lb2")
    (repository.folder / "README").write_text("nothing here\n")
    repository.git("add", "-A")
    passed = repository.try_repo("--all-files")
    repository.git("reset", "-q", "--hard")
    assert passed.returncode == 0, passed.stdout + passed.stderr
