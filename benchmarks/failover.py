"""Measure the fail-over analysis.  Usage: python benchmarks/failover.py [--runs N]

The analysis alone, with the facts, without start-up and parsing, in turns with `python -c pass`; the minimum of --runs
counts. Then how its time grows with events, instances and nodes. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import time

from running import ENVIRONMENT, ROOT, interleaved

#: Nodes, instances, checks a node, and whether every two events are analysed, too; the ratio to `python -c pass`.
BUDGETS = (((2, 2, 3, False), 2), ((2, 2, 3, True), 0), ((16, 8, 6, False), 0), ((16, 8, 6, True), 200))
#: What doubles, from and to.
GROWTH = (
    ("checks, single events", (4, 4, 8, False), (4, 4, 16, False)),
    ("instances, single events", (4, 16, 4, False), (4, 32, 4, False)),
    ("nodes, single events", (8, 4, 4, False), (16, 4, 4, False)),
    ("instances, every two events", (4, 8, 4, True), (4, 16, 4, True)),
    ("nodes, every two events", (4, 4, 4, True), (8, 4, 4, True)),
)
Size = tuple[int, int, int, bool]


def keepalived(number: int, nodes: int, instances: int, checks: int) -> str:
    """The keepalived.conf of one node: each instance has its master on another node and numbers of its own."""
    text = ""
    for check in range(checks):
        command = "/usr/bin/pgrep -x haproxy" if check == 0 else f"/usr/local/bin/check{check}.sh"
        weight = ("", f"  weight -{20 + check}\n", f"  weight {5 + check}\n")[check % 3]
        text += f'vrrp_script chk{check} {{\n  script "{command}"\n{weight}}}\n'
    for instance in range(instances):
        priority = 200 - (number * (instance + 3) + instance * 7) % (nodes * 2 + 1) * 3 - number % 3
        text += (
            f"vrrp_instance VI_{instance} {{\n  interface eth0\n  virtual_router_id {instance + 1}\n"
            f"  priority {max(priority, 2)}\n  virtual_ipaddress {{\n    192.0.2.{instance + 1}\n  }}\n"
            "  track_script {\n" + "".join(f"    chk{check}\n" for check in range(checks)) + "  }\n}\n"
        )
    return text


def analysis(size: Size) -> float:
    """The milliseconds that one analysis takes in this process."""
    from halint.cluster import Cluster
    from halint.failover import analyse
    from halint.node import Node
    from halint.source import Source
    from halint.targets import Targets

    count, instances, checks, pairs = size
    haproxy = "frontend f\n  bind *:80\n  default_backend b\nbackend b\n  server s 192.0.2.99:80\n"
    nodes = []
    for number in range(1, count + 1):
        texts = {
            "/etc/keepalived/keepalived.conf": (keepalived(number, count, instances, checks), "keepalived"),
            "/etc/haproxy/haproxy.cfg": (haproxy, "haproxy"),
        }
        files = {path: Source(path, text, format=form) for path, (text, form) in texts.items()}
        node = Node(f"lb{number}", None, files, Targets())
        assert node.keepalived is not None and node.haproxy is not None
        nodes.append(node)
    cluster = Cluster("measured", nodes)
    assert len(cluster.virtual_routers) == instances
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    analyse(cluster, pairs)
    return (time.perf_counter() - start) * 1000


def measured(size: Size) -> float:
    """The same in a process of its own that has done it before, as a server or a second cluster would."""
    words = [str(int(number)) for number in size]
    run = subprocess.run(
        [sys.executable, __file__, "--one", *words], capture_output=True, text=True, env=ENVIRONMENT, check=True
    )
    return float(run.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--one", nargs=4, type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if given.one:
        size = (given.one[0], given.one[1], given.one[2], bool(given.one[3]))
        analysis((2, 1, 1, False))
        print(analysis(size))
        return
    print("| nodes, instances, checks a node | events | `python -c pass` | analysis | ratio | must |")
    print("|---|---|---|---|---|---|")
    passes: list[float] = []
    best: dict[Size, float] = {}
    for _ in range(given.runs):
        (one,) = interleaved([[sys.executable, "-c", "pass"]], 1)
        passes.append(one.fastest)
        for size, _ in BUDGETS:
            best[size] = min(measured(size), best.get(size, float("inf")))
    theirs = min(passes)
    for size, must in BUDGETS:
        events = "single and every two" if size[3] else "single"
        print(
            f"| {', '.join(map(str, size[:3]))} | {events} | {theirs:.0f} ms | {best[size]:.1f} ms "
            f"| {best[size] / theirs:.2f} | {must or ''} |"
        )
    print("\n| twice as many | from | to | time(2n) / time(n) |\n|---|---|---|---|")
    for what, low, high in GROWTH:
        less = min(measured(low) for _ in range(given.runs))
        more = min(measured(high) for _ in range(given.runs))
        print(f"| {what} | {less:.1f} ms | {more:.1f} ms | {more / less:.2f} |")


if __name__ == "__main__":
    main()
