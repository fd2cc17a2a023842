"""What halint says that `sysctl --system` would set, and what a node has after it, against procps 4.0.2 of Debian 12;
and what a node has after boot, against systemd-sysctl 252.

It runs in a network and a mount namespace of its own, over folders made for the test.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sysctl_node import CONF, FOLDERS, at_boot, run

from halint.models import sysctl
from halint.models.drop_ins import by_name
from halint.models.sysctl import Sysctl
from halint.node import Node
from halint.source import Source
from halint.targets import Targets

pytestmark = [
    pytest.mark.daemons,
    pytest.mark.skipif(
        os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("sysctl"),
        reason="needs root, unshare and sysctl",
    ),
]

NONLOCAL = "net.ipv4.ip_nonlocal_bind"
SHOW = "cat /proc/sys/net/ipv4/ip_nonlocal_bind"
ON, OFF = f"{NONLOCAL} = 1\n", f"{NONLOCAL} = 0\n"


def expected(files: dict[str, str]) -> list[str]:
    """What `sysctl --system` sets by halint's reading: the drop-ins by name, then /etc/sysctl.conf."""
    chosen = by_name(files, FOLDERS)
    paths = [chosen[name] for name in sorted(chosen)] + [path for path in files if path == CONF]
    model = Sysctl(True)
    for path in paths:
        model.assign(path, Source(path, files[path], format="sysctl"))
    return [f"{line.name.replace('/', '.')} = {line.word.text}" for line in model.lines if line.word is not None]


KEYS = st.sampled_from([NONLOCAL, "net.ipv4.ip_forward", "net/ipv4/ip_forward", "net.ipv4.tcp_syncookies"])
LINES = st.one_of(
    st.tuples(
        st.sampled_from(["", "-", " "]),
        KEYS,
        st.sampled_from([" = ", "=", "\t=  "]),
        st.sampled_from(["0", "1", "0x1"]),
    ).map("".join),
    st.sampled_from(["# x = 1", "; x", "", "  "]),
)  # fmt: skip
PATHS = st.one_of(
    st.just(CONF),
    st.tuples(
        st.sampled_from(FOLDERS), st.sampled_from(["10-a.conf", "50-b.conf", "99-z.conf", "README", "b.conf~"])
    ).map("/".join),
)  # fmt: skip
NODES = st.dictionaries(PATHS, st.lists(LINES.map("{}\n".format), max_size=3).map("".join), max_size=5)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=NODES)
def test_what_it_sets_and_in_which_order(files: dict[str, str], tmp_path: Path) -> None:
    said = run(tmp_path / "root", files, "sysctl --system --dry-run").splitlines()
    assert [line for line in said if not line.startswith("* ")] == expected(files)


#: Files, the value after `sysctl --system`, and after boot (systemd-sysctl), which is what halint says.
MEASURED = [
    ({"/etc/sysctl.d/10-a.conf": ON, "/usr/lib/sysctl.d/50-b.conf": OFF}, "0", "0"),
    ({"/usr/lib/sysctl.d/60-a.conf": ON, "/etc/sysctl.d/50-b.conf": OFF}, "1", "1"),
    ({"/etc/sysctl.d/a.conf": ON, "/run/sysctl.d/a.conf": OFF}, "1", "1"),
    ({"/etc/sysctl.d/a": ON}, "0", "0"),
    ({"/etc/sysctl.d/a.conf": "net/ipv4/ip_nonlocal_bind = 1\n"}, "1", "1"),
    ({"/etc/sysctl.d/a.conf": f"-{ON}"}, "1", "1"),
    ({"/etc/sysctl.d/a.conf": f"{NONLOCAL} = 1 # on\n"}, "1", "1"),
    ({"/etc/sysctl.d/a.conf": f'{NONLOCAL} = "1"\n'}, "0", "0"),
    ({"/etc/sysctl.d/a.conf": f'{ON}{NONLOCAL} = "0"\n'}, "1", "0"),
    ({CONF: ON, "/etc/sysctl.d/99-sysctl.conf": OFF}, "1", "0"),
    ({CONF: OFF, "/etc/sysctl.d/haproxy.conf": ON}, "0", "1"),
    ({CONF: ON, "/etc/sysctl.d/50-haproxy.conf": OFF}, "1", "1"),
]


def of_model(files: dict[str, str]) -> str | None:
    sources = {path: Source(path, text, format="sysctl") for path, text in files.items()}
    node = Node("lb1", "/lb1", sources, Targets())
    node.collected = frozenset({"sysctl"})
    return sysctl.read(node).value(NONLOCAL).value


@pytest.mark.parametrize(("files", "procps", "boot"), MEASURED)
def test_what_a_node_has(files: dict[str, str], procps: str, boot: str, tmp_path: Path) -> None:
    assert run(tmp_path / "root", files, f"sysctl -q --system 2>/dev/null; {SHOW}").strip() == procps
    assert at_boot(tmp_path / "root", files, SHOW) == boot
    assert of_model(files) == boot


PATTERNS = [
    "net.ipv4.*_nonlocal_bind",
    "net/ipv4/ip_nonlocal_[ab]ind",
    "net.*.ip_nonlocal_bind",
    "net.ipv4/ip_nonlocal_bind",
]
BOOT_LINES = st.tuples(
    st.sampled_from(["", "-", "- ", " "]),
    st.sampled_from([NONLOCAL, NONLOCAL, "net/ipv4/ip_nonlocal_bind", "net.ipv4.ip_forward", *PATTERNS]),
    st.sampled_from([" = 1", "=0", " = 1 # on", ' = "1"', " = yes", "=", "", " 1", "\t=\t01", " = 2", " = 1\r"]),
).map("".join)
BOOTS = st.dictionaries(PATHS, st.lists(BOOT_LINES.map("{}\n".format), max_size=3).map("".join), min_size=1, max_size=4)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=BOOTS)
def test_what_a_node_has_after_boot(files: dict[str, str], tmp_path: Path) -> None:
    assert at_boot(tmp_path / "root", files, SHOW) == of_model(files)
