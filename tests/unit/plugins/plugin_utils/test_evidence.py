# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence on disk: one site's own directory, for its owner's eyes only, and never half a file."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.evidence import directory_name, json_text, write
from hypothesis import given
from hypothesis import strategies as st


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_directories_are_0700_and_files_0600_under_any_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        folder = write(tmp_path / "evidence", "k7", "run1", {"a.json": "{}"})
    finally:
        os.umask(before)
    assert [mode(path) for path in (folder.parent, folder, folder / "a.json")] == [0o700, 0o700, 0o600]


def test_a_directory_that_was_open_is_closed(tmp_path: Path) -> None:
    (tmp_path / "k7").mkdir(mode=0o755)
    write(tmp_path, "k7", "run1", {})
    assert mode(tmp_path / "k7") == 0o700


def test_latest_points_to_the_newest_run_and_earlier_runs_stay(tmp_path: Path) -> None:
    write(tmp_path, "k7", "run1", {"a": "one"})
    write(tmp_path, "k7", "run2", {"a": "two"})
    assert (tmp_path / "k7/latest/a").read_text() == "two" and (tmp_path / "k7/run1/a").read_text() == "one"
    assert (tmp_path / "k7/latest").readlink() == Path("run2"), "relative: the directory can be moved"


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write(tmp_path, "k7", "run1", {"a": "one"})
    with pytest.raises(TypeError):
        write(tmp_path, "k7", "run1", {"a": 7})  # type: ignore[dict-item]
    assert {path.name: path.read_text() for path in (tmp_path / "k7/run1").iterdir()} == {"a": "one"}


def test_a_site_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "k8").mkdir()
    (tmp_path / "k7").symlink_to(tmp_path / "k8")
    with pytest.raises(NotADirectoryError, match="symbolic link"):
        write(tmp_path, "k7", "run1", {"a": "one"})
    assert not list((tmp_path / "k8").iterdir())


@given(site=st.text() | st.sampled_from(["..", ".", "a/b", "/etc", "-rf", "latest", "k7\n", "浄水場"]))
def test_any_site_id_is_one_plain_directory_name(site: str) -> None:
    name = directory_name(site)
    assert name == os.path.basename(name) and name not in ("", ".", "..") and name.isascii() and name.isprintable()  # noqa: PTH119


@given(one=st.text(), two=st.text())
def test_two_sites_never_share_a_directory(one: str, two: str) -> None:
    assert (directory_name(one) == directory_name(two)) == (one == two)


@given(said=st.text(st.characters(), max_size=50))
def test_json_keeps_every_text_and_is_valid_utf8(said: str) -> None:
    written = json_text({"text": said})
    assert json.loads(written.encode("utf-8")) == {"text": said}


def test_lone_surrogates_stay_valid_json() -> None:
    assert json.loads(json_text({"text": "\udcff"}).encode("utf-8")) == {"text": "\udcff"}
