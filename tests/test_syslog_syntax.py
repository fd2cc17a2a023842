"""`rsyslogd -N1` as judge of what halint reads, both ways; and Debian's own files, whole and damaged."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import mutated
from test_syslog_messages import CONFIGURATIONS, MAIN, model

from halint.readers import rsyslog
from halint.source import Source

needs_rsyslogd = pytest.mark.skipif(not shutil.which("rsyslogd"), reason="needs rsyslogd")
DEBIAN = [
    path
    for pattern in ("rsyslog.conf", "rsyslog.d/*.conf")
    for root in ("/etc", "/usr/share/doc/rsyslog/examples")
    for path in sorted(Path(root).glob(pattern))
]

ACCEPTED = [
    'if $msg == "a\\$b\\x41\\101\\n" then stop\n*.* /tmp/a\n', "if re_match($msg, 'a$|^\\\\w') then stop\n*.* /tmp/a\n",
    'ruleset(name="lb") {\n # nothing\n}\n*.* /tmp/a\n', "if exists($!a) and strlen($msg) > 010 then /tmp/a\n",
    'if $programname STARTSWITH "a" & "b" then {\n $Umask 0022\n /tmp/a\n}\n', "*.* /tmp/a # comment\n*.* /tmp/b;\n",
    'set $.a = tolower($programname);\nforeach ($.i in $!a) do {\n /tmp/a\n}\n',
    "*.* /tmp/a\n", "*.*;auth,authpriv.none -/tmp/a\n", "LOCAL1.Info /tmp/a\n", "local1,.info /tmp/a\n",
    "local1.=info;local1.!=err;mail.!none /tmp/a\n", "local1.info,local2.* /tmp/a\n", "console.7,ntp.warn /tmp/a\n",
    "mark.* /tmp/a\n", "*.* ~\n", "*.* /tmp/a\n& ~\n& stop\n", "*.info\t\\\n  /tmp/a\n", "*.* @127.0.0.1:9\n",
    "*.* :omusrmsg:*\n", "*.* {\n /tmp/a\n stop\n}\n", ':msg, contains, "x" /tmp/a\n',
    ':msg,!regex,"x" stop\n*.* /tmp/a\n',
    "if $msg contains 'x' then /tmp/a\nelse stop\n",
    "if ($!a == 1) and not ($!b <> 2) then {\n /tmp/a\n} else {\n /tmp/b\n}\n",
    "if prifilt('local1.*') then /tmp/a\n", 'set $.a = "x";\nunset $.a;\n*.* /tmp/a\n', "/* x\n y */\n*.* /tmp/a # z\n",
    'action(type="omfile" file="/tmp/a")\n', 'template(name="T" type="string" string="%msg%\\n")\n*.* /tmp/a;T\n',
    '$template T,"/tmp/%programname%"\n*.* ?T\n', 'ruleset(name="lb") {\n *.* /tmp/a\n}\n*.* call lb\n',
    'module(load="imudp")\ninput(type="imudp" port="514")\n*.* /tmp/a\n',
    'module(load="imuxsock" SysSock.Use="off")\n$AddUnixListenSocket /tmp/s\n*.* /tmp/a\n',
    "$ModLoad imtcp\n$InputTCPServerRun 5140\n*.* /tmp/a\n", 'include(file="/nonexistent/*.conf")\n*.* /tmp/a\n',
    "$FileOwner root\n$Umask 0022\n*.* /tmp/a\n",
    "$RuleSet lb\n*.* /tmp/a\n$RuleSet RSYSLOG_DefaultRuleset\n*.* /tmp/b\n",
]  # fmt: skip

REFUSED = [
    "local2.info; local1.info /tmp/a\n", "local2.*\u00a0/tmp/a\n",
    'if $msg == "a$b" then stop\n', 'if re_match($msg, "\\w+") then stop\n', "if $msg contains 'a\\.b' then stop\n",
    "local1.* {\n}\n", 'if $programname == "a" then {\n $Umask 0022\n}\n', 'ruleset(name="lb")\n',
    'if $programname == "a" then stop\nelse {\n # nothing\n}\n', "if $programname == haproxy then /tmp/a\n",
    'if programname == "haproxy" then /tmp/a\n', "if $msg contains x then /tmp/a\n", "if true then /tmp/a\n",
    'if $programname isequal "haproxy" then /tmp/a\n', 'if $msg == "a" && $msg == "b" then /tmp/a\n',
    'if not $msg == "a" || $msg == "b" then /tmp/a\n', 'set $.a = haproxy;\n', "*.* /tmp/a\t# comment\n",
    "*.* /tmp/a b\n", "*.* - /tmp/a\n",
    "local8.* /tmp/a\n", "local1.foo /tmp/a\n", "loca1.* /tmp/a\n", "local1.info;local9.none /tmp/a\n",
    "local1.*; /tmp/a\n", "local1.;local2.* /tmp/a\n", "local1.info,,mail /tmp/a\n", "local1. /tmp/a\n", "& stop\n",
    "*.* {\n /tmp/a\n", "*.* /tmp/a\n}\n", ':msg isequal "x" /tmp/a\n', ':msg, contains, "x /tmp/a\n',
    'if $!a = "x" then /tmp/a\n', 'if $!a == "x" /tmp/a\n', "else stop\n", 'action(type="omfile" file="/tmp/a"\n',
    'action(type=omfile file="/tmp/a")\n', "$ModLoad imudp\n$ModLoad imudp\n$UDPServerRun 514\n",
    'module(load="imudp")\nmodule(load="imudp")\n', "$UDPServerRun 514\n", "$AddUnixListenSocket /tmp/s\n",
    '$AddUnixListenSocket /tmp/s\nmodule(load="imuxsock")\n', 'input(type="imudp" port="514")\n', "/* x\n",
    'module(load="imudp")\ninput(type="imudp" port="5140" ruleset="lb")\nruleset(name="lc") {\n *.* /tmp/a\n}\n',
]  # fmt: skip


def complains(text: str) -> bool:
    """Whether halint says something of the file: of its syntax, or by LG106 or LG110."""
    made = model({MAIN: text})
    twice = any(made.modules[name] is not statement for name, statement in made.loads)
    return bool(
        rsyslog.read(Source(MAIN, text, format="rsyslog")).problems
        or made.slips
        or made.early
        or made.garbled
        or made.unruled
        or twice
    )


def accepts(text: str, folder: Path) -> bool:
    file = folder / "rsyslog.conf"
    file.write_text(text + "*.* /tmp/last\n")
    done = subprocess.run(["rsyslogd", "-N1", "-f", file], capture_output=True, check=False, timeout=30)
    return done.returncode == 0


@pytest.mark.daemons
@needs_rsyslogd
def test_halint_complains_where_rsyslogd_does(tmp_path: Path) -> None:
    assert [text for text in ACCEPTED if not accepts(text, tmp_path)] == []
    assert [text for text in ACCEPTED if complains(text)] == []
    assert [text for text in REFUSED if accepts(text, tmp_path)] == []
    assert [text for text in REFUSED if not complains(text)] == []


def reads_whole(text: str) -> None:
    tree = rsyslog.read(Source(MAIN, text, format="rsyslog"))
    at = 0
    for token in tree.tokens():
        assert token.start == at
        at = token.end
    assert at == len(text)
    stack = list(tree.statements)
    while stack:
        statement = stack.pop()
        assert 0 <= statement.start < statement.end <= len(text)
        for inner in statement.body or ():
            assert statement.start <= inner.start
            stack.append(inner)


@pytest.mark.parametrize("path", DEBIAN, ids=str)
def test_debians_files_are_read_whole(path: Path) -> None:
    reads_whole(path.read_text())
    assert not rsyslog.read(Source(str(path), path.read_text(), format="rsyslog")).problems


TEXTS = [text.encode() for files in CONFIGURATIONS.values() for text in files.values()]
TEXTS += [path.read_bytes() for path in DEBIAN]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TEXTS).flatmap(lambda text: mutated(text, TEXTS)))
def test_damaged_files_are_read_whole(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    reads_whole(text)
    made = model({MAIN: text})
    _ = made.slips, made.files("local2", "info", "haproxy"), made.receives("udp", "127.0.0.1", "514")
