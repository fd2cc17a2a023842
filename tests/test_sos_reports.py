"""sos reports as sos writes them: unpacked, packed, in the archive of `sos collect`; by version and distribution."""

from __future__ import annotations

import io
import re
import shutil
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from halint.cli import cli
from halint.discovery import archive, outputs
from halint.models.selinux import Selinux
from halint.models.systemctl import Systemctl
from halint.node import Node
from halint.source import Source
from halint.targets import Targets, of_files

HOME = Path(__file__).parents[1]
REPORTS = HOME / "corpus" / "sos-report-el9"
EXPECTED = (REPORTS / "expected.txt").read_text(encoding="utf-8")


def run(verb: str, *arguments: str) -> str:
    result = CliRunner().invoke(cli, [verb, *arguments], standalone_mode=False)
    assert result.exception is None, result.output
    return result.stdout


def node(files: dict[str, str], os: str | None = "el9") -> Node:
    sources = {outputs.FOLDER + path: Source(path, text, format="text") for path, text in files.items()}
    return Node("lb1", None, sources, Targets(os=os))


def packed(folder: Path) -> list[Path]:
    """Each report in an archive of its own, as `sos report` leaves it."""
    made = []
    for report in sorted(REPORTS.glob("sosreport-*")):
        made.append(folder / f"{report.name}.tar.xz")
        with tarfile.open(made[-1], "w:xz") as tar:
            tar.add(report, report.name)
    return made


def without_archives(text: str) -> str:
    return re.sub(r"(?m)^(?:[^ :]+!/)+", "", text)


def test_an_archive_of_each_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert without_archives(run("check", "--output", "concise")) == EXPECTED


def test_the_archive_of_sos_collect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reports = packed(tmp_path)
    with tarfile.open(tmp_path / "sos-collector-edge-2026-11-20-pqrst.tar.xz", "w:xz") as tar:
        for report in reports:
            tar.add(report, f"sos-collector-edge-2026-11-20-pqrst/{report.name}")
            report.unlink()
    monkeypatch.chdir(tmp_path)
    assert without_archives(run("check", "--output", "concise")) == EXPECTED


def test_an_archive_beside_what_was_unpacked_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed(tmp_path)
    for report in REPORTS.glob("sosreport-*"):
        shutil.copytree(report, tmp_path / report.name, symlinks=True)
    monkeypatch.chdir(tmp_path)
    assert run("check", "--output", "concise") == EXPECTED
    assert run("nodes").count("it is the same sos report as another") == 2


def test_of_two_reports_of_a_node_the_later_one_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for report in REPORTS.glob("sosreport-*"):
        shutil.copytree(report, tmp_path / report.name, symlinks=True)
        older = tmp_path / report.name.replace("2026-11-20", "2026-09-30")
        shutil.copytree(report, older, symlinks=True)
        conf = older / "etc" / "keepalived" / "keepalived.conf"
        conf.write_text(conf.read_text(encoding="utf-8").replace("virtual_router_id 81", "virtual_router_id 18"))
    monkeypatch.chdir(tmp_path)
    assert run("check", "--output", "concise") == EXPECTED
    assert "there is a later sos report of lb1" in run("nodes")


def test_machines_of_one_name_stay_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Each run of sos clean calls its first machine host0.
    for number, report in enumerate(sorted(REPORTS.glob("sosreport-*"))):
        folder = tmp_path / f"sosreport-host0-2026-11-2{number}-abcdefg"
        shutil.copytree(report, folder, symlinks=True)
        (folder / "etc" / "hostname").write_text("host0\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    shown = run("nodes")
    assert "ignored:" not in shown
    assert shown.count("is a sos report of host0") == 2


def test_names_and_addresses_that_sos_clean_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As its parsers do: one name or address for each, the same in every file of one run.
    names = {"lb1": "host0", "lb2": "host1", "192.0.2.": "100.64.0.", "198.51.100.": "100.64.1."}

    def cleaned(text: str) -> str:
        return re.sub("|".join(map(re.escape, names)), lambda found: names[found[0]], text)

    for path in sorted(REPORTS.rglob("*")):
        target = tmp_path / cleaned(str(path.relative_to(REPORTS)))
        if path.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path.readlink())
        elif path.is_file() and path.name != "expected.txt":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(cleaned(path.read_text(encoding="utf-8")), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run("check", "--output", "concise") == cleaned(EXPECTED)


def test_nodes_says_what_was_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPORTS)
    shown = run("nodes")
    assert "is a sos report of lb1" in shown
    assert "keepalived 2.2.8: " in shown and "haproxy 2.4.22: " in shown
    listed = set(re.findall(r"(?m)^ +/sos_commands/(\S+) \(captured\)", shown))
    assert {"kernel/sysctl_-a", "networking/ip_-o_addr", "systemd/systemctl_list-unit-files"} <= listed
    assert "systemd/systemctl_status_--all" not in listed


