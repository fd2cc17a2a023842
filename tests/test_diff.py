"""The diff that `fix --diff` prints, made of the edits alone: it must lead from the one text to the other."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halint.finding import Edit
from halint.fixer import Change
from halint.fixes import edited
from halint.fixes.diff import unified
from halint.fixes.edited import Edited
from halint.secrets import Masking
from halint.source import Source

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c c\n", "\n", "d\r\n", "\x85e\n"]), max_size=25).map("".join)
TEXTS = st.builds(str.__add__, LINES, st.sampled_from(["", "", "z"]))
NEW = st.sampled_from(["", "x", "x\n", "a\n", "x\ny\n", "\n", "x\ny", "b\nx\n\n"])


def source(text: str) -> Source:
    return Source("etc/x.conf", text, format="keepalived")


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """A text, and what one to three passes of edits made of it."""
    before = now = source(draw(TEXTS))
    for _ in range(draw(st.integers(1, 3))):
        places = sorted(draw(st.lists(st.integers(0, len(now.text)), max_size=12)))
        pairs = zip(places[::2], places[1::2], strict=False)
        now = Edited(now, [Edit(now, start, end, draw(NEW)) for start, end in pairs])
    return Change(before, now)


@given(changes())
@settings(max_examples=500)
def test_between_the_spans_nothing_changed(change: Change) -> None:
    assert change.before is not None
    before, after = change.before.text, change.after.text
    at = new_at = 0
    for start, end, new_start, new_end in [*edited.since(change.before, change.after), (len(before), 0, len(after), 0)]:
        assert before[at:start] == after[new_at:new_start]
        at, new_at = end, new_end


@given(changes())
@settings(max_examples=500)
def test_the_diff_leads_from_one_text_to_the_other(change: Change) -> None:
    assert change.before is not None
    text = unified([change], Masking(show=True))
    assert applied(change.before.text, text) == change.after.text
    if change.before.text == change.after.text:
        assert "@@" not in text


@pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not installed")
@given(changes())
@settings(max_examples=60, deadline=None)
def test_patch_applies_the_diff(change: Change) -> None:
    assert change.before is not None
    if change.before.text == change.after.text:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.conf")
        path.write_bytes(change.before.data)
        command = ["patch", "--binary", "--silent", "--fuzz=0", "--no-backup-if-mismatch", str(path)]
        subprocess.run(command, input=unified([change], Masking(show=True)).encode(), check=True, cwd=folder)
        assert (path.read_bytes() if path.exists() else b"") == change.after.data


def test_scattered_changes_share_their_context_where_it_touches() -> None:
    before = source("".join(f"{n}\n" for n in range(30)))
    places = [before.text.index(f"\n{n}\n") + 1 for n in (2, 9, 17)]
    after = Edited(before, [Edit(before, at, at + len(str(n)), "x") for n, at in zip((2, 9, 17), places, strict=True)])
    heads = [line for line in unified([Change(before, after)], Masking()).splitlines() if line.startswith("@@")]
    assert heads == ["@@ -1,13 +1,13 @@", "@@ -15,7 +15,7 @@"]


def test_a_change_that_no_edits_made_is_compared() -> None:
    text = unified([Change(source("a\nb\nc\n"), source("a\nB\nc\n"))], Masking())
    assert text == "--- a/etc/x.conf\n+++ b/etc/x.conf\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"


def applied(before: str, diff: str) -> str:
    """`before` after the hunks of `diff`, which must fit exactly."""
    lines = _lines(before)
    made: list[str] = []
    at = 0
    hunks = _lines(diff)
    for number, line in enumerate(hunks):
        if line.startswith(("--- ", "+++ ")) and number < 2:
            continue
        if line.startswith("@@"):
            first = line.split()[1].lstrip("-").split(",")
            start = int(first[0]) - (first[1:] != ["0"])
            made += lines[at:start]
            at = start
        elif not line.startswith("\\"):
            body = line[1:]
            if hunks[number + 1 : number + 2] and hunks[number + 1].startswith("\\"):
                body = body.removesuffix("\n")
            if line[0] in " -":
                assert lines[at] == body
                at += 1
            if line[0] in " +":
                made.append(body)
    return "".join(made + lines[at:])


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
