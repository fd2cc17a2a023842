"""Archives are read in place: as their files would be, and nothing in them does harm."""

from __future__ import annotations

import io
import json
import lzma
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halint.cli import cli
from halint.discovery import archive
from halint.discovery.walk import Entry, in_archive

HOME = Path(__file__).parents[1]
ARTICLE = HOME / "corpus" / "article-el8"
CONF = b"vrrp_instance VI_1 {\n}\n"


def made(*members: tuple[str | tarfile.TarInfo, bytes]) -> bytes:
    """An archive of files, or of what TarInfo says."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for member, data in members:
            info = member if isinstance(member, tarfile.TarInfo) else tarfile.TarInfo(member)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return file.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def read(data: bytes, name: str = "/x.tar") -> dict[str, Entry]:
    return {entry.path: entry for entry in archive.entries(name, io.BytesIO(data))}


def check(*arguments: str, cwd: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    monkeypatch.chdir(cwd)
    result = CliRunner().invoke(cli, ["check", *arguments], standalone_mode=False)
    assert result.exception is None, result.output
    return result.stdout, result.return_value


def packed(folder: Path, name: str, mode: str) -> Path:
    path = folder / name
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for node in ("lb1", "lb2"):
            tar.add(ARTICLE / node, node)
    return path


@pytest.mark.parametrize("name, mode", [("a.tar", "w"), ("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar.xz", "w:xz")])
def test_says_what_it_says_of_the_files(name: str, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed(tmp_path, name, mode)
    found, status = check(name, "--output", "concise", cwd=tmp_path, monkeypatch=monkeypatch)
    assert found.replace(f"{name}!/", "") == (ARTICLE / "expected.txt").read_text()
    assert status == 1
    assert check(".", "--output", "concise", cwd=tmp_path, monkeypatch=monkeypatch) == (found, 1)


def test_an_archive_of_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = packed(tmp_path, "inner.tar.gz", "w:gz")
    (tmp_path / "outer.tar.xz").write_bytes(lzma.compress(made(("reports/inner.tar.gz", inner.read_bytes()))))
    inner.unlink()
    found, _ = check("outer.tar.xz", "--output", "concise", cwd=tmp_path, monkeypatch=monkeypatch)
    assert found.replace("outer.tar.xz!/reports/inner.tar.gz!/", "") == (ARTICLE / "expected.txt").read_text()


def test_nothing_is_fixed_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path, "a.tar", "w")
    before = path.read_bytes()
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["fix", "--unsafe", "--prefer", "lb1", "a.tar"], standalone_mode=False)
    assert result.return_value == 1
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["a.tar"]


def test_json_names_the_member(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed(tmp_path, "a.tar", "w")
    found, _ = check("a.tar", "--output", "json", cwd=tmp_path, monkeypatch=monkeypatch)
    paths = {finding["location"]["path"] for finding in json.loads(found)["findings"]}
    assert "a.tar!/lb1/etc/keepalived/keepalived.conf" in paths


def test_an_archive_deep_in_a_tree_is_nobodys_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dist").mkdir()
    packed(tmp_path / "dist", "a.tar", "w")
    assert check(".", cwd=tmp_path, monkeypatch=monkeypatch) == ("", 3)


NAMES: list[tuple[str, str, str]] = [
    ("/etc/keepalived/keepalived.conf", "/x.tar!/etc/keepalived/keepalived.conf", ""),
    ("./lb1//etc/./hosts", "/x.tar!/lb1/etc/hosts", ""),
    ("../../etc/passwd", "/x.tar!/../../etc/passwd", "its name leads out of the archive"),
    ("lb1/../../etc/passwd", "/x.tar!/lb1/../../etc/passwd", "its name leads out of the archive"),
]


@pytest.mark.parametrize("name, path, fault", NAMES)
def test_names(name: str, path: str, fault: str) -> None:
    (entry,) = read(made((name, CONF))).values()
    assert (entry.path, entry.fault) == (path, fault)
    assert (entry.data == CONF) == (not fault)


LINKS: list[tuple[str, bytes, str]] = [
    ("b", tarfile.SYMTYPE, ""),
    ("../keepalived/b", tarfile.SYMTYPE, ""),
    ("/etc/keepalived/b", tarfile.SYMTYPE, ""),
    ("lb1/etc/keepalived/b", tarfile.LNKTYPE, ""),
    ("again", tarfile.SYMTYPE, "which is not in the archive"),
    ("a", tarfile.SYMTYPE, "which is not in the archive"),
    ("../../../../etc/passwd", tarfile.SYMTYPE, "out of the archive"),
    ("../../../etc/passwd", tarfile.LNKTYPE, "out of the archive"),
    ("/proc/self/environ", tarfile.SYMTYPE, "which is not in the archive"),
]


@pytest.mark.parametrize("target, kind, fault", LINKS)
def test_links_stay_inside(target: str, kind: bytes, fault: str) -> None:
    found = read(made(("lb1/etc/keepalived/b", CONF), link("lb1/etc/keepalived/a", target, kind)))
    entry = found["/x.tar!/lb1/etc/keepalived/a"]
    assert entry.data == (None if fault else CONF)
    assert entry.fault.endswith(fault)
    assert entry.link == (target if kind == tarfile.SYMTYPE else None)


def test_a_mask_is_a_link_to_nothing() -> None:
    found = read(made(link("lb1/etc/systemd/system/keepalived.service", "/dev/null")))
    (entry,) = found.values()
    assert (entry.link, entry.real, entry.fault) == ("/dev/null", "", "")


def test_a_later_member_replaces_an_earlier_one() -> None:
    assert read(made(("a/b", b"old"), ("a/b", b"new")))["/x.tar!/a/b"].data == b"new"
    assert read(made(("a/b", b"old"), link("a/b", "c"), ("a/c", b"new")))["/x.tar!/a/b"].data == b"new"


def test_what_is_no_file_is_not_opened() -> None:
    info = tarfile.TarInfo("etc/keepalived/keepalived.conf")
    info.type = tarfile.FIFOTYPE
    (entry,) = read(made((info, b""))).values()
    assert "FIFO" in entry.fault


def test_logs_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_KEPT", 10)
    found = read(made(("lb1/var/log/messages", bytes(5000)), ("lb1/proc/kcore", bytes(5000)), ("lb1/etc/hosts", b"x")))
    assert list(found) == ["/x.tar!/lb1/etc/hosts"]


BOMBS: list[tuple[str, str, int, Callable[[], bytes]]] = [
    ("/x.tar", "MAX_KEPT", 1000, lambda: made(("a", bytes(2000)))),
    ("/x.tar", "MAX_MEMBERS", 3, lambda: made(*((f"d/{n}", b"") for n in range(5)))),
    ("/x.tar.gz", "MAX_UNPACKED", 1 << 20, lambda: gz(made(("proc/zeros", bytes(4 << 20))))),
    ("/x.tar.xz", "MAX_UNPACKED", 1 << 20, lambda: lzma.compress(made(("proc/zeros", bytes(4 << 20))))),
    ("/x.tar", "MAX_UNPACKED", 1 << 20, lambda: made(("in.tar.gz", gz(made(("proc/zeros", bytes(4 << 20))))))),
]


def gz(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("name, limit, value, make", BOMBS)
def test_a_bomb_is_refused(
    name: str, limit: str, value: int, make: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, limit, value)
    with pytest.raises(archive.ArchiveFault, match="more than"):
        read(make(), name)


def test_a_size_that_nothing_has_is_refused() -> None:
    info = tarfile.TarInfo("etc/hosts")
    info.pax_headers = {"size": "9" * 20}
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info)
    with pytest.raises(archive.ArchiveFault, match="more than"):
        read(file.getvalue())


def test_a_large_member_is_a_fault_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_SIZE", 1 << 20)
    found = read(made(("etc/a", bytes(2 << 20)), ("etc/b", b"b")))
    assert "2 MiB" in found["/x.tar!/etc/a"].fault
    assert found["/x.tar!/etc/b"].data == b"b"


def test_archives_end_somewhere() -> None:
    data = made(("etc/hosts", CONF))
    for _ in range(6):
        data = made(("in.tar", data))
    found = read(data)
    assert [entry.data is not None for entry in found.values()] == [True], "the fourth is a file like any other"


def test_xz_that_wants_much_memory_is_refused() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 512 << 20}]
    with pytest.raises(archive.ArchiveFault, match=r"(?i)memory"):
        read(lzma.compress(made(("etc/hosts", CONF)), filters=filters), "/x.tar.xz")


def test_gzip_in_pieces() -> None:
    data = made(("etc/hosts", CONF))
    assert read(gz(data[:700]) + gz(data[700:]) + bytes(40), "/x.tar.gz")["/x.tar.gz!/etc/hosts"].data == CONF


def test_a_damaged_archive_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path, "a.tar.gz", "w:gz")
    path.write_bytes(path.read_bytes()[:2000])
    found, status = check("a.tar.gz", "--output", "concise", cwd=tmp_path, monkeypatch=monkeypatch)
    assert status == 1
    assert found.startswith("a.tar.gz:1:1: error: ") and "HL" in found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=3000), st.sampled_from(["/x.tar", "/x.tar.gz", "/x.tar.xz"]), st.integers(0, 3000))
def test_any_bytes(data: bytes, name: str, at: int) -> None:
    whole = {"/x.tar": lambda d: d, "/x.tar.gz": gz, "/x.tar.xz": lzma.compress}[name](made(("etc/hosts", CONF)))
    for mutant in (data, whole[:at] + data + whole[at:], whole[:at] + whole[at + len(data) :]):
        try:
            found = read(mutant, name)
        except archive.ArchiveFault:
            continue
        assert all(path.startswith(name + "!/") for path in found)


def test_the_path_of_a_member() -> None:
    assert in_archive("/a/x.tar.gz!/etc/hosts")
    assert in_archive("/a!/x.tar!/etc/hosts")
    assert not in_archive("/a!/etc/hosts")
    assert not in_archive("/a/x.tar")


def test_an_archive_without_a_folder_names_the_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for node in ("lb1", "lb2"):
        with tarfile.open(tmp_path / f"{node}.tar.gz", "w:gz") as archive:
            archive.add(HOME / "corpus" / "healthy-debian12" / node / "etc", "etc")
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(cli, ["nodes"], standalone_mode=False).stdout
    assert printed.startswith("cluster lb1+lb2\n")
