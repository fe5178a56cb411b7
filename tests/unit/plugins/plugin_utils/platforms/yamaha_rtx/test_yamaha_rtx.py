# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Yamaha router judged, changed and taken back, on configuration texts."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent, LineEdit, Status, as_json
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.yamaha_rtx import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw

from .device import INTENT, after, config, judged, planned, raw, with_config

FORWARDED = "filters A2.forwarded"
MANAGEMENT = "management A2.management"


def told(plan):
    return [edit.line for change in plan.changes for edit in change.edits]


def taken_back(plan):
    return [edit.undo for change in reversed(plan.changes) for edit in reversed(change.edits)]


def lines(text):
    return sorted(after(text, []).splitlines())


# --- exposed and compliant ----------------------------------------------------------------------------------


def test_an_exposed_site_shows_every_way_in_and_keeps_what_it_needs():
    found = judged(config())[FORWARDED]
    assert found.status is Status.GAP
    assert "pp 1 IPv4: ip filter 200037 pass * 192.168.100.20 tcp * 443" in found.before
    assert "lan2 IPv6: no filter on the way in" in found.before
    assert "200080" not in found.before, "IKE of the configured VPN is needed"
    assert [text.partition(":")[0] for text in found.evidence["kept"]] == [
        "ICMP (errors, path MTU)",
        "DNS answers",
        "IKE of the configured VPNs",
        "ESP of the configured VPNs",
        "IPsec NAT traversal of the configured VPNs",
    ]
    assert {"port": 8443, "protocol": "tcp", "to": "192.168.100.20:443"} in found.evidence["covers"]
    assert judged(config())[MANAGEMENT].status is Status.GAP


def test_a_compliant_site_passes_and_nothing_is_planned():
    text = config("compliant")
    found = judged(text)
    assert {found[FORWARDED].status, found[MANAGEMENT].status} == {Status.PASS}
    assert found[FORWARDED].evidence["judged"] == ["pp 1 IPv4", "lan2 IPv6"]
    assert not planned(text).changes
    assert not planned(text, "B1").changes


@pytest.mark.parametrize("item", ["A2", "B1"])
def test_the_plan_applied_to_the_text_complies_once_and_for_all_and_its_undo_brings_the_text_back(item):
    plan = planned(config(), item)
    text = after(config(), told(plan))
    assert not planned(text, item).changes
    assert not [
        one
        for one in judged(text, item).values()
        if one.status in (Status.GAP, Status.UNKNOWN) and one.surface != "declared"
    ]
    assert lines(after(text, taken_back(plan))) == lines(config())


def test_the_plan_lets_no_other_address_in_and_leaves_the_owners_other_lines():
    told_lines = told(planned(config()))
    swap = next(line for line in told_lines if line.startswith("ip pp secure filter in"))
    numbers = swap.split()[5:]
    owners = " ".join(number for number in numbers if not number.startswith("77"))
    assert owners == "200000 200020 200030 200031 200035 200080 200081 200082"
    own = [line for line in told_lines if line.startswith("ip filter 77")]
    assert own == [
        "ip filter 7700000 pass 198.51.100.16/28 192.168.100.20 tcp * 443",
        "ip filter 7700001 pass 203.0.113.10 192.168.100.20 tcp * 443",
    ]
    assert told_lines.index(own[-1]) < told_lines.index(swap), "allow before deny"
    assert told_lines[told_lines.index(swap) - 1 : told_lines.index(swap) + 2] == [
        "pp select 1",
        swap,
        "pp select none",
    ]


def test_a_changed_allowlist_is_a_gap_and_the_filters_nobody_names_any_more_go():
    moved = dataclasses.replace(INTENT, allow4=("192.0.2.5-192.0.2.9",))
    text = config("compliant")
    found = judged(text, intent=moved)[FORWARDED]
    assert found.status is Status.GAP
    plan = planned(text, intent=moved)
    assert "no ip filter 7700000" in told(plan)
    now = after(text, told(plan))
    assert "pass 192.0.2.5-192.0.2.9 192.168.100.20 tcp * 443" in now and "203.0.113.10" not in now
    assert not planned(now, intent=moved).changes
    assert lines(after(now, taken_back(plan))) == lines(text)


def test_somebody_new_is_let_in_too():
    more = dataclasses.replace(INTENT, allow4=(*INTENT.allow4, "192.0.2.5/32"))
    found = judged(config("compliant"), intent=more)[FORWARDED]
    assert (found.status, found.why) == (Status.GAP, "the filters do not admit the allowlist as it is now")


