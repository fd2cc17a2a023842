"""The firewall model against real kernels: never a contradiction, and seldom unknown."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packet_verdicts import Kernel, judge
from rule_sets import CASES, Case
from traffic import PACKETS

from halint.models.firewall import Firewall, Packet
from halint.node import Node
from halint.source import Source
from halint.targets import Targets

LINES = Path(__file__).with_name("cases.jsonl").read_text(encoding="utf-8").splitlines()
#: Of firewalld 2.3.1, which Debian 12 does not have.
NEWER = Path(__file__).with_name("newer.jsonl").read_text(encoding="utf-8").splitlines()
MARKS = {"+": True, "-": False, "?": None}
#: Rule sets drawn of each kind: firewalld takes a second for one, nft a twentieth.
EXAMPLES = {"nft": 150, "iptables": 100, "firewalld over nftables": 30, "firewalld over iptables": 25,
            "iptables with sets": 60, "ufw": 50}  # fmt: skip


def recorded(line: str) -> tuple[Case, list[bool | None]]:
    entry: dict[str, Any] = json.loads(line)
    return Case(entry["kind"], entry["files"], entry.get("os", "debian12")), [MARKS[mark] for mark in entry["passed"]]


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    found = Kernel()
    yield found
    found.close()


def test_there_are_enough_cases() -> None:
    kinds = [recorded(line)[0].kind for line in LINES]
    assert len(kinds) >= 40
    assert min(map(kinds.count, ("nft", "iptables", "firewalld", "ufw"))) >= 10
    assert all(len(recorded(line)[1]) == len(PACKETS) for line in LINES)


@pytest.mark.parametrize("line", LINES + NEWER, ids=range(len(LINES + NEWER)))
def test_what_the_kernel_did(line: str) -> None:
    case, passed = recorded(line)
    judged = judge(case, {"passed": passed})
    assert not judged.contradictions, str(judged)


def test_few_answers_are_unknown() -> None:
    judged = [judge(case, {"passed": passed}) for case, passed in map(recorded, LINES + NEWER)]
    assert sum(one.unknown for one in judged) <= 0.1 * sum(one.asked for one in judged)


@pytest.mark.daemons
def test_the_kernel_does_it_still(kernel: Kernel) -> None:
    for line in LINES:
        case, passed = recorded(line)
        assert kernel.ask(case).get("passed") == passed, case


#: Loads the files below $1 and prints what is in the kernel then.
LISTING = """
if [ -d "$1/etc/ufw" ]; then /lib/ufw/ufw-init --datadir "$1" start; fi
if [ -f "$1/etc/sysconfig/ipset" ]; then ipset restore <"$1/etc/sysconfig/ipset"; fi
for six in "" 6; do
    if [ -f "$1/etc/sysconfig/ip${six}tables" ]; then "ip${six}tables-restore" "$1/etc/sysconfig/ip${six}tables"; fi
    "ip${six}tables-save" >"$1/ip${six}tables-save"
    for table in raw mangle nat filter; do
        "ip${six}tables" -t "$table" -nvL >"$1/ip${six}tables_-t_${table}_-nvL"
    done
done
ipset list >"$1/ipset_list"
nft list ruleset >"$1/nft_list_ruleset"
"""
LISTED = [line for line in LINES if recorded(line)[0].kind in ("iptables", "ufw")]


@pytest.mark.daemons
@pytest.mark.parametrize("line", LISTED, ids=range(len(LISTED)))
def test_what_iptables_lists_says_what_it_saves(line: str, tmp_path: Path) -> None:
    case, _ = recorded(line)
    for path, text in case.files.items():
        (tmp_path / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path[1:]).write_text(text)
    subprocess.run(["unshare", "-n", "bash", "-ec", LISTING, "bash", str(tmp_path)], check=True, timeout=60)
    texts = {f"/sos_commands/firewall_tables/{p.name}": p.read_text() for p in tmp_path.iterdir() if p.is_file()}
    by_nft = {path: texts.pop(path) for path in list(texts) if path.endswith("nft_list_ruleset")}
    saved = {path: text.replace("(nf_tables)", "") for path, text in texts.items() if path.endswith(("-save", "_list"))}
    listed = {path: text for path, text in texts.items() if not path.endswith("-save")}
    # Of a family without tables iptables-save prints nothing, and what is listed are empty chains.
    families = {6 if "ip6" in path else 4 for path, text in saved.items() if "*filter" in text}
    ours, theirs, others = captured(listed), captured(saved), captured(by_nft)
    for packet in (Packet(**packet) for packet in PACKETS):
        if packet.family in families:
            verdict = theirs.accepts(packet).verdict
            assert ours.accepts(packet).verdict is verdict, packet.key
            assert verdict is None or others.accepts(packet).verdict in (None, verdict), packet.key


def captured(texts: dict[str, str]) -> Firewall:
    sources = {path: Source("lb1" + path, text, format="captured") for path, text in texts.items()}
    return Node("lb1", "lb1", sources, Targets(os="el7")).firewall


@pytest.mark.daemons
@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_kernel_agrees(kernel: Kernel, kind: str) -> None:
    unknown = asked = 0

    @settings(max_examples=EXAMPLES[kind], deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        nonlocal unknown, asked
        case = data.draw(CASES[kind])
        judged = judge(case, kernel.ask(case))
        assert not judged.error and not judged.contradictions, str(judged)
        unknown += judged.unknown
        asked += judged.asked

    agree()
    assert unknown <= 0.1 * asked


@pytest.mark.daemons
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("zones/public.xml", '<zone><protocol value="vrrp"/><port port="80" protocol="tcp"></zone>'),
        ("zones/public.xml", '<zone target="ACCEPT"><protocol value="vrpp"/></zone>'),
        ("zones/public.xml", '<zone><protocol value="vrrp"/><service name="nobodys"/></zone>'),
        ("services/lb.xml", '<service><port port="80:90" protocol="tcp"/></service>'),
    ],
)
def test_with_a_broken_file_firewalld_is_as_installed(kernel: Kernel, path: str, text: str) -> None:
    """Measured: one file that it cannot read, and all that is in /etc/firewalld is as if it were not there."""
    broken = Case("firewalld", {
        "/etc/firewalld/firewalld.conf": "DefaultZone=trusted\n",
        "/etc/firewalld/zones/mine.xml": '<zone><interface name="eth0"/><protocol value="vrrp"/></zone>',
        f"/etc/firewalld/{path}": text,
    })  # fmt: skip
    stock = judge(Case("firewalld", {}), kernel.ask(broken))
    assert stock.error
    assert not stock.contradictions, str(stock)
    assert stock.asked and not stock.unknown
