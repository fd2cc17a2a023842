"""What kernel parameters do to a load balancer: which addresses haproxy can bind, what keepalived makes of an address
that is not there, what reverse path filtering drops, and which interface answers for an address."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from lab import Lab, Machine
from steady import Watched, settle

pytestmark = pytest.mark.lab

VIP = "10.66.0.10"


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A load balancer with two interfaces on two segments, and a client on the second."""
    with Lab(["lb", "client"]) as made:
        made.plug([("lb", "eth0", 1), ("lb", "eth1", 2), ("client", "eth0", 2)])
        made["lb"].ip(
            "link set lo up", "addr add 10.66.0.1/24 dev eth0", "addr add 10.67.0.1/24 dev eth1",
            "link set eth0 up", "link set eth1 up",
        )  # fmt: skip
        made["client"].ip("link set eth0 up")
        yield made


def set_keys(machine: Machine, keys: str) -> None:
    if keys:
        machine.must("sysctl", "-q", "-w", *keys.split())


def in_network_of(machine: Machine, script: str) -> str:
    """What a Python script prints that runs in the machine's network."""
    command = ["nsenter", "-t", str(machine.pid), "-n", sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


@pytest.mark.parametrize(
    ("bind", "keys", "starts"),
    [
        (f"{VIP}:80", "", False),
        (f"{VIP}:80", "net.ipv6.ip_nonlocal_bind=1", False),
        (f"{VIP}:80", "net.ipv4.ip_nonlocal_bind=1", True),
        ("[fd66::10]:80", "net.ipv4.ip_nonlocal_bind=1", False),
        ("[fd66::10]:80", "net.ipv6.ip_nonlocal_bind=1", True),
        (f"{VIP}:80 transparent", "", True),
        ("[fd66::10]:80 transparent", "", True),
        ("*:80", "", True),
        ("10.66.0.1:80", "", True),
    ],
)
def test_what_haproxy_binds(bind: str, keys: str, starts: bool, lab: Lab) -> None:
    machine = lab["lb"]
    set_keys(machine, keys)
    file = "/etc/haproxy/haproxy.cfg"
    machine.write(
        file,
        "defaults\n    mode tcp\n    timeout client 5s\n    timeout connect 5s\n    timeout server 5s\n"
        f"listen www\n    bind {bind}\n    server a 10.66.0.2:80\n",
    )
    assert machine.run("haproxy", "-c", "-f", file).returncode == 0
    done = machine.run("haproxy", "-D", "-f", file)
    assert done.returncode == (0 if starts else 1)
    assert ("cannot bind socket (Cannot assign requested address)" in done.stderr) is not starts


@pytest.mark.parametrize(("keys", "state"), [("", "FAULT"), ("net.ipv4.ip_nonlocal_bind=1", "MASTER")])
def test_a_source_address_that_is_not_there_is_a_fault_unless_it_may_be_bound(keys: str, state: str, lab: Lab) -> None:
    machine = lab["lb"]
    set_keys(machine, keys)
    machine.write(
        "/etc/keepalived/keepalived.conf",
        "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n    priority 100\n"
        "    unicast_src_ip 10.66.0.99\n    unicast_peer {\n        10.66.0.2\n    }\n"
        f"    virtual_ipaddress {{\n        {VIP}/24\n    }}\n}}\n",
    )
    machine.start("keepalived", "keepalived", "-n", "-l")
    poll(lambda: f"Entering {state} STATE" in machine.log("keepalived"))
    assert (VIP in machine.addresses()) is (state == "MASTER")


@pytest.mark.parametrize(
    ("everywhere", "of_interface", "dropped"),
    [(0, 0, False), (1, 0, True), (0, 1, True), (1, 2, False), (2, 1, False), (2, 0, False)],
)
def test_strict_filtering_drops_what_comes_by_another_way(
    everywhere: int, of_interface: int, dropped: bool, lab: Lab
) -> None:
    """The load balancer's route to the client is by eth0; its packet comes by eth1. The larger of the two counts."""
    machine, client = lab["lb"], lab["client"]
    set_keys(machine, f"net.ipv4.conf.all.rp_filter={everywhere} net.ipv4.conf.eth1.rp_filter={of_interface}")
    mac = machine.must("cat", "/sys/class/net/eth1/address").strip()  # the filter drops requests for it, too
    client.ip("addr add 10.66.0.50/32 dev eth0", "route add 10.67.0.1 dev eth0 src 10.66.0.50")
    client.ip(f"neigh add 10.67.0.1 lladdr {mac} dev eth0")
    send = 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("10.67.0.1", 9))'
    in_network_of(client, send)
    # Nobody waits at the port: what is not dropped is counted there.
    poll(lambda: counter(machine, "IPReversePathFilter") + counter(machine, "NoPorts", "snmp") > 0)
    assert (counter(machine, "IPReversePathFilter") > 0) is dropped


def counter(machine: Machine, name: str, table: str = "netstat") -> int:
    """A counter of the kernel, of those that only one protocol of `table` has."""
    with open(f"/proc/{machine.pid}/net/{table}") as file:
        lines = [line.split() for line in file]
    return next(
        int(values[names.index(name)]) for names, values in zip(lines[::2], lines[1::2], strict=True) if name in names
    )


