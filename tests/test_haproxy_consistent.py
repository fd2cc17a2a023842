"""Which haproxy a file was written for, by its keywords."""

from __future__ import annotations

import pytest

from halint.models.haproxy.language.consistent import newest
from halint.readers import haproxy
from halint.source import Source
from halint.versions import Version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("", (3, 4)),
        ("frontend f\n    bind *:80\n", (3, 4)),
        ("frontend f\n    frobnicate\n", (3, 4)),
        ("global\n    master-worker\nprogram p\n    command a\n", (3, 2)),
        ("listen l\n    dispatch 127.0.0.1:80\n", (3, 4)),
        ("defaults\n    option http-tunnel\n", (2, 4)),
        ("defaults\n    bind-process 1\n", (2, 6)),
        # Two keywords of which no version knows both: the newest of those that lack one only.
        ("listen l\n    option http-tunnel\n    log-steps all\n", (3, 4)),
        # Old enough to be gone from all.
        ("listen l\n    clitimeout 1s\n    bind-process 1\n", (2, 6)),
        ("namespace_list\n    namespace a\nfrontend\n", (3, 4)),
    ],
)
def test_newest(text: str, version: Version) -> None:
    assert newest([haproxy.read(Source("haproxy.cfg", text, format="haproxy"))]) == version
