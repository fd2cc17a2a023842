"""Messages through a real rsyslogd, which end in the files that the model names.

Each configuration gets the same messages: three programs, a few facilities and severities, by the system's socket, by
that of haproxy's chroot, by UDP and TCP. Those of CONFIGURATIONS are fixed; `pytest -m fuzz` draws others.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halint.models import rsyslog
from halint.models.rsyslog.filters import FACILITIES, SEVERITIES
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

MAIN, DROP_IN = "/etc/rsyslog.conf", "/etc/rsyslog.d/haproxy.conf"
CHROOT = "/var/lib/haproxy/dev/log"
NODE = Path(__file__).with_name("syslog_node.py")
needs_rsyslogd = pytest.mark.skipif(not shutil.which("rsyslogd"), reason="needs rsyslogd")

PLACES = [("unix", "/dev/log"), ("unix", CHROOT), ("udp", "514"), ("tcp", "601")]
PROGRAMS = ("haproxy", "Keepalived_vrrp", "sshd")
KINDS = [
    ("local0", "info"), ("local1", "info"), ("local1", "err"), ("local2", "info"), ("local2", "notice"),
    ("local2", "alert"), ("local2", "debug"), ("daemon", "warning"), ("mail", "info"), ("authpriv", "notice"),
]  # fmt: skip
MESSAGES = [(place, program, kind) for place in PLACES for program in PROGRAMS for kind in KINDS]

SOCKET = 'module(load="imuxsock")\n'
UDP = 'module(load="imudp")\ninput(type="imudp" address="127.0.0.1" port="514")\n'
INCLUDE = "$IncludeConfig /etc/rsyslog.d/*.conf\n"
DEBIAN = Path("/etc/rsyslog.conf")
EL = (
    SOCKET + 'include(file="/etc/rsyslog.d/*.conf" mode="optional")\n'
    "*.info;mail.none;authpriv.none;cron.none                /var/log/messages\n"
    "authpriv.*                                              /var/log/secure\n"
    "mail.*                                                  -/var/log/maillog\n"
    "*.emerg                                                 :omusrmsg:*\n"
    "local7.*                                                /var/log/boot.log\n"
)

CONFIGURATIONS: dict[str, dict[str, str]] = {
    "one selector": {MAIN: SOCKET + "local2.* /var/log/haproxy.log\n"},
    "el with drop-ins": {MAIN: EL, DROP_IN: UDP + "local2.* -/var/log/haproxy.log\n& stop\n"},
    "the article": {
        MAIN: EL,
        DROP_IN: '$ModLoad imudp\n$UDPServerRun 514\n$template Haproxy,"%timegenerated% lb1 %syslogtag% %msg%\\n"\n'
        "local2.=info     -/var/log/haproxy.log;Haproxy\nlocal2.notice    -/var/log/haproxy-status.log;Haproxy\n"
        "local2.* ~\n",
        "/etc/rsyslog.d/keepalived.conf": "$ModLoad imudp\n$UDPServerRun 514\n"
        "local1.* -/var/log/keepalived.log\nlocal1.* ~\n",
    },
    "debian's 49-haproxy.conf swallows what a later file wants": {
        MAIN: SOCKET + INCLUDE + "*.*;auth,authpriv.none -/var/log/syslog\n",
        "/etc/rsyslog.d/49-haproxy.conf": f"$AddUnixListenSocket {CHROOT}\n"
        ':programname, startswith, "haproxy" {\n  /var/log/haproxy.log\n  stop\n}\n',
        "/etc/rsyslog.d/60-lb.conf": "local2.* /var/log/lb.log\n",
    },
    "a drop-in behind the rules": {
        MAIN: SOCKET + "*.info /var/log/messages\n" + INCLUDE,
        DROP_IN: UDP + "local2.* /var/log/haproxy.log\n& stop\n",
    },
    "operators": {
        MAIN: SOCKET + "local2.=info;local1.!=info;local1.err -/var/log/a\n*.*;local2.none;local1.!notice /var/log/b\n"
        "local0,local1.notice,mail.info /var/log/c\n*.!=alert /var/log/d\nlocal2.*;*.!warn /var/log/e\n"
        "LOCAL2.6;Local1.7 /var/log/f\n*.=debug;*.none /var/log/g\n"
    },
    "slips in selectors": {
        MAIN: SOCKET + "local2.info;local9.none /var/log/a\nloca2.* /var/log/b\nlocal2.inf /var/log/c\n"
        "local1.*;mail.foo /var/log/d\n*.*; /var/log/e\nlocal8.* /var/log/f\nlocal1 /var/log/g\n"
    },
    "rulesets": {
        MAIN: SOCKET + 'module(load="imudp")\nruleset(name="lb") {\n local2.* /var/log/lb-haproxy.log\n'
        ' *.* /var/log/lb.log\n}\ninput(type="imudp" port="514" ruleset="lb")\n'
        f'input(type="imuxsock" Socket="{CHROOT}" ruleset="lb")\n*.* /var/log/syslog\n'
    },
    "a ruleset that is not there": {
        MAIN: SOCKET + 'module(load="imudp")\ninput(type="imudp" port="514" ruleset="gone")\n*.* /var/log/all\n'
    },
    "legacy rulesets": {
        MAIN: SOCKET + "$ModLoad imudp\n$InputUDPServerBindRuleset far\n$UDPServerRun 514\n$RuleSet far\n"
        "*.* /var/log/far\n$RuleSet near\n*.* /var/log/near\n$DefaultRuleset near\n$RuleSet RSYSLOG_DefaultRuleset\n"
        "*.* /var/log/nobody\n"
    },
    "call": {
        MAIN: SOCKET + 'ruleset(name="keep") {\n *.info /var/log/kept\n}\nruleset(name="drop") { stop }\n'
        "local2.* call keep\nlocal1.* call drop\ncall nowhere\n*.* /var/log/rest\n"
    },
    "conditions": {
        MAIN: SOCKET + "if $programname == 'haproxy' and $syslogseverity <= 5 then {\n /var/log/loud\n"
        "} else if $syslogfacility-text == 'local1' then {\n /var/log/local1\n stop\n} else {\n /var/log/other\n}\n"
        "if not ($syslogfacility == 18) or $pri-text == 'local2.alert' then /var/log/mixed\n"
        "if prifilt('mail.*;daemon.warn') then /var/log/few\nif $inputname == 'imuxsock' then /var/log/local\n"
        "if $programname startswith_i 'KEEP' then stop\n*.* /var/log/rest\n"
    },
    "property filters": {
        MAIN: SOCKET + UDP + ':programname, startswith, "Keepalived" /var/log/keepalived.log\n& stop\n'
        ':programname, !isequal, "haproxy" /var/log/not\n:syslogtag, contains, "prox" /var/log/tag\n'
        ':fromhost-ip, isequal, "127.0.0.1" /var/log/here\n:pri, isequal, "150" /var/log/pri\n'
        ':inputname, isequal, "imudp" /var/log/udp\n:syslogseverity-text, isequal, "alert" /var/log/alert\n'
    },
    "several actions": {
        MAIN: SOCKET + "local2.* /var/log/a\n& /var/log/b\n& @127.0.0.1:9\n& /var/log/c;RSYSLOG_FileFormat\n& ~\n"
        "local1.* {\n /var/log/d\n -/var/log/e\n}\n*.* /var/log/rest\n"
    },
    "computed names": {
        MAIN: SOCKET + '$template Each,"/var/log/by/%programname%/%syslogfacility-text%.log"\n*.* ?Each\n'
        'template(name="Severity" type="string" string="/var/log/%syslogseverity-text%.log")\n'
        'local2.* action(type="omfile" dynaFile="Severity")\n'
        'template(name="List" type="list") {\n constant(value="/var/log/list-")\n property(name="programname")\n}\n'
        'local1.* action(type="omfile" dynaFile="List")\n'
    },
    "templates that are not there, or only below": {
        MAIN: SOCKET + "*.* /var/log/a;Later\n& stop\n"
        '$template Later,"%msg%\\n"\n*.* /var/log/b;Later\n'
    },
    "order of files": {
        MAIN: SOCKET + INCLUDE + "*.* /var/log/last\n",
        "/etc/rsyslog.d/20-b.conf": "local2.* /var/log/b\n& stop\n",
        "/etc/rsyslog.d/10-a.conf": "*.* /var/log/a\n",
        "/etc/rsyslog.d/30-c.conf": "local2.* /var/log/c\nlocal1.* /var/log/d\n",
        "/etc/rsyslog.d/40-d": "*.* stop\n",
        "/etc/rsyslog.d/.hidden.conf": "*.* stop\n",
    },
    "imudp twice, on one port twice": {
        MAIN: "$ModLoad imudp\n$UDPServerRun 514\n$ModLoad imudp\n$UDPServerRun 514\n*.* /var/log/all\n"
    },
    "an address that comes too late": {
        MAIN: "$ModLoad imudp\n$UDPServerRun 514\n$UDPServerAddress 127.0.0.2\n*.* /var/log/all\n"
    },
    "no imudp": {MAIN: SOCKET + "local2.* /var/log/haproxy.log\n"},
    "inputs by tcp": {
        MAIN: 'module(load="imtcp")\ninput(type="imtcp" port="601" name="far")\n'
        ':inputname, isequal, "far" /var/log/far\n*.* /var/log/all\n'
    },
    "imptcp, and no system socket": {
        MAIN: 'module(load="imuxsock" SysSock.Use="off")\n$ModLoad imptcp\n$InputPTCPServerRun 601\n*.* /var/log/all\n'
    },
    "a socket before its module": {MAIN: f"$AddUnixListenSocket {CHROOT}\n" + SOCKET + "*.* /var/log/all\n"},
    "an include in a block": {
        MAIN: SOCKET + UDP.replace(" port", ' ruleset="lb" port') + 'ruleset(name="lb") {\n'
        ' include(file="/etc/rsyslog.d/lb.inc")\n /var/log/lb\n}\nif $programname == "haproxy" then {\n'
        ' include(file="/etc/rsyslog.d/lb.inc" mode="optional")\n include(file="/etc/rsyslog.d/gone" mode="optional")\n'
        "} else {\n $IncludeConfig /etc/rsyslog.d/else.inc\n}\n*.* /var/log/rest\n",
        "/etc/rsyslog.d/lb.inc": "local2.* /var/log/in\nlocal1.* stop\n",
        "/etc/rsyslog.d/else.inc": "local2.* /var/log/else\n& stop\n",
    },
    "a file that $IncludeConfig does not find": {
        MAIN: SOCKET + INCLUDE + "*.* /var/log/rest\n",
        DROP_IN: "local1.* /var/log/above\n$IncludeConfig /etc/rsyslog.d/gone\nlocal2.* /var/log/below\n",
    },
    "a file that include() does not find": {
        MAIN: SOCKET + 'local1.* /var/log/above\ninclude(file="/etc/rsyslog.d/gone")\n*.* /var/log/rest\n'
    },
    "a file without which it does not start": {
        MAIN: SOCKET + '*.* /var/log/above\ninclude(file="/etc/rsyslog.d/gone" mode="abort-if-missing")\n'
    },
    "rulesets with a queue, twice, switched off, defined below": {
        MAIN: SOCKET + 'ruleset(name="copy" queue.type="linkedList") {\n local2.* /var/log/copy\n stop\n}\n'
        'ruleset(name="twice") {\n /var/log/first\n}\nruleset(name="twice") {\n /var/log/second\n}\n'
        'ruleset(name="off" config.enabled="off") {\n /var/log/off\n}\n$DefaultRuleset below\n'
        "call copy\ncall twice\ncall off\nlocal1.* call below\n*.* /var/log/rest\n"
        'ruleset(name="below") {\n /var/log/below\n stop\n}\n'
    },
    "templates: by default, twice, as a channel": {
        MAIN: SOCKET + '$template Name,"/var/log/one"\ntemplate(name="Name" type="string" string="/var/log/two")\n'
        "local2.* -?Name\n$outchannel Channel,/var/log/channel,1000000,/bin/true\nlocal1.* :omfile:$Channel\n"
        'mail.* action(type="omfile" file="/var/log/file" dynaFile="Name")\n'
        "$ActionFileDefaultTemplate Gone\n*.* /var/log/gone\nlocal2.* /var/log/own;RSYSLOG_FileFormat\n"
        '*.* action(type="omfile" file="/var/log/gone")\n$ActionFileDefaultTemplate RSYSLOG_FileFormat\n'
        "*.* /var/log/all\n"
    },
    "a default template of the module": {
        MAIN: SOCKET + 'module(load="builtin:omfile" template="Gone")\nlocal1.* /var/log/a;RSYSLOG_FileFormat\n'
        "*.* /var/log/gone\n"
    },
    "what stands behind a file": {
        MAIN: SOCKET + "local0.* /var/log/a # comment\nlocal1.*\t/var/log/b\t# comment\nlocal2.* -/var/log/c d\n"
        "mail.* /var/log/e#f\ndaemon.* /var/log/g,h\nauthpriv.* /var/log/i;RSYSLOG_FileFormat # x\n"
        "local2.err ?Name x\n"
    },
    "expressions": {
        MAIN: SOCKET + ':programname, regex, "^hap" /var/log/a\n'
        ':programname, ereregex, "^(hap|Keep).*[a-z]$" /var/log/b\n'
        ':programname, ereregex, "^(hap|Keep)|sd?h$" /var/log/c\n:programname, !regex, "ssh*d" /var/log/d\n'
        ':programname, regex, "s.*d$" /var/log/e\nif re_match($programname, "prox.?\\$") then /var/log/f\n'
        'if not re_match($syslogfacility-text, "^local[0-9]") then /var/log/g\n'
        ':programname, ereregex, "d$|^" /var/log/h\n'
    },
    "allowed senders": {
        MAIN: SOCKET + UDP + "$AllowedSender UDP, 192.0.2.0/24\n$AllowedSender TCP, 127.0.0.1, [::1]/128, [fe80::]/10\n"
        'module(load="imtcp")\ninput(type="imtcp" port="601")\n*.* /var/log/all\n'
    },
    "names of inputs": {
        MAIN: SOCKET + 'module(load="imudp")\ninput(type="imudp" port="514" name="lb" name.appendPort="on")\n'
        ':inputname, isequal, "lb514" /var/log/lb\n*.* /var/log/all\n'
    },
    "old settings of a module loaded the new way": {MAIN: SOCKET + "$OmitLocalLogging on\n*.* /var/log/all\n"},
    "another system socket": {MAIN: 'module(load="imuxsock" SysSock.Name="/dev/other")\n*.* /var/log/all\n'},
    "a module switched off": {MAIN: 'module(load="imuxsock" config.enabled="off")\n*.* /var/log/all\n'},
    "numbers in conditions": {
        MAIN: SOCKET + "if $syslogseverity == 06 then /var/log/a\nif $syslogseverity != 0x6 then /var/log/b\n"
        'if $syslogseverity < 0x6 then /var/log/c\nif $syslogseverity <= "5" then /var/log/d\n'
        'if $syslogseverity == "6" then /var/log/e\nif $syslogfacility == 022 then /var/log/f\n'
    },
    "switched off": {
        MAIN: SOCKET + 'action(type="omfile" file="/var/log/off" config.enabled="off")\nlocal1.* stop\n'
        "!haproxy\nlocal2.* /var/log/all\n"
    },
}  # fmt: skip


def through_rsyslogd(files: dict[str, str], messages: list[Any], patience: float = 0.6) -> dict[str, Any]:
    """What tests/syslog_node.py says of `messages`."""
    case = {"files": files, "messages": messages, "patience": patience}
    command = ["unshare", "-m", "-n", "--propagation", "private", sys.executable, str(NODE)]
    done = subprocess.run(command, input=json.dumps(case), capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def sent(messages: list[Any]) -> list[Any]:
    return [
        [*place, FACILITIES[facility] * 8 + SEVERITIES[severity], program]
        for place, program, (facility, severity) in messages
    ]


def model(files: dict[str, str]) -> rsyslog.Rsyslog:
    sources = {path: Source(path, text, format=formats.of_path(path)) for path, text in files.items()}
    node = Node("lb1", "/lb1", sources, Targets(os="debian12"))
    node.collected = frozenset({"rsyslog"})
    return rsyslog.read(node)


def expected(made: rsyslog.Rsyslog, message: Any) -> set[str] | None:
    """The files that the model names, None where it does not know."""
    (transport, place), program, (facility, severity) = message
    host = "" if transport == "unix" else "127.0.0.1"
    received = made.receives(transport, host, place)[0]
    found = made.files(facility, severity, program, transport, host, place)
    if received is False:
        return set()
    return {path for path, _ in found.files} if received and found.known else None


def differences(files: dict[str, str]) -> tuple[list[str], int]:
    """What rsyslogd does otherwise than the model says, and how many messages the model knows nothing of."""
    made = model(files)
    outcome = through_rsyslogd(files, sent(MESSAGES))
    found, unknown = [], 0
    for number, message in enumerate(MESSAGES):
        wanted = expected(made, message)
        got = {path for path, numbers in outcome["written"].items() if number in numbers}
        if wanted is None:
            unknown += 1
        elif wanted != got:
            found.append(f"{message}: the model says {sorted(wanted)}, rsyslogd {sorted(got)}")
    return found, unknown


@pytest.mark.daemons
@needs_rsyslogd
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_message_ends_where_the_model_says(name: str) -> None:
    assert differences(CONFIGURATIONS[name]) == ([], 0)


@pytest.mark.daemons
@pytest.mark.skipif(not DEBIAN.exists(), reason="needs Debian's rsyslog")
def test_the_stock_files_of_debian() -> None:
    """The installed files themselves, and what the model has of them where the input holds none."""
    paths = [DEBIAN, *sorted(Path("/etc/rsyslog.d").glob("*.conf"))]
    files = {str(path): path.read_text().replace('module(load="imklog")', "") for path in paths}
    assert differences(files) == ([], 0)
    theirs, ours = model(files), model({})
    for message in MESSAGES:
        assert expected(theirs, message) == expected(ours, message), message


names = st.sampled_from(["*", "local0", "local1", "local2", "mail", "daemon", "local0,local1", "LOCAL2", "nonsense"])
levels = st.sampled_from(
    ["*", "none", "info", "=info", "!info", "!=notice", "err", "=alert", "!none", "6", "warn", "oops"]
)
part = st.builds("{}.{}".format, names, levels)
selector = st.lists(part, min_size=1, max_size=4).map(";".join)
prop = st.sampled_from(
    ["programname", "syslogtag", "syslogfacility-text", "syslogseverity-text", "inputname", "pri-text"]
)
text = st.sampled_from(["haproxy", "Keepalived", "local2", "info", "imudp", "local1.err", "sshd", "a"])
comparison = st.sampled_from(["isequal", "startswith", "contains", "!isequal", "!contains"])
of_property = st.builds(':{}, {}, "{}"'.format, prop.filter(lambda p: p != "syslogtag"), comparison, text)
term = st.one_of(
    st.builds('${} {} "{}"'.format, prop.filter(lambda p: p != "syslogtag"),
              st.sampled_from(["==", "!=", "startswith", "contains"]), text),
    st.builds("$syslogseverity {} {}".format, st.sampled_from(["<=", ">", "==", "<"]), st.integers(0, 7)),
    st.builds("prifilt('{}')".format, part.filter(lambda p: "nonsense" not in p and "oops" not in p)),
)  # fmt: skip
condition = st.recursive(
    term,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=4,
)


@st.composite
def rules(draw: st.DrawFn, depth: int = 0) -> str:
    """A rule: a filter and what it governs."""
    number = draw(st.integers(0, 9))
    write = f"/var/log/{number}"
    kinds = ["file", "file", "several", "stop", "call", "object"]
    kinds += ["block", "if", "include"] if depth < 2 else []
    kind = draw(st.sampled_from(kinds))
    head = draw(st.one_of(selector, of_property))
    if kind == "file":
        behind = draw(st.sampled_from(["", "", " # x", ";RSYSLOG_FileFormat", ";Gone", "\t# x", " x", " ;Line"]))
        return f"{head} {draw(st.sampled_from(['', '-']))}{write}{behind}\n"
    if kind == "several":
        return f"{head} {write}\n& {draw(st.sampled_from(['stop', '~', write + 'b', '@127.0.0.1:9']))}\n"
    if kind == "stop":
        return f"{head} stop\n"
    if kind == "call":
        return f"{head} call {draw(st.sampled_from(['keep', 'drop', 'copied', 'nowhere']))}\n"
    if kind == "object":
        more = draw(
            st.sampled_from(["", ' template="Gone"', ' config.enabled="off"', ' dynaFile="Name"', " createDirs='on'"])
        )
        return f'{head} action(type="omfile" file="{write}"{more})\n'.replace("'", '"')
    if kind == "include":
        name = draw(st.sampled_from(["in.inc", "gone"]))
        return f'{head} {{\n include(file="/etc/rsyslog.d/{name}" mode="optional")\n}}\n'
    inner = "".join(draw(st.lists(rules(depth + 1), min_size=1, max_size=2)))
    if kind == "block":
        return f"{head} {{\n{inner}}}\n"
    other = "".join(draw(st.lists(rules(depth + 1), max_size=1)))
    return f"if {draw(condition)} then {{\n{inner}}}" + (f" else {{\n{other}}}\n" if other else "\n")


HEADS = [SOCKET, SOCKET + UDP, SOCKET + f"$AddUnixListenSocket {CHROOT}\n", SOCKET + UDP + f'input(type="imuxsock" '
         f'Socket="{CHROOT}" ruleset="apart")\nruleset(name="apart") {{\n local2.* /var/log/apart\n}}\n']  # fmt: skip


#: What the drawn rules call, include and name.
DEFINED = (
    'template(name="Name" type="string" string="/var/log/%programname%")\n$template Line,"%msg%\\n"\n'
    'ruleset(name="keep") {\n *.info /var/log/kept\n}\nruleset(name="drop") { stop }\n'
    'ruleset(name="copied" queue.type="linkedList") {\n local2.* /var/log/copy\n stop\n}\n'
)


@pytest.mark.fuzz
@needs_rsyslogd
@settings(max_examples=60, deadline=None)
@given(st.sampled_from(HEADS), st.lists(rules(), min_size=1, max_size=6), st.lists(rules(), max_size=3))
def test_drawn_configurations(head: str, main: list[str], drop_in: list[str]) -> None:
    files = {MAIN: head + DEFINED + "".join(main[:2]) + INCLUDE + "".join(main[2:]) + "*.* /var/log/last\n"}
    files[DROP_IN] = "".join(drop_in)
    files["/etc/rsyslog.d/in.inc"] = "local1.* /var/log/in\nlocal2.err stop\n"
    assert differences(files) == ([], 0)
