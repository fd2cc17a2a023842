"""A cluster folder as running machines: what its files say is set up, things happen to it, and who holds the
addresses is seen."""

from __future__ import annotations

import os
import time
from ipaddress import ip_address, ip_interface
from pathlib import Path
from types import TracebackType

from checks import Checks
from lab import Lab, Machine
from steady import STATES, Daemons, Watched, settle
from wiring import Wiring

from halint import cluster as grouping
from halint.discovery import nodes as discovery
from halint.models.firewall import iptables
from halint.models.keepalived.tracking import Tracker
from halint.node import Node
from halint.settings import Settings

#: The oldest haproxy whose configurations the one of this host takes: what 1.x warned of is gone since 2.1.
_OLDEST = (2,)
_HAPROXY = "/etc/haproxy/haproxy.cfg"
_ANSWERING = """defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 2s
frontend www
    bind :::80 v4v6
    http-request return status 200
"""
_FIREWALLD = "/etc/firewalld/firewalld.conf"
_NFTABLES = ("/etc/nftables.conf", "/etc/sysconfig/nftables.conf")
#: Before everything else that filters; AH is 51.
_BLOCK = "table inet lab {{\n{chains}}}\n"
_CHAIN = "chain {way} {{ type filter hook {way}put priority -400; meta l4proto {{ 112, 51 }} drop; }}\n"
_PIDS = {"-p": "/run/ka.pid", "-r": "/run/ka_vrrp.pid", "-c": "/run/ka_ck.pid"}

#: What keepalived says of things that are of no interest here.
_NOISE = ("Printing VRRP", "gratuitous ARP", "Neighbour Advert", "Command line", "'-c'", "/run/ka", "NOTICE", "Opening")
#: The number of the client's address in its network.
_CLIENT = 230

#: The nodes that hold each virtual address.
Holders = dict[str, tuple[str, ...]]


