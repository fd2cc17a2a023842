"""A rule that only ever fires on its own page might know nothing but that page: each fires on a cluster of
corpus/, or on an example that was written for another rule."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
from rule_pages import examples

from halint import cluster, linter, registry, settings
from halint.discovery import nodes as discovery

HOME = Path(__file__).parents[1]
RULES = registry.rules()


def codes(folder: Path) -> set[str]:
    """The codes that the cluster in `folder` gives."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        found = settings.load(settings.find(os.getcwd()), os.getcwd())
        discovered = discovery.find(["."], found)
        clusters = cluster.group(discovered.nodes, found, discovered.problems)
        return {finding.code for finding in linter.check(clusters).findings}
    finally:
        os.chdir(before)


@cache
def fired(home: Path) -> dict[str, set[str]]:
    """Where each code was given: names of corpus clusters and codes of other rules' pages."""
    places: dict[str, set[str]] = {}
    for folder in sorted(path.parent for path in (HOME / "corpus").glob("*/expected.txt")):
        for code in codes(folder):
            places.setdefault(code, set()).add(folder.name)
    for rule in RULES.values():
        for number, example in enumerate(examples(rule.code, registry.page(rule))):
            folder = home / rule.code / str(number)
            folder.mkdir(parents=True)
            example.lay_out(folder)
            for code in codes(folder) - {rule.code}:
                places.setdefault(code, set()).add(rule.code)
    return places


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    return fired(tmp_path_factory.mktemp("pages"))


@pytest.mark.parametrize("code", RULES)
def test_fires_on_a_cluster_that_is_not_its_own(code: str, places: dict[str, set[str]]) -> None:
    assert places.get(code)
