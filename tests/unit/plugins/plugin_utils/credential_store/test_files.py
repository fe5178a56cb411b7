# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on the disk: whole, synced in order, for nobody else, and a full disk leaves what was there."""

from __future__ import annotations

import errno
import os
import stat
from itertools import count
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store import files
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.unusable import Busy, Unkept

from tests.unit.plugins.plugin_utils.credential_store.system_calls import SystemCalls

OLD, NEW = b"old" * 1000, b"new" * 2000


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_there_is_nothing_where_nothing_was_put(tmp_path: Path) -> None:
    assert files.get(tmp_path / "a") is None and files.get(tmp_path / "none" / "a") is None
    assert files.found(tmp_path / "none", "*") == []


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_files_are_0600_and_directories_0700_under_any_umask(tmp_path: Path, umask: int) -> None:
    folder = tmp_path / "site" / "credentials" / "gw"
    (tmp_path / "site").mkdir()
    before = os.umask(umask)
    try:
        files.make(folder.parent)
        files.make(folder)
        files.put(folder / "ops.yml", NEW)
    finally:
        os.umask(before)
    assert [mode(path) for path in (folder.parent, folder, folder / "ops.yml")] == [0o700, 0o700, 0o600]


def test_directories_above_that_were_missing_are_ours_alone_and_those_that_were_there_stay(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    files.make(tmp_path / "there" / "a" / "b")
    assert [mode(tmp_path / name) for name in ("there", "there/a", "there/a/b")] == [0o755, 0o700, 0o700]
    (tmp_path / "there" / "a" / "b").chmod(0o755)
    files.make(tmp_path / "there" / "a" / "b")
    assert mode(tmp_path / "there" / "a" / "b") == 0o700


def test_the_content_is_on_the_disk_before_its_name_and_the_name_before_we_go_on(tmp_path: Path) -> None:
    with SystemCalls().counting() as calls:
        files.put(tmp_path / "a", NEW)
    assert calls.made == ["open", "fchmod", "write", "fsync", "replace", "open", "fsync"]


def test_what_a_system_writes_in_pieces_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:7]))
    files.put(tmp_path / "a", NEW)
    assert files.get(tmp_path / "a") == NEW


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_a_disk_that_fails_at_any_call_leaves_a_whole_file_and_says_so(tmp_path: Path, code: int) -> None:
    path = tmp_path / "a"
    for stop in count(1):
        files.put(path, OLD)
        calls = SystemCalls(stop, OSError(code, os.strerror(code)))
        try:
            with calls.counting():
                files.put(path, NEW)
        except Unkept as told:
            assert all(word in str(told) for word in (str(path), os.strerror(code), ". "))
            assert code != errno.ENOSPC or str(told).endswith("Free some space there, and run again")
            assert files.get(path) == (NEW if "replace" in calls.made[: stop - 1] else OLD)
            assert list(tmp_path.iterdir()) == [tmp_path / "a"], "nothing half is left"
        else:
            break
    assert stop == 8, "every call has failed once"
    assert files.get(path) == NEW


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_a_disk_that_is_really_full_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.put(tmp_path / "a", OLD)
    opened = os.open
    monkeypatch.setattr(os, "open", lambda path, flags, *rest: opened(
        "/dev/full" if str(path).endswith(".new") else path, flags, *rest))  # fmt: skip
    monkeypatch.setattr(os, "fchmod", lambda _handle, _mode: None)
    with pytest.raises(Unkept, match="No space left on device"):
        files.put(tmp_path / "a", NEW)
    assert files.get(tmp_path / "a") == OLD


def test_what_a_dead_run_left_unfinished_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".a.new").write_bytes(b"x" * 100_000)
    (tmp_path / ".a.new").chmod(0o644)
    files.put(tmp_path / "a", NEW)
    assert files.get(tmp_path / "a") == NEW and mode(tmp_path / "a") == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "theirs").write_bytes(OLD)
    (tmp_path / "directory").symlink_to("other")
    for name in ("a", ".b.new", ".lock"):
        (tmp_path / name).symlink_to("other/theirs")
    with pytest.raises(Unkept, match=r"directory cannot be used .* never a link"):
        files.make(tmp_path / "directory")
    for use in (lambda: files.get(tmp_path / "a"), lambda: files.put(tmp_path / "b", NEW),
                lambda: files.locked(tmp_path / ".lock").__enter__()):  # fmt: skip
        with pytest.raises(Unkept, match="symbolic link"):
            use()
    assert (tmp_path / "other" / "theirs").read_bytes() == OLD


def test_a_second_run_is_refused_until_the_first_is_over(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    with files.locked(lock):
        with pytest.raises(Busy, match=r"Another run .* Run again"), files.locked(lock):
            pass
        with files.locked(tmp_path / ".other"):
            pass
    with files.locked(lock):
        assert mode(lock) == 0o600


def test_an_error_of_whoever_holds_the_lock_is_their_own(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="theirs"), files.locked(tmp_path / ".lock"):
        raise OSError("theirs")
    with files.locked(tmp_path / ".lock"):
        pass
