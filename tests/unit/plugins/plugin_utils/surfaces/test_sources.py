# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who comes in with a login, who may be somebody, and who is a stranger. test_sources.py of tests/integration proves
the same on real software."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Change,
    Consent,
    FileEdit,
    Intent,
    Person,
    Plan,
    Status,
    Unreadable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.refusal import Circumstances, refusals
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import visits_login, visits_web
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.sources import Sources, come_in_today
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.visits import LIKELY, PROVEN, SEEN, by_source
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.visits_records import RECORDS
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.visits_records import visits as records
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.captures import changed, load

SOURCES = Sources()
CAPTURES = Path(__file__).parent / "sources"
OFFICE, OFFICE6, STRANGER = "192.168.145.40", "fd00:db8:145::40", "192.168.145.66"
NOC = Person("noc", ("203.0.113.10/32",))
INTENT = Intent(site="k7", host="k7-panel", allow4=("203.0.113.10/32",), people=(NOC,))
CONSENT = replace(INTENT, consent=frozenset({Consent.ACTIVE_SOURCES}))
LISTED = replace(INTENT, allow4=("192.168.145.40/32", "203.0.113.10/32"), allow6=("fd00:db8:145::40/128",))


def capture(case):
    packed = base64.b64decode((CAPTURES / case / "wtmp.zlib.base64").read_text())
    texts = load(CAPTURES / case / "capture.json")
    return Raw({**texts.outputs, RECORDS.name: {"sh": Output(zlib.decompress(packed))}})


def judged(raw, intent=INTENT):
    (one,) = SOURCES.judge(SOURCES.parse(raw), intent)
    return one


def journal(*lines):
    return {visits_login.SSH_JOURNAL.name: {"sh": "\n".join(["#read journal", *lines, ""])}}


def web(*lines, log="/var/log/nginx/access.log"):
    return {visits_web.LOG.name: {"sh": "\n".join([f"#read {log}", *lines, ""])}}


def after(**answers):
    """The untouched host, on a known day, with something in its logs."""
    today = {"@sessions": json.dumps({"day": "2026-11-28", "sessions": [], "left_out": 0})}
    return changed(capture("untouched"), **{"sources.sessions": today, **answers})


ACCEPTED = "1795901126.021722 device sshd[262]: Accepted password for guest from {} port 58192 ssh2"


# --- real captures --------------------------------------------------------------------------------------------


def test_where_nobody_has_come_everybody_who_came_is_on_the_list():
    one = judged(capture("untouched"))
    assert one.status is Status.PASS and "not seen here: noc" in one.why
    assert {"journal", "wtmp"} <= set(one.evidence["looked_into"])


def test_the_office_is_somebody_and_the_stranger_is_not():
    state = SOURCES.parse(capture("visited"))
    assert set(state[PROVEN]) == {OFFICE, OFFICE6} and set(state[LIKELY]) == {STRANGER}
    for way in ("guest over ssh", "guest over ftp", "pump over mqtt", "tanaka over web", "last on 2026-11-28"):
        assert way in state[PROVEN][OFFICE]
    assert "guest over a login session" in state[PROVEN][OFFICE6], "wtmp"


def test_an_office_that_is_not_on_the_list_is_named_and_left_to_a_person():
    one = judged(capture("visited"))
    assert one.status is Status.MANUAL and OFFICE in one.why and STRANGER not in one.why and not one.changes
    assert "ip_allowlist_cut_active_sources" in one.fix and "iot_site_people" in one.fix


def test_consent_lets_it_go_and_says_whom():
    one = judged(capture("visited"), CONSENT)
    assert one.status is Status.PASS and OFFICE in one.why and "consent" in one.why


def test_an_office_on_the_list_leaves_who_may_be_a_stranger():
    one = judged(capture("visited"), LISTED)
    assert one.status is Status.MANUAL and STRANGER in one.why and OFFICE not in one.why


def test_who_is_on_the_list_and_was_seen_is_not_noted_as_absent():
    seen = Person("office", ("192.168.145.40/32",))
    assert judged(capture("visited"), replace(LISTED, people=(NOC, seen))).evidence["never_seen"] == ["noc"]


def test_a_published_service_shows_who_uses_it_now():
    flow = next(iter(capture("visited").all("sources.conntrack").values())).text
    only = changed(after(), **{"sources.conntrack": {"/proc/net/nf_conntrack": flow}})
    assert SOURCES.parse(only)[SEEN] == {STRANGER: "published tcp port 8443, open now"}


# --- the plan -------------------------------------------------------------------------------------------------


