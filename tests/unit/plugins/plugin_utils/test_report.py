# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a site: figures, JSON against the shipped schema, table, and page, under hostile texts too."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.evidence import json_text
from ansible_collections.iot_site.checklist.plugins.plugin_utils.join import Scope, join
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status, as_json
from ansible_collections.iot_site.checklist.plugins.plugin_utils.report import page as page_module
from ansible_collections.iot_site.checklist.plugins.plugin_utils.report.document import TEXT_LIMIT, Document, document
from ansible_collections.iot_site.checklist.plugins.plugin_utils.report.page import page
from ansible_collections.iot_site.checklist.plugins.plugin_utils.report.steps import access_steps
from ansible_collections.iot_site.checklist.plugins.plugin_utils.report.table import Line, padded, table, width
from ansible_collections.iot_site.checklist.plugins.plugin_utils.report.words import MODES, STATUSES
from ansible_collections.iot_site.checklist.plugins.plugin_utils.triage import weighed
from hypothesis import given, settings
from hypothesis import strategies as st

RUN, SITE, AT = "20261122T221500Z-1a2b3c", "k7", "2026-11-22T22:16:00Z"
FAIL_ON = ("gap", "failed", "unknown", "unreachable")
AUTHORISED = {"by": "水道課長", "on": "2026-11-20", "until": "2027-03-31", "scope": ["change", "read"]}
SCHEMA = json.loads((Path(page_module.__file__).parents[3] / "docs/findings.schema.json").read_text(encoding="utf-8"))

HOSTILE = [
    "{{ 7 * 7 }}",
    "{% for x in y %}",
    "<script>alert(1)</script>",
    "</pre></style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "\x1b[2J\x1b]0;owned\x07",
    "\u202eevil\u2066",
    '=HYPERLINK("http://203.0.113.66")',
    "\udcff\ud800",
    "\x00\r\n[1] forged  合格 pass",
]


def fact(host: str, control: str, status: str, /, **more: Any) -> dict[str, Any]:
    return {
        "run": RUN, "site": SITE, "host": host, "platform": "linux", "item": control.partition(".")[0],
        "control": control, "surface": "nginx", "status": status, "why": "because", "at": AT, "before": "",
        "after": "", "fix": "", "evidence": {}, "enforced_by": "", "seen_from": "inside", "schema": 1, **more,
    }  # fmt: skip


def context(host: str, /, **more: Any) -> dict[str, Any]:
    return {
        "run": RUN, "site": SITE, "host": host, "platform": "linux", "label": "", "enforced_by": "", "published": [],
        "authorised": AUTHORISED, "mode": "check", "at": AT, **more,
    }  # fmt: skip


def told(
    facts: Sequence[Mapping[str, Any]],
    hosts: tuple[str, ...] = ("panel",),
    played: tuple[str, ...] | None = None,
    contexts: Mapping[str, Mapping[str, Any]] | None = None,
) -> Document:
    scope = Scope(RUN, SITE, AT, hosts, frozenset(hosts if played is None else played))
    known = {host: context(host) for host in scope.played} if contexts is None else contexts
    return document(scope, join(scope, facts, known), known, FAIL_ON)


def text(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines)


def everywhere(hostile: str) -> Document:
    """A document in which a device or an inventory says ``hostile`` wherever it can."""
    fields = {"why": hostile, "before": hostile, "after": hostile, "fix": hostile, "surface": hostile}
    facts = [
        fact("panel", control, status.value, **fields, enforced_by=hostile, evidence={hostile: hostile})
        for control, status in zip(
            ["B1.http_title", "B1.ssh_banner", "A2.web", "D2.software"] * 3, Status, strict=False
        )
    ]
    identity = dict.fromkeys(("vendor", "model", "serial", "firmware"), hostile)
    facts.append(fact("panel", "D2.identity", "pass", evidence=identity))
    authorised = {"by": hostile, "on": hostile, "until": hostile, "scope": ["read"]}
    published = [{"via": hostile, "port": 1, "to": 2, "protocol": "tcp"}]
    return told(facts, contexts={"panel": context("panel", label=hostile, platform=hostile, authorised=authorised,
                                                  enforced_by=hostile, published=published, today=hostile,
                                                  waivers=[waiver(hosts=hostile, owner=hostile, until=hostile,
                                                                  reason=hostile, surface=hostile)])})  # fmt: skip


