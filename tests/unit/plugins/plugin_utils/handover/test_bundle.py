# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person is handed, and what the two pages show of it: every password exactly inside, none of it outside."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.entries import BY_HAND
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.record import (
    Credential,
    Owner,
    Record,
    activate,
    propose,
    retire,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.handover import pages
from ansible_collections.iot_site.checklist.plugins.plugin_utils.handover.bundle import Bundle, bundle
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from hypothesis import given
from hypothesis import strategies as st

RECEIPT = pages.Receipt("2026-11-20", "age", "age1", "bundle.html.age", "0123456789abcdef" * 4)
WORDS = ("第一浄水場", "josuijo")

#: Everything that can be typed into a password; a page turns carriage returns into line feeds.
_TYPED = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), min_size=1, max_size=60)
_HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["</title><script>alert(1)</script>", '" onload="x', "{{ 7 * 7 }}", "{% raw %}", "\x1b[31m", "\u202e"]
    ),
)


def record(device: str = "k7-gw", secret: str = "planted", account: str = "ops", person: str = "noc-a") -> Record:
    return activate(proposed(Record(Owner("k7", device, person)), secret, account))


def proposed(known: Record, secret: str = "planted-pending", account: str = "ops") -> Record:
    return propose(known, account=account, secret=Secret(secret), surfaces=("sshd", "nginx"), made="2026-11-20")


def made(*records: Record, label: str = "K-34679AC", person: str = "noc-a") -> Bundle:
    return bundle("k7", person, [(label, one) for one in records], WORDS)