def test_what_nobody_reads_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_KEPT", 1 << 16)
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, size in (
            ("sosreport-lb1/sos_commands/logs/journalctl_--no-pager", 1 << 20),
            ("sosreport-lb1/sos_logs/sos.log", 1 << 20),
            ("sosreport-lb1/sos_commands/kernel/sysctl_-a", 100),
        ):
            info = tarfile.TarInfo(name)
            info.size = size
            tar.addfile(info, io.BytesIO(b" " * size))
    file.seek(0)
    assert [entry.name for entry in archive.entries("/x.tar", file)] == ["sysctl_-a"]


@pytest.mark.parametrize(
    "path, place",
    [
        ("kernel/sysctl_-a", "kernel/sysctl_-a"),
        ("firewall_tables/nft_-a_list_ruleset", "firewall_tables/nft_-a_list_ruleset"),
        ("firewalld/nft_list_ruleset", "firewall_tables/nft_list_ruleset"),
        ("networking/nft_list_ruleset", "firewall_tables/nft_list_ruleset"),
        ("networking/iptables_-t_filter_-nvL", "firewall_tables/iptables_-t_filter_-nvL"),
        ("networking/ip_-o_addr", "networking/ip_-o_addr"),
        ("rpm/package-data", "rpm/package-data"),
        ("rpm/sh_-c_rpm_--nodigest_-qa_--qf_NAME_sort_-V", "rpm/package-data"),
        ("networking/ip_netns", None),
        ("networking/ethtool_eth0", None),
        ("rpm/rpm_-Va", None),
        ("logs/journalctl_--list-boots", None),
    ],
)
def test_where_outputs_are_looked_for(path: str, place: str | None) -> None:
    assert outputs.place(outputs.FOLDER + path) == (None if place is None else outputs.FOLDER + place)


RPMS = """\
haproxy-2.4.22-3.el9_3.2.x86_64                             Mon Oct  5 10:02:11 2026
keepalived-2.2.8-3.el9.x86_64                               Mon Oct  5 10:02:13 2026
"""
DEBS = """\
Desired=Unknown/Install/Remove/Purge/Hold
||/ Name                Version                        Architecture Description
+++-===================-==============================-============-=========================
ii  haproxy             2.6.12-1+deb12u1               amd64        fast and reliable load balancing
hi  keepalived          1:2.2.7-1+b2                   amd64        Failover and monitoring daemon
rc  haproxy-log-analysis 2.0                           all          log analysis
"""


@pytest.mark.parametrize(
    "path, text, versions",
    [
        (outputs.RPMS, RPMS, ((2, 2, 8), (2, 4, 22))),
        (outputs.RPMS, "haproxy26-2.6.13-1.rhaos4.14.el9.x86_64\tMon\t1\n", (None, (2, 6, 13))),
        (outputs.RPMS, "haproxy-tools-9.9-1.el9.noarch\nrpm: command not found\n", (None, None)),
        (outputs.DEBS, DEBS, ((2, 2, 7), (2, 6, 12))),
        (outputs.DEBS, "rc  haproxy  2.6.12-1  amd64  x\nun  keepalived  <none>  <none>  x\n", (None, None)),
    ],
)
def test_versions_that_were_installed(path: str, text: str, versions: tuple[object, object]) -> None:
    targets = of_files({path: Source("x", text, format="text")}, {})
    assert (targets.keepalived, targets.haproxy) == versions
    given = of_files({path: Source("x", text, format="text")}, {"haproxy": ("2.8", "--target says so")})
    assert given.haproxy == (2, 8)


UNIT_FILES = "systemd/systemctl_list-unit-files"


def unit_files(header: str, preset: str) -> str:
    rows = [
        ("UNIT FILE", header),
        ("haproxy.service", f"enabled {preset}"),
        ("keepalived.service", f"disabled {preset}"),
    ]
    rows.append(("rsyslog.service", f"masked {preset}"))
    return "".join(f"{name:<45} {state:<20}\n" for name, state in rows) + "\n3 unit files listed.\n"


#: systemd 219, 239 and 252.
EL7, EL8, DEBIAN12 = (
    unit_files("STATE", ""),
    unit_files("STATE VENDOR PRESET", "disabled"),
    unit_files("STATE PRESET", "enabled"),
)


