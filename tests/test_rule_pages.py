"""Every rule's page is run: its bad clusters give its findings and its fix, its good ones give nothing."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from rule_pages import HEADINGS, Example, examples, sections

from halint import registry
from halint.cli import cli
from halint.rule import Rule

HOME = Path(__file__).parents[1]
RULES = list(registry.rules().values())
PAGED = [rule for rule in RULES if (HOME / "rules" / rule.group / (rule.name.replace("-", "_") + ".md")).exists()]
EXAMPLES = [example for rule in PAGED for example in examples(rule.code, registry.page(rule))]
CATALOGUE = HOME.parent / "shared" / "reference" / "rules.json"


def run(*arguments: str) -> str:
    """What halint prints on standard output."""
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert result.exception is None, result.output
    return result.stdout


def findings(code: str) -> str:
    return run("check", "--select", code, "--output", "concise")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.code} {example.kind}: {example.title}")
def test_example(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example.lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert findings(example.code) == "".join(example.findings)
    if example.fix is None:
        return
    options, diff = example.fix
    arguments = ["fix", "--select", example.code, *options]
    assert run(*arguments, "--diff") == diff
    run(*arguments)
    assert findings(example.code) == "", "the fix leaves a finding"
    fixed = contents(tmp_path)
    assert run(*arguments, "--diff") == ""
    run(*arguments)
    assert contents(tmp_path) == fixed, "a second fix changes something"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_page_is_complete(rule: Rule) -> None:
    page = registry.page(rule)
    assert page.startswith(f"# {rule.code} {rule.name}\n")
    headings = [heading.partition(": ")[0] for heading, _ in sections(page)]
    assert tuple(dict.fromkeys(headings)) == HEADINGS
    assert headings == sorted(headings, key=HEADINGS.index), "the headings are out of order"
    assert all(body.strip() for _, body in sections(page)), "a section is empty"
    for example in examples(rule.code, page):
        assert example.title, "an example has no title"
        assert len(example.findings) == (example.kind == "Bad"), f"{example.title}: one `text findings` for a Bad"
        assert example.fix is None or example.kind == "Bad"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_says_what_it_is(rule: Rule) -> None:
    assert type(rule).__doc__
    assert rule.oracle in {"haproxy-c", "keepalived-t", "lab", "none"}
    assert re.fullmatch(r"[A-Z]{2}[0-9]{3}", rule.code)
    assert type(rule).__name__.lower() == rule.name.replace("-", "")


@pytest.mark.skipif(not CATALOGUE.exists(), reason="../shared/reference/rules.json is not here")
def test_names_are_the_catalogues() -> None:
    catalogue = {rule["id"]: rule["name"] for rule in json.loads(CATALOGUE.read_text())["rules"]}
    ours = {rule.code: rule.name for rule in RULES if not rule.code.startswith("HL")}
    known = {code: name for code, name in catalogue.items() if code in ours}
    assert known == {code: name for code, name in ours.items() if code in known}
    for code in ours.keys() - known.keys():
        assert code > max(other for other in catalogue if other[:3] == code[:3]), f"{code} is not behind the catalogue"


def test_every_group_is_packaged() -> None:
    packages = tomllib.loads((HOME / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    groups = {f"halint.rules.{path.parent.name}" for path in (HOME / "rules").glob("*/__init__.py")}
    assert groups == {name for name in packages if name.startswith("halint.rules.")}


def test_rules_import_no_leaf() -> None:
    """A rule or grammar that another one imports cannot be removed alone."""
    for path in [*(HOME / "rules").rglob("*.py"), *(HOME / "grammars").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.startswith(("halint.rules", "halint.grammars"))], path
