"""After `halint fix` a node has the kernel parameter that the finding asks for: at boot (systemd-sysctl 252) and by
`sysctl --system` (procps 4.0.2), whatever files there were before."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from fixing import fix, lay_out, planned
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sysctl_node import CONF, FOLDERS, at_boot, by_hand

from halint.fixer import Fixed

pytestmark = [
    pytest.mark.daemons,
    pytest.mark.skipif(
        os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("sysctl"),
        reason="needs root, unshare and sysctl",
    ),
]

#: Interfaces on whose network the instances are; one is of a VLAN.
INTERFACES = ("eth0", "eth1.20")


def instance(number: int, own: bool, vip: str, interface: str = "eth0") -> str:
    state, priority = ("MASTER", 150) if own else ("BACKUP", 100)
    return (
        f"vrrp_instance VI_{number} {{\n    state {state}\n    interface {interface}\n"
        f"    virtual_router_id {50 + number}\n    priority {priority}\n"
        f"    virtual_ipaddress {{\n        {vip}\n    }}\n}}\n"
    )


def pair(keepalived: list[str], haproxy: str = "", server: str = "") -> dict[str, str]:
    """A pair without files of sysctl. keepalived: its virtual addresses, one on each interface."""
    files = {}
    for own, name in ((True, "lb1"), (False, "lb2")):
        blocks = [instance(n, own, vip, INTERFACES[n]) for n, vip in enumerate(keepalived)]
        files[f"{name}/etc/keepalived/keepalived.conf"] = "".join(blocks) + server
        if haproxy:
            files[f"{name}/etc/haproxy/haproxy.cfg"] = haproxy
    return files | {"lb2/etc/sysctl.conf": "# nothing\n"}


BINDS = pair(["192.0.2.10/24", "2001:db8::10/64"], (
    "frontend web\n    mode http\n    bind 192.0.2.10:80\n    bind [2001:db8::10]:80\n    default_backend b\n"
    "backend b\n    mode http\n    server s 10.0.0.1:80\n"
))  # fmt: skip
FORWARDS = pair(["192.0.2.10/24"], server=(
    "virtual_server 192.0.2.10 80 {\n    delay_loop 5\n    lb_algo rr\n    lb_kind NAT\n    protocol TCP\n"
    "    real_server 10.0.0.1 80 {\n        weight 1\n        TCP_CHECK {\n            connect_timeout 3\n        }\n"
    "    }\n}\n"
))  # fmt: skip
SEVERAL = pair(["192.0.2.10/24", "198.51.100.10/24"])

#: For each rule: a cluster, and the keys that it is about.
CASES = {
    "CX103": (BINDS, ["net/ipv4/ip_nonlocal_bind", "net/ipv6/ip_nonlocal_bind"]),
    "SY106": (FORWARDS, ["net/ipv4/ip_forward"]),
    "SY104": (SEVERAL, [f"net/ipv4/conf/{name}/rp_filter" for name in ("all", *INTERFACES)]),
}
SHOW = "cd /proc/sys && for key in {}; do cat $key; done"
LINKS = f"ip link add {INTERFACES[0]} type veth peer name {INTERFACES[1]}"

_KEYS = {
    "CX103": ["net.ipv4.ip_nonlocal_bind", "net/ipv4/ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind",
              "net.ipv4.*_nonlocal_bind", "net.ipv4/ip_nonlocal_bind", "net.ipv4.ip_forward"],
    "SY106": ["net.ipv4.ip_forward", "net/ipv4/ip_forward", "net.ipv4.conf.all.forwarding", "net.ipv4.ip_forwar[d]"],
    "SY104": ["net.ipv4.conf.all.rp_filter", "net.ipv4.conf.eth0.rp_filter", "net.ipv4.conf.eth1/20.rp_filter",
              "net.ipv4.conf.*.rp_filter", "net/ipv4/conf/eth1.20/rp_filter"],
}  # fmt: skip
_VALUES = [" = 0", "=0", " = 0 ", ' = "1"', " = 1", "=1", "\t=\t0", " = 01", " = 2", ""]
_PATHS = [CONF, "/etc/sysctl.d/99-sysctl.conf", *(
    f"{folder}/{name}" for folder in FOLDERS for name in ("10-a.conf", "50-b.conf", "95-c.conf", "99-z.conf")
)]  # fmt: skip


def layouts(code: str) -> st.SearchStrategy[dict[str, str]]:
    line = st.tuples(st.sampled_from(["", "", "-"]), st.sampled_from(_KEYS[code]), st.sampled_from(_VALUES))
    texts = st.lists(line.map(lambda parts: "".join(parts) + "\n"), max_size=3).map("".join)
    broken = st.sampled_from(["", "", "\n"])  # without an end to its last line
    return st.dictionaries(
        st.sampled_from(_PATHS), st.builds(lambda text, end: text.removesuffix("\n") + end, texts, broken), max_size=4
    )


def of_node(folder: Path) -> dict[str, str]:
    return {f"/{path.relative_to(folder)}": path.read_text() for path in folder.rglob("*") if path.is_file()}


def fixed_files(code: str, layout: Mapping[str, str], folder: Path) -> tuple[Fixed, dict[str, str]]:
    """What was fixed, and the files of sysctl of lb1 afterwards."""
    files = CASES[code][0] | {"lb1/etc/sysctl.d/README": "x\n"} | {f"lb1{path}": text for path, text in layout.items()}
    lay_out(folder, files)
    done = fix(folder, code, unsafe=True)
    assert not planned(folder, code, unsafe=True).changes
    return done, {path: text for path, text in of_node(folder / "lb1").items() if "sysctl" in path}


def wrong(code: str, values: list[str]) -> list[str]:
    """Of the keys of a rule those that are not as it wants them. values: what the kernel has."""
    keys = CASES[code][1]
    if code != "SY104":
        return [key for key, value in zip(keys, values, strict=True) if value == "0"]
    return [key for key, value in zip(keys, values, strict=True) if max(values[0], value) == "1"]


def _dotted(text: str) -> str:
    return text.replace("/", ".")


@pytest.mark.parametrize("code", CASES)
def test_the_kernel_has_what_was_wanted(code: str) -> None:
    """All but what is still reported: a file outranks whatever halint may write."""
    healed = 0

    @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
    @given(layout=layouts(code))
    def check(layout: dict[str, str]) -> None:
        nonlocal healed
        with tempfile.TemporaryDirectory() as name:
            done, files = fixed_files(code, layout, Path(name, "fixed"))
            # Said again, the same value keeps its place before that of the other key, with systemd.
            assert not done.refused or code == "SY106", [refused.reason for refused in done.refused]
            left = " ".join(f.message for f in done.remaining.findings if f.location.nodes == ("lb1",))
            made = " ".join(f.fix.title for f in done.applied if f.location.nodes == ("lb1",) and f.fix is not None)
            healed += bool(made)
            show = SHOW.format(" ".join(CASES[code][1]))
            booted = wrong(code, at_boot(Path(name, "root"), files, show, LINKS).split())
            # What is left for all interfaces is left for each.
            assert not booted or any(_dotted(key) in _dotted(left) for key in booted), (booted, files)
            # Where the boot was as it should be, nothing was fixed; SY102 says that the two differ.
            typed = wrong(code, by_hand(Path(name, "root"), files, show, LINKS).split())
            assert not any(_dotted(key) in _dotted(made) for key in typed), (typed, files)

    check()
    assert healed > 2, "hardly anything is drawn that is fixed"
