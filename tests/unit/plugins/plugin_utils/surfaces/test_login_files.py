# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One account for each person in the password files of web servers and of mosquitto, and for nobody else (C2).

The files are made up; what sed prints of them is what the machine that runs these tests prints.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Absent,
    AccountLine,
    Change,
    Door,
    Intent,
    Json,
    Judgement,
    Person,
    Unreadable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import login_files
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.broker_users import BrokerUsers
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.lighttpd import Lighttpd
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.mosquitto import Mosquitto
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nginx import Nginx
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.panel_users import PanelUsers
from hypothesis import given, settings
from hypothesis import strategies as st

PANEL, OTHER = "/etc/nginx/panel.users", "/etc/nginx/pumps.users"
TODAY = "2026-11-28"
TANAKA = Person("田中", account="tanaka", access="operator", sources=("203.0.113.10/32",))
SATO = Person("sato", account="sato", access="viewer")


def printed(path: Path) -> Output:
    """What the read of a file prints."""
    read = login_files.names("x", str(path), None)
    done = subprocess.run(read.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return Output(done.stdout, rc=done.returncode)


@dataclass
class Panel:
    """nginx with these files, and the log of who came. ``files``: lines by path, or an answer."""

    folder: Path
    files: dict[str, str | Output] = field(default_factory=dict)
    log: list[str] = field(default_factory=lambda: ["#read /var/log/nginx/access.log"])
    people: tuple[Person, ...] = (TANAKA, SATO)
    user_file: str = ""
    config: str = ""
    read: str = "nginx.user_file_names"
    surface: PanelUsers | BrokerUsers = field(default_factory=lambda: PanelUsers((Nginx(), Lighttpd())))

    @property
    def raw(self) -> Raw:
        sessions = json.dumps({"day": TODAY, "sessions": [], "left_out": 0})
        asked: dict[str, dict[str, Output]] = {read.name: {} for read in self.surface.reads}
        asked["sources.sessions"] = {"@sessions": Output(sessions.encode())}
        asked["listeners"] = {"@listeners": Output(b"[]")}
        asked["sources.web_logs"] = {"sh": Output("\n".join([*self.log, ""]).encode())}
        asked["nginx.config"] = {"nginx -T": Output(self.config.encode())}
        main = "/etc/mosquitto/mosquitto.conf"
        asked["mosquitto.given"] = {main: Output(self.config.encode())}
        asked[self.read] = {f"sed -nE … {path}": self._output(one) for path, one in self.files.items()}
        raw = Raw(asked)
        raw.parsed.update({"nginx": {}, "mosquitto": {}, "lighttpd": Absent("lighttpd is not installed")})
        return raw

    def _output(self, one: str | Output) -> Output:
        if isinstance(one, Output):
            return one
        file = self.folder / "file"
        file.write_text(one, encoding="utf-8")
        return printed(file)

    @property
    def state(self) -> dict[str, Json]:
        return self.surface.parse(self.raw)

    def judged(self, control: str, **intent: Any) -> list[Judgement]:
        wanted = {"web_users": frozenset({"operator", "viewer"})}
        asked = Intent(
            site="k7", host="k7-panel", people=self.people, accounts_for=wanted, user_file=self.user_file,
            **{"service_accounts": frozenset({"root", "sensor"}), "today": TODAY, **intent},
        )  # fmt: skip
        return [one for one in self.surface.judge(self.state, asked) if one.control == f"C2.{control}"]

    def statuses(self, control: str, **intent: Any) -> list[str]:
        return [one.status.value for one in self.judged(control, **intent)]

    def changes(self, control: str) -> list[Change]:
        return [change for one in self.judged(control) for change in one.changes]


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    return Panel(tmp_path, {PANEL: "tanaka:$6$made-up\n"})


def came(account: str, source: str = "203.0.113.10") -> str:
    return f'{source} - {account} [20/Nov/2026:10:00:00 +0900] "GET /{account} HTTP/1.1" 200 5 "-" "-"'


# --- what is read -------------------------------------------------------------------------------------------

_FIELD = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=8).map(lambda text: text.replace(":", ""))


