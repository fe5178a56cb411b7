# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login in front of a closed application: every verdict, from captures of real hosts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Front, Published
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import FileEdit, Intent, RunEdit, Status, as_json
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import (
    front_filter,
    nginx_config,
    nginx_front,
    nginx_scopes,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.fronts import Fronts
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nginx_login import has_login
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.captures import changed, load

FRONTS = Fronts()
CAPTURES = Path(__file__).parent / "fronts"
USERS = "/etc/nginx/panel.users"
INTENT = Intent(
    site="k7", host="k7-panel", label="K-7Q2MXA", user_file=USERS, fronts=(Front(8443, 8080),), today="2026-11-28"
)
AT_9090 = replace(INTENT, fronts=(Front(9443, 9090),))
FILE = "/etc/nginx/conf.d/zz-iot-site-checklist-fronts.conf"
LED_ON = "-A X -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.88.0.2:80\n"
NO_NFT = Output(error="missing")
TABLE = "nft -s -j list table inet iot_site_checklist_fronts"


def capture(name):
    return load(CAPTURES / name / "capture.json")


def judged(raw, intent=INTENT):
    return list(FRONTS.judge(FRONTS.parse(raw), intent))


def the_one(raw, intent=INTENT):
    (found,) = judged(raw, intent)
    return found


def answer(raw, name):
    ((key, output),) = raw.all(name).items()
    return key, output.text


def replaced(raw, name, before, after):
    key, text = answer(raw, name)
    assert before in text
    return changed(raw, **{name: {key: text.replace(before, after)}})


def listening(raw, *more):
    key, text = answer(raw, "listeners")
    rows = [{"protocol": "tcp", "address": ip, "port": port, "program": program} for ip, port, program in more]
    return changed(raw, listeners={key: json.dumps([*json.loads(text), *rows], sort_keys=True)})


# --- captures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "intent", "status", "why"),
    [
        ("no_nginx", INTENT, Status.MANUAL, "nginx is not installed"),
        ("stock", INTENT, Status.MANUAL, "switched off"),
        ("exposed", INTENT, Status.GAP, "nothing asks for a login yet on port 8443; others reach port 8080 (python3"),
        ("compliant", INTENT, Status.PASS, "port 8443 asks for a login and passes on to port 8080"),
        ("no_login", INTENT, Status.GAP, f"{FILE}: the front on port 8443 asks for no login"),
        ("overridden", INTENT, Status.PASS, "asks for a login"),
        ("broken", INTENT, Status.UNKNOWN, "ended with status 1"),
        ("ipv6_9090", AT_9090, Status.GAP, "others reach port 9090"),
        ("loopback_9090", AT_9090, Status.MANUAL, "listens on ::1 only"),
    ],
)
def test_a_real_host_is_judged(name, intent, status, why):
    found = the_one(capture(name), intent)
    assert found.status is status and why in found.why
    assert bool(found.changes) == (status is Status.GAP)
    assert found.changes or found.fix or status is Status.UNKNOWN


def test_first_the_front_serves_then_the_port_is_closed_and_back_the_other_way_round():
    serving, closing = the_one(capture("exposed")).changes
    (edit,) = serving.edits
    assert isinstance(edit, FileEdit) and edit.path == FILE and "listen [::]:8443;" in edit.content
    assert [check.argv for check in serving.checks] == [
        ("test", "-s", USERS),
        ("setpriv", "--reuid=www-data", "--regid=www-data", "--init-groups", "test", "-r", USERS),
        ("nginx", "-t"),
    ]  # fmt: skip
    assert serving.activate == (RunEdit(("systemctl", "reload", "nginx.service")),)
    (load_it,) = closing.edits
    assert 'iifname != "lo" tcp dport { 8080 } drop' in load_it.stdin and "8080" not in load_it.undo_stdin
    assert closing.checks and closing.persist and not closing.cuts_access


def test_what_listens_on_loopback_only_needs_nothing_closed():
    raw = replaced(capture("loopback_9090"), "listeners", '"::1", "port": 9090', '"127.0.0.1", "port": 9090')
    (serving,) = the_one(raw, AT_9090).changes
    assert [type(edit) for edit in serving.edits] == [FileEdit]


