# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1 on emulated Yamaha routers: empty, default, weak, strong and hidden secrets in one audit, and none is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.devices.yamaha_rtx import Personality
from tests.integration import router_world
from tests.integration.playbook_run import Run, opened
from tests.integration.router_world import PASSWORDS, SITE, Loop, World

RTX830 = Personality.load("rtx830_pppoe").config.replace("snmp community read-only kanshi\n", "")

_VPN = """\
pp select anonymous
 pp bind tunnel1
 pp auth request mschap-v2
 pp auth username user-b {dialled}
 pp enable anonymous
tunnel select 1
 tunnel encapsulation l2tp
 ipsec ike pre-shared-key 1 text {key}
 l2tp tunnel auth on {tunnel}
 tunnel enable 1
"""
STRONG = {"dialled": "w3fzn8kd5vbq72hp", "key": "m6xct4wr9gkz2hqb", "tunnel": "k2hvz8qn4tdw7cgx"}
WEAK = {"dialled": "user-b-2026", "key": "jousui-2026-vpn", "tunnel": "himawari-1"}
#: What the controller logs in with: account, administrator, console.
OURS = {
    "ansible_password": "n4vzq8tk2wdh7xgm", "ansible_become_password": "r9xhm3cwt6bkz2qd",
    "iot_site_console_password": "g7dwk2vqz5nxh8tb",
}  # fmt: skip
COMMUNITY, SEALED = "b7kqz3wmx9tdh4rv", "0f1e2d3c4b5a6978"

#: The personality's three passwords are made from the names of the account and of the model. These are not.
GENERATED = (
    RTX830.replace("noc-a-pass", OURS["ansible_password"])
    .replace("rtx830-admin", OURS["ansible_become_password"])
    .replace("rtx830-login", OURS["iot_site_console_password"])
)
ALONE = GENERATED.replace("login user vendor vendor-pass\n", "") + f"snmp community read-only {COMMUNITY}\n"

#: A router each, and what is planted in it.
CONFIGS = {
    "empty": RTX830.replace("login password rtx830-login\n", "") + "snmpv3 usm user 1 poller\nsnmpv3 host any user 1\n",
    "default": RTX830,  # SNMP answers, and its community is nobody's own
    "weak": RTX830 + f"snmp community read-only kanshi-2026\n{_VPN.format(**WEAK)}",
    "strong": ALONE + _VPN.format(**STRONG),
    "another": GENERATED + f"snmp community read-only {COMMUNITY}\n",  # has a user whose password we do not know
    "sealed": RTX830.replace("login password ", "login password encrypted ")
    + f"login user sealed encrypted {SEALED}\nsnmp community read-only {COMMUNITY}\n",
}

HIDDEN = {"default": "unknown", "weak": "unknown", "name": "pass"}
GUESSED = {**HIDDEN, "weak": "gap"}  # and of the other users nothing is known
SOUND = dict.fromkeys(HIDDEN, "pass")
NONE = dict.fromkeys(HIDDEN, "not_applicable")
EXPECTED = {
    "empty": {"accounts": {**GUESSED, "default": "gap"}, "snmp_users": {**SOUND, "default": "gap"}, "vpn_users": NONE},
    "default": {"accounts": GUESSED, "snmp_users": {**SOUND, "default": "gap"}, "vpn_users": NONE},
    "weak": {
        "accounts": GUESSED, "snmp_users": {**SOUND, "weak": "gap"}, "vpn_users": {**SOUND, "weak": "gap"},
    },
    "strong": {"accounts": SOUND, "snmp_users": SOUND, "vpn_users": SOUND},
    "another": {"accounts": HIDDEN, "snmp_users": SOUND, "vpn_users": NONE},
    "sealed": {"accounts": GUESSED, "snmp_users": SOUND, "vpn_users": NONE},
}  # fmt: skip
_CONTROLS = {"default": "C1.default_password", "weak": "C1.weak_password", "name": "C1.default_account_name"}

