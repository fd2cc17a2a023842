"""What keepalived does not take of an instance. Each case is what keepalived 2.2.7 says (`-t`) or dumps (`-d`)."""

from __future__ import annotations

import pytest
from test_keepalived_model import VIPS, holder, instance, keepalived

from halint.models.keepalived import strict, unicast
from halint.models.keepalived.virtual_address import is_address, is_length

GROUP = "vrrp_sync_group {} {{\ngroup {{\n{}\n}}\n{}\n}}\n"
CHECK = 'vrrp_script chk {\nscript "/bin/true"\nweight -20\n}\n'


@pytest.mark.parametrize(
    ("keyword", "taken", "refused"),
    [
        ("virtual_router_id", ["1", "255", "051", "+51", '"51"', "0" * 30 + "51"], ["0", "256", "-1", "0x33", "51.0"]),
        ("priority", ["1", "255", "020", "+20"], ["0", "256", "-5", "1e1", "abc", "99999999999"]),
        ("advert_int", ["0.01", "255", ".5", "1.", "+1", "00001"], ["0", "255.4", "-1", "1s", ".", "1..", "0.004"]),
        ("preempt_delay", ["0", "0.5", "1000"], ["1001", "-1", "5m"]),
        ("state", ["MASTER", "BACKUP", '"MASTER"'], ["master", "SLAVE", "FAULT", "MASTER,"]),
    ],
)
def test_values_that_are_refused(keyword: str, taken: list[str], refused: list[str]) -> None:
    lines = [f"{keyword} {value}" for value in [*taken, *refused]]
    words = [word.text for word in instance("\n".join(lines)).refused.get(keyword, [])]
    assert words == refused


@pytest.mark.parametrize(
    ("body", "vrid"),
    [("virtual_router_id 0", 51), ("virtual_router_id 300\nvirtual_router_id 52", 52), ("virtual_router_id x", 51)],
)
def test_the_last_valid_id_counts(body: str, vrid: int) -> None:
    assert instance(body).vrid.value == vrid


@pytest.mark.parametrize(
    ("advert", "version", "changed"),
    [
        ("1", 2, False),
        ("2.0", 2, False),
        ("1.5", 2, True),
        ("1.0000000", 2, True),
        ("0", 2, False),
        ("0.5", 3, False),
        ("1.234", 3, True),
        ("40.95", 3, False),
        ("40.96", 3, True),
        ("255", 3, True),
    ],
)
def test_advert_int_that_is_not_used_as_written(advert: str, version: int, changed: bool) -> None:
    assert instance(f"version {version}\nadvert_int {advert}").advert_int_changed is changed


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("state MASTER\npriority 100\npreempt_delay 5", "MASTER"),
        ("state MASTER\npriority 255\npreempt_delay 5", "MASTER"),
        ("state BACKUP\npriority 255\npreempt_delay 5", ""),
        ("priority 255\npreempt_delay 5", "MASTER"),
        ("nopreempt\npreempt_delay 5", "nopreempt"),
        ("strict_mode\npreempt_delay 5", "strict"),
        ("state MASTER\npriority 100\npreempt_delay 0", ""),
        ("preempt_delay 5", ""),
    ],
)
def test_preempt_delay_that_is_cleared(body: str, why: str) -> None:
    found = instance(body).preempt_delay_ignored
    assert why in found
    assert bool(found) == bool(why)


@pytest.mark.parametrize(
    ("line", "dropped", "faults"),
    [
        ("192.0.2.10/24", False, []),
        ("192.0.2.10/24 dev eth1 scope global label eth1:1 brd +", False, []),
        ("192.0.2.10 home -nodad mngtmpaddr noprefixroute autojoin no_track use_vmac", False, []),
        ("192.0.2.10/24 dev", True, ["dev"]),
        ("192.0.2.10/24 dev eth0 dev eth1 foo", True, ["dev"]),
        ("192.0.2.10/24 brd 1.2.3", True, ["1.2.3"]),
        ("192.0.2.10/31 brd +", False, ["+"]),
        ("192.0.2.10/30 brd -", False, []),
        ("fe80::1/64 brd 192.0.2.255", True, ["brd"]),
        ("fe80::1/64 scope link", False, ["link"]),
        ("192.0.2.10 scope 300", False, ["300"]),
        ("192.0.2.10 peer 192.0.2.1 peer 192.0.2.2", False, ["192.0.2.2"]),
        ("192.0.2.10 peer 192.0.2.1 brd 192.0.2.255", False, ["192.0.2.255"]),
        ("192.0.2.10/24 peer 192.0.2.1", False, ["192.0.2.10/24"]),
        ("192.0.2.10 peer fe80::1", False, ["fe80::1"]),
        ("192.0.2.10 peer 192.0.2.1/24", False, ["192.0.2.1/24"]),
        ("192.0.2.10 preferred_lft forever", False, []),
        ("192.0.2.10 preferred_lft 4294967296", False, ["4294967296"]),
        ("192.0.2.10 192.0.2.11 metric", False, ["192.0.2.11", "metric"]),
        ("192.0.2.10 label eth0:frontend-10", True, []),
    ],
)
def test_address_lines(line: str, dropped: bool, faults: list[str]) -> None:
    (address,) = instance(f"virtual_ipaddress {{\n{line}\n}}").addresses
    assert bool(address.dropped) is dropped
    assert [fault.word.text for fault in address.faults] == faults
    assert any(fault.drops for fault in address.faults) is (dropped and bool(faults))