def test_without_a_front_nobody_is_asked_and_one_that_is_left_is_shown():
    nobody = replace(INTENT, fronts=())
    assert the_one(capture("exposed"), nobody).status is Status.NOT_APPLICABLE
    assert the_one(capture("broken"), nobody).status is Status.NOT_APPLICABLE
    left = the_one(capture("compliant"), nobody)
    assert left.status is Status.MANUAL and FILE in left.why and "8080" in left.why and not left.changes


def test_a_port_that_was_closed_is_never_opened_by_another_front():
    found = the_one(listening(capture("compliant"), ("0.0.0.0", 9090, "panel")), AT_9090)
    (load_it,) = found.changes[-1].edits
    assert "{ 8080, 9090 }" in load_it.stdin and "dport 8080 drop" in load_it.undo_stdin


# --- what is missing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: changed(raw, **{"fronts.table": {TABLE: Output(b"Error: No such file or directory", rc=1)}}),
        lambda raw: changed(raw, **{"fronts.table": {}, "fronts.words": {}}),
        lambda raw: replaced(raw, "fronts.table", '"drop": null', '"accept": null'),
        lambda raw: replaced(raw, "fronts.table", '"right": "lo"', '"right": "lan0"'),
        lambda raw: replaced(raw, "fronts.table", '"right": 8080', '"right": 8081'),
        lambda raw: replaced(raw, "fronts.table", '"hook": "input"', '"hook": "output"'),
        lambda raw: replaced(raw, "fronts.table", '{"table": {', '{"table": {"flags": ["dormant"], '),
        lambda raw: changed(raw, **{"fronts.wants": {}}),
        lambda raw: changed(raw, **{"fronts.rules": {}}),
        lambda raw: replaced(raw, "listeners", '"port": 8443', '"port": 8444'),
        lambda raw: replaced(raw, "nginx.config", "satisfy all;", "satisfy any;"),
        lambda raw: replaced(raw, "nginx.config", "127.0.0.1:8080", "127.0.0.1:8081"),
    ],
    ids=[
        "no table", "none listed", "accepts", "another interface", "another port", "another hook", "dormant",
        "not at boot", "no rules", "nginx listens elsewhere", "any will do", "another application",
    ],
)  # fmt: skip
def test_whatever_is_missing_is_a_gap_that_we_close(spoil):
    found = the_one(spoil(capture("compliant")))
    assert found.status is Status.GAP and found.changes and found.why


def test_the_application_may_be_down():
    raw = replaced(capture("compliant"), "listeners", '"port": 8080', '"port": 18080')
    assert the_one(raw).status is Status.PASS


def test_without_accounts_nobody_could_log_in():
    key, _text = answer(capture("compliant"), "nginx.user_file")
    for output, status in ((Output(b"0 " + USERS.encode()), Status.GAP), (Output(error="no answer"), Status.UNKNOWN)):
        assert the_one(changed(capture("compliant"), **{"nginx.user_file": {key: output}})).status is status
    unnamed = the_one(capture("exposed"), replace(INTENT, user_file=""))
    assert unnamed.status is Status.GAP and not unnamed.changes and "login_required_user_file" in unnamed.fix


