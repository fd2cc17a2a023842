"""The wheel holds what the checkout holds: halint alone, with the grammars and the rules inside it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def test_every_package_is_listed() -> None:
    import tomllib

    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    found = set()
    for folder, package in (("halint", "halint"), ("grammars", "halint.grammars"), ("rules", "halint.rules")):
        for init in (ROOT / folder).rglob("__init__.py"):
            inner = init.parent.relative_to(ROOT / folder).parts
            found.add(".".join((package, *inner)))
    assert listed == found


@pytest.mark.slow
def test_the_wheel_holds_the_tree(tmp_path: Path) -> None:
    source = tmp_path / "source"
    subprocess.run(["git", "clone", "-q", ROOT, source], check=True)
    subprocess.run([sys.executable, "-m", "build", "-q", "--wheel", "-o", tmp_path, source], check=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    committed = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "HEAD", "halint", "grammars", "rules"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    bundled = "halint/rules/bundle.py"
    assert names == {name if name.startswith("halint/") else f"halint/{name}" for name in committed} | {bundled}


def test_the_bundle_holds_every_rule() -> None:
    from halint import bundle, registry

    namespace: dict[str, Any] = {}
    exec(compile(bundle.source(ROOT / "rules"), "bundle.py", "exec"), namespace)
    bundled = {make().code: (group, stem) for group, stem, make in namespace["RULES"]}
    assert bundled == {rule.code: (rule.group, rule.name.replace("-", "_")) for rule in registry.rules().values()}
