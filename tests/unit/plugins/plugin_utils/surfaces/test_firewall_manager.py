# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who manages a packet filter: what is loaded or starts at boot, and what becomes of two at once."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.firewall_manager import (
    clash,
    managers,
    silent,
    speaker,
)

UFW_LOADED = {"iptables-save": "*filter\n:ufw-user-input - [0:0]\nCOMMIT\n"}
FIREWALLD_LOADED = [{"table": {"family": "inet", "name": "firewalld"}}]


def machine(ufw_conf="", **units):
    told = "\n".join(f"Id={name.replace('_', '-')}.service\nUnitFileState={state}\n" for name, state in units.items())
    files = {"/etc/ufw/ufw.conf": Output(ufw_conf.encode())} if ufw_conf else {}
    return Raw({"ufw_conf": files, "filter_units": {"systemctl": Output(told.encode())}})


@pytest.mark.parametrize(
    ("raw", "rules", "iptables", "found", "speaks"),
    [
        (machine(), [], {}, [], "nftables"),
        (machine("ENABLED=no\n", ufw="enabled", firewalld="disabled", nftables="disabled"), [], {}, [], "nftables"),
        (machine("ENABLED=yes\n", ufw="enabled"), [], UFW_LOADED, ["ufw"], "ufw"),
        (machine("ENABLED=yes\n", ufw="disabled"), [], UFW_LOADED, ["ufw"], "ufw"),
        (machine('ENABLED="YES"\n', ufw="enabled"), [], {}, ["ufw"], "ufw"),
        (machine("ENABLED=yes\n", ufw="disabled"), [], {}, [], "nftables"),
        (machine(firewalld="enabled"), [], {}, ["firewalld"], "firewalld"),
        (machine(), FIREWALLD_LOADED, {}, ["firewalld"], "firewalld"),
        (machine(), [], {"iptables-save": ":INPUT_ZONES - [0:0]\n"}, ["firewalld"], "firewalld"),
        (machine(nftables="enabled"), [], {}, ["nftables"], "nftables"),
        (machine(netfilter_persistent="enabled", iptables="alias"), [], {}, ["iptables"], "nftables"),
        (machine(nftables="masked"), [], {"iptables-save": "-A INPUT -j ACCEPT\n"}, [], "nftables"),
    ],
)
def test_a_manager_is_what_is_loaded_or_starts_at_boot(raw, rules, iptables, found, speaks):
    held = managers(raw, rules, iptables)
    assert sorted(held) == found and speaker(held) == speaks and clash(held) is None


@pytest.mark.parametrize(
    ("raw", "rules", "iptables", "names"),
    [
        (machine("ENABLED=yes\n", ufw="enabled", firewalld="enabled"), FIREWALLD_LOADED, {}, ("ufw", "firewalld")),
        (machine("ENABLED=yes\n", ufw="enabled", nftables="enabled"), [], UFW_LOADED, ("ufw", "nftables")),
        (machine(netfilter_persistent="enabled"), FIREWALLD_LOADED, {}, ("iptables", "firewalld")),
        (machine(), FIREWALLD_LOADED, UFW_LOADED, ("ufw", "firewalld")),
    ],
)
def test_two_managers_are_explained_and_one_surface_says_so(raw, rules, iptables, names):
    held = managers(raw, rules, iptables)
    why, fix = clash(held)
    assert speaker(held) == "nftables"
    for name in names:
        assert name in why and f"without {name}: " in fix
        assert not silent(name, "nftables", held).startswith(f"{name} does not manage")


def test_our_own_table_is_no_manager():
    assert managers(machine(), [{"table": {"family": "inet", "name": "iot_site_checklist"}}], {}) == {}
