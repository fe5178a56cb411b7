# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Console output put together again: broken lines, embedded files, selections."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.yamaha.config import joined, read
from hypothesis import given, settings
from hypothesis import strategies as st

from .device import config

LONG = "ip lan2 secure filter in " + " ".join(str(number) for number in range(200020, 200120))


def broken(text, at):
    """As the console shows it: a line longer than its width goes on in the next."""
    shown = []
    for line in text.splitlines():
        shown += [line[start : start + at] for start in range(0, len(line), at)] or [""]
    return "\n".join(shown) + "\n"


@pytest.mark.parametrize("width", [79, 80, 199, 200])
@settings(max_examples=25, deadline=None)
@given(extra=st.lists(st.integers(min_value=1, max_value=21474836), min_size=1, max_size=60))
def test_a_line_broken_in_the_middle_of_a_number_is_read_whole(width, extra):
    text = f"ip route default gateway dhcp lan2\n{LONG} {' '.join(map(str, extra))}\nip lan1 address 192.168.100.1/24\n"
    assert [line.text for line in read(broken(text, width))] == text.splitlines()


@pytest.mark.parametrize("case", ["exposed", "compliant"])
@pytest.mark.parametrize("width", [79, 80])
def test_a_whole_configuration_reads_the_same_on_a_narrow_console(case, width):
    """The remarks at its head are broken too: after a save the console has its owner's width again."""
    assert read(broken(config(case), width)) == read(config(case))


def test_lines_as_a_router_broke_them():
    text = "ip lan2 secure filter in 45 50 55 60 65 70 75 80 dynamic 1 6 11 16 21 26 100 10\n5\nip lan1 mtu 1500\n"
    assert read(text)[0].text.endswith("26 100 105")


@pytest.mark.parametrize(
    "text",
    [
        "ip lan2 secure filter in 1 2\n 3 4\n",
        "ip lan2 secure filter in 1 2\ndynamic 3\n",
        f"ip filter 1 pass {'*':<60}\n443\n",
        "",
        "# only a remark\n",
        "embedded file a.lua <<EOF\nno end\n",
        "schedule at 1 */* 00:00:00 * lua emfs:/a-program-with-a-rather-long-name-of-73\nip lan1 mtu 1500\n"[:80].ljust(
            79, "7"
        )
        + "\nip filter 1 pass *\n",
    ],
)
def test_a_piece_that_fits_nowhere_makes_the_whole_unreadable(text):
    with pytest.raises(Unreadable):
        read(text)


def test_a_full_line_that_ends_in_a_number_is_complete():
    full = "ip filter 1 pass * 192.168.100.20 tcp * " + "4" * 39
    assert [line.text for line in read(f"{full}\nip lan1 mtu 1500\n")] == [full, "ip lan1 mtu 1500"]


def test_selections_and_embedded_files():
    text = (
        "pp select 1\n ip pp mtu 1454\ntunnel select 2\n tunnel enable 2\nno tunnel select\n"
        "embedded file a.lua <<EOF\n ip pp mtu 1\n 7 8 9\nEOF\npp select none\nip pp mtu 1400\n"
    )
    found = [(line.text, line.pp, line.tunnel) for line in read(text)]
    assert found == [("ip pp mtu 1454", "1", ""), ("tunnel enable 2", "1", "2"), ("ip pp mtu 1400", "", "")]


def test_other_outputs_are_joined_too():
    start = "  main:  RTX1200 ver=c0 serial=D12345678 MAC-Address=00:a0:de:aa:bb:11 MAC-Addr"
    assert joined(f"{start}\ness=00:a0:de:aa:bb:22\n") == [f"{start}ess=00:a0:de:aa:bb:22"]
