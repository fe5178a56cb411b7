# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of a host is collected whole, and wrong things are left for preflight to name."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.iot_site.checklist.plugins.doc_fragments.declared import ModuleDocFragment
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declared import declared

SECRET = "0123456789abcdefghij"
VARIABLES = {
    "iot_site_id": "k7", "iot_site_people": [{"name": "a"}], "iot_site_people_of_the_builder": [{"name": "b"}],
    "iot_site_enforced_by": "k7-gw", "iot_site_published": [{"via": "k7-other"}, {"via": 7}, "no service", {}],
    "iot_site_secret": SECRET, "iot_site_label": "K-7", "unrelated": 1,
    "groups": {"all": ["k7-gw", "k7-other", "k7-panel"]},
    "hostvars": {"k7-gw": {"iot_site_id": "k7"}, "k7-other": {"iot_site_enforced_by": "k7-gw"}},
}  # fmt: skip


def told(**more):
    variables = {**VARIABLES, **more}
    return declared(variables, variables.get)


def test_it_holds_what_the_control_modules_document_and_never_the_secret():
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]["declared"]["suboptions"]
    assert set(told()) == set(documented)
    assert SECRET not in str(told())


def test_every_list_of_people_is_a_part():
    assert told()["people"] == {"iot_site_people": [{"name": "a"}], "iot_site_people_of_the_builder": [{"name": "b"}]}


def test_the_hosts_that_this_one_names_are_told_with_their_sites():
    assert told()["gateway_sites"] == {"k7-gw": "k7", "k7-other": ""}
    assert told()["gateway_enforcers"] == {"k7-gw": "", "k7-other": "k7-gw"}


@pytest.mark.parametrize("published", [None, "text", 7, {"via": "unknown"}, [["nested"]]])
def test_what_is_no_list_of_services_passes_to_preflight(published):
    found = told(iot_site_published=published, iot_site_enforced_by=["k7-gw"])
    assert found["published"] == published and found["gateway_sites"] == {}


def test_the_vantages_are_told_by_their_group():
    assert told()["vantage_hosts"] == []
    groups = {"all": ["k7-gw", "outside-a"], "iot_site_vantage_hosts": ["outside-a"]}
    assert told(groups=groups)["vantage_hosts"] == ["outside-a"]


def test_only_what_is_wrong_with_the_secret_is_told():
    assert told()["label_problem"] == "" == told(iot_site_secret="")["label_problem"]
    assert "at least 20 characters" in told(iot_site_secret="short")["label_problem"]