class Page(HTMLParser):
    """The elements of a page, and the texts of its passwords."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.passwords: list[str] = []
        self.text = ""
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self._inside = ("class", "password") in attrs
        if self._inside:
            self.passwords.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._inside:
            self.passwords[-1] += data


# --- what is in it ------------------------------------------------------------------------------------------


def test_the_active_credential_is_handed_over_and_no_other_version() -> None:
    known = activate(proposed(record(secret="planted-previous"), "planted-active"))
    inside = pages.inside(made(proposed(known)), "2026-11-20")
    assert Page(inside).passwords == ["planted-active"]
    assert not re.search("planted-(?:pending|previous)", inside)


def test_a_credential_that_is_being_changed_is_named_so() -> None:
    quiet, changing = made(record()), made(proposed(record()))
    assert [entry.changing for entry in (*quiet.entries, *changing.entries)] == [False, True]
    for bundled, count in ((quiet, 0), (changing, 1)):
        assert Page(pages.sheet(bundled, RECEIPT)).text.count("変更中") == count
        assert ("being changed" in pages.inside(bundled, "")) is bool(count)


def test_what_no_device_was_seen_to_take_is_named_without_its_password() -> None:
    only = made(record(), proposed(Record(Owner("k7", "k7-panel", "noc-a"))))
    assert [entry.secret is None for entry in only.entries] == [False, True]
    inside = pages.inside(only, "")
    assert "k7-panel" in inside and "planted-pending" not in inside
    assert not made(proposed(Record(Owner("k7", "k7-panel", "noc-a"))))


def test_who_was_retired_or_has_nothing_gets_nothing() -> None:
    assert not made(retire(record(), at="2026-11-20"), Record(Owner("k7", "k7-panel", "noc-a")))


def test_devices_are_in_the_order_of_their_names_with_the_same_number_on_both_pages() -> None:
    both = bundle("k7", "noc-a", [("", record("b", account="beta")), ("K-2", record("a", account="alpha"))])
    assert [(row.number, row.label, row.account) for row in both.rows] == [(1, "K-2", "alpha"), (2, "", "beta")]
    inside = Page(pages.inside(both, "")).text
    assert inside.index("alpha") < inside.index("beta")


_OTHER = {
    "device": made(record("k7-panel")),
    "label": made(record(), label="K-OTHER"),
    "account": made(record(account="noc")),
    "secret": made(record(secret="planted2")),
    "number": made(activate(proposed(record(), "planted"))),
    "changing": made(proposed(record())),
    "person": made(record(), person="noc-b"),
    "site": replace(made(record()), site="k8"),
    "words": replace(made(record()), words=()),
    "more": made(record(), record("k7-panel")),
    "none": made(),
}


@pytest.mark.parametrize("what", _OTHER)
def test_the_digest_is_another_one_when_anything_is(what: str) -> None:
    assert _OTHER[what].digest("key") != made(record()).digest("key") == made(record()).digest("key")


def test_the_digest_is_another_one_for_another_key() -> None:
    assert made(record()).digest("key") != made(record()).digest("other")


# --- the page with the passwords ----------------------------------------------------------------------------


@given(st.lists(_TYPED, min_size=1, max_size=4))
def test_every_password_stands_on_the_page_as_it_is(secrets: list[str]) -> None:
    bundled = made(*(record(f"k7-{number}", secret) for number, secret in enumerate(secrets)))
    assert Page(pages.inside(bundled, "2026-11-20")).passwords == secrets


@given(_HOSTILE, _HOSTILE, _HOSTILE, _HOSTILE)
def test_no_name_becomes_an_element_a_template_or_a_control_character(
    person: str, device: str, account: str, label: str
) -> None:
    harmless = made(record())
    hostile = made(record(device or "x", account=account), label=label, person=person)
    for page, plain in (
        (pages.inside(hostile, ""), pages.inside(harmless, "")),
        (pages.sheet(hostile, RECEIPT), pages.sheet(harmless, RECEIPT)),
    ):
        extra = {"span"}  # what stands for a name that is not shown
        assert [tag for tag in Page(page).elements if tag not in extra] == [
            tag for tag in Page(plain).elements if tag not in extra
        ]
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", page)


def test_a_page_fetches_nothing_and_runs_nothing() -> None:
    bundled = made(record())
    for page in (pages.inside(bundled, ""), pages.sheet(bundled, RECEIPT)):
        assert "default-src 'none'" in page
        assert not {"script", "link", "img", "iframe", "form", "a"} & set(Page(page).elements)
        assert not re.search(r"url\(|@import|https?:", page)


# --- the sheet ----------------------------------------------------------------------------------------------


@given(_TYPED.filter(lambda secret: len(secret) > 5), st.sampled_from(["K-34679AC", "", "K-josuijo", "第一浄水場"]))
def test_the_sheet_tells_no_password_no_device_no_site_and_none_of_its_words(secret: str, label: str) -> None:
    bundled = bundle(
        "site-q9", f"佐藤 {WORDS[0]}", [(label, record("gw-q8", f"{secret}-q7", account="josuijo-admin"))], WORDS
    )
    sheet = pages.sheet(bundled, RECEIPT)
    assert not [told for told in (f"{secret}-q7", "q7", "gw-q8", "site-q9", *WORDS) if told in sheet]
    assert secret in Page(pages.inside(bundled, "")).passwords[0]


def test_the_sheet_tells_who_what_when_for_which_key_and_how_to_open_it() -> None:
    text = Page(pages.sheet(made(record()), RECEIPT)).text
    for told in ("noc-a", "K-34679AC", "ops", "2026-11-20", "bundle.html.age", "age1", "0123 4567 89ab cdef",
                 "age --decrypt -i key.txt -o bundle.html bundle.html.age", "署名", "Received by"):  # fmt: skip
        assert told in text


def test_the_sheet_names_the_program_that_opens_the_bundle() -> None:
    receipt = replace(RECEIPT, program="gpg", file="bundle.html.gpg", key="18C9734A48130CD7")
    text = Page(pages.sheet(made(record()), receipt)).text
    assert "gpg --output bundle.html --decrypt bundle.html.gpg" in text and "age-keygen" not in text
    assert "18C9 734A 4813 0CD7" in text


def test_a_name_that_is_a_region_only_is_a_name() -> None:
    """Many people are called like a prefecture."""
    assert made(record(), person="千葉").outside("千葉") == "千葉"


def test_of_a_secret_that_somebody_set_by_hand_no_account_is_told() -> None:
    active = Credential(1, BY_HAND, Secret("theirs"), (), "")
    (entry,) = bundle("k7", "ops", [("K7-1", Record(Owner("k7", "gw", "ops"), 1, active))]).entries
    assert (entry.account, entry.password) == ("", "theirs")
