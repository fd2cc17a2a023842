"""The firewall model against real kernels: never a contradiction, and seldom unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packet_verdicts import Kernel, judge
from rule_sets import CASES, Case
from traffic import PACKETS

LINES = Path(__file__).with_name("cases.jsonl").read_text(encoding="utf-8").splitlines()
MARKS = {"+": True, "-": False, "?": None}
#: Rule sets drawn of each kind: firewalld takes a second for one, nft a twentieth.
EXAMPLES = {"nft": 150, "iptables": 100, "firewalld over nftables": 30, "firewalld over iptables": 25,
            "iptables with sets": 60, "ufw": 50}  # fmt: skip


def recorded(line: str) -> tuple[Case, list[bool | None]]:
    entry: dict[str, Any] = json.loads(line)
    return Case(entry["kind"], entry["files"]), [MARKS[mark] for mark in entry["passed"]]


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


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_what_the_kernel_did(line: str) -> None:
    case, passed = recorded(line)
    judged = judge(case, {"passed": passed})
    assert not judged.contradictions, str(judged)


def test_few_answers_are_unknown() -> None:
    judged = [judge(case, {"passed": passed}) for case, passed in map(recorded, LINES)]
    assert sum(one.unknown for one in judged) <= 0.1 * sum(one.asked for one in judged)


@pytest.mark.daemons
def test_the_kernel_does_it_still(kernel: Kernel) -> None:
    for line in LINES:
        case, passed = recorded(line)
        assert kernel.ask(case).get("passed") == passed, case


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
