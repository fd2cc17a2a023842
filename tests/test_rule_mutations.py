"""Do the pages test their rules? Each condition of a rule is turned round, one at a time: an example must notice."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from rule_pages import Example, examples

from halint import registry
from halint.cli import cli
from halint.rule import Rule

pytestmark = pytest.mark.slow

HOME = Path(__file__).parents[1]
RULES = list(registry.rules().values())
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


def conditions(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Where a condition of the code stands: its owner, the field and the index in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            if ast.unparse(node.test) != "TYPE_CHECKING":
                yield node, "test", None
        elif isinstance(node, ast.comprehension):
            yield from ((node, "ifs", at) for at in range(len(node.ifs)))


def turned(condition: ast.expr) -> ast.expr:
    if isinstance(condition, ast.Compare) and len(condition.ops) == 1:
        return ast.Compare(condition.left, [_TURNED[type(condition.ops[0])]()], condition.comparators)
    return ast.UnaryOp(ast.Not(), condition)


def mutants(source: str) -> Iterator[tuple[int, ast.Module]]:
    """The line of each condition, and the module with that condition turned round."""
    for number in range(sum(1 for _ in conditions(ast.parse(source)))):
        module = ast.parse(source)
        owner, field, index = list(conditions(module))[number]
        value = getattr(owner, field)
        condition = value if index is None else value[index]
        line = condition.lineno
        if index is None:
            setattr(owner, field, turned(condition))
        else:
            value[index] = turned(condition)
        yield line, ast.fix_missing_locations(module)


def load(rule: Rule, module: ast.Module) -> Rule:
    """The rule that a changed module defines, in the place of `rule`."""
    name = type(rule).__module__
    namespace: dict[str, object] = {"__name__": name}
    exec(compile(module, name, "exec"), namespace)
    mutant = namespace[type(rule).__name__]
    assert isinstance(mutant, type)
    mutant.name, mutant.group = rule.name, rule.group  # type: ignore[attr-defined]
    loaded = mutant()
    assert isinstance(loaded, Rule)
    return loaded


def notices(example: Example, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether `example` shows anything else than its page says."""
    monkeypatch.chdir(folder)
    if run("check", "--select", example.code, "--output", "concise") != "".join(example.findings):
        return True
    if example.fix is None:
        return example.kind == "Bad" and run("fix", "--select", example.code, "--diff", "--unsafe") != ""
    options, diff = example.fix
    return run("fix", "--select", example.code, *options, "--diff") != diff


def run(*arguments: str) -> str:
    return CliRunner().invoke(cli, arguments).stdout


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_condition_is_tested(rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = HOME / "rules" / rule.group / (rule.name.replace("-", "_") + ".py")
    shown = examples(rule.code, registry.page(rule))
    folders = [tmp_path / str(number) for number in range(len(shown))]
    for example, folder in zip(shown, folders, strict=True):
        folder.mkdir()
        example.lay_out(folder)
    survivors = []
    rules = registry.rules()
    for line, module in mutants(path.read_text(encoding="utf-8")):
        monkeypatch.setitem(rules, rule.code, load(rule, module))
        if not any(notices(example, folder, monkeypatch) for example, folder in zip(shown, folders, strict=True)):
            survivors.append(line)
    monkeypatch.setitem(rules, rule.code, rule)
    assert not survivors, f"no example of {rule.code} notices when a condition in {path} is turned round: {survivors}"
