"""The harness itself: the oracles say what was recorded of the same files, by other means, when they were collected."""

from __future__ import annotations

import re

import pytest
from corpus_of_others import needs_corpus
from inputs import cases, corpus, index, recorded
from panel import NAMES, exceptions, oracle

from halint import registry

pytestmark = pytest.mark.parity

_SCRIPTS = re.compile(r"SECURITY VIOLATION|not found/accessible")
#: Sums, and the rest of long messages.
_UNCOMPARED = re.compile(
    r"Fatal errors found|Error\(s\) found|Warnings were found|Failed to initialize server"
    r"|^ |^$"
)


#: What these name is on no machine.
_ELSEWHERE = {
    "haproxy": """\
global
    user nobody-has
    group this-one
    lua-load /no/such.lua
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
    errorfile 503 /no/such.http
frontend f
    bind :443 ssl crt /no/such.pem
    bind :444 ssl crt-list /no/such.list
    http-request lua.act 1 if { src -f /no/such.acl }
    http-request use-service lua.serve if { path /x }
    http-request set-path %[path,map(/no/such.map),lua.conv]
    default_backend b
backend b
    server s no-such-host.example:80 check
    server t 192.0.2.1:443 ssl ca-file ca.pem
""",
    "keepalived": """\
global_defs {
    enable_script_security
    script_user nobody-has
    smtp_server no-such-host.example
}
vrrp_script c {
    script /no/such.sh
}
vrrp_instance V {
    interface some0
    virtual_router_id 1
    virtual_ipaddress {
        192.0.2.1/24 dev other0
    }
    track_interface {
        third0
    }
    track_script {
        c
    }
}
""",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_host_does_not_colour_the_verdict(name: str) -> None:
    judge = oracle(name)
    verdict = judge.judge(_ELSEWHERE[judge.kind].encode())
    assert verdict.first[0] != 0, "the bare machine should lack all of it"
    assert verdict.clean, verdict


@pytest.mark.parametrize("name", NAMES)
def test_an_oracle_says_the_same_twice(name: str) -> None:
    judge = oracle(name)
    data = b"defaults\n bogus\n" if judge.kind == "haproxy" else b"vrrp_instance V {\n bogus\n}\n"
    first = judge.judge(data)
    assert first == judge.judge(data)
    assert first.status == "rejected"
    assert 2 in [message.line for message in first.messages]


@needs_corpus
@pytest.mark.parametrize(("name", "kind"), [("haproxy-2.6", "haproxy"), ("keepalived-2.2", "keepalived")])
def test_cases_as_recorded(name: str, kind: str) -> None:
    records, wrong, compared = recorded(kind), {}, 0
    for one in cases(kind):
        status, messages = records.get(one.name, (0, ["SECURITY VIOLATION"]))
        if any(map(_SCRIPTS.search, messages)):
            continue  # another machine, with other scripts
        verdict = oracle(name).judge(one.data, one.beside)
        mine = {_bare(message.text) for message in verdict.first[1]}
        # The records hold the first messages of each file, and the beginning of long ones.
        theirs = {text for text in map(_bare, messages) if not _UNCOMPARED.search(text)}
        compared += 1
        if not any(map(_SCRIPTS.search, mine)) and (verdict.first[0] != _signed(status) or not theirs <= mine):
            wrong[one.name] = (verdict.first[0], status, theirs - mine)
    assert compared >= 80
    assert not wrong


@needs_corpus
def test_haproxy_corpus_as_recorded() -> None:
    expected = {"ok": "accepted", "ok-nolistener": "rejected", "error": "rejected"}
    wrong = {}
    daemon = {entry["file"]: entry["daemon"] for entry in index() if entry.get("daemon")}
    for one in corpus("haproxy"):
        verdict = oracle("haproxy-2.6").judge(one.data)
        said = daemon.get(one.name)
        status = expected.get(said["neutral_verdict"]) if said else None
        # The records count what only an environment variable decides as an error of the text.
        if status and verdict.status not in {status, "none" if b"$" in one.data else status}:
            wrong[one.name] = (status, verdict)
    assert not wrong


def _bare(text: str) -> str:
    """The beginning of a message, without where it stands and what differs from run to run."""
    text = text.split("\n")[0]
    text = text.removesuffix(" => exit(2).")
    text = re.sub(r"^\[(?:ALERT|WARNING|NOTICE)\] +\([0-9]+\) : (?:config : )?", "", text)
    text = re.sub(r"^(?:(?:[Pp]arsing )?\[[^\]]*:[0-9]+\] ?: ?)+|^\((?:[^()]*: )?Line [0-9]+\) ?", "", text)
    return re.sub(r"[\w./-]+\.(?:cfg|conf)", "FILE", text)[:120]


def _signed(status: int) -> int:
    return 128 - status if status > 128 else status


def test_exceptions_are_few_and_reasoned() -> None:
    found = exceptions()
    assert len(found) <= 10
    assert all(one["reason"] and one["daemon"] in {"haproxy", "keepalived"} for one in found)
    assert {code for one in found for code in one.get("behind", [])} <= registry.rules().keys()
