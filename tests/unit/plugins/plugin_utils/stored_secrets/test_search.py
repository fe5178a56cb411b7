# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search: in the order given, within the budget, telling rules and never candidates."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from itertools import count, islice

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets import search
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.scheme import Store, Stored
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.search import Candidate, Tried, tried
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.stores import Readied, readied
from hypothesis import assume, given
from hypothesis import strategies as st

SECOND = 1_000_000
BCRYPT = "$2b$10$" + "." * 53  # 60 ms; what it hides nobody knows


def _sha(secret: str) -> str:
    return "{SHA}" + base64.b64encode(hashlib.sha1(secret.encode()).digest()).decode()


def _guesses(*texts: str) -> list[Candidate]:
    return [Candidate(f"rule-{place}", text) for place, text in enumerate(texts)]


def _one(store: Store, text: str, guesses: list[Candidate], budget: int = SECOND) -> Tried:
    (result,) = tried([Stored("ops", store, text)], lambda _entry: guesses, budget)
    return result


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Which candidates were tried on which account, instead of the hashing."""
    seen: list[tuple[str, str]] = []

    def opens(ready: Readied, candidate: str) -> bool:
        seen.append((ready.stored.account, candidate))
        return False

    monkeypatch.setattr(search, "opens", opens)
    return seen


def test_the_first_rule_that_fits_is_told_and_ends_the_search() -> None:
    found = _one("htpasswd", _sha("himawari"), _guesses("", "ops", "himawari", "himawari"))
    assert found == Tried("ops", "", "found", "sha", tried=3, rule="rule-2", spent=30)


def test_none_of_them_is_not_the_same_as_none_of_those_reached() -> None:
    guesses = _guesses("a", "b", "c")
    assert _one("htpasswd", _sha("himawari"), guesses) == Tried("ops", "", "not_found", "sha", tried=3, spent=30)
    assert _one("htpasswd", _sha("himawari"), guesses, 30) == Tried("ops", "", "not_found", "sha", tried=3, spent=30)
    assert _one("htpasswd", _sha("himawari"), guesses, 29) == Tried("ops", "", "cut_short", "sha", tried=2, spent=20)


def test_what_was_not_tried_at_all_is_unknown() -> None:
    poor = _one("shadow", BCRYPT, _guesses("a"), budget=1000)
    assert (poor.outcome, poor.tried) == ("unknown", 0) and "too costly" in poor.why
    assert _one("htpasswd", _sha("a"), []).outcome == "unknown"
    assert _one("htpasswd", _sha("a"), _guesses("a"), budget=-1).outcome == "unknown"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("", "empty"), ("!", "locked"), ("$argon2id$x", "unknown"), ("$2b$31$" + "." * 53, "unknown")],
)
def test_some_texts_answer_without_a_candidate(text: str, outcome: str, asked: list[tuple[str, str]]) -> None:
    result = _one("shadow", text, _guesses("a"))
    assert (result.outcome, result.tried, asked) == (outcome, 0, [])
    assert bool(result.why) == (outcome == "unknown")


def test_a_library_that_refuses_makes_it_unknown() -> None:
    result = _one("shadow", "$2b$00$" + "." * 53, _guesses("a", "b"))
    assert (result.outcome, result.tried) == ("unknown", 1) and "refuses" in result.why


def test_fifty_costly_accounts_share_the_budget_and_a_cheap_one_tries_everything(asked: list[tuple[str, str]]) -> None:
    entries = [Stored(f"user{place}", "htpasswd", BCRYPT) for place in range(50)] + [
        Stored("web", "htpasswd", _sha("x"))
    ]
    results = tried(entries, lambda _entry: _guesses(*map(str, range(1000))), 60 * SECOND)
    assert [result.account for result in results] == [entry.account for entry in entries]
    assert (results[-1].outcome, results[-1].tried) == ("not_found", 1000)
    assert {(result.outcome, result.tried) for result in results[:-1]} <= {("cut_short", 19), ("cut_short", 20)}
    assert len(asked) == sum(result.tried for result in results)


def test_endless_candidates_are_read_no_further_than_the_budget() -> None:
    given: list[int] = []

    def endless(_entry: Stored) -> Iterator[Candidate]:
        for number in count():
            given.append(number)
            yield Candidate("r", f"guess {number}")

    (result,) = tried([Stored("a", "htpasswd", _sha("x"))], endless, 1000)
    assert (result.outcome, result.tried, len(given)) == ("cut_short", 100, 101)


def test_each_account_has_candidates_of_its_own() -> None:
    entries = [Stored(name, "htpasswd", _sha(name)) for name in ("alice", "bob")] + [
        Stored("carol", "htpasswd", _sha("bob"))
    ]
    results = tried(entries, lambda entry: [Candidate("user_name", entry.account)], SECOND)
    assert [(result.outcome, result.rule) for result in results] == [("found", "user_name")] * 2 + [("not_found", "")]


_TEXTS = {
    "bcrypt": BCRYPT,
    "yescrypt": "$y$j9T$salt$" + "." * 43,
    "des": "." * 13,
    "locked": "!",
    "empty": "",
    "unknown": "x",
    "costly": "$2b$31$" + "." * 53,
}


@given(st.lists(st.sampled_from(sorted(_TEXTS)), max_size=12), st.integers(0, 30), st.integers(-10, 5 * SECOND))
def test_the_budget_is_kept_and_the_order_too(kinds: list[str], offered: int, budget: int) -> None:
    entries = [Stored(f"a{place}", "shadow", _TEXTS[kind]) for place, kind in enumerate(kinds)]
    seen: list[tuple[str, str]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "opens", lambda ready, text: seen.append((ready.stored.account, text)))
        results = tried(entries, lambda _entry: _guesses(*map(str, range(offered))), budget)
    assert [result.account for result in results] == [entry.account for entry in entries]
    spent = 0
    for entry, result in zip(entries, results, strict=True):
        texts = [text for account, text in seen if account == entry.account]
        assert texts == list(islice(map(str, count()), result.tried))
        spent += readied(entry).cost * result.tried if result.tried else 0
        assert result.outcome != "not_found" or result.tried == offered > 0
        assert result.outcome != "cut_short" or 0 < result.tried < offered
    assert spent <= max(budget, 0)


#: A sign that no word of ours has, so that it shows wherever a secret does.
_SECRETS = st.text(st.characters(exclude_characters="\0"), max_size=30).map("☃{}".format)


@given(_SECRETS, _SECRETS)
def test_no_result_holds_a_candidate_or_what_is_stored(secret: str, other: str) -> None:
    assume(other != secret + "!")
    entries = [
        Stored("found", "plain", secret),
        Stored("not found", "plain", secret + "!"),
        Stored("marked", "nginx", "{PLAIN}" + secret),
        Stored("unknown", "htpasswd", secret),
        Stored("long", "plain", secret * 1025),
        Stored("locked", "shadow", "!" + secret),
    ]
    guesses = [Candidate("another", other), Candidate("it", secret)]
    results = tried(entries, lambda _entry: guesses, SECOND)
    assert [result.outcome for result in results] == ["found", "not_found", "found", "unknown", "unknown", "locked"]
    assert "☃" not in "".join(map(repr, [*entries, *guesses, *results, readied(entries[0])]))
