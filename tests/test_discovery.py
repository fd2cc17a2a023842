"""From paths to nodes: the layouts that people have, and input that is broken."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from halint.cluster import Cluster, group
from halint.discovery import nodes as discovery
from halint.discovery import overview
from halint.discovery.nodes import Discovery
from halint.settings import Settings, find, load

HAPROXY = "frontend web\n    mode http\n    bind :80\n"


def vrrp(address: str = "192.0.2.10", **other: str) -> str:
    lines = "".join(f"    {key} {value}\n" for key, value in other.items())
    return (
        f"vrrp_instance VI_1 {{\n    interface eth0\n    virtual_router_id 51\n{lines}"
        f"    virtual_ipaddress {{\n        {address}\n    }}\n}}\n"
    )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))


def look(*paths: str) -> tuple[Discovery, list[Cluster]]:
    settings = load(find("."), os.getcwd())
    found = discovery.find(list(paths) or ["."], settings)
    return found, group(found.nodes, settings, found.problems)


def nodes(*paths: str) -> dict[str, dict[str, str]]:
    """Each node's files: the path on disk by the path on the node."""
    found, _ = look(*paths)
    return {node.name: {path: source.path for path, source in node.files.items()} for node in found.nodes}


def files_of(keepalived: str, haproxy: str | None = None) -> dict[str, str]:
    found = {"/etc/keepalived/keepalived.conf": keepalived}
    return found | ({"/etc/haproxy/haproxy.cfg": haproxy} if haproxy else {})


LAYOUTS: dict[str, tuple[list[str], dict[str, tuple[int | None, int | None]]]] = {
    "etc trees": (
        ["lb1/etc/keepalived/keepalived.conf", "lb1/etc/haproxy/haproxy.cfg", "lb2/etc/keepalived/keepalived.conf"],
        {"lb1": (0, 1), "lb2": (2, None)},
    ),
    "fetched by Ansible": (
        ["out/lb1.example.com/etc/keepalived/keepalived.conf", "out/lb2.example.com/etc/keepalived/keepalived.conf"],
        {"lb1.example.com": (0, None), "lb2.example.com": (1, None)},
    ),
    "role folders": (
        ["lb1/keepalived.conf", "lb1/haproxy.cfg", "lb2/keepalived.conf", "lb2/haproxy.cfg"],
        {"lb1": (0, 1), "lb2": (2, 3)},
    ),
    "folders by service in role folders": (
        ["master/keepalived/keepalived.conf", "master/haproxy/haproxy.cfg", "slave/keepalived/keepalived.conf"],
        {"master": (0, 1), "slave": (2, None)},
    ),
    "role folders in a service folder": (
        ["keepalived/proxy-a/keepalived.conf", "keepalived/proxy-b/keepalived.conf", "haproxy/haproxy.cfg"],
        {"proxy-a": (0, 2), "proxy-b": (1, 2)},
    ),
    "roles in names, one shared haproxy.cfg": (
        ["keepalived-master.conf", "keepalived-backup.conf", "haproxy.cfg"],
        {"master": (0, 2), "backup": (1, 2)},
    ),
    "roles behind the extension": (
        ["keepalived.conf.master", "keepalived.conf.backup"],
        {"master": (0, None), "backup": (1, None)},
    ),
    "roles behind a hyphen": (
        ["etc/keepalived/keepalived.conf-master", "etc/keepalived/keepalived.conf-slave", "etc/haproxy/haproxy.cfg"],
        {"master": (0, 2), "slave": (1, 2)},
    ),
    "roles alone, in an etc": (
        ["etc/keepalived/master.conf", "etc/keepalived/backup.conf", "etc/haproxy/haproxy.cfg"],
        {"master": (0, 2), "backup": (1, 2)},
    ),
    "numbers": (
        ["keepalived/keepalived1.conf", "keepalived/keepalived2.conf", "haproxy/haproxy.cfg"],
        {"keepalived1": (0, 2), "keepalived2": (1, 2)},
    ),
    "one without a role": (
        ["keepalived.conf", "keepalived2.conf", "haproxy.cfg"],
        {"keepalived": (0, 2), "keepalived2": (1, 2)},
    ),
    "letters": (
        ["keepalived-a.conf", "keepalived-b.conf"],
        {"keepalived-a": (0, None), "keepalived-b": (1, None)},
    ),
    "node before service": (
        ["lb1-keepalived.conf", "lb1-haproxy.cfg", "lb2-keepalived.conf", "lb2-haproxy.cfg"],
        {"lb1": (0, 1), "lb2": (2, 3)},
    ),
    "haproxy by role": (
        ["keepalived_master.conf", "haproxy-master.cfg", "keepalived_bck.conf", "haproxy_bck.cfg"],
        {"master": (0, 1), "bck": (2, 3)},
    ),
    "haproxy by its content": (
        ["ha/keepalived-master.conf", "ha/keepalived-backup.conf", "ha/balance.cfg"],
        {"master": (0, 2), "backup": (1, 2)},
    ),
    "haproxy alone": (["haproxy1/haproxy.cfg", "haproxy2/haproxy.cfg"], {"haproxy1": (None, 0), "haproxy2": (None, 1)}),
    "haproxy.conf": (["lb1/haproxy.conf", "lb1/keepalived.conf"], {"lb1": (1, 0)}),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout: str, here: Path) -> None:
    paths, expected = LAYOUTS[layout]
    balancers = [path for path in paths if path.endswith(("cfg", "haproxy.conf"))]
    write({path: HAPROXY if path in balancers else vrrp() for path in paths})
    found = nodes()
    assert {
        name: tuple(files.get(f"/etc/{one}") for one in ("keepalived/keepalived.conf", "haproxy/haproxy.cfg"))
        for name, files in found.items()
    } == {
        name: tuple(None if number is None else paths[number] for number in numbers)
        for name, numbers in expected.items()
    }
    assert len(look()[1]) == 1 if len(balancers) < len(paths) else len(paths)