# --- which interfaces face the world ------------------------------------------------------------------------

WAN = "ip lan1 address 192.168.100.1/24\nip lan2 address 203.0.113.2/29\n"
ALLOWED = "ip filter 1 pass 203.0.113.10 * * * *\nip filter 2 reject *\n"


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ("ip route default gateway pp 1", ["pp 1 IPv4"]),
        ("ip route default gateway dhcp lan2", ["lan2 IPv4"]),
        ("ip route default gateway 203.0.113.1", ["lan2 IPv4"]),
        ("ip route default gateway tunnel 1", ["tunnel 1 IPv4"]),
        ("ip route default gateway pp 1 keepalive 1 gateway pp 2 hide", ["pp 1 IPv4", "pp 2 IPv4"]),
        ("ip route default gateway pp 1 filter 500000 gateway dhcp lan2", ["pp 1 IPv4", "lan2 IPv4"]),
        ("ip route default gateway pp 1 weight 2 gateway pdp wan1 weight 1", ["pp 1 IPv4", "wan1 IPv4"]),
        ("ip route default gateway pp 1\npp select 1\npp backup tunnel 2", ["pp 1 IPv4", "tunnel 2 IPv4"]),
        ("ip route default gateway dhcp onu1", ["onu1 IPv4"]),
        ("ip route default gateway pp 1\nipv6 route default gateway pp 1", ["pp 1 IPv4", "pp 1 IPv6"]),
        ("ip route default gateway tunnel 1\nngn type lan2 ntt", ["tunnel 1 IPv4", "lan2 IPv4", "lan2 IPv6"]),
        ("ip route default gateway pp 1\nipv6 prefix 1 dhcp-prefix@lan2::/64", ["pp 1 IPv4", "lan2 IPv4", "lan2 IPv6"]),
    ],
)
def test_every_interface_that_carries_a_default_route_is_judged(routes, expected):
    found = judged(f"{WAN}{routes}\n")[FORWARDED]
    named = {text.partition(":")[0] for text in found.before.splitlines()}
    assert set(expected) <= named, found
    assert found.status is Status.GAP


@pytest.mark.parametrize(
    "text",
    [
        "ip route default gateway somewhere",
        "ip route default gateway 198.51.100.9",
        "ip lan1 proxyarp on",
        "ospf use on\nip route default gateway pp 1",
        "ip route default gateway pp 1\nip policy filter set enable 1",
        "ip route default gateway pp 1\npp select 1\nip pp secure filter in 1 dynamic 5\nip filter 1 reject *",
        "ip route default gateway pp 1\npp select 1\nip pp secure filter in 1 99\nip filter 1 reject *",
        "ip route default gateway pp 1\npp select 1\nip pp secure filter in 1\nip filter 1 pass a.example * tcp * 443",
        "ip route default gateway pp 1\npp select 1\nip pp secure filter in 1\nip filter 1 pass * * 112",
        "ip route default gateway pp 1\npp select 1\nip pp secure filter name internet",
        "ip route default gateway pp 1\npp select 1\n 200037 200038",
    ],
)
def test_what_is_not_understood_is_unknown_and_not_touched(text):
    found = judged(f"{WAN}{text}\n")[FORWARDED]
    assert found.status is Status.UNKNOWN and found.why
    assert not [change for change in planned(f"{WAN}{text}\n").changes if change.surface == "filters"]


def test_ipv6_of_the_same_interface_without_a_filter_is_no_pass():
    text = f"{WAN}ip route default gateway dhcp lan2\nip lan2 secure filter in 1 2\n{ALLOWED}ipv6 lan2 address auto\n"
    assert judged(text)[FORWARDED].status is Status.GAP
    closed = f"{text}ipv6 lan2 secure filter in 1\nipv6 filter 1 reject *\n"
    assert judged(closed)[FORWARDED].status is Status.PASS


def test_a_backup_line_without_a_filter_is_no_pass():
    text = f"{WAN}ip route default gateway dhcp lan2\nip lan2 secure filter in 1 2\n{ALLOWED}"
    assert judged(text)[FORWARDED].status is Status.PASS
    assert judged(text + "lan backup lan2 pp 3\n")[FORWARDED].status is Status.GAP