def poll(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Wait until `condition` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_strict_filtering_does_a_pair_with_one_interface_no_harm() -> None:
    with Lab(["lb1", "lb2"]) as lab:
        lab.plug([("lb1", "eth0", 1), ("lb2", "eth0", 1)])
        for name, address, priority in (("lb1", "10.66.0.1", 110), ("lb2", "10.66.0.2", 100)):
            machine = lab[name]
            machine.ip("link set lo up", f"addr add {address}/24 dev eth0", "link set eth0 up")
            set_keys(machine, "net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.eth0.rp_filter=1")
            machine.write(
                "/etc/keepalived/keepalived.conf",
                f"vrrp_instance VI_1 {{\n    interface eth0\n    virtual_router_id 51\n    priority {priority}\n"
                f"    virtual_ipaddress {{\n        {VIP}/24\n    }}\n}}\n",
            )
            machine.start("keepalived", "keepalived", "-n", "-l")

        def holders() -> list[str]:
            return [name for name, machine in lab.machines.items() if VIP in machine.addresses()]

        settle({name: Watched(machine) for name, machine in lab.machines.items()}, holders, lambda: True)
        assert holders() == ["lb1"]
        assert counter(lab["lb2"], "IPReversePathFilter") == 0


_ASK = """
import socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
s.bind(("eth0", 0x0806))
s.settimeout(1)
mac = s.getsockname()[4]
ask = struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, mac, socket.inet_aton("{own}"), b"", socket.inet_aton("{ip}"))
s.send(b"\\xff" * 6 + mac + b"\\x08\\x06" + ask)
found = set()
try:
    while True:
        told = s.recv(64)
        if told[20:22] == b"\\0\\x02":
            found.add(told[22:28])
except TimeoutError:
    print(len(found))
"""


@pytest.mark.parametrize(("keys", "answers"), [("", 2), ("net.ipv4.conf.all.arp_ignore=1", 1)])
def test_each_interface_of_a_segment_answers_for_the_addresses_of_all(keys: str, answers: int) -> None:
    with Lab(["lb", "client"]) as lab:
        lab.plug([("lb", "eth0", 1), ("lb", "eth1", 1), ("client", "eth0", 1)])
        machine = lab["lb"]
        for interface, address in (("eth0", "10.66.0.1"), ("eth1", "10.66.0.2")):
            machine.ip(f"addr add {address}/24 dev {interface}", f"link set {interface} up")
        set_keys(machine, keys)
        lab["client"].ip("addr add 10.66.0.50/24 dev eth0", "link set eth0 up")
        assert int(in_network_of(lab["client"], _ASK.format(own="10.66.0.50", ip="10.66.0.2"))) == answers


@pytest.mark.parametrize(
    ("keys", "forwards"),
    [("", False), ("net.ipv4.ip_forward=1", True), ("net.ipv4.ip_forward=1 net.ipv4.conf.all.forwarding=0", False)],
)
def test_a_packet_for_another_host_goes_on_with_forwarding_alone(keys: str, forwards: bool, lab: Lab) -> None:
    machine, client = lab["lb"], lab["client"]
    set_keys(machine, keys)
    client.ip("addr add 10.67.0.50/24 dev eth0", "route add 10.66.0.0/24 via 10.67.0.1")
    before = counter(machine, "InReceives", "snmp")
    send = 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("10.66.0.2", 9))'
    in_network_of(client, f"{send}; {send}")
    # They are taken in one by one: the first is through with the routing when the second is counted.
    poll(lambda: counter(machine, "InReceives", "snmp") >= before + 2)
    assert (counter(machine, "ForwDatagrams", "snmp") > 0) is forwards


@pytest.mark.parametrize(("command", "status"), [("/lib/systemd/systemd-sysctl", 0), ("sysctl -p", 1)])
def test_a_key_that_the_kernel_lacks_does_the_others_no_harm(command: str, status: int, lab: Lab) -> None:
    machine = lab["lb"]
    file = "/etc/sysctl.d/50-lb.conf"
    machine.write(file, "net.ipv4.ip_non_local_bind = 1\nnet.ipv4.ip_nonlocal_bind = 1\n")
    done = machine.run(*command.split(), file)
    assert done.returncode == status
    assert "ip_non_local_bind" in done.stderr
    assert machine.must("sysctl", "-n", "net.ipv4.ip_nonlocal_bind").strip() == "1"


def test_keepalived_turns_strict_filtering_off_for_a_virtual_mac(lab: Lab) -> None:
    machine = lab["lb"]
    set_keys(machine, "net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1")
    machine.write(
        "/etc/keepalived/keepalived.conf",
        "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n    priority 100\n    use_vmac vrrp.51\n"
        f"    virtual_ipaddress {{\n        {VIP}/24\n    }}\n}}\n",
    )
    machine.start("keepalived", "keepalived", "-n", "-l")
    poll(lambda: VIP in machine.addresses())
    keys = [f"net.ipv4.conf.{name}.rp_filter" for name in ("all", "vrrp/51")]
    assert machine.must("sysctl", "-n", *keys).split() == ["0", "0"]