# --- from outside, and who comes first ----------------------------------------------------------------------

LOOK = {
    "vantage": "outside-a", "expects": "refused", "sources": ["198.51.100.7/32"], "controls": 1, "reached": 1,
    "targets": 2, "complete": True, "why": "", "at": AT,
}  # fmt: skip


def seen(control: str, status: str, host: str = "panel", /, **evidence: Any) -> dict[str, Any]:
    surface = "203.0.113.5:8443/tcp"
    told = {"expects": "refused", **evidence}
    return fact(host, control, status, seen_from="outside-a", surface=surface, evidence=told)


def looked(facts: Sequence[Mapping[str, Any]], *looks: Mapping[str, Any], **points: int) -> Document:
    scope = Scope(RUN, SITE, AT, ("gateway", "panel"), frozenset({"gateway", "panel"}))
    contexts = {host: context(host) for host in scope.hosts}
    return document(scope, join(scope, facts, contexts), contexts, FAIL_ON, looks, weighed(points))


def test_the_report_says_who_looked_and_what_was_not_seen_and_how_it_was_before() -> None:
    one = looked([seen("A2.outside", "pass", was={"status": "gap", "why": "w"})], LOOK)
    jsonschema.validate(json.loads(json_text(as_json(one))), SCHEMA)
    for shown in (text(table(one)), page(one)):
        assert "outside-a" in shown and "any other open port is not seen from outside" in shown
        assert "Nothing was probed" not in shown
    assert "gap → pass" in text(table(one))
    assert "not done" in page(looked([fact("panel", "A2.web", "pass")]))


@pytest.mark.parametrize(("complete", "why"), [(False, ""), (False, "the vantage was not reached: timed out")])
def test_a_look_that_was_cut_short_is_told(complete: bool, why: str) -> None:
    one = looked([seen("A2.outside", "unknown")], {**LOOK, "complete": complete, "why": why})
    assert "not complete" in text(table(one)) and (why in page(one))


def test_a_look_says_hostile_things_and_no_more() -> None:
    one = looked([seen("A2.outside", "gap", was={"status": HOSTILE[2], "why": "w"})], {**LOOK, "why": HOSTILE[2] * 999})
    assert "<script>" not in page(one) and len(page(one)) < 100_000


@pytest.mark.parametrize(
    ("statuses", "state"),
    [(["pass"], "done"), (["pass", "gap"], "open"), (["pass", "unknown"], "unknown"), (["not_applicable"], "open")],
)
def test_only_strangers_who_were_refused_close_the_last_step_of_access(statuses: list[str], state: str) -> None:
    facts = [
        {**seen("A2.outside", status), "surface": f"203.0.113.5:{port}/tcp"} for port, status in enumerate(statuses)
    ]
    served = seen("A2.outside", "pass", "gateway", expects="served")
    last = access_steps(looked([fact("panel", "A2.people", "pass"), *facts, served], LOOK))[-1]
    assert last.state == state


def test_the_worst_device_is_on_top_everywhere_with_its_reasons() -> None:
    facts = [seen("A1.outside", "gap", kind="vnc", operates=["vnc"]), fact("gateway", "B1.http_title", "gap")]
    one = looked(facts, LOOK)
    assert [(device.host, device.score) for device in one.devices] == [("panel", 70), ("gateway", 5)]
    assert [reason.rule for reason in one.devices[0].reasons] == ["control_visible", "open_without_login"]
    lines = text(table(one))
    assert lines.index("panel") < lines.index("gateway") and "score 70" in lines
    assert page(one).index("open without login") < page(one).index("names itself")
    turned = looked(facts, LOOK, names_itself=100)
    assert [device.host for device in turned.devices] == ["gateway", "panel"]


# --- figures ------------------------------------------------------------------------------------------------


def test_every_device_stays_in_the_denominator_and_counts_once_by_its_worst_verdict() -> None:
    facts = [
        fact("good", "B1.http_title", "pass"), fact("good", "B1.ssh_banner", "not_applicable"),
        fact("mended", "B1.http_title", "fixed"), fact("promised", "B1.http_title", "planned"),
        fact("mixed", "B1.http_title", "pass"), fact("mixed", "B1.ssh_banner", "gap"),
        fact("lost", "B1.http_title", "unreachable"), fact("none", "B1.http_title", "not_applicable"),
    ]  # fmt: skip
    hosts = ("good", "mended", "promised", "mixed", "lost", "none", "silent", "skipped")
    figures = next(v for v in told(facts, hosts, hosts[:-1]).viewpoints if v.id == "B")
    assert (figures.done, figures.planned, figures.open, figures.unknown, figures.not_in_run) == (2, 1, 1, 2, 1)
    assert (figures.devices, figures.not_applicable, figures.percent, figures.survey_percent) == (7, 1, 42, 17)


