"""What stands twice in haproxy.cfg, and of which of the two haproxy says that it has no effect."""

from __future__ import annotations

import pytest

from halint.models import haproxy as model
from halint.readers import haproxy as reader
from halint.source import Source


def repeated(text: str) -> list[int]:
    """The lines of `text` that are reported."""
    source = Source("/etc/haproxy/haproxy.cfg", text, format="haproxy")
    haproxy = model.Haproxy([source], [], True, (2, 8, 25))
    haproxy.trees.append(reader.read(source))
    model._take(haproxy, haproxy.trees[-1])
    return [source.position(complaint.word.start)[0] for complaint in haproxy.complaints("repeated-setting")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("global\n maxconn 1\n maxconn 2\nglobal\n maxconn 3\n", [3, 5]),
        ("global\n maxconn 0\n maxconn 2\n", []),
        ("global\n user a\n uid 5\n group b\n gid 5\n", [3, 5]),
        ("global\n user root\n user a\n", []),
        ("global\n ca-base /a\n ca-base /a\n", [3]),
        ("listen a\n timeout client 5s\n timeout client 6s\n timeout client 7s\n timeout server 5s\n", [3, 4]),
        ("defaults\n timeout client 5s\n timeout client 6s\n", []),
        ("defaults\n timeout client 5s\nlisten a\n timeout client 5000\n timeout client 6s\n", []),
        ("defaults\n timeout client 5s\nlisten a\n timeout client 6s\n timeout client 5s\n", [5]),
        ("defaults\n option httplog\n log-format x\n option dontlognull\n option tcplog\n", [3, 5]),
        ("listen a\n option httplog\n option tcplog\n log-format x\n", []),
        ("defaults\n error-log-format x\n error-log-format x\n", [3]),
        ("listen a\n tcp-request inspect-delay 1s\n tcp-request content accept\n tcp-request inspect-delay 1s\n", [4]),
        ("backend a\n stick-table type ip size 1k\n stick-table type ip size 1k\n", [3]),
        ("global\n.if defined(A)\n maxconn 1\n.else\n maxconn 2\n.endif\n", []),
        ("listen a\n timeout\n timeout client\n timeout client\n", []),
    ],
)
def test_the_second_is_reported_where_haproxy_says_something(text: str, expected: list[int]) -> None:
    assert repeated(text) == expected
