"""What haproxy says of lines and keywords, as far as the pages of the rules do not show it."""

from __future__ import annotations

import pytest

from halint.models import haproxy
from halint.models.haproxy import Haproxy
from halint.models.haproxy.language.complaint import Complaint
from halint.node import Node
from halint.source import Source
from halint.targets import Targets
from halint.versions import Version

FILE = "/etc/haproxy/haproxy.cfg"
KINDS = (
    "unknown-keyword", "unknown-action", "keyword-in-wrong-section", "ignored-option-in-section", "missing-argument",
    "haproxy-removed-keyword", "haproxy-keyword-too-new", "deprecated-keyword",
)  # fmt: skip


def read(text: str, version: Version | None = (2, 6, 12)) -> Haproxy:
    files = {FILE: Source("haproxy.cfg", text, format="haproxy")}
    model = haproxy.read(Node("lb1", None, files, Targets(haproxy=version)))
    assert model is not None
    return model


def complaints(text: str, version: Version | None = (2, 6, 12)) -> list[Complaint]:
    model = read(text, version)
    return [complaint for kind in KINDS for complaint in model.complaints(kind)]


def kinds(text: str, version: Version | None = (2, 6, 12)) -> list[tuple[str, str]]:
    return [(complaint.kind, complaint.word.text) for complaint in complaints(text, version)]


@pytest.mark.parametrize(
    "line",
    [
        "bind *:80",
        "tcp-request content set-var(sess.a) src",
        "http-request track-sc0 src",
        "http-request sc-inc-gpc0(1)",
        "http-check set-var-fmt(check.a) b",
        "no option dontlognull",
        "default option dontlognull",
        "no log",
        "stats show-modules",
        "filter opentracing id a",
        "http-request ot-group a b",
        "http-request lua.whatever",
        "filter lua.whatever",
        "compression algo gzip",
        '"http-request" deny',
    ],
)
def test_takes(line: str) -> None:
    assert kinds(f"listen l\n    {line}\n") == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("frobnicate a", ("unknown-keyword", "frobnicate")),
        ("Bind *:80", ("unknown-keyword", "Bind")),
        ("no", ("unknown-keyword", "no")),
        ("no no", ("unknown-keyword", "no")),
        ("option", ("missing-argument", "option")),
        ("tcp-request content", ("missing-argument", "content")),
        ("option frob", ("unknown-keyword", "frob")),
        ("timeout frob 1s", ("unknown-keyword", "frob")),
        ("capture request frob", ("unknown-keyword", "frob")),
        ("http-request frob a", ("unknown-action", "frob")),
        ("tcp-request content frob", ("unknown-action", "frob")),
        ("tcp-request frob", ("unknown-keyword", "frob")),
        ("daemon", ("keyword-in-wrong-section", "daemon")),
        ("nameserver a 127.0.0.1:53", ("keyword-in-wrong-section", "nameserver")),
        ("default timeout client 1s", ("unknown-keyword", "default")),
        ("no reqadd a", ("haproxy-removed-keyword", "reqadd")),
        ("log-steps all", ("haproxy-keyword-too-new", "log-steps")),
    ],
)
def test_complains(line: str, told: tuple[str, str]) -> None:
    assert kinds(f"listen l\n    bind *:80\n    {line}\n") == [told]


@pytest.mark.parametrize("section", ["frontend f", "defaults d", "peers p", "userlist u", "resolvers r", "ring r"])
def test_of_every_kind_of_section(section: str) -> None:
    assert kinds(f"{section}\n    frobnicate a\n") == [("unknown-keyword", "frobnicate")]


@pytest.mark.parametrize(
    ("section", "line", "told"),
    [
        ("program", "no option start-on-reload", []),
        ("peers", "no log", []),
        ("peers", "no bind :1024", [("unknown-keyword", "no")]),
        ("fcgi-app", "no option keep-conn", []),
    ],
)
def test_no_in_other_sections(section: str, line: str, told: list[tuple[str, str]]) -> None:
    assert kinds(f"{section} a\n    {line}\n") == told


def test_takes_any_line_in_a_section_without_keywords() -> None:
    assert kinds("namespace_list\n    namespace blue\n    frobnicate\n") == []


@pytest.mark.parametrize(
    "text",
    [
        '    "$KEYWORD" a\n',
        '    option "${OPTION}"\n',
        '    no option "${OPTION}"\n',
        ".if defined(A)\n    frobnicate\n.endif\n",
        "    frobnicate 'a\n",
        "    frobnicate \\\n",
        ".if 0\n    frobnicate\n.endif\n",
    ],
)
def test_silent_on_what_is_not_certain(text: str) -> None:
    assert kinds(f"listen l\n    bind *:80\n{text}    mode http\n") == []