class LiveCluster:
    """The nodes below a folder, running. Close it: `with LiveCluster(folder) as live`.

    missing: paths of check scripts that are missing on the nodes too; others that the folder lacks get a stub.
    watch: addresses to look at besides those of the instances.
    """

    def __init__(self, folder: Path, missing: list[str] | None = None, watch: list[str] | None = None) -> None:
        found = discovery.find([str(folder)], Settings())
        clusters = grouping.group(found.nodes, Settings())
        self.nodes = {node.name: node for cluster in clusters for node in cluster.nodes if node.files}
        wiring = Wiring(clusters)
        self._addresses, self._segments = wiring.addresses, wiring.segments
        self.vips = sorted(
            {
                line.address
                for node in self.nodes.values()
                for one in node.instances
                for line in (*one.addresses, *one.excluded)
                if line.address and _as_kernel(line.address)
            }.union(watch or [])
        )
        self._down: set[str] = set()
        self.daemons: Daemons = {}
        self._since: dict[tuple[str, str], int] = {}
        self._lab = Lab(list(self.nodes))
        try:
            for name, node in self.nodes.items():
                _lay_in(self._lab[name], node)
            for machine in self._lab.machines.values():
                everywhere = "\n".join(f"net.ipv6.conf.{which}.accept_dad=0" for which in ("all", "default"))
                machine.must("sysctl", "-q", "-p", "-", text=everywhere)
            self._lab.plug([(*place, segment) for place, segment in self._segments.items()])
            self._checks = {
                name: Checks(self._lab[name], node.keepalived, missing or [])
                for name, node in self.nodes.items()
                if node.keepalived is not None
            }
            self._watched = {name: Watched(self._lab[name]) for name in self._checks}
            for name in self.nodes:
                self._configure(name)
        except BaseException:
            self._lab.close()
            raise

    def __enter__(self) -> LiveCluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lab.close()

    def machine(self, name: str) -> Machine:
        return self._lab[name]

    # What happens

    def start(self, first: str | None = None) -> None:
        """Start what serves on all nodes: `first` is steady before the others start."""
        self._expect_checks()
        for name in self.nodes:
            self._serve(name)
        if first is not None:
            self._start_keepalived(first)
            self.settle()
        for name in self._checks:
            if name != first:
                self._start_keepalived(name)
        self._expect_checks()

    def happen(self, event: str) -> None:
        """Make an event real: `service-down:lb1`, `check-failed:lb1:chk`, `vrrp-blocked:lb1:in`..."""
        kind, name, detail = (*event.split(":", 2), "")[:3]
        if kind == "node-down":
            self._power_off(name)
        elif kind == "node-up":
            self._power_on(name)
        elif kind == "service-down":
            self._lab[name].kill("haproxy")
        elif kind == "link-down":
            self._cables(name, detail, plugged=False)
        elif kind == "vrrp-blocked":
            chains = "".join(_CHAIN.format(way=way) for way in ([detail] if detail else ["in", "out"]))
            self._lab[name].must("nft", "-f", "-", text=_BLOCK.format(chains=chains))
        elif kind == "check-failed":
            self._fail(name, detail)
        else:
            raise ValueError(f"no event is called {kind}")
        self._expect_checks()

    def _power_off(self, name: str) -> None:
        self._lab[name].kill_all()
        self._cables(name, "", plugged=False)
        self._down.add(name)

    def _power_on(self, name: str) -> None:
        machine = self._lab[name]
        for interface in self._interfaces(name):
            machine.ip(f"link set {interface} down")
            machine.run("ip", "addr", "flush", "dev", interface)
        self._cables(name, "", plugged=True)
        self._down.discard(name)
        self._configure(name)
        self._serve(name)
        if name in self._checks:
            self._start_keepalived(name)

    def _cables(self, name: str, interface: str, *, plugged: bool) -> None:
        for each in [interface] if interface else self._interfaces(name):
            self._lab.cable(name, each, plugged)

    def _fail(self, name: str, check: str) -> None:
        """A script exits with 1, a file holds 1, an interface loses its cable."""
        kind, tracker = self._check(name, check)
        if kind == "script":
            self._checks[name].fail(check)
        elif kind == "interface":
            self._cables(name, check, plugged=False)
        elif kind == "file" and tracker is not None:
            word = next(tracker.statement.statements("file")).argument()
            assert word is not None, f"{check} names no file"
            with open(self._lab[name].path(word.text), "w") as file:
                file.write("1\n")
        else:
            raise ValueError(f"{check} on {name} cannot be made to fail")

    def _check(self, name: str, check: str) -> tuple[str, Tracker | None]:
        for instance in self.nodes[name].instances:
            for tracked in instance.tracked:
                if tracked.name == check:
                    return tracked.kind, tracked.tracker
        raise ValueError(f"{name} tracks no {check}")

    # What is seen

    def settle(self) -> Holders:
        """Who holds the addresses once the cluster is steady; a node that is down holds none."""
        self.daemons = settle(self._watched, self.holders, self._are_checked)
        return self.holders()

    def holders(self) -> Holders:
        addresses = {name: self._lab[name].addresses() for name in self.nodes if name not in self._down}
        return {vip: tuple(name for name, known in addresses.items() if _as_kernel(vip) in known) for vip in self.vips}

    def without_vrrp(self) -> list[str]:
        """The nodes that run no instance of their keepalived.conf."""
        running = {name for name, _ in self.daemons}
        return [name for name in self._checks if name not in running and name not in self._down]

    def answers(self, vip: str, port: int) -> bool:
        """Whether a client in the network of an address gets through to it."""
        for place, known in self._addresses.items():
            network = next(
                (ip_interface(one).network for one in known if ip_address(vip) in ip_interface(one).network), None
            )
            if network is not None:
                client = f"{network[_CLIENT]}/{network.prefixlen}"
                bridge = f"br{self._segments[place]}"
                self._lab.switch.run("ip", "addr", "add", client, "dev", bridge, *(["nodad"] if ":" in client else []))
                probe = f"exec 3<>/dev/tcp/{vip}/{port}"
                return not self._lab.switch.run("timeout", "5", "bash", "-c", probe).returncode
        return False

    def told(self) -> str:
        """What the daemons said, for a person to judge: their states when last steady and their logs."""
        lines = [f"{name} {key}: {STATES.get(each.state, each.state)} priority {each.priority} heard {each.heard}"
                 f" ticks {each.ticks}" for (name, key), each in self.daemons.items()]  # fmt: skip
        for name in self._checks:
            log = self._lab[name].log("keepalived").splitlines()
            lines += [f"{name}: {line}" for line in log if not any(word in line for word in _NOISE)]
        return "\n".join(lines)

    # How it is set up

    def _interfaces(self, name: str) -> list[str]:
        return [interface for node, interface in self._addresses if node == name]

    def _configure(self, name: str) -> None:
        """What the system does while it boots: interfaces, sysctls, firewall."""
        machine = self._lab[name]
        lines = ["link set lo up"]
        for number, interface in enumerate(self._interfaces(name)):
            known = self._addresses[name, interface]
            lines += [f"link set {interface} addrgenmode none", f"link set {interface} up"]
            lines += [f"addr add {address} dev {interface} nodad" if ":" in address
                      else f"addr add {address} dev {interface}" for address in known]  # fmt: skip
            if not number and any(":" not in address for address in known):
                lines.append(f"route add default dev {interface}")
        machine.ip(*lines)
        if "sysctl" in self.nodes[name].collected:
            machine.run("sysctl", "--system", "--pattern", r"^net\.")
        elif self._binds_addresses(name):
            # Or it would not run there either.
            machine.must("sysctl", "-q", "-w", "net.ipv4.ip_nonlocal_bind=1", "net.ipv6.ip_nonlocal_bind=1")
        self._start_firewall(name)

    def _start_firewall(self, name: str) -> None:
        machine, node = self._lab[name], self.nodes[name]
        if not node.firewall.active:
            return
        if node.firewall.firewalld is not None:
            # The default of the node's distribution, which may be another than that of this host.
            written = machine.read(_FIREWALLD) + f"\nFirewallBackend={node.firewall.firewalld.backend or 'nftables'}\n"
            machine.write(_FIREWALLD, written)
            machine.run("sh", "-c", "[ -s /etc/machine-id ] || dbus-uuidgen >/etc/machine-id; rm -f /run/dbus/pid")
            machine.must("dbus-daemon", "--system", "--fork")
            machine.start("firewalld", "firewalld", "--nofork", "--nopid")
            # "running", or "failed" where it fell back to its stock rules; 252 is "not running".
            machine.must("sh", "-c", "while firewall-cmd --state; [ $? -eq 252 ]; do sleep 0.2; done")
        elif node.firewall.kind == "nftables":
            # A file that nft or iptables-restore refuses leaves a node without a firewall, and it boots on.
            machine.run("nft", "-f", next(path for path in _NFTABLES if path in node.files))
        elif node.firewall.kind == "ufw":
            machine.run("/lib/ufw/ufw-init", "start")
        else:
            for family, program in ((4, "iptables-restore"), (6, "ip6tables-restore")):
                for path in iptables.FILES[family]:
                    if path in node.files:
                        machine.run(program, path)

    def _binds_addresses(self, name: str) -> bool:
        """Whether haproxy listens on addresses that it has only while it holds them."""
        haproxy = self.nodes[name].haproxy
        return haproxy is not None and any(bind.address in self.vips for bind in haproxy.certain_binds)

    def _serve(self, name: str) -> None:
        """Start haproxy, one that just answers where the files have none for this one, and wait until it serves or is
        gone."""
        machine, path = self._lab[name], _HAPROXY
        version = self.nodes[name].targets.haproxy
        if path not in self.nodes[name].files or (version is not None and version < _OLDEST):
            path = "/run/haproxy/haproxy.cfg"
            machine.write(path, _ANSWERING)
        machine.write("/var/log/lab-haproxy.log", "")
        machine.start("haproxy", "haproxy", "-W", "-db", "-f", path)
        while machine.alive("haproxy") and "Loading success" not in machine.log("haproxy"):
            time.sleep(0.02)

    def _start_keepalived(self, name: str) -> None:
        pids = [word for option in _PIDS.items() for word in option]
        machine = self._lab[name]
        machine.write("/var/log/lab-keepalived.log", "")
        self._watched[name] = Watched(machine)
        machine.start("keepalived", "keepalived", "-n", "-l", "-D", "-P", *pids)

    def _expect_checks(self) -> None:
        """From here on, checks are believed when they have run again."""
        self._since = {
            (name, key): runs for name, checks in self._checks.items() for key, runs in checks.runs().items()
        }

    def _are_checked(self) -> bool:
        for name, checks in self._checks.items():
            if not self._lab[name].alive("keepalived"):
                continue
            for key, runs in checks.runs().items():
                if runs and runs - self._since[name, key] < checks.needed(key):
                    return False
        return True


def _lay_in(machine: Machine, node: Node) -> None:
    # keepalived asks for its own name, and waits for an answer as long as the resolver does.
    machine.write("/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {machine.name}\n")
    machine.write("/etc/resolv.conf", "")
    for path, source in node.files.items():
        if not path.startswith("/sos_commands"):
            machine.write(path, source.data, 0o755 if source.text.startswith("#!") else source.mode or 0o644)
    for path, target in node.links.items():
        real = machine.path(path)
        os.makedirs(os.path.dirname(real), exist_ok=True)
        if not os.path.lexists(real):
            os.symlink(target, real)


def _as_kernel(vip: str) -> str:
    """As Machine.addresses has it; empty where it is no address."""
    try:
        address = ip_address(vip)
    except ValueError:
        return ""
    return str(address) if address.version == 4 else address.exploded.replace(":", "")
