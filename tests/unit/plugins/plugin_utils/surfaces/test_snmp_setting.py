# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys and communities of an SNMP agent are made anew, and what the shell makes of its files.

The lines of snmpd's own file have the form of stored_secrets/captures/snmpd.conf.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.account_passwords import Device, examined
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.sealed_files import embedded
from ansible_collections.iot_site.checklist.plugins.plugin_utils.issuing import activate, issue, missing, written
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Change,
    Intent,
    Judgement,
    KeptFile,
    Plan,
    RunEdit,
    as_json,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.usm import of_agent
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.snmp_accounts import SnmpAccounts
from hypothesis import given, settings
from hypothesis import strategies as st

ENGINE = "80001f88803e7cc15194900b6b00000000"
OTHER = "80001f8880ffffffffffffffff00000000"
CONFIG, OWN = "/etc/snmp/snmpd.conf", "/var/lib/snmp/snmpd.conf"
PEOPLE = frozenset({"root", "poller", "snmp_read", "snmp_write"})


def user(name: str, engine: str = ENGINE) -> str:
    key, oid = "0x" + "ab" * 20, ".1.3.6.1.6.3.10.1"
    return f'usmUser 1 3 0x{engine} "{name}" "{name}" NULL {oid}.1.3 {key} {oid}.2.4 {key[:34]} ""\n'


def kept(*users: str) -> str:
    return "".join(users) + f"setserialno 1\nengineBoots 7\noldEngineID 0x{ENGINE}\n"


def raw(config: str = "", own: str = "", unit: str = "Id=snmpd.service\nActiveState=active\n") -> Raw:
    files = {
        "snmpd.config": {CONFIG: config},
        "snmpd.arguments": {"/proc/1/cmdline": "/usr/sbin/snmpd\0-f\0"},
        "snmpd.unit": {"@units": unit},
        "snmp_users.keys": {OWN: own},
    }
    return Raw({name: {path: Output(text.encode()) for path, text in each.items()} for name, each in files.items()})


def judged(made: Raw, services: frozenset[str] = PEOPLE) -> list[Judgement]:
    intent = Intent(site="k7", host="k7-gw", service_accounts=services, search_seconds=0)
    surface = SnmpAccounts()
    state = examined({surface.name: surface.kept(made, ["snmpd"])}, Device(), intent)[surface.name]
    return [one for one in surface.judge(state, intent) if one.control != "C1.default_account_name"]


def changes(made: Raw, services: frozenset[str] = PEOPLE) -> list[Change]:
    return [change for one in judged(made, services) for change in one.changes]


def set_anew(change: Change) -> set[str]:
    return {given.account for edit in change.edits if isinstance(edit, RunEdit) for given in edit.given}


# --- whose --------------------------------------------------------------------------------------------------


def test_only_users_with_the_agent_s_own_id_and_no_other_can_get_keys() -> None:
    text = kept(user("poller"), user("both"), user("both", OTHER), user("trap", OTHER), user("two words"))
    assert of_agent(text) == {"poller": ENGINE}
    assert of_agent(text.replace("oldEngineID", "x")) == {}


@pytest.mark.parametrize(
    ("config", "replaced"),
    [
        ("rocommunity public\n", {"snmp_read"}),
        ('  RWCommunity "public" 192.0.2.0/24 # old\n', {"snmp_write"}),
        ("rocommunity public 192.0.2.1\nrocommunity6 public default -V systemonly\n", {"snmp_read"}),
        ("rocommunity public\nrocommunity private\n", set()),  # perhaps of two machines
        ("rocommunity public\nrwcommunity public\n", set()),  # whoever reads with it would go on writing
        ("rocommunity public\ncom2sec local default public\n", set()),
        ("com2sec local default public\n", set()),
        ("[snmpd] rocommunity public\n", set()),
        ("rocommunity -Cn context public\n", set()),
    ],
)
def test_one_community_for_reading_and_one_for_writing_can_be_replaced(config: str, replaced: set[str]) -> None:
    assert {name for change in changes(raw(config)) for name in set_anew(change)} == replaced


@pytest.mark.parametrize("community", ["public", "private"])
def test_where_one_was_set_over_snmp_too_it_is_left_to_a_person(community: str) -> None:
    assert not changes(raw("rwcommunity public\n", f"rwcommunity {community}\n"))


def test_nobody_s_community_is_a_gap_that_says_how_to_name_its_holder_and_what_that_breaks() -> None:
    (gap,) = (one for one in judged(raw("rocommunity public\n"), frozenset()) if one.status == "gap")
    assert gap.changes == ()
    assert "the community of /etc/snmp/snmpd.conf:1" in gap.why
    assert "declare snmp_read in user_credentials_service_accounts" in gap.fix
    assert "gets no answer until it has the new one" in gap.fix
    assert "public" not in str(as_json(gap))


@pytest.mark.parametrize("unit", ["", "Id=snmpd.service\nActiveState=inactive\n"])
def test_where_systemd_does_not_run_the_agent_a_person_does_it(unit: str) -> None:
    assert not changes(raw("rocommunity public\n", unit=unit))


def test_a_user_that_a_file_makes_anew_at_every_start_is_left_to_a_person() -> None:
    weak = raw("createUser poller SHA poller123 AES poller123\n", kept(user("poller")))
    assert not changes(weak) and "gap" in {one.status for one in judged(weak)}


