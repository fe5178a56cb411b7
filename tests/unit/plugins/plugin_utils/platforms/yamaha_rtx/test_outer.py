# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that a router has now. What is no longer its own must never be knocked at.

`show status pp` has the form of public transcripts (RTX1200 in English, RTX1100 in Japanese), the line with its other
states that of an RTX1210; `show ip route` that of ntc-templates; `show ipv6 address` that of the vendor's IPv6 guide.
Addresses are those of documents.
"""

from __future__ import annotations

import ipaddress
import re

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.yamaha_rtx import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.yamaha import outer
from ansible_collections.iot_site.checklist.plugins.plugin_utils.yamaha.outer import addresses
from hypothesis import given
from hypothesis import strategies as st

from tests.devices.yamaha_rtx import Router, Server
from tests.unit.devices.console_client import terminal, with_router

from .device import raw as fixture

PPPOE = "ip route default gateway pp 1\nip lan1 address 192.168.100.1/24\npp select 1\n pppoe use lan2\n"
DHCP = "ip route default gateway dhcp lan2\nip lan1 address 192.168.100.1/24\nip lan2 address dhcp\n"
IPOE = (
    "ip route default gateway tunnel 1\nipv6 route default gateway dhcp lan2\nipv6 prefix 1 ra-prefix@lan2::/64\n"
    "ipv6 lan1 address ra-prefix@lan2::1/64\nipv6 lan3 address 2001:db8:3::1/64\n"
)
STATUS = """\
PP[01]:
Description: {description}
Current PPPoE session status is {state}.
Access Concentrator: BAS
1 minute 49 seconds  connection.
Received: 14 packets [840 octets]  Load: 0.0%
Transmitted: 13 packets [511 octets]  Load: 0.0%
PPP Cofigure Options
    LCP Local: Magic-Number MRU, Remote: CHAP Magic-Number MRU
    IPCP Local: Primary-DNS(192.0.2.53) Secondary-DNS(192.0.2.54), Remote: IP-Addre
ss
    PP IP Address Local: 203.0.113.77, Remote: 203.0.113.254
    CCP: None
"""
JAPANESE = """\
PP[01]:
説明:
PPPoEセッションは{state}
接続相手: PPPoE_Server
通信時間: 20分39秒
PPPオプション
    IPCP Local: IP-Address, Remote: IP-Address
    PP IP Address Local: 203.0.113.77, Remote: 203.0.113.254
    CCP: None
"""
ROUTES = """\
Destination         Gateway          Interface       Kind  Additional Info.
default             -                    PP[01]    static
10.0.0.0/8          192.168.1.254          LAN2    static  k(1)
198.51.100.0/24     198.51.100.9           LAN2  implicit
203.0.113.2/32      -                    PP[01]  implicit
169.254.1.1/30      -                 TUNNEL[1]  implicit
192.168.100.0/24    192.168.100.1          LAN1  implicit
203.0.113.1/32      -                    PP[01] temporary
"""
ADDRESSES6 = """\
LAN[01] scopeId 1
 Received:    476099 packets 473064981 octets
 Transmitted: 271021 packets 255039824 octets

 link-local   ff02::1/64
 link-local   fe80::2a0:deff:fe00:3/64
 global       2001:db8:ffff::1/64

LAN[02] scopeId 2
 global       2001:db8:ffff::2/64
 global       2001:db8:ffff::3/64 (duplicated)

LAN[03] scopeId 3
 global       2001:db8:3::1/64