@pytest.mark.parametrize("text", [EL7, EL8, DEBIAN12, EL7.replace("\n", "\r\n")])
def test_unit_files(text: str) -> None:
    found = Systemctl(node({UNIT_FILES: text}))
    units = ("haproxy", "keepalived", "rsyslog", "nftables")
    assert [found.enabled(f"{unit}.service") for unit in units] == [True, False, False, False]
    assert found.state("haproxy.service") == (None, None), "nothing says what ran"


@pytest.mark.parametrize("mark", ["*", "●", "×"])
def test_units(mark: str) -> None:
    text = (
        "  UNIT                LOAD      ACTIVE     SUB          DESCRIPTION\n"
        f"{mark} haproxy.service     loaded    failed     failed       HAProxy Load Balancer\n"
        "  keepalived.service  loaded    active     running      LVS and VRRP High Availability Monitor\n"
        "  rsyslog.service     loaded    activating auto-restart System Logging Service\n"
        f"{mark} nftables.service    not-found inactive   dead         nftables.service\n"
    )
    units = ("haproxy", "keepalived", "rsyslog", "nftables", "firewalld")
    found = Systemctl(node({"systemd/systemctl_list-units": text}))
    assert [found.state(f"{unit}.service")[0] for unit in units] == ["failed", "active", None, None, None]
    files = "firewalld.service disabled\nnftables.service enabled\n"
    found = Systemctl(node({"systemd/systemctl_list-units": text, UNIT_FILES: files}))
    assert [found.state(f"{unit}.service")[0] for unit in units[3:]] == ["inactive", "inactive"]


def test_no_answer_of_systemd_says_nothing() -> None:
    refusal = (
        "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus\n"
    )
    found = Systemctl(node({UNIT_FILES: refusal, "systemd/systemctl_list-units": refusal}))
    assert found.enabled("haproxy.service") is None
    assert found.state("haproxy.service") == (None, None)


@pytest.mark.parametrize(
    "files, enforcing",
    [
        ({"selinux/sestatus": "SELinux status:                 disabled\n"}, False),
        (
            {"selinux/sestatus": "Current mode:  permissive\nMode from config file: enforcing\n"},
            False,
        ),
        ({"selinux/sestatus_-b": "SELinux status:  enabled\nCurrent mode:  enforcing\n"}, True),
        ({"selinux/getenforce": "Enforcing\n"}, True),
        ({"selinux/getenforce": "Permissive\n"}, False),
        ({"selinux/sestatus": "bash: sestatus: command not found\n"}, None),
        ({}, None),
    ],
)
def test_mode_of_selinux(files: dict[str, str], enforcing: bool | None) -> None:
    assert Selinux(node(files)).enforcing is enforcing


def test_a_report_of_debian_lacks_what_its_plugins_do_not_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = tmp_path / "sosreport-lb1-2026-11-20-abcdefg"
    for name, text in (("haproxy/haproxy.cfg", "defaults\n    mode http\n"), ("debian_version", "12.8\n")):
        (top / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
        (top / "etc" / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert "nothing is known of: keepalived, firewall, options\n" in run("nodes")


def test_what_the_script_collects_is_read() -> None:
    script = (HOME / "scripts" / "collect.sh").read_text(encoding="utf-8")
    said = re.findall(r"(?m)^say (\S+) ", script)
    assert len(said) > 10
    assert [name for name in said if outputs.place(outputs.FOLDER + name) is None] == []


@pytest.mark.parametrize(
    "states, kind, active",
    [
        ({"firewalld": "enabled", "nftables": "disabled"}, "firewalld", True),
        ({"firewalld": "disabled", "nftables": "enabled"}, "nftables", True),
        ({"firewalld": "disabled", "nftables": "disabled"}, "none", False),
        ({"firewalld": "masked"}, "none", False),
        ({"firewalld": "enabled", "nftables": "enabled"}, "unknown", None),
    ],
)
def test_which_firewall_systemd_starts(states: dict[str, str], kind: str, active: bool | None) -> None:
    listed = "".join(f"{unit}.service {state} disabled\n" for unit, state in states.items())
    one = node({UNIT_FILES: listed})
    for path, text in (
        ("/etc/firewalld/zones/public.xml", '<zone><service name="ssh"/></zone>\n'),
        ("/etc/nftables.conf", "table inet filter {\n}\n"),
    ):
        one.files[path] = Source(path, text, format="xml" if path.endswith(".xml") else "nftables")
    assert (one.firewall.kind, one.firewall.active) == (kind, active)
