from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import KEEPALIVED, Differs, Lacks, Toy, Warned, node, on_disk, one_cluster, source

from halint import fixer, linter
from halint.finding import Applicability, Create, Edit, Finding, Fix, Severity
from halint.fixer import FixError
from halint.fixes.atomic import NewText, WriteError, write
from halint.fixes.diff import unified
from halint.node import Node
from halint.rule import Rule
from halint.secrets import Masking
from halint.selection import Selection
from halint.tree import Word


def fix(nodes: list[Node], *rules: Rule, unsafe: bool = False, prefer: str | None = None) -> fixer.Fixed:
    return fixer.fix(nodes, one_cluster, Selection(), unsafe=unsafe, prefer=prefer, rules=rules)


def after(fixed: fixer.Fixed) -> dict[str, str]:
    return {change.after.path: change.after.text for change in fixed.changes}


def save(fixed: fixer.Fixed, root: Path) -> None:
    texts = [NewText(c.after.file or "", c.before.data if c.before else None, c.after.data) for c in fixed.changes]
    write(texts, [str(root)])


def test_fixes_over_several_files_and_nothing_else_moves(tmp_path: Path) -> None:
    nodes = [on_disk(tmp_path, "lb1", "a\r\n\tbad  # \xe9\udcff\n{"), on_disk(tmp_path, "lb2", "bad\nbad")]
    fixed = fix(nodes, Toy())
    save(fixed, tmp_path)
    assert (tmp_path / "lb1" / KEEPALIVED[1:]).read_bytes() == b"a\r\n\tgood  # \xc3\xa9\xff\n{"
    assert (tmp_path / "lb2" / KEEPALIVED[1:]).read_bytes() == b"good\ngood"
    assert len(fixed.applied) == 3 and fixed.remaining.findings == [] and fixed.refused == []


def test_fixing_twice_changes_nothing(tmp_path: Path) -> None:
    fixed = fix([on_disk(tmp_path, "lb1", "bad\nodd\n")], Toy(), Warned())
    save(fixed, tmp_path)
    again = fix([on_disk(tmp_path, "lb1", (tmp_path / "lb1" / KEEPALIVED[1:]).read_text())], Toy(), Warned())
    assert again.changes == [] and again.applied == []


def test_only_what_is_selected_and_safe(tmp_path: Path) -> None:
    class Unsafe(Warned):
        applicability = Applicability.UNSAFE

    nodes = [on_disk(tmp_path, "lb1", "bad\nodd\n")]
    rules = [Toy(), Unsafe()]
    assert list(after(fix(nodes, *rules)).values()) == ["good\nodd\n"]
    assert list(after(fix(nodes, *rules, unsafe=True)).values()) == ["good\ngood\n"]
    chosen = fixer.fix(nodes, one_cluster, Selection(["XX102"]), unsafe=True, rules=rules)
    assert list(after(chosen).values()) == ["bad\ngood\n"]
    assert [finding.code for finding in chosen.remaining.findings] == []


def test_two_nodes_that_disagree_need_a_preference(tmp_path: Path) -> None:
    nodes = [on_disk(tmp_path, "lb1", "value 1\n"), on_disk(tmp_path, "lb2", "value 2\n")]
    assert fix(nodes, Differs(), unsafe=True).changes == []
    assert fix(nodes, Differs(), prefer="lb1").changes == [], "a preference is an unsafe fix"
    path = KEEPALIVED[1:]
    assert after(fix(nodes, Differs(), unsafe=True, prefer="lb1")) == {f"lb2/{path}": "value 1\n"}
    assert after(fix(nodes, Differs(), unsafe=True, prefer="lb2")) == {f"lb1/{path}": "value 2\n"}


def test_fixes_that_touch_each_other_take_turns(tmp_path: Path) -> None:
    class Swap(Toy):
        """Its edit takes the whole first line, as that of Toy a part of it."""

        code = "XX110"
        keyword = "odd"

        def fix(self, node: Node, word: Word) -> Fix:
            text = word.source.text
            new = text.replace("odd", "fine", 1)
            return Fix("write all anew", [Edit(word.source, 0, len(text), new)], Applicability.SAFE)

    fixed = fix([on_disk(tmp_path, "lb1", "bad\nodd\n")], Toy(), Swap())
    assert list(after(fixed).values()) == ["good\nfine\n"] and len(fixed.applied) == 2


