"""What `halint fix` makes of a firewall: the kernel lets in what the findings were about, and nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fix_cases import CLUSTERS, Cluster, fixed_rules, heal
from fixing import fix, lay_out
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packet_verdicts import Kernel
from rule_sets import Case

LINES = Path(__file__).with_name("fixes.jsonl").read_text(encoding="utf-8").splitlines()
#: Those whose program can check files without loading them; ufw cannot.
CHECKED = [line for line in LINES if json.loads(line)["kind"] != "ufw"]
#: Clusters drawn of each kind: firewalld takes two seconds for one, nft a third.
EXAMPLES = {
    "nft": 50,
    "iptables": 50,
    "iptables with sets": 20,
    "firewalld over nftables": 15,
    "firewalld over iptables": 10,
    "ufw": 20,
}
MARKS = {True: "+", False: "-", None: "?"}


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    found = Kernel()
    yield found
    found.close()


@pytest.fixture(params=LINES, ids=range(len(LINES)))
def recorded(request: pytest.FixtureRequest) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(request.param)
    return entry


def test_a_fix_is_what_was_measured(recorded: dict[str, Any], tmp_path: Path) -> None:
    cluster = Cluster(Case(recorded["kind"], recorded["rules"]), recorded["files"], [])
    lay_out(tmp_path, cluster.all_files, cluster.links)
    fix(tmp_path, "FW")
    assert fixed_rules(tmp_path / "lb1") == recorded["fixed"]


def test_it_lets_in_more_and_nothing_less(recorded: dict[str, Any]) -> None:
    steps = set(zip(recorded["before"], recorded["after"], strict=True))
    assert ("-", "+") in steps and ("+", "-") not in steps


@pytest.mark.daemons
def test_the_kernel_does_it_still(kernel: Kernel, recorded: dict[str, Any]) -> None:
    for rules, passed in ((recorded["rules"], "before"), (recorded["fixed"], "after")):
        answer = kernel.ask(Case(recorded["kind"], rules))
        assert "".join(MARKS[one] for one in answer["passed"]) == recorded[passed]


@pytest.mark.daemons
@pytest.mark.parametrize("line", CHECKED, ids=range(len(CHECKED)))
def test_the_programs_accept_what_is_fixed(line: str, tmp_path: Path) -> None:
    recorded = json.loads(line)
    for path, text in recorded["fixed"].items():
        file = tmp_path / path.removeprefix("/etc/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    if recorded["kind"] == "firewalld":
        commands = [["firewall-offline-cmd", "--system-config", str(tmp_path / "firewalld"), "--check-config"]]
    elif recorded["kind"] == "nft":
        commands = [["nft", "-c", "-f", str(tmp_path / "nftables.conf")]]
    else:
        commands = [
            [f"{program}-restore", "--test", str(tmp_path / "sysconfig" / program)]
            for program in ("iptables", "ip6tables")
        ]
    # nft looks up the interfaces of `iif` when it checks, too.
    links = "ip link add eth0 type veth peer name eth1 && "
    if (sets := tmp_path / "sysconfig/ipset").exists():
        links += f"ipset restore < {sets} && "
    for command in commands:
        inside = ["unshare", "-n", "sh", "-c", links + '"$@"', "sh", *command]
        done = subprocess.run(inside, capture_output=True, text=True, check=False, timeout=60)
        assert not done.returncode, done.stderr


@pytest.mark.daemons
@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_kernel_agrees(kernel: Kernel, kind: str) -> None:
    @settings(max_examples=EXAMPLES[kind], deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        healed = heal(kernel, data.draw(CLUSTERS[kind]))
        assert not healed.faults, str(healed)

    agree()
