"""The models of sysctl, interfaces and start-up: what the node will really have."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from halint.finding import Applicability, Create
from halint.fixes import parameters
from halint.models import interfaces, startup, sysctl
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

NONLOCAL = "net.ipv4.ip_nonlocal_bind"


def node(
    files: dict[str, str], links: dict[str, str] | None = None, os: str | None = None, collected: str = ""
) -> Node:
    sources = {path: Source(path, text, format=formats.of_path(path)) for path, text in files.items()}
    made = Node("lb1", "/lb1", sources, Targets(os=os))
    made.links = links or {}
    made.collected = frozenset(collected.split())
    return made


# What systemd-sysctl 252 and procps 4.0.2 did with each of these files, in a network namespace of its own:
# file, ip_nonlocal_bind after systemd-sysctl, after sysctl -p.
SYSCTL_MEASURED = [
    ("net.ipv4.ip_nonlocal_bind = 1 # on\n", "1", "1"),
    ('net.ipv4.ip_nonlocal_bind = "1"\n', "0", "0"),
    ("net.ipv4.ip_nonlocal_bind = 0x1\n", "1", "1"),
    ("net.ipv4.ip_nonlocal_bind = 01\n", "1", "1"),
    ("net.ipv4.ip_nonlocal_bind = 08\n", "0", "0"),
    ("net.ipv4.ip_nonlocal_bind = 1abc\n", "0", "0"),
    ("net.ipv4.ip_nonlocal_bind = 1#on\n", "0", "0"),
    ("net.ipv4.ip_nonlocal_bind = 1\t;x\r\n", "1", "1"),
    ("net.ipv4.ip_nonlocal_bind = 1 0\n", "1", "1"),
    ("net.ipv4.ip_nonlocal_bind = yes\n", "0", "0"),
    ("net.ipv4.ip_nonlocal_bind =\n", "0", "0"),
    ("net.ipv4.ip_nonlocal_bind == 1\n", "0", "0"),
    ("net.ipv4.ip_nonlocal_bind 1\n", "0", "0"),
    ("net.ipv4.ip_nonlocal_bind = 1\\\n\n", "0", "0"),
    ("net/ipv4/ip_nonlocal_bind=1", "1", "1"),
    ("/net/ipv4/ip_nonlocal_bind=1\n", "1", "1"),
    ("net.ipv4/ip_nonlocal_bind=1\n", "0", "0"),
    ("net/ipv4.ip_nonlocal_bind=1\n", "0", "0"),
    ("/proc/sys/net/ipv4/ip_nonlocal_bind=1\n", "0", "0"),
    ("NET.ipv4.ip_nonlocal_bind=1\n", "0", "0"),
    ("-net.ipv4.ip_nonlocal_bind=1\n", "1", "1"),
    ("net.ipv4.*_nonlocal_bind=1\n", "1", "1"),
    ("net.ipv4.ip_nonlocal_bind=1\nnet.ipv4.*_nonlocal_bind=0\n", "1", "1"),
    ("net.ipv4.*_nonlocal_bind=1\n-net.ipv4.ip_nonlocal_bind\n", "0", "0"),
    ("net.ipv4.ip_nonlocal_bind=1\nnet.ipv4.ip_nonlocal_bind=0\n", "0", "0"),
    ('net.ipv4.ip_nonlocal_bind=1\nnet.ipv4.ip_nonlocal_bind="0"\n', "0", "1"),
    ("[x]\nnet.ipv4.ip_nonlocal_bind = 1\n", "1", "1"),
    ("# net.ipv4.ip_nonlocal_bind = 1\n;net.ipv4.ip_nonlocal_bind = 1\n", "0", "0"),
]


@pytest.mark.parametrize(("text", "systemd", "procps"), SYSCTL_MEASURED)
def test_sysctl_value_is_the_one_measured(text: str, systemd: str, procps: str) -> None:
    assert sysctl.read(node({"/etc/sysctl.d/50-x.conf": text})).value(NONLOCAL).value == systemd


@pytest.mark.daemons
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root and unshare")
@pytest.mark.parametrize(("text", "systemd", "procps"), SYSCTL_MEASURED)
def test_sysctl_measurements_hold_here(text: str, systemd: str, procps: str, tmp_path: Path) -> None:
    file = tmp_path / "x.conf"
    file.write_bytes(text.encode())
    for program, expected in (("/lib/systemd/systemd-sysctl", systemd), ("sysctl -q -p", procps)):
        if not shutil.which(program.split(" ")[0]):
            continue
        script = f"{program} {file} 2>/dev/null; cat /proc/sys/net/ipv4/ip_nonlocal_bind"
        done = subprocess.run(["unshare", "-n", "sh", "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == expected, program


def test_sysctl_reads_by_name_across_folders() -> None:
    on, off = f"{NONLOCAL} = 1\n", f"{NONLOCAL} = 0\n"

    def value(files: dict[str, str], links: dict[str, str] | None = None) -> str | None:
        return sysctl.read(node(files, links)).value(NONLOCAL).value

    assert value({"/etc/sysctl.d/10-a.conf": on, "/usr/lib/sysctl.d/50-b.conf": off}) == "0"
    assert value({"/etc/sysctl.d/60-a.conf": on, "/usr/lib/sysctl.d/50-b.conf": off}) == "1"
    assert value({"/etc/sysctl.d/a.conf": off, "/run/sysctl.d/a.conf": on, "/usr/lib/sysctl.d/a.conf": on}) == "0"
    assert value({"/etc/sysctl.d/haproxy": on}) == "0"
    # 99-sysctl.conf, then haproxy.conf: procps would let sysctl.conf win.
    assert value({"/etc/sysctl.conf": off, "/etc/sysctl.d/haproxy.conf": on}) == "1"
    assert value({"/etc/sysctl.conf": off, "/etc/sysctl.d/98-haproxy.conf": on}) == "0"
    assert value({"/etc/sysctl.conf": on, "/etc/sysctl.d/99-sysctl.conf": off}) == "0"
    link = {"/etc/sysctl.d/99-sysctl.conf": "../sysctl.conf"}
    assert value({"/etc/sysctl.conf": on, "/etc/sysctl.d/99-sysctl.conf": on}, link) == "1"
    assert value({"/usr/lib/sysctl.d/a.conf": on}, {"/etc/sysctl.d/a.conf": "/dev/null"}) == "0"


@pytest.mark.parametrize(
    ("os", "files", "expected"),
    [
        # What Red Hat's sysctl.c does: EL 7 reads /etc/sysctl.conf last, and knows neither `-` nor patterns, EL 8 `-`.
        ("el7", {"/etc/sysctl.conf": "{} = 0\n", "/etc/sysctl.d/haproxy.conf": "{} = 1\n"}, "0"),
        ("el8", {"/etc/sysctl.conf": "{} = 0\n", "/etc/sysctl.d/haproxy.conf": "{} = 1\n"}, "1"),
        ("el7", {"/etc/sysctl.conf": "{} = 0\n", "/etc/sysctl.d/99-sysctl.conf": "{} = 1\n"}, "0"),
        ("el7", {"/etc/sysctl.d/a.conf": "-{} = 1\n"}, "0"),
        ("el8", {"/etc/sysctl.d/a.conf": "-{} = 1\n"}, "1"),
        ("el8", {"/etc/sysctl.d/a.conf": "net.ipv4.*_nonlocal_bind = 1\n"}, "0"),
        ("el9", {"/etc/sysctl.d/a.conf": "net.ipv4.*_nonlocal_bind = 1\n"}, "1"),
        (None, {"/etc/sysctl.d/a.conf": "net.ipv4.*_nonlocal_bind = 1\nnet.*.ip_nonlocal_bind = x\n"}, "1"),
    ],
)
def test_sysctl_of_other_distributions(os: str | None, files: dict[str, str], expected: str) -> None:
    links = {"/etc/sysctl.d/99-sysctl.conf": "../sysctl.conf"} if len(files) == 1 else {}
    made = node({path: text.format(NONLOCAL) for path, text in files.items()}, links, os)
    assert sysctl.read(made).value(NONLOCAL).value == expected


def test_sysctl_says_where_and_what_is_unknown() -> None:
    model = sysctl.read(node({"/etc/sysctl.d/a.conf": f'{NONLOCAL} = "1"\nnet.ipv6.ip_nonlocal_bind=***\n'}))
    refused = model.value(NONLOCAL)
    assert (refused.known, refused.value, refused.path) == (True, "0", "/etc/sysctl.d/a.conf")
    assert refused.word is not None
    assert refused.word.text == '"1"'
    assert not model.value("net.ipv6.ip_nonlocal_bind").known
    assert not model.value("net.ipv4.tcp_syncookies").known
    assert not sysctl.read(node({})).value(NONLOCAL).known
    assert sysctl.read(node({}, collected="sysctl")).value(NONLOCAL).value == "0"


def test_captured_sysctl_outranks_files() -> None:
    model = sysctl.read(
        node(
            {
                "/etc/sysctl.conf": f"{NONLOCAL} = 1\n",
                "/sos_commands/kernel/sysctl_-a": f"{NONLOCAL} = 0\nnet.ipv4.conf.eth0/10.rp_filter = 2\n",
            }
        )
    )
    assert model.value(NONLOCAL).value == "0"
    assert model.value("net/ipv4/conf/eth0.10/rp_filter").value == "2"


def test_interfaces_of_ifcfg_files() -> None:
    ifcfg = "/etc/sysconfig/network-scripts/ifcfg-"
    model = interfaces.read(
        node(
            {
                ifcfg + "ens160": 'DEVICE="ens160"\nBOOTPROTO=none\nIPADDR=192.0.2.11\nPREFIX=24\nZONE=public\n',
                ifcfg + "ens160:1": "DEVICE=ens160:1\nIPADDR=192.0.2.12\nNETMASK=255.255.255.0\n",
                ifcfg + "ens192": "IPADDR0=198.51.100.1\nPREFIX0=28\nIPV6ADDR=2001:db8::1/64\nZONE=\n",
                ifcfg + "ens192.bak": "IPADDR=203.0.113.9\n",
                "/etc/hostname": "lb1.example.com\n",
            }
        )
    )
    assert model.addresses["ens160"] == ["192.0.2.11/24", "192.0.2.12/24"]
    assert model.addresses["ens192"] == ["198.51.100.1/28", "2001:db8::1/64"]
    zone, word = model.zone("ens160")
    assert zone == "public"
    assert word is not None
    assert model.zone("ens192") == (None, None)
    assert model.has("192.0.2.12") is True
    assert model.has("203.0.113.9") is False
    assert model.has("2001:db8:0::1") is True
    assert model.has("2001:db8::2") is None
    assert model.hostname == "lb1.example.com"


def test_interfaces_of_keyfiles() -> None:
    path = "/etc/NetworkManager/system-connections/lan.nmconnection"
    text = (
        "[connection]\nid=lan\ninterface-name=eth0\nzone=trusted\n[ipv4]\nmethod=manual\n"
        "address1=192.0.2.11/24,192.0.2.1\naddress2=192.0.2.13/24\n[ipv6]\naddress1=2001:db8::5/64\nmethod=auto\n"
    )
    model = interfaces.read(node({path: text}))
    assert model.addresses == {"eth0": ["192.0.2.11/24", "192.0.2.13/24", "2001:db8::5/64"]}
    assert model.zone("eth0")[0] == "trusted"
    assert model.has("192.0.2.99") is False
    dynamic = interfaces.read(node({path: text.replace("manual", "auto")}))
    assert dynamic.has("192.0.2.11") is True
    assert dynamic.has("192.0.2.99") is None
    assert interfaces.read(node({})).has("192.0.2.1") is None


def test_interfaces_captured() -> None:
    text = (
        "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n"
        "2: eth0    inet 192.0.2.11/24 brd 192.0.2.255 scope global eth0\\       valid_lft forever\n"
        "3: eth0.7@eth0    inet6 2001:db8::1/64 scope global \\       valid_lft forever\n"
    )
    model = interfaces.read(node({"/sos_commands/networking/ip_-o_addr": text}))
    assert model.addresses == {"lo": ["127.0.0.1/8"], "eth0": ["192.0.2.11/24"], "eth0.7": ["2001:db8::1/64"]}
    assert model.has("192.0.2.12") is False
    assert model.has("2001:db8::2") is False


@pytest.mark.parametrize(
    ("files", "os", "expected"),
    [
        ({"/etc/sysconfig/keepalived": 'KEEPALIVED_OPTIONS="-D -S 1"\n'}, "el7", "local1"),
        ({"/etc/sysconfig/keepalived": 'KEEPALIVED_OPTIONS="-D -S 1"\n'}, None, "local1"),
        ({"/etc/sysconfig/keepalived": 'KEEPALIVED_OPTIONS="-D"\n'}, "el8", "daemon"),
        ({"/etc/sysconfig/keepalived": "# KEEPALIVED_OPTIONS=-S1\n"}, "el8", "daemon"),
        ({"/etc/sysconfig/keepalived": "KEEPALIVED_OPTIONS=-DS3 -P\n"}, "el9", "local3"),
        ({"/etc/sysconfig/keepalived": "KEEPALIVED_OPTIONS='-p -S3'\n"}, "el9", "daemon"),
        ({"/etc/sysconfig/keepalived": 'KEEPALIVED_OPTIONS="-S local4"\n'}, "el9", "local4"),
        ({"/etc/sysconfig/keepalived": 'KEEPALIVED_OPTIONS="-S local4"\n'}, "el7", None),
        ({"/etc/sysconfig/keepalived": 'KEEPALIVED_OPTIONS="-S 9"\n'}, "el9", "daemon"),
        ({"/etc/sysconfig/keepalived": 'KEEPALIVED_OPTIONS="-S 1 -S 2"\n'}, "el9", "local2"),
        ({"/etc/sysconfig/keepalived": 'KEEPALIVED_OPTIONS="-S 1 -G"\n'}, "el9", None),
        ({"/etc/sysconfig/keepalived": 'KEEPALIVED_OPTIONS="-S 1" # local1\n'}, "el9", None),
        ({"/etc/default/keepalived": 'DAEMON_ARGS="--log-facility=2"\n'}, "debian12", "local2"),
        ({"/etc/default/keepalived": 'DAEMON_ARGS="--log-facility 2"\n'}, "debian12", "local2"),
        ({"/etc/default/keepalived": 'KEEPALIVED_OPTIONS="-S 2"\n'}, "debian12", "daemon"),
        ({"/etc/sysconfig/keepalived": 'KEEPALIVED_OPTIONS="-S 2"\n'}, "debian12", "daemon"),
        (
            {"/etc/systemd/system/keepalived.service": "[Service]\nExecStart=/usr/sbin/keepalived -n -S 6\n"},
            None,
            "local6",
        ),
        (
            {
                "/etc/default/keepalived": 'DAEMON_ARGS="-S 2"\n',
                "/etc/systemd/system/keepalived.service.d/x.conf": (
                    "[Service]\nExecStart=\nExecStart=/usr/sbin/keepalived -n \\\n  -S 5\n"
                ),
            },
            "debian12",
            "local5",
        ),
        (
            {
                "/etc/systemd/system/keepalived.service.d/x.conf": "[Service]\nEnvironmentFile=/etc/keepalived.env\n",
                "/etc/keepalived.env": "DAEMON_ARGS=-S7\n",
            },
            "debian12",
            None,  # nothing says that the options file would have been seen
        ),
        ({}, "el8", None),
        ({}, None, None),
    ],
)
def test_keepalived_facility(files: dict[str, str], os: str | None, expected: str | None) -> None:
    assert startup.read(node(files, os=os)).keepalived_facility.value == expected


def test_keepalived_options_know_their_place() -> None:
    text = 'KEEPALIVED_OPTIONS="-D -S 1 -f /etc/keepalived/lb.conf"\n'
    model = startup.read(node({"/etc/sysconfig/keepalived": text}, os="el8"))
    assert [w.text for w in model.keepalived_options] == ["-D", "-S", "1", "-f", "/etc/keepalived/lb.conf"]
    assert [w.raw for w in model.keepalived_options] == [w.text for w in model.keepalived_options]
    word = model.keepalived_facility.word
    assert word is not None
    assert word.source.position(word.start) == (1, 27)
    file = model.keepalived_option("use-file")
    assert file is not None
    assert file.text == "/etc/keepalived/lb.conf"
    assert model.keepalived_option("log-detail") is not None
    assert model.keepalived_option("vrrp") is None


@pytest.mark.parametrize(
    ("files", "os", "expected"),
    [
        ({"/etc/default/haproxy": "#CONFIG=x\n"}, "debian12", ["/etc/haproxy/haproxy.cfg"]),
        ({"/etc/default/haproxy": 'CONFIG="/etc/haproxy/lb.cfg"\n'}, "debian12", ["/etc/haproxy/lb.cfg"]),
        (
            {"/etc/default/haproxy": 'EXTRAOPTS="-S /run/m.sock -f /etc/haproxy/conf.d"\n'},
            "debian12",
            ["/etc/haproxy/haproxy.cfg", "/etc/haproxy/conf.d"],
        ),
        ({"/etc/sysconfig/haproxy": 'OPTIONS=""\n'}, "el7", ["/etc/haproxy/haproxy.cfg"]),
        ({"/etc/sysconfig/haproxy": "CONFIG=/a.cfg\n"}, "el9", ["/a.cfg", "/etc/haproxy/conf.d"]),
        (
            {
                "/etc/systemd/system/haproxy.service": (
                    '[Service]\nEnvironment="CONFIG=/a.cfg" "X=y z"\n'
                    "ExecStart=/usr/sbin/haproxy -Ws -f ${CONFIG} -p $PID -- /b.cfg\n"
                )
            },
            None,
            ["/a.cfg", "/b.cfg"],
        ),
        ({}, "debian12", None),
    ],
)
def test_haproxy_files(files: dict[str, str], os: str | None, expected: list[str] | None) -> None:
    found = startup.read(node(files, os=os)).haproxy_files
    assert (None if found is None else [file.text for file in found]) == expected


def test_enabled_and_masked() -> None:
    wants = "/etc/systemd/system/multi-user.target.wants/"
    model = startup.read(
        node(
            {},
            {
                wants + "keepalived.service": "/usr/lib/systemd/system/keepalived.service",
                "/etc/systemd/system/firewalld.service": "/dev/null",
            },
        )
    )
    assert model.enabled("keepalived") is True
    assert model.enabled("haproxy.service") is False
    assert model.enabled("firewalld") is False
    assert model.masked("firewalld") is True
    assert model.masked("keepalived") is False
    nothing = startup.read(node({}))
    assert nothing.enabled("keepalived") is None
    assert nothing.masked("keepalived") is None


def test_a_fix_writes_what_files_lack_whatever_the_kernel_had() -> None:
    """The output of a command is no file to edit."""
    captured = {"/sos_commands/kernel/sysctl_-a": f"{NONLOCAL} = 0\n"}
    drop_in = {"/etc/sysctl.d/90-lb.conf": f"{NONLOCAL} = 0\n"}
    written = {"/etc/sysctl.d/90-lb.conf": f"{NONLOCAL} = 1\n"}
    made = [
        parameters.fix(node(files | captured), NONLOCAL, "1", name="90-x.conf", why="")
        for files in ({}, drop_in, written)
    ]
    assert made[0] is not None and isinstance(made[0].edits[0], Create)
    assert made[1] is not None and made[1].applicability is Applicability.UNSAFE
    assert made[2] is None, "the file has it; it was not applied (SY107)"
