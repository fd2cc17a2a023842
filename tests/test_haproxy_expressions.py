"""How expressions, ACLs, conditions and log formats are read: what is known of them, where, and in which version.

Verdicts on single lines are held against haproxy's in test_haproxy_lines.py.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halint.finding import Applicability, Edit
from halint.models.haproxy.language import arguments, conditions, logformat, places, regexes, samples
from halint.models.haproxy.language.complaint import Complaint
from halint.node import Node
from halint.patterns.haproxy_samples_table import ACL_KEYWORDS, CHECKS, CONVERTERS, FETCHES, PREDEFINED
from halint.source import Source
from halint.targets import Targets
from halint.versions import Version

_PATH = "/etc/haproxy/haproxy.cfg"


def complaints(text: str, version: Version | None = (2, 6, 12)) -> list[Complaint]:
    node = Node("lb1", "/", {_PATH: Source(_PATH, text, format="haproxy")}, Targets(haproxy=version))
    assert node.haproxy is not None
    return [c for kind in node.haproxy._judged[1].values() for c in kind]


def said(text: str, version: Version | None = (2, 6, 12)) -> list[tuple[str, str]]:
    """The kinds of what is found in `text`, and the characters that each points at."""
    return [(complaint.kind, complaint.word.raw) for complaint in complaints(text, version)]


def test_an_expression_is_known_by_what_it_gives_and_where() -> None:
    plain = samples.read("req.hdr(host)", (2, 6))
    assert (plain.fetch, plain.type, plain.converted, plain.end) == ("req.hdr", "str", False, 13)
    assert plain.place & places.of("http-request", "frontend")
    assert not plain.place & places.of("http-response", "frontend")
    assert samples.read("req.hdr(host),lower,length", (2, 6)).type == "sint"
    assert samples.read("status", (2, 6)).place & places.of("http-response", "backend")


def test_types_change_with_the_version() -> None:
    assert samples.read("src", (2, 8)).type == "ipv4"
    assert samples.read("src", (3, 0)).type == "addr"
    assert samples.read("src,debug(a)", (3, 0)).type == "addr"
    assert samples.read("src,debug(a)", (2, 8)).type == "any"


@pytest.mark.parametrize(
    ("text", "version", "effect"),
    [
        ("str(a),param(b)", (2, 6, 12), "there is no converter 'param' yet: it came with 2.8"),
        ("str(a),param(b)", (2, 6), "there is no converter 'param' yet: it came with 2.8"),
        ("str(a),param(b)", (2, 7), None),
        ("str(a),param(b)", (2, 8), None),
        ("str(a),param(b)", None, None),
        ("str(a),host_only", (2, 6, 0), "there is no converter 'host_only' yet: it came with 2.6.12"),
        ("str(a),host_only", (2, 6), None),
        ("url_param(a,b,i)", (2, 6, 12), "takes at most 2, and more follows in 'url_param'"),
        ("url_param(a,b,i)", (2, 8), None),
        ("var(ptxn.a)", (2, 8), "'ptxn.a' is not the name of a variable with its scope before a dot"),
        ("var(ptxn.a)", (3, 2), None),
        ("nothing(at all", (2, 0), None),
    ],
)
def test_what_a_version_knows(text: str, version: Version | None, effect: str | None) -> None:
    problem = samples.read(text, version).problem
    if effect is None:
        assert problem is None
    else:
        assert problem is not None
        assert problem[2].startswith(effect)


@pytest.mark.parametrize(
    ("text", "takes", "texts", "end"),
    [
        ("", "[string]", [], 0),
        ("", "string", [""], 0),
        ("()", "[string]", [""], 2),
        ("()", "[integer]", [], 2),
        ("(a,b),c", "string,string", ["a", "b"], 5),
        ('("a,b",c)', "string,string", ["a,b", "c"], 9),
        (r"(a\,b)", "string,string", ["a\\", "b"], 6),
        (r"(a\"b)", "string", ['a"b'], 6),
        (r"('a\n')", "string", ["a\\n"], 7),
        (r'("a\n")', "string", ["a\n"], 7),
        ("('a)b')", "string", ["a)b"], 7),
        ("(a(b)", "string", ["a(b"], 5),
    ],
)
def test_arguments_are_split_and_unquoted(text: str, takes: str, texts: list[str], end: int) -> None:
    found, behind, problem = arguments.read(text, 0, takes)
    assert ([argument.text for argument in found], behind, problem) == (texts, end, None)


def test_what_an_expression_refers_to() -> None:
    found = samples.read("sc_http_req_rate(0,abuse),add(1)", (2, 6)).references
    assert [(kind, argument.text, argument.start) for kind, argument in found] == [("table", "abuse", 19)]
    assert samples.read("http_auth(users)", (2, 6), acl=True).references[0][0] == "user list"
    own = samples.read("src_conn_cnt", (2, 6)).references
    assert [(kind, argument.text) for kind, argument in own] == [("table", "")]
    assert samples.read("sc0_conn_cnt", (2, 6)).references == []


def test_findings_point_at_what_is_wrong() -> None:
    text = """frontend f
    bind :80
    mode http
    acl a req.hdr(host),lowr x
    acl "b" 'path,lowr' x
    acl c path,lowr\\ x y
    http-request set-header X "a %[src,ipmask(99)] b"
"""
    assert said(text) == [
        ("invalid-sample-expression", "lowr"),
        ("invalid-sample-expression", "lowr"),
        ("invalid-sample-expression", "path,lowr\\ x"),
        ("invalid-log-format", "99"),
    ]


def test_acls_are_inherited_from_a_named_defaults_section() -> None:
    text = """defaults one
    mode http
    acl early path /x
