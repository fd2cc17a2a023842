"""What systemd-sysctl and `sysctl --system` do with files of sysctl, in namespaces of their own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

FOLDERS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d")
CONF = "/etc/sysctl.conf"


def run(place: Path, files: Mapping[str, str], command: str) -> str:
    """What `command` prints on a node that has these files of sysctl alone."""
    shutil.rmtree(place, ignore_errors=True)
    mounts = ["mount -t tmpfs none /run", "mount -t tmpfs none /usr/local/lib"]
    for folder in FOLDERS:
        (place / folder[1:]).mkdir(parents=True)
        mounts += [f"mkdir -p {folder}", f"mount --bind {place}{folder} {folder}"]
    (place / CONF[1:]).touch()
    for path, text in files.items():
        (place / path[1:]).write_text(text)
    script = " && ".join([*mounts, f"mount --bind {place}{CONF} {CONF}"])
    done = subprocess.run(
        ["unshare", "-m", "-n", "sh", "-c", f"{script} || exit 9; {command}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 9, done.stderr
    return done.stdout


def at_boot(place: Path, files: Mapping[str, str], command: str, first: str = "true") -> str:
    """What `command` prints after `first` and systemd-sysctl; 99-sysctl.conf is the link that distributions ship."""
    link = "" if "/etc/sysctl.d/99-sysctl.conf" in files else "ln -s ../sysctl.conf /etc/sysctl.d/99-sysctl.conf; "
    return run(place, files, f"{first}; {link}/lib/systemd/systemd-sysctl 2>/dev/null; {command}").strip()


def by_hand(place: Path, files: Mapping[str, str], command: str, first: str = "true") -> str:
    """What `command` prints after `first` and `sysctl --system`."""
    return run(place, files, f"{first}; sysctl -q --system 2>/dev/null; {command}").strip()
