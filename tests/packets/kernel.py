"""Packets through real rule sets, in a real kernel: run as `unshare -n -m /usr/bin/python3 kernel.py`, with the
interpreter that the modules of firewalld and nft are installed for.

Reads a case a line, {"kind": "nft", "iptables", "firewalld" or "ufw", "files": {path: text}}, and answers each with a
line: {"passed": [...]}, for each of PACKETS whether it came through, null where it could not be sent in that state, or
{"error": what the program said}, or both, where firewalld has fallen back to its stock configuration. firewalld runs
as a library: all of it but D-Bus.
"""

from __future__ import annotations

import ctypes
import json
import logging
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from traffic import (
    CALLED,
    FAR,
    INTERFACES,
    KNOWN,
    LINK_LOCAL,
    MDNS_GROUP,
    NODE,
    PACKETS,
    PEER,
    TCP,
    UDP,
    VRRP,
    VRRP_GROUP,
)

MACS = {("node", "eth0"): "02:00:00:00:00:01", ("node", "eth1"): "02:00:00:00:00:11",
        ("peer", "eth0"): "02:00:00:00:00:02", ("peer", "eth1"): "02:00:00:00:00:12"}  # fmt: skip
#: Seconds to wait for packets that were sent.
PATIENCE = 5.0


def run(*command: str, text: str | None = None) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def destroy_sets() -> None:
    """The kernel lets go of them when no list names them, and some time after the rules that asked them are gone."""
    run("ipset", "flush")
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            run("ipset", "destroy")
        except RuntimeError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def unshare_network() -> None:
    """Enter a network namespace of its own; os.unshare came with Python 3.12 only."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000):
        raise SystemExit("unshare: " + os.strerror(ctypes.get_errno()))


def address_up(interface: str, mac: str, addresses: list[str]) -> None:
    """Addresses without duplicate detection, on an interface that answers whatever the source."""
    for key, value in (("accept_dad", "0"), ("addr_gen_mode", "1"), ("router_solicitations", "0")):
        Path(f"/proc/sys/net/ipv6/conf/{interface}/{key}").write_text(value)
    Path(f"/proc/sys/net/ipv4/conf/{interface}/rp_filter").write_text("0")
    run("ip", "link", "set", interface, "address", mac, "up")
    for text in addresses:
        run("ip", "address", "add", text, "dev", interface, *(["nodad"] if ":" in text else []))


def neighbours(interface: str, mac: str, addresses: list[str]) -> None:
    for text in addresses:
        run("ip", "neighbour", "replace", text, "lladdr", mac, "dev", interface, "nud", "permanent")


def with_length(*addresses: str) -> list[str]:
    return [f"{text}/{64 if ':' in text else 24}" for text in addresses]


def peer_addresses(interface: str) -> list[str]:
    found = [PEER[interface, 4], PEER[interface, 6], LINK_LOCAL[interface]]
    return [*found, *KNOWN.values(), *CALLED.values()] if interface == "eth0" else found


def set_up_node(peer: int) -> list[socket.socket]:
    """The node's interfaces, the other ends of which go to the process `peer`; returns its memberships."""
    Path("/proc/sys/net/ipv4/conf/all/rp_filter").write_text("0")
    run("ip", "link", "set", "lo", "up")
    members = []
    for interface in INTERFACES:
        run("ip", "link", "add", interface, "type", "veth", "peer", "name", interface, "netns", str(peer))
        own = [NODE[interface, 4], NODE[interface, 6]]
        address_up(interface, MACS["node", interface], [*with_length(*own), f"fe80::{interface[-1]}:1/64"])
        neighbours(interface, MACS["peer", interface], peer_addresses(interface))
        index = socket.if_nametoindex(interface)
        for group6 in (VRRP_GROUP[6], MDNS_GROUP[6]):
            member = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            member.setsockopt(
                socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                socket.inet_pton(socket.AF_INET6, group6) + struct.pack("@I", index),
            )  # fmt: skip
            members.append(member)
        for group in (VRRP_GROUP[4], MDNS_GROUP[4]):
            member = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            request = struct.pack("4s4si", socket.inet_aton(group), bytes(4), index)
            member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
            members.append(member)
    run("ip", "route", "add", "default", "via", PEER["eth0", 4])
    run("ip", "-6", "route", "add", "default", "via", PEER["eth0", 6])
    return members


