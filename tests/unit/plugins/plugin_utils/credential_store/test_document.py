# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file says: everything that was known comes back, and what is not ours is refused unread."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store import document
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.record import (
    Credential,
    Owner,
    Record,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.unusable import Damaged
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from hypothesis import given
from hypothesis import strategies as st

_TEXT = st.text(st.characters(), max_size=20)  # also half characters, controls, any script
_OWNERS = st.builds(Owner, _TEXT, _TEXT, _TEXT)


@st.composite
def _records(draw: st.DrawFn) -> Record:
    numbers = draw(st.permutations(range(1, 6)))
    kept = [
        Credential(number, draw(_TEXT), Secret(draw(_TEXT)), tuple(draw(st.lists(_TEXT, max_size=2))), draw(_TEXT))
        if draw(st.booleans())
        else None
        for number in numbers[:3]
    ]
    return Record(draw(_OWNERS), draw(st.integers(5, 9)), *kept, draw(_TEXT))


@given(_records())
def test_everything_comes_back(record: Record) -> None:
    assert document.read(document.written(record)) == record


FULL = Record(
    Owner("k7", "k7-gw", "佐藤"), 2, Credential(2, "ops", Secret("Qx9-planted-7Zk"), ("sshd", "nginx"), "2026-11-20"),
    None, Credential(1, "ops", Secret("Qx8-planted-7Zk"), ("sshd",), "2026-10-20"),
)  # fmt: skip


def test_a_person_can_read_it_with_ansible_vault_view() -> None:
    told = json.loads(document.written(FULL))
    assert (told["schema"], told["device"], told["person"], told["pending"]) == (1, "k7-gw", "佐藤", None)
    assert told["active"] == {
        "number": 2, "account": "ops", "secret": "Qx9-planted-7Zk", "surfaces": ["sshd", "nginx"], "made": "2026-11-20",
    }  # fmt: skip
    assert "佐藤" in document.written(FULL).decode()


def _changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(document.written(FULL)), **changes}).encode()


@pytest.mark.parametrize(
    "clear",
    [
        b"", b"null", b"[]", b"7", b'"planted"', b"{}", b"{planted", b"\xff\xfeplanted", b"active: {secret: planted}",
        document.written(FULL)[:-20],
        _changed(schema=2), _changed(schema=None), _changed(counter=1), _changed(counter="2"), _changed(counter=True),
        _changed(person=None), _changed(active="planted"), _changed(active=["planted"]), _changed(active={}),
        _changed(active={**json.loads(document.written(FULL))["active"], "secret": 7}),
        _changed(active={**json.loads(document.written(FULL))["active"], "surfaces": "sshd"}),
        _changed(active={**json.loads(document.written(FULL))["active"], "number": 1}),
        _changed(active={**json.loads(document.written(FULL))["active"], "number": 0}),
    ],
)  # fmt: skip
def test_what_is_not_ours_is_refused_and_not_quoted(clear: bytes) -> None:
    with pytest.raises(Damaged, match="Restore it from a backup") as refused:
        document.read(clear)
    assert "planted" not in str(refused.value) and refused.value.__cause__ is None and refused.value.__context__ is None
