# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only plain JSON types leave an action: what Ansible tagged with its origin comes out without the tag."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import as_json


def tagged(written: str, folder: Path) -> Any:
    """A value as the inventory gives it: its type is a subclass that knows the file it came from."""
    path = folder / "inventory.yml"
    path.write_text(f"value: {written}\n", encoding="utf-8")
    value = DataLoader().load_from_file(str(path))["value"]
    assert type(value) not in (int, float, str)
    return value


@pytest.mark.parametrize(("written", "plain"), [("8443", 8443), ("1.5", 1.5), ("水道課", "水道課")])
def test_a_value_of_the_inventory_loses_its_tag(written: str, plain: object, tmp_path: Path) -> None:
    bare = as_json({"published": [tagged(written, tmp_path)]})
    assert bare == {"published": [plain]}
    assert type(bare["published"][0]) is type(plain)


@pytest.mark.parametrize("value", [None, True, False])
def test_what_has_no_tag_stays(value: object) -> None:
    assert as_json(value) is value
