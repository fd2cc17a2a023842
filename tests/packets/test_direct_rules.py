"""Direct rules of firewalld that iptables refuses, and those in chains of firewalld's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from packet_verdicts import Kernel, judge
from rule_sets import Case

pytestmark = pytest.mark.daemons

RULE = '<rule ipv="ipv4" table="filter" chain="{}" priority="0">{}</rule>'
#: Chains and words that make firewalld fail over either backend.
REFUSED = [
    ("input", "-p vrrp -j ACCEPT"),
    ("INPUTT", "-p vrrp -j ACCEPT"),
    ("DOCKER-USER", "-p vrrp -j ACCEPT"),
    ("INPUT", "-p vrrp -j ACCEPTT"),
    ("INPUT", "-p vrrp -j accept"),
    ("INPUT", "-p vrrp -j lb"),
    ("INPUT", "-p vrrpx -j ACCEPT"),
    ("INPUT", "-A INPUT -p vrrp -j ACCEPT"),
    ("INPUT", "-p vrrp --bogus -j ACCEPT"),
]
#: What it passes over, with all of direct.xml.
PASSED_OVER = [
    RULE.format("INPUT", "-p vrrp -j ACCEPT").replace("ipv4", "ipv5"),
    RULE.format("INPUT", "-p vrrp -j ACCEPT").replace("filter", "filtr"),
]
BACKENDS = ("nftables", "iptables")


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    found = Kernel()
    yield found
    found.close()


def case(backend: str, *rules: str) -> Case:
    """A node whose zone lists another service than the stock zone does."""
    return Case("firewalld", {
        "/etc/firewalld/firewalld.conf": f"FirewallBackend={backend}\n",
        "/etc/firewalld/zones/public.xml": '<zone><service name="https"/></zone>\n',
        "/etc/firewalld/direct.xml": f"<direct>{''.join(rules)}</direct>\n",
    })  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
def test_firewalld_falls_back(kernel: Kernel, backend: str) -> None:
    stock = kernel.ask(Case("firewalld", {}))["passed"]
    for chain, words in REFUSED:
        one = case(backend, RULE.format(chain, words))
        answer = kernel.ask(one)
        assert "COMMAND_FAILED" in answer["error"], words
        assert answer["passed"] == stock, words
        assert set(judge(one, answer).ours) == {None}, words


@pytest.mark.parametrize("backend", BACKENDS)
def test_firewalld_passes_over_all_of_them(kernel: Kernel, backend: str) -> None:
    without = kernel.ask(case(backend))["passed"]
    for rule in PASSED_OVER:
        one = case(backend, rule, RULE.format("INPUT", "-p vrrp -j ACCEPT"))
        answer = kernel.ask(one)
        assert answer == {"passed": without}, rule
        assert set(judge(one, answer).ours) == {None}, rule


@pytest.mark.parametrize("chain", ["IN_public_allow", "IN_public", "INPUT_direct"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_rules_in_a_chain_of_firewalld(kernel: Kernel, backend: str, chain: str) -> None:
    one = case(backend, RULE.format(chain, "-p vrrp -j ACCEPT"))
    answer = kernel.ask(one)
    judged = judge(one, answer)
    assert not judged.contradictions, str(judged)
    assert ("COMMAND_FAILED" in judged.error) is (backend == "nftables" and chain != "INPUT_direct")
    assert answer["passed"][0] is (backend == "iptables")