@settings(max_examples=25, deadline=None)
@given(lines=st.lists(st.tuples(_FIELD.filter(lambda name: name and name[0] != "#"), _FIELD), max_size=5))
def test_names_are_read_and_nothing_of_what_stands_behind_them(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str]]
) -> None:
    file = tmp_path_factory.mktemp("names") / "users"
    file.write_text("".join(f"{name}:+{kept}+:more\n" for name, kept in lines), encoding="utf-8")
    assert printed(file).text == "".join(f"{name}:\n" for name, _kept in lines)


def test_remarks_and_lines_that_are_no_account_do_not_leave_the_device(panel: Panel) -> None:
    panel.files = {PANEL: "#tanaka:$6$old\nhimitsu-without-a-name\n:nobody\n\nsato:$6$made-up\n"}
    assert panel.state["files"] == {PANEL: ["sato"]}


def test_who_is_locked_is_not_let_in_and_may_be_let_in_again(panel: Panel) -> None:
    panel.files = {PANEL: "tanaka:$6$x\nsato:!$6$x\nbuilder:*\n"}
    assert panel.statuses("leftover_account") == ["pass"]
    assert [edit.account for change in panel.changes("person_account") for edit in change.edits] == ["sato"]


def test_a_password_in_the_clear_may_begin_with_a_mark(tmp_path: Path) -> None:
    panel = Panel(tmp_path, {PANEL: "builder:!himitsu\n"}, read="lighttpd.plain_names")
    command = next(read.command for read in panel.surface.reads if read.name == panel.read)
    file = tmp_path / "users"
    file.write_text("builder:!himitsu\n", encoding="utf-8")
    argv = [str(file) if word == "{}" else word for word in command]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "builder:\n"


def test_a_file_that_is_not_there_has_no_accounts_and_one_that_could_not_be_read_is_unknown(
    panel: Panel, tmp_path: Path
) -> None:
    panel.files = {PANEL: printed(tmp_path / "gone")}
    with pytest.raises(Absent):
        panel.state  # noqa: B018
    for unread in Output(error="permission denied"), Output(b"a:\n", truncated=True), Output(b"sed: denied", rc=4):
        panel.files = {PANEL: unread}
        for control in ("person_account", "leftover_account", "shared_account"):
            assert set(panel.statuses(control)) == {"unknown"}, control


@pytest.mark.parametrize("config", ['server {\n  auth_pam "panel";\n}\n', "auth_ldap_servers dc;\n"])
def test_where_a_server_asks_something_else_nobody_is_said_to_be_missing_or_not_to_be_left(
    panel: Panel, config: str
) -> None:
    panel.config = config
    for control in ("person_account", "leftover_account", "shared_account"):
        assert "unknown" in panel.statuses(control), control
    assert not panel.changes("person_account")


def test_who_was_not_asked_says_nothing(panel: Panel) -> None:
    made = Raw({name: each for name, each in panel.raw.outputs.items() if not name.endswith("_names")})
    made.parsed.update(panel.raw.parsed)
    with pytest.raises(Unreadable):
        panel.surface.parse(made)


# --- everybody who should have one --------------------------------------------------------------------------


def test_who_is_there_passes_and_who_is_missing_gets_an_account(panel: Panel) -> None:
    (tanaka, sato) = panel.judged("person_account")
    assert (tanaka.status.value, sato.status.value) == ("pass", "gap")
    (change,) = sato.changes
    (edit,) = change.edits
    assert isinstance(edit, AccountLine) and edit.given is not None
    assert (edit.path, edit.account, edit.given.owner, edit.given.surface) == (PANEL, "sato", "sato", "web_users")
    assert "sha512-crypt" in edit.given.takes and not change.cuts_access


