"""The wheel holds what the checkout holds: halint alone, with the grammars and the rules inside it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import zipfile
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]

#: What of Python takes long to import.
COSTLY = {
    "bisect", "collections", "collections.abc", "contextlib", "dataclasses", "datetime", "enum", "fnmatch", "functools",
    "ipaddress", "json", "operator", "re", "types", "typing",
}  # fmt: skip


def test_every_package_is_listed() -> None:
    import tomllib

    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    found = set()
    for folder, package in (("halint", "halint"), ("grammars", "halint.grammars"), ("rules", "halint.rules")):
        for init in (ROOT / folder).rglob("__init__.py"):
            inner = init.parent.relative_to(ROOT / folder).parts
            found.add(".".join((package, *inner)))
    assert listed == found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(["git", "clone", "-q", ROOT, folder / "source"], check=True)
    left = folder / "source" / "build" / "lib" / "halint" / "gone.py"
    left.parent.mkdir(parents=True)
    left.write_text("A_MODULE = 'of the last build, which is none any more'\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "build", "-q", "--wheel", "-o", folder, folder / "source"], check=True)
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_the_tree(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name.partition(".data/")[2] or name for name in archive.namelist() if ".dist-info/" not in name}
    committed = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "HEAD", "halint", "grammars", "rules"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    added = {"halint/bundled.py", "scripts/halint"}
    assert names == {name if name.startswith("halint/") else f"halint/{name}" for name in committed} | added


@pytest.mark.slow
def test_the_wheel_says_what_the_tree_says(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    for folder in sorted((ROOT / "corpus").iterdir()):
        if folder.is_dir():
            installed, checkout = (
                subprocess.run(
                    [sys.executable, "-P", "-c", "from halint.start import main; main()", "check", folder],
                    capture_output=True, cwd=tmp_path, env=os.environ | environment, check=False,
                )
                for environment in ({"PYTHONPATH": str(tmp_path)}, {"PYTHONPATH": ""})
            )  # fmt: skip
            assert (installed.returncode, installed.stdout) == (checkout.returncode, checkout.stdout), folder.name


@pytest.mark.slow
@pytest.mark.parametrize("cluster", ["healthy-debian12", "article-el8", "firewall-el9"])
def test_an_installed_check_does_without_what_of_python_takes_long_to_import(
    wheel: Path, tmp_path: Path, cluster: str
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "import os, sys; from halint.start import main\n"
        "os._exit = lambda status: sys.exit(' '.join(sys.modules))\n"
        f"sys.argv[1:] = ['check', {str(ROOT / 'corpus' / cluster)!r}]; main()"
    )
    done = subprocess.run([sys.executable, "-P", "-S", "-c", code], capture_output=True, text=True, check=False,
                          cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})  # fmt: skip
    loaded = set(done.stderr.split())
    assert "halint.linter" in loaded
    assert not loaded & COSTLY


@pytest.fixture(scope="module")
def source() -> str:
    from halint import bundle

    return bundle.source(ROOT / "halint", ROOT / "rules")


@pytest.fixture(scope="module")
def bundled(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(compile(source, "bundle.py", "exec"), namespace)
    return namespace


def test_the_bundle_holds_every_rule(bundled: dict[str, Any]) -> None:
    from halint import bundle, registry

    _, _, run = bundled["MODULES"][bundle.RULES]
    run()
    rules = {rule.code: rule for rule in (registry.made(*parts()) for _, _, parts in bundled["RULES"])}
    assert len(bundled["RULES"]) == len(rules)
    assert rules.keys() == registry.rules().keys()
    for code, rule in registry.rules().items():
        assert all(getattr(rules[code], name) == getattr(rule, name) for name in ("severity", "oracle", "ignorable"))
        # Python 3.13 dedents what it compiles.
        assert cleandoc(rules[code].__doc__ or "") == cleandoc(rule.__doc__ or "")


def test_the_bundle_defines_what_its_modules_import(source: str) -> None:
    code = (
        "import ast, sys\n"
        "from halint.start import _Bundle\n"
        "text = sys.stdin.read()\n"
        "exec(compile(text, 'bundle.py', 'exec'), namespace := {})\n"
        "bundle = _Bundle(namespace['MODULES'])\n"
        "sys.meta_path.insert(0, bundle)\n"
        "for statement in ast.walk(ast.parse(text)):\n"
        "    if isinstance(statement, ast.ImportFrom) and statement.module in bundle.modules:\n"
        "        exec(ast.unparse(statement), {})\n"
    )
    subprocess.run([sys.executable, "-c", code], input=source, text=True, check=True, cwd=ROOT)


def test_no_module_of_the_bundle_imports_what_takes_long(source: str) -> None:
    """Where all checks would import it; halint/light.py has what they may want of these."""
    imported = {
        statement.module if isinstance(statement, ast.ImportFrom) else alias.name
        for module in ast.parse(source).body
        if isinstance(module, ast.FunctionDef)
        for statement in module.body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for alias in statement.names
    }
    assert not imported & COSTLY


def test_the_bundle_holds_what_patterns_compile_to(bundled: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from halint.patterns import haproxy, keepalived, logrotate, rsyslog
    from halint.readers import lexer

    assert bundled["PYTHON"] == lexer.PYTHON
    assert {haproxy.LINE, keepalived.LINE, logrotate.FILE_TOKENS, rsyslog.FILE_TOKENS} <= bundled["PROGRAMS"].keys()
    monkeypatch.setattr(lexer, "_programs", lambda: bundled["PROGRAMS"])
    lexer.compiled.cache_clear()
    for pattern in bundled["PROGRAMS"]:
        prepared, compiled = lexer.compiled(pattern), re.compile(pattern)
        assert (prepared, prepared.groupindex) == (compiled, compiled.groupindex)