def test_silent_on_sections_that_may_not_be_there() -> None:
    assert kinds(".if defined(A)\nlisten l\n    frobnicate\n.endif\nlisten m\n    bind *:80\n") == []


def test_lines_before_any_section_are_the_readers() -> None:
    assert kinds("    frobnicate\nlisten l\n    bind *:80\n") == []


def test_says_nothing_of_the_body_of_a_section_that_is_not_known() -> None:
    assert kinds("crt-store s\n    frobnicate\nlisten l\n    bind *:80\n") == [("haproxy-keyword-too-new", "crt-store")]


def test_a_line_that_repeats_is_told_each_time() -> None:
    text = "backend a\n    bind *:80\nbackend b\n    bind *:80\nfrontend c\n    bind *:80\n"
    assert [complaint.statement.start for complaint in complaints(text)] == [text.index("bind"), text.rindex("b\n") + 6]


def test_a_line_that_one_section_takes_is_looked_at_in_another() -> None:
    assert kinds("frontend a\n    bind *:80\nbackend b\n    bind *:80\n") == [("ignored-option-in-section", "bind")]


@pytest.mark.parametrize("version", [(1, 5, 18), (1, 7)])
def test_silent_on_keywords_of_versions_that_nobody_looked_at(version: Version) -> None:
    assert kinds("listen l 127.0.0.1:80\n    reqsetbe ^a b\n    option frob\n", version) == []


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ((2, 0), []),
        ((2, 4), []),
        ((2, 5), []),
        ((2, 6), ["haproxy-removed-keyword"]),
    ],
)
def test_between_two_versions_that_were_looked_at_nothing_is_sure(version: Version | None, told: list[str]) -> None:
    text = "defaults\n    option http-tunnel\n"
    assert [kind for kind, _ in kinds(text, version) if kind != "deprecated-keyword"] == told


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ((2, 6, 12), True),
        ((2, 6, 5), True),
        ((2, 6), False),
        ((2, 6, 20), False),
        ((2, 4, 22), True),
        ((2, 4, 31), False),
        ((2, 8, 25), False),
    ],
)
def test_global_keywords_of_maintenance_releases(version: Version, told: bool) -> None:
    """2.8.25 has keywords that only came with 2.9: so may a release that nobody looked at."""
    assert kinds("global\n    limited-quic\n", version) == [("haproxy-keyword-too-new", "limited-quic")] * told


def test_deprecated_may_be_exposed() -> None:
    text = "global\n    {}\nlisten l\n    bind *:80\n    dispatch 127.0.0.1:80\n"
    assert kinds(text.format("daemon"), (3, 4)) == [("deprecated-keyword", "dispatch")]
    assert kinds(text.format("expose-deprecated-directives"), (3, 4)) == []


def test_named_defaults_take_rules_since_2_6() -> None:
    text = "defaults d\n    http-request deny\n"
    assert kinds(text) == []
    assert kinds(text, (2, 4)) == [("keyword-in-wrong-section", "http-request")]
    assert kinds(text, (2, 5)) == []
    assert kinds(text.replace("defaults d", "defaults")) == [("keyword-in-wrong-section", "http-request")]


def test_keeps_no_words_of_plain_lines() -> None:
    """A file of a hundred thousand lines would take four times the memory."""
    model = read("listen l\n    bind *:80\n    server a 192.0.2.1:80\n")
    model.complaints("unknown-keyword")
    statement = next(s for s in model.trees[0].statements[0].body or [] if s.keyword == "server")
    assert statement._words is None  # type: ignore[attr-defined]


def test_looks_for_the_nearest_word_as_often_as_one_reads_on() -> None:
    """Comparing takes a millisecond: a file of unknown words would take minutes."""
    told = complaints(
        "backend b\n" + "    modee http\n" * 30 + "listen l\n    bind *:80\n" + "    option htplog\n" * 30
    )
    assert [complaint.fix is not None for complaint in told] == [True] * 50 + [False] * 10


def test_says_where_a_rule_belongs_whose_action_is_known_by_its_beginning() -> None:
    (complaint,) = complaints("defaults\n    http-request set-var(txn.a) src\n")
    assert complaint.word.text == "http-request"
    assert complaint.cure == "it belongs into defaults with a name, frontend, listen or backend"


def test_shows_as_much_of_a_word_as_a_message_can_hold() -> None:
    (complaint,) = complaints(f"listen l\n    bind *:80\n    option {'x' * 100_000}\n")
    assert len(complaint.effect) < 100


def test_what_follows_a_misspelt_head_is_misread() -> None:
    head, inside = "backedn b\n    bnd x\n    foo\n", "    backedn b\n    bnd x\n    foo\n"
    assert kinds("frontend f\n" + head) == [("unknown-keyword", "backedn")]
    assert kinds("frontend f\n" + inside) == [("unknown-keyword", word) for word in ("backedn", "bnd", "foo")]
