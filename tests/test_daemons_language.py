"""The table of keywords against keepalived 2.2 itself: what each takes, and what is just beside that."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from halint.models.keepalived.language.complaint import Complaint
from halint.models.keepalived.language.keywords import keywords
from halint.models.keepalived.language.reading import read
from halint.models.keepalived.language.signature import Part, parse
from halint.patterns.keepalived_table import BLOCKS
from halint.readers import keepalived
from halint.source import Source
from halint.versions import known

sys.path.insert(0, str(Path(__file__).parent / "parity"))

from keepalived_oracle import KeepalivedOracle

pytestmark = pytest.mark.daemons

VERSION = (2, 2, 7)

#: What stands behind the keyword of a block around.
HEADS = {
    "real_server": "192.0.2.2 80",
    "virtual_server": "192.0.2.1 80",
}

#: What keepalived says of the machine, of other lines, or of a value for which there is another rule.
ELSEWHERE = re.compile(
    r"exist|not found|already|Address family|address family|Invalid smtp server|Invalid (?:startup|shutdown) script"
    r"|cpu_id|kernel does not support|outside range \[0, [0-9]{1,2}\]$|Unable to|uid/gid|conflicts with"
    r"|only applies to|without|BFD_CHECK - BFD|Truncating auth_pass|no entries|has no "
    r"|is missing a parameter at word position 1"
)

#: With these, keepalived makes a folder, leaves the namespace, or does nothing without a module of the kernel.
NOT_TRIED = {
    "net_namespace", "net_namespace_ipvs", "instance", "config_save_dir", "tmp_config_directory", "vrrp_ipsets",
}  # fmt: skip


def values(part: Part) -> Iterator[str]:
    """What `part` takes at its limits, and just beyond."""
    if part.kind == "word":
        yield from (part.text, part.text + "x")
    elif part.low is not None and part.high is not None:
        step = 1 if isinstance(part.low, int) else 0.000001
        for number in (part.low - step, part.low, part.high, part.high + step):
            yield str(number) if isinstance(number, int) else f"{number:.6f}"
        yield "1.5x"
    elif part.kind == "atom":
        yield from ("192.0.2.9", "2001:db8::9", "ff02::12", "a" * 16, "on", "7")
    for inner in part.parts:
        yield from values(inner)


def cases() -> Iterator[tuple[str, str, str]]:
    """Block, keyword and argument. A signature is tried to its limits with the first keyword that has it."""
    met: set[str] = set()
    for block, rows in BLOCKS.items():
        for name in rows:
            keyword = keywords(block)[name]
            if known(keyword.lifetime, VERSION) and name not in NOT_TRIED:
                arguments = keyword.arguments or "WORD"
                tried = [] if arguments in met else [*values(parse(arguments))]
                met.add(arguments)
                yield from ((block, name, value) for value in dict.fromkeys(["", "x", *tried]))


def text_of(block: str, name: str, value: str) -> tuple[str, int]:
    """A file with the keyword in its block, and the keyword's line."""
    around = block.split("/") if block else []
    lines = [f"{outer} {HEADS.get(outer, 'x')} {{" for outer in around]
    form = keywords(block)[name].form
    lines.append(f"{name} {value}".rstrip() + (" {\n}" if form else ""))
    return "\n".join([*lines, *"}" * len(around)]) + "\n", len(around) + 1


def complaints(text: str, line: int) -> list[Complaint]:
    found = read(keepalived.read(Source("f", text, format="keepalived")).statements, VERSION)
    loud = (c for c in found if c.kind != "deprecated" or (c.keyword is not None and c.keyword.rest.get("said")))
    return [c for c in loud if text.count("\n", 0, c.at.start) + 1 == line]


@pytest.fixture(scope="module")
def oracle() -> KeepalivedOracle:
    return KeepalivedOracle()


@pytest.mark.parametrize("block", BLOCKS)
def test_each_keyword_takes_what_the_table_says(block: str, oracle: KeepalivedOracle) -> None:
    if not oracle.version.startswith("2.2."):
        pytest.skip(f"keepalived here is {oracle.version}")
    wrong = []
    for where, name, value in cases():
        if where != block:
            continue
        text, line = text_of(block, name, value)
        verdict = oracle.judge(text.encode())
        said = [m.text for m in verdict.messages if m.line == line]
        ours = complaints(text, line)
        if verdict.status != "none" and bool(said) != bool(ours) and not any(map(ELSEWHERE.search, said)):
            wrong.append((name, value, said, [c.kind for c in ours]))
    assert not wrong
