"""How the time of `halint check` grows: time(2n) / time(n).  Usage: python benchmarks/growth.py [NAME...]

Budget: at most 2.2, aim 2.05, in lines, nodes and clusters, and on hostile lines. Each measurement is one check with
all rules and all outputs in a process of its own, without the start of the interpreter; the minimum of --runs counts.
NAME: only the cases that have it in theirs. --size: lines for n; nodes and clusters are a hundredth of it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from running import ENVIRONMENT, ROOT, lay_out

Files = dict[str, str]

OUTPUTS = [f"--output={kind}{'' if kind == 'full' else '=/dev/null'}" for kind in ("full", "json", "sarif", "github")]

#: Per format: the pair of corpus/ that it is part of, and its path on the node.
FORMATS = {
    "keepalived": ("healthy-debian12", "etc/keepalived/keepalived.conf"),
    "haproxy": ("healthy-debian12", "etc/haproxy/haproxy.cfg"),
    "nftables": ("healthy-debian12", "etc/nftables.conf"),
    "iptables": ("healthy-debian12", "etc/iptables/rules.v4"),
    "xml": ("healthy-el9", "etc/firewalld/zones/public.xml"),
    "firewalld.conf": ("healthy-el9", "etc/firewalld/firewalld.conf"),
    "sysctl": ("healthy-debian12", "etc/sysctl.d/99-local.conf"),
    "rsyslog": ("healthy-debian12", "etc/rsyslog.d/10-local.conf"),
    "logrotate": ("healthy-debian12", "etc/logrotate.d/local"),
    "options": ("healthy-debian12", "etc/default/keepalived"),
    "ini": ("healthy-el9", "etc/NetworkManager/system-connections/other.nmconnection"),
}

#: Per format: a file of n lines, or a few more, as a user would write them.
LINES: dict[str, Callable[[int], str]] = {
    "keepalived": lambda n: "".join(
        f"vrrp_script s{i} {{\n  script \"/usr/bin/check {i}\"\n  weight -{i % 100 + 1}\n}}\nvrrp_instance v{i} {{\n"
        f"  interface eth{i // 250}\n  virtual_router_id {i % 250 + 1}\n  priority 100\n  virtual_ipaddress {{\n"
        f"    10.{i // 65536}.{i // 256 % 256}.{i % 256}/24\n  }}\n  track_script {{\n    s{i}\n  }}\n}}\n"
        for i in range(n // 15)
    ),
    "haproxy": lambda n: "defaults\n  timeout connect 5s\n  timeout client 1m\n  timeout server 1m\n" + "".join(
        f"frontend f{i}\n  bind 10.0.{i // 256 % 256}.{i % 256}:{i % 60000 + 1024}\n  mode http\n"
        f"  acl a path_beg /{i}\n  use_backend b{i} if a\n  default_backend b{i}\nbackend b{i}\n  mode http\n"
        f"  server s1 192.168.0.{i % 256}:80 check\n  server s2 192.168.1.{i % 256}:80 check\n"
        for i in range(n // 10)
    ),
    "nftables": lambda n: "table inet filter {\n  chain input {\n    type filter hook input priority 0; policy drop;\n"
    + "".join(f"    ip saddr 10.0.{i // 256 % 256}.{i % 256} tcp dport {i % 60000 + 1} accept\n" for i in range(n))
    + "  }\n}\n",
    "iptables": lambda n: "*filter\n:INPUT DROP [0:0]\n"
    + "".join(f"-A INPUT -s 10.0.{i // 256 % 256}.{i % 256}/32 -p tcp -m tcp --dport {i % 60000 + 1} -j ACCEPT\n"
              for i in range(n))
    + "COMMIT\n",
    "xml": lambda n: "<zone>\n" + "".join(
        f'<rule family="ipv4">\n<source address="10.0.{i // 256 % 256}.{i % 256}"/>\n<protocol value="ah"/>\n'
        f"<accept/>\n</rule>\n" for i in range(n // 5)) + "</zone>\n",
    "firewalld.conf": lambda n: "".join(f"Key{i}=value\n" for i in range(n)),
    "sysctl": lambda n: "".join(f"net.ipv4.conf.eth{i}.rp_filter = 1\n" for i in range(n)),
    "rsyslog": lambda n: "".join(
        f":programname, isequal, \"program{i}\" /var/log/program{i}.log\n& stop\nlocal{i % 8}.info /var/log/{i}.log\n"
        for i in range(n // 3)),
    "logrotate": lambda n: "".join(
        f"/var/log/{i}.log {{\n  weekly\n  postrotate\n    systemctl kill -s HUP rsyslog.service\n  endscript\n}}\n"
        for i in range(n // 6)),
    "options": lambda n: "".join(f"KEY{i}=\"value {i}\"\n" for i in range(n)),
    "ini": lambda n: "".join(f"[section{i}]\nkey=value\n" for i in range(n // 2)),
}  # fmt: skip

#: What is allowed and repeats where it seldom does.
REPEATED: dict[str, tuple[str, Callable[[int], str]]] = {
    "addresses of an instance": (
        "keepalived",
        lambda n: "vrrp_instance a {\n interface eth0\n virtual_router_id 7\n virtual_ipaddress {\n"
        + "".join(f"  10.1.{i // 256 % 256}.{i % 256} label eth0:{i}\n" for i in range(n))
        + " }\n}\n",
    ),
    "instances of one name": (
        "keepalived",
        lambda n: "vrrp_instance a {\n virtual_router_id 7\n virtual_ipaddress {\n  10.1.0.1\n }\n}\n" * (n // 6),
    ),
    "instances with a secret": (
        "keepalived",
        lambda n: "".join(
            f"vrrp_instance a{i} {{\n interface eth0\n virtual_router_id {i % 255 + 1}\n authentication {{\n"
            f"  auth_type PASS\n  auth_pass s{i}x\n }}\n virtual_ipaddress {{\n  10.1.{i // 256 % 256}.{i % 256}\n }}\n}}\n"
            for i in range(n // 10)
        ),
    ),
    "definitions in use": (
        "keepalived",
        lambda n: "".join(f"$D{i}=10.1.{i // 256 % 256}.{i % 256}\n" for i in range(n // 2))
        + "static_ipaddress {\n"
        + "".join(f" ${{D{i}}} dev eth0\n" for i in range(n // 2))
        + "}\n",
    ),
    "tracked scripts that are not defined": (
        "keepalived",
        lambda n: "".join(f'vrrp_script s{i} {{\n script "/bin/true"\n}}\n' for i in range(n // 4))
        + "vrrp_instance a {\n interface eth0\n virtual_router_id 7\n track_script {\n"
        + "".join(f"  t{i}\n" for i in range(n // 4))
        + " }\n}\n",
    ),
    "open secrets": ("keepalived", lambda n: "auth_pass " + "${" * n),
    "binds of one port": ("haproxy", lambda n: "frontend a\n mode http\n" + " bind :80\n" * n),
    "sections of one name": ("haproxy", lambda n: "frontend a\n bind :80\n" * (n // 2)),
    "defaults from each other": (
        "haproxy", lambda n: "defaults d0\n" + "".join(f"defaults d{i + 1} from d{i}\n" for i in range(n))
    ),
    "servers without a check": (
        "haproxy",
        lambda n: "backend a\n mode http\n" + "".join(f" server s{i} 10.1.0.1:{i % 60000}\n" for i in range(n)),
    ),
    "backends that are missing": (
        "haproxy", lambda n: "frontend a\n mode http\n" + "".join(f" use_backend b{i} if TRUE\n" for i in range(n))
    ),
    "elements of a set": (
        "nftables",
        lambda n: "table inet a {\n chain b {\n type filter hook input priority 0; policy drop;\n ip saddr { "
        + ", ".join(f"10.1.{i // 256 % 256}.{i % 256}" for i in range(n))
        + " } accept\n }\n}\n",
    ),
    "chains": (
        "nftables",
        lambda n: "table inet a {\n chain b { type filter hook input priority 0; policy drop; jump c0; }\n"
        + "".join(f" chain c{i} {{ jump c{i + 1}; }}\n" for i in range(n))
        + "}\n",
    ),
    "chains of iptables": (
        "iptables",
        lambda n: "*filter\n:INPUT DROP [0:0]\n"
        + "".join(f":c{i} - [0:0]\n" for i in range(n // 2))
        + "-A INPUT -j c0\n"
        + "".join(f"-A c{i} -j c{i + 1}\n" for i in range(n // 2 - 1))
        + "COMMIT\n",
    ),
    "ports of a zone": ("xml", lambda n: "<zone>\n" + '<port port="80" protocol="tcp"/>\n' * n + "</zone>\n"),
    "one key": ("sysctl", lambda n: "net.ipv4.ip_nonlocal_bind = 1\n" * n),
    "lines of a string": ("rsyslog", lambda n: 'template(name="a" type="string" string="' + "a\n" * n + '")\n'),
    "else if": ("rsyslog", lambda n: "if $a == 1 then stop\n" + "else if $a == 2 then stop\n" * n),
    "conditions without braces": ("rsyslog", lambda n: "if $a == 1 then\n" * n + "stop\n" + "& stop\n" * 10),
    "lines of a selector": ("rsyslog", lambda n: "*.info" + ";\\\nmail.none" * n + " /var/log/a\n"),
    "rule sets": ("rsyslog", lambda n: "".join(f'ruleset(name="r{i}") {{\n call r{i + 1}\n}}\n' for i in range(n // 3))),
    "entries of one file": ("logrotate", lambda n: "/var/log/a.log {\n}\n" * (n // 2)),
    "files of one entry": ("logrotate", lambda n: "/var/log/a.log " * n + "{\n}\n"),
    "unclosed entries": ("logrotate", lambda n: "/var/log/a.log {\n" * n),
}  # fmt: skip

#: What opens and is never closed, and what repeats where nobody repeats it: the text, and how often n puts it there.
HOSTILE: dict[str, Callable[[int], str]] = {
    'lines with "': lambda n: 'a "b\n' * n,
    "lines with '": lambda n: "a 'b\n" * n,
    'one line of "': lambda n: '"a ' * n,
    "lines with {": lambda n: "a {\n" * n,
    "lines with }": lambda n: "}\n" * n,
    "one line of {": lambda n: "a{" * n,
    "{ and as many }": lambda n: "a {\n" * n + "}\n" * n,
    "lines with ${": lambda n: "a ${b\n" * n,
    "one line of ${": lambda n: "${" * n,
    "one line of (": lambda n: "if " + "(" * n,
    "( and as many )": lambda n: "if " + "(" * n + "1" + ")" * n + " then stop\n",
    "a long word": lambda n: "a" * (20 * n),
    "many words": lambda n: "ab " * n,
    "many letters": lambda n: "key " + "a," * n,
    "one line of \\": lambda n: "a " + "\\" * n,
    "lines with \\": lambda n: "a \\\n" * n,
    "one line of <": lambda n: "<a " * n,
    "one line of <a>": lambda n: "<a>" * n,
    "lines with <!--": lambda n: "<!-- a\n" * n,
    "lines with &": lambda n: "& stop\n" * n,
    "lines with .if": lambda n: ".if 1\n" * n,
    "lines with =": lambda n: "a=b\n" * n,
    "lines with [": lambda n: "[a]\n" * n,
    "lines with $A=": lambda n: "$A=a\n" * n,
    "lines with @": lambda n: "@^a b\n" * n,
    "empty lines": lambda n: "\n" * n,
    "blanks": lambda n: " \t" * n,
    "comments": lambda n: "# a\n" * n,
    "suppressions": lambda n: "# halint: ignore[KA201] why\n" * n,
    "lines with \\r": lambda n: "a b\r" * n,
    "bytes": lambda n: "\udcff\x85\xa0\n" * n,
}


def corpus(name: str) -> Files:
    folder = ROOT / "corpus" / name
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.glob("lb*/**/*")) if p.is_file()}


def with_file(form: str, text: str) -> Files:
    """A healthy pair whose first node has `text` for its file of a format."""
    name, path = FORMATS[form]
    files = corpus(name)
    if form == "iptables":
        del files["lb1/etc/nftables.conf"]
    return files | {f"lb1/{path}": text}


def pairs(count: int) -> Files:
    """Clusters of two nodes, each in a folder of its own."""
    found = {}
    for path, text in corpus("healthy-debian12").items():
        for i in range(count):
            found[f"c{i}/{path}"] = text.replace("192.0.2.", f"10.{i // 256}.{i % 256}.")
    return found


def nodes(count: int) -> Files:
    """One cluster of many nodes, by multicast: the lists of unicast peers alone would grow with the square."""
    found = {}
    for path, text in corpus("healthy-debian12").items():
        if path.startswith("lb1/"):
            text = text.replace("    unicast_src_ip 192.0.2.11\n    unicast_peer {\n        192.0.2.12\n    }\n", "")
            text = text.replace("ip saddr 192.0.2.12 ", "").replace("ip saddr { 192.0.2.12 } ", "")
            for i in range(count):
                new = text.replace("192.0.2.11", f"10.0.{i // 256}.{i % 256}").replace(" 200", f" {i % 250 + 1}")
                found[f"n{i}/{path[4:]}"] = new.replace("lb1", f"n{i}")
    return found


def strangers(count: int) -> Files:
    """Many nodes in one folder that share no address."""
    found = {}
    for path, text in corpus("healthy-debian12").items():
        if path.startswith("lb1/"):
            for i in range(count):
                found[f"n{i}/{path[4:]}"] = text.replace("192.0.2.", f"10.{i // 256}.{i % 256}.").replace(
                    "lb1", f"n{i}"
                )
    return found


def _one_file(form: str, text: Callable[[int], str]) -> Callable[[int], Files]:
    return lambda n: with_file(form, text(n))


def cases(size: int) -> Iterator[tuple[str, Callable[[int], Files], int]]:
    """Name, what makes the input for n, and n."""
    for form, text in LINES.items():
        yield f"lines of {form}", _one_file(form, text), size
    yield "clusters", pairs, size // 100
    yield "nodes of one cluster", nodes, size // 200
    yield "nodes that share nothing", strangers, size // 200
    for what, (form, text) in REPEATED.items():
        yield f"{form}: {what}", _one_file(form, text), size
    for what, text in HOSTILE.items():
        for form in FORMATS:
            yield f"{form}: {what}", _one_file(form, text), size


#: Prints the processor time of one check, without the start of the interpreter.
_CHECK = f"""
import os, sys, time
from halint.cli import cli
start = time.process_time()
status = cli(["check", ".", *{OUTPUTS!r}], standalone_mode=False)
os.write(2, repr(time.process_time() - start).encode())
os._exit(0 if status in (0, 1) else 1)
"""


def seconds(folder: str, limit: int, python: str | Path) -> float | None:
    """The processor time of one check, or None where it takes more than `limit`."""
    try:
        done = subprocess.run([python, "-c", _CHECK], cwd=folder, env=ENVIRONMENT, timeout=limit, check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(f"halint check failed on {folder}: {done.stderr.decode()}")
    return float(done.stderr)


def measured(
    make: Callable[[int], Files], n: int, runs: int, limit: int, python: str | Path = sys.executable
) -> list[float | None]:
    """Seconds for n and for 2n; the sizes take turns, so that whatever else the machine does falls on both."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        lay_out(make(n), one)
        lay_out(make(2 * n), two)
        best: list[float | None] = [None, None]
        for _ in range(runs):
            for at, folder in enumerate((one, two)):
                took = seconds(folder, limit, python)
                if took is None:
                    best[at] = None
                    return best
                best[at] = min(took, best[at] or took)
        return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--size", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=int, default=60, help="seconds after which a check is given up")
    options = parser.parse_args()
    print(f"{'':44} {'n':>7} {'ms':>8} {'ms at 2n':>9} {'ratio':>6}")
    for name, make, n in cases(options.size):
        if options.names and not any(part in name for part in options.names):
            continue
        one, two = measured(make, n, options.runs, options.limit)
        shown = [f"> {options.limit} s" if t is None else f"{t * 1000:.0f}" for t in (one, two)]
        ratio = f"{two / one:6.2f}{' *' if two / one > 2.2 else ''}" if one and two else "     -  *"
        print(f"{name:44} {n:7} {shown[0]:>8} {shown[1]:>9} {ratio}")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
