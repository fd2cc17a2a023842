"""Rich rules that firewalld does not take: it leaves them out, and halint does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from packet_verdicts import Kernel, judge
from rule_sets import Case

from halint.models.firewall.firewalld.rich_rules import complaint
from halint.readers import xml
from halint.readers.xml import Element
from halint.source import Source

VRRP = '<protocol value="vrrp"/>'
PEER = '<source address="192.0.2.2"/>'
LEFT_OUT = [
    f"<rule>{PEER}{VRRP}<accept/></rule>",
    f'<rule><destination address="224.0.0.18"/>{VRRP}<accept/></rule>',
    f'<rule family="ipv6">{PEER}{VRRP}<accept/></rule>',
    f'<rule family="ipv5">{VRRP}<accept/></rule>',
    f'<rule family="ipv4"><source address="192.0.2.300"/>{VRRP}<accept/></rule>',
    f'<rule family="ipv4">{PEER}{PEER}{VRRP}<accept/></rule>',
    f'<rule family="ipv4">{PEER}{VRRP}<port port="80" protocol="tcp"/><accept/></rule>',
    f'<rule family="ipv4">{PEER}{VRRP}<accept/><drop/></rule>',
    f'<rule family="ipv4">{PEER}{VRRP}</rule>',
    f"<rule>{VRRP}</rule>",
    "<rule><accept/></rule>",
    '<rule family="ipv4"><accept/></rule>',
    '<rule><log prefix="x"/><accept/></rule>',
    f'<rule priority="99999">{VRRP}<accept/></rule>',
    f'<rule>{VRRP}<reject type="icmp-port-unreachable"/></rule>',
    f'<rule>{VRRP}<log level="loud"/><accept/></rule>',
    f'<rule>{VRRP}<log prefix=""/><accept/></rule>',
    f"<rule>{VRRP}<audit/><audit/><accept/></rule>",
    '<rule><protocol value="vrpp"/><accept/></rule>',
    '<rule><port port="80:90" protocol="tcp"/><accept/></rule>',
    '<rule><port port="80" protocol="tpc"/><accept/></rule>',
    '<rule><icmp-block name="redirect"/><accept/></rule>',
    "<rule><masquerade/><accept/></rule>",
    '<rule><forward-port port="80" protocol="tcp" to-port="81"/></rule>',
]
TAKEN = [
    f'<rule family="ipv4">{PEER}{VRRP}<accept/></rule>',
    f'<rule family="ipv4">{PEER}<accept/></rule>',
    '<rule family="ipv4"><source address="192.0.2.0/255.255.255.0"/><accept/></rule>',
    f"<rule>{VRRP}<accept/></rule>",
    f"<rule>{VRRP}<log/><audit/><accept/></rule>",
    '<rule priority="1"><accept/></rule>',
    '<rule priority="-32768" family="ipv6"><drop/></rule>',
    f'<rule family="ipv4">{VRRP}<reject type="icmp-port-unreachable"/></rule>',
    '<rule><port port="80-90" protocol="tcp"/><accept/></rule>',
    '<rule><service name="http"/><mark set="1"/></rule>',
    '<rule><icmp-block name="redirect"/></rule>',
    '<rule priority="5"><log prefix="x"/></rule>',
]  # fmt: skip


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    found = Kernel()
    yield found
    found.close()


def case(rule: str, backend: str) -> Case:
    zone = f'<zone><service name="https"/>{rule}</zone>\n'
    return Case("firewalld", {
        "/etc/firewalld/firewalld.conf": f"FirewallBackend={backend}\n",
        "/etc/firewalld/zones/public.xml": zone,
    })  # fmt: skip


@pytest.mark.parametrize("rule", LEFT_OUT + TAKEN)
def test_what_halint_says_of_it(rule: str) -> None:
    (element,) = xml.read(Source("public.xml", rule, format="xml")).statements
    assert isinstance(element, Element)
    assert (complaint(element) is None) is (rule in TAKEN)


@pytest.mark.daemons
@pytest.mark.parametrize("backend", ["nftables", "iptables"])
def test_firewalld_goes_on_without_it(kernel: Kernel, backend: str) -> None:
    without = kernel.ask(case("", backend))["passed"]
    for rule in LEFT_OUT:
        answer = kernel.ask(case(rule, backend))
        assert answer == {"passed": without}, rule
        assert not judge(case(rule, backend), answer).contradictions, rule


@pytest.mark.daemons
@pytest.mark.parametrize("backend", ["nftables", "iptables"])
def test_firewalld_takes_it(kernel: Kernel, backend: str) -> None:
    without = kernel.ask(case("", backend))["passed"]
    changed = 0
    for rule in TAKEN:
        answer = kernel.ask(case(rule, backend))
        judged = judge(case(rule, backend), answer)
        assert not judged.error and not judged.contradictions, str(judged)
        changed += answer["passed"] != without
    assert changed >= len(TAKEN) // 2
