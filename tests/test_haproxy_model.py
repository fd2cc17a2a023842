"""What halint takes haproxy's configuration to mean: effective values, listeners, servers, log targets, conditions."""

from __future__ import annotations

import json

import pytest
from corpus_of_others import CORPUS, needs_corpus

from halint.finding import Finding
from halint.models.haproxy import Haproxy, Proxy
from halint.models.haproxy.conditions import evaluate
from halint.models.haproxy.listeners import Bind
from halint.node import Node
from halint.registry import rules
from halint.source import Source
from halint.targets import Targets

MAIN = "/etc/haproxy/haproxy.cfg"


def node(*texts: str, version: tuple[int, ...] | None = (2, 6, 12), **files: str) -> Node:
    named = {MAIN: "\n".join(texts) + "\n", **{f"/etc/haproxy/{k}.cfg": v for k, v in files.items()}}
    sources = {path: Source(path, text, format="haproxy") for path, text in named.items()}
    return Node("lb1", "/", sources, Targets(haproxy=version))


def model(*texts: str, **files: str) -> Haproxy:
    found = node(*texts, version=(2, 6, 12), **files).haproxy
    assert found is not None
    return found


def proxy(*texts: str) -> Proxy:
    return model(*texts).proxies[-1]


def found(code: str, *texts: str, version: tuple[int, ...] | None = (2, 6, 12)) -> list[Finding]:
    here = node(*texts, version=version)
    return [f for f in rules()[code].check_node(here) if isinstance(f, Finding)]


def bind(text: str) -> Bind:
    (only,) = proxy(f"frontend f\n bind {text}").binds
    return only


def test_defaults_are_those_named_or_the_last() -> None:
    haproxy = model(
        "frontend a\ndefaults x\n mode http\n timeout client 1s\ndefaults y from x\n timeout client 2s",
        "frontend b\nfrontend c from x\ndefaults\nfrontend d\nfrontend e from z",
    )
    values = {p.name: (p.mode.value, p.timeout("client").value, p.certain) for p in haproxy.proxies}
    assert values == {
        "a": ("tcp", None, True),
        "b": ("http", "2s", True),
        "c": ("http", "1s", True),
        "d": ("tcp", None, True),
        "e": ("tcp", None, False),
    }


def test_a_setting_knows_where_it_is_written() -> None:
    timeout = proxy("defaults\n timeout client 1s\nfrontend a").timeout("client")
    assert timeout.word is not None
    assert timeout.word.source.position(timeout.word.start) == (2, 17)
    bare = proxy("frontend a")
    assert bare.timeout("client").at is bare.head


def test_a_long_chain_of_defaults_is_no_recursion() -> None:
    chain = "".join(f"defaults d{n} from d{n - 1}\n" for n in range(1, 3000))
    last = proxy(
        "global\n log /dev/log local0\ndefaults d0\n log global\n mode http\n default-server check",
        chain,
        "backend b\n server s a:1",
    )
    assert (last.mode.value, last.servers[0].checked, len(last.logs)) == ("http", True, 1)


@pytest.mark.parametrize(
    ("text", "address", "wildcard", "family", "ports"),
    [
        (":80", None, True, 4, (80, 80)),
        ("*:80", None, True, 4, (80, 80)),
        ("0.0.0.0:80", None, True, 4, (80, 80)),
        (":::80", None, True, None, (80, 80)),
        ("[::]:80 v4v6", None, True, None, (80, 80)),
        ("[::]:80 v6only", None, True, 6, (80, 80)),
        ("ipv6@:80 v6only", None, True, 6, (80, 80)),
        ("192.0.2.1:1000-1010", "192.0.2.1", False, 4, (1000, 1010)),
        ("ipv4@192.0.2.1:80", "192.0.2.1", False, 4, (80, 80)),
        ("[2001:DB8::1]:80", "2001:db8::1", False, 6, (80, 80)),
        ("2001:db8::1:80", "2001:db8::1", False, 6, (80, 80)),
        ("'192.0.2.1:80'", "192.0.2.1", False, 4, (80, 80)),
    ],
)
def test_bind(text: str, address: str | None, wildcard: bool, family: int | None, ports: tuple[int, int]) -> None:
    made = bind(text)
    assert made.known
    assert (made.address, made.wildcard, made.family, (made.low, made.high)) == (address, wildcard, family, ports)


@pytest.mark.parametrize(
    "text",
    [
        '"${VIP}:80"',
        "$VIP:80",
        "/run/x.sock",
        "unix@x",
        "abns@x",
        "fd@3",
        "rhttp@b/s",
        "name:80",
        "192.0.2.1",
        ":80-x",
        "@:80x",
    ],
)
def test_bind_that_is_not_known(text: str) -> None:
    assert not bind(text).known