# --- what a person settles first --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "intent", "status", "why"),
    [
        (lambda raw: listening(raw, ("::", 8443, "java")), INTENT, Status.GAP, "belongs to java"),
        (lambda raw: listening(raw, ("::", 8443, "")), INTENT, Status.GAP, "may not look into"),
        (lambda raw: raw, replace(INTENT, fronts=(Front(8443, 22),)), Status.GAP, "way in to the machine"),
        (lambda raw: raw, replace(INTENT, fronts=(Front(8443, 7000),)), Status.MANUAL, "nothing listens on TCP"),
        (
            lambda raw: raw,
            replace(INTENT, published=(Published("k7-gateway", 8080, 8080),)),
            Status.GAP,
            "leads port 8080 of k7-gateway around",
        ),
        (
            lambda raw: replaced(raw, "nginx.config", "http {", "http { server { listen 8443; }"),
            INTENT,
            Status.GAP,
            "another site of nginx",
        ),
        (
            lambda raw: replaced(raw, "nginx.config", "http {", "stream { server { listen 8443; } } http {"),
            INTENT,
            Status.GAP,
            "another site of nginx",
        ),
        (lambda raw: changed(raw, nft_ruleset={"nft": NO_NFT}), INTENT, Status.GAP, "nftables is not"),
        (lambda raw: changed(raw, init={"/proc/1/comm": "init\n"}), INTENT, Status.GAP, "no systemd"),
        (
            lambda raw: changed(raw, **{"fronts.overrides": {"/etc/x.conf": "[Unit]\n"}}),
            INTENT,
            Status.GAP,
            "changes how our unit runs",
        ),
        (
            lambda raw: changed(raw, iptables={"iptables-save": LED_ON}),
            INTENT,
            Status.GAP,
            "led on by destination NAT",
        ),
        (
            lambda raw: changed(raw, iptables={"iptables-save": "-A X -j DNAT --to-destination 10.88.0.2\n"}),
            INTENT,
            Status.UNKNOWN,
            "not understood",
        ),
    ],
)  # fmt: skip
def test_nothing_is_changed_before_a_person_has_settled_it(spoil, intent, status, why):
    found = judged(spoil(capture("exposed")), intent)
    assert [one.status for one in found] == [status], [one.why for one in found]
    assert why in found[0].why and found[0].fix and not found[0].changes


def test_another_web_server_is_left_to_a_person_with_the_reason():
    found = the_one(listening(capture("no_nginx"), ("0.0.0.0", 80, "apache2")))
    assert found.status is Status.MANUAL and "apache2" in found.why and "package nginx" in found.fix


def test_what_somebody_wrote_into_our_file_never_reaches_the_state():
    raw = replaced(
        capture("compliant"), "nginx.config", "satisfy all;", 'satisfy all; proxy_set_header X "planted-secret";'
    )
    assert "planted-secret" not in json.dumps(as_json(FRONTS.parse(raw)))


# --- what is closed is no other surface's to judge --------------------------------------------------------------


def a1(raw):
    wanted = ("A1.listening", "A1.web")
    state = {one.name: one.parse(raw) for one in PLATFORM.surfaces if one.name == "listening"}
    return [one for one in PLATFORM.judge(state, INTENT, "A1") if one.control in wanted and one.surface == "listening"]


def test_only_a_port_that_is_surely_closed_is_left_out():
    assert not any("8080" in one.why for one in a1(capture("compliant")))
    for raw in (
        capture("exposed"),
        replaced(capture("compliant"), "fronts.table", '"drop": null', '"accept": null'),
        changed(capture("compliant"), iptables={"iptables-save": LED_ON}),
        changed(capture("compliant"), iptables={"iptables-save": "-A X -j DNAT --to-destination 10.88.0.2\n"}),
        changed(capture("compliant"), nft_ruleset={"nft": Output(error="no answer")}),
    ):
        assert front_filter.closed(raw) == frozenset()
        assert any("8080" in one.why for one in a1(raw))


# --- the site ---------------------------------------------------------------------------------------------------

PORTS = st.integers(1, 65535)


@given(
    fronts=st.lists(st.builds(Front, PORTS, PORTS), min_size=1, max_size=4),
    label=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", fullmatch=True),
    ipv6=st.booleans(),
    tls=st.booleans(),
)
def test_every_front_asks_for_a_login_everywhere(fronts, label, ipv6, tls):
    text = nginx_front.site(fronts, label, USERS, ipv6, tls)
    dump = (
        "# configuration file /etc/nginx/nginx.conf:\nhttp { satisfy any; auth_basic off; include /f; }\n"
        f"# configuration file /f:\n{text}\n"
    )
    tree = nginx_config.parse(dump)
    servers = nginx_scopes.servers(tree)
    assert len(servers) == len(fronts) and {port for _address, port in nginx_scopes.listens(tree)} == {
        front.listen for front in fronts
    }
    assert all(has_login(scope) for server in servers for scope in server["scopes"])
    assert tls == ("ssl_certificate" in text) and nginx_front.shown(text).count("auth_basic ") == len(fronts)
