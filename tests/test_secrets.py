from __future__ import annotations

import pytest
from toys import source

from halint.finding import Edit
from halint.secrets import MASK, Masking, masked, spans


def shown(text: str, format: str) -> str:
    return masked(text, spans(text, format), 0, len(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auth_pass s3cr3t", "auth_pass ***"),
        ("auth_pass s3cr3t # why", "auth_pass *** # why"),
        ('auth_pass "two words"', 'auth_pass "***"'),
        ("authentication { auth_type PASS auth_pass s3cr3t }", "authentication { auth_type PASS auth_pass *** }"),
        ("{auth_pass s3cr3t}", "{auth_pass ***}"),
        ("# auth_pass old1", "# auth_pass ***"),
        ("auth_pass \\\n  s3cr3t\n", "auth_pass \\\n  ***\n"),
        ("auth_pass a#b!c", "auth_pass ***"),
        ("$KEY=s3cr3t\nauth_pass $KEY\n", "$KEY=***\nauth_pass ***\n"),
        ("$KEY=s3cr3t\nauth_pass ${KEY}\n", "$KEY=***\nauth_pass ***\n"),
        ("auth_hmac {\n key 1 sha256 abcdef\n}", "auth_hmac {\n key 1 ***\n}"),
        ("SSL {\n password s3cr3t\n}", "SSL {\n password ***\n}"),
        ('misc_path "/bin/check -a s3cr3t -p hunter2"', 'misc_path "/bin/check -a *** -p ***"'),
        ('script "x --password=s3cr3t --password s3cr3t"', 'script "x --password=*** --password ***"'),
        ('script "mysqladmin -uroot -ps3cr3t ping"', 'script "mysqladmin -uroot -p*** ping"'),
        ('script "curl -u me:s3cr3t http://a:b@h/"', 'script "curl -u me:*** http://a:***@h/"'),
        ("script \"curl -H 'Authorization: Basic czNjcjN0'\"", "script \"curl -H 'Authorization: ***'\""),
        ('script "PGPASSWORD=s3cr3t psql"', 'script "PGPASSWORD=*** psql"'),
        ('script "nc -z -p 80 h"', 'script "nc -z -p 80 h"'),
        ("auth_type PASS", "auth_type PASS"),
        ("auth_pass ********", "auth_pass ********"),
        ("virtual_router_id 51", "virtual_router_id 51"),
    ],
)
def test_keepalived(text: str, expected: str) -> None:
    assert shown(text, "keepalived") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stats auth admin:s3cr3t", "stats auth admin:***"),
        ('stats auth "admin:two words"', 'stats auth "admin:***"'),
        ("stats auth admin:a\\ b x", "stats auth admin:*** x"),
        ("user a password $5$abc groups g", "user a password *** groups g"),
        ("user a insecure-password 's3cr3t'", "user a insecure-password '***'"),
        (
            r"option httpchk GET / HTTP/1.1\r\nAuthorization:\ Basic\ czNjcjN0\r\nHost:\ x",
            r"option httpchk GET / HTTP/1.1\r\nAuthorization:\ ***\r\nHost:\ x",
        ),
        (
            r'option httpchk GET / "HTTP/1.1\r\nAuthorization: Basic czNjcjN0\r\nHost: x"',
            r'option httpchk GET / "HTTP/1.1\r\nAuthorization: ***\r\nHost: x"',
        ),
        ('http-check send hdr Authorization "Basic czNj" hdr x y', 'http-check send hdr Authorization "***" hdr x y'),
        ("http-request set-header authorization Bearer\\ tok if x", "http-request set-header authorization *** if x"),
        ("http-request del-header Authorization if x", "http-request del-header Authorization if x"),
        ("x hmac(sha256,c2Vjcg) y", "x hmac(sha256,***) y"),
        (r'tcp-check send "AUTH s3cr3t\r\n"', r'tcp-check send "AUTH ***\r\n"'),
        (r"tcp-check send AUTH\ s3cr3t\r\n", r"tcp-check send AUTH\ ***\r\n"),
        ("setenv DB_PASSWORD s3cr3t", "setenv DB_PASSWORD ***"),
        ("stats uri /haproxy?stats", "stats uri /haproxy?stats"),
        ("http-request auth realm x if !{ http_auth(u) }", "http-request auth realm x if !{ http_auth(u) }"),
    ],
)  # fmt: skip
def test_haproxy(text: str, expected: str) -> None:
    assert shown(text, "haproxy") == expected


def test_other_files() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----\nrest\n"
    assert shown(key, "text") == key.replace("MIIE", MASK).replace("abcd", MASK)
    assert shown("psk=s3cr3t\n", "ini") == "psk=***\n"
    assert shown('action(type="ommysql" uid="u" pwd="s3cr3t")', "rsyslog") == 'action(type="ommysql" uid="u" pwd="***")'


@pytest.mark.parametrize(
    "piece",
    ["auth_pass ", "-p ", "mysql ", '"', "authorization:", "stats auth ", "-----BEGIN PRIVATE KEY-----", "://", "pass=",
     "\\ ", "setenv ", "hmac(", "authorization \\ ", "$A="],
)  # fmt: skip
def test_hostile_lines_are_searched(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    for kind in ("keepalived", "haproxy"):
        assert all(0 <= start <= end <= len(text) for start, end in spans(text, kind))


def test_prose_hides_secrets_and_no_word_that_stands_openly() -> None:
    place = source("a", "auth_pass s3cr3t\nstats auth haproxy:haproxy\nuser haproxy\n")
    masking = Masking()
    assert masking.prose("the password s3cr3t is weak; xs3cr3tx", [place]) == "the password *** is weak; xs3cr3tx"
    assert masking.prose("haproxy will not start", [place]) == "haproxy will not start"
    assert Masking(show=True).prose("s3cr3t", [place]) == "s3cr3t"


def test_an_edit_shows_no_secret_that_it_writes() -> None:
    text = "auth_type PASS\nauth_pass old1\n"
    place = source("a", text)
    at = text.index("old1")
    assert Masking().new_text(Edit(place, at, at + 4, "new2")) == MASK
    assert Masking(show=True).new_text(Edit(place, at, at + 4, "new2")) == "new2"
    assert Masking().new_text(Edit(place, 0, 0, "    auth_pass new2\n    x\n")) == "    auth_pass ***\n    x\n"
    assert Masking().new_text(Edit(place, 10, 14, "AH")) == "AH"
    assert Masking().text("auth_pass new2\n", "/etc/keepalived/keepalived.conf") == "auth_pass ***\n"
