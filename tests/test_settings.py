"""halint.toml: what it takes, and what is said of a wrong one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from halint import targets
from halint.settings import SettingsError, find, load

DOCUMENTATION = Path(__file__).parents[1] / "docs" / "halint-toml.md"


def loaded(tmp_path: Path, text: str):  # type: ignore[no-untyped-def]
    (tmp_path / "halint.toml").write_text(text)
    return load("halint.toml", str(tmp_path))


def test_without_a_file(tmp_path: Path) -> None:
    settings = load(None, str(tmp_path))
    assert settings.source is None
    assert not settings.clusters


def test_everything(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        """
        select = ["KA", "FW101"]
        ignore = ["KA205"]
        fail-on = "error"
        targets = { haproxy = "2.8" }
        [clusters.edge]
        nodes = ["lb1", "lb2"]
        targets.os = "el9"
        [segments.office]
        folders = ["a", "b/c"]
        [nodes.lb1]
        root = "lb1"
        [nodes.lb2]
        layers = ["common", "../lb2"]
        absent = ["/etc/firewalld/**"]
        collected = ["sysctl"]
        targets = { keepalived = "2.2.7" }
        [nodes.lb2.files]
        keepalived = "keepalived-backup.conf"
        haproxy = ["haproxy.cfg", "conf.d/*.cfg"]
        "/etc/sysctl.conf" = "sysctl.conf"
        """,
    )
    top = str(tmp_path)
    lb2 = settings.nodes["lb2"]
    assert (settings.select, settings.ignore, settings.fail_on) == (["KA", "FW101"], ["KA205"], "error")
    assert settings.targets == {"haproxy": "2.8"}
    assert (settings.clusters["edge"].nodes, settings.clusters["edge"].targets) == (["lb1", "lb2"], {"os": "el9"})
    assert settings.segments == {"office": [top + "/a", top + "/b/c"]}
    assert settings.nodes["lb1"].root == top + "/lb1"
    assert lb2.layers == [top + "/common", str(tmp_path.parent / "lb2")]
    assert (lb2.absent, lb2.collected, lb2.targets) == (["/etc/firewalld/**"], ["sysctl"], {"keepalived": "2.2.7"})
    assert lb2.files == {
        "keepalived": [top + "/keepalived-backup.conf"],
        "haproxy": [top + "/haproxy.cfg", top + "/conf.d/*.cfg"],
        "/etc/sysctl.conf": [top + "/sysctl.conf"],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select = [\n", "halint.toml:2:1: Invalid value"),
        ('a = 1\nb == "x"\n', "halint.toml:2:4: Invalid value"),
        ("fail_on = 'error'", "halint.toml:1:1: unknown key 'fail_on'; did you mean 'fail-on'?"),
        ("# fail_on\n\nfail_on = 1", "halint.toml:3:1: unknown key"),
        ("xyz = 1", "halint.toml:1:1: unknown key 'xyz'; known are select, ignore"),
        ("[cluster.edge]", "halint.toml:1:2: unknown key 'cluster'; did you mean 'clusters'?"),
        ("[clusters.edge]\nnode = []", "halint.toml:2:1: unknown key 'clusters.edge.node'; did you mean 'nodes'?"),
        ("[clusters.edge]\nnodes = 'lb1'", "halint.toml:2:1: clusters.edge.nodes must be an array of strings"),
        ("[clusters.edge]\nnodes = [1]", "halint.toml:2:1: clusters.edge.nodes must be an array of strings"),
        ("clusters = []", "halint.toml:1:1: clusters must be a table"),
        ("[clusters]\nedge = 1", "halint.toml:2:1: clusters.edge must be a table"),
        ("select = 'KA'", "halint.toml:1:1: select must be an array of strings"),
        ("fail-on = 'fatal'", "halint.toml:1:1: fail-on must be info, warning or error"),
        ("[targets]\nhaproxy = '2.x'", "halint.toml:2:1: '2.x' is not a version of haproxy"),
        ("[targets]\nos = 'beos'", "halint.toml:2:1: unknown distribution 'beos'; known are el7"),
        ("[nodes.lb1.files]\nsysctl = 'x'", "halint.toml:2:1: 'sysctl' must be keepalived, haproxy or a path"),
        ("[nodes.lb1.files]\nhaproxy = 1", "nodes.lb1.files.haproxy must be a string or an array of strings"),
        ("[nodes.lb1]\ncollected = ['all']", "halint.toml:2:15: unknown family 'all'; known are keepalived"),
        ("[clusters]\na.nodes = ['x']\nb.nodes = ['x']", "halint.toml:3:13: node 'x' is in the clusters 'a' and 'b'"),
        ("a = " + "[" * 3000, "halint.toml"),
    ],
)
def test_wrong(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        loaded(tmp_path, text)


def test_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"x.toml: No such file"):
        load("x.toml", str(tmp_path))
    (tmp_path / "x.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(SettingsError, match=r"x.toml: it is not UTF-8"):
        load("x.toml", str(tmp_path))


def test_search_ends_at_the_repository(tmp_path: Path) -> None:
    (tmp_path / "repo/.git").mkdir(parents=True)
    (tmp_path / "repo/site/lb1").mkdir(parents=True)
    (tmp_path / "halint.toml").touch()
    start = str(tmp_path / "repo/site/lb1")
    assert find(start) is None
    (tmp_path / "repo/halint.toml").touch()
    assert find(start) == str(tmp_path / "repo/halint.toml")
    (tmp_path / "repo/site/halint.toml").touch()
    assert find(start + "/keepalived.conf") == str(tmp_path / "repo/site/halint.toml")


@pytest.mark.parametrize(
    ("option", "expected"),
    [("haproxy=2.8", ("haproxy", "2.8")), ("os=el8", ("os", "el8")), ("os=Debian 13", ("os", "Debian 13"))],
)
def test_target_option(option: str, expected: tuple[str, str]) -> None:
    assert targets.parse(option) == expected


@pytest.mark.parametrize("option", ["haproxy", "haproxy=", "haproxy=2.", "nginx=1", "os=", "os=x"])
def test_wrong_target_option(option: str) -> None:
    with pytest.raises(SettingsError):
        targets.parse(option)


def test_documented_example_is_right(tmp_path: Path) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", DOCUMENTATION.read_text(), re.M | re.S)
    assert blocks
    for block in blocks:
        loaded(tmp_path, block)
