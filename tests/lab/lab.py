"""Machines of a lab: each has network, mount, process, ipc and host name namespaces and a root of its own.

The root is a copy-on-write view of this host's, so that its programs are there and nothing that a machine writes
reaches it; of /etc it lacks what belongs to a load balancer. Of the sysctls only `net.*` are a machine's own.
Machines are joined by bridges in one more namespace, the switch. Nothing has a global name, so labs with the same
addresses run side by side, in processes of their own: everything dies with the one that started it, kill -9 or not
(PR_SET_PDEATHSIG, which follows the thread that started a machine). Needs root; IPVS and systemd are not here.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import stat
import subprocess
import sys
from types import TracebackType

_NAMESPACES = ("-m", "-n", "-p", "-i", "-u")
#: What a machine's root must not take over from this host.
_EMPTIED = ("etc/keepalived", "etc/haproxy", "etc/rsyslog.d", "etc/logrotate.d", "etc/sysctl.d", "etc/firewalld")
_MADE = (*_EMPTIED, "run/haproxy", "run/keepalived", "run/dbus", "var/spool/rsyslog", "dev/shm")
_DEVICES = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}
#: The daemons of a lab run ahead of whatever else loads this host: a starved one misses adverts.
_NICENESS = -15
_PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Machine:
    """One machine. pid: that of its first process, as this host counts."""

    def __init__(self, name: str) -> None:
        """Start it; `wait` until it is there."""
        self.name = name
        self.pid = 0
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}
        command = ["unshare", *_NAMESPACES, "--fork", "--kill-child", "--propagation", "private"]
        self._first = subprocess.Popen(
            [*command, sys.executable, "-I", "-S", __file__, name],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent,
        )  # fmt: skip

    def wait(self) -> None:
        assert self._first.stdout is not None
        told = self._first.stdout.readline()
        if not told:
            raise RuntimeError(f"{self.name} did not start: namespaces and overlay mounts need root")
        self.pid = int(told)

    def close(self) -> None:
        self._first.kill()

    def reap(self) -> None:
        self._first.wait()
        for daemon in self.daemons.values():
            daemon.wait()

    # Files

    def path(self, path: str) -> str:
        """Where this host sees the machine's `path`."""
        return f"/proc/{self.pid}/root{path}"

    def write(self, path: str, content: bytes | str, mode: int = 0o644) -> None:
        real = self.path(path)
        os.makedirs(os.path.dirname(real), exist_ok=True)
        if os.path.lexists(real):
            os.unlink(real)
        with open(real, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.chmod(real, mode)

    def read(self, path: str) -> str:
        """The text of a file, empty where there is none."""
        try:
            with open(self.path(path), errors="replace") as file:
                return file.read()
        except (FileNotFoundError, ProcessLookupError):
            return ""

    # Processes

    def inside(self, *command: str) -> list[str]:
        return ["nsenter", "-t", str(self.pid), *_NAMESPACES, "-r", "-w", "--", *command]

    def run(self, *command: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever its exit status."""
        return subprocess.run(
            self.inside(*command), input=text or "", capture_output=True, text=True, errors="replace", timeout=60
        )

    def must(self, *command: str, text: str | None = None) -> str:
        """The output of a command that has to succeed."""
        done = self.run(*command, text=text)
        if done.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(command)}: {done.stderr or done.stdout}")
        return done.stdout

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a daemon in the foreground; what it prints is `log(name)`."""
        with open(self.path(f"/var/log/lab-{name}.log"), "ab") as log:
            daemon = subprocess.Popen(
                ["nice", "-n", str(_NICENESS), *self.inside(*command)],
                stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent,
            )  # fmt: skip
        self.daemons[name] = daemon
        return daemon

    def alive(self, name: str) -> bool:
        daemon = self.daemons.get(name)
        return daemon is not None and daemon.poll() is None

    def log(self, name: str) -> str:
        return self.read(f"/var/log/lab-{name}.log")

    def kill(self, name: str) -> None:
        """Kill the processes of a name hard."""
        numbers = [each for each in os.listdir(self.path("/proc")) if each.isdigit()]
        wanted = [each for each in numbers if self.read(f"/proc/{each}/comm").strip() == name]
        if wanted:
            self.run("sh", "-c", f"kill -9 {' '.join(wanted)}")

    def kill_all(self) -> None:
        """Kill every process hard, as when the power goes; the namespaces stay."""
        self.run("sh", "-c", "kill -9 -1")
        for daemon in self.daemons.values():
            daemon.wait()
        self.daemons.clear()

    # Network

    def ip(self, *lines: str) -> None:
        """Several `ip` commands at once."""
        self.must("ip", "-batch", "-", text="".join(line + "\n" for line in lines))

    def addresses(self) -> set[str]:
        """The addresses that the machine answers for, IPv6 as the kernel writes it: 32 digits."""
        with open(f"/proc/{self.pid}/net/if_inet6") as file:
            found = {line.split(None, 1)[0] for line in file}
        last = ""
        with open(f"/proc/{self.pid}/net/fib_trie") as file:
            for line in file:
                _, mark, address = line.partition("|-- ")
                if mark:
                    last = address.strip()
                elif line.endswith("/32 host LOCAL\n"):
                    found.add(last)
        return found


class Lab:
    """Machines, and the switch between them. Close it: `with Lab([...]) as lab`."""

    def __init__(self, names: list[str]) -> None:
        self.switch = Machine("switch")
        self.machines = {name: Machine(name) for name in names}
        self._bridges: set[str] = set()
        try:
            for machine in (self.switch, *self.machines.values()):
                machine.wait()
        except BaseException:
            self.close()
            raise

    def __getitem__(self, name: str) -> Machine:
        return self.machines[name]

    def __enter__(self) -> Lab:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        everything = (self.switch, *self.machines.values())
        for machine in everything:
            machine.close()
        for machine in everything:
            machine.reap()

    def plug(self, links: list[tuple[str, str, int]]) -> None:
        """Give machines interfaces. links: machine, name of the interface, number of the segment that it is on."""
        lines = []
        for name, interface, segment in links:
            bridge, port = f"br{segment}", self._port(name, interface)
            if bridge not in self._bridges:
                self._bridges.add(bridge)
                lines += [f"link add {bridge} type bridge mcast_snooping 0", f"link set {bridge} up"]
            pid = self.machines[name].pid
            lines.append(f"link add {port} type veth peer name {interface} netns {pid}")
            lines.append(f"link set {port} master {bridge} up")
        # Only from this host's process namespace: `netns PID` is looked up in the caller's.
        command = ["nsenter", "-t", str(self.switch.pid), "-n", "ip", "-batch", "-"]
        text = "".join(line + "\n" for line in lines)
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)

    def cable(self, name: str, interface: str, plugged: bool) -> None:
        """Pull the cable of an interface out, or plug it in."""
        self.switch.ip(f"link set {self._port(name, interface)} {'up' if plugged else 'down'}")

    def _port(self, name: str, interface: str) -> str:
        return f"p{list(self.machines).index(name)}-{interface}"[:15]


def first_process() -> None:
    """Build the machine's root, say our number as the host counts, and reap until killed."""
    die_with_parent()
    number = os.readlink("/proc/self")  # still the host's procfs
    root = "/mnt/root"
    _mount("none", "/mnt", "tmpfs")
    for folder in ("/mnt/upper", "/mnt/work", root):
        os.mkdir(folder)
    _mount("overlay", root, "overlay", "lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work")
    _mount("proc", f"{root}/proc", "proc")
    _mount("sysfs", f"{root}/sys", "sysfs")
    for folder in ("tmp", "run", "dev"):
        _mount("none", f"{root}/{folder}", "tmpfs")
    for device, minor in _DEVICES.items():
        os.mknod(f"{root}/dev/{device}", 0o666 | stat.S_IFCHR, os.makedev(1, minor))
        os.chmod(f"{root}/dev/{device}", 0o666)
    os.symlink("/proc/self/fd", f"{root}/dev/fd")
    for folder in _EMPTIED:
        shutil.rmtree(f"{root}/{folder}", ignore_errors=True)
    for file in ("etc/sysctl.conf", "etc/nftables.conf"):
        if os.path.lexists(f"{root}/{file}"):
            os.unlink(f"{root}/{file}")
    for folder in _MADE:
        os.makedirs(f"{root}/{folder}", exist_ok=True)
    os.chroot(root)
    os.chdir("/")
    name = sys.argv[1]
    _libc.sethostname(name.encode(), len(name))
    print(number, flush=True)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            signal.pause()


def _mount(source: str, target: str, kind: str, options: str | None = None) -> None:
    data = options.encode() if options else None
    if _libc.mount(source.encode(), target.encode(), kind.encode(), 0, data):
        raise OSError(ctypes.get_errno(), f"mount {kind} on {target}")


if __name__ == "__main__":
    first_process()