def refused(raw, intent, control="A2.management"):
    edit = FileEdit("/etc/x", "x")
    plan = Plan("k7-panel", "", (Change(control, "any", "limit", "", "", (edit,), cuts_access=True),))
    vitals = replace(PLATFORM.vitals(raw), source="203.0.113.10", unsafe="", **come_in_today(raw))
    reasons = refusals(plan, intent, vitals, Circumstances(today="2026-11-28", way_back=True))
    return [reason for reason in reasons if "authorised" not in reason]


def test_a_plan_that_would_keep_the_office_out_is_refused_until_somebody_decides():
    (reason,) = refused(capture("visited"), INTENT)
    assert OFFICE in reason and OFFICE6 in reason and "guest over ssh" in reason and STRANGER not in reason
    assert not refused(capture("visited"), CONSENT) and not refused(capture("visited"), LISTED)
    assert not refused(capture("visited"), INTENT, "A1.ssh"), "a login that is asked for keeps out nobody"


def test_logs_that_cannot_be_read_need_consent_too():
    raw = after(**{visits_login.SSH_LOG.name: {"sh": "#unread /var/log/auth.log\n"}})
    with pytest.raises(Unreadable, match=r"/var/log/auth\.log"):
        SOURCES.parse(raw)
    assert "/var/log/auth.log" in refused(raw, INTENT)[0] and not refused(raw, CONSENT)


def test_who_comes_and_goes_does_not_spoil_a_plan():
    states = [PLATFORM.parse(capture(case)) for case in ("untouched", "visited")]
    one, other = ({**states[0], "sources": state["sources"]} for state in states)
    assert one != other and PLATFORM.fingerprint(one) == PLATFORM.fingerprint(other)
    assert PLATFORM.fingerprint(one) != PLATFORM.fingerprint({**one, "nftables": {}})


# --- what counts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        ACCEPTED.format(STRANGER),
        f"1795901126.021722 device sshd-session[262]: Accepted publickey for guest from {STRANGER} port 1 ssh2: RSA x",
        f"2026-11-28T21:25:26.021722+09:00 device sshd[2]: Accepted password for guest from {STRANGER} port 1 ssh2",
        f"Nov  8 21:25:26 device sshd[2]: Accepted keyboard-interactive/pam for guest from {STRANGER} port 1 ssh2",
        f"Nov 28 21:25:26 device dropbear[2]: Password auth succeeded for 'guest' from {STRANGER}:39344",
        f"1795901126.0 device dropbear[2]: Pubkey auth succeeded for 'a' with ssh-rsa key md5 aa:bb from {STRANGER}:3",
        f"1795901126.0 device dropbear[2]: [2] Nov  8 21:25:26 Password auth succeeded for 'a' from {STRANGER}:39344",
    ],
)  # fmt: skip
def test_an_accepted_login_counts(line):
    assert list(SOURCES.parse(after(**journal(line)))[PROVEN]) == [STRANGER]


@pytest.mark.parametrize(
    "line",
    [
        f"1795901126.0 device sshd[98]: Failed password for guest from {STRANGER} port 39344 ssh2",
        f"1795901126.0 device sshd[9]: Invalid user Accepted password for a from {OFFICE} port 22 ssh2 from {STRANGER}",
        f"1795901126.0 device sshd[98]: Invalid user x sshd[1]: Accepted password for a from {OFFICE} port 22 ssh2",
        "1795901126.0 device sshd[98]: Accepted password for guest from",
        f"1795901126.0 device dropbear[2]: Bad password attempt for 'x' from {STRANGER}:39344",
    ],
)  # fmt: skip
def test_a_failed_login_and_a_forged_one_do_not(line):
    state = SOURCES.parse(after(**journal(line)))
    assert not state[PROVEN] and not state[LIKELY] and not state[SEEN]


def served(source, account, path, status=200, method="GET", host="", day="28/Nov/2026"):
    return f'{host}{source} - {account} [{day}:21:25:30 +0900] "{method} {path} HTTP/1.1" {status} 6 "-" "curl/7.88.1"'


@pytest.mark.parametrize(
    ("lines", "level"),
    [
        ([served(STRANGER, "tanaka", "/panel/")], PROVEN),
        ([served(STRANGER, "tanaka", "/panel/", 304, host="k7.example:443 ")], PROVEN),
        ([served("2001:db8::1", "-", "/"), served(STRANGER, "tanaka", "/")], PROVEN),
        ([served(STRANGER, "tanaka", "/"), served("2001:db8::1", "-", "/?a=b")], LIKELY),
        ([served(STRANGER, "tanaka", "/"), served("2001:db8::1", "-", "/", 301)], PROVEN),
        ([served(STRANGER, "tanaka", "/"), served("2001:db8::1", "-", "/", 204, "OPTIONS")], PROVEN),
        ([served(STRANGER, "-", "/")], SEEN),
        ([served(STRANGER, "-", "/", 301)], SEEN),
        ([served(STRANGER, "-", "/login", 302, "POST")], LIKELY),
        ([served(STRANGER, "-", "/login", 301, "POST")], SEEN),
        ([served(STRANGER, "admin", "/", 401), served(STRANGER, "-", "/x", 404)], None),
        ([served(STRANGER, "admin", "/", 403), served(STRANGER, "-", "/x", 500)], None),
    ],
)
def test_what_a_web_server_remembers(lines, level):
    state = SOURCES.parse(after(**web(*lines)))
    assert [each for each in (PROVEN, LIKELY, SEEN) if STRANGER in state[each]] == ([level] if level else [])


