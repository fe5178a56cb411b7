# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What travels sealed is read by this process and by nobody else."""

from __future__ import annotations

from ansible_collections.iot_site.checklist.plugins.plugin_utils import sealed
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

OUTPUTS = st.builds(Output, st.binary(max_size=50), st.integers(0, 255), st.booleans(), st.text(max_size=10))
RAWS = st.dictionaries(st.text(max_size=8), st.dictionaries(st.text(max_size=8), OUTPUTS, max_size=3), max_size=4)


@given(RAWS, st.sets(st.text(max_size=8)))
def test_what_was_sealed_opens_to_the_same_and_holds_only_what_was_named(outputs, more):
    names = {*list(outputs)[:2], *more}
    opened = sealed.opened(sealed.sealed(Raw(outputs), names))
    assert opened.outputs == {name: each for name, each in outputs.items() if name in names}


def test_nothing_of_it_can_be_read_without_the_key():
    text = sealed.sealed(Raw({"shadow": {"/etc/shadow": Output(b"root:$y$j9T$salt$hash:1::")}}), {"shadow"})
    assert "shadow" not in text and "root" not in text


def test_another_process_opens_nothing(monkeypatch):
    text = sealed.sealed(Raw({"shadow": {}}), {"shadow"})
    monkeypatch.setattr(sealed, "_SEAL", Fernet(Fernet.generate_key()))
    assert sealed.opened(text) is None
    assert sealed.opened("not sealed") is None
