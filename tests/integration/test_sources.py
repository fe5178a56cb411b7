# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An office that logs in today, from an address nobody declared: real runs stop before the first edit, until somebody
decides. A stranger who tries and scans stops nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration import lab_world, sources_world
from tests.integration.lab_world import World
from tests.integration.sources_world import CONTROLLER, DEVICE, FORGED, OFFICE, STRANGER, Device, ssh
from tests.lab.lab import Lab

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())

OFFICE_NETWORK = {"name": "office", "sources": [OFFICE]}
NEVER_CAME = {"name": "noc", "sources": ["203.0.113.10"]}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with sources_world.lab() as made:
        yield made


@pytest.fixture(scope="module")
def device(lab: Lab) -> Device:
    """The office came in, and the stranger tried and looked around."""
    made = Device(lab)
    sources_world.start_ssh(made)
    made.sh("systemctl start nginx")
    assert ssh(made.office, "guest")
    assert not ssh(made.stranger, FORGED, password="wrong") and not ssh(made.stranger, "guest", password="wrong")
    made.stranger.sh(f"curl -sf http://{DEVICE}/ -o /dev/null; curl -s http://{DEVICE}/[1-20] -o /dev/null")
    return made


@dataclass(frozen=True)
class Site:
    """The site's inventory, and its device."""

    world: World
    device: Device

    def finding(self, control: str) -> dict[str, object]:
        return self.world.findings("device")[control]


@pytest.fixture
def site(tmp_path: Path, lab: Lab, device: Device) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="s") as sockets:
        world = World(tmp_path, lab, sockets)
        world.site |= {"iot_site_people": [NEVER_CAME], "iot_site_management_sources": [CONTROLLER]}
        world.hosts = {"device": world.hosts["device"]}
        yield Site(world, device)


def test_an_office_that_would_be_cut_off_is_named_and_nothing_is_edited(site: Site) -> None:
    before = site.device.state
    run = site.world.play("remediate", "--tags", "A2")
    management, sources = site.finding("A2.management"), site.finding("A2.sources")
    assert management["status"] == "gap", run.output
    assert OFFICE in str(management["fix"]) and "guest over ssh" in str(management["fix"])
    assert STRANGER not in str(management["fix"]) and "203.0.113.77" not in str(management["fix"])
    assert sources["status"] == "manual" and OFFICE in str(sources["why"])
    assert site.device.state == before, "refused before any edit"
    assert ssh(site.device.office, "guest")


def test_an_audit_says_who_was_never_seen_and_who_only_looked(site: Site) -> None:
    site.world.site["iot_site_people"] = [OFFICE_NETWORK, NEVER_CAME]
    before = site.device.state
    site.world.play("audit", "--tags", "A2")
    sources = site.finding("A2.sources")
    assert sources["status"] == "pass", sources
    assert "not seen here: noc" in str(sources["why"]) and "1 not on the list were served" in str(sources["why"])
    evidence = sources["evidence"]
    assert isinstance(evidence, dict)
    assert list(evidence["not_on_the_list"]["seen"]) == [STRANGER] and CONTROLLER in evidence["with_a_login"]
    assert site.device.state == before


def test_with_consent_it_is_closed_and_says_whom_it_kept_out(site: Site) -> None:
    site.world.site["ip_allowlist_cut_active_sources"] = True
    run = site.world.play("remediate", "--tags", "A2")
    assert site.finding("A2.management")["status"] == "fixed", run.output
    assert site.finding("A2.sources")["status"] == "pass" and OFFICE in str(site.finding("A2.sources")["why"])
    assert not ssh(site.device.office, "guest"), "it was meant"

    again = site.world.play("remediate", "--tags", "A2")
    assert site.finding("A2.management")["status"] == "pass" and "changed=0" in again.stdout, again.output


def test_once_closed_the_finding_still_names_who_was_kept_out_without_consent(site: Site) -> None:
    site.world.play("audit", "--tags", "A2")
    assert site.finding("A2.management")["status"] == "pass" and site.finding("A2.sources")["status"] == "manual"


def test_the_office_on_the_list_comes_in_again(site: Site) -> None:
    site.world.site["iot_site_people"] = [OFFICE_NETWORK, NEVER_CAME]
    site.world.play("remediate", "--tags", "A2")
    assert site.finding("A2.management")["status"] == "fixed" and site.finding("A2.sources")["status"] == "pass"
    assert ssh(site.device.office, "guest") and not site.device.stranger.says(f"nc -z -w 3 {DEVICE} 22")