def set_up_peer() -> None:
    while not set(INTERFACES) <= {name for _, name in socket.if_nameindex()}:
        time.sleep(0.01)
    Path("/proc/sys/net/ipv4/conf/all/rp_filter").write_text("0")
    run("ip", "link", "set", "lo", "up")
    for interface in INTERFACES:
        address_up(interface, MACS["peer", interface], with_length(*peer_addresses(interface)))
        neighbours(interface, MACS["node", interface], [NODE[interface, 4], NODE[interface, 6]])
    for family, text in FAR.items():
        run("ip", "address", "add", f"{text}/{32 if family == 4 else 128}", "dev", "lo")


def send(packet: dict[str, Any]) -> None:
    """Send a packet; that its own rules refuse it is no error."""
    protocol, family, port, index = (packet[key] for key in ("protocol", "family", "port", "interface"))
    index = socket.if_nametoindex(index)
    kind = {TCP: socket.SOCK_STREAM, UDP: socket.SOCK_DGRAM}.get(protocol, socket.SOCK_RAW)
    version = socket.AF_INET if family == 4 else socket.AF_INET6
    with socket.socket(version, kind, protocol) as sending, suppress(OSError):
        to, source = packet["destination"], packet["source"]
        if family == 4 and to.startswith("224."):
            request = struct.pack("4s4si", bytes(4), bytes(4), index)
            sending.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, request)
        scope = index if family == 6 and to.startswith("ff") else 0
        if source is not None:
            link = index if source.startswith("fe80") else 0
            sending.bind((source, 0) if family == 4 else (source, 0, 0, link))
        target: Any = (to, port or 0) if family == 4 else (to, port or 0, 0, scope)
        if protocol == TCP:
            sending.setblocking(False)
            sending.connect_ex(target)
        else:
            sending.sendto(bytes(24), target)


def matches(number: int, packet: dict[str, Any]) -> str:
    """An nft rule that counts a packet under its number."""
    word = "ip" if packet["family"] == 4 else "ip6"
    text = f"{'iifname' if packet['direction'] == 'in' else 'oifname'} {packet['interface']} "
    if packet["source"]:
        text += f"{word} saddr {packet['source']} "
    text += f"{word} daddr {packet['destination']} "
    if packet["port"] is None:
        text += f"{word} {'protocol' if packet['family'] == 4 else 'nexthdr'} {packet['protocol']} "
    else:
        text += f"{'tcp' if packet['protocol'] == TCP else 'udp'} dport {packet['port']} "
    return f'{text}counter comment "{number}"'


def probes() -> str:
    """Chains before and behind all others, with a counter for each packet."""
    lines = {
        direction: "\n".join(matches(n, packet) for n, packet in enumerate(PACKETS) if packet["direction"] == direction)
        for direction in ("in", "out")
    }
    hooks = [("first", "out", "output", -600), ("last", "in", "input", 2000), ("last", "out", "postrouting", 2000)]
    body = "".join(
        f"chain {when}_{direction} {{ type filter hook {hook} priority {priority};\n{lines[direction]}\n}}\n"
        for when, direction, hook, priority in hooks
    )
    devices = ", ".join(INTERFACES)
    arrivals = f"chain first_in {{ type filter hook ingress devices = {{ {devices} }} priority -600;\n{lines['in']}\n}}"
    return f"table inet probe {{\n{body}}}\ntable netdev probe {{\n{arrivals}\n}}\n"