def test_a_named_set_is_judged_and_left_to_a_person():
    text = (
        f"{WAN}ip route default gateway dhcp lan2\nip lan2 secure filter name outside\nip filter set outside in 1 2\n"
        "ip filter 1 pass * 192.168.100.20 tcp * 443\nip filter 2 reject *\n"
    )
    found = judged(text)[FORWARDED]
    assert found.status is Status.MANUAL and "outside" in found.fix
    assert judged(text.replace("pass *", "pass 203.0.113.10"))[FORWARDED].status is Status.PASS


def test_a_dynamic_filter_on_the_way_in_watches_the_allowlist_only():
    text = (
        f"{WAN}ip route default gateway dhcp lan2\nip lan2 secure filter in 1 2 dynamic 80\n{ALLOWED}"
        "ip filter dynamic 80 * * ftp syslog=off\n"
    )
    found = judged(text)[FORWARDED]
    assert (found.status, found.before) == (Status.GAP, "lan2 IPv4: ip filter dynamic 80 * * ftp syslog=off")
    plan = planned(text)
    assert "ip filter dynamic 7700901 203.0.113.10 * ftp syslog=off" in told(plan)
    assert "ip lan2 secure filter in 1 2 dynamic 7700900 7700901" in told(plan)
    now = after(text, told(plan))
    assert judged(now)[FORWARDED].status is Status.PASS and not planned(now).changes
    assert lines(after(now, taken_back(plan))) == lines(text)
    fewer = dataclasses.replace(INTENT, allow4=("203.0.113.10/32",))
    assert "no ip filter dynamic 7700900" in told(planned(now, intent=fewer))


def test_an_open_interface_gets_a_filter_that_keeps_answers_and_the_devices_own_flows():
    text = f"{WAN}ip route default gateway dhcp lan2\n"
    told_lines = told(planned(text))
    assert "ip lan2 secure filter out 7700005 dynamic 7700900 7700901 7700902" in [
        re.sub(r"out \d+", "out 7700005", line) for line in told_lines
    ]
    bodies = [line.partition(" pass ")[2] for line in told_lines if line.startswith("ip filter 77")]
    assert {"* * established * *", "* * icmp * *", "* * udp 67 68", "* * udp 53 *"} <= set(bodies)
    assert not [body for body in bodies if "500" in body], "no VPN is configured here"
    out = next(index for index, line in enumerate(told_lines) if " filter out " in line)
    into = next(index for index, line in enumerate(told_lines) if " filter in " in line)
    assert out < into, "answers must come back before the door closes"


# --- the router's own services ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("telnetd host any", Status.GAP),
        ("", Status.GAP),
        ("telnetd service off", Status.PASS),
        ("telnetd host none", Status.PASS),
        ("telnetd host lan1", Status.PASS),
        ("telnetd host lan", Status.GAP),
        ("telnetd host lan2", Status.GAP),
        ("telnetd host 192.168.100.2-192.168.100.9 203.0.113.10", Status.PASS),
        ("telnetd host 203.0.113.10-203.0.113.11", Status.GAP),
        ("telnetd host router.example", Status.UNKNOWN),
    ],
)
def test_a_host_line_is_judged_by_the_addresses_it_admits(line, status):
    text = f"{WAN}ip route default gateway dhcp lan2\nhttpd host none\n{line}\n"
    assert judged(text)[MANAGEMENT].status is status


def test_the_lan_keeps_its_access_and_nothing_is_added_to_it():
    text = (
        f"{WAN}ip route default gateway dhcp lan2\nhttpd host any\ntelnetd host lan2\nsftpd host any\nsshd service on\n"
    )
    told_lines = told(planned(text))
    allowed = "198.51.100.16-198.51.100.31 203.0.113.10"
    assert f"httpd host {allowed} lan1" in told_lines
    assert f"telnetd host {allowed}" in told_lines, "telnet was never open to the LAN"
    assert f"sftpd host {allowed} lan1" in told_lines


def test_snmp_lines_are_left_to_a_person_and_their_communities_never_enter_the_state():
    text = f"{WAN}ip route default gateway dhcp lan2\nsnmp host any hidden-community\nsnmpv2c host any hidden2\n"
    found = judged(text)["snmp A2.management"]
    assert found.status is Status.MANUAL
    assert "hidden" not in json.dumps(as_json([found, PLATFORM.parse(with_config(text))]))


# --- names --------------------------------------------------------------------------------------------------


