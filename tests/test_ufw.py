"""ufw: when it is the firewall, what it makes of its files, and what becomes of a fix when `ufw` rewrites them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halint.finding import Create
from halint.models.firewall import AH, TCP, UDP, VRRP, Packet
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

SETTINGS = 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\nDEFAULT_FORWARD_POLICY="DROP"\n'
WANTED = "/etc/systemd/system/multi-user.target.wants/ufw.service"
ADVERT = Packet("in", VRRP, 4, source="192.0.2.2", destination="224.0.0.18", interface="eth0")
ADVERT6 = Packet("in", VRRP, 6, source="fe80::2", destination="ff02::12", interface="eth0")
WEB = Packet("in", TCP, 4, destination="192.0.2.10", port=80, interface="eth0")
WEB6 = WEB.but(family=6, destination="2001:db8::10")
#: What before.init holds as it is installed, without its comments.
SCRIPT = 'set -e\n\ncase "$1" in\nstart)\n    # typically required\n    ;;\nesac\n'


def files(**changes: str) -> dict[str, str]:
    """The files of ufw, by their names with _ for a dot."""
    found = {"/etc/default/ufw": SETTINGS, "/etc/ufw/ufw.conf": "ENABLED=yes\nLOGLEVEL=low\n"}
    for prefix, six in (("ufw", ""), ("ufw6", "6")):
        for part in ("before", "after", "user"):
            chains = "".join(f":{prefix}-{part}-{way} - [0:0]\n" for way in ("input", "output", "forward"))
            end = "### RULES ###\n\n### END RULES ###\n" if part == "user" else ""
            found[f"/etc/ufw/{part}{six}.rules"] = f"*filter\n{chains}{end}COMMIT\n"
    return found | {f"/etc/ufw/{name.replace('_', '.')}": text for name, text in changes.items()}


def node(texts: dict[str, str], *links: str) -> Node:
    sources = {path: Source("lb1" + path, text, format=formats.of_path(path)) for path, text in texts.items()}
    found = Node("lb1", "lb1", sources, Targets(os="debian12"))
    found.links = dict.fromkeys(links, "x")
    return found


def fixed(texts: dict[str, str], *packets: Packet, sources: tuple[str, ...] = (), ports: str = "") -> dict[str, str]:
    """The files after the fix that lets `packets` in."""
    found = dict(texts)
    edits = node(texts, WANTED).firewall.allow(list(packets), list(sources), ports)
    assert edits is not None
    for edit in edits:
        assert not isinstance(edit, Create)
        path = edit.source.path.removeprefix("lb1")
        found[path] = found[path][: edit.start] + edit.text + found[path][edit.end :]
    return found


@pytest.mark.parametrize(
    ("changes", "links", "kind", "active"),
    [
        ({}, [WANTED], "ufw", True),
        ({}, [], "ufw", True),
        ({"ufw_conf": "ENABLED=no\n"}, [WANTED], "none", False),
        ({"ufw_conf": "ENABLED=no\n"}, [], "unknown", None),
        ({"ufw_conf": "ENABLED=YES\n"}, [WANTED], "ufw", True),
        ({"ufw_conf": "ENABLED=true\n"}, [WANTED], "none", False),
        ({}, ["/etc/systemd/system/multi-user.target.wants/haproxy.service"], "none", False),
        ({}, [WANTED, WANTED.replace("ufw", "nftables")], "unknown", None),
        ({"ufw_conf": "ENABLED=no\n"}, [WANTED, WANTED.replace("ufw", "nftables")], "nftables", True),
    ],
)
def test_its_switch_and_its_unit_decide(changes: dict[str, str], links: list[str], kind: str, active: bool) -> None:
    firewall = node(files(**changes), *links).firewall
    assert (firewall.kind, firewall.active) == (kind, active)


def test_the_unit_alone_says_nothing() -> None:
    firewall = node({}, WANTED).firewall
    assert (firewall.kind, firewall.active) == ("unknown", None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"before_rules": "*filter\n-A ufw-before-input -p vrpp -j\nCOMMIT\n"}, "before.rules has an error"),
        ({"user_rules": "*filter\n-A ufw-user-input -j nowhere\nCOMMIT\n"}, "user.rules has an error"),
        ({"after_rules": "*filter\n:ufw-after-input - [0:0]\n"}, "after.rules has a syntax error"),
        ({"before_init": SCRIPT.replace(";;", "iptables -I INPUT -j ACCEPT\n;;")}, "before.init does is not known"),
    ],
)
def test_what_nobody_can_follow_is_unknown(changes: dict[str, str], reason: str) -> None:
    firewall = node(files(**changes), WANTED).firewall
    assert firewall.accepts(ADVERT).verdict is None
    assert reason in firewall.fault


@pytest.mark.parametrize("path", ["/etc/default/ufw", "/etc/ufw/before.rules", "/etc/ufw/user.rules"])
def test_without_one_of_its_files_all_is_unknown(path: str) -> None:
    texts = files()
    del texts[path]
    firewall = node(texts, WANTED).firewall
    assert firewall.accepts(ADVERT).verdict is None
    assert path in firewall.fault


def test_without_the_files_for_ipv6_that_is_unknown() -> None:
    texts = files()
    del texts["/etc/ufw/user6.rules"]
    firewall = node(texts, WANTED).firewall
    assert firewall.accepts(ADVERT).verdict is False
    assert firewall.accepts(ADVERT6).verdict is None


def test_rules_of_users_stood_elsewhere_once() -> None:
    texts = files(user_rules="*filter\n:ufw-user-input - [0:0]\n-A ufw-user-input -p vrrp -j ACCEPT\nCOMMIT\n")
    texts["/lib/ufw/user.rules"] = texts.pop("/etc/ufw/user.rules")
    assert node(texts, WANTED).firewall.accepts(ADVERT).verdict is True


@pytest.mark.parametrize("script", [SCRIPT, "# nothing\n"])
def test_its_scripts_do_nothing_as_installed(script: str) -> None:
    assert node(files(before_init=script), WANTED).firewall.accepts(ADVERT).verdict is False


@pytest.mark.parametrize("policy", ["accept", "REJECTED", ""])
def test_a_policy_that_iptables_does_not_know(policy: str) -> None:
    texts = files()
    texts["/etc/default/ufw"] = SETTINGS.replace("DROP", policy, 1)
    assert "DEFAULT_INPUT_POLICY" in node(texts, WANTED).firewall.fault


def test_the_policy_that_refuses_is_named_where_it_stands() -> None:
    answer = node(files(), WANTED).firewall.accepts(ADVERT)
    assert answer.verdict is False
    assert answer.reason == "ufw's default policy refuses what it does not list"
    (place,) = answer.places(node(files(), WANTED))
    assert place.source.path == "lb1/etc/default/ufw"
    assert place.source.position(place.start) == (2, 22)


def test_without_ipv6_only_the_loopback_interface_is_open() -> None:
    texts = files()
    texts["/etc/default/ufw"] = SETTINGS.replace("IPV6=yes", "IPV6=no")
    firewall = node(texts, WANTED).firewall
    assert firewall.accepts(ADVERT6).verdict is False
    assert firewall.accepts(ADVERT6.but(interface="lo")).verdict is True
    assert firewall.accepts(Packet("out", VRRP, 6, destination="ff02::12", interface="eth0")).verdict is False
    assert firewall.allow([ADVERT6], []) is None


def test_adverts_are_accepted_in_before_rules() -> None:
    texts = fixed(files(), ADVERT, sources=("192.0.2.2", "192.0.2.3"))
    assert texts["/etc/ufw/before.rules"].endswith(
        ":ufw-before-forward - [0:0]\n-A ufw-before-input -s 192.0.2.2 -p vrrp -j ACCEPT\n"
        "-A ufw-before-input -s 192.0.2.3 -p vrrp -j ACCEPT\nCOMMIT\n"
    )
    texts = fixed(texts, ADVERT.but(protocol=AH))
    assert "-A ufw-before-input -i eth0 -p ah -j ACCEPT\nCOMMIT\n" in texts["/etc/ufw/before.rules"]
    texts = fixed(texts, ADVERT6)
    assert "-A ufw6-before-input -i eth0 -p vrrp -j ACCEPT\nCOMMIT\n" in texts["/etc/ufw/before6.rules"]
    firewall = node(texts, WANTED).firewall
    assert all(firewall.accepts(p).verdict for p in (ADVERT, ADVERT.but(protocol=AH), ADVERT6))


def test_a_port_is_opened_as_ufw_opens_it() -> None:
    texts = fixed(files(), WEB, WEB6, ports="80")
    for name, everywhere, chain in (("user", "0.0.0.0/0", "ufw-user-input"), ("user6", "::/0", "ufw6-user-input")):
        assert texts[f"/etc/ufw/{name}.rules"].endswith(
            f"### RULES ###\n\n### tuple ### allow tcp 80 {everywhere} any {everywhere} in_eth0\n"
            f"-A {chain} -i eth0 -p tcp --dport 80 -j ACCEPT\n\n### END RULES ###\nCOMMIT\n"
        )
    firewall = node(texts, WANTED).firewall
    assert firewall.accepts(WEB).verdict is True
    assert firewall.accepts(WEB6).verdict is True
    assert firewall.accepts(WEB.but(protocol=UDP)).verdict is False
    assert firewall.accepts(WEB.but(interface="eth1")).verdict is False


def test_a_rule_before_those_of_users_is_told_from_one_of_theirs() -> None:
    """A catch-all of before.rules is passed by a rule before it; what `ufw deny` refuses stays refused."""
    chains = files()["/etc/ufw/before.rules"].removesuffix("COMMIT\n")
    texts = files(before_rules=f"{chains}-A ufw-before-input -j DROP\nCOMMIT\n")
    done = fixed(texts, ADVERT)["/etc/ufw/before.rules"]
    assert done.endswith("-A ufw-before-input -i eth0 -p vrrp -j ACCEPT\n-A ufw-before-input -j DROP\nCOMMIT\n")
    denied = "\n### tuple ### deny vrrp any 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input -p vrrp -j DROP\n"
    texts = files()
    texts["/etc/ufw/user.rules"] = texts["/etc/ufw/user.rules"].replace("### RULES ###\n", "### RULES ###\n" + denied)
    assert node(texts, WANTED).firewall.allow([ADVERT], []) is None


def test_its_kernel_parameters_come_last() -> None:
    texts = files() | {"/etc/sysctl.d/90-lb.conf": "net.ipv4.ip_forward = 0\nnet.ipv4.ip_nonlocal_bind = 1\n"}
    texts["/etc/ufw/sysctl.conf"] = "net/ipv4/ip_forward=1\n"
    assert node(texts, WANTED).sysctl.value("net.ipv4.ip_forward").value == "0"
    texts["/etc/default/ufw"] += "IPT_SYSCTL=/etc/ufw/sysctl.conf\n"
    on, off = node(texts, WANTED), node(texts | {"/etc/ufw/ufw.conf": "ENABLED=no\n"}, WANTED)
    assert (on.sysctl.value("net.ipv4.ip_forward").value, off.sysctl.value("net.ipv4.ip_forward").value) == ("1", "0")
    assert on.sysctl.value("net.ipv4.ip_nonlocal_bind").value == "1"
    alone = node({path: text for path, text in texts.items() if "sysctl.d" not in path}, WANTED)
    assert alone.sysctl.value("net.ipv4.ip_forward").value == "1"
    assert alone.sysctl.value("net.ipv4.ip_nonlocal_bind").value is None


@pytest.mark.daemons
def test_it_sets_kernel_parameters_when_it_starts(tmp_path: Path) -> None:
    for path, text in files().items():
        (tmp_path / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path[1:]).write_text(text)
    (tmp_path / "set.conf").write_text("net/ipv4/ip_forward=1\n")
    with (tmp_path / "etc/default/ufw").open("a") as settings:
        settings.write(f"IPT_SYSCTL={tmp_path}/set.conf\n")
    script = 'sysctl -q -w net.ipv4.ip_forward=0; /lib/ufw/ufw-init --datadir "$0" start; sysctl -n net.ipv4.ip_forward'
    done = subprocess.run(["unshare", "-n", "sh", "-ec", script, str(tmp_path)], capture_output=True, text=True)
    assert done.stdout == "1\n"


_PIECES = st.sampled_from(
    [
        "*filter\n", "*nat\n", "COMMIT\n", ":ufw-before-input - [0:0]\n", ":INPUT DROP\n", "-A ufw-before-input ",
        "-I ufw-user-input 2 ", "-D ufw-user-input 1\n", "-F\n", "-X\n", "-j ufw-not-local\n", "-j ACCEPT\n",
        "-p vrrp ", "-m set ", "--match-set ", "x src,dst ", "\n", '"', "'", "\\", "\udc80", "\x00", "\r\n",
        "ENABLED=yes\n", "IPV6=", "DEFAULT_INPUT_POLICY=", "$(", "`", "### tuple ### allow\n", "### RULES ###",
        "### END RULES ###\n", "\u00b2",
    ]
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(sorted(files())), st.lists(_PIECES, max_size=10).map("".join), max_size=4))
def test_any_text_is_judged(changes: dict[str, str]) -> None:
    firewall = node(files() | changes, WANTED).firewall
    for packet in (ADVERT, ADVERT6, WEB):
        assert firewall.accepts(packet).verdict in (True, False, None)
        firewall.allow([packet], [], "80" if packet is WEB else "")


#: Runs ufw on the files below $1, in namespaces of its own.
UFW = """
mount --bind "$1/etc/ufw" /etc/ufw
mount --bind "$1/etc/default/ufw" /etc/default/ufw
shift
/lib/ufw/ufw-init start
for command in "$@"; do ufw $command; done
ufw reload
iptables-save
ip6tables-save
"""


def real_ufw(texts: dict[str, str], folder: Path, *commands: str) -> tuple[dict[str, str], str]:
    """The files after real `ufw` did `commands`, and what iptables-save printed then."""
    for path, text in texts.items():
        (folder / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (folder / path[1:]).write_text(text)
    (folder / "etc/ufw/applications.d").mkdir(exist_ok=True)
    command = ["unshare", "-n", "-m", "bash", "-ec", UFW, "bash", str(folder), *commands]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert not done.returncode, done.stdout + done.stderr
    return {path: (folder / path[1:]).read_text() for path in texts}, done.stdout


@pytest.mark.daemons
def test_the_fixes_live_through_what_ufw_does(tmp_path: Path) -> None:
    texts = fixed(files(), ADVERT, sources=("192.0.2.2",))
    texts = fixed(texts, WEB, WEB6, ports="80")
    texts = fixed(texts, WEB.but(port=8000), WEB6.but(port=8000), ports="8000-8010")
    texts = fixed(texts, WEB.but(port=1024, source="192.0.2.2"), sources=("192.0.2.2",), ports="1024")
    after, loaded = real_ufw(texts, tmp_path, "allow 9999/tcp")
    assert "-A ufw-before-input -s 192.0.2.2/32 -p vrrp -j ACCEPT" in loaded
    assert "-A ufw6-user-input -i eth0 -p tcp -m tcp --dport 80 -j ACCEPT" in loaded
    assert after["/etc/ufw/before.rules"] == texts["/etc/ufw/before.rules"]
    for name in ("user", "user6"):
        ours = texts[f"/etc/ufw/{name}.rules"].partition("### RULES ###")[2].partition("### END RULES ###")[0]
        theirs = after[f"/etc/ufw/{name}.rules"].partition("### RULES ###")[2]
        assert theirs.startswith(ours), (ours, theirs)


@pytest.mark.daemons
def test_a_rule_without_its_comment_does_not_live_through_it(tmp_path: Path) -> None:
    """Measured: `ufw` writes user.rules again from the comments alone."""
    texts = files()
    rule = "-A ufw-user-input -p vrrp -j ACCEPT\n"
    texts["/etc/ufw/user.rules"] = texts["/etc/ufw/user.rules"].replace("### RULES ###\n", "### RULES ###\n" + rule)
    assert node(texts, WANTED).firewall.accepts(ADVERT).verdict is True
    after, loaded = real_ufw(texts, tmp_path, "allow 9999/tcp")
    assert rule not in after["/etc/ufw/user.rules"] and rule not in loaded


@pytest.mark.daemons
def test_allow_112_opens_ports_and_no_protocol(tmp_path: Path) -> None:
    """Measured: the number is that of a port, of TCP and UDP."""
    after, _ = real_ufw(files(), tmp_path, "allow 112")
    firewall = node(after, WANTED).firewall
    assert firewall.accepts(ADVERT).verdict is False
    assert firewall.accepts(Packet("in", TCP, 4, destination="192.0.2.1", port=112, interface="eth0")).verdict is True
