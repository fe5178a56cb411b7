# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change of a Linux host must not lose, and when nothing may be changed at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output

from tests.unit.plugins.plugin_utils.captures import changed, load

HERE = Path(__file__).with_name("linux")
EXPOSED, COMPLIANT = (load(HERE / name / "capture.json") for name in ("exposed", "compliant"))
INTENT = Intent(site="k7", host="k7-gw", allow4=("203.0.113.8-203.0.113.12",))


def session(**answer):
    asked = {"ssh_connection": "", "sudo_user": "", "uid": 0, "user": "root"} | answer
    return PLATFORM.vitals(changed(EXPOSED, session={"@session": json.dumps(asked)}))


def test_the_canaries_of_a_gateway():
    assert PLATFORM.vitals(EXPOSED).canaries == {
        "default route on wan": "IPv4 default via 203.0.113.10; IPv6 default via 2001:db8:1::10",
        "DNS servers": "192.0.2.53 2001:db8::53",
        "forwarding IPv4": "on",
        "forwarding IPv6": "on",
        "published tcp 8443": "192.168.10.20:443",
        "published tcp 8444": "192.168.10.20:443",
    }


def test_our_own_change_loses_no_canary():
    assert PLATFORM.vitals(COMPLIANT).canaries == PLATFORM.vitals(EXPOSED).canaries


def test_vpns_are_canaries_by_what_does_not_change_with_every_rekeying():
    def sas(spi):
        text = f"src 203.0.113.1 dst 198.51.100.7\n\tproto esp spi {spi} reqid 1 mode tunnel\n"
        return PLATFORM.vitals(changed(EXPOSED, xfrm_state={"ip": text})).canaries

    assert sas("0xc1")["IPsec 203.0.113.1 to 198.51.100.7"] == "established"
    assert sas("0xc1") == sas("0xc2")


@pytest.mark.parametrize(
    ("link", "up"),
    [
        ({"ifname": "wg0", "flags": ["UP"], "linkinfo": {"info_kind": "wireguard"}}, True),
        ({"ifname": "wg0", "flags": [], "linkinfo": {"info_kind": "wireguard"}}, False),
        ({"ifname": "ppp0", "flags": ["UP"], "link_type": "ppp"}, True),
        ({"ifname": "eth7", "flags": ["UP"]}, False),
    ],
)
def test_vpn_interfaces_are_canaries_while_they_are_up(link, up):
    ((key, output),) = EXPOSED.all("links").items()
    with_link = changed(EXPOSED, links={key: json.dumps([*json.loads(output.text), link])})
    assert (f"VPN interface {link['ifname']}" in PLATFORM.vitals(with_link).canaries) is up


@pytest.mark.parametrize(
    ("connection", "source"),
    [
        ("203.0.113.10 50022 203.0.113.1 22", "203.0.113.10"),
        ("2001:db8:1::10 50022 2001:db8:1::1 22", "2001:db8:1::10"),
        ("::ffff:203.0.113.10 50022 ::ffff:203.0.113.1 22", "203.0.113.10"),
        ("fe80::1%wan 50022 fe80::2%wan 22", "fe80::1"),
        ("", ""),
    ],
)
def test_the_source_is_what_the_host_sees(connection, source):
    assert session(ssh_connection=connection).source == source


def test_the_account_is_the_one_that_logged_in():
    assert session(user="root", sudo_user="noc").account == "noc"
    assert session(user="noc", sudo_user="").account == "noc"


@pytest.mark.parametrize(
    ("root", "word"),
    [
        ({"fstype": "ext4"}, ""),
        ({"fstype": "overlay"}, "overlay"),
        ({"fstype": "tmpfs"}, "tmpfs"),
        ({"fstype": "ext4", "etc_fstype": "tmpfs"}, "/etc"),
        ({"fstype": "ext4", "options": "ro,relatime"}, "read-only"),
        ({"fstype": "ext4", "options": "rw,errors=remount-ro"}, ""),
        ({"fstype": ""}, "not known"),
        ({"fstype": "overlay", "etc_fstype": "overlay", "container": True}, ""),
        ({"fstype": "overlay", "options": "ro", "container": True}, "read-only"),
    ],
)
def test_nothing_is_changed_where_a_change_would_not_last(root, word):
    answer = {"fstype": "ext4", "etc_fstype": "ext4", "options": "rw", "container": False} | root
    unsafe = PLATFORM.vitals(changed(EXPOSED, root={"@root": json.dumps(answer)})).unsafe
    assert (word in unsafe) if word else not unsafe


@pytest.mark.parametrize(
    "output", [Output(b"token"), Output(error="not a regular file"), Output(error="permission denied")]
)
def test_nothing_is_changed_while_a_guard_is_armed(output):
    assert "guard" in PLATFORM.vitals(changed(EXPOSED, guard={"/var/lib/iot_site_checklist/guard": output})).unsafe


@pytest.mark.parametrize("name", ["session", "root", "routes4", "links", "nft_ruleset"])
@pytest.mark.parametrize("output", [Output(b"[1"), Output(error="no end after 20 seconds"), Output(b"{}")])
def test_what_cannot_be_read_lets_nothing_be_changed(name, output):
    assert PLATFORM.vitals(changed(EXPOSED, **{name: {"it": output}})).unsafe


def test_one_table_is_loaded_once_though_it_answers_two_controls():
    state = PLATFORM.parse(EXPOSED)
    first, second = PLATFORM.plan(state, INTENT, PLATFORM.judge(state, INTENT, "A2")).changes
    assert (first.control, second.control) == ("A2.management", "A2.forwarded")
    assert first.edits and first.persist and first.after
    assert second.cuts_access and not (second.edits or second.persist or second.checks or second.after)


def test_it_reports_the_addresses_that_lead_outside_and_no_inner_ones() -> None:
    links = [{"ifname": name, "flags": ["UP"], "addr_info": [{"local": address, "scope": "global", "family": "inet"}]}
             for name, address in (("ppp0", "198.51.100.9"), ("lan0", "192.168.1.1"))]  # fmt: skip
    routes = [{"dst": "default", "dev": "ppp0"}, {"dst": "192.168.1.0/24", "dev": "lan0"}]
    answers = {"routes4": routes, "routes6": [], "links": links}
    told = {name: {"ip": Output(json.dumps(answer).encode())} for name, answer in answers.items()}
    assert PLATFORM.vitals(changed(EXPOSED, **told)).addresses == ("198.51.100.9",)