def test_lines_put_at_one_place_are_all_written(tmp_path: Path) -> None:
    class Wants(Rule):
        severity = Severity.WARNING
        line = ""

        def check_node(self, node: Node) -> Iterator[Finding]:
            source = node.files[KEEPALIVED]
            if self.line not in source.text:
                end = len(source.text)
                edit = Edit(source, end, end, self.line)
                yield self.finding("m", node, Word(source, 0, 1), fix=Fix("t", [edit], Applicability.SAFE))

    rules = [
        type(f"Wants{n}", (Wants,), {"code": f"XX{n}", "name": str(n), "line": f"w{n}\n"})() for n in range(200, 215)
    ]
    fixed = fix([on_disk(tmp_path, "lb1", "x\n")], *rules)
    assert list(after(fixed).values()) == ["x\n" + "".join(f"w{n}\n" for n in range(200, 215))]


def test_a_fix_that_harms_until_another_is_made_comes_after_it(tmp_path: Path) -> None:
    class Needs(Rule):
        """An error as long as `good` stands there without `fine`."""

        code, name, severity = "XX120", "needs", Severity.ERROR

        def check_node(self, node: Node) -> Iterator[Finding]:
            text = node.files[KEEPALIVED].text
            if "good" in text and "fine" not in text:
                yield self.finding("m", node, Word(node.files[KEEPALIVED], 0, 1))

    class Late(Toy):
        """Its edit takes the place of Toy's, which goes first."""

        code, keyword = "XX121", "odd"

        def fix(self, node: Node, word: Word) -> Fix:
            text = word.source.text
            return Fix("t", [Edit(word.source, 0, len(text), text.replace("odd", "fine"))], Applicability.SAFE)

    fixed = fix([on_disk(tmp_path, "lb1", "bad\nodd\n")], Toy(), Late(), Needs())
    assert list(after(fixed).values()) == ["good\nfine\n"] and fixed.refused == []
    assert [finding.code for finding in fixed.applied] == ["XX121", "XX101"]


def test_a_fix_that_leaves_its_finding_is_refused(tmp_path: Path) -> None:
    class Idle(Toy):
        to = "bad "

    fixed = fix([on_disk(tmp_path, "lb1", "bad\nodd\n")], Idle(), Warned())
    assert list(after(fixed).values()) == ["bad\ngood\n"]
    assert [(r.finding.code, r.reason) for r in fixed.refused] == [("XX101", "the finding would still be there")]
    assert [finding.code for finding in fixed.remaining.findings] == ["XX101"]


def test_a_fix_that_adds_an_error_is_refused_though_its_rule_is_not_selected(tmp_path: Path) -> None:
    class ToBad(Warned):
        to = "bad"

    nodes = [on_disk(tmp_path, "lb1", "odd\n")]
    fixed = fixer.fix(nodes, one_cluster, Selection(["XX102"]), rules=[Toy(), ToBad()])
    assert fixed.changes == []
    assert "it would add an error, XX101 in lb1" in fixed.refused[0].reason


def test_what_a_refused_fix_kept_waiting_is_made(tmp_path: Path) -> None:
    class Idle(Toy):
        code = "XX100"
        to = "bad "

    fixed = fix([on_disk(tmp_path, "lb1", "bad\n")], Idle(), Toy())
    assert list(after(fixed).values()) == ["good\n"]


def test_fixes_without_end_change_nothing(tmp_path: Path) -> None:
    class There(Warned):
        code, keyword, to = "XX120", "here", "there"

    class Back(Warned):
        code, keyword, to = "XX121", "there", "here"

    with pytest.raises(FixError, match=r"XX12.*nothing was changed"):
        fix([on_disk(tmp_path, "lb1", "here\n")], There(), Back())


def test_new_files_with_their_folders(tmp_path: Path) -> None:
    fixed = fix([on_disk(tmp_path, "lb1", "x\n"), on_disk(tmp_path, "lb2", "x\n")], Lacks())
    save(fixed, tmp_path)
    for name in ("lb1", "lb2"):
        made = tmp_path / name / "etc/new/file"
        assert made.read_text() == "text\n" and stat.S_IMODE(made.stat().st_mode) == 0o644
    assert [change.before for change in fixed.changes] == [None, None]