def test_another_servers_open_page_says_nothing_about_a_name():
    both = web(served(STRANGER, "tanaka", "/"), "#read /var/log/apache2/access.log", served("2001:db8::1", "-", "/"))
    assert STRANGER in SOURCES.parse(after(**both))[PROVEN]


def test_a_client_without_a_name_on_the_broker_and_an_anonymous_ftp_visitor_have_proved_nothing():
    mqtt = f"1795901139: New client connected from {STRANGER}:51944 as x (p2, c1, k60, u'admin'). (p2, c1, k60)."
    ftp = f'Sat Nov 28 21:25:35 2026 [pid 283] [ftp] OK LOGIN: Client "{STRANGER}", anon password "x"'
    forged = f'Sat Nov 28 21:25:35 2026 [pid 2] [x] OK LOGIN: Client "{OFFICE}"] FAIL LOGIN: Client "{STRANGER}"'
    answers = {visits_login.MQTT_LOG.name: {"sh": mqtt}, visits_login.FTP_LOG.name: {"sh": f"{ftp}\n{forged}"}}
    state = SOURCES.parse(after(**answers))
    assert not state[PROVEN] and list(state[SEEN]) == [STRANGER]


# --- when -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "active"),
    [
        (f"2026-08-27T21:25:26+09:00 device sshd[2]: Accepted password for a from {STRANGER} port 1 ssh2", False),
        (f"2026-08-28T21:25:26+09:00 device sshd[2]: Accepted password for a from {STRANGER} port 1 ssh2", True),
        (f"1970-01-01T00:00:26+00:00 device sshd[2]: Accepted password for a from {STRANGER} port 1 ssh2", True),
        (f"Jan  1 21:25:26 device sshd[2]: Accepted password for a from {STRANGER} port 1 ssh2", True),
    ],
    ids=["a quarter ago", "within a quarter", "the clock was not set", "no year is told"],
)
def test_who_came_within_a_quarter_comes_in_today(line, active):
    assert bool(SOURCES.parse(after(**journal(line)))[PROVEN]) is active


# --- from where -----------------------------------------------------------------------------------------------


def test_the_inner_network_is_not_limited_by_a_packet_filter_but_by_a_web_server():
    inner = json.dumps([{"dst": "192.168.50.0/24", "dev": "lan1"}, {"dst": "default", "dev": "wan0", "gateway": "x"}])
    links = [
        {"ifname": "lo", "flags": ["LOOPBACK", "UP"]},
        *({"ifname": name, "flags": ["UP"], "addr_info": [{"family": "inet", "scope": "global"}]}
          for name in ("lan1", "wan0")),
    ]  # fmt: skip
    raw = after(
        **journal(ACCEPTED.format("192.168.50.7")), routes4={"ip": inner}, routes6={"ip": "[]"},
        links={"ip": json.dumps(links)},
    )  # fmt: skip
    assert judged(raw).status is Status.PASS and not refused(raw, INTENT)
    by_web_server = replace(INTENT, enforce_with="web_server")
    assert judged(raw, by_web_server).status is Status.MANUAL and refused(raw, by_web_server)


@pytest.mark.parametrize("source", ["127.0.0.1", "::1", "192.168.145.11", "::ffff:192.168.145.11", "fd00:db8:145::11"])
def test_the_machine_itself_is_nobody(source):
    state = SOURCES.parse(after(**web(served(source, "tanaka", "/panel/"))))
    assert not state[PROVEN] and not state[SEEN]


def test_a_name_instead_of_an_address_is_on_nobodys_list():
    assert judged(after(**web(served("office.example", "tanaka", "/panel/")))).status is Status.MANUAL


# --- nothing, too much, garbage -------------------------------------------------------------------------------


def test_a_host_that_records_nothing_is_for_a_person_and_may_be_changed():
    nothing = {read.name: {"sh": ""} for read in (*visits_login.READS, visits_web.LOG, RECORDS)}
    one = judged(after(**nothing))
    assert one.status is Status.MANUAL and "records no logins" in one.why
    assert not refused(after(**nothing), INTENT)


