"""Which nodes make a cluster, what is known of them, and what they run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from halint.cluster import Cluster, group
from halint.discovery import nodes as discovery
from halint.settings import find, load


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def vrrp(address: str, *peers: str, source: str = "", vrid: int = 51) -> str:
    peer = f"    unicast_peer {{\n{''.join(f'        {p}{chr(10)}' for p in peers)}    }}\n" if peers else ""
    own = f"    unicast_src_ip {source}\n" if source else ""
    return (
        f"vrrp_instance VI_1 {{\n    interface eth0\n    virtual_router_id {vrid}\n{own}{peer}"
        f"    virtual_ipaddress {{\n        {address}\n    }}\n}}\n"
    )


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def routers(**addresses: str) -> None:
    """A node a keyword, `__` for a slash, with its virtual address."""
    write({f"{name.replace('__', '/')}/keepalived.conf": vrrp(address) for name, address in addresses.items()})


def look(path: str = ".") -> list[Cluster]:
    settings = load(find(path), os.getcwd())
    found = discovery.find([path], settings)
    return group(found.nodes, settings, found.problems)


def names(path: str = ".") -> list[str]:
    """The nodes of each cluster; `?` behind a tentative one."""
    return [" ".join(n.name for n in c.nodes) + "?" * c.tentative for c in look(path)]


def test_by_address() -> None:
    routers(lb1="192.0.2.1", lb2="192.0.2.1", lb3="192.0.2.3", lb4="192.0.2.3")
    assert names() == ["lb1 lb2", "lb3 lb4"]
    assert [c.name for c in look()] == ["lb1+lb2", "lb3+lb4"]
    assert look()[0].reasons == ["lb1, lb2 share the virtual address 192.0.2.1"]


def test_addresses_are_compared_not_their_text() -> None:
    write({"x/keepalived.conf": vrrp("2001:db8::1/64"), "y/keepalived.conf": vrrp("2001:DB8:0::1 dev eth0")})
    assert names() == ["x y"]


def test_by_unicast_peers() -> None:
    write(
        {
            "x/keepalived.conf": vrrp("192.0.2.1", "192.0.2.102", source="192.0.2.101"),
            "y/keepalived.conf": vrrp("192.0.2.2", "192.0.2.101", source="192.0.2.102"),
            "z/keepalived.conf": vrrp("192.0.2.3"),
        }
    )
    assert names() == ["x y", "z"]


def test_vrid_and_everybodys_addresses_do_not_join() -> None:
    routers(paris="192.0.2.1", berlin="192.0.2.2")
    assert names() == ["berlin", "paris"]
    routers(paris="fe80::1", berlin="fe80::1")
    assert names() == ["berlin", "paris"]


def test_siblings_that_share_nothing_are_a_tentative_cluster() -> None:
    routers(lb1="192.0.2.1", lb2="192.0.2.2", web="192.0.2.3")
    assert names() == ["lb1 lb2?", "web"]


def test_two_machines_of_a_folder_are_a_tentative_cluster() -> None:
    write({f"{city}/etc/keepalived/keepalived.conf": vrrp(f"192.0.2.{len(city)}") for city in ("paris", "berlin")})
    assert names() == ["berlin paris?"]
    write({"rome/etc/keepalived/keepalived.conf": vrrp("192.0.2.4")})
    assert names() == ["berlin", "paris", "rome"]


def test_a_fleet_that_shares_nothing_is_no_cluster() -> None:
    routers(**{f"lb{number}": f"192.0.2.{number}" for number in range(5)})
    assert len(names()) == 5


def test_the_nearest_common_folder() -> None:
    routers(prod__lb1="192.0.2.1", prod__lb2="192.0.2.1", stage__lb1="192.0.2.1", stage__lb2="192.0.2.1")
    assert names() == ["prod/lb1 prod/lb2", "stage/lb1 stage/lb2"]


def test_across_folders_where_nobody_is_nearer() -> None:
    routers(dc1__lb1="192.0.2.1", dc2__lb2="192.0.2.1", dc2__x__lb3="192.0.2.3")
    assert names() == ["lb1 lb2", "lb3"]


def test_segments_join_folders() -> None:
    routers(dc1__lb1="192.0.2.1", dc1__lb2="192.0.2.1", dc2__lb3="192.0.2.1", dc2__lb4="192.0.2.1")
    assert names() == ["lb1 lb2", "lb3 lb4"]
    write({"halint.toml": '[segments.edge]\nfolders = ["dc1", "dc2"]\n'})
    assert names() == ["lb1 lb2 lb3 lb4"]


def test_alternatives_in_one_folder_are_clusters_of_their_own() -> None:
    files = (
        "keepalived.conf.master",
        "keepalived.conf.backup",
        "keepalived.conf.master.hc",
        "keepalived.conf.backup.hc",
    )
    write({name: vrrp("192.0.2.1") for name in files})
    assert names() == ["backup master", "backup.hc master.hc"]


def test_files_named_by_place_join() -> None:
    write({f"keepalived-{city}.conf": vrrp("192.0.2.1") for city in ("paris", "berlin")})
    assert names() == ["berlin paris"]


def test_halint_toml_names_clusters() -> None:
    routers(lb1="192.0.2.1", lb2="192.0.2.1", lb3="192.0.2.3")
    write({"halint.toml": '[clusters.edge]\nnodes = ["lb1", "lb3"]\n'})
    assert names() == ["lb1 lb3", "lb2"]
    assert [(c.name, c.declared) for c in look()] == [("edge", True), ("lb2", False)]


def missing(path: str = ".") -> list[tuple[str, int]]:
    return [
        (cluster.name, problem.source.position(problem.start)[0])
        for cluster in look(path)
        for problem in cluster.problems
        if problem.kind == "missing-node"
    ]


def test_missing_nodes() -> None:
    routers(site1__lb1="192.0.2.1", site2__lb3="192.0.2.3")
    write(
        {
            "halint.toml": '[clusters.one]\nnodes = ["lb1", "lb2"]\n[clusters.two]\nnodes = [\n  "lb3",\n  "lb4",\n]\n'
            '[clusters.three]\nnodes = ["lb5"]\n[nodes.lb6]\nroot = "lb6"\n'
        }
    )
    assert sorted(missing()) == [("one", 2), ("one", 10), ("three", 9), ("two", 6)]
    assert missing("site1") == [("one", 2)]
    assert missing("site2/lb3") == [("two", 6)]


def test_roots_layers_and_files() -> None:
    write(
        {
            "common/etc/keepalived/keepalived.conf": vrrp("192.0.2.1"),
            "common/etc/sysctl.d/a.conf": "a = 1\n",
            "hosts/x/etc/sysctl.d/a.conf": "a = 2\n",
            "hosts/x/etc/haproxy/haproxy.cfg": "frontend a\n",
            "flat/ka.txt": vrrp("192.0.2.1"),
            "flat/one.cfg": "frontend a\n",
            "flat/two.cfg": "frontend b\n",
            "halint.toml": """
                [nodes.lb1]
                layers = ["common", "hosts/x"]
                [nodes.lb2.files]
                keepalived = "flat/ka.txt"
                haproxy = "flat/*.cfg"
                "/etc/sysctl.conf" = "common/etc/sysctl.d/a.conf"
            """,
        }
    )
    (cluster,) = look()
    assert [{path: source.path for path, source in node.files.items()} for node in cluster.nodes] == [
        {
            "/etc/haproxy/haproxy.cfg": "hosts/x/etc/haproxy/haproxy.cfg",
            "/etc/keepalived/keepalived.conf": "common/etc/keepalived/keepalived.conf",
            "/etc/sysctl.d/a.conf": "hosts/x/etc/sysctl.d/a.conf",
        },
        {
            "/etc/haproxy/haproxy.cfg": "flat/one.cfg",
            "/etc/haproxy/two.cfg": "flat/two.cfg",
            "/etc/keepalived/keepalived.conf": "flat/ka.txt",
            "/etc/sysctl.conf": "common/etc/sysctl.d/a.conf",
        },
    ]


def test_collected_here_or_on_a_sibling() -> None:
    write({f"{node}/etc/keepalived/keepalived.conf": vrrp("192.0.2.1") for node in ("lb1", "lb2")})
    write({"lb1/etc/sysctl.d/a.conf": "a = 1\n"})
    Path("lb2/etc/logrotate.d").mkdir()
    Path("lb2/etc/systemd/system").mkdir(parents=True)
    Path("lb2/etc/systemd/system/firewalld.service").symlink_to("/dev/null")
    (cluster,) = look()
    for node in cluster.nodes:
        assert node.collected == {"keepalived", "sysctl", "logrotate", "firewall"}


def test_what_cannot_be_read_is_unknown() -> None:
    write({f"{node}/etc/keepalived/keepalived.conf": vrrp("192.0.2.1") for node in ("lb1", "lb2")})
    write(
        {"lb1/etc/sysctl.d/a.conf": "{{ all }}\n", "lb2/etc/sysctl.d/a.conf": "a = 1\n", "lb1/etc/haproxy/x.pem": "\0"}
    )
    lb1, lb2 = look()[0].nodes
    assert lb1.collected == {"keepalived", "haproxy"}
    assert lb2.collected == {"keepalived", "haproxy", "sysctl"}


def test_collected_because_halint_toml_says_so() -> None:
    routers(lb1="192.0.2.1")
    write({"halint.toml": '[nodes.lb1]\nabsent = ["/etc/firewalld/**"]\ncollected = ["rsyslog"]\n'})
    assert look()[0].nodes[0].collected == {"keepalived", "firewall", "rsyslog"}


@pytest.mark.parametrize(
    ("files", "os_name", "keepalived", "haproxy"),
    [
        ({"os-release": 'ID="rocky"\nVERSION_ID="9.4"\n'}, "el9", (2, 2, 8), (2, 4, 22)),
        ({"os-release": "ID=ubuntu\nVERSION_ID='22.04'\n"}, "ubuntu22.04", (2, 2, 4), (2, 4)),
        ({"os-release": "ID=debian\nVERSION_ID=13\n"}, "debian13", None, None),
        ({"os-release": "ID=alpine\n", "sysconfig/keepalived": ""}, "el", None, None),
        ({"redhat-release": "CentOS Linux release 7.9.2009 (Core)\n"}, "el7", (1, 3, 5), (1, 5, 18)),
        ({"debian_version": "12.5\n"}, "debian12", (2, 2, 7), (2, 6, 12)),
        ({"default/haproxy": ""}, "debian", None, None),
        ({}, None, None, None),
    ],
)
def test_targets(
    files: dict[str, str], os_name: str | None, keepalived: tuple[int, ...] | None, haproxy: tuple[int, ...] | None
) -> None:
    write({"lb1/etc/keepalived/keepalived.conf": vrrp("192.0.2.1")} | {f"lb1/etc/{k}": v for k, v in files.items()})
    targets = look()[0].nodes[0].targets
    assert (targets.os, targets.keepalived, targets.haproxy) == (os_name, keepalived, haproxy)
    assert set(targets.reasons) == {"os", "keepalived", "haproxy"}


def test_targets_of_halint_toml_and_the_command_line() -> None:
    write({"lb1/etc/keepalived/keepalived.conf": vrrp("192.0.2.1"), "lb2/etc/os-release": "ID=debian\nVERSION_ID=12\n"})
    write(
        {
            "halint.toml": """
                [targets]
                os = "el8"
                haproxy = "2.0"
                [clusters.edge]
                nodes = ["lb1", "lb2"]
                targets.haproxy = "2.2"
                [nodes.lb1.targets]
                haproxy = "2.4"
            """
        }
    )
    settings = load("halint.toml", os.getcwd())
    settings.options = {"keepalived": "2.3.1"}
    lb1, lb2 = (node.targets for node in discovery.find(["."], settings).nodes)
    assert (lb1.os, lb1.haproxy, lb1.keepalived) == ("el8", (2, 4), (2, 3, 1))
    assert (lb2.os, lb2.haproxy, lb2.keepalived) == ("debian12", (2, 2), (2, 3, 1))
    assert lb1.reasons == {
        "os": "halint.toml says so",
        "haproxy": "halint.toml says so",
        "keepalived": "--target says so",
    }


def test_each_problem_goes_to_the_nearest_cluster() -> None:
    routers(x__lb1="192.0.2.1", x__lb2="192.0.2.1", y__lb1="192.0.2.2", y__lb2="192.0.2.2")
    write({"y/lb1/haproxy.cfg": "\0", "y/keepalived.conf.j2": "", "keepalived.conf.erb": ""})
    first, second = look()
    assert [problem.source.path for problem in first.problems] == ["keepalived.conf.erb"]
    assert [(p.source.path, p.node and p.node.name) for p in second.problems] == [
        ("y/keepalived.conf.j2", None),
        ("y/lb1/haproxy.cfg", "y/lb1"),
    ]


def test_a_problem_without_nodes_has_a_cluster() -> None:
    write({"templates/keepalived.conf.j2": ""})
    (cluster,) = look()
    assert (cluster.nodes, len(cluster.problems), cluster.virtual_routers) == ([], 1, [])


def test_many_nodes() -> None:
    count = 300
    for number in range(count):
        write(
            {f"site{number}/{node}/keepalived.conf": vrrp(f"10.0.{number // 250}.{number % 250 + 1}") for node in "ab"}
        )
    clusters = look()
    assert len(clusters) == count
    assert all(len(cluster.nodes) == 2 for cluster in clusters)