def test_a_new_file_does_not_replace_one(tmp_path: Path) -> None:
    nodes = [on_disk(tmp_path, "lb1", "x\n")]
    there = tmp_path / "lb1/etc/new/file"
    there.parent.mkdir()
    there.symlink_to("nowhere")
    fixed = fix(nodes, Lacks())
    assert fixed.changes == [] and "is already there" in fixed.refused[0].reason


def test_a_new_file_is_created_once(tmp_path: Path) -> None:
    class LacksToo(Lacks):
        code = "XX107"

    class LacksOther(Lacks):
        code = "XX108"

        def check_node(self, node: Node) -> Iterator[Finding]:
            for finding in super().check_node(node):
                assert isinstance(finding, Finding)
                finding.fix = Fix("t", [Create(node, "/etc/new/file", "other\n")], Applicability.SAFE)
                yield finding

    fixed = fix([on_disk(tmp_path, "lb1", "x\n")], Lacks(), LacksToo(), LacksOther())
    assert list(after(fixed).values()) == ["text\n"] and fixed.refused == []


def test_what_has_no_file_is_refused() -> None:
    fixed = fix([node("lb1", source("archive.tar!/etc/keepalived/keepalived.conf", "bad\n"))], Toy())
    assert fixed.changes == [] and "cannot be written" in fixed.refused[0].reason
    fixed = fix([node("lb1", source("a", "x\n"))], Lacks())
    assert fixed.changes == [] and "there is no place for /etc/new/file of lb1" in fixed.refused[0].reason


def test_what_is_out_of_the_folders_is_refused_and_the_rest_is_fixed(tmp_path: Path) -> None:
    nodes = [on_disk(tmp_path, "lb1", "bad\n"), on_disk(tmp_path, "lb2", "bad\n")]
    fixed = fixer.fix(nodes, one_cluster, Selection(), rules=[Toy()], roots=[str(tmp_path / "lb1")])
    assert list(after(fixed)) == ["lb1/etc/keepalived/keepalived.conf"]
    assert "out of the checked folders" in fixed.refused[0].reason


def test_a_shared_file_is_fixed_once(tmp_path: Path) -> None:
    first = on_disk(tmp_path, "lb1", "bad\n")
    second = node("lb2", first.files[KEEPALIVED], root=str(tmp_path / "lb2"))
    fixed = fix([first, second], Toy())
    assert list(after(fixed).values()) == ["good\n"]