@pytest.mark.parametrize("inside", ["", "lb1", "lb1/etc", "lb1/etc/keepalived"])
def test_any_folder_of_a_node_may_be_checked(here: Path, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    write({"lb1/etc/keepalived/keepalived.conf": vrrp(), "lb1/etc/sysctl.d/a.conf": "a = 1\n"})
    monkeypatch.chdir(here / inside)
    found, _ = look(".")
    assert [(node.name, node.root) for node in found.nodes] == [("lb1", str(here / "lb1"))]
    assert found.nodes[0].host_path("/etc/x") == str(here / "lb1/etc/x")
    assert look("keepalived.conf")[0].nodes[0].name == "lb1" if inside.endswith("keepalived") else True


def test_a_single_file(here: Path) -> None:
    write({"lb1/etc/keepalived/keepalived.conf": vrrp(), "lb1/etc/haproxy/haproxy.cfg": HAPROXY})
    assert nodes("lb1/etc/haproxy/haproxy.cfg") == {"lb1": {"/etc/haproxy/haproxy.cfg": "lb1/etc/haproxy/haproxy.cfg"}}
    assert nodes("lb1/etc/haproxy/haproxy.cfg", "lb1", "./lb1") == nodes(".")
    write({"haproxy.example.txt": HAPROXY})
    assert nodes("haproxy.example.txt") == {here.name: {"/etc/haproxy/haproxy.cfg": "haproxy.example.txt"}}


def test_shared_file_is_one_source_read_once(here: Path) -> None:
    write({"keepalived-master.conf": vrrp(), "keepalived-backup.conf": vrrp(), "haproxy.cfg": HAPROXY})
    found, (cluster,) = look()
    first, second = found.nodes
    source = first.files["/etc/haproxy/haproxy.cfg"]
    assert second.files["/etc/haproxy/haproxy.cfg"] is source
    assert first.tree(source) is second.tree(source)
    assert cluster.nodes_of(source) == [first, second]
    assert cluster.nodes_of(first.files["/etc/keepalived/keepalived.conf"]) == [first]


def test_included_files_are_keepalived_whatever_their_names(here: Path) -> None:
    write(
        {
            "lb1/keepalived.conf": "include vips/*\ninclude /etc/keepalived/common.inc\n",
            "lb1/vips/web": vrrp(),
            "lb1/common.inc": "include more.inc\n",
            "lb1/more.inc": "global_defs {\n}\n",
            "lb1/other.inc": "nothing\n",
            "lb1/check.sh": "#!/bin/sh\n",
        }
    )
    (node,) = look()[0].nodes
    formats = {path.removeprefix("/etc/keepalived/"): source.format for path, source in node.files.items()}
    assert formats == {
        "keepalived.conf": "keepalived",
        "vips/web": "keepalived",
        "common.inc": "keepalived",
        "more.inc": "keepalived",
        "check.sh": "text",
    }
    assert node.keepalived is not None and [one.name for one in node.keepalived.instances] == ["VI_1"]


def test_pieces_are_no_nodes(here: Path) -> None:
    write(
        {
            "lb1/keepalived/keepalived.conf": "include conf.d/*.conf\n",
            "lb1/keepalived/conf.d/web.conf": vrrp(),
            "lb1/keepalived/notify.sh": "",
            "lb1/haproxy/haproxy.cfg": HAPROXY,
            "lb1/haproxy/conf.d/more.cfg": HAPROXY,
            "lb1/sysctl.d/90.conf": "a = 1\n",
            "lb1/default/keepalived": "DAEMON_ARGS=-D\n",
        }
    )
    assert set(nodes()["lb1"]) == {
        "/etc/keepalived/keepalived.conf",
        "/etc/keepalived/conf.d/web.conf",
        "/etc/keepalived/notify.sh",
        "/etc/haproxy/haproxy.cfg",
        "/etc/haproxy/conf.d/more.cfg",
        "/etc/sysctl.d/90.conf",
        "/etc/default/keepalived",
    }
    assert len(nodes()) == 1


def test_copies_and_other_programs_are_left_out(here: Path) -> None:
    write(
        {
            "lb1/keepalived.conf": vrrp(),
            "lb1/keepalived.conf.bak": vrrp(),
            "lb1/haproxy.cfg": HAPROXY,
            "lb1/haproxy.cfg.rpmsave": HAPROXY,
            "lb1/haproxy.md": HAPROXY,
            "lb1/nginx.conf": "http {\n  server {\n    listen 80;\n  }\n}\n",
            "node_modules/x/keepalived.conf": vrrp(),
            ".git/keepalived.conf": vrrp(),
        }
    )
    found, _ = look()
    assert nodes() == {"lb1": files_of("lb1/keepalived.conf", "lb1/haproxy.cfg")}
    assert [path for path, _ in found.ignored] == ["lb1/haproxy.cfg.rpmsave", "lb1/keepalived.conf.bak"]


def test_other_machines_are_left_out(here: Path) -> None:
    write({"lb1/etc/keepalived/keepalived.conf": vrrp(), "roles/web/files/etc/sysctl.d/x.conf": "a = 1\n"})
    assert list(nodes()) == ["lb1"]
    write({"lb2/etc/sysctl.d/x.conf": "a = 1\n"})
    assert list(nodes()) == ["lb1", "lb2"]


def test_names_are_told_apart_by_their_folders(here: Path) -> None:
    write({f"{site}/{node}/keepalived.conf": vrrp() for site in ("a", "b") for node in ("lb1", "lb2")})
    assert list(nodes()) == ["a/lb1", "a/lb2", "b/lb1", "b/lb2"]


def test_sos_report(here: Path) -> None:
    top = "sosreport-lb1-0123-2026-08-21-abcdefg"
    write(
        {
            f"{top}/etc/keepalived/keepalived.conf": vrrp(),
            f"{top}/etc/hostname": "edge1.example.com\n",
            f"{top}/sos_commands/networking/ip_-o_addr": "1: lo inet 127.0.0.1/8\n",
            f"{top}/sos_commands/kernel/uname_-a": "Linux\n",
            f"{top}/sys/x": "",
            f"{top}/proc/keepalived.conf": vrrp(),
            f"{top}/var/lib/config/etc/haproxy/haproxy.cfg": HAPROXY,
        }
    )
    found, _ = look()
    (node,) = found.nodes
    assert node.name == "edge1"
    assert set(node.files) == {
        "/etc/hostname",
        "/etc/keepalived/keepalived.conf",
        "/sos_commands/networking/ip_-o_addr",
    }
    assert "firewall" in node.collected


def test_compose_mounts(here: Path) -> None:
    write(
        {
            "docker-compose.yml": (
                "services:\n"
                "  ka1: {image: osixia/keepalived, network_mode: 'service:ha1', volumes: ['./x.conf:/container/service/"
                "keepalived/assets/keepalived.conf:ro']}\n"
                "  ka2: {image: keepalived, volumes: [{source: ./y.conf, target: /etc/keepalived/keepalived.conf}]}\n"
                "  ha1: {image: haproxy, volumes: ['./h1:/usr/local/etc/haproxy']}\n"
                "  ha2: {image: haproxy, volumes: ['./h2:/usr/local/etc/haproxy:ro']}\n"
            ),
            "x.conf": vrrp(),
            "y.conf": vrrp(),
            "h1/haproxy.cfg": HAPROXY,
            "h2/haproxy.cfg": HAPROXY,
        }
    )
    assert nodes() == {"ka1": files_of("x.conf", "h1/haproxy.cfg"), "ka2": files_of("y.conf", "h2/haproxy.cfg")}


@pytest.mark.parametrize("text", ["keepalived.conf: [", "keepalived.conf\n" + "[" * 5000, "- keepalived.conf", "\t"])
def test_broken_compose_file(here: Path, text: str) -> None:
    write({"compose.yaml": text, "lb1/keepalived.conf": vrrp()})
    assert list(nodes()) == ["lb1"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lb1/keepalived.conf", vrrp("{{ vip }}")),
        ("lb1/keepalived.conf", vrrp("__VIP__")),
        ("lb1/keepalived.conf", vrrp("%VIP%")),
        ("lb1/haproxy.cfg", HAPROXY + "    {% for one in all %}\n"),
        ("lb1/haproxy.cfg", HAPROXY + "    acl x src ! <%= @net %>\n"),
        ("templates/keepalived.conf.j2", vrrp("{{ vip }}")),
        ("templates/haproxy.cfg.erb", "anything"),
    ],
)
def test_templates(here: Path, name: str, text: str) -> None:
    write({name: text})
    found, _ = look()
    assert [problem.source.path for problem in found.templates] == [name]
    assert all(not node.files for node in found.nodes)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lb1/keepalived.conf", "# {{ managed }}\n$VIP=192.0.2.1\n" + vrrp("${VIP}")),
        ("lb1/haproxy.cfg", HAPROXY + '    log-format "%ci:%cp [%t] %{+Q}r %[src] %HPO%ST"\n'),
        ("lb1/haproxy.cfg", HAPROXY + "    acl __x__ path /a__B__c /%E4%BD%A0\n"),
        ("lb1/etc/rsyslog.d/a.conf", '$template x,"<%PRI%>%TIMESTAMP%"\n'),
    ],
)
def test_no_templates(here: Path, name: str, text: str) -> None:
    write({name: text})
    found, _ = look()
    assert not found.templates
    assert found.nodes[0].files


