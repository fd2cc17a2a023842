"""Who may listen beside whom: a real haproxy is started beside a socket, and `ss` and netstat asked what was there.

In a network namespace of its own, as root.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from typing import Any

import pytest

from halint.models import held_ports
from halint.node import Node
from halint.source import Source
from halint.targets import Targets

pytestmark = pytest.mark.daemons

#: The address of the socket, whether it takes IPv6 alone, and the bind of haproxy.
PAIRS: list[tuple[str, bool, str]] = [
    ("0.0.0.0", False, ":8080"),
    ("0.0.0.0", False, "127.0.0.2:8080"),
    ("127.0.0.1", False, ":8080"),
    ("127.0.0.1", False, "127.0.0.1:8080"),
    ("127.0.0.1", False, "127.0.0.2:8080"),
    ("127.0.0.1", False, "127.0.0.1:8081-8090"),
    ("127.0.0.1", False, "127.0.0.1:8070-8090"),
    ("127.0.0.1", False, ":::8080"),
    ("0.0.0.0", False, ":::8080"),
    ("0.0.0.0", False, ":::8080 v6only"),
    ("::", False, ":8080"),
    ("::", False, "127.0.0.1:8080"),
    ("::", False, "::1:8080"),
    ("::", True, ":8080"),
    ("::", True, ":::8080"),
    ("::1", True, ":::8080 v6only"),
    ("::1", True, ":8080"),
]

#: For each pair: what ss and netstat said of the socket, and what haproxy said.
SCRIPT = r"""
import json, os, socket, subprocess, sys, time
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for host, v6only, bind in json.loads(sys.argv[1]):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    held = socket.socket(family)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(v6only))
    held.bind((host, 8080))
    held.listen()
    said = {name: subprocess.run(words.split(), capture_output=True, text=True).stdout
            for name, words in (("ss", "ss -lntup"), ("netstat", "netstat -W -neopa"))}
    with open(sys.argv[2], "w") as file:
        file.write("defaults\n mode tcp\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n")
        file.write(f"frontend a\n bind {bind}\n")
    haproxy = subprocess.Popen(["haproxy", "-db", "-f", sys.argv[2]], stderr=subprocess.PIPE, text=True)
    for _ in range(100):
        listening = subprocess.run(["ss", "-lntp"], capture_output=True, text=True).stdout
        if haproxy.poll() is not None or '"haproxy"' in listening:
            break
        time.sleep(0.05)
    haproxy.kill()
    said["haproxy"] = haproxy.communicate()[1]
    said["started"] = '"haproxy"' in listening
    held.close()
    print(json.dumps(said))
"""


@functools.cache
def measured(folder: str) -> list[dict[str, Any]]:
    run = subprocess.run(
        ["unshare", "-n", sys.executable, "-c", SCRIPT, json.dumps(PAIRS), f"{folder}/haproxy.cfg"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("held"))


@pytest.mark.parametrize("number", range(len(PAIRS)), ids=[f"{host} {bind}" for host, _, bind in PAIRS])
def test_haproxy_starts_where_halint_is_silent(number: int, folder: str) -> None:
    host, _, bind = PAIRS[number]
    said = measured(folder)[number]
    assert said["started"] or "Address already in use" in said["haproxy"], said["haproxy"]
    text = f"frontend a\n    mode tcp\n    bind {bind}\n    timeout client 1s\n"
    for name, file in (("ss", "ss_-lntup"), ("netstat", "netstat_-W_-neopa")):
        node = Node(
            "lb1",
            None,
            {
                "/etc/haproxy/haproxy.cfg": Source("haproxy.cfg", text, format="haproxy"),
                "/sos_commands/networking/" + file: Source(file, said[name], format="text"),
            },
            Targets(),
        )
        held = held_ports.read(node)
        if (name, host) == ("netstat", "::"):
            assert not held, "netstat does not say whether it takes IPv4 as well"
            continue
        assert [one.program.startswith("python") for one in held] == [True]
        assert node.haproxy is not None
        (own,) = node.haproxy.certain_binds
        assert (held_ports.Ports(held).against(own) is None) is said["started"]