def test_a_new_account_is_tried_where_its_file_is_asked_for(panel: Panel) -> None:
    server = f"server {{ listen 8080; auth_basic login; auth_basic_user_file {PANEL}; }}"
    panel.config = f"# configuration file /etc/nginx/nginx.conf:\nhttp {{ {server} }}\n"
    ((edit,),) = [change.edits for change in panel.changes("person_account")]
    assert isinstance(edit, AccountLine) and edit.given is not None
    assert edit.given.doors == (Door("http", "127.0.0.1", 8080, path="/"),)


def test_of_several_files_the_declared_one_gets_it_and_without_one_a_person_decides(panel: Panel) -> None:
    panel.files[OTHER] = "boss:$6$made-up\n"
    assert panel.statuses("person_account") == ["pass", "manual"]
    panel.user_file = OTHER
    assert [edit.path for change in panel.changes("person_account") for edit in change.edits] == [OTHER]


@pytest.mark.parametrize("lines", ["tanaka:K-7:0123456789abcdef0123456789abcdef\n"])
def test_into_a_file_of_digests_nothing_is_written(panel: Panel, lines: str) -> None:
    panel.files = {PANEL: lines}
    assert panel.statuses("person_account") == ["pass", "manual"]


@pytest.mark.parametrize(("people", "status"), [
    ((Person("水道課", access="viewer"),), "manual"),  # no name that an account has
    ((Person("当直1", account="duty"), Person("当直2", account="duty")), "manual"),
    ((Person("boss", account="boss", access="admin"),), "not_applicable"),
])  # fmt: skip
def test_who_cannot_have_one_or_need_not_is_told(panel: Panel, people: tuple[Person, ...], status: str) -> None:
    panel.people = people
    assert set(panel.statuses("person_account")) == {status}


# --- nobody else --------------------------------------------------------------------------------------------


def test_an_account_of_nobody_is_removed_and_those_of_people_and_services_stay(panel: Panel) -> None:
    panel.files = {PANEL: "tanaka:$6$x\nbuilder:$6$x\nsensor:$6$x\n", OTHER: "sato:$6$x\nbuilder:$6$x\n"}
    (change,) = panel.changes("leftover_account")
    assert change.edits == (AccountLine(PANEL, "builder", None), AccountLine(OTHER, "builder", None))
    assert change.cuts_access and panel.statuses("leftover_account") == ["gap"]
    assert panel.statuses("leftover_account", service_accounts=frozenset({"builder", "sensor"})) == ["pass"]


@pytest.mark.parametrize(("files", "log", "why"), [
    ({PANEL: "builder:$6$x\n"}, None, "no person on the list has an account in /etc/nginx/panel.users yet"),
    ({PANEL: "sensor:$6$x\nbuilder:$6$x\n"}, None, "no person on the list has an account"),
    ({PANEL: "tanaka:$6$x\nbuilder:$6$x\n", OTHER: "builder:$6$x\n"}, None, "pumps.users yet"),
    (None, ["#read /var/log/nginx/access.log", came("builder")], "somebody logged in with it within"),
    (None, [], "no log of a web server tells"),
    (None, ["#unread /var/log/nginx/access.log"], "who logs in cannot be told"),
])  # fmt: skip
def test_where_a_person_on_the_list_could_be_kept_out_it_stays(
    panel: Panel, files: dict[str, str | Output] | None, log: list[str] | None, why: str
) -> None:
    panel.files = files or {PANEL: "tanaka:$6$x\nbuilder:$6$x\n"}
    panel.log = panel.log if log is None else log
    (told,) = panel.judged("leftover_account")
    assert (told.status.value, told.changes) == ("manual", ()) and why in told.why
    assert "htpasswd -D" in told.fix and "user_credentials_service_accounts" in told.fix


