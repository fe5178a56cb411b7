# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real programs: the owner of a key opens, nobody else; the clear text is in no file, argument or message."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.handover.programs import (
    PROGRAMS,
    Encrypted,
    NotEncrypted,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.public_key import gpg as gpg_block
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.handover.holders import MISSING, REASON, Holder, holders, signer
from tests.unit.plugins.plugin_utils.test_public_key import BLOCK, RECIPIENTS

CLEAR = "planted 秘密 \0\r\n".encode() * 5000
needs_programs = pytest.mark.skipif(bool(MISSING), reason=REASON)


@pytest.fixture(scope="module")
def people() -> Iterator[list[Holder]]:
    with holders() as made:
        yield made


def sealed(person: Holder, clear: bytes) -> Encrypted:
    return PROGRAMS[person.kind].encrypted(person.public, clear)


@needs_programs
@settings(max_examples=10)
@given(st.binary(min_size=1), st.integers(0, 3))
def test_only_the_owner_of_the_key_opens_it(people: list[Holder], clear: bytes, whose: int) -> None:
    made = sealed(people[whose], clear + CLEAR)
    assert [person.opens(made.data) for person in people if person.kind == people[whose].kind] == [
        clear + CLEAR if person is people[whose] else None for person in people if person.kind == people[whose].kind
    ]


@needs_programs
def test_the_key_is_told_as_people_compare_it(people: list[Holder]) -> None:
    for person in people:
        told = sealed(person, CLEAR).key
        if person.kind == "age":
            assert told == person.public
        else:
            assert f"{told}.rev" in {path.name for path in (person.private / "openpgp-revocs.d").iterdir()}


@needs_programs
def test_a_key_that_nothing_can_be_encrypted_to_is_refused_with_the_reason() -> None:
    with signer() as public, pytest.raises(NotEncrypted, match="no part"):
        PROGRAMS["gpg"].encrypted(gpg_block(public), CLEAR)
    with pytest.raises(NotEncrypted, match=r"one public key that this gpg can read|ended with status"):
        PROGRAMS["gpg"].encrypted(BLOCK, CLEAR)


@needs_programs
def test_nothing_of_the_user_s_own_keyring_is_read_or_changed(
    people: list[Holder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home whose settings would end every call, or encrypt to somebody else as well."""
    for name in (".gnupg", "other"):
        (tmp_path / name).mkdir(mode=0o700)
        (tmp_path / name / "gpg.conf").write_text("no-such-option\nencrypt-to 0123456789ABCDEF\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "other"))
    for person in people:
        assert sealed(person, CLEAR).data
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["gpg.conf", "gpg.conf"]


# --- programs that look on, or fail --------------------------------------------------------------------------

#: Notes what it was called with, and every file that there is meanwhile; then does what the last line says.
_STAND_IN = """#!/bin/sh
{{ echo "$0 $*"; tr '\\0' '\\n' < /proc/$$/environ; find {temporary} -type f -exec cat {{}} +; }} >> {noted}
{then}
"""


class Watched:
    """A directory of programs that stand in for the real ones, and a place for temporary files."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.noted, self.temporary, self._bin = folder / "noted", folder / "temporary", folder / "bin"
        for directory in (self.temporary, self._bin):
            directory.mkdir()
        self.noted.touch()
        monkeypatch.setenv("PATH", f"{self._bin}:{os.environ['PATH']}")
        monkeypatch.setenv("PLANTED", "planted")
        monkeypatch.setattr("tempfile.tempdir", str(self.temporary))

    def program(self, name: str, then: str) -> None:
        path = self._bin / name
        path.write_text(_STAND_IN.format(temporary=self.temporary, noted=self.noted, then=then))
        path.chmod(0o755)

    def shows_nothing(self) -> bool:
        return b"planted" not in self.noted.read_bytes() and not list(self.temporary.iterdir())


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(tmp_path, monkeypatch)


@needs_programs
@pytest.mark.parametrize("kind", ["age", "gpg"])
def test_no_argument_environment_or_file_holds_the_clear_text(
    people: list[Holder], kind: str, watched: Watched
) -> None:
    real = shutil.which(kind, path=os.environ["PATH"].partition(":")[2])
    watched.program(kind, f'exec {real} "$@"')
    person = next(person for person in people if person.kind == kind)
    made = sealed(person, CLEAR)
    assert kind in watched.noted.read_text(errors="replace") and watched.shows_nothing()
    assert person.opens(made.data) == CLEAR


@pytest.mark.parametrize(
    ("then", "why"),
    [
        ("cat", "gave back what is not encrypted"),
        ("cat > /dev/null", "gave back what is not encrypted"),
        ("cat >&2; exit 3", "ended with status 3"),
        ("kill -9 $$", "ended with status -9"),
        ("exec 0<&-; exit 1", "ended with status 1"),
    ],
)
def test_a_program_that_fails_is_told_and_nothing_of_what_it_was_given(
    then: str, why: str, watched: Watched, capfd: pytest.CaptureFixture[str]
) -> None:
    watched.program("age", then)
    with pytest.raises(NotEncrypted, match=why) as told:
        PROGRAMS["age"].encrypted(RECIPIENTS[0], CLEAR)
    assert "planted" not in str(told.value) + "".join(capfd.readouterr()) and watched.shows_nothing()


def test_a_program_that_never_ends_is_ended(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.iot_site.checklist.plugins.plugin_utils.handover.programs._SECONDS", 0.2)
    watched.program("age", "exec sleep 600")
    with pytest.raises(NotEncrypted, match="did not end within") as told:
        PROGRAMS["age"].encrypted(RECIPIENTS[0], CLEAR)
    assert told.value.__suppress_context__ and told.value.__cause__ is None


@pytest.mark.parametrize("kind", PROGRAMS)
def test_a_missing_program_is_named_with_what_to_install(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotEncrypted, match=rf"^{kind} is not installed on this controller\. Install it with: apt"):
        PROGRAMS[kind].encrypted(RECIPIENTS[0], CLEAR)


def test_a_program_that_cannot_be_run_is_told(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.program("age", "")
    monkeypatch.setenv("PATH", str(watched.noted.parent / "bin"))
    (watched.noted.parent / "bin" / "age").write_bytes(b"\x7fELF, but no program")
    with pytest.raises(NotEncrypted, match="age could not be run: Exec format error"):
        PROGRAMS["age"].encrypted(RECIPIENTS[0], CLEAR)


@needs_programs
def test_no_room_for_temporary_files_is_told(people: list[Holder], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    person = next(person for person in people if person.kind == "gpg")
    with pytest.raises(NotEncrypted, match="TMPDIR"):
        sealed(person, CLEAR)