def test_names_before_login_are_replaced_by_the_label_or_deleted():
    assert "snmp sysname K7-01" in told(planned(config(), "B1"))
    nameless = dataclasses.replace(INTENT, label="")
    assert "no snmp sysname" in told(planned(config(), "B1", nameless))
    assert "sshd hide openssh version on" in told(planned(config(), "B1"))


def test_services_that_are_off_have_no_texts():
    text = f"{WAN}sshd service off\ntelnetd service off\nhttpd service off\n"
    found = {one.control: one.status for one in judged(text, "B1").values()}
    assert set(found.values()) == {Status.NOT_APPLICABLE}


# --- vitals and guard ---------------------------------------------------------------------------------------


def test_the_session_the_canaries_and_a_saved_configuration():
    vitals = PLATFORM.vitals(raw())
    assert (vitals.account, vitals.source, vitals.unsaved, vitals.unsafe) == ("noc-a", "203.0.113.10", "", "")
    assert "default route - PP[01]" in vitals.canaries
    assert vitals.canaries["VPN 1 tun[001]esp recv"] == "198.51.100.77"
    assert "published service 1000 1 192.168.100.20 tcp 8443=443" in vitals.canaries


def test_the_address_of_an_ipv6_session_is_not_mistaken_for_the_time():
    users = "+*noc-a  ssh1  11/20 09:00  0:00:00  2001:db8:7::5\n"
    assert PLATFORM.vitals(raw(show_status_user=users)).source == "2001:db8:7::5"


def test_unsaved_work_is_shown_without_secrets():
    running = config() + "pp select 2\n pp auth myname secret-name secret-word\nlogin user noc-b secret-password\n"
    vitals = PLATFORM.vitals(raw(show_config=running, saved_config=config()))
    assert "+login user noc-b ***" in vitals.unsaved
    assert "secret" not in vitals.unsaved
    only_ours = config().replace("console lines infinity", "console lines 24").replace("console columns 200\n", "")
    assert PLATFORM.vitals(raw(saved_config=only_ours)).unsaved == "", (
        "the console is the session's, not the owner's work"
    )


def test_what_is_closed_but_not_saved_is_a_gap_that_a_save_closes():
    closed = after(config(), told(planned(config())))
    texts = raw(show_config=closed, saved_config=config())
    state = PLATFORM.parse(texts)
    judgements = [one for one in PLATFORM.judge(state, INTENT, "A2") if one.surface in ("filters", "management")]
    assert {one.status for one in judgements} == {Status.GAP}
    assert all("a restart would bring back" in one.why for one in judgements)
    assert [change.edits for one in judgements for change in one.changes] == [(), ()], "nothing is left but to save"
    assert PLATFORM.vitals(texts).unsaved


def test_what_is_open_now_is_a_gap_whatever_is_saved():
    closed = after(config(), told(planned(config())))
    state = PLATFORM.parse(raw(show_config=config(), saved_config=closed))
    (judgement,) = [one for one in PLATFORM.judge(state, INTENT, "A2") if one.surface == "filters"]
    assert judgement.status is Status.GAP and judgement.changes[0].edits


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"saved_config": "Error: password mismatch"}, "cannot be compared"),
        ({"show_config": config() + "user attribute noc-a multi-session=off\n"}, "multi-session=off"),
        ({"show_config": config() + "schedule at 60100 +120 * restart\n"}, "no schedule at 60100"),
        ({"show_config": config() + "ip filter 7700999 reject 127.1.2.3 * * * *\n"}, "no ip filter 7700999"),
        ({"show_status_user": "+*noc-a ssh1 0:00:00 203.0.113.10\n+noc-c ssh2 0:00:01 192.0.2.1\n"}, "noc-c"),
        ({"show_config": ""}, "not known"),
    ],
)
def test_what_makes_a_change_unsafe(texts, reason):
    assert reason in PLATFORM.vitals(raw(**texts)).unsafe


def test_without_the_saved_configuration_nothing_is_safe():
    everything = raw()
    missing = Raw({name: each for name, each in everything.outputs.items() if name != "saved_config"})
    assert "cannot be compared" in PLATFORM.vitals(missing).unsafe