defaults two from one
    acl late status 500
frontend a from two
    bind :80
    http-request deny if early late
frontend b from one
    bind :81
    http-request deny if early late
"""
    assert said(text) == [("invalid-condition", "late"), ("undefined-acl", "late")]


def test_an_acl_that_may_be_there_is_there() -> None:
    text = """frontend a
    bind :80
    .if defined(X)
    acl sometimes path /x
    .endif
    http-request deny if sometimes
frontend b from unknown
    bind :81
    http-request deny if anything
frontend c
    bind :82
    acl "$NAME" path /x
    http-request deny if anything
"""
    assert [kind for kind, _ in said(text) if kind == "undefined-acl"] == []


def test_a_line_that_one_mode_takes_is_read_again_in_another() -> None:
    text = """frontend a
    bind :80
    mode http
    log-format %HM
frontend b
    bind :81
    mode tcp
    log-format %HM
"""
    assert said(text) == [("invalid-log-format", "%HM")]


def test_an_acl_that_is_refused_is_not_missed() -> None:
    assert said("frontend f\n bind :80\n mode http\n acl a nofetch x\n http-request deny if a\n") == [
        ("invalid-sample-expression", "nofetch")
    ]


def test_places_are_those_of_the_dump() -> None:
    assert places.name(places.of("http-request", "listen")) == "a frontend http-request header rule"
    assert places.name(places.of("tcp-response content", "listen")) == "a backend tcp-response content rule"
    assert places.name(places.of("log-format", "frontend")) == "logs"
    assert places.of("use_backend", "backend") == 0
    assert places.of("maxconn", "frontend") == 0
    assert conditions.predefined("METH_GET", (2, 6)) == frozenset({FETCHES["method"][0][1]})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (r"^/(a|b)[)]\)$", None),
        (r"[]a(]", None),
        (r"[^]a(]", None),
        (r"[[:alpha:](]", None),
        (r"[\]]", None),
        (r"\Q(\E", None),
        (r"a{", None),
        (r"(?x)a#)", None),
        (r"(?#a(b)c", None),
        (r"(?i)(?:a)(?=b)(?<n>c)", None),
        (r"(*UTF8)a", None),
        (r"(a", "has a '(' that nothing closes"),
        (r"a)", "has a ')' without its '('"),
        (r"[a", "has a '[' that nothing closes"),
        (r"[]", "has a '[' that nothing closes"),
        (r"*.php", "begins with '*', which repeats nothing"),
        ("a\\", "ends in a backslash, which escapes nothing"),
        (r"a\\\\", None),
        (r"(?#a", "has a comment that nothing closes"),
    ],
)
def test_regular_expressions_that_every_pcre_refuses(text: str, fault: str | None) -> None:
    assert regexes.fault(text) == fault


def test_the_tables_agree_with_each_other() -> None:
    assert {fetch for fetch, _ in ACL_KEYWORDS.values()} <= FETCHES.keys()
    assert {fetch for _, fetch in PREDEFINED.values()} <= FETCHES.keys()
    for call in CHECKS:
        kind, _, name = call.partition(" ")
        assert name in (FETCHES if kind == "fetch" else CONVERTERS)


def test_credentials_are_not_shown() -> None:
    text = """frontend f
    bind :80
    mode http
    http-request set-header Authorization "Basic s3cr%etPASS"
    acl a req.hdr(Authorization) -m reg "Bearer s3cr(etPASS"
    acl b req.hdr(Authorization) -m bin s3cretPASS
"""
    found = complaints(text)
    assert len(found) == 3
    for complaint in found:
        assert "etPASS" not in complaint.effect + complaint.cure


TEXT = st.text(st.sampled_from("srchdmapvt(.,)\"'\\%[]{}+-: 019\t\x00é\udc80"), max_size=60)


@settings(max_examples=400, deadline=None)
@given(text=TEXT)
def test_any_text_is_read(text: str) -> None:
    for enclosed in (False, True):
        expression = samples.parse(text, 0, (2, 6), enclosed=enclosed)
        assert 0 <= expression.end <= len(text)
        if expression.problem is not None:
            start, end, _, _ = expression.problem
            assert 0 <= start < end <= max(len(text), 1)
    _, problem = logformat.read(text, (2, 6))
    if problem is not None:
        assert 0 <= problem[0] < problem[1]


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("http-request deny if !is_intrenal", ("is_internal", "is_intrenal", Applicability.DISPLAY)),
        ('http-request deny if "is_intrenal"', ("is_internal", "is_intrenal", Applicability.DISPLAY)),
        ("acl x scr 192.0.2.1", ("src", "scr", Applicability.UNSAFE)),
        ('http-request set-header X "%[hrd(host)]"', ("hdr", "hrd", Applicability.UNSAFE)),
        ("http-request set-header X a\\ %[hrd(host)]", None),  # the escape shifts what follows
        ("acl x nothing_of_the_kind", None),
    ],
)
def test_the_word_that_was_meant_replaces_the_name_alone(line: str, fix: tuple[str, str, Applicability] | None) -> None:
    text = f"frontend f\n bind :80\n mode http\n acl is_internal src 10.0.0.0/8\n {line}\n"
    (complaint,) = complaints(text)
    made = complaint.fix
    assert (made is None) == (fix is None)
    if made is not None:
        (edit,) = made.edits
        assert isinstance(edit, Edit)
        assert (edit.text, text[edit.start : edit.end], made.applicability) == fix