def test_addresses_and_lengths() -> None:
    taken = ["192.0.2.10", "0.0.0.0", "fe80::1", "::ffff:1.2.3.4"]
    refused = ["192.0.2.010", "192.0.2", "192.0.2.256", "192.0.2.1/24", "fe80::1%eth0", "fe80::g", "host", ""]
    assert [text for text in [*taken, *refused] if is_address(text)] == taken
    assert [text for text in ["0", "32", "+24", "33", "-1", "-0", "24abc", "24,", ""] if is_length(text, 32)] == [
        "0", "32", "+24",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("192.0.2.2", []),
        ("192.0.2.2 min_ttl 5 max_ttl 10", []),
        ("192.0.2.2 foo", ["foo"]),
        ("192.0.2.2 port 1", ["port"]),
        ("192.0.2.2 min_ttl 300", ["300"]),
        ("192.0.2.2 min_ttl 5 max_ttl 2", ["2"]),
    ],
)
def test_options_of_peers(line: str, faults: list[str]) -> None:
    (peer,) = instance(f"unicast_peer {{\n{line}\n}}\n{VIPS}").peer_lines
    assert [fault.word.text for fault in unicast.option_faults(peer)] == faults


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("state MASTER\npriority 100", ["MASTER"]),
        ("state MASTER\npriority 255\naccept", []),
        ("state BACKUP\npriority 255", ["BACKUP"]),
        ("state x\npriority 255", ["x"]),
        ("accept", ["accept"]),
        ("version 3\naccept", []),
        ("accept\nno_accept", []),
        ("garp_lower_prio_repeat 5\ngarp_lower_prio_repeat 0", []),
        ("garp_lower_prio_delay 1", ["garp_lower_prio_delay"]),
        ("lower_prio_no_advert", []),
        ("lower_prio_no_advert no", ["lower_prio_no_advert"]),
        ("higher_prio_send_advert", ["higher_prio_send_advert"]),
        ("higher_prio_send_advert false", []),
        ("down_timer_adverts 3", []),
        ("down_timer_adverts 4", ["down_timer_adverts"]),
        ("vmac_xmit_base", []),
        ("use_vmac\nvmac_xmit_base", ["vmac_xmit_base"]),
        ("virtual_ipaddress {\n2001:db8::1\n}", ["2001:db8::1"]),
        ("virtual_ipaddress {\nfe80::1\n}", []),
        ("version 2\nvirtual_ipaddress {\nfe80::1\n}", ["2"]),
    ],
)
def test_what_strict_mode_does_not_allow(body: str, words: list[str]) -> None:
    text = f"vrrp_instance A {{\nstrict_mode\n{body}\n{'' if 'virtual_ipaddress' in body else VIPS}}}\n"
    model = keepalived(text)
    assert [word.text for word, _, _ in strict.contradictions(model, model.instances[0])] == words
    model = keepalived(text.replace("strict_mode", "strict_mode off"))
    assert not list(strict.contradictions(model, model.instances[0]))


@pytest.mark.parametrize(
    ("groups", "of"),
    [
        (GROUP.format("G", "A\nB", "") + GROUP.format("H", "A\nB", ""), {"A": "G", "B": "G"}),
        (GROUP.format("G", "A", "") + GROUP.format("G", "B", ""), {"A": "G"}),
        ("vrrp_sync_group G {\ngroup {\nA\n}\ngroup {\nB\n}\n}\n", {"A": "G"}),
        (GROUP.format("G", "A B", ""), {"A": "G", "B": "G"}),
    ],
)
def test_members_of_groups(groups: str, of: dict[str, str]) -> None:
    model = keepalived(groups + holder() + holder("192.0.2.78", name="B"))
    assert {i.name: i.group.name for i in model.instances if i.group} == of


@pytest.mark.parametrize(
    ("group", "body", "discount", "checks"),
    [
        ("", "track_script {\nchk\n}", "", [-20]),
        ("", "priority 255\ntrack_script {\nchk\n}", "owner", []),
        (GROUP.format("G", "A", ""), "track_script {\nchk\n}", "group", []),
        (GROUP.format("G", "A", ""), "priority 255\ntrack_script {\nchk\n}", "group", []),
        (GROUP.format("G", "A", "sync_group_tracking_weight"), "track_script {\nchk\n}", "", [-20]),
        (GROUP.format("G", "A", "track_script {\nchk\n}"), "", "", [-20]),
        (GROUP.format("G", "A", "track_script {\nchk\n}"), "priority 255", "", [0]),
        ("", "priority 255\ntrack_script {\nchk weight 0\n}", "", [0]),
    ],
)
def test_weights_that_do_not_count(group: str, body: str, discount: str, checks: list[int]) -> None:
    (read,) = keepalived(CHECK + holder(body=body) + group).instances
    assert [read.discounts(tracked) for tracked in read.tracked] == [discount]
    assert [check.weight for check in read.checks] == checks


def test_the_second_of_two_equal_lines_counts_where_the_first_is_not_taken() -> None:
    lines = "chk fast\nchk weight 5\nchk weight 6\nnone\nnone"
    (read,) = keepalived(CHECK + holder(body=f"track_script {{\n{lines}\n}}")).instances
    assert [(t.name, t.weight) for t in read.tracked] == [("chk", 5), ("none", 0)]
    assert [t.weight for t in read.tracked_again] == [6]


def test_what_may_be_defined_elsewhere_is_not_refused() -> None:
    text = holder("$VIP", "priority $PRIORITY")
    (read,) = keepalived(text).instances
    assert read.refused.keys() == {"priority"}
    assert not read.unknown_addresses
    (read,) = keepalived("include definitions.conf\n" + text).instances
    assert not read.refused
    assert read.unknown_addresses
