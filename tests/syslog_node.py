"""A node that has the files under test, a real rsyslogd and nothing else: run in namespaces of its own
(`unshare -m -n --propagation private python tests/syslog_node.py`, as root).

Standard input, as JSON: {"files": {path: text}, "messages": [[transport, place, priority, tag], ...], "patience": how
many seconds to wait for the places}. A place is the path of a socket, or a port on 127.0.0.1. Message n says
`message n;`. Prints, as JSON, "written": the numbers of the messages in each file, "listening": the addresses and ports
of UDP, and "said": what rsyslogd said.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

DEVICES = {"null": 3, "zero": 5, "random": 8, "urandom": 9}
ROOT = Path("/mnt/root")
UPPER = Path("/mnt/upper")
_libc = ctypes.CDLL(None, use_errno=True)


def mount(what: str, where: Path, kind: str, options: str = "") -> None:
    where.mkdir(parents=True, exist_ok=True)
    if _libc.mount(what.encode(), str(where).encode(), kind.encode(), 0, options.encode() or None):
        raise OSError(ctypes.get_errno(), f"mount {kind} {where}")


def build(files: dict[str, str]) -> None:
    """A copy of this machine's root, in memory, that has `files` and no others of rsyslog."""
    mount("none", Path("/mnt"), "tmpfs")
    for layer in (UPPER, Path("/mnt/work")):
        layer.mkdir()
    mount("overlay", ROOT, "overlay", f"lowerdir=/,upperdir={UPPER},workdir=/mnt/work")
    mount("none", ROOT / "dev", "tmpfs")
    mount("none", ROOT / "run", "tmpfs")
    mount("proc", ROOT / "proc", "proc")
    for name, minor in DEVICES.items():
        os.mknod(ROOT / "dev" / name, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
    ours = [str(ROOT / path) for path in ("etc/rsyslog.d", "etc/rsyslog.conf", "var/log")]
    subprocess.run(["rm", "-rf", *ours], check=True)
    for folder in ("etc/rsyslog.d", "var/log", "var/lib/haproxy/dev", "var/spool/rsyslog"):
        (ROOT / folder).mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        place = ROOT / name.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode("utf-8", "surrogateescape"))


def is_open(transport: str, place: str) -> bool:
    if transport == "unix":
        return (ROOT / place.lstrip("/")).is_socket()
    wanted = f":{int(place):04X} "
    return any(wanted in Path(f"/proc/net/{transport}{family}").read_text() for family in ("", "6"))


def listening() -> list[str]:
    """The addresses and ports that UDP sockets are bound to, one of each."""
    found = []
    for family, size, name in ((socket.AF_INET, 4, "udp"), (socket.AF_INET6, 16, "udp6")):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            address, _, port = line.split()[1].partition(":")
            words = [bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, size * 2, 8)]
            found.append(f"{socket.inet_ntop(family, b''.join(words))} {int(port, 16)}")
    return sorted(found)


def send(transport: str, place: str, data: bytes) -> None:
    try:
        if transport == "unix":
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unix:
                unix.sendto(data, str(ROOT / place.lstrip("/")))
        elif transport == "tcp":
            with socket.create_connection(("127.0.0.1", int(place)), timeout=2) as tcp:
                tcp.sendall(data + b"\n")
        else:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.sendto(data, ("127.0.0.1", int(place)))
    except OSError:
        pass  # nobody listens: the message is lost, as it would be


def written() -> dict[str, list[int]]:
    """The messages in each file that was made, each as often as it is there."""
    found = {}
    for path in UPPER.rglob("*"):
        if path.is_file() and not path.is_symlink():
            numbers = [int(n) for n in re.findall(rb"message (\d+);", path.read_bytes())]
            if numbers:
                found["/" + str(path.relative_to(UPPER))] = sorted(numbers)
    return found


def main() -> None:
    case = json.load(sys.stdin)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    build(case["files"])
    command = ["chroot", str(ROOT), "rsyslogd", "-n", "-f", "/etc/rsyslog.conf", "-i", "/run/rsyslogd.pid"]
    daemon = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    places = {(transport, place) for transport, place, *_ in case["messages"]}
    end = time.monotonic() + 10
    while daemon.poll() is None and not (ROOT / "run/rsyslogd.pid").exists() and time.monotonic() < end:
        time.sleep(0.02)
    end = time.monotonic() + case["patience"]
    while daemon.poll() is None and time.monotonic() < end and not all(is_open(*place) for place in places):
        time.sleep(0.02)
    bound = listening()
    for number, (transport, place, priority, tag) in enumerate(case["messages"]):
        send(transport, place, f"<{priority}>Nov 23 00:00:00 {tag}[1]: message {number};".encode())
        if number % 50 == 49:
            time.sleep(0.05)  # a socket of datagrams has a short queue
    time.sleep(0.4)
    daemon.send_signal(signal.SIGTERM)
    said = daemon.communicate(timeout=20)[1].decode("utf-8", "replace")
    print(json.dumps({"written": written(), "listening": bound, "said": said}))


if __name__ == "__main__":
    main()