@settings(max_examples=40, deadline=None)
@given(
    files=st.dictionaries(
        st.sampled_from((PANEL, OTHER, "/srv/users")), st.sets(st.sampled_from(("tanaka", "sato", "sensor", "x", "y"))),
        min_size=1,
    ),
    used=st.sets(st.sampled_from(("x", "y"))),
)  # fmt: skip
def test_after_any_removal_every_file_still_lets_in_a_person_and_everybody_declared(
    files: dict[str, set[str]], used: set[str]
) -> None:
    state = {
        "files": {path: sorted(held) for path, held in files.items()}, "unread": [], "writable": [], "takes": [],
        "networks": {name: ["203.0.113.0/24"] for name in used}, "logins_recorded": True, "logins_unknown": "",
    }  # fmt: skip
    intent = Intent(site="k7", host="x", people=(TANAKA, SATO), service_accounts=frozenset({"sensor"}))
    judged = [one for one in PanelUsers(()).judge(state, intent) if one.control == "C2.leftover_account"]
    edits = [edit for one in judged for change in one.changes for edit in change.edits]
    removed = {(edit.path, edit.account) for edit in edits if isinstance(edit, AccountLine)}
    assert {name for _path, name in removed} <= {"x", "y"} - used
    assert all(files[path] & {"tanaka", "sato"} for path, _name in removed)
    passes = [one for one in judged if one.status.value == "pass"]
    assert bool(passes) == (not any(held & {"x", "y"} for held in files.values()) and any(files.values()))


# --- nobody together ----------------------------------------------------------------------------------------


def test_an_account_that_several_use_is_told(panel: Panel) -> None:
    assert panel.statuses("shared_account") == ["pass"]
    panel.log += [came("tanaka"), came("tanaka", "198.51.100.7"), came("tanaka", "192.0.2.7")]
    assert panel.statuses("shared_account") == ["manual"]
    panel.people = (TANAKA, Person("鈴木", account="tanaka"))
    assert "gap" in panel.statuses("shared_account")
    panel.log, panel.people = [], (TANAKA,)
    assert panel.statuses("shared_account") == ["manual"], "no trace is no proof"


def test_a_password_file_gives_no_rights(panel: Panel) -> None:
    assert panel.statuses("rights") == ["not_applicable"]


# --- mosquitto ----------------------------------------------------------------------------------------------


@pytest.fixture
def broker(tmp_path: Path) -> Panel:
    files: dict[str, str | Output] = {"/etc/mosquitto/users": "sensor:$7$101$x$x\npump2:$7$101$x$x\n"}
    return Panel(tmp_path, files, read="mosquitto.password_g_names", surface=BrokerUsers(Mosquitto()))


def test_a_machine_that_nobody_declared_is_told_and_never_cut_off(broker: Panel) -> None:
    (told,) = broker.judged("leftover_account")
    assert (told.status.value, told.changes) == ("manual", ()) and "pump2 (/etc/mosquitto/users)" in told.why
    assert "outage" in told.why and "mosquitto_passwd -D /etc/mosquitto/users pump2" in told.fix
    assert broker.statuses("leftover_account", service_accounts=frozenset({"sensor", "pump2"})) == ["pass"]


def test_where_a_plugin_keeps_accounts_nobody_is_said_not_to_be_left(broker: Panel) -> None:
    broker.config = "listener 1883\nplugin /usr/lib/mosquitto_dynamic_security.so\n"
    assert broker.statuses("leftover_account", service_accounts=frozenset({"sensor", "pump2"})) == ["unknown"]


def test_at_a_broker_nobody_is_missing_and_its_accounts_are_machines(broker: Panel) -> None:
    for control in ("person_account", "shared_account", "rights"):
        assert broker.statuses(control) == ["not_applicable"], control
    broker.files = {"/etc/mosquitto/users": "tanaka:$7$101$x$x\n"}
    assert broker.statuses("shared_account") == ["manual"], "who connects is not recorded"
    broker.people = (TANAKA, Person("鈴木", account="tanaka"))
    assert broker.statuses("shared_account") == ["gap"]
