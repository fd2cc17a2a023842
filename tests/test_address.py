"""Addresses are read and written as the standard library does."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halint import address

GROUP = st.sampled_from(["", "0", "0000", "1", "00ab", "ABCD", "12345", "g", "1.2.3.4", "01.2.3.4", "1.2.3"])
TEXTS = st.lists(GROUP, min_size=2, max_size=9).map(":".join) | st.text("0123456789abcdef:.", max_size=40)


def expected(text: str) -> ipaddress.IPv6Address | None:
    try:
        return ipaddress.IPv6Address(text)
    except ValueError:
        return None


@given(TEXTS | st.ip_addresses(v=6).flatmap(lambda ip: st.sampled_from([str(ip), ip.exploded, ip.exploded.upper()])))
def test_ipv6_is_what_the_standard_library_takes_for_it(text: str) -> None:
    wanted, found = expected(text), address.network(text) if ":" in text else None
    assert (found and found.value) == (wanted and int(wanted))


@given(
    st.ip_addresses(v=6)
    | st.builds(lambda n, at: ipaddress.IPv6Address(n << at), st.integers(0, 0xFFFF), st.integers(0, 112))
)
def test_ipv6_is_written_as_the_standard_library_does(ip: ipaddress.IPv6Address) -> None:
    if ip.ipv4_mapped is None:  # which Python 3.13 writes in another way
        assert address.canonical(ip.exploded) == str(ip)


@pytest.mark.parametrize(
    "text", ["fe80::1%eth0", "::", "::1", "1::", "::ffff:1.2.3.4", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8"]
)
def test_ipv6(text: str) -> None:
    assert address.family(text) == 6


@pytest.mark.parametrize(
    "text", [":", ":::", "1:::2", "1::2::3", "::1.2.3.4:1", "1.2.3.4::", "1:2:3:4:5:6:7", "::12345", "1:", "::+1"]
)
def test_no_ipv6(text: str) -> None:
    assert address.family(text) is None
