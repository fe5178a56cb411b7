# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of somebody else: used where it is installed, never needed, never trusted.

The stand-ins have the shape of DefaultCreds_db.json in version 0.5.3.0 of defaultcreds-cheat-sheet.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils import defaultcreds
from ansible_collections.iot_site.checklist.plugins.plugin_utils.defaultcreds import LARGEST, MOST, listed

ROWS = (
    ("productvendor", "username", "password"),
    ("zyxel (web)", "admin", "1234"),
    ("zyxel", "<blank>", "<blank>"),
    ("zyxel (ssh)", "backdoor", "left-open"),
    ("zyxel", "admin", "1234"),
    ("allied telesyn", "manager", "friend"),
    ("siemens", "basisk", "basisk"),
    ("apc", "<blank>", "(serial number)"),
    ("apc", "apc", "<create by default>"),
    ("apc", "apc", "apc"),
)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], None]]:
    """Installs a package of this name with this file; its code would stop the test."""

    def installed(content: bytes) -> None:
        package = tmp_path / "DefaultCreds"
        package.mkdir()
        (package / "__init__.py").write_text("raise SystemExit('its code was run')\n")
        (package / "DefaultCreds_db.json").write_bytes(content)
        monkeypatch.syspath_prepend(tmp_path)
        defaultcreds._pairs.cache_clear()

    yield installed
    defaultcreds._pairs.cache_clear()


def table(*rows: tuple[str, str, str]) -> bytes:
    keys = ("product", "username", "password")
    return json.dumps({"_default": {str(n): dict(zip(keys, row, strict=True)) for n, row in enumerate(rows)}}).encode()


def test_without_the_package_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defaultcreds, "find_spec", lambda _name: None)
    defaultcreds._pairs.cache_clear()
    assert listed("Zyxel") == ()
    defaultcreds._pairs.cache_clear()


def test_what_it_lists_for_the_vendor_is_given_once_in_its_order(install: Callable[[bytes], None]) -> None:
    install(table(*ROWS))
    assert listed("Zyxel Communications Corp.") == ("1234", "", "left-open")
    assert listed("アライドテレシス株式会社") == ("friend",), "its own spelling of a vendor that we know"
    assert listed("Siemens AG") == ("basisk",), "a vendor that we do not know"
    assert listed("APC") == ("apc",), "remarks are no passwords"
    assert listed("") == listed("Dell Inc.") == listed("Axis") == ()
    assert "DefaultCreds" not in sys.modules


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xfe", b"[]", b"null", b"{}", b'{"_default": []}', b'{"_default": {"1": 5}}', b'{"_default": 5}',
        b"[" * 100_000, b'{"_default": {"1": {"product": 5, "password": "zyxel"}, "2": {"product": "zyxel"}}}',
    ],
)  # fmt: skip
def test_another_shape_of_file_gives_nothing(install: Callable[[bytes], None], content: bytes) -> None:
    install(content)
    assert listed("Zyxel") == ()


def test_its_size_is_bounded(install: Callable[[bytes], None]) -> None:
    many = [("zyxel", "a", f"guess {number}") for number in range(MOST * 2)]
    install(table(("zyxel", "a", "x" * 201), ("zyxel", "a", "x\0"), *many))
    assert listed("Zyxel") == tuple(f"guess {number}" for number in range(MOST))


def test_a_file_that_is_too_large_is_not_read(install: Callable[[bytes], None]) -> None:
    install(table(*ROWS) + b" " * LARGEST)
    assert listed("Zyxel") == ()
