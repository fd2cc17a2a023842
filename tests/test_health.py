"""What serves the virtual addresses of a node."""

from __future__ import annotations

import pytest

from halint.cluster import health
from halint.node import Node
from halint.source import Source
from halint.targets import Targets

KEEPALIVED = "/etc/keepalived/keepalived.conf"
HAPROXY = "/etc/haproxy/haproxy.cfg"
INSTANCE = """vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.10/24
    }
}
"""
STATS = "listen stats\n    bind *:8404\n    stats enable\n"


@pytest.mark.parametrize(
    ("haproxy", "bind"),
    [
        (STATS + "frontend web\n    bind *:80\n    default_backend app\nbackend app\n", "*:80"),
        (STATS + "listen web\n    bind *:80\n    server a1 198.51.100.11:80\n", "*:80"),
        (STATS, "*:8404"),
        (
            "frontend web\n    bind *:80\n    default_backend app\n" + STATS.replace("*", "192.0.2.10"),
            "192.0.2.10:8404",
        ),
        (STATS.replace("*", "192.0.2.11"), None),
    ],
    ids=["a frontend", "a listen", "statistics alone", "on the address itself", "another address"],
)
def test_what_serves_the_address(haproxy: str, bind: str | None) -> None:
    files = {
        KEEPALIVED: Source(KEEPALIVED, INSTANCE, format="keepalived"),
        HAPROXY: Source(HAPROXY, haproxy, format="haproxy"),
    }
    node = Node("lb1", None, files, Targets())
    assert node.keepalived is not None
    found = health.serving(node, node.keepalived.instances[0])
    assert (found.word.text if found else None) == bind