def test_bind_options_and_lists() -> None:
    first, second = proxy("frontend f\n bind 192.0.2.1:80,:81 interface transparent name x ssl namespace n").binds
    assert (first.word.text, second.word.text) == ("192.0.2.1:80", ":81")
    assert first.word.source.text[first.word.start : first.word.end] == "192.0.2.1:80"
    assert (first.interface, first.transparent, first.namespace) == ("transparent", False, "n")
    assert list(first.options) == ["interface", "name", "ssl", "namespace"]
    assert bind("quic4@:443").protocol == "udp"
    assert bind("[fe80::1%eth0]:80").interface == "eth0"
    assert [b.low for b in proxy("listen l :80\n bind :81").binds] == [80, 81]
    assert proxy("frontend f from x").binds == []


@pytest.mark.parametrize(
    ("lines", "checked"),
    [
        ("server a a:1 check", True),
        ("server a a:1 weight 10 agent-check", True),
        ("server a a:1 track b/c", True),
        ("server check a:1", False),
        ("server a a:1 cookie check", False),
        ("default-server check\n server a a:1", True),
        ("server a a:1\n default-server check", False),
        ("default-server check\n server a a:1 no-check", False),
        ('server a a:1 "${OPTIONS[*]}"', None),
        ('server a a:1 "${OPTIONS[*]}" check', True),
        ('server a a:1 cookie "${COOKIE}"', False),
        ("server\ta  a:1\tinter 2s\tcheck # no check", True),
        ('server a a:1 "check"', True),
    ],
)
def test_checked(lines: str, checked: bool | None) -> None:
    assert [server.checked for server in proxy(f"backend b\n {lines}").servers] == [checked]


def test_servers_of_defaults_and_their_flags() -> None:
    servers = proxy(
        "defaults\n default-server check backup\nbackend b\n server a a:1 no-backup\n server b b:1 disabled",
        " server-template c 3 c:1 no-check",
    ).servers
    assert [(s.name, s.checked, s.backup, s.disabled, s.template) for s in servers] == [
        ("a", True, False, False, False),
        ("b", True, True, True, False),
        ("c", False, True, False, True),
    ]


def test_servers_of_peers_and_resolvers_are_none_of_a_proxy() -> None:
    assert model("peers p\n bind :1\n server a a:1\nring r\n server b b:1").proxies == []


def test_log_targets() -> None:
    haproxy = model(
        "global\n log /dev/log local0\n log 127.0.0.1 len 4096 format rfc5424 sample 1:2 Local1 notice",
        "defaults\n log global\nfrontend a\n log tcp@[::1]:1514 local2\nfrontend b\n no log\n log ring@r local3",
        'frontend c\n log stdout format raw daemon\n log "$SINK" local4\n log name:x user',
        "frontend d\n disabled\n log unix@/x mail",
    )
    said = [(t.kind, t.host, t.port, t.path, t.facility) for t in haproxy.log_targets]
    assert said == [
        ("unix", "", 0, "/dev/log", "local0"),
        ("udp", "127.0.0.1", 514, "", "local1"),
        ("tcp", "::1", 1514, "", "local2"),
        ("ring", "", 0, "", "local3"),
        ("stdout", "", 0, "", "daemon"),
        ("unknown", "", 0, "", "local4"),
        ("udp", "name", 514, "", "user"),
    ]
    assert [len(p.logs) for p in haproxy.proxies] == [3, 1, 5, 3]


def test_loaded_files() -> None:
    haproxy = model("frontend a", other="frontend b", **{"conf.d/c": "frontend c"})
    assert [p.name for p in haproxy.proxies] == ["a"]
    assert [source.path for source in haproxy.unloaded] == ["/etc/haproxy/conf.d/c.cfg", "/etc/haproxy/other.cfg"]
    assert not haproxy.files_known


@pytest.mark.parametrize(
    ("condition", "version", "value"),
    [
        ("", None, False),
        ("0", None, False),
        ("!0 && 0x10", None, True),
        ("defined(A)", None, None),
        ("defined(A) || !feature(LUA) || 1", None, True),
        ("defined(A) && 0", None, False),
        ("1 || 0 && 0", None, True),
        ("!(0 || (1 && 0))", None, True),
        ("streq(a,a)", None, True),
        ("strneq(a,a)", None, False),
        ("streq($A,a)", None, None),
        ("version_atleast(2.4)", (2, 6), True),
        ("version_atleast(2.6.3)", (2, 6), None),
        ("version_before(2.6.12)", (2, 6, 12), False),
        ("version_before(3.0-dev1)", (2, 6), True),
        ("version_before(3.0)", None, None),
        ("bogus", None, None),
        ("(" * 5000 + "1" + ")" * 5000, None, True),
    ],
)
def test_conditions(condition: str, version: tuple[int, ...] | None, value: bool | None) -> None:
    assert evaluate(condition, version) is value


