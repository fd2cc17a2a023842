"""What firewall-cmd says of a running firewalld, and what the kernel has of it at that moment: halint reads both."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from lab import Machine

from halint.models.firewall import TCP, VRRP, Firewall, Packet
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

PACKETS_FOLDER = Path(__file__).parents[1] / "packets"
TRAFFIC = runpy.run_path(str(PACKETS_FOLDER / "traffic.py"))
PACKETS, INTERFACES = TRAFFIC["PACKETS"], TRAFFIC["INTERFACES"]
pytestmark = pytest.mark.lab

BACKENDS = ("nftables", "iptables")
#: Configurations for each backend: firewalld and its client take seconds for one.
EXAMPLES = 8
FOLDER = "/sos_commands/firewalld/firewall-cmd_"
OUTPUTS = ("--list-all-zones", "--list-all-policies", "--direct --get-all-rules", "--direct --get-all-passthroughs")
PUBLIC = "/etc/firewalld/zones/public.xml"
ADVERT = Packet("in", VRRP, 4, source="192.0.2.2", destination="224.0.0.18", interface="eth0")
REQUEST = Packet("in", TCP, 4, source="192.0.2.2", destination="192.0.2.1", port=443, interface="eth0")


@pytest.fixture(params=BACKENDS)
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """A machine on which firewalld runs."""
    one = Machine("lb1")
    one.wait()
    try:
        one.ip("link set lo up", *(f"link add {name} type veth peer name far{name[-1]}" for name in INTERFACES))
        write(one, {PUBLIC: '<zone><service name="ssh"/><interface name="eth0"/></zone>'}, request.param)
        one.run("sh", "-c", "[ -s /etc/machine-id ] || dbus-uuidgen >/etc/machine-id; rm -f /run/dbus/pid")
        one.must("dbus-daemon", "--system", "--fork")
        one.start("firewalld", "firewalld", "--nofork", "--nopid")
        one.must("sh", "-c", "while firewall-cmd --state; [ $? -eq 252 ]; do sleep 0.2; done")
        yield one
    finally:
        one.close()
        one.reap()


def write(machine: Machine, files: dict[str, str], backend: str) -> None:
    machine.must("sh", "-c", "rm -rf /etc/firewalld/*")
    for path, text in files.items():
        machine.write(path, text)
    machine.write("/etc/firewalld/firewalld.conf", f"{machine.read('/etc/firewalld/firewalld.conf')}\n"
                  f"FirewallBackend={backend}\n")  # fmt: skip


def backend_of(machine: Machine) -> str:
    return machine.read("/etc/firewalld/firewalld.conf").rpartition("=")[2].strip()


def files_of(machine: Machine) -> dict[str, str]:
    paths = machine.must("find", "/etc/firewalld", "-name", "*.*", "-type", "f").split()
    return {path: machine.read(path) for path in paths}


def listed(machine: Machine) -> dict[str, str]:
    return {FOLDER + output.replace(" ", "_"): machine.must("firewall-cmd", *output.split()) for output in OUTPUTS}


def loaded(machine: Machine) -> dict[str, str]:
    """The rules that the kernel has."""
    folder = "/sos_commands/firewall_tables/"
    if backend_of(machine) == "nftables":
        return {folder + "nft_list_ruleset": machine.must("nft", "list", "ruleset")}
    # In this kernel iptables' rules are nft's, too; there are no others beside them.
    saved = {name: machine.must(name).replace("(nf_tables)", "") for name in ("iptables-save", "ip6tables-save")}
    return {folder + name: text for name, text in saved.items()}


def firewall(files: dict[str, str]) -> Firewall:
    sources = {path: Source("lb1" + path, text, format=formats.of_path(path)) for path, text in files.items()}
    return Node("lb1", "lb1", sources, Targets(os="debian12")).firewall


def recorded(backend: str) -> Iterator[tuple[dict[str, str], list[bool | None]]]:
    """Configurations over `backend` for which it is on record which of PACKETS passed."""
    lines = (PACKETS_FOLDER / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    entries = (json.loads(line) for line in lines)
    wanted = f"FirewallBackend={backend}\n"
    found = [e for e in entries if wanted in e["files"].get("/etc/firewalld/firewalld.conf", "")]
    for entry in islice(found, 0, None, len(found) // EXAMPLES):
        yield entry["files"], [{"+": True, "-": False, "?": None}[mark] for mark in entry["passed"]]


def verdict(one: Firewall, packet: Packet) -> bool | None:
    answer = one.loaded(packet)
    return None if answer is None else answer.verdict


def test_what_is_added_at_run_time_is_lost_at_the_next_reload(machine: Machine) -> None:
    for added in ("--add-protocol=vrrp", "--add-port=443/tcp"):
        machine.must("firewall-cmd", added)
    for seen in (listed(machine), loaded(machine)):
        one = firewall(files_of(machine) | seen)
        assert one.accepts(ADVERT).verdict and one.accepts(REQUEST).verdict
        assert one.written(ADVERT).verdict is False and one.written(REQUEST).verdict is False
        assert one.starts
    machine.must("firewall-cmd", "--reload")
    for seen in (listed(machine), loaded(machine)):
        one = firewall(files_of(machine) | seen)
        assert one.accepts(ADVERT).verdict is False and one.accepts(REQUEST).verdict is False


def test_what_is_added_for_good_is_not_there_before_the_next_reload(machine: Machine) -> None:
    machine.must("firewall-cmd", "--permanent", "--add-protocol=vrrp")
    for seen in (listed(machine), loaded(machine)):
        one = firewall(files_of(machine) | seen)
        assert one.accepts(ADVERT).verdict is False
        assert one.written(ADVERT).verdict
    machine.must("firewall-cmd", "--reload")
    for seen in (listed(machine), loaded(machine)):
        assert firewall(files_of(machine) | seen).accepts(ADVERT).verdict


def test_an_interface_is_in_the_zone_that_is_listed(machine: Machine) -> None:
    machine.must("firewall-cmd", "--zone=trusted", "--change-interface=eth0")
    files = files_of(machine)
    assert firewall(files | listed(machine)).accepts(ADVERT).verdict
    del files[PUBLIC]
    assert firewall(files | listed(machine)).written(ADVERT).verdict


def test_the_listing_says_what_the_kernel_has(machine: Machine) -> None:
    """Of configurations whose packets are on record: what is listed, what is loaded, and what came through."""
    backend, asked, unknown = backend_of(machine), 0, 0
    for files, passed in recorded(backend):
        write(machine, files, backend)
        machine.must("firewall-cmd", "--reload")
        # The interfaces are where the files say; a reload alone leaves them where they were.
        machine.must("firewall-cmd", "--complete-reload")
        known = files_of(machine)
        by_listing, by_kernel = firewall(known | listed(machine)), firewall(known | loaded(machine))
        for number, packet in enumerate(PACKETS):
            ours, theirs = (verdict(one, Packet(**packet)) for one in (by_listing, by_kernel))
            facts = {ours, theirs, passed[number]} - {None}
            assert len(facts) < 2, f"{packet}: listed {ours}, loaded {theirs}, passed {passed[number]}\n{files}"
            asked += passed[number] is not None
            unknown += passed[number] is not None and None in (ours, theirs)
    assert asked > EXAMPLES * len(PACKETS) / 2
    assert unknown <= 0.1 * asked
