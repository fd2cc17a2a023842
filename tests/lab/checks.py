"""The check scripts of a machine, so that a test can make one fail and see how often each ran.

Whatever program a vrrp_script names is replaced, in the machine's own root, by a wrapper that runs it, notes the run
and fails while a flag is there. A script that the cluster's files lack is a stub that looks at haproxy.
"""

from __future__ import annotations

import os
import posixpath
import shlex

from lab import Machine

from halint.models.keepalived import Keepalived
from halint.models.keepalived.tracking import VrrpScript

_FOLDER = "/run/lab"
_PATH = ("/sbin", "/usr/sbin", "/bin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin")
#: Where scripts of one's own are, of which the files say no mode.
_OWN = ("/etc/", "/usr/local/", "/opt/", "/home/")
#: Who owns a home directory.
_SOMEBODY = 1000
#: The shell that runs the wrappers; it is never wrapped itself.
_SHELL = "/usr/bin/dash"
_STUB = f"#!{_SHELL}\npidof haproxy >/dev/null\n"
#: A program may have several names, as pgrep and pkill.
_WRAPPER = f"""#!{_SHELL}
name=${{{{0##*/}}}}
case "$name $*" in
{{cases}}
*) exec {_FOLDER}/real/$name "$@" ;;
esac
{_FOLDER}/real/$name "$@"; status=$?
for key in $keys; do
    [ -e {_FOLDER}/fail/$key ] && status=1
    printf . >>{_FOLDER}/runs/$key
done
exit $status
"""


class Checks:
    """The scripts of one machine. missing: paths of scripts that are to be missing there, if its files lack them."""

    def __init__(self, machine: Machine, model: Keepalived, missing: list[str]) -> None:
        self._machine = machine
        self._scripts = {script.name: script for script in model.scripts}
        self._numbers = {name: number for number, name in enumerate(self._scripts)}
        wrapped: dict[str, list[VrrpScript]] = {}
        for script in self._scripts.values():
            words = _split(script.command)
            if words and (program := self._program(words[0], words[0] not in missing)):
                wrapped.setdefault(program, []).append(script)
        for folder in ("fail", "runs", "real"):
            os.makedirs(machine.path(f"{_FOLDER}/{folder}"), exist_ok=True)
            os.chmod(machine.path(f"{_FOLDER}/{folder}"), 0o777)
        for number in self._numbers.values():
            machine.write(f"{_FOLDER}/runs/{number}", "", 0o666)
        for program, scripts in wrapped.items():
            self._wrap(program, scripts)

    def fail(self, name: str) -> None:
        self._machine.write(f"{_FOLDER}/fail/{self._numbers[name]}", "")

    def runs(self) -> dict[str, int]:
        """How often each check has come to its end."""
        return {
            name: os.path.getsize(self._machine.path(f"{_FOLDER}/runs/{number}"))
            for name, number in self._numbers.items()
        }

    def needed(self, name: str) -> int:
        """The runs after which keepalived knows what a check says, whatever it said before; one may have begun."""
        script = self._scripts[name]
        return max(script.rise.value, script.fall.value) + 1

    def _program(self, word: str, make: bool) -> str:
        """The path of what a command runs, empty where there is none. make: whether to make what the files lack."""
        if "/" not in word:
            return next((p for folder in _PATH if os.path.exists(self._machine.path(p := f"{folder}/{word}"))), "")
        found = posixpath.join("/etc/keepalived", word)
        place = self._machine.path(found)
        if not os.path.lexists(place) and not make:
            return ""
        if not os.path.lexists(place):
            self._machine.write(found, _STUB, 0o755)
            if found.startswith("/home/"):
                owner = "/".join(found.split("/")[:3])
                os.chown(self._machine.path(owner), _SOMEBODY, _SOMEBODY)
        elif found.startswith(_OWN) and not os.path.islink(place):
            os.chmod(place, 0o755)
        return found

    def _wrap(self, program: str, scripts: list[VrrpScript]) -> None:
        folder, name = posixpath.split(program)
        real = self._machine.must("readlink", "-f", program).strip()
        if real == _SHELL and name != "sh":
            return
        if real == self._machine.must("readlink", "-f", folder).strip() + "/" + name:
            moved = f"{posixpath.dirname(real)}/.lab-{name}"
            os.rename(self._machine.path(real), self._machine.path(moved))
            real = moved
        place = self._machine.path(folder)
        aliases = [each for each in os.listdir(place) if _target(f"{place}/{each}") in (name, program)]
        for each in (name, *aliases):
            if not os.path.lexists(self._machine.path(f"{_FOLDER}/real/{each}")):
                os.symlink(real, self._machine.path(f"{_FOLDER}/real/{each}"))
        cases: dict[str, list[str]] = {}
        for script in scripts:
            command = f"{name} {' '.join(_split(script.command)[1:])}"
            cases.setdefault(command, []).append(str(self._numbers[script.name]))
        lines = [f"{shlex.quote(text)}) keys='{' '.join(keys)}' ;;" for text, keys in cases.items()]
        self._machine.write(program, _WRAPPER.format(cases="\n".join(lines)), 0o755)


def _target(path: str) -> str:
    """What a symbolic link says, empty where it is none."""
    return os.readlink(path) if os.path.islink(path) else ""


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split(" ")
