"""A root of its own for a daemon: the program, its libraries and what little else it opens, so that nothing of
the machine that the tests run on can colour a verdict."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Seconds. Reading takes milliseconds; whoever needs this long hangs.
PATIENCE = 30

_ETC = {
    "passwd": "root:x:0:0::/root:/bin/sh\n",
    "group": "root:x:0:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "resolv.conf": "nameserver 127.0.0.1\n",
}

_HOST_NAME = re.compile(r"(?![-0-9.]+$)(?![-_])[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")


def host_name(text: str) -> bool:
    """Whether a name server or a file of hosts could know `text`."""
    return _HOST_NAME.fullmatch(text) is not None


class Sandbox:
    """Roots that hold `program` at its own path. Needs root: chroot and network namespaces."""

    def __init__(self, program: str) -> None:
        self.program = os.path.abspath(program)
        self._folder = tempfile.TemporaryDirectory(prefix="halint-parity-")
        self._template = Path(self._folder.name, "template")
        libraries = subprocess.run(["ldd", self.program], capture_output=True, text=True, check=True).stdout
        #: Without /proc the loader does not know where the program stands, which its run path may start from.
        self.loader_path = ":".join(dict.fromkeys(map(os.path.dirname, re.findall(r"/\S+", libraries))))
        cache = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
        # glibc itself loads this one, when a thread ends.
        loaded_late = re.findall(r"libgcc_s\.so\.1 .* => (/\S+)", cache)[:1]
        for path in [self.program, *re.findall(r"/\S+", libraries), *loaded_late]:
            copy = self._template / path.lstrip("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        for name in ("dev", "etc", "proc", "run", "tmp", "var/run", "var/lib"):
            (self._template / name).mkdir(parents=True, exist_ok=True)
        for name, minor in (("null", 3), ("zero", 5), ("urandom", 9)):
            os.mknod(self._template / "dev" / name, 0o20666, os.makedev(1, minor))

    @contextmanager
    def root(self) -> Iterator[Root]:
        """A fresh root, gone at the end."""
        with tempfile.TemporaryDirectory(prefix="root-", dir=self._folder.name) as folder:
            shutil.copytree(self._template, folder, copy_function=os.link, dirs_exist_ok=True)
            yield Root(self, Path(folder))


class Root:
    """One root: what a daemon sees as `/`, and its current folder."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        for name, text in _ETC.items():
            self.write(f"/etc/{name}", text.encode())

    def write(self, path: str, data: bytes, mode: int = 0o644) -> bool:
        """Make the file `path`, and the folders above it; False where there is one already, or none can be."""
        place = self._place(path)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with open(place, "xb") as file:
                file.write(data)
            place.chmod(mode)
        except (OSError, ValueError):
            return False
        return True

    def append(self, path: str, line: str) -> bool:
        """Add a line to the file `path`; False where it is there."""
        place = self._place(path)
        text = place.read_text()
        if line + "\n" in text:
            return False
        place.write_text(text + line + "\n")
        return True

    def run(self, *arguments: str, links: tuple[str, ...] = ()) -> tuple[int, str]:
        """Run the program in this root; its status (negative: the signal) and what it printed.

        links: the interfaces of a network namespace of its own, each up and with an address.
        """
        inside = ["chroot", str(self.folder), self.sandbox.program, *arguments]
        if links:
            lines = ["link set lo up"]
            for number, name in enumerate(links, 1):
                lines += [
                    f"link add name {name} type bridge",
                    f"link set {name} up",
                    f"addr add 198.18.{number}.1/24 dev {name}",
                ]
            batch = "\n".join(lines) + "\n"
            command = ["unshare", "-n", "sh", "-c", 'ip -force -batch - >/dev/null 2>&1; exec "$@"', "sh", *inside]
        else:
            batch, command = "", inside
        try:
            done = subprocess.run(
                command,
                input=batch.encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=PATIENCE,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": self.sandbox.loader_path},
            )
        except subprocess.TimeoutExpired:
            return -14, ""
        status = done.returncode if done.returncode < 128 else 128 - done.returncode
        return status, done.stdout.decode("utf-8", "surrogateescape")

    def _place(self, path: str) -> Path:
        place = os.path.normpath("/" + path)
        return self.folder / place.lstrip("/")