def test_the_guard_takes_every_line_back_in_its_own_context_and_leaves_nothing():
    plan = planned(config())
    guard = PLATFORM.guard(plan, "token-1", 120)
    armed_text = after(config(), [line for line in guard.arm if not line.startswith("schedule")])
    assert re.search(guard.armed, armed_text, re.MULTILINE)
    scheduled = [
        re.fullmatch(r"schedule at (\d+) \+120 (\*|pp \d+|tunnel \d+) (.*)", line).groups()
        for line in guard.arm
        if line.startswith("schedule")
    ]
    assert scheduled[0][1:] == ("*", "no ip filter 7700999"), "a guard that fires takes its own mark first"
    fired = []
    for _number, context, line in scheduled:
        kind = context.partition(" ")[0]
        fired += (
            [line] if context == "*" else [f"{kind} select {context.partition(' ')[2]}", line, f"{kind} select none"]
        )
    changed = after(armed_text, told(plan))
    returned = after(changed, fired)
    assert lines(returned) == lines(config())
    assert not re.search(guard.armed, returned, re.MULTILINE)
    numbers = [number for number, _context, _line in scheduled]
    assert guard.disarm == (*(f"no schedule at {number}" for number in reversed(numbers)), "no ip filter 7700999")
    assert lines(after(changed, [line for line in guard.revert if "schedule" not in line])) == lines(config())


def test_another_run_does_not_take_our_mark_for_its_own():
    plan = planned(config())
    ours, other = PLATFORM.guard(plan, "token-1", 120), PLATFORM.guard(plan, "token-2", 120)
    marker = "\n".join(ours.arm)
    assert re.search(ours.armed, marker, re.MULTILINE) and not re.search(other.armed, marker, re.MULTILINE)


FIRED = "schedule at 60100 +120 * no ip filter 7700999\nschedule at 60101 +120 * sshd host any\n"


def test_a_guard_that_has_fired_is_no_obstacle_and_goes_away_before_a_save():
    texts = raw(show_config=config() + FIRED, saved_config=config())
    vitals = PLATFORM.vitals(texts)
    assert (vitals.unsafe, vitals.unsaved) == ("", "")
    state = PLATFORM.parse(texts)
    plan = PLATFORM.plan(state, INTENT, PLATFORM.judge(state, INTENT, "A2"))
    persisted = [edit.line for change in plan.changes for edit in change.persist]
    assert persisted[:2] == ["no schedule at 60100", "no schedule at 60101"]


@pytest.mark.parametrize(
    "texts",
    [
        {"show_config": config() + FIRED + "ip filter 7700999 reject 127.1.2.3 * * * *\n", "saved_config": config()},
        {"show_config": config() + FIRED + "sshd host 192.0.2.1\n", "saved_config": config()},
        {"show_config": config() + FIRED, "saved_config": config() + FIRED},
    ],
    ids=["armed", "still restoring", "saved, so it counts again at every boot"],
)
def test_a_guard_that_may_still_do_something_is_an_obstacle(texts):
    assert "no schedule at 60100" in PLATFORM.vitals(raw(**texts)).unsafe


def test_a_save_gives_the_console_back_to_the_owner_first():
    saved = config().replace("console lines infinity", "console lines 40").replace("console columns 200\n", "")
    state = PLATFORM.parse(raw(saved_config=saved))
    plan = PLATFORM.plan(state, INTENT, PLATFORM.judge(state, INTENT, "A2"))
    restored = [edit.line for change in plan.changes for edit in change.persist if isinstance(edit, LineEdit)]
    assert restored == ["console character ascii", "console lines 40", "no console columns"]


# --- secrets ------------------------------------------------------------------------------------------------


def test_no_secret_enters_the_state():
    hidden = r"((?:password|login user noc-a|isp\.example|pre-shared-key 1|generate) )\*"
    planted, count = re.subn(hidden, r"\1planted-secret", config().replace("public", "planted-secret"))
    assert count == 6
    planted += "embedded file a.lua <<EOF\nPASSWORD = 'planted-secret'\nEOF\nip keepalive 1 icmp-echo 10 5 192.0.2.1\n"
    state = PLATFORM.parse(with_config(planted))
    assert "planted" not in json.dumps(as_json(state))
    findings = [one for item in ("A2", "B1", "D2") for one in PLATFORM.judge(state, INTENT, item)]
    assert "planted" not in json.dumps(as_json(findings))


def test_hostile_text_is_unknown():
    evil = Output(b"# \x1b[2J{{ lookup('pipe','id') }}\nip filter {{ evil }}\n")
    state = PLATFORM.parse(Raw({"show_config": {"show config": evil}}))
    found = PLATFORM.judge(state, Intent("k7", "k7-rtx"), "A2")
    assert {one.status for one in found if one.surface in ("filters", "management", "snmp")} == {Status.UNKNOWN}