def diff(before: str, after: str, show: bool = False) -> str:
    change = fixer.Change(source("a/x.conf", before), source("a/x.conf", after))
    return unified([change], Masking(show))


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\nb", "a\nB"),
        ("a\nb", "a\nb\n"),
        ("a\r\nb\r\n", "a\r\nB\r\n"),
        ("".join(f"{n}\n" for n in range(40)), "".join(f"{n}\n" for n in range(40) if n not in (3, 30)) + "end\n"),
        ("a\x85b\x0cc\n", "a\x85b\x0cd\n"),
        ("x\n", ""),
    ],
)
def test_git_applies_the_diff(before: str, after: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x.conf").write_bytes(before.encode())
    subprocess.run(["git", "apply", "-"], input=diff(before, after).encode(), cwd=tmp_path, check=True)
    assert (tmp_path / "a/x.conf").read_bytes() == after.encode()


def test_the_diff_of_a_new_file(tmp_path: Path) -> None:
    fixed = fix([on_disk(tmp_path, "lb1", "x\n")], Lacks())
    text = unified(fixed.changes, Masking())
    assert text.startswith("--- /dev/null\n+++ b/") and text.endswith("lb1/etc/new/file\n@@ -0,0 +1 @@\n+text\n")


def test_a_secret_in_a_diff_is_masked_and_said() -> None:
    text = diff("auth_pass old1\n", "auth_pass new2\n")
    assert "old1" not in text and "new2" not in text
    assert text.splitlines()[0].endswith("cannot be applied; `halint fix` can")
    assert text.endswith("-auth_pass ***\n+auth_pass ***\n")
    assert "new2" in diff("auth_pass old1\n", "auth_pass new2\n", show=True)
    far = "auth_pass old1\n" + "\n" * 9
    assert "***" not in diff(far + "a\n", far + "b\n"), "the secret is not in the hunk"


# --- writing ---------------------------------------------------------------------------------------------------


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an unprivileged user may enter: that of pytest is root's alone."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def fails(texts: list[NewText], folder: Path, match: str, root: Path | None = None) -> None:
    """Writing fails, and everything is as it was, without leftovers."""
    before = files(folder), sorted(folder.rglob("*"))
    with pytest.raises(WriteError, match=match):
        write(texts, [str(root or folder)])
    assert (files(folder), sorted(folder.rglob("*"))) == before


def as_nobody(action: Callable[[], None]) -> None:
    """Run `action` without root's rights."""
    if os.geteuid() != 0:
        action()
        return
    os.setegid(65534)
    os.seteuid(65534)
    try:
        action()
    finally:
        os.seteuid(0)
        os.setegid(0)


def test_mode_owner_and_attributes_stay(folder: Path) -> None:
    path = folder / "a"
    path.write_bytes(b"old")
    path.chmod(0o4640)
    if os.geteuid() == 0:
        os.chown(path, 1234, 4321)
        path.chmod(0o4640)
    attributes = True
    try:
        os.setxattr(path, "user.halint", b"x")
    except OSError:
        attributes = False
    before = path.stat()
    write([NewText(str(path), b"old", b"new")], [str(folder)])
    now = path.stat()
    assert path.read_bytes() == b"new"
    assert (now.st_mode, now.st_uid, now.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert not attributes or os.getxattr(path, "user.halint") == b"x"
    assert os.listdir(folder) == ["a"]


def test_a_file_that_changed_since_is_left(folder: Path) -> None:
    (folder / "a").write_bytes(b"mine")
    (folder / "b").write_bytes(b"old")
    fails(
        [NewText(str(folder / "b"), b"old", b"new"), NewText(str(folder / "a"), b"old", b"new")],
        folder,
        "has changed since",
    )


def test_a_file_that_is_gone(folder: Path) -> None:
    (folder / "b").write_bytes(b"old")
    fails(
        [NewText(str(folder / "b"), b"old", b"new"), NewText(str(folder / "a"), b"old", b"new")], folder, "No such file"
    )


def test_a_file_that_is_not_writable(folder: Path) -> None:
    folder.chmod(0o777)
    (folder / "a").write_bytes(b"old")
    (folder / "a").chmod(0o444)
    as_nobody(lambda: fails([NewText(str(folder / "a"), b"old", b"new")], folder, "is not writable"))


def test_a_file_whose_owner_cannot_be_kept(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to another user")
    folder.chmod(0o777)
    (folder / "a").write_bytes(b"old")
    (folder / "a").chmod(0o666)
    as_nobody(lambda: fails([NewText(str(folder / "a"), b"old", b"new")], folder, "nothing was changed"))


def test_a_folder_that_is_not_writable(folder: Path) -> None:
    path = folder / "sub"
    path.mkdir()
    (path / "a").write_bytes(b"old")
    (path / "a").chmod(0o666)
    path.chmod(0o555)
    (folder / "b").write_bytes(b"old")
    (folder / "b").chmod(0o666)
    texts = [NewText(str(folder / "b"), b"old", b"new"), NewText(str(path / "a"), b"old", b"new")]
    as_nobody(lambda: fails(texts, folder, "Permission denied|Operation not permitted"))
    path.chmod(0o755)


def test_what_stands_in_the_way_of_the_second_file_undoes_the_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between staging and renaming, a folder takes the place of the second file."""
    for name in "abc":
        (folder / name).write_bytes(b"old")
    inode = (folder / "a").stat().st_ino
    replace = os.replace

    def obstruct(temporary: str, path: str) -> None:
        if path.endswith("/b") and temporary.endswith(".new~"):
            (folder / "b").unlink()
            (folder / "b").mkdir()
            try:
                replace(temporary, path)
            finally:
                (folder / "b").rmdir()
        else:
            replace(temporary, path)

    monkeypatch.setattr(os, "replace", obstruct)
    fails([NewText(str(folder / name), b"old", b"new") for name in "abc"], folder, "Is a directory")
    assert (folder / "a").stat().st_ino == inode


def test_a_file_that_appears_is_not_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a").write_bytes(b"old")
    link = os.link

    def appear(temporary: str, path: str) -> None:
        if path.endswith("/new/b"):
            Path(path).write_bytes(b"theirs")
        link(temporary, path)

    monkeypatch.setattr(os, "link", appear)
    with pytest.raises(WriteError, match="File exists"):
        write([NewText(str(folder / "a"), b"old", b"new"), NewText(str(folder / "new/b"), None, b"x")], [str(folder)])
    assert files(folder) == {"a": b"old", "new/b": b"theirs"}


def test_a_folder_in_the_way_of_a_new_file(folder: Path) -> None:
    (folder / "a").write_bytes(b"old")
    texts = [NewText(str(folder / "a"), b"old", b"new"), NewText(str(folder / "made/x/b"), None, b"x")]
    fails([*texts, NewText(str(folder / "a/b"), None, b"x")], folder, "File exists|Not a directory")
    write(texts, [str(folder)])
    assert files(folder) == {"a": b"new", "made/x/b": b"x"}


def test_links_are_written_through_inside_the_folders_only(folder: Path) -> None:
    inside, outside = folder / "in", folder / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "real").write_bytes(b"old")
    (outside / "real").write_bytes(b"old")
    (inside / "link").symlink_to("real")
    (inside / "leads-out").symlink_to("../out/real")
    (inside / "folder-out").symlink_to("../out")
    write([NewText(str(inside / "link"), b"old", b"new")], [str(inside)])
    assert (inside / "link").is_symlink() and (inside / "real").read_bytes() == b"new"
    fails([NewText(str(inside / "leads-out"), b"old", b"new")], folder, "out of the checked folders", inside)
    fails([NewText(str(inside / "folder-out/b"), None, b"new")], folder, "out of the checked folders", inside)


def test_two_names_of_a_file(folder: Path) -> None:
    (folder / "a").write_bytes(b"old")
    (folder / "b").symlink_to("a")
    texts = [NewText(str(folder / name), b"old", new) for name, new in (("a", b"1"), ("b", b"2"))]
    fails(texts, folder, "several names")
    write([NewText(str(folder / name), b"old", b"1") for name in "ab"], [str(folder)])
    assert (folder / "a").read_bytes() == b"1" and sorted(os.listdir(folder)) == ["a", "b"]


def test_an_interrupt_undoes_what_was_done(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        (folder / name).write_bytes(b"old")
    replace, interrupts = os.replace, [KeyboardInterrupt]

    def interrupted(temporary: str, path: str) -> None:
        if path.endswith("/b") and interrupts:
            raise interrupts.pop()
        replace(temporary, path)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write([NewText(str(folder / name), b"old", b"new") for name in "ab"], [str(folder)])
    assert files(folder) == {"a": b"old", "b": b"old"}


KILLED = """
import os, signal, sys
from halint.fixes.atomic import NewText, write
calls, at = 0, int(sys.argv[2])
def counted(name):
    call = getattr(os, name)
    def run(*a, **k):
        global calls
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*a, **k)
    setattr(os, name, run)
for name in ("open", "fsync", "link", "replace", "unlink", "fchmod"):
    counted(name)
write([NewText(f"{sys.argv[1]}/{n}", b"old" * 9999, b"new" * 9999) for n in "ab"], [sys.argv[1]])
"""


def test_a_killed_run_leaves_every_file_whole(folder: Path) -> None:
    import sys

    outcomes = set()
    for at in range(1, 40):
        for name in "ab":
            (folder / name).write_bytes(b"old" * 9999)
        done = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(at)], check=False)
        now = {(folder / name).read_bytes() for name in "ab"}
        assert now <= {b"old" * 9999, b"new" * 9999}
        outcomes.add(len(now))
        if done.returncode == 0:
            break
        for left in folder.glob(".halint-*"):
            left.unlink()
    assert done.returncode == 0 and outcomes == {1, 2}, "the calls were not all tried"


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), st.sampled_from(["", "x", "line\n"])), max_size=12))
def test_edits_are_taken_as_long_as_none_touches_another(wanted: list[tuple[int, int, str]]) -> None:
    place = source("a", "ab\nab\nab\nab\nab\n")
    used = fixer._Used()
    taken: list[Edit] = []
    for start, length, text in wanted:
        edit = Edit(place, start, start + length, text)
        again = linter.identity(edit) in {linter.identity(other) for other in taken}
        expected = again or not any(fixer._meet(edit, other) for other in taken)
        assert used.take([edit]) is expected
        if expected and not again:
            taken.append(edit)