def test_a_viewpoint_that_nothing_judged_is_unknown_not_done() -> None:
    figures = next(v for v in told([fact("panel", "B1.http_title", "pass")]).viewpoints if v.id == "C")
    assert (figures.done, figures.unknown, figures.judged_items) == (0, 1, ())


@given(statuses=st.lists(st.sampled_from(Status), min_size=1, max_size=6), skipped=st.integers(0, 2))
def test_the_groups_of_a_viewpoint_add_up_to_its_devices(statuses: list[Status], skipped: int) -> None:
    hosts = tuple(f"h{number}" for number in range(len(statuses)))
    facts = [fact(host, "A2.web", status.value) for host, status in zip(hosts, statuses, strict=True)]
    for v in told(facts, hosts + tuple(f"s{n}" for n in range(skipped)), hosts).viewpoints:
        assert v.devices == v.done + v.planned + v.manual + v.waived + v.open + v.unknown + v.not_in_run
        assert v.devices + v.not_applicable == len(hosts) + skipped


@pytest.mark.parametrize("status", list(Status))
def test_the_exit_code_follows_what_the_run_must_fail_on(status: Status) -> None:
    assert told([fact("panel", "B1.http_title", status.value)]).exit == (2 if status.value in FAIL_ON else 0)


def test_what_is_left_is_numbered_gaps_first_in_the_order_of_work() -> None:
    facts = [fact("panel", "D2.identity", "gap"), fact("panel", "B1.ssh_version", "manual"),
             fact("panel", "A2.web", "gap"), fact("panel", "B1.http_title", "failed")]  # fmt: skip
    assert [f.control for f in told(facts).open] == ["A2.web", "B1.http_title", "D2.identity", "B1.ssh_version"]


def waiver(**more: str) -> dict[str, str]:
    return {"hosts": "k7-*", "control": "A1.web", "surface": "nginx", "decision": "waived", "owner": "水道課長",
            "reason": "更新待ち", "until": "2027-03-31", **more}  # fmt: skip


def test_waivers_are_listed_once_with_owner_and_day_and_those_that_ended_are_void() -> None:
    waivers = [waiver(), waiver(until="2026-11-01", owner="NOC"), waiver(owner="", decision="planned")]
    contexts = {host: context(host, waivers=waivers, today="2026-11-22") for host in ("panel", "camera")}
    made = told([fact("panel", "A1.web", "waived")], ("panel", "camera"), contexts=contexts)
    assert [(w.owner, w.until, bool(w.lapse)) for w in made.waivers] == [
        ("NOC", "2026-11-01", True), ("", "2027-03-31", True), ("水道課長", "2027-03-31", False),
    ]  # fmt: skip
    jsonschema.validate(as_json(made), SCHEMA)
    for shown in (text(table(made)), page(made)):
        assert "水道課長" in shown and "2027-03-31" in shown and "of NOC expired on 2026-11-01" in shown
        assert "受容" in shown and "対策予定" in shown


def test_what_is_promised_is_what_is_left_to_do_when_nothing_else_is() -> None:
    assert "close what is promised" in text(table(told([fact("panel", "A1.web", "planned")])))
    assert "nothing until the next check" in text(table(told([fact("panel", "A1.web", "waived")])))


def test_a_report_without_waivers_does_not_speak_of_them() -> None:
    made = told([fact("panel", "A1.web", "pass")])
    assert "WAIVERS" not in text(table(made)) and 'id="waivers"' not in page(made)


@pytest.mark.parametrize("foreign", [{"run": "20250101T000000Z-aaaaaa"}, {"site": "k8"}, {"host": "other"}])
def test_a_context_of_another_run_site_or_host_is_not_believed(foreign: dict[str, str]) -> None:
    made = told([fact("panel", "A2.web", "pass")], contexts={"panel": context("panel", label="K8-01", **foreign)})
    assert (made.mode, made.authorised, made.devices[0].label) == ("none", (), "")


