# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site's own directory: where the inventory says, or beside the inventory, apart from every other site's."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.site_directory import site_directory


def test_what_the_inventory_says_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert site_directory(str(tmp_path), ["/etc/hosts.yml"], "k7") == tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert site_directory("~/k7", [], "k7") == site_directory("k7", [], "k7") == tmp_path / "k7"


@pytest.mark.parametrize("inventory", ["hosts.yml", "inventory", "localhost,"])
def test_otherwise_it_is_beside_the_inventory_and_never_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inventory: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inventory").mkdir()
    for source in (inventory, str(tmp_path / inventory)):
        assert site_directory("", [source, "/elsewhere/hosts"], "k7") == tmp_path / "iot_site_secrets" / "k7"
    assert site_directory("", [], "k7") == tmp_path / "iot_site_secrets" / "k7"


def test_two_sites_have_two_whatever_they_are_called() -> None:
    found = {site_directory("", ["/srv/hosts.yml"], site) for site in ("k7", "k8", "../k7", "第一浄水場", "")}
    assert len(found) == 5 and {path.parent for path in found} == {Path("/srv/iot_site_secrets")}
