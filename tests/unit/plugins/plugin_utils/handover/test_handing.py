# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of one person: written when there is news, whole whatever happens, for nobody else, and never in clear."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store import files
from ansible_collections.iot_site.checklist.plugins.plugin_utils.handover.bundle import Bundle
from ansible_collections.iot_site.checklist.plugins.plugin_utils.handover.handing import (
    Handed,
    Outcome,
    PublicKey,
    handed,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.handover.programs import Encrypted, Program
from ansible_collections.iot_site.checklist.plugins.plugin_utils.handover.shelf import Shelf
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.credential_store.system_calls import Killed, SystemCalls
from tests.unit.plugins.plugin_utils.credential_store.toy_seal import ToySeal
from tests.unit.plugins.plugin_utils.handover.test_bundle import made, record

DAY = "2026-11-20"


def _turned(data: bytes) -> bytes:
    return bytes(byte ^ 255 for byte in data)


#: Quick; its name is that of a program that every system has.
TOY = Program("sh", "", lambda key, clear: Encrypted(_turned(clear), f"fingerprint of {key}"))
KEY = PublicKey(TOY, "key")
OLD, NEW = made(record(secret="planted-old")), made(record(secret="planted-new"))


@pytest.fixture(autouse=True)
def _simulated_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _handle: None)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "k7", "k7", "noc-a", ToySeal())


def hand(shelf: Shelf, bundle: Bundle, key: PublicKey | None = KEY, *, check: bool = False, day: str = DAY) -> Handed:
    return handed(shelf, bundle, key, day, check=check)


def content(shelf: Shelf) -> dict[str, bytes]:
    return {str(path.relative_to(shelf.directory)): path.read_bytes()
            for path in sorted(shelf.directory.rglob("*")) if path.is_file()}  # fmt: skip


def opened(shelf: Shelf) -> str:
    return _turned((shelf.folder / "bundle.html.sh").read_bytes()).decode()


# --- when there is news -------------------------------------------------------------------------------------


def test_a_bundle_is_written_once_and_again_when_there_is_news(shelf: Shelf) -> None:
    outcomes = [hand(shelf, bundled, day=day).outcome for bundled, day in
                [(OLD, DAY), (OLD, DAY), (OLD, "2026-12-31"), (NEW, DAY), (NEW, DAY)]]  # fmt: skip
    assert outcomes == ["written", "unchanged", "unchanged", "written", "unchanged"]
    assert "planted-new" in opened(shelf) and "planted-old" not in opened(shelf)


def test_what_is_unchanged_is_not_touched(shelf: Shelf) -> None:
    hand(shelf, OLD)
    before = content(shelf)
    told = hand(shelf, OLD, day="2026-12-31")
    assert (told.outcome, told.key) == (Outcome.UNCHANGED, "fingerprint of key") and content(shelf) == before


def test_another_key_is_news_and_the_bundle_of_another_program_goes(shelf: Shelf) -> None:
    hand(shelf, OLD)
    assert hand(shelf, OLD, PublicKey(TOY, "key 2")).outcome is Outcome.WRITTEN
    (shelf.folder / "bundle.html.age").write_bytes(b"of an earlier key")
    (shelf.folder / "notes.txt").write_bytes(b"somebody's")
    hand(shelf, NEW)
    names = {".lock", "bundle.html.sh", "made.yml", "notes.txt", "sheet.html"}
    assert {path.name for path in shelf.folder.iterdir()} == names


@pytest.mark.parametrize("name", ["bundle.html.sh", "sheet.html", "made.yml"])
@pytest.mark.parametrize("missing", [True, False])
def test_what_is_missing_or_altered_is_made_anew(shelf: Shelf, name: str, missing: bool) -> None:
    hand(shelf, OLD)
    path = shelf.folder / name
    if missing:
        path.unlink()
    elif name != "made.yml":
        path.write_bytes(path.read_bytes() + b" ")
    else:
        path.write_bytes(shelf.seal.encrypt(b'{"of": "another version"}'))
    assert hand(shelf, OLD, check=True).outcome is Outcome.TO_WRITE
    assert [hand(shelf, OLD).outcome for _again in range(2)] == ["written", "unchanged"]


@pytest.mark.parametrize("before", [None, OLD])
def test_check_mode_says_what_would_be_and_writes_nothing(shelf: Shelf, before: Bundle | None) -> None:
    if before:
        hand(shelf, before)
    was = content(shelf)
    assert hand(shelf, NEW, check=True).outcome is Outcome.TO_WRITE
    assert content(shelf) == was and shelf.directory.exists() is bool(before)


# --- when there is none -------------------------------------------------------------------------------------


def test_without_a_key_nothing_is_written_and_the_reason_says_what_to_add(shelf: Shelf) -> None:
    told = hand(shelf, OLD, None)
    assert told.outcome is Outcome.NO_KEY and "Add age or gpg" in told.why and not shelf.directory.exists()


def test_who_has_nothing_needs_no_key(shelf: Shelf) -> None:
    assert hand(shelf, made(), None).outcome is Outcome.NOTHING and not shelf.directory.exists()


@pytest.mark.parametrize("check", [True, False])
def test_a_missing_program_is_told_in_check_mode_too(shelf: Shelf, check: bool) -> None:
    key = PublicKey(replace(TOY, name="no-such-program", install="Install it."), "key")
    told = hand(shelf, OLD, key, check=check)
    assert told.outcome is Outcome.REFUSED and "no-such-program is not installed" in told.why


