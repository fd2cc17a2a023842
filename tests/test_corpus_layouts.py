"""The clusters of ../shared/corpus as users have them: by the paths that they had in their repositories, and as
node1/ node2/ folders. Every cluster is found, with exactly its nodes, and each node with exactly its files."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from halint import cluster
from halint.discovery import nodes as discovery
from halint.discovery.layout import HAPROXY, KEEPALIVED
from halint.settings import Settings

CLUSTERS = Path(__file__).parent.parent.parent / "shared" / "corpus" / "clusters"
if not CLUSTERS.is_dir():
    pytest.skip("needs ../shared/corpus, other people's configurations", allow_module_level=True)

ENTRIES = [json.loads(line) for line in (CLUSTERS / "index.jsonl").read_text().splitlines()]
BY_REPOSITORY = defaultdict(list)
for _entry in ENTRIES:
    BY_REPOSITORY[_entry["repo"]].append(_entry)

Found = set[frozenset[tuple[str, str | None]]]


def found_in(folder: Path) -> tuple[Found, int]:
    """Every cluster as the keepalived and haproxy file of each of its nodes, and the number of nodes."""
    inputs = discovery.find([str(folder)], Settings())
    clusters = cluster.group(inputs.nodes, Settings(), inputs.problems)
    files = [
        [
            tuple(
                str(Path(node.layout.files[path].path).relative_to(folder)) if path in node.layout.files else None
                for path in (KEEPALIVED, HAPROXY)
            )
            for node in one.nodes
            if node.layout is not None
        ]
        for one in clusters
    ]
    return {frozenset(nodes) for nodes in files}, sum(map(len, files))  # type: ignore[arg-type]


@pytest.mark.parametrize("repository", BY_REPOSITORY)
def test_by_original_paths(repository: str, tmp_path: Path) -> None:
    expected = set()
    for entry in BY_REPOSITORY[repository]:
        for node in entry["nodes"]:
            for kind, name in (("keepalived", "keepalived.conf"), ("haproxy", "haproxy.cfg")):
                if node[kind]:
                    copy = tmp_path / node[kind]
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.write_bytes((CLUSTERS / entry["cluster"] / node["node"] / name).read_bytes())
        expected.add(frozenset((node["keepalived"], node["haproxy"]) for node in entry["nodes"]))
    found, count = found_in(tmp_path)
    assert found == expected
    assert count == sum(map(len, expected))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["cluster"])
def test_as_node_folders(entry: dict[str, object]) -> None:
    folder = CLUSTERS / str(entry["cluster"])
    expected = {
        (f"{home.name}/keepalived.conf", f"{home.name}/haproxy.cfg" if (home / "haproxy.cfg").exists() else None)
        for home in folder.iterdir()
        if home.is_dir()
    }
    assert found_in(folder) == ({frozenset(expected)}, entry["n_nodes"])


def test_all_clusters_in_one_tree() -> None:
    """Clusters of other folders do not join, whatever addresses they have in common."""
    found, count = found_in(CLUSTERS)
    assert count == sum(int(entry["n_nodes"]) for entry in ENTRIES)
    assert len(found) == len(ENTRIES)
    for nodes in found:
        assert len({Path(str(keepalived)).parent.parent for keepalived, _ in nodes}) == 1