def test_a_fix_tells_what_the_monitoring_needs_afterwards() -> None:
    (gap,) = (one for one in judged(raw("rocommunity public\n")) if one.changes)
    assert "until it has the new one, it gets no answer" in gap.after


# --- what becomes of the files ------------------------------------------------------------------------------


class Turned:
    """A seal that can be seen through, for tests: every byte turned."""

    def encrypt(self, clear: bytes) -> bytes:
        return bytes(255 - byte for byte in clear)

    decrypt = encrypt


@contextmanager
def applied(change: Change, folder: Path) -> Iterator[Any]:
    """The texts that were issued, once the shell has run what the plan says, without systemd."""
    plan = Plan("k7-gw", "hash", (change,))
    with embedded(folder / "store", "k7", Turned()).changing("k7-gw") as keep:
        issued = issue(plan, keep, Intent(site="k7", host="k7-gw"), "2026-11-29T12:00:00Z")
        activate(issued, keep)
    for edit in written(plan, issued).changes[0].edits:
        if isinstance(edit, RunEdit) and edit.stdin:
            argv = [str(folder / word[1:]) if word.startswith("/") else word for word in edit.argv]
            subprocess.run(argv, input=edit.stdin, text=True, check=True)
            assert not [one for one in issued if any(one.secret.reveal() in word for word in edit.argv)]
    yield issued


def test_a_new_community_stands_in_its_lines_and_nothing_else_is_touched(tmp_path: Path) -> None:
    before = (
        '# public\n\trocommunity "public" 192.0.2.1 # public\n\nrocommunity6 public\nrwcommunity k2hvz8qn4tdw7cgx\n'
    )
    (change,) = changes(raw(before))
    (tmp_path / "store").mkdir()
    file = tmp_path / CONFIG[1:]
    file.parent.mkdir(parents=True)
    file.write_text(before, encoding="utf-8")
    with applied(change, tmp_path) as issued:
        (word,) = {one.text for one in issued}
        after = file.read_text(encoding="utf-8")
        assert after == before.replace('"public"', word).replace("rocommunity6 public", f"rocommunity6 {word}")
        assert not list(missing(issued, {"snmp_users": SnmpAccounts().kept(raw(after), ["snmpd"])}))
        assert KeptFile(CONFIG) in change.edits and KeptFile(OWN) not in change.edits


_BLANK = st.text(" \t", min_size=1, max_size=3)


@settings(max_examples=25, deadline=None)
@given(
    before=_BLANK | st.just(""), word=st.sampled_from(["rocommunity", "ROcommunity6"]), between=_BLANK,
    quoted=st.booleans(), rest=st.sampled_from(["", " default", " 192.0.2.0/24\t-V systemonly", "  # public", "\r"]),
)  # fmt: skip
def test_of_any_line_of_a_community_the_community_alone_is_another_one(
    before: str, word: str, between: str, quoted: bool, rest: str
) -> None:
    community = '"public"' if quoted else "public"
    line = f"{before}{word}{between}{community}{rest}"
    text = f"# {line}\n{line}\nsysName pump\n"
    edit = next(edit for edit in changes(raw(text))[0].edits if isinstance(edit, RunEdit) and edit.given)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "snmpd.conf"
        file.write_bytes(text.encode())
        argv = [str(file) if one == CONFIG else one for one in edit.argv]
        subprocess.run(argv, input="snmp_read:k2hvz8qn4tdw7cgx\n", text=True, check=True)
        after = file.read_bytes().decode()
    wanted = f"{before}{word}{between}k2hvz8qn4tdw7cgx{rest}"
    assert after == f"# {line}\n{wanted}\nsysName pump\n"


def test_a_user_s_new_keys_take_the_place_of_the_old_ones_and_of_nobody_else_s(tmp_path: Path) -> None:
    own = kept(user("poll"), user("poller"), user("poller2"))
    surface, intent = SnmpAccounts(), Intent(site="k7", host="k7-gw", service_accounts=PEOPLE, search_seconds=0)
    state = examined({"snmp_users": surface.kept(raw(own=own), ["snmpd"])}, Device(), intent)["snmp_users"]
    work = surface.setting(state, [one for one in state["accounts"] if one["account"] == "poller"], intent)
    (tmp_path / "store").mkdir()
    file = tmp_path / OWN[1:]
    file.parent.mkdir(parents=True)
    file.write_text(own, encoding="utf-8")
    with applied(Change("C1.weak_password", "snmp_users", "", "", "", work.edits), tmp_path) as issued:
        lines = file.read_text(encoding="utf-8").splitlines()
        login, cipher = (one.text.split(":")[2] for one in issued)
        assert lines == [
            *own.replace(user("poller"), "").splitlines(), f"createUser poller SHA-256 -l 0x{login} AES -l 0x{cipher}",
        ]  # fmt: skip
        (secret,) = {one.secret.reveal() for one in issued}
        assert secret not in file.read_text(encoding="utf-8"), "the agent gets keys, which open no other agent"
        as_written = surface.kept(raw(own=file.read_text(encoding="utf-8")), ["snmpd"])
        assert list(missing(issued, {"snmp_users": as_written})), "as long as the agent has not taken them"
