# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line edited by the real sed: exactly that line, only if it is still what was read, and back again."""

from __future__ import annotations

import subprocess

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.one_line import (
    insert_first,
    possible,
    replace_line,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LINES = st.text(st.characters(exclude_characters="\n\0\x01", exclude_categories=["Cs"]), max_size=40)
slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def run(argv):
    subprocess.run(argv, check=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})


@slow
@given(lines=st.lists(LINES, min_size=1, max_size=4), after=LINES, data=st.data())
def test_any_line_becomes_any_other_and_comes_back(tmp_path, lines, after, data):
    file = tmp_path / "file"
    original = "".join(f"{line}\n" for line in lines).encode()
    file.write_bytes(original)
    number = data.draw(st.integers(1, len(lines)))
    edit = replace_line(str(file), number, lines[number - 1], after)
    run(edit.argv)
    wanted = [*lines[: number - 1], after, *lines[number:]]
    assert file.read_bytes() == "".join(f"{line}\n" for line in wanted).encode()
    run(edit.undo)
    assert file.read_bytes() == original


def test_a_line_that_has_changed_meanwhile_is_left_alone(tmp_path):
    file = tmp_path / "file"
    file.write_text("one\nother\n", encoding="utf-8")
    run(replace_line(str(file), 2, "two", "label").argv)
    assert file.read_text(encoding="utf-8") == "one\nother\n"


def test_a_link_stays_a_link(tmp_path):
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("one\n", encoding="utf-8")
    link.symlink_to(file)
    run(replace_line(str(link), 1, "one", "two").argv)
    assert link.is_symlink() and file.read_text(encoding="utf-8") == "two\n"


def test_a_line_above_everything_and_away_again(tmp_path):
    file = tmp_path / "file"
    file.write_text("Port 22\nDebianBanner no\n", encoding="utf-8")
    edit = insert_first(str(file), "DebianBanner no")
    run(edit.argv)
    assert file.read_text(encoding="utf-8") == "DebianBanner no\nPort 22\nDebianBanner no\n"
    run(edit.undo)
    assert file.read_text(encoding="utf-8") == "Port 22\nDebianBanner no\n"


@pytest.mark.parametrize("line", ["a\nb", "a\0b", "a\x01b"])
def test_what_is_no_line_of_text_is_refused(line):
    assert not possible(line)
    with pytest.raises(ValueError, match="not one line"):
        replace_line("/file", 1, "x", line)
