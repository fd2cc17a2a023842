"""Files that are almost right: those of corpus/, rule pages and the public corpus, with something done to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from corpus_of_others import CORPUS
from hypothesis import strategies as st
from rule_pages import examples

from halint import registry
from halint.readers import formats

CLUSTERS = Path(__file__).parents[1] / "corpus"

#: Pieces that end, begin, hide or break something in some format.
PIECES = (
    b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xc3", b"\x85", b"\xa0", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b'"', b"'",
    b"`", b"{", b"}", b"(", b")", b"[", b"]", b"<", b">", b"</", b"/>", b"<!--", b"-->", b"<![CDATA[", b"&lt;", b"&x;",
    b"\\", b"\\\n", b"\\x4", b"#", b"!", b"$", b"${", b"$X=", b"@", b"@^lb1 ", b"~SEQ(1,9)", b"*", b"&", b"~", b";", b",",
    b"=", b":", b"/", b"-", b"endscript\n", b"COMMIT\n", b".if 1\n", b".endif\n", b"include *.conf\n", b"-1", b"0",
    b"256", b"65536", b"1.5", b"99999999999999999999", b"::", b"0.0.0.0/0", b"192.0.2.10", b"2001:db8::10/200",
    b" halint: ignore[KA] until=2020-02-30\n",
)  # fmt: skip


@cache
def clusters() -> dict[str, dict[str, bytes]]:
    """The clusters of corpus/: every file by its path below the cluster."""
    return {
        folder.name: {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.glob("*/**/*"))
            if path.is_file() and not path.is_symlink()
        }
        for folder in sorted(CLUSTERS.iterdir())
        if folder.is_dir()
    }


@cache
def files(form: str, public: bool = False) -> list[bytes]:
    """Files of a format, each once; with `public`, those of the public corpus that are not long, where it is here."""
    pages = [e.files for rule in registry.rules().values() for e in examples(rule.code, registry.page(rule))]
    shown = [{path: text.encode() for path, text in page.items()} for page in pages]
    own = [
        data
        for cluster in [*clusters().values(), *shown]
        for path, data in cluster.items()
        if formats.of_path(path[path.find("/") :]) == form
    ]
    paths = sorted(CORPUS.glob(f"{form}/**/*")) if public else []
    others = [path.read_bytes() for path in paths if path.is_file() and path.stat().st_size < 4096]
    return list(dict.fromkeys(own + others))


def mutated(data: bytes, others: list[bytes], most: int = 4) -> st.SearchStrategy[bytes]:
    """`data` with one to `most` things done to it; `others`: where spliced pieces come from."""
    return st.lists(_mutation(others), min_size=1, max_size=most).map(lambda done: _all(data, done))


Mutation = Callable[[bytes], bytes]


def _all(data: bytes, done: list[Mutation]) -> bytes:
    for one in done:
        data = one(data)
    return data


def _mutation(others: list[bytes]) -> st.SearchStrategy[Mutation]:
    share = st.integers(0, 999)
    return st.one_of(
        st.builds(_lines, share, share, st.sampled_from(["drop", "double", "swap", "cut", "indent"])),
        st.builds(_span, share, st.integers(0, 12), st.sampled_from(["drop", "double", "reverse"])),
        st.builds(_insert, share, st.sampled_from(PIECES)),
        st.builds(_word, share, st.sampled_from(PIECES) | st.just(b""), share),
        st.builds(_splice, share, share, st.sampled_from(others or [b""]), share),
        st.sampled_from([_crlf, _no_final_newline]),
    )


def _at(data: bytes, share: int) -> int:
    return len(data) * share // 1000


def _lines(first: int, second: int, how: str) -> Mutation:
    def change(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        if not lines:
            return data
        one, two = len(lines) * first // 1000, len(lines) * second // 1000
        if how == "drop":
            del lines[one]
        elif how == "double":
            lines.insert(two, lines[one])
        elif how == "swap":
            lines[one], lines[two] = lines[two], lines[one]
        elif how == "cut":
            lines = lines[:one]
        else:
            lines[one] = b"\t " + lines[one]
        return b"".join(lines)

    return change


def _span(share: int, length: int, how: str) -> Mutation:
    def change(data: bytes) -> bytes:
        start = _at(data, share)
        piece = data[start : start + length]
        new = {"drop": b"", "double": piece * 2, "reverse": piece[::-1]}[how]
        return data[:start] + new + data[start + length :]

    return change


def _insert(share: int, piece: bytes) -> Mutation:
    return lambda data: data[: _at(data, share)] + piece + data[_at(data, share) :]


def _word(share: int, piece: bytes, other: int) -> Mutation:
    """Put `piece`, or another word of the file, in the place of a word."""

    def change(data: bytes) -> bytes:
        words = [match.span() for match in re.finditer(rb"[^ \t\r\n]+", data)]
        if not words:
            return data
        start, end = words[len(words) * share // 1000]
        from_, to = words[len(words) * other // 1000]
        return data[:start] + (piece or data[from_:to]) + data[end:]

    return change


def _splice(share: int, length: int, other: bytes, where: int) -> Mutation:
    def change(data: bytes) -> bytes:
        start = _at(other, where)
        at = _at(data, share)
        return data[:at] + other[start : start + length] + data[at:]

    return change


def _crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def _no_final_newline(data: bytes) -> bytes:
    return data.rstrip(b"\r\n")


def pieces(form: str) -> st.SearchStrategy[bytes]:
    """Files made of the words, blanks and line endings of real ones."""
    found = dict.fromkeys(piece for data in files(form) for piece in re.findall(rb"[\w.-]+|[ \t]+|[^ \t]", data))
    return st.lists(st.sampled_from([*found, *PIECES]), max_size=30).map(b"".join)


def _same(_path: str, data: bytes) -> bytes:
    return data


def mutated_clusters(
    prepare: Callable[[str, bytes], bytes] = _same, spared: bytes = b""
) -> st.SearchStrategy[dict[str, bytes]]:
    """A cluster of corpus/, its files as `prepare` makes them, and one to three of them mutated, but for the
    lines with `spared` in them."""

    @st.composite
    def cluster(draw: st.DrawFn) -> dict[str, bytes]:
        original = clusters()[draw(st.sampled_from(sorted(clusters())))]
        made = {path: prepare(path, data) for path, data in original.items()}
        for path in draw(st.lists(st.sampled_from(sorted(made)), min_size=1, max_size=3, unique=True)):
            pattern = rb"(?:\A|\n)(?:[^\n]*%s[^\n]*(?:\n|\Z))+" % spared if spared else rb"(?!)"
            kept = [match.span() for match in re.finditer(pattern, made[path])]
            ends = [0, *(end for _, end in kept)]
            start, end = draw(st.sampled_from([*zip(ends, [*(s for s, _ in kept), len(made[path])], strict=True)]))
            new = draw(mutated(made[path][start:end], [original[draw(st.sampled_from(sorted(original)))]]))
            made[path] = made[path][:start] + new + made[path][end:]
        return made

    return cluster()