def test_a_web_servers_log_alone_is_no_record_of_logins():
    silent = {read.name: {"sh": ""} for read in (*visits_login.READS, RECORDS)}
    assert judged(after(**silent, **web(served("203.0.113.10", "noc", "/panel/")))).status is Status.MANUAL


def test_more_connections_than_are_listed_are_no_pass():
    told = json.dumps({"day": "2026-11-28", "sessions": [], "left_out": 3})
    raw = after(**{"sources.sessions": {"@sessions": told}})
    assert judged(raw).status is Status.UNKNOWN and "3 open connections" in refused(raw, INTENT)[0]


def test_strangers_are_counted_and_only_the_latest_are_named():
    raw = after(**web(*(served(f"198.51.100.{number}", "-", "/") for number in range(250))))
    one = judged(raw)
    assert one.status is Status.PASS and "250 not on the list" in one.why
    assert len(one.evidence["not_on_the_list"][SEEN]) == 100 and one.evidence["not_listed_one_by_one"] == {SEEN: 150}


_X86, _ARM64, _BIG = (
    "<h2x4x32s4x32s256s4x4xi4x16s20x",
    "<h2x4x32s4x32s256s4x8xq8x16s20x4x",
    ">h2x4x32s4x32s256s4x4xi4x16s20x",
)


@pytest.mark.parametrize("layout", [_X86, _ARM64, _BIG], ids=["x86", "ARM64", "big-endian"])
def test_sessions_of_every_machine(layout):
    def record(kind, seconds, address):
        return struct.pack(layout, kind, b"pts/0", b"guest", b"192.0.2.7", seconds, bytes(address).ljust(16, b"\0"))

    data = record(2, 1795900000, b"") + record(7, 1795901126, (192, 0, 2, 7)) + record(8, 1795901200, (192, 0, 2, 9))
    (visit,) = records(Raw({RECORDS.name: {"sh": Output(data)}}))
    assert (visit.address, visit.account, visit.day) == ("192.0.2.7", "guest", "2026-11-28")


@pytest.mark.parametrize("data", [b"x", b"x" * 384, b"\xff" * 9600])
def test_records_that_are_none_are_unreadable(data):
    with pytest.raises(Unreadable):
        SOURCES.parse(after(**{RECORDS.name: {"sh": Output(data)}}))


@given(noise=st.binary(max_size=2000), what=st.sampled_from([*visits_login.READS, visits_web.LOG, RECORDS]))
def test_noise_is_nobody_or_unreadable(noise, what):
    try:
        state = SOURCES.parse(after(**{what.name: {"sh": Output(noise)}}))
    except Unreadable:
        return
    assert json.loads(json.dumps(state)) == state


_WORD = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), min_size=1, max_size=40)


@given(address=st.ip_addresses(), account=_WORD, strangers=st.lists(_WORD, max_size=5))
def test_nobody_with_a_login_is_ever_a_pass_unless_on_the_list(address, account, strangers):
    login = f"1795901126.0 device sshd[262]: Accepted password for {account} from {address} port 58192 ssh2"
    tries = [
        f"1795901126.0 device sshd[1]: Failed password for invalid user {name} from 198.51.100.1" for name in strangers
    ]
    raw = after(**journal(*tries, login, *tries))
    own = address.is_loopback or str(address) in SOURCES.parse(after())["inside"]
    one = judged(raw)
    assert own or str(address) == "203.0.113.10" or (one.status is Status.MANUAL and refused(raw, INTENT))
    assert judged(raw, CONSENT).status is Status.PASS


@given(st.text(max_size=3000))
def test_a_line_of_a_web_log_is_read_or_left(line):
    visits_web.request(line)
    visits_web.request('192.0.2.1 - a [28/Nov/2026:21:25:30 +0000] "GET ' + line)


@pytest.mark.parametrize("filler", ["/", '\\"', "x [", " (p2, c1, k60, u'", " from 1.1.1.1 port ", "a=1 "])
@pytest.mark.parametrize("start", ['192.0.2.1 - a [28/Nov/2026:21:25:30 +0900] "GET ', "192.0.2.1 - ", ACCEPTED[:60]])
def test_long_lines_in_a_full_log_are_left_before_anybody_waits(start, filler):
    """Each of these once took, or could take, the square of its length: with that, 256 of them would take minutes."""
    line = (start + filler * 4096)[:4096]
    state = SOURCES.parse(after(**web(*[line] * 256), **journal(*[line] * 256)))
    assert not state[PROVEN] and not state[SEEN]


def test_every_source_has_its_strongest_level():
    visits = list(visits_web.visits(after(**web(served(STRANGER, "-", "/"), served(STRANGER, "tanaka", "/panel/")))))
    found = by_source(visits, "2026-08-28")
    assert set(found[PROVEN]) == {STRANGER} and not found[SEEN]