# --- JSON ---------------------------------------------------------------------------------------------------


def validated(made: Document) -> Any:
    parsed = json.loads(json_text(as_json(made)))
    jsonschema.Draft202012Validator(SCHEMA).validate(parsed)
    return parsed


def test_the_schema_itself_is_valid_and_closed() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    wrong = validated(told([])) | {"surprise": 1}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(wrong)


@given(status=st.sampled_from(Status), said=st.text(), played=st.booleans())
def test_every_document_follows_the_shipped_schema(status: Status, said: str, played: bool) -> None:
    facts = [fact("panel", "B1.http_title", status.value, why=said, before=said, evidence={said: [said]})]
    parsed = validated(told(facts if played else [], ("panel", "camera"), ("panel",) if played else ()))
    assert parsed["counts"][status.value] == (1 if played else 0)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_stay_data_in_the_json(hostile: str) -> None:
    parsed = validated(everywhere(hostile))
    if hostile.isprintable():
        assert parsed["findings"][0]["why"] == hostile


def test_a_device_does_not_decide_how_large_our_files_are() -> None:
    huge = "B" * 10_000_000
    made = told([fact("panel", "B1.ssh_banner", "gap", before=huge, evidence={"banner": huge, "many": [huge] * 3})])
    assert len(made.findings[0].before) < TEXT_LIMIT + 50 and "characters)" in made.findings[0].before
    assert (
        len(json_text(as_json(made))) < 8 * TEXT_LIMIT and len(page(made)) < 60_000 and len(text(table(made))) < 4_000
    )


# --- the table ----------------------------------------------------------------------------------------------