def test_nothing(here: Path) -> None:
    found, clusters = look()
    assert (found.nodes, found.problems, clusters) == ([], [], [])
    with pytest.raises(FileNotFoundError):
        look("missing")


def problems(*paths: str) -> list[tuple[str, str]]:
    """Shown path and message of what cannot be read; each has exactly one cluster."""
    found, clusters = look(*paths)
    assert sorted(id(p) for c in clusters for p in c.problems) == sorted(map(id, found.problems))
    return [(problem.source.path, problem.message) for problem in found.unreadable]


def test_links(here: Path) -> None:
    write({"lb1/etc/keepalived/real.conf": vrrp(), "common/haproxy.cfg": HAPROXY, "lb2/etc/keepalived/x": ""})
    for link, target in {
        "lb1/etc/keepalived/keepalived.conf": "/etc/keepalived/real.conf",
        "lb1/etc/haproxy": "../../common",
        "lb2/etc/haproxy": "../../common",
        "lb2/etc/keepalived/keepalived.conf": "keepalived.conf",
        "lb2/etc/sysctl.conf": "/nowhere",
        "lb2/etc/rsyslog.conf": "/../../../../../etc/passwd",
        "lb2/etc/loop": "..",
        "lb2/etc/systemd/system/multi-user.target.wants/haproxy.service": "/usr/lib/systemd/system/haproxy.service",
        "lb2/etc/systemd/system/firewalld.service": "/dev/null",
    }.items():
        Path(link).parent.mkdir(parents=True, exist_ok=True)
        Path(link).symlink_to(target)
    found, _ = look()
    lb1, lb2 = (node for node in found.nodes if node.name.startswith("lb"))
    assert lb1.files["/etc/haproxy/haproxy.cfg"] is lb2.files["/etc/haproxy/haproxy.cfg"]
    main = lb1.files["/etc/keepalived/keepalived.conf"]
    assert (main.path, main.file) == ("lb1/etc/keepalived/keepalived.conf", str(here / "lb1/etc/keepalived/real.conf"))
    assert lb2.links["/etc/systemd/system/firewalld.service"] == "/dev/null"
    assert "/etc/systemd/system/multi-user.target.wants/haproxy.service" in lb2.links
    assert {path: message.rpartition(": ")[2] for path, message in problems()} == {
        "lb2/etc/keepalived/keepalived.conf": "Too many levels of symbolic links",
        "lb2/etc/rsyslog.conf": "No such file or directory",
        "lb2/etc/sysctl.conf": "No such file or directory",
    }


