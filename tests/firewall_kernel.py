"""Packets through the real nft or iptables: run in a network namespace of its own (`unshare -n python ...`).

Standard input: {"program": [...], "rules": "...", "packets": [[protocol, destination, port], ...]}. Prints, as JSON,
which of the packets the rules let in. The sender is 192.0.2.2 in another namespace, the receiver 192.0.2.1 on eth0.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import struct
import subprocess
import sys
import time

RECEIVER, SENDER = "192.0.2.1", "192.0.2.2"
Case = list[object]


def run(*command: str, text: str | None = None) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def probe(packets: list[Case]) -> str:
    """A chain behind all others, with a counter for each packet."""
    lines = []
    for number, (protocol, destination, port) in enumerate(packets):
        what = f"meta l4proto {protocol}" if port is None else f"{'tcp' if protocol == 6 else 'udp'} dport {port}"
        lines.append(f'iifname "eth0" ip daddr {destination} {what} counter comment "{number}"')
    body = "\n".join(lines)
    return f"table inet probe {{\nchain c {{\ntype filter hook input priority 2000;\n{body}\n}}\n}}\n"


def send(packets: list[Case]) -> None:
    for protocol, destination, port in packets:
        if protocol == 6:
            tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            tcp.setblocking(False)
            tcp.connect_ex((destination, port))
        elif port is not None:
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (destination, port))
        else:
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, int(str(protocol)))
            raw.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(SENDER))
            raw.sendto(bytes(24), (str(destination), 0))


def main() -> None:
    case = json.load(sys.stdin)
    packets: list[Case] = case["packets"]
    run("ip", "link", "set", "lo", "up")
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        unshare()
        os.write(writer, b"x")
        while "eth0" not in (name for _, name in socket.if_nameindex()):
            time.sleep(0.02)
        run("ip", "addr", "add", f"{SENDER}/24", "dev", "eth0")
        run("ip", "link", "set", "eth0", "up")
        run("ip", "route", "add", "224.0.0.0/4", "dev", "eth0")
        time.sleep(0.3)
        send(packets)
        time.sleep(0.2)
        os._exit(0)
    os.read(reader, 1)
    run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", str(child))
    run("ip", "addr", "add", f"{RECEIVER}/24", "dev", "eth0")
    run("ip", "link", "set", "eth0", "up")
    member = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    interface = struct.pack("4s4si", socket.inet_aton("224.0.0.18"), bytes(4), socket.if_nametoindex("eth0"))
    member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, interface)
    run(*case["program"], text=case["rules"])
    run("nft", "-f", "-", text=probe(packets))
    os.waitpid(child, 0)
    found = json.loads(run("nft", "-j", "list", "table", "inet", "probe"))["nftables"]
    rules = [entry["rule"] for entry in found if "rule" in entry]
    counts = {int(r["comment"]): e["counter"]["packets"] for r in rules for e in r["expr"] if "counter" in e}
    print(json.dumps([counts[number] > 0 for number in range(len(packets))]))


def unshare() -> None:
    """Enter a network namespace of its own; os.unshare came with Python 3.12 only."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000):
        raise SystemExit("unshare: " + os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    main()
