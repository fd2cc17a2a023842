"""What nearly every word is has a short cut around a pattern that takes long to compile: it takes no more."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halint.address import IPV4_NETWORK
from halint.models.haproxy.language import addresses
from halint.models.keepalived.language import arguments
from halint.patterns import haproxy_expressions, haproxy_values, keepalived_values


@pytest.mark.parametrize("place", addresses.PLACES)
@given(text=st.from_regex(addresses.USUAL, fullmatch=True))
def test_haproxy_takes_usual_addresses_everywhere(place: str, text: str) -> None:
    assert addresses.problem(text, addresses.PLACES[place]) is None


@pytest.mark.parametrize("atom", sorted(arguments._TAKE_IPV4))
@given(ip=st.ip_addresses(v=4))
def test_keepalived_takes_any_ipv4_address(atom: str, ip: ipaddress.IPv4Address) -> None:
    assert re.fullmatch(getattr(keepalived_values, atom), str(ip))


@pytest.mark.parametrize("pattern", [haproxy_values.NETWORK, haproxy_values.NAMED_NETWORK, haproxy_expressions.NETWORK])
@given(text=st.from_regex(IPV4_NETWORK, fullmatch=True))
def test_haproxy_takes_usual_networks(pattern: str, text: str) -> None:
    assert re.fullmatch(pattern, text)