"""


def asked(config: str, pp: str = "", routes: str = "", ipv6: str = "") -> Raw:
    texts = {outer.CONFIG.name: config, outer.PPPOE.name: pp, outer.ROUTES.name: routes, outer.IPV6.name: ipv6}
    return Raw({name: {name: Output(text.encode())} for name, text in texts.items()})


def status(state: str = "Connected", description: str = "") -> str:
    return STATUS.format(state=state, description=description)


@pytest.mark.parametrize("text", [status(), JAPANESE.format(state="接続されています")], ids=["English", "Japanese"])
def test_the_address_of_a_connected_pppoe_session_is_the_routers_own(text):
    assert addresses(asked(PPPOE, pp=text, routes=ROUTES)) == ("203.0.113.77",)


def test_it_is_read_from_shift_jis_too():
    config = {outer.CONFIG.name: {"": Output(PPPOE.encode())}}
    told = {outer.PPPOE.name: {"": Output(JAPANESE.format(state="接続されています").encode("cp932"))}}
    assert addresses(Raw({**config, **told})) == ("203.0.113.77",)


@pytest.mark.parametrize(
    "text",
    [
        *(status(state) for state in ("Offline", "In connecting process", "disabled", "connected", "")),
        *(JAPANESE.format(state=state) for state in ("継っていません", "接続処理中です", "接続されていません")),
        status("Offline", "Current PPPoE session status is Connected."),
        status().replace("PP[01]", "PP[02]"),
        status() + status().replace("203.0.113.77", "198.51.100.8"),
        status().replace("203.0.113.77", "IP-Address"),
        status().replace("203.0.113.77", "203.0.113.777"),
        "",
        "PP[01]:\n",
    ],
)
def test_what_a_session_had_before_is_a_strangers_by_now(text):
    """Of a session that is down the router shows the last connection, its address included."""
    assert addresses(asked(PPPOE, pp=text)) == ()


def test_an_address_in_the_configuration_is_not_reported():
    static = PPPOE + " ip pp address 203.0.113.5/32\n"
    assert addresses(asked(static)) == addresses(asked(static, pp=status("Offline"))) == ()
    assert addresses(asked(DHCP.replace("dhcp\n", "203.0.113.5/29\n").replace("dhcp lan2", "203.0.113.1"))) == ()


def test_the_address_of_a_lease_is_that_of_the_interfaces_own_network():
    assert addresses(asked(DHCP, routes=ROUTES)) == ("198.51.100.9",), "not that of the LAN, nor a next router's"
    strange = ROUTES.replace("198.51.100.9 ", "192.0.2.9 ")
    assert addresses(asked(DHCP, routes=strange)) == (), "a gateway outside of the network is not the router"
    assert addresses(asked(DHCP, routes=ROUTES.replace("LAN2  implicit", "LAN2    static"))) == ()


def test_ipv6_is_that_of_outer_interfaces_and_of_those_with_a_prefix_from_there():
    assert addresses(asked(IPOE, ipv6=ADDRESSES6)) == ("2001:db8:ffff::1", "2001:db8:ffff::2")
    assert addresses(asked(PPPOE + "ipv6 lan1 address 2001:db8:3::1/64\n", ipv6=ADDRESSES6)) == ()


@pytest.mark.parametrize("row", ["2001:db8:ffff::2/64 (lifetime: 2591889/604689)", "2001:DB8:FFFF::2/64"])
def test_a_lifetime_behind_an_ipv6_address_takes_nothing_from_it(row):
    assert addresses(asked(IPOE, ipv6=f"LAN2 scope-id 2 [up]\n\n global          {row}\n")) == ("2001:db8:ffff::2",)


def test_a_shared_address_of_a_tunnel_is_not_reported():
    mape = "ip route default gateway tunnel 1\ntunnel select 1\n tunnel encapsulation map-e\n"
    routes = "203.0.113.9/32     203.0.113.9       TUNNEL[1]  implicit\n"
    assert addresses(asked(mape, routes=routes, pp=status())) == ()


def test_where_it_is_not_known_what_is_outside_nothing_is_reported():
    assert addresses(asked("ospf use on\n" + PPPOE, pp=status())) == ()
    assert addresses(Raw()) == ()


@pytest.mark.parametrize("output", [Output(rc=1, data=status().encode()), Output(error="missing"),
                                    Output(data=status().encode(), truncated=True)])  # fmt: skip
def test_old_firmware_that_refuses_the_command_reports_nothing(output):
    told = dict(asked(PPPOE).outputs)
    told[outer.PPPOE.name] = {"show status pp 1": output}
    assert addresses(Raw(told)) == ()


def test_a_device_that_claims_more_than_a_site_has_is_not_believed_without_end():
    rows = "".join(f"198.51.{number}.0/24 198.51.{number}.1 LAN2 implicit\n" for number in range(200))
    assert len(addresses(asked(DHCP, routes=rows))) == 16


@pytest.mark.parametrize(
    ("config", "questions"),
    [
        (PPPOE, ["show status pp 1"]),
        ("ip route default gateway pp 1 filter 5 gateway pp 2\n", ["show status pp 1", "show status pp 2"]),
        ("lan backup lan2 pp 3\n", ["show status pp 3"]),
        ("pp select 1\n pp backup pp 4\n", ["show status pp 4"]),
        (DHCP + "dns server pp 1\n", []),
        (IPOE, ["show ipv6 address"]),
    ],
)
def test_only_what_the_configuration_leads_to_is_asked(config, questions):
    """Each question costs an audit a tenth of a second."""
    found = [
        read.command[0].replace("{}", word)
        for read in (outer.PPPOE, outer.IPV6)
        for word in dict.fromkeys(re.findall(read.follow.pattern, config, re.MULTILINE))
    ]
    assert found == questions


def test_the_platform_reports_them_beside_what_a_change_must_not_lose():
    told = dict(fixture().outputs)
    told[outer.PPPOE.name] = {"show status pp 1": Output(status().encode())}
    vitals = PLATFORM.vitals(Raw(told))
    assert vitals.addresses == ("203.0.113.77",) and vitals.canaries
    told["show_status_user"] = {"": Output(error="timeout")}
    assert PLATFORM.vitals(Raw(told)).addresses == ("203.0.113.77",), "what was not told of us takes nothing from it"


# --- on an emulated router, which was not written from this parser ------------------------------------------


def reported(router_change, personality="rtx830_pppoe", administrator="rtx830-admin", character="en.ascii"):
    """What the emulator's own answers report, once ``router_change`` has happened to it."""
    found = []

    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            await console.administrator(administrator)
            router_change(router)
            await console.raw(f"console character {character}")
            outputs: dict[str, dict[str, Output]] = {}
            for read in (outer.CONFIG, outer.ROUTES, outer.PPPOE, outer.IPV6):
                text = next(iter(outputs.get(outer.CONFIG.name, {}).values()), Output()).text
                words = re.findall(read.follow.pattern, text, re.MULTILINE) if read.follow else [""]
                lines = [read.command[0].replace("{}", word) for word in dict.fromkeys(words)]
                outputs[read.name] = {line: Output((await console.type(line)).encode()) for line in lines}
            found.append(addresses(Raw(outputs)))

    with_router(work, personality)
    return found[0]


