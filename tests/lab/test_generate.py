"""What `halint generate` writes, on real daemons: each address has one holder that serves, and moves with haproxy."""

from __future__ import annotations

from pathlib import Path

import pytest
from cluster import LiveCluster

from halint import generator

EXAMPLE = Path(__file__).parents[2] / "docs/examples/cluster.toml"
PORTS = {"192.0.2.10": (25, 80), "2001:db8:2::10": (80,)}


@pytest.mark.lab
@pytest.mark.parametrize(("target", "transport"), [("debian12", "unicast"), ("el9", "multicast")])
def test_pair_fails_over(target: str, transport: str, tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace('target = "debian12"', f'target = "{target}"')
    (tmp_path / "cluster.toml").write_text(f'transport = "{transport}"\n{text}')
    generator.generate(str(tmp_path / "cluster.toml"), str(tmp_path / "out"))
    with LiveCluster(tmp_path / "out") as live:
        # Neither is preferred: who comes first keeps the addresses.
        live.start(first="lb1")
        for holder in ("lb1", "lb2"):
            assert live.settle() == dict.fromkeys(PORTS, (holder,)), live.told()
            assert all(live.answers(vip, port) for vip, ports in PORTS.items() for port in ports)
            if holder == "lb1":
                live.happen("service-down:lb1")
