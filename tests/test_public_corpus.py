"""559 keepalived.conf and haproxy.cfg that nobody here wrote: read without loss, and without a syntax
problem where the daemon had none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpus_of_others import CORPUS, needs_corpus

from halint.readers import formats
from halint.source import Source

pytestmark = needs_corpus

#: What haproxy 2.6.12 and keepalived 2.2.7 said, host-neutral, of a file that is well formed.
ACCEPTED = {"ok", "ok-nolistener", "ok+msgs", "host", "script-security"}


def index() -> list[dict[str, object]]:
    if not CORPUS.is_dir():
        return []
    return [json.loads(line) for line in (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines()]


def sources() -> Iterator[tuple[str, Source, str]]:
    for entry in index():
        file, kind, daemon = str(entry["file"]), str(entry["kind"]), entry.get("daemon")
        verdict = daemon["neutral_verdict"] if isinstance(daemon, dict) else None
        data = Path(CORPUS, file).read_bytes()
        yield file, Source.of_bytes(file, data, format=kind), str(verdict)


def test_every_file_is_read_losslessly() -> None:
    count = 0
    for file, source, _ in sources():
        data = Path(CORPUS, file).read_bytes()
        tree, at = formats.read(source), 0
        for token in tree.tokens():
            assert token.start == at, file
            at = token.end
        assert at == len(source.text), file
        assert source.data == data, file
        count += 1
    assert count == 559


def test_an_accepted_file_has_no_syntax_problem() -> None:
    wrong = {file: tree.problems for file, source, verdict in sources() if verdict in ACCEPTED
             if (tree := formats.read(source)).problems}  # fmt: skip
    assert not wrong


@pytest.mark.slow
def test_the_readers_agree_with_the_grammars() -> None:
    import pyparsing as pp
    from test_grammars import flat

    from halint import registry

    for file, source, _ in sources():
        try:
            parsed = registry.grammars()[source.format].parse(source.text)
        except pp.ParseBaseException:
            tree = formats.read(source)
            # haproxy takes a backslash that ends a word and its line, so the reader calls it no problem.
            assert tree.problems or any(token.kind == "error" for token in tree.tokens()), file
            continue
        assert [*flat(parsed)] == [*formats.read(source).tokens()], file


@pytest.mark.slow
@pytest.mark.parametrize("grammar", ["haproxy_expressions", "haproxy_values", "keepalived_values"])
def test_the_values_agree_with_their_patterns(grammar: str) -> None:
    from value_oracle import by_pattern, by_pyparsing

    from halint import registry

    program = grammar.partition("_")[0]
    trees = (formats.read(source) for _, source, _ in sources() if source.format == program)
    words = {word.text for tree in trees for statement in tree.walk() for word in statement.words}
    assert len(words) > 500
    for name, expr in registry.grammars()[grammar].values.items():
        for word in words:
            assert by_pyparsing(expr, word) == by_pattern(expr, word), (name, word)