def test_a_router_reports_what_its_provider_gives_it_now():
    assert reported(lambda router: None) == ("203.0.113.1",)
    assert reported(lambda router: router.assigned.update({"pp 1": "198.51.100.44"})) == ("198.51.100.44",)
    assert reported(lambda router: None, character="ja.utf8") == ("203.0.113.1",)


@pytest.mark.parametrize("state", ["Offline", "In connecting process", "disabled"])
def test_a_router_whose_line_is_down_reports_nothing(state):
    assert reported(lambda router: router.faults.update({"pppoe_state": state})) == ()


def test_a_router_that_does_not_know_the_command_reports_nothing_and_goes_on():
    assert reported(lambda router: router.faults.update({"reject_when": "^show status pp"})) == ()


def test_a_router_of_map_e_reports_its_ipv6_and_not_the_address_that_it_shares():
    found = reported(lambda router: None, "rtx1210_mape", "rtx1210-admin")
    assert found == ("2001:db8:20:2::1",)

    def delegated(router: Router) -> None:
        router.configure("", "ipv6 lan1 address ra-prefix@lan2::1/64")

    assert reported(delegated, "rtx1210_mape", "rtx1210-admin") == ("2001:db8:ffff::1", "2001:db8:20:2::1")


def test_a_router_with_a_lease_reports_it():
    def leased(router: Router) -> None:
        for line in ("ip lan2 address dhcp", "ip route default gateway dhcp lan2"):
            router.configure("", line)
        router.assigned["lan2"] = "198.51.100.45"

    assert reported(leased) == ("198.51.100.45",)


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_no_answer_breaks_it_and_all_that_is_reported_is_an_address(pp, routes, ipv6):
    for config in (PPPOE, DHCP, IPOE):
        found = addresses(asked(config, pp=status() + pp, routes=ROUTES + routes, ipv6=ADDRESSES6 + ipv6))
        assert [str(ipaddress.ip_address(one)) for one in found] == list(found)
