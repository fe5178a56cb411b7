# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A1 and B1 from outside: what opens without a login, and what every text before it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Exposure, Level
from ansible_collections.iot_site.checklist.plugins.plugin_utils.findings import SEVERITY
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Finding, Status, Waiver
from ansible_collections.iot_site.checklist.plugins.plugin_utils.outside.wanted import Outside
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.outside.looks import PLACE, findings, member, one, result, row, site

A1, A2, B1 = "A1.outside", "A2.outside", "B1.outside"


def public(*paths: str) -> dict[str, Any]:
    return {"exposure": Exposure(Level.PUBLIC_VIEW, "river", "owner", "2026-11-01", "2027-03-31", paths)}


def content(state: str, kind: str = "https", /, facts: dict[str, Any] | None = None, **more: Any) -> Finding:
    panel = member("panel", words=("第一浄水場",), **more)
    return one(A1, findings(result(row(state=state, kind=kind, facts=facts or {})), members=site(panel)))


@pytest.mark.parametrize(
    ("state", "kind", "status"),
    [
        ("login_required", "https", "pass"),
        ("login_required", "ssh", "pass"),
        ("login_required", "telnet", "manual"),
        ("login_required", "ftp", "manual"),
        ("open_without_login", "https", "gap"),
        ("open_without_login", "modbus", "gap"),
        ("open", "tcp", "unknown"),
        ("open", "ftp", "unknown"),
        ("unknown", "https", "unknown"),
        ("filtered", "tcp", "pass"),
        ("closed", "tcp", "pass"),
    ],
)
def test_what_opens_without_a_login_is_a_gap_and_what_cannot_be_told_is_unknown(
    state: str, kind: str, status: str
) -> None:
    assert content(state, kind).status.value == status


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("ftp", {"anonymous": True}),
        ("snmp", {"community_public": True}),
        ("ssh", {"auth_methods": ["none", "password"]}),
        ("vnc", {"security_types": [1, 2]}),
    ],
)
def test_a_fact_that_lets_a_visitor_in_outweighs_the_state(kind: str, facts: dict[str, Any]) -> None:
    assert content("login_required", kind, facts=facts).status is Status.GAP


@pytest.mark.parametrize(
    ("paths", "redirects", "status"),
    [
        (("/",), [], Status.PASS),
        (("/live",), ["https://203.0.113.5:8443/live/index.html?x=1"], Status.MANUAL),
        (("/live",), ["/live"], Status.MANUAL),
        (("/live",), [], Status.GAP),
        (("/live",), ["https://203.0.113.5:8443/admin"], Status.GAP),
        (("/live",), ["https://203.0.113.5:8443/liver"], Status.GAP),
    ],
)
def test_only_what_is_public_on_purpose_may_open(paths: tuple[str, ...], redirects: list[str], status: Status) -> None:
    assert content("open_without_login", facts={"redirects": redirects}, **public(*paths)).status is status
    assert content("open_without_login", "vnc", **public("/")).status is Status.GAP


def test_a_page_where_visitors_choose_its_password_is_public_to_nobody() -> None:
    facts = {"redirects": [], "sets_password": True}
    assert content("open_without_login", facts=facts, **public("/")).status is Status.GAP


def test_where_refusal_is_not_proved_nothing_is_said_of_content_and_names_either() -> None:
    found = findings(result(row(), reached=()))
    assert {one(control, found).status for control in (A1, A2, B1)} == {Status.UNKNOWN}


def test_a_gap_that_is_accepted_is_waived_by_its_owner() -> None:
    waiver = Waiver("panel", "A1.outside", "", Status.WAIVED, "owner", "until March", "2027-03-31")
    assert content("open_without_login", waivers=(waiver,)).status is Status.WAIVED
    assert content("open_without_login", waivers=(replace(waiver, until="2026-11-28"),)).status is Status.GAP


def test_every_kind_that_one_port_speaks_is_judged_and_a_stranger_is_answered_once() -> None:
    told = result(row(state="login_required", kind="https"), row(state="open_without_login", kind="onvif"))
    found = findings(told)
    assert one(A1, found, f"{PLACE} https").status is Status.PASS
    assert one(A1, found, f"{PLACE} onvif").status is Status.GAP
    assert [each.surface for each in found if each.control == A2 and each.host == "panel"] == [PLACE]


