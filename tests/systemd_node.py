"""A node that systemd boots, as far as its logs go: journald, rsyslogd and logrotate, started as their packages say.

It has namespaces and a cgroup of its own, and a copy of this machine's root in memory; of the kernel's parameters it
changes none. Needs root, systemd and a mounted cgroup2.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

_NAMESPACES = ("-m", "-p", "-n", "-i", "-u", "-C")
#: What takes long, or wants more of a machine than there is.
_MASKED = ("tmpfiles-setup", "tmpfiles-setup-dev", "timesyncd", "update-utmp", "pcrphase", "pcrphase-sysinit", "sysctl")
_BOOT = f"""
mount -t tmpfs none /mnt && mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root && cd /mnt/root
mount -t proc proc proc && mount --bind proc/sys proc/sys && mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys && mount -t cgroup2 none sys/fs/cgroup
mount -t tmpfs none run && mount -t tmpfs none dev && mkdir -p dev/shm dev/pts run/systemd/system
mknod -m 666 dev/null c 1 3; mknod -m 666 dev/zero c 1 5; mknod -m 666 dev/random c 1 8; mknod -m 666 dev/urandom c 1 9
for unit in {" ".join(_MASKED)}; do ln -s /dev/null run/systemd/system/systemd-$unit.service; done
rm -rf etc/rsyslog.conf etc/rsyslog.d/* etc/logrotate.d/* var/log/* usr/sbin/policy-rc.d
cp -a "$1"/. .
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /lib/systemd/systemd --system \\
    --show-status=0 --log-target=null --unit=sysinit.target
"""


_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _cgroups() -> Path | None:
    """Where cgroup2 is mounted."""
    mounts = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return next((Path(where) for _, where, kind, *_ in mounts if kind == "cgroup2"), None)


def can_boot() -> bool:
    return (
        os.geteuid() == 0
        and shutil.which("unshare") is not None
        and Path("/lib/systemd/systemd").exists()
        and (_cgroups() is not None)
    )


class SystemdNode:
    """`with SystemdNode(folder) as node`: the node has the files of `folder`, at the same paths below its root."""

    def __init__(self, folder: Path) -> None:
        cgroups = _cgroups()
        assert cgroups is not None
        self._cgroup = cgroups / f"halint-{os.getpid()}-{time.monotonic_ns()}"
        self._cgroup.mkdir()
        join = f'echo 0 > "{self._cgroup}/cgroup.procs" && exec "$@"'
        command = ["unshare", *_NAMESPACES, "--fork", "--kill-child", "--propagation", "private"]
        self._first = subprocess.Popen(
            ["sh", "-c", join, "sh", *command, "sh", "-c", _BOOT, "sh", folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=_die_with_parent,
        )  # fmt: skip
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def _wait(self) -> None:
        end = time.monotonic() + 30
        children = Path(f"/proc/{self._first.pid}/task/{self._first.pid}/children")
        while not (pid := children.read_text().strip()):
            assert time.monotonic() < end
            time.sleep(0.05)
        self._pid = pid
        while self.run("systemctl is-system-running").stdout.strip() not in ("running", "degraded"):
            assert time.monotonic() < end, "the node does not boot"
            time.sleep(0.1)

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a shell script on the node, whatever its exit status."""
        command = ["nsenter", "-t", self._pid, *_NAMESPACES, "-r", "-w", "--", "sh", "-c", script]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    def __enter__(self) -> SystemdNode:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._first.kill()  # and with it the first process of the node, and so all of them
        self._first.wait()
        folders = [Path(folder) for folder, _, _ in os.walk(self._cgroup, topdown=False)]
        end = time.monotonic() + 10
        while folders:
            try:
                folders[0].rmdir()
                folders.pop(0)
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.05)