class Kernel:
    def __init__(self) -> None:
        import nftables  # type: ignore[import-not-found]

        self.nft = nftables.Nftables()
        self.nft.set_json_output(True)
        self.probes = probes()
        ours, theirs = os.pipe(), os.pipe()
        ready, entered = os.pipe()
        child = os.fork()
        if not child:
            os.close(ours[1])  # else it would wait for itself once the node's side is gone
            unshare_network()
            os.write(entered, b"x")
            set_up_peer()
            incoming = [packet for packet in PACKETS if packet["direction"] == "in"]
            os.write(theirs[1], b"x")
            while os.read(ours[0], 1) == b"x":
                for packet in incoming:
                    send(packet)
                os.write(theirs[1], b"x")
            os._exit(0)
        os.read(ready, 1)
        self.members = set_up_node(child)
        self.to_peer, self.from_peer = ours[1], theirs[0]
        os.read(self.from_peer, 1)

    def command(self, text: str) -> Any:
        status, output, error = self.nft.cmd(text)
        if status:
            raise RuntimeError(error)
        return json.loads(output)["nftables"] if output else []

    def load(self, kind: str, files: dict[str, str]) -> str:
        """Put the rules of a case into the kernel, as the program does; returns why they are not those of the case."""
        self.command("flush ruleset")
        destroy_sets()
        if kind == "nft":
            (text,) = files.values()
            run("nft", "-f", "-", text=text)
        elif kind == "iptables":
            for path, text in files.items():
                if path.endswith("/ipset"):
                    run("ipset", "restore", text=text)
                    continue
                run("ip6tables-restore" if path.endswith(("ip6tables", "v6")) else "iptables-restore", text=text)
        elif kind == "ufw":
            with tempfile.TemporaryDirectory() as folder:
                for path, text in files.items():
                    file = Path(folder + path)
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text)
                run("/lib/ufw/ufw-init", "--datadir", folder, "start")
        else:
            with tempfile.TemporaryDirectory() as folder:
                for path, text in files.items():
                    file = Path(folder, path.removeprefix("/etc/firewalld/"))
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text)
                from firewall import config  # type: ignore[import-not-found]
                from firewall.core.fw import Firewall  # type: ignore[import-not-found]

                config.set_system_config_paths(folder)
                try:
                    Firewall().start()
                except Exception as error:  # what it has fallen back to is in the kernel by then
                    return f"{type(error).__name__}: {error}"
        return ""

    def counts(self) -> dict[tuple[str, int], int]:
        """Packets by probe ("first" or "last") and number."""
        found = {}
        for table in ("inet probe", "netdev probe"):
            for entry in self.command(f"list table {table}"):
                rule = entry.get("rule")
                if rule is not None:
                    counter = next(e["counter"]["packets"] for e in rule["expr"] if "counter" in e)
                    found[rule["chain"].partition("_")[0], int(rule["comment"])] = counter
        return found

    def measure(self) -> list[bool | None]:
        self.command(self.probes)
        for family, to in KNOWN.items():
            nothing: dict[str, Any] = {"source": None, "port": None}
            send(nothing | {"protocol": VRRP, "family": family, "interface": "eth0", "destination": to})
        for packet in PACKETS:
            if packet["direction"] == "out":
                send(packet)
        os.write(self.to_peer, b"x")
        os.read(self.from_peer, 1)
        deadline = time.monotonic() + PATIENCE
        while True:
            counts = self.counts()
            waiting = [n for n in range(len(PACKETS)) if not counts["first", n]]
            if not waiting or time.monotonic() > deadline:
                break
            time.sleep(0.02)
        if waiting:
            raise RuntimeError(f"never seen: {[PACKETS[n] for n in waiting]}")
        counts = self.counts()
        passed: list[bool | None] = [counts["last", n] > 0 for n in range(len(PACKETS))]
        for n, packet in enumerate(PACKETS):
            if packet["state"] == "established":
                # Known to connection tracking only if what the node sent to that peer went out.
                called = {"direction": "out", "protocol": VRRP, "destination": CALLED[packet["family"]]}
                alike = (m for m, other in enumerate(PACKETS) if called.items() <= other.items())
                if not passed[next(alike)]:
                    passed[n] = None
        return passed


def main() -> None:
    logging.disable(logging.CRITICAL)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the programs print is no answer
    kernel = Kernel()
    for line in sys.stdin:
        case = json.loads(line)
        try:
            error = kernel.load(case["kind"], case["files"])
            answer: dict[str, Any] = {"passed": kernel.measure()} | ({"error": error} if error else {})
        except Exception as failure:
            answer = {"error": f"{type(failure).__name__}: {failure}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
