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
        ("auth_type PASS s3cr3t", "auth_type PASS ***"),
        ("auth_type s3cr3t\nauth_type MD5\nauth_type NONE", "auth_type ***\nauth_type MD5\nauth_type NONE"),
        ("auth_pass one s3cr3t", "auth_pass *** ***"),
        ("auth_passs s3cr3t\nauthpass s3cr3t\nsmtp_password s3cr3t", "auth_passs ***\nauthpass ***\nsmtp_password ***"),
        ("auth_pass ********", "auth_pass ********"),
        ("auth_pss s3cr3t\nAuth_Pass s3cr3t\nauth_typ PASS", "auth_pss ***\nAuth_Pass ***\nauth_typ PASS"),
        ("auth_pass: s3cr3t\nauth_pass:s3cr3t\nauth_key=s3cr3t", "auth_pass: ***\nauth_pass:***\nauth_key=***"),
        (
            "authentication {\n auth_pass\n s3cr3t # why\n # no prose\n}",
            "authentication {\n auth_pass\n *** # why\n # no prose\n}",
        ),
        ("authentication\n{\n my s3cr3t\n}", "authentication\n{\n ***\n}"),
        ("authentification { PASS s3cr3t }", "authentification { PASS *** }"),
        ("authentication {\n pwd s3cr3t\n $KEY\n}", "authentication {\n pwd ***\n $KEY\n}"),
        ("authentication {\n auth_pass a1\n priority 100\n}", "authentication {\n auth_pass ***\n priority 100\n}"),
        ("authentication {\n auth_pass a1\n track_script {\n}", "authentication {\n auth_pass ***\n track_script {\n}"),
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
        ("stats auth admin s3cr3t", "stats auth admin ***"),
        ("stats auth admin: s3cr3t", "stats auth admin: ***"),
        ("stats auth admin:a s3cr3t", "stats auth admin:*** ***"),
        ("stat auth admin s3cr3t", "stat auth admin ***"),
        ("x\n  auth admin s3cr3t\n", "x\n  auth admin ***\n"),
        ("log ::1 auth notice\nserver auth a.example x", "log ::1 auth notice\nserver auth a.example x"),
        ("user a passwrd s3cr3t\nuser a pw s3cr3t", "user a passwrd ***\nuser a *** ***"),
        ("user a insecure-pwd s3cr3t\nuser a insecure s3cr3t", "user a insecure-pwd ***\nuser a insecure ***"),
        ("user a insecure-password:s3cr3t", "user a insecure-password:***"),
        ("insecure-fork-wanted x\nbind /a user b mode 660", "insecure-fork-wanted x\nbind /a user b mode 660"),
        ("stats auth s3cr3t", "stats auth ***"),
        ("stats auht admin:s3cr3t", "stats auht admin:***"),
        ("user a s3cr3t", "user a ***"),
        ("user a pasword s3cr3t", "user a pasword ***"),
        ("user a insecure_password s3cr3t groups g", "user a insecure_password *** groups g"),
        ("bind :443 ca-sign-pass s3cr3t", "bind :443 ca-sign-pass ***"),
        ('bind :443 ca-sign-pas "s3cr3t', 'bind :443 ca-sign-pas "***'),
        ("mailer m a:s3cr3t@smtp:25", "mailer m a:***@smtp:25"),
        ("option mysql-check user a s3cr3t", "option mysql-check user a ***"),
        ("option mysql-check user a post-41", "option mysql-check user a post-41"),
        ("option redis-check s3cr3t", "option redis-check ***"),
        (r'tcp-check send "AUTH a s3cr3t\r\n" x', r'tcp-check send "AUTH ***\r\n" x'),
        (r"tcp-check send PASS\ a\ s3cr3t\r\n x", r"tcp-check send PASS\ ***\r\n x"),
        ("tcp-check send-binary 41555448", "tcp-check send-binary ***"),
        (r'http-check send body "{\"password\": \"s3cr3t\"}"', r'http-check send body "{\"password\": \"***\"}"'),
        ("server a 192.0.2.1:80 agent-send s3cr3t", "server a 192.0.2.1:80 agent-send ***"),
        ("dynamic-cookie-key s3cr3t\ncluster-secret s3cr3t x", "dynamic-cookie-key ***\ncluster-secret *** x"),
        ("setenvv PASSWORD s3cr3t\nset-param DB_PASS s3cr3t if x", "setenvv PASSWORD ***\nset-param DB_PASS *** if x"),
        ("http-request set-header X-Api-Key s3cr3t x", "http-request set-header X-Api-Key *** x"),
        ("http-request set-header X-Token %[src] if x", "http-request set-header X-Token %[src] if x"),
        ("http-request replace-value Authorization ^a s3cr3t", "http-request replace-value Authorization *** ***"),
        ("acl a req.hdr(X-Token) -m str -i one two", "acl a req.hdr(X-Token) -m str -i ***"),
        ("acl a req.hdr(Authorization) -m found", "acl a req.hdr(Authorization) -m found"),
        ("deny if { urlp(token) s3cr3t } x", "deny if { urlp(token) *** } x"),
        ('a jwt_verify(HS256,"s3cr3t")', 'a jwt_verify(HS256,"***")'),
        ("a jwt_verify(RS256,/etc/key.pem)", "a jwt_verify(RS256,/etc/key.pem)"),
        ("a aes_gcm_dec(128,txn.nonce,s3cr3t,txn.tag)", "a aes_gcm_dec(128,txn.nonce,***,txn.tag)"),
        ("a b # pass the rest on, user bob said", "a b # pass the rest on, user bob said"),
        ("user haproxy # why", "user haproxy # why"),
        ("acl pass path_beg /x", "acl pass path_beg /x"),
        ("stats socket ipv4@127.0.0.1:99 level admin", "stats socket ipv4@127.0.0.1:99 level admin"),
        ("bind /run/a.sock user haproxy group haproxy", "bind /run/a.sock user haproxy group haproxy"),
        ("use_backend pass if bypass !x", "use_backend pass if bypass !x"),
        ("stats uri /haproxy?stats", "stats uri /haproxy?stats"),
        ("http-request auth realm x if !{ http_auth(u) }", "http-request auth realm x if !{ http_auth(u) }"),
    ],
)  # fmt: skip
def test_haproxy(text: str, expected: str) -> None:
    assert shown(text, "haproxy") == expected