def test_a_link_out_of_the_input_is_not_followed(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret"
    secret.write_text("frontend x\n")
    Path("lb1/etc/haproxy").mkdir(parents=True)
    Path("lb1/etc/haproxy/haproxy.cfg").symlink_to(os.path.relpath(secret, "lb1/etc/haproxy"))
    ((path, message),) = problems()
    assert path == "lb1/etc/haproxy/haproxy.cfg"
    assert message.endswith("out of the checked paths")


def test_files_that_cannot_be_read(here: Path) -> None:
    write({"lb1/keepalived.conf": vrrp(), "lb2/keepalived.conf": "vrrp_instance\0", "lb3/haproxy.cfg": HAPROXY})
    os.mkfifo("lb1/haproxy.cfg")
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind("lb2/haproxy.cfg")
    Path("lb3/keepalived.conf").mkdir()
    with open("lb3/haproxy.cfg", "ab") as file:
        file.truncate((64 << 20) + 1)
    special = "it is a FIFO, a socket or a device, not a file"
    assert problems() == [
        ("lb1/haproxy.cfg", special),
        ("lb2/haproxy.cfg", special),
        ("lb2/keepalived.conf", "it is no text: byte 14 is NUL"),
        ("lb3/haproxy.cfg", "it has 64 MiB, more than the 64 MiB that halint reads"),
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(here: Path) -> None:
    write({"lb1/keepalived.conf": vrrp(), "lb2/etc/keepalived/keepalived.conf": vrrp(), "data/x": ""})
    Path("lb1/keepalived.conf").chmod(0)
    Path("lb2/etc/keepalived").chmod(0)
    Path("data").chmod(0)
    try:
        assert problems() == [
            ("lb1/keepalived.conf", "Permission denied"),
            ("lb2/etc/keepalived", "Permission denied"),
        ]
        assert ("data", "Permission denied") in look()[0].ignored
        write({"app.conf": ""})
        Path("app.conf").chmod(0)
        assert len(problems()) == 2
    finally:
        for path in ("lb2/etc/keepalived", "data"):
            Path(path).chmod(0o700)


def test_programs_and_keys_are_no_fault(here: Path) -> None:
    write({"lb1/etc/haproxy/haproxy.cfg": HAPROXY, "lb1/etc/haproxy/web.der": "\0", "lb1/usr/local/bin/check": "\0"})
    assert problems() == []
    found, _ = look()
    assert set(found.nodes[0].files) == {"/etc/haproxy/haproxy.cfg"}
    assert [path for path, _ in found.ignored] == ["lb1/etc/haproxy/web.der", "lb1/usr/local/bin/check"]


def test_whole_machine(here: Path) -> None:
    write(
        {
            "lb1/etc/keepalived/keepalived.conf": vrrp(),
            "lb1/proc/1/x": "",
            "lb1/sys/x": "",
            "lb1/usr/lib/sysctl.d/a.conf": "a = 1\n",
            "lb1/usr/share/doc/haproxy/haproxy.cfg": HAPROXY,
        }
    )
    Path("lb1/lib").symlink_to("usr/lib")
    assert set(nodes()["lb1"]) == {"/etc/keepalived/keepalived.conf", "/usr/lib/sysctl.d/a.conf"}


def test_strange_names(here: Path) -> None:
    name = os.fsdecode(b"l\xffb\n1")
    os.mkdir(name)
    with open(name + "/keepalived.conf", "w") as file:
        file.write(vrrp())
    found, clusters = look()
    (source,) = found.nodes[0].files.values()
    assert source.path == "l\\xffb\\n1/keepalived.conf"
    assert clusters[0].name == "l\\xffb\\n1"
    overview.text(found, clusters).encode()


def test_deep_tree(here: Path) -> None:
    for _ in range(1200):
        os.mkdir("d" * 8)
        os.chdir("d" * 8)
    os.chdir(here)
    write({"lb1/keepalived.conf": vrrp()})
    try:
        assert list(nodes()) == ["lb1"]
    finally:
        os.system("rm -rf dddddddd")  # shutil.rmtree recurses


def test_long_line(here: Path) -> None:
    write({"lb1/haproxy.cfg": HAPROXY + "    # " + "__ %{{ " * 100_000})
    assert list(nodes()) == ["lb1"]


def test_order_is_that_of_names(here: Path) -> None:
    for number in (3, 1, 10, 2):
        write({f"lb{number}/keepalived.conf": vrrp()})
    assert list(nodes()) == ["lb1", "lb10", "lb2", "lb3"]


def test_overview_says_it_all(here: Path) -> None:
    write(
        {
            "lb1/etc/keepalived/keepalived.conf": vrrp(),
            "lb1/etc/redhat-release": "CentOS Linux release 7.9.2009 (Core)\n",
            "lb1/etc/haproxy/haproxy.cfg": HAPROXY,
            "lb1/etc/haproxy/conf.d/a.cfg": HAPROXY,
            "lb2/etc/keepalived/keepalived.conf": vrrp(),
            "roles/keepalived.conf.j2": "",
            "old/keepalived.conf.orig": "",
        }
    )
    found, clusters = look()
    text = overview.text(found, clusters)
    for line in (
        "cluster lb1+lb2",
        "lb1, lb2 share the virtual address 192.0.2.10",
        "because lb1/etc holds its configuration",
        "os el7: lb1/etc/redhat-release says so",
        "keepalived 1.3.5: the package of el7",
        "not collected, so nothing is known of: firewall, sysctl, rsyslog, logrotate, options, addresses",
        "/etc/haproxy/conf.d/a.cfg (haproxy, not loaded) from lb1/etc/haproxy/conf.d/a.cfg",
        "roles/keepalived.conf.j2: it is a template that is not rendered yet",
        "old/keepalived.conf.orig: its name is that of a copy",
    ):
        assert line in text
    assert str(here) not in text


def test_settings_are_not_needed() -> None:
    assert discovery.find([os.devnull], Settings()).nodes == []