@given(cell=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"])), wide=st.integers(0, 60))
def test_padding_fills_exactly_the_terminals_columns(cell: str, wide: int) -> None:
    assert width(padded(cell, wide)) == max(wide, width(cell))


def test_full_width_characters_take_two_columns_and_combining_ones_none() -> None:
    assert [width(sample) for sample in ("abc", "監査", "ｶﾒﾗ", "か\u3099", "Ａ")] == [3, 4, 3, 2, 2]


def test_the_columns_stand_under_each_other_with_full_width_names() -> None:
    hosts = ("panel", "第一浄水場カメラ")
    facts = [fact(host, control, "pass") for host in hosts for control in ("A2.web", "B1.http_title")]
    lines = text(table(told(facts, hosts))).split("\n")
    rows = [next(line for line in lines if line.startswith(host)) for host in hosts]
    starts = {tuple(width(row[: match.start()]) for match in re.finditer("pass", row)) for row in rows}
    assert len(starts) == 1 and len(starts.pop()) == 2


def test_the_table_says_all_that_a_person_needs_at_night() -> None:
    facts = [
        fact("panel", "A2.web", "gap", why="everyone may", before="allow all;", after="deny all;", fix="close it"),
        fact("panel", "B1.http_title", "fixed"),
        fact("camera", "A2.web", "unreachable", why="timed out"),
    ]
    shown = text(table(told(facts, ("panel", "camera", "asleep"), ("panel", "camera"))))
    for wanted in (
        "AUDIT k7",
        "読取のみ read-only",
        "水道課長",
        "2027-03-31",
        "[1] panel A2.web",
        "everyone may",
        "allow all;",
        "deny all;",
        "close it",
        "camera A2.web (nginx): timed out",
        "NOT IN THIS RUN 1: asleep",
        "total 4",
        "changes 1",
        "NEXT",
        "exit 2",
    ):
        assert wanted in shown, wanted


@pytest.mark.parametrize(
    ("statuses", "scope", "mode", "wanted"),
    [
        (["gap"], ["read", "change"], "check", "remediate"),
        (["gap"], ["read"], "check", "get the change authorised"),
        (["gap"], ["read", "change"], "apply", "follow the fix"),
        (["failed", "gap"], ["read", "change"], "apply", "look at the devices that failed"),
        (["unknown"], ["read"], "check", "mend what could not be judged"),
        (["manual"], ["read"], "check", "let a person"),
        (["pass"], ["read"], "check", "nothing until the next check"),
    ],
)
def test_the_next_step_is_the_most_urgent_one(statuses: list[str], scope: list[str], mode: str, wanted: str) -> None:
    facts = [fact("panel", "A2.web", status, surface=str(n)) for n, status in enumerate(statuses)]
    contexts = {"panel": context("panel", mode=mode, authorised={**AUTHORISED, "scope": scope})}
    assert wanted in text(table(told(facts, contexts=contexts)))


def test_an_undeclared_authorisation_is_said() -> None:
    shown = text(table(told([], contexts={"panel": context("panel", authorised=None)})))
    assert "not declared" in shown and "iot_site_authorised" in shown


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_acts_on_the_terminal_or_forges_a_line(hostile: str) -> None:
    lines = table(everywhere(hostile))
    assert not any(
        re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", line.text) for line in lines
    )
    assert not any(line.text.startswith("[1] forged") for line in lines)


# --- the page -----------------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """Collects what a browser would make of the page."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_are_shown_and_make_no_markup(hostile: str) -> None:
    plain, attacked = Outline(page(everywhere("harmless"))), Outline(page(everywhere(hostile)))
    strip = [[(tag, {k: v for k, v in attrs.items() if k not in ("class",)}) for tag, attrs in outline.tags]
             for outline in (plain, attacked)]  # fmt: skip
    assert strip[0] == strip[1], "the same elements and attributes, whatever a device says"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", "".join(attacked.words))
    if hostile.isprintable():
        assert hostile in "".join(attacked.words), "shown as it is"


@settings(max_examples=30, deadline=None)
@given(said=st.text(max_size=60))
def test_no_text_adds_an_element(said: str) -> None:
    facts = [fact("panel", "B1.http_title", "gap", why=said, before=f"x{said}", after=f"x{said}", fix=f"x{said}")]
    plain = [fact("panel", "B1.http_title", "gap", why="a", before="x", after="x", fix="x")]
    names = [[tag for tag, _attrs in Outline(page(told(each))).tags] for each in (facts, plain)]
    assert names[0] == names[1]


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    source = page(everywhere("https://192.0.2.66/x.js"))
    outline = Outline(source)
    assert {tag for tag, _attrs in outline.tags}.isdisjoint(
        {"script", "link", "img", "iframe", "object", "form", "base"}
    )
    names = {name for _tag, attrs in outline.tags for name in attrs}
    assert names.isdisjoint({"style", "src", "href", "action"}) and not any(name.startswith("on") for name in names)
    assert "url(" not in source and "@import" not in source
    policy = next(
        attrs["content"] for tag, attrs in outline.tags if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None and policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy


def test_the_page_is_readable_by_machines_that_read_aloud() -> None:
    outline = Outline(page(everywhere("x")))
    assert ("html", {"lang": "ja"}) in outline.tags
    assert any(attrs.get("lang") == "en" for _tag, attrs in outline.tags)
    assert all("scope" in attrs for tag, attrs in outline.tags if tag == "th")
    assert all(attrs.get("aria-label") for tag, attrs in outline.tags if tag == "svg")
    levels = [int(tag[1]) for tag, _attrs in outline.tags if tag in ("h1", "h2", "h3")]
    assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels))


def test_the_page_shows_gaps_changes_and_what_was_not_judged() -> None:
    facts = [
        fact("panel", "A2.web", "gap", why="everyone may", before="allow all;", after="deny all;", fix="close it"),
        fact(
            "panel",
            "B1.http_header",
            "fixed",
            before="nginx/1.22",
            after="nginx",
            evidence={"outage_seconds_at_most": 1.5},
        ),
        fact("camera", "A2.web", "unreachable", why="timed out"),
    ]
    shown = "".join(Outline(page(told(facts, ("panel", "camera", "asleep"), ("panel", "camera")))).words)
    for wanted in (
        "everyone may",
        "allow all;",
        "deny all;",
        "close it",
        "nginx/1.22",
        "outage at most 1.5 s",
        "timed out",
        "asleep",
        "Outside this run",
        "C1, C2",
        "Outside view",
        "0 / 3",
        "A2, step by step",
    ):
        assert wanted in shown, wanted


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["ink", "soft", "accent", "good", "bad", "doubt", "dark"])
def test_every_text_colour_has_the_contrast_of_wcag_aa(name: str) -> None:
    style = (Path(page_module.__file__).parent / "page.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", style))
    for ground in ("#ffffff", colours["wash"]):
        lighter, darker = sorted((_luminance(ground), _luminance(colours[name])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_every_status_and_mode_has_its_words() -> None:
    assert set(STATUSES) == set(Status) and {"check", "apply", "none"} == set(MODES)