def test_private_keys() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----\nrest\n"
    assert shown(key, "text") == key.replace("MIIE", MASK).replace("abcd", MASK)


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("rsyslog", 'action(type="ommysql" uid="u" pwd="s3cr3t")'),
        ("rsyslog", "*.* :ommysql:h,db,u,s3cr3t;tpl"),
        ("rsyslog", "*.* >h,db,u,s3cr3t"),
        ("rsyslog", "local1.* :omusrmsg:a,b\n$x > 1,2"),
        ("rsyslog", "$InputRelpPassword s3cr3t\n$InputTCPServerRun 514"),
        ("rsyslog", 'confParam=["sasl.password=s3cr3t","a=b"]'),
        ("rsyslog", 'apikey="s3cr3t" tls.myprivkey="/k.pem"'),
        ("ini", "psk=s3cr3t\nwep-key0=s3cr3t\npin=s3cr3t\n"),
        ("ini", "private-key=s3cr3t\npreshared-key=s3cr3t\nkey-mgmt=x\n"),
        ("ini", "Environment=PASSWORD=s3cr3t"),
        ("ini", 'Environment="STATS_AUTH=admin:s3cr3t" A=b'),
        ("ini", "ExecStartPre=curl -u me:s3cr3t http://h"),
        ("ini", "ExecStart=/bin/x --token s3cr3t -f /x"),
        ("text", "PrivateKey=s3cr3t\nPresharedKey = s3cr3t\nPublicKey=x"),
        ("text", "password: s3cr3t\nprivate: 's3cr3t'\nkey: s3cr3t\nkeys:\n"),
        ("text", "KEY=s3cr3t\nKEY1=s3cr3t\nHOTKEY=x"),
        ("assignments", 'ADMIN_PW="s3cr3t"\nPWD_CHECK=x'),
        ("assignments", "AWS_SECRET_ACCESS_KEY=s3cr3t\nX_PASSPHRASE1=s3cr3t"),
        ("assignments", 'OPTIONS="--password=s3cr3t -D"'),
        ("logrotate", "curl -u me:s3cr3t http://h/\n"),
        ("sysctl", "net.ipv4.tcp_fastopen_key = s3cr3t\nnet.ipv6.conf.all.stable_secret=s3cr3t"),
        ("nftables", 'comment "password: s3cr3t"'),
    ],
)
def test_other_files(format: str, text: str) -> None:
    assert shown(text, format) == text.replace("s3cr3t", MASK)


@pytest.mark.parametrize(
    "piece",
    ["auth_pass ", "-p ", "mysql ", '"', "authorization:", "stats auth ", "-----BEGIN PRIVATE KEY-----", "://", "pass=",
     "\\ ", "setenv ", "hmac(", "authorization \\ ", "$A=", "passw", "hdr(token)", "hdr(token", "send auth\\ ",
     "a:", "pas ", "user a ", "authen{", "authentication {\n pas pas}", "auth_", "insecure", "stat auth a ",
     "auth_pass=", "set-header token", "aes_gcm_dec(a,b,", "agent-s",
     ":om", ":ommysql:a,", ">", " -u a", "pass: ", "auth=", "key: ", "$Pass", " --token "],
)  # fmt: skip
def test_hostile_lines_are_searched(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    for kind in ("keepalived", "haproxy", "rsyslog", "ini", "text"):
        assert all(0 <= start <= end <= len(text) for start, end in spans(text, kind))


def test_prose_hides_secrets_and_no_word_that_stands_openly() -> None:
    place = source("a", "auth_pass s3cr3t\nstats auth haproxy:haproxy\nuser haproxy\n")
    masking = Masking()
    assert masking.prose("the password s3cr3t is weak; xs3cr3tx", [place]) == "the password *** is weak; xs3cr3tx"
    assert masking.prose("haproxy will not start", [place]) == "haproxy will not start"
    assert Masking(show=True).prose("s3cr3t", [place]) == "s3cr3t"


def test_prose_hides_also_a_word_of_a_secret() -> None:
    place = source("a", "http-request set-header Authorization Basic s3cr3t\n", format="haproxy")
    assert Masking().prose("not with 's3cr3t'", [place]) == "not with '***'"


def test_an_edit_shows_no_secret_that_it_writes() -> None:
    text = "auth_type PASS\nauth_pass old1\n"
    place = source("a", text)
    at = text.index("old1")
    assert Masking().new_text(Edit(place, at, at + 4, "new2")) == MASK
    assert Masking(show=True).new_text(Edit(place, at, at + 4, "new2")) == "new2"
    assert Masking().new_text(Edit(place, 0, 0, "    auth_pass new2\n    x\n")) == "    auth_pass ***\n    x\n"
    assert Masking().new_text(Edit(place, 10, 14, "AH")) == "AH"
    assert Masking().text("auth_pass new2\n", "/etc/keepalived/keepalived.conf") == "auth_pass ***\n"
