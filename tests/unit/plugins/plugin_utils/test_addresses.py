# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses: one merged form, nobody's world, nothing that can be read in two ways."""

from __future__ import annotations

import ipaddress
from itertools import pairwise

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.addresses import (
    WORLD,
    is_world,
    parse,
    union,
    wide,
    written,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.problems import Expected
from hypothesis import given
from hypothesis import strategies as st

#: Small enough to compare with plain sets of numbers, in both families.
_BASE = {4: int(ipaddress.IPv4Address("192.0.2.0")), 6: int(ipaddress.IPv6Address("2001:db8::"))}
_SIZE = 64


def _text(version: int, number: int) -> str:
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    return str(kind(number))


@st.composite
def entries(draw: st.DrawFn) -> tuple[str, frozenset[tuple[int, int]]]:
    """One entry of a list, and the very addresses it stands for."""
    version = draw(st.sampled_from([4, 6]))
    base, bits = _BASE[version], 32 if version == 4 else 128
    if draw(st.booleans()):
        first, last = sorted(draw(st.tuples(st.integers(0, _SIZE - 1), st.integers(0, _SIZE - 1))))
        text = f"{_text(version, base + first)}-{_text(version, base + last)}"
    else:
        width = draw(st.integers(0, 6))
        first = draw(st.integers(0, (_SIZE >> width) - 1)) << width
        last = first + (1 << width) - 1
        text = f"{_text(version, base + first)}/{bits - width}"
        if width == 0 and draw(st.booleans()):
            text = text.partition("/")[0]
    return text, frozenset((version, base + number) for number in range(first, last + 1))


def _numbers(canonical: tuple[str, ...]) -> set[tuple[int, int]]:
    """The addresses of canonical entries, counted with the standard library instead of netaddr."""
    found = set()
    for entry in canonical:
        if "-" in entry:
            first, last = (ipaddress.ip_address(end) for end in entry.split("-"))
        else:
            network = ipaddress.ip_network(entry)  # strict: refuses host bits
            first, last = network[0], network[-1]
        found |= {(first.version, number) for number in range(int(first), int(last) + 1)}
    return found


@given(st.lists(entries(), max_size=8))
def test_a_union_holds_exactly_the_addresses_of_its_entries(given_entries: list) -> None:
    canonical = written(union(text for text, _addresses in given_entries))
    assert _numbers(canonical) == set().union(*(addresses for _text, addresses in given_entries))


@given(st.lists(entries(), max_size=8), st.randoms())
def test_the_order_of_entries_does_not_matter(given_entries: list, random: object) -> None:
    texts = [text for text, _addresses in given_entries]
    shuffled = list(texts)
    random.shuffle(shuffled)
    assert written(union(shuffled)) == written(union(texts))


@given(st.lists(entries(), max_size=8))
def test_the_canonical_form_is_its_own_canonical_form_and_minimal(given_entries: list) -> None:
    canonical = written(union(text for text, _addresses in given_entries))
    assert written(union(canonical)) == canonical
    numbers = sorted(_numbers(canonical))
    gaps = sum(1 for a, b in pairwise(numbers) if b != (a[0], a[1] + 1))
    assert len(canonical) == (gaps + 1 if numbers else 0)


@pytest.mark.parametrize(
    ("texts", "canonical"),
    [
        (["203.0.113.10"], ("203.0.113.10/32",)),
        (["192.0.2.0/25", "192.0.2.128/25"], ("192.0.2.0/24",)),
        (["192.0.2.5-192.0.2.9"], ("192.0.2.5-192.0.2.9",)),
        (["192.0.2.4 - 192.0.2.7"], ("192.0.2.4/30",)),
        (["2001:DB8:0:0::1", "10.0.0.0/8"], ("10.0.0.0/8", "2001:db8::1/128")),
        (["192.0.2.9", "192.0.2.5-192.0.2.8", "192.0.2.6"], ("192.0.2.5-192.0.2.9",)),
    ],
)
def test_canonical_forms(texts: list[str], canonical: tuple[str, ...]) -> None:
    assert written(union(texts)) == canonical


_WORLDS = [
    "0.0.0.0/0", "::/0", "0/0", "0.0/0", "any", "ANY", "any4", "*", "all", "world", "internet",
    "0.0.0.0/1", "128.0.0.0/1", "0.0.0.0-255.255.255.255", "0.0.0.1-223.255.255.254", "::/1", "2000::/3", "2000::/4",
    "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
]  # fmt: skip


@pytest.mark.parametrize("text", _WORLDS)
def test_the_world_is_refused_as_such(text: str) -> None:
    with pytest.raises(Expected) as refused:
        parse(text)
    assert str(refused.value) == WORLD


_UNCLEAR = [
    ("192.0.2.5/24", "host bits: 192.0.2.0/24; or the one address 192.0.2.5"),
    ("2001:db8::1/64", "host bits: 2001:db8::/64"),
    ("10.1", "in full"),
    ("10.1/16", "in full"),
    ("192.0.2.256", "in full"),
    ("192.0.2.0/33", "in full"),
    ("3232235777", "in full"),
    ("192.0.2.010", "leading zeros"),
    ("010.0.0.1", "leading zeros"),
    ("192.0.2.0/024", "leading zeros"),
    ("fe80::1%eth0", "without a zone"),
    ("fe80::1%1/64", "without a zone"),
    ("192.0.2.0/255.255.255.0", "prefix length"),
    ("::ffff:192.0.2.5", "IPv4 address is written as such"),
    ("::ffff:c000:205", "instead of its IPv6 spelling"),
    ("::ffff:0:0/96", "instead of its IPv6 spelling"),
    ("64:ff9b::/96", "NAT64"),
    ("::192.0.2.1", "written as such"),
    ("example.org", "never a name"),
    ("office", "never a name"),
    ("0x7f.0.0.1", "never a name"),
    ("192.0.2.1,192.0.2.2", "one entry in the list for each"),
    ("192.0.2.1 192.0.2.2", "one entry"),
    (" 192.0.2.1", "one entry"),
    ("192.0.2.1\n", "one entry"),
    ("192.0.2.9-192.0.2.5", "from a lower to a higher"),
    ("192.0.2.1-2001:db8::1", "same kind"),
    ("192.0.2.5-9", "a range"),
    ("192.0.2.0/24-192.0.3.0/24", "a range"),
    ("224.0.0.1", "multicast"),
    ("ff02::1", "multicast"),
    ("0.0.0.0", "unspecified"),
    ("::", "unspecified"),
    ("127.0.0.1", "loopback"),
    ("::1", "loopback"),
    ("255.255.255.255", "reserved"),
    ("223.255.255.255-224.0.0.1", "multicast"),
    ("", "an address"),
    ("/", "an address"),
    (":", "an address"),
    ("-", "an address"),
    (":::", "an address"),
    ("2001:db8", "an address"),
    ("１９２.0.2.1", "an address"),
    (10.1, "in quotes"),
    (5, "in quotes"),
    (None, "in quotes"),
    (["192.0.2.1"], "in quotes"),
]


@pytest.mark.parametrize(("text", "said"), _UNCLEAR)
def test_what_can_be_read_in_two_ways_is_refused_with_what_to_write(text: object, said: str) -> None:
    with pytest.raises(Expected) as refused:
        parse(text)
    assert said in str(refused.value)


@given(st.text(alphabet="0123456789abcdefx:./-%*, ", max_size=24))
def test_no_text_is_accepted_that_the_standard_library_reads_otherwise(text: str) -> None:
    try:
        addresses = parse(text)
    except Expected:
        return
    ends = [ipaddress.ip_network(end.strip()) for end in text.split("-")]
    block = next(iter(addresses.iter_ipranges()))
    assert (block.first, block.last) == (int(ends[0][0]), int(ends[-1][-1]))
    assert not is_world(addresses)


def test_the_controller_may_come_out_of_a_tunnel_that_ends_on_the_device() -> None:
    assert written(parse("127.0.0.1", loopback=True)) == ("127.0.0.1/32",)
    assert written(parse("::1", loopback=True)) == ("::1/128",)
    with pytest.raises(Expected):
        parse("127.0.0.1-224.0.0.1", loopback=True)


@pytest.mark.parametrize(
    ("texts", "most", "shared"),
    [
        (["192.0.2.0/24"], 256, ()),
        (["198.51.100.0/24", "198.51.101.0/32"], 256, ("198.51.100.0-198.51.101.0",)),
        (["198.51.100.0/24", "203.0.113.0/24"], 256, ()),
        (["2001:db8::/56"], 256, ()),
        (["2001:db8::/55", "192.0.2.1"], 256, ("2001:db8::/55",)),
        (["2001:db8::/56", "2001:db8:0:100::/56"], 256, ("2001:db8::/55",)),
        (["192.0.2.0/30"], 3, ("192.0.2.0/30",)),
    ],
)
def test_blocks_wider_than_one_persons_network(texts: list[str], most: int, shared: tuple[str, ...]) -> None:
    assert written(wide(union(texts), most)) == shared