# --- B1 -----------------------------------------------------------------------------------------------------


def named(
    surface: str, text: Any, /, cut: Any = False, label: str = "", facts: dict[str, Any] | None = None
) -> Finding:
    texts = [{"surface": surface, "text": text, "cut": cut}]
    panel = member("panel", words=("第一浄水場",), label=label)
    told = result(row(state="login_required", kind="https", texts=texts, facts=facts or {}))
    return one(B1, findings(told, members=site(panel)), f"{PLACE} https {surface}")


@pytest.mark.parametrize(
    ("surface", "text", "status"),
    [
        ("html_title", "北九州市 第一浄水場", "gap"),
        ("html_title", "ログイン", "pass"),
        ("http_server", "nginx/1.18.0", "gap"),
        ("certificate_subject", "CN=第一浄水場", "gap"),
        ("ptr_name", "josuijo.example.org", "gap"),
        ("ssh_banner", "SSH-2.0-OpenSSH_9.2p1", "manual"),
        ("ssh_banner", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", "gap"),
        ("ssh_banner", "SSH-2.0-dropbear_2022.83", "manual"),
        ("image_name", "josuijo.png", "gap"),
        ("image_name", "login", "manual"),
    ],
)
def test_every_text_before_login_is_judged_with_what_it_names(surface: str, text: str, status: str) -> None:
    found = named(surface, text)
    assert found.status.value == status, found.why
    assert bool(found.evidence["named"]) or status != "gap"


SCOPES = [
    "onvif://www.onvif.org/type/video",
    "onvif://www.onvif.org/name/第一浄水場",
    "onvif://www.onvif.org/location/福岡",
]


def test_of_many_texts_at_one_place_none_hides_another() -> None:
    """The report keeps one finding for each host, control, surface and side."""
    texts = [{"surface": "onvif_scope", "text": text, "cut": False} for text in ["", "Login", *SCOPES]]
    panel = member("panel", words=("第一浄水場",))
    found = findings(result(row(state="login_required", kind="onvif", texts=texts)), members=site(panel))
    (scopes,) = [each for each in found if each.surface.endswith(" onvif_scope")]
    assert scopes.status is Status.GAP and scopes.fix
    assert scopes.before.splitlines() == [*SCOPES[1:], SCOPES[0]], "the worst first; what names nothing is not shown"
    assert [one["match"] for one in scopes.evidence["named"]] == ["第一浄水場", "福岡"]
    assert "第一浄水場" in scopes.why and "福岡" in scopes.why


@given(
    st.lists(st.tuples(st.sampled_from(["html_title", "http_header", "mqtt_sys"]), st.text(max_size=9)), max_size=60)
)
def test_every_text_is_judged_as_badly_as_alone(told: list[tuple[str, str]]) -> None:
    texts = [{"surface": surface, "text": text, "cut": False} for surface, text in told]
    found = [each for each in findings(result(row(state="open", kind="mqtt", texts=texts))) if each.control == B1]
    panel = {each.surface: each for each in found if each.host == "panel"}
    assert len(panel) == len([each for each in found if each.host == "panel"])
    for surface, text in told:
        assert SEVERITY.index(panel[f"{PLACE} mqtt {surface}"].status) <= SEVERITY.index(named(surface, text).status)


def test_what_is_said_of_many_texts_is_bounded() -> None:
    texts = [
        {"surface": "http_header", "text": f"X-{number}: 第{number}浄水場" * 90, "cut": False} for number in range(60)
    ]
    told = findings(result(row(state="open", kind="https", texts=texts)))
    found = one(B1, told, f"{PLACE} https http_header")
    assert len(found.before) < 2000 and len(found.why) < 2000 and "55 texts more" in found.why


def test_only_the_label_is_shown() -> None:
    assert named("html_title", "K-7Q2MXA", label="K-7Q2MXA").status is Status.PASS


def test_of_more_texts_than_are_judged_none_passes() -> None:
    texts = [{"surface": "html_title", "text": "Login", "cut": False}] * 201
    found = findings(result(row(state="login_required", kind="https", texts=texts)))
    assert {each.status for each in found if each.control == B1 and each.host == "panel"} == {Status.UNKNOWN}


@pytest.mark.parametrize("cut", [True, None, "no"])
def test_a_text_of_which_only_the_beginning_is_known_does_not_pass(cut: Any) -> None:
    assert named("html_title", "Login", cut=cut).status is Status.UNKNOWN


def test_pictures_are_for_the_eye() -> None:
    facts = {"images": ["/favicon.ico", "/logo.png"]}
    told = result(row(state="login_required", kind="https", facts=facts))
    found = one(B1, findings(told), f"{PLACE} https images")
    assert found.status is Status.MANUAL and "logo.png" in found.before


@pytest.mark.parametrize(
    ("facts", "surface", "status", "word"),
    [
        ({"images": ["(in the page itself)"]}, "images", "manual", "pictures"),
        ({"scripts": True}, "scripts", "manual", "scripts"),
        ({"certificate": "not understood"}, "certificate", "unknown", "not understood"),
        ({"certificate": "none"}, "certificate", "unknown", "none"),
        ({"ptr_name": "not told"}, "ptr_name", "manual", "dig -x 203.0.113.5"),
    ],
)
def test_what_a_visitor_sees_and_the_vantage_could_not_read_is_no_pass(
    facts: dict[str, Any], surface: str, status: str, word: str
) -> None:
    texts = [{"surface": "html_title", "text": "Login", "cut": False}]
    told = result(row(state="login_required", kind="https", texts=texts, facts=facts))
    found = one(B1, findings(told), f"{PLACE} https {surface}")
    assert found.status.value == status and word in found.why + found.fix
    told = result(row(state="login_required", kind="https", texts=texts, facts={"scripts": False, "images": []}))
    mine = [each for each in findings(told) if each.control == B1 and each.host == "panel"]
    assert {each.status for each in mine} == {Status.PASS} and len(mine) == 1


def test_the_name_of_an_address_is_asked_for_by_hand_though_nobody_answers_there() -> None:
    found = findings(result(row(facts={"ptr_name": "not told"})))
    assert one(B1, found, f"{PLACE} ptr_name").status is Status.MANUAL
    assert one(B1, found).status is Status.PASS, "nothing else is named where a stranger is refused"


@pytest.mark.parametrize(
    ("state", "kind", "status"),
    [("login_required", "https", "pass"), ("login_required", "tls", "unknown"), ("open", "https", "unknown")],
)
def test_that_nothing_was_said_passes_only_where_a_protocol_was_spoken(state: str, kind: str, status: str) -> None:
    assert one(B1, findings(result(row(state=state, kind=kind)))).status.value == status


def test_a_name_in_dns_is_judged_though_nobody_answers() -> None:
    panel = member("panel", outside=Outside(names=("k7-josuijo.example.org",)))
    found = one(B1, findings(result(row()), members=site(panel)), "k7-josuijo.example.org dns_name")
    assert found.status is Status.GAP


def test_a_host_of_which_nothing_is_declared_is_said_not_to_have_been_tried() -> None:
    inner = member("inner", published=(), enforced_by="")
    found = [each for each in findings(result(row()), members=site(inner)) if each.host == "inner"]
    assert {each.control for each in found} == {A1, A2, B1}
    assert {each.status for each in found} == {Status.NOT_APPLICABLE}
    assert all("not tried" in each.why for each in found)


def test_hostile_text_is_shown_escaped_and_bounded() -> None:
    found = named("html_title", "\x1b[2J\u202e浄水場" + "あ" * 70_000)
    assert found.status is Status.GAP
    assert "\x1b" not in found.before + found.why and len(found.before) < 400


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
                    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner)),
                    max_leaves=6))  # fmt: skip
def test_no_result_of_a_vantage_breaks_the_judge_or_passes_by_itself(junk: Any) -> None:
    for broken in (
        {"endpoints": junk, "controls": junk, "complete": junk},
        result(row(texts=junk, facts=junk, kind=junk, why=junk, source=junk, state=junk)),
        result(row(state="login_required", texts=[{"surface": junk, "text": junk, "cut": junk}])),
    ):
        found = findings(broken)
        assert not [each for each in found if each.control == A2 and each.status is Status.PASS]