SECRETS = (
    *(word for words in PASSWORDS.values() for word in words if word), "vendor-pass", "pppoe-secret-k7",
    *WEAK.values(), *STRONG.values(), *OURS.values(), COMMUNITY, SEALED, "kanshi-2026", SITE["iot_site_secret"],
)  # fmt: skip


@dataclass(frozen=True)
class Audited:
    world: World
    run: Run
    first: dict[str, str]

    def c1(self, host: str) -> dict[str, dict[str, str]]:
        """``{surface: {control: status}}``"""
        verdicts = self.world.verdicts(host, host)
        return {
            surface: {short: verdicts[f"{control} {surface}"] for short, control in _CONTROLS.items()}
            for surface in EXPECTED[host]
        }

    def why(self, host: str, control: str, surface: str) -> str:
        return str(self.world.finding(host, f"{_CONTROLS[control]} {surface}", host)["why"])


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory, loop: Loop) -> Iterator[Audited]:
    with router_world.world(tmp_path_factory.mktemp("credentials"), loop) as world:
        for host, saved in CONFIGS.items():
            world.add(host, saved=saved, iot_site_id=host, **(OURS if host in ("strong", "another") else {}))
        first = {host: device.hash for host, device in world.devices.items()}
        run = world.play(
            "audit", "--tags", "C1", "-vvvv", "--diff",
            ANSIBLE_CACHE_PLUGIN="jsonfile", ANSIBLE_CACHE_PLUGIN_CONNECTION=str(world.folder / "cache"),
            ANSIBLE_LOG_PATH=str(world.folder / "ansible.log"),
        )  # fmt: skip
        yield Audited(world, run, first)


@pytest.mark.parametrize("host", CONFIGS)
def test_each_router_is_told_exactly_what_was_planted(audited: Audited, host: str) -> None:
    assert audited.run.code == 2, audited.run.output
    assert audited.c1(host) == EXPECTED[host]


def test_a_finding_names_the_account_and_the_rule(audited: Audited) -> None:
    assert "the login without a name asks for no password" in audited.why("empty", "default", "accounts")
    assert "poller (authentication) asks for no password" in audited.why("empty", "default", "snmp_users")
    assert "snmp community (read-only) has a password that devices" in audited.why("default", "default", "snmp_users")
    weak = audited.why("weak", "weak", "vpn_users")
    assert "user-b has a password made from its own name" in weak
    assert "ipsec ike pre-shared-key 1 has a password made from" in weak
    assert "l2tp tunnel auth of tunnel 1 has a password made from" in weak


def test_the_passwords_that_we_log_in_with_are_judged_and_what_nobody_can_read_is_unknown(audited: Audited) -> None:
    weak = audited.why("weak", "weak", "accounts")
    assert "noc-a has a password made from its own name" in weak
    assert "the login without a name has a password made from its own name" in weak
    assert "the step to administrator has a password that everybody tries first" in weak
    assert audited.why("another", "weak", "accounts").startswith("vendor: ")
    finding = audited.world.finding("another", "C1.default_password accounts", "another")
    assert "Nobody can read these" in finding["fix"] and "login user NAME" in finding["fix"]


def test_nothing_was_changed_and_everything_was_read_in_one_session(audited: Audited) -> None:
    for host, device in audited.world.devices.items():
        assert device.hash == audited.first[host] and device.edits() == []
        assert device.router.connections == 1
        assert all(attempt["ok"] for attempt in device.router.auth_attempts), "nobody tries passwords"


def test_no_secret_is_shown_or_kept_anywhere(audited: Audited) -> None:
    files = [
        path for path in audited.world.folder.rglob("*")
        if path.is_file() and path.name != "hosts.json"
    ]  # fmt: skip
    assert {"ansible.log", "findings.json"} <= {path.name for path in files}
    texts = [audited.run.output, *(path.read_text("utf-8", "replace") for path in files)]
    texts += [opened(text) for text in texts]
    for secret in SECRETS:
        assert not [text for text in texts if secret in text], "a secret got out"