@pytest.mark.parametrize(("site", "person"), [("k8", "noc-a"), ("k7", "noc-b")])
def test_what_belongs_to_somebody_else_is_left_alone(shelf: Shelf, site: str, person: str) -> None:
    other = _Elsewhere(shelf.directory, site, person, shelf.seal, shelf.folder)
    hand(other, replace(OLD, site=site, person=person))
    before = content(shelf)
    told = hand(shelf, NEW)
    assert told.outcome is Outcome.REFUSED and f"it belongs to {person} of site '{site}'" in told.why
    assert content(shelf) == before


class _Elsewhere(Shelf):
    """A shelf in the place of another one, as where two sites have one directory."""

    def __init__(self, directory: Path, site: str, person: str, seal: ToySeal, folder: Path) -> None:
        super().__init__(directory, site, person, seal)
        object.__setattr__(self, "_folder", folder)

    @property
    def folder(self) -> Path:
        return self._folder  # type: ignore[attr-defined,no-any-return]


def test_another_vault_secret_overwrites_nothing_and_says_how_to_go_on(shelf: Shelf) -> None:
    hand(shelf, OLD)
    before = content(shelf)
    told = hand(replace(shelf, seal=ToySeal("wrong")), NEW)
    assert told.outcome is Outcome.REFUSED and f"Or remove {shelf.folder}: it is made anew" in told.why
    assert content(shelf) == before


# --- the disk -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_everything_is_for_its_owner_only(shelf: Shelf, umask: int) -> None:
    before = os.umask(umask)
    try:
        hand(shelf, OLD)
    finally:
        os.umask(before)
    for path in (shelf.directory, *shelf.directory.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_only_the_program_that_encrypts_is_given_a_password_and_no_file_holds_one(shelf: Shelf) -> None:
    hand(shelf, OLD)
    clear = [data for name, data in content(shelf).items() if b"planted" in data]
    assert not clear and "planted-old" in opened(shelf)
    assert OLD.digest("key").encode() not in b"".join(content(shelf).values())


def _stops(error: OSError | None, shelf: Shelf) -> Iterator[SystemCalls]:
    """A change that ends at its first call, then one at its second, until one comes to its end."""
    for stop in count(1):
        hand(shelf, OLD)
        calls = SystemCalls(stop, error)
        yield calls
        if len(calls.made) < stop:
            assert stop > 20, "all of its calls"
            return


@pytest.mark.parametrize("lost", ["nothing", "data", "names"])
def test_killed_at_any_call_it_leaves_no_clear_text_and_the_next_run_makes_all_of_it(shelf: Shelf, lost: str) -> None:
    for calls in _stops(None, shelf):
        try:
            with calls.counting():
                hand(shelf, NEW)
        except Killed:
            calls.lose(lost)  # type: ignore[arg-type]
        assert b"planted" not in b"".join(content(shelf).values())
        assert hand(shelf, NEW).outcome in (Outcome.WRITTEN, Outcome.UNCHANGED)
        assert "planted-new" in opened(shelf) and hand(shelf, NEW).outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_disk_that_fails_at_any_call_is_told_and_the_next_run_makes_all_of_it(shelf: Shelf, code: int) -> None:
    for calls in _stops(OSError(code, os.strerror(code)), shelf):
        with calls.counting():
            told = hand(shelf, NEW)
        assert told.outcome is Outcome.WRITTEN or os.strerror(code) in told.why
        assert b"planted" not in b"".join(content(shelf).values()) and "planted" not in told.why
        hand(shelf, NEW)
        assert "planted-new" in opened(shelf) and hand(shelf, NEW).outcome is Outcome.UNCHANGED


def test_a_link_in_the_place_of_a_directory_or_a_file_leads_nowhere(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    shelf.folder.parent.mkdir(parents=True)
    shelf.folder.symlink_to(tmp_path / "theirs")
    assert "never a link" in hand(shelf, OLD).why
    shelf.folder.unlink()
    shelf.folder.mkdir()
    (shelf.folder / ".lock").symlink_to(tmp_path / "theirs" / "lock")
    assert "symbolic link" in hand(shelf, OLD).why
    assert not list((tmp_path / "theirs").iterdir())


def test_two_runs_do_not_write_at_once(shelf: Shelf) -> None:
    hand(shelf, OLD)
    with files.locked(shelf.folder / ".lock"):
        told = hand(shelf, NEW)
    assert told.outcome is Outcome.REFUSED and "Another run" in told.why
    assert hand(shelf, NEW).outcome is Outcome.WRITTEN


@given(st.one_of(st.text(min_size=1), st.sampled_from(["..", ".", "../k8", "/etc", "a/b", ".lock", "x" * 300, "CON"])))
def test_any_name_is_one_directory_in_its_place(tmp_path_factory: pytest.TempPathFactory, person: str) -> None:
    home = tmp_path_factory.mktemp("sites")
    shelf = Shelf(home / "k7", "k7", person, ToySeal())
    assert hand(shelf, made(record(), person=person)).outcome is Outcome.WRITTEN
    assert shelf.folder.parent == home / "k7" / "handover" and shelf.folder.resolve() == shelf.folder
    assert [entry.name for entry in home.iterdir()] == ["k7"]
    assert hand(shelf, made(record(), person=person)).outcome is Outcome.UNCHANGED