def test_branches() -> None:
    haproxy = model(
        "frontend a\n.if version_before(2.0)\n bind :1\n.elif defined(X)\n bind :2\n.else\n bind :3\n.endif\n bind :4",
        ".if 0\nfrontend b\n.if 1\n.endif\n bind :5\n.endif\n bind :6\n.if defined(Y)\nfrontend c\n bind :7\n.endif",
    )
    first, second = haproxy.proxies
    assert [(b.low, b.certain) for b in first.binds] == [(2, False), (3, False), (4, True), (6, True)]
    assert (second.name, second.certain, second.binds[0].certain) == ("c", False, False)


def test_what_may_be_there_is_no_fault() -> None:
    text = "frontend f\n bind :80\n.if defined(X)\n bind :80 ssl\n timeout client 1s\n default_backend b\n.endif"
    assert [found(code, text) for code in ("HA101", "HA105", "HA111")] == [[], [], []]


def test_missing_timeouts_are_those_that_haproxy_names() -> None:
    text = """
frontend f
backend a
backend b
 server s a:1 disabled
backend c
 timeout connect 1s
 timeout tunnel 1h
 server s a:1
backend d
 mode http
 timeout connect 1s
 timeout tunnel 1h
 server s a:1
backend e
 dispatch 192.0.2.1:1
listen g
 timeout client 1s
listen h
 timeout client 0
listen i
 clitimeout 1000
frontend j
 disabled
"""
    assert [f.location.source.text[f.location.start] for f in found("HA111", text)] == ["f", "b", "d", "h"]


@pytest.mark.parametrize(
    ("version", "count"), [((1, 8), 0), ((1, 9), 0), ((2, 0), 1), (None, 1)], ids=["1.8", "1.9", "2.0", "unknown"]
)
def test_address_on_proxy_line_by_version(version: tuple[int, ...] | None, count: int) -> None:
    assert len(found("VE105", "frontend f :80", version=version)) == count


@pytest.mark.parametrize(
    ("version", "severity"), [((2, 1), ""), ((2, 2, 9), "warning"), ((2, 3), "error"), (None, "error")]
)
def test_final_newline_by_version(version: tuple[int, ...] | None, severity: str) -> None:
    here = node(version=version)
    here.files[MAIN].text = "frontend f # x"
    assert "".join(f.severity.label for f in rules()["HA126"].check_node(here) if isinstance(f, Finding)) == severity


def test_byte_order_mark() -> None:
    (finding,) = found("HA126", "\ufeffglobal")
    assert finding.fix is not None
    (edit,) = finding.fix.edits
    assert (edit.start, edit.end, edit.text) == (0, 1, "")  # type: ignore[union-attr]


def said(entry: dict[str, object], kinds: str, before: str, behind: str) -> set[str]:
    """What stands between `before` and `behind` in haproxy's messages about a file."""
    daemon = entry["daemon"]
    assert isinstance(daemon, dict)
    lines = [line for key in ("", "neutral_", "with_lf_") for line in daemon.get(key + kinds, [])]
    return {line.partition(before)[2].partition(behind)[0] for line in lines if before in line}


def tops_out(entry: dict[str, object]) -> bool:
    """Whether haproxy gave up on the file before it looked at how its parts fit together."""
    daemon = entry["daemon"]
    assert isinstance(daemon, dict)
    verdict = daemon.get("with_lf_verdict") or daemon["neutral_verdict"]
    return verdict not in ("ok", "ok-nolistener")


@needs_corpus
def test_rules_agree_with_haproxy() -> None:
    """In both directions on what haproxy accepts; of what it refuses, all that it says itself."""
    judged = 0
    for line in (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["kind"] != "haproxy" or not entry.get("daemon"):
            continue
        judged += 1
        source = Source.of_bytes(entry["file"], (CORPUS / entry["file"]).read_bytes(), format="haproxy")
        here = Node("lb1", "/", {MAIN: source}, Targets(haproxy=(2, 6, 12)))

        def texts(code: str, here: Node = here) -> set[str]:
            places = [f.location for f in rules()[code].check_node(here) if isinstance(f, Finding)]
            return {p.source.text[p.start : p.end] for p in places}

        undefined = said(entry, "errors", "_backend: '", "'")
        timeouts = {w.partition("'")[2] for w in said(entry, "warnings", "missing timeouts for ", "'.")}
        refused = said(entry, "errors", "please use the 'bind' keyword ", "addresses")
        if tops_out(entry):
            assert undefined <= texts("HA101"), entry["file"]
            assert timeouts <= texts("HA111"), entry["file"]
        else:
            assert undefined == texts("HA101"), entry["file"]
            assert timeouts - texts("HA111") <= {"producty"}, entry["file"]  # a frontend inside .if
            assert texts("HA111") <= timeouts, entry["file"]
        assert bool(refused) == bool(texts("VE105")), entry["file"]
    assert judged > 300
