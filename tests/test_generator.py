"""`halint generate`: what it writes, refuses and keeps."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halint import cluster, generator, linter
from halint.discovery import nodes as discovery
from halint.finding import Finding
from halint.generator import GenerateError
from halint.generator.target import TARGETS
from halint.generator.writer import File, Folder
from halint.settings import Settings

EXAMPLE = Path(__file__).parents[1] / "docs/examples/cluster.toml"
SECRET = "s3cr3t.K"

Data = dict[str, Any]


def example() -> Data:
    return tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))


def toml(data: Data) -> str:
    """`data` as TOML; strings are written as in JSON, which TOML reads the same."""

    def value(item: object) -> str:
        if isinstance(item, dict):
            return "{ " + ", ".join(f"{json.dumps(key)} = {value(each)}" for key, each in item.items()) + " }"
        if isinstance(item, list):
            return "[" + ", ".join(map(value, item)) + "]"
        return json.dumps(item)

    return "".join(f"{json.dumps(key)} = {value(item)}\n" for key, item in data.items())


def generate(folder: Path, data: Data) -> dict[str, bytes]:
    """The files written for `data`, by their path below the output folder."""
    (folder / "cluster.toml").write_text(toml(data), encoding="utf-8")
    written = generator.generate(str(folder / "cluster.toml"), str(folder / "out"))
    files = {str(path.relative_to(folder / "out")): path.read_bytes() for path in map(Path, written)}
    assert sorted(files) == sorted(
        str(p.relative_to(folder / "out")) for p in (folder / "out").rglob("*") if p.is_file()
    )
    return files


def check(folder: Path, nodes: int) -> linter.Report:
    found = discovery.find([str(folder)], Settings())
    groups = cluster.group(found.nodes, Settings())
    assert [len(group.nodes) for group in groups] == [nodes]
    assert not found.problems
    return linter.check(groups)


def beyond_the_steps(report: linter.Report, folder: Path) -> list[Finding]:
    """What is found, but for what the printed steps see to: SELinux has no file that could be written."""
    found = [finding for finding in report.findings if finding.code != "SE101"]
    steps = "\n".join(generator.next_steps(str(folder / "cluster.toml"), str(folder / "out")))
    assert len(found) == len(report.findings) or "setsebool -P haproxy_connect_any on" in steps
    return found


@pytest.fixture(autouse=True)
def no_secret_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VRRP_SECRET", raising=False)


# What is written


@pytest.mark.parametrize("transport", ["unicast", "multicast"])
@pytest.mark.parametrize("target", TARGETS)
def test_example_is_silent(target: str, transport: str, tmp_path: Path) -> None:
    files = generate(tmp_path, example() | {"target": target, "transport": transport})
    report = check(tmp_path / "out", 2)
    assert [finding.message for finding in beyond_the_steps(report, tmp_path)] == []
    assert not report.crashes
    for path, content in files.items():
        assert content.endswith(b"\n"), path
        if path.endswith(".xml"):
            ElementTree.fromstring(content)


def test_files_of_a_node(tmp_path: Path) -> None:
    common = ["haproxy/haproxy.cfg", "keepalived/keepalived.conf", "logrotate.d/haproxy", "logrotate.d/keepalived"]
    debian = ["default/keepalived", "nftables.conf", "rsyslog.d/49-haproxy.conf", "rsyslog.d/49-keepalived.conf"]
    el = ["firewalld/services/haproxy.xml", "firewalld/zones/public.xml", "rsyslog.d/haproxy.conf"]
    el += ["rsyslog.d/keepalived.conf", "sysconfig/keepalived"]
    for target, own in (("debian12", debian), ("el9", el)):
        folder = tmp_path / target
        folder.mkdir()
        wanted = sorted([*common, *own, "sysctl.d/90-haproxy.conf"])
        files = generate(folder, example() | {"target": target})
        assert sorted(files) == [f"{node}/etc/{path}" for node in ("lb1", "lb2") for path in wanted]


def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        generate(tmp_path, example())
    finally:
        os.umask(before)
    modes = {str(p.relative_to(tmp_path)): p.stat().st_mode & 0o777 for p in tmp_path.rglob("*")}
    assert modes["out/lb1/etc/keepalived/keepalived.conf"] == 0o600
    assert modes["out/lb1/etc/haproxy/haproxy.cfg"] == 0o644
    assert modes["out/lb1/etc/nftables.conf"] == 0o755
    assert modes["out/lb1/etc"] == modes["out/lb1"] == modes["out"] == 0o755
    assert modes["cluster.auth_pass"] == 0o600


def test_order_makes_the_addresses_go_back(tmp_path: Path) -> None:
    data = example()
    data["virtual_routers"][0]["order"] = ["lb2", "lb1"]
    conf = generate(tmp_path, data)["lb1/etc/keepalived/keepalived.conf"].decode()
    ordered, plain = conf.split("vrrp_instance ")[1:]
    assert "priority 190" in ordered and "nopreempt" not in ordered
    assert "priority 200" in plain and "nopreempt" in plain


def test_only_ipv6_needs_no_secret(tmp_path: Path) -> None:
    data = example()
    del data["virtual_routers"][0]
    data["frontends"] = [{"name": "www", "binds": [{"address": "2001:db8:2::10", "port": 80}], "backend": "web"}]
    del data["backends"][1]
    files = generate(tmp_path, data)
    assert b"auth_pass" not in files["lb1/etc/keepalived/keepalived.conf"]
    assert b"net.ipv4" not in files["lb1/etc/sysctl.d/90-haproxy.conf"]
    assert not (tmp_path / "cluster.auth_pass").exists()
    (tmp_path / "cluster.toml").write_text('auth_pass_file = "x"\n' + toml(data))
    with pytest.raises(GenerateError, match="auth_pass_file: VRRP for IPv6 knows no authentication"):
        generator.generate(str(tmp_path / "cluster.toml"), str(tmp_path / "other"))


def test_next_steps(tmp_path: Path) -> None:
    data = example() | {"target": "el9"}
    data["frontends"][0]["binds"][0]["certificate"] = "/etc/haproxy/www.pem"
    generate(tmp_path, data)
    steps = "\n".join(generator.next_steps(str(tmp_path / "cluster.toml"), str(tmp_path / "out")))
    for wanted in (
        "cluster.auth_pass",
        "dnf install",
        f"tar -C {tmp_path}/out/lb2 ",
        "/etc/haproxy/www.pem",
        "setsebool",
        "firewall-cmd --reload",
        "sysctl --system",
        "systemctl restart rsyslog haproxy keepalived",
    ):
        assert wanted in steps


# The secret


def secret_of(files: dict[str, bytes]) -> str:
    found = {line.split()[1] for path in files if path.endswith("keepalived.conf")
             for line in files[path].decode().splitlines() if "auth_pass " in line}  # fmt: skip
    assert len(found) == 1
    return found.pop()


def test_secret_is_made_once(tmp_path: Path) -> None:
    files = generate(tmp_path, example())
    kept = (tmp_path / "cluster.auth_pass").read_text()
    assert secret_of(files) == kept.strip()
    (tmp_path / "out").rename(tmp_path / "first")
    assert generate(tmp_path, example()) == files
    assert (tmp_path / "cluster.auth_pass").read_text() == kept
    steps = generator.next_steps(str(tmp_path / "cluster.toml"), "out")
    assert kept.strip() not in "\n".join(steps)


def test_secret_of_a_file_and_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vrrp.secret").write_text(SECRET + "\n")
    assert secret_of(generate(tmp_path, example() | {"auth_pass_file": "vrrp.secret"})) == SECRET
    (tmp_path / "out").rename(tmp_path / "first")
    monkeypatch.setenv("VRRP_SECRET", SECRET)
    assert secret_of(generate(tmp_path, example() | {"auth_pass_env": "VRRP_SECRET"})) == SECRET
    assert not (tmp_path / "cluster.auth_pass").exists()


@pytest.mark.parametrize("secret", ["", "nine-char", "a b", "a#b", 'a"b', "ä", "a\nb"])
def test_bad_secret_is_refused_and_not_shown(secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cluster.auth_pass").write_text(secret + "\n")
    with pytest.raises(GenerateError, match=r"cluster\.auth_pass: the secret must be") as told:
        generate(tmp_path, example())
    assert not secret or secret not in str(told.value)
    monkeypatch.setenv("VRRP_SECRET", secret)
    with pytest.raises(GenerateError, match=r"cluster\.toml: auth_pass_env: "):
        generate(tmp_path, example() | {"auth_pass_env": "VRRP_SECRET"})


def test_secret_does_not_belong_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(GenerateError, match="auth_pass: a secret does not belong") as told:
        generate(tmp_path, example() | {"auth_pass": SECRET})
    assert SECRET not in str(told.value)


def test_missing_secrets(tmp_path: Path) -> None:
    for keys, message in (
        ({"auth_pass_env": "VRRP_SECRET"}, "auth_pass_env: the variable VRRP_SECRET is not set"),
        ({"auth_pass_file": "absent"}, "auth_pass_file: .*absent: No such file"),
        ({"auth_pass_file": "."}, "auth_pass_file: .*: is no file"),
        ({"auth_pass_file": "a", "auth_pass_env": "B"}, "auth_pass_env: auth_pass_file is given too"),
    ):
        with pytest.raises(GenerateError, match=message):
            generate(tmp_path, example() | keys)


# What is refused


def edit(*path: str | int, value: object) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        at: Any = data
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return change


BAD: list[tuple[Callable[[Data], object], str]] = [
    (edit("target", value="el7"), "target: 'el7' is none of el8, el9, debian12; did you mean el"),
    (edit("target", value=9), "target: must be a string, is an integer"),
    (lambda data: data.pop("target"), "target: is missing"),
    (edit("transports", value="unicast"), "transports: is no key here; did you mean transport?"),
    (edit("zzz", value=1), "zzz: is no key here; known are target, "),
    (edit("a b\x1b[0m", value=1), r"'a b\x1b[0m': is no key here"),
    (edit("transport", value="broadcast"), "transport: 'broadcast' is none of unicast, multicast"),
    (edit("management_ports", value=[0]), "management_ports: must be between 1 and 65535"),
    (edit("management_ports", value=[True]), "management_ports: must be an integer, is a boolean"),
    (edit("nodes", value=[]), "nodes: is empty"),
    (edit("nodes", value={}), "nodes: must be an array, is a table"),
    (edit("nodes", value=["lb1"]), "nodes: must be a table, is a string"),
    (lambda data: data["nodes"].pop(), "nodes: a cluster has 2 to 16 nodes, this has 1"),
    (edit("nodes", 0, "name", value="../lb1"), "nodes[1].name: '../lb1' is not a name"),
    (edit("nodes", 0, "name", value="lb1\n"), r"nodes[1].name: 'lb1\n' is not a name"),
    (edit("nodes", 1, "name", value="LB1"), "nodes[LB1].name: another node has this name"),
    (edit("nodes", 0, "interface", value="eth0; }"), "nodes[lb1].interface: 'eth0; }' is not"),
    (edit("nodes", 0, "interface", value="lo"), "nodes[lb1].interface: keepalived refuses"),
    (edit("nodes", 0, "interface", value="a" * 16), "nodes[lb1].interface: "),
    (edit("nodes", 0, "adresses", value=[]), "nodes[lb1].adresses: is no key here; did you mean addresses?"),
    (edit("nodes", 0, "addresses", value=["192.0.2.11"]), "nodes[lb1].addresses: '192.0.2.11' is not ADDRESS/LENGTH"),
    (
        edit("nodes", 0, "addresses", value=["192.0.2.11/33"]),
        "nodes[lb1].addresses: '192.0.2.11/33' has a wrong length",
    ),
    (edit("nodes", 0, "addresses", value=["192.0.2.300/24"]), "nodes[lb1].addresses: '192.0.2.300' is no IP address"),
    (edit("nodes", 0, "addresses", value=["192.0.2.0/24"]), "nodes[lb1].addresses: 192.0.2.0/24 is the address of the"),
    (edit("nodes", 0, "addresses", value=["fe80::1/64"]), "nodes[lb1].addresses: fe80::1 cannot be reached"),
    (edit("nodes", 1, "addresses", value=["192.0.2.11/24"]), "nodes[lb2].addresses: 192.0.2.11 is given twice"),
    (
        edit("nodes", 1, "addresses", 0, value="192.0.2.12/25"),
        "virtual_routers[web4].addresses: lb1 is in 192.0.2.0/24 and",
    ),
    (edit("virtual_routers", 0, "id", value=0), "virtual_routers[web4].id: must be between 1 and 255"),
    (edit("virtual_routers", 0, "id", value="81"), "virtual_routers[web4].id: must be an integer, is a string"),
    (edit("virtual_routers", 1, "id", value=81), "virtual_routers[web6].id: another virtual router has this id"),
    (edit("virtual_routers", 1, "name", value="web4"), "virtual_routers[web4].name: another virtual router"),
    (edit("virtual_routers", 0, "name", value="a b"), "virtual_routers[1].name: 'a b' is not a name"),
    (edit("virtual_routers", 0, "addresses", value=["198.51.100.10"]), "198.51.100.10 is in no network of lb1"),
    (edit("virtual_routers", 0, "addresses", value=["192.0.2.255"]), "192.0.2.255 is the address of the network"),
    (edit("virtual_routers", 0, "addresses", value=["192.0.2.10/24"]), "leave it out"),
    (edit("virtual_routers", 0, "addresses", value=["192.0.2.11"]), "192.0.2.11 is the own address of lb1"),
    (edit("virtual_routers", 0, "addresses", value=["192.0.2.10"] * 2), "'192.0.2.10' stands twice"),
    (
        edit("virtual_routers", 1, "addresses", value=["2001:db8:2::10", "2001:DB8:2::0010"]),
        "2001:db8:2::10 is given twice",
    ),
    (edit("virtual_routers", 1, "addresses", value=["fe80::1"]), "clients need an address that is not link-local"),
    (edit("virtual_routers", 1, "addresses", value=["2001:db8:2::10%eth0"]), "is no address of a host"),
    (
        edit("virtual_routers", 0, "addresses", value=["192.0.2.10", "2001:db8:2::11"]),
        "2001:db8:2::11 is the own address",
    ),
    (edit("virtual_routers", 0, "addresses", value=["192.0.2.10", "2001:db8:2::13"]), "IPv4 and IPv6 addresses need a"),
    (edit("virtual_routers", 0, "order", value=["lb1"]), "virtual_routers[web4].order: lb2 is missing"),
    (edit("virtual_routers", 0, "order", value=["lb1", "lb3"]), "virtual_routers[web4].order: 'lb3' is no node"),
    (
        edit("frontends", 0, "backend", value="wbe"),
        "frontends[www].backend: 'wbe' is none of web, smtp; did you mean web?",
    ),
    (
        edit("frontends", 0, "mode", value="https"),
        "frontends[www].mode: 'https' is none of http, tcp; did you mean http?",
    ),
    (edit("frontends", 1, "name", value="www"), "frontends[www].name: another frontend has this name"),
    (edit("frontends", 0, "name", value="keepalived-check"), "frontends[keepalived-check].name: another"),
    (
        edit("frontends", 0, "binds", 0, "address", value="192.0.2.99"),
        "binds[1].address: 192.0.2.99 is no virtual address",
    ),
    (
        edit("frontends", 0, "binds", 0, "port", value=65536),
        "frontends[www].binds[1].port: must be between 1 and 65535",
    ),
    (edit("frontends", 1, "binds", 0, "port", value=80), "192.0.2.10 port 80 is bound by www too"),
    (
        edit("frontends", 0, "binds", 0, "certificate", value="a.pem"),
        "binds[1].certificate: 'a.pem' is not an absolute path",
    ),
    (lambda data: data["frontends"][0]["binds"].pop(), "frontends: none binds 2001:db8:2::10"),
    (edit("frontends", 1, "name", value="smtp"), "backends[smtp].name: another backend or frontend has this name"),
    (edit("backends", 0, "balance", value="random()"), "backends[web].balance: 'random()' is none of"),
    (edit("backends", 0, "health_path", value="/a b"), "backends[web].health_path: '/a b' is not a path"),
    (edit("backends", 1, "health_path", value="/"), "backends[smtp].health_path: the mode is tcp"),
    (edit("backends", 0, "servers", value=[]), "backends[web].servers: is empty"),
    (edit("backends", 0, "servers", 1, "name", value="web1"), "servers[web1].name: another server of this backend"),
    (edit("backends", 0, "servers", 0, "address", value="web1.example.com"), "is no IP address"),
    (edit("backends", 0, "servers", 0, "address", value="192.0.2.10"), "192.0.2.10 is a virtual address"),
    (
        lambda data: data["backends"].append(data["backends"][0] | {"name": "spare"}),
        "backends[spare].name: no frontend uses it",
    ),
    (edit("frontends", 1, "backend", value="web"), "backends[web].name: frontends of mode http and of mode tcp use it"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=[message[:60] for _, message in BAD])
def test_bad_cluster_is_refused(change: Callable[[Data], object], message: str, tmp_path: Path) -> None:
    data = example()
    change(data)
    with pytest.raises(GenerateError) as told:
        generate(tmp_path, data)
    assert str(told.value).startswith(f"{tmp_path}/cluster.toml: ")
    assert message in str(told.value)
    assert os.listdir(tmp_path) == ["cluster.toml"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "target: is missing"),
        (b"a = 1\nb = c\n", "(at line 2, column 5)"),
        (b"a = \xff", "is not UTF-8 at byte 4"),
        (b"a = " + b"[" * 20000, "are nested too deeply"),
        (b"a = " + b"9" * 5000, "cluster.toml: "),
        (b"#" * (1 << 20) + b"\n", "is larger than 1 MiB"),
        (b"nodes = 2020-01-01\ntarget = 'el8'\n", "nodes: must be an array, is a date or time"),
    ],
    ids=["empty", "syntax", "bytes", "deep", "number", "large", "date"],
)
def test_bad_file_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_bytes(content)
    with pytest.raises(GenerateError) as told:
        generator.generate(str(tmp_path / "cluster.toml"), str(tmp_path / "out"))
    assert message in str(told.value)
    assert os.listdir(tmp_path) == ["cluster.toml"]


def test_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, message in (("absent", "No such file"), (".", "is no file"), ("pipe", "is no file")):
        with pytest.raises(GenerateError, match=message):
            generator.generate(str(tmp_path / name), str(tmp_path / "out"))


# Where it is written


def test_empty_folder_is_filled_and_another_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    files = generate(tmp_path, example())
    with pytest.raises(GenerateError, match="out: is not empty"):
        generate(tmp_path, example())
    assert {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file()} == set(files)
    for name, message in (("cluster.toml", "Not a directory"), ("no/where", "no: there is no such folder")):
        with pytest.raises(GenerateError, match=message):
            generator.generate(str(EXAMPLE), str(tmp_path / name))


@pytest.mark.parametrize("exists", [False, True])
def test_all_or_nothing(exists: bool, tmp_path: Path) -> None:
    if exists:
        (tmp_path / "out").mkdir()

    def fail() -> None:
        raise OSError(28, "No space left on device", "cluster.auth_pass")

    with pytest.raises(GenerateError, match=r"cluster\.auth_pass: No space left on device"):
        Folder(str(tmp_path / "out")).write({"lb1": [File("/etc/hostname", "lb1\n")]}, fail)
    assert [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")] == (["out"] if exists else [])


# Properties

_names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,12}", fullmatch=True)


@st.composite
def clusters(draw: st.DrawFn) -> Data:
    """Any CLUSTER.toml that is right, as far as numbers and choices go."""
    nodes = draw(st.lists(_names, min_size=2, max_size=4, unique_by=str.lower))
    families = draw(st.sampled_from([(4,), (6,), (4, 6), (4, 4)]))
    lengths = {4: draw(st.sampled_from([24, 25, 16])), 6: draw(st.sampled_from([64, 48]))}
    prefix = {4: "192.0.2.", 6: "2001:db8::"}
    ids = draw(st.lists(st.integers(1, 255), min_size=len(families), max_size=len(families), unique=True))
    names = draw(st.lists(_names.filter(lambda n: n != "keepalived-check"), min_size=8, max_size=8, unique=True))
    routers, frontends, backends = [], [], []
    taken = iter(range(20, 100))
    for number, family in enumerate(families):
        addresses = [f"{prefix[family]}{next(taken)}" for _ in range(draw(st.integers(1, 3)))]
        router: Data = {"name": names[number], "id": ids[number], "addresses": addresses}
        if draw(st.booleans()):
            router["order"] = draw(st.permutations(nodes))
        routers.append(router)
        mode = draw(st.sampled_from(["http", "tcp"]))
        binds: list[Data] = []
        for port in draw(st.lists(st.integers(1, 65535), min_size=1, max_size=3, unique=True)):
            tls = {"certificate": "/etc/haproxy/a.pem"} if draw(st.booleans()) else {}
            binds += [{"address": address, "port": port, **tls} for address in addresses]
        frontends.append({"name": names[2 + number], "mode": mode, "binds": binds, "backend": names[4 + number]})
        server = st.sampled_from(["198.51.100.7", "2001:db8:9::7", "127.0.0.1"])
        servers = [{"name": name, "address": draw(server), "port": draw(st.integers(1, 65535))}
                   for name in draw(st.lists(_names, min_size=1, max_size=3, unique=True))]  # fmt: skip
        backend: Data = {"name": names[4 + number], "servers": servers}
        if draw(st.booleans()):
            backend["balance"] = draw(st.sampled_from(["roundrobin", "leastconn", "source", "first"]))
        if mode == "http" and draw(st.booleans()):
            backend["health_path"] = "/ready?x=1"
        backends.append(backend)
    return {
        "target": draw(st.sampled_from(list(TARGETS))),
        "transport": draw(st.sampled_from(["unicast", "multicast"])),
        "management_ports": draw(st.lists(st.integers(1, 65535), max_size=2)),
        "nodes": [
            {"name": name, "interface": draw(st.sampled_from(["eth0", "ens160", "bond0.12"])),
             "addresses": [f"{prefix[f]}{11 + number}/{lengths[f]}" for f in sorted(set(families))]}
            for number, name in enumerate(nodes)
        ],
        "virtual_routers": routers,
        "frontends": frontends,
        "backends": backends,
    }  # fmt: skip


def is_silent(data: Data) -> None:
    with TemporaryDirectory() as name:
        generate(Path(name), data)
        report = check(Path(name) / "out", len(data["nodes"]))
        assert [(finding.code, finding.message) for finding in beyond_the_steps(report, Path(name))] == []
        assert not report.crashes


@settings(max_examples=30, deadline=None, derandomize=True)
@given(clusters())
def test_any_cluster_is_silent(data: Data) -> None:
    is_silent(data)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(clusters())
def test_very_many_clusters_are_silent(data: Data) -> None:
    is_silent(data)


_values = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 70000), st.text(max_size=8), st.just([]), st.just({}),
    st.lists(st.text(max_size=8), max_size=2),
    st.sampled_from(["/", "::", "0.0.0.0", "127.0.0.1", "ff02::12", "192.0.2.10"]),
)  # fmt: skip


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.data())
def test_any_value_is_taken_or_refused(draw: st.DataObject) -> None:
    data: Data = example()
    at: Any = data
    while True:
        key = draw.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        if not isinstance(at[key], dict | list) or not at[key] or draw.draw(st.integers(0, 4)) == 0:
            break
        at = at[key]
    value = draw.draw(_values)
    if value is None and isinstance(at, dict):
        del at[key]
    else:
        at[key] = "" if value is None else value
    with TemporaryDirectory() as name:
        try:
            generate(Path(name), data)
        except GenerateError as error:
            assert str(error).isprintable()
            assert os.listdir(name) == ["cluster.toml"]
        else:
            assert check(Path(name) / "out", len(data["nodes"])).findings == []


# Real daemons

_RSYSLOG = 'module(load="imuxsock")\n$IncludeConfig {}/*.conf\n*.* /dev/null\n'


def accepted(*command: object) -> str:
    """The output of a command that must succeed."""
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


@pytest.mark.daemons
@pytest.mark.parametrize("transport", ["unicast", "multicast"])
@pytest.mark.parametrize("target", TARGETS)
def test_daemons_accept_it(target: str, transport: str, tmp_path: Path) -> None:
    pem = tmp_path / "www.pem"
    accepted("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=www.example.com",
             "-keyout", tmp_path / "key", "-out", tmp_path / "crt")  # fmt: skip
    pem.write_bytes((tmp_path / "crt").read_bytes() + (tmp_path / "key").read_bytes())
    data = example() | {"target": target, "transport": transport}
    data["frontends"][0]["binds"][0] |= {"certificate": str(pem), "port": 443}
    generate(tmp_path, data)
    for node in ("lb1", "lb2"):
        etc = tmp_path / "out" / node / "etc"
        link = "ip link add eth0 type bridge; ip link set eth0 up"
        checked = accepted(
            "unshare", "-n", "sh", "-c", f'{link}; exec keepalived -t -f "$0"', etc / "keepalived/keepalived.conf"
        )
        assert checked == ""
        assert "WARNING" not in accepted("haproxy", "-c", "-f", etc / "haproxy/haproxy.cfg")
        if target == "debian12":
            accepted("unshare", "-n", "nft", "-c", "-f", etc / "nftables.conf")
        else:
            (etc / "firewalld/firewalld.conf").write_text("DefaultZone=public\nFirewallBackend=nftables\n")
            accepted("firewall-offline-cmd", "--system-config", etc / "firewalld", "--check-config")
        main = tmp_path / f"{node}-rsyslog.conf"
        main.write_text(_RSYSLOG.format(etc / "rsyslog.d"))
        assert "error" not in accepted("rsyslogd", "-N1", "-f", main)
        rotations = [etc / "logrotate.d" / name for name in ("haproxy", "keepalived")]
        assert "error" not in accepted("logrotate", "-d", *rotations)
