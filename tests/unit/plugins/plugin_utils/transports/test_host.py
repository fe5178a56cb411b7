# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host transport without a host: what it makes of answers, plans and failures."""

from __future__ import annotations

import base64
import json
import zlib
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleAuthenticationFailure, AnsibleConnectionFailure, AnsibleError
from ansible_collections.iot_site.checklist.plugins.plugin_utils import guarded
from ansible_collections.iot_site.checklist.plugins.plugin_utils.door_logins import Entry, Login
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Change,
    Door,
    FileEdit,
    LineEdit,
    LineInFile,
    Plan,
    RunEdit,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Read
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports import doors, host
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.base import (
    Arming,
    Refused,
    Reverted,
    Unable,
    Unreachable,
)
from hypothesis import given
from hypothesis import strategies as st

ARMING = Arming("20261120T000000Z-aaaaaa", 120)


class Connection:
    """As much of a connection plugin as the transport touches."""

    def __init__(self, name="ssh", **options):
        self._load_name = name
        self._play_context = SimpleNamespace(no_log=False)
        self.options = options

    def get_option(self, name):
        return self.options.get(name)

    def set_option(self, name, value):
        self.options[name] = value


class Action:
    """An action whose module executions give what a test has planned; exceptions are raised."""

    _discovered_interpreter_key = None

    def __init__(self, *results, connection=None):
        self._connection = connection or Connection()
        self.results = list(results)
        self.calls = []
        self.censored = []
        self.unreached = None

    def _low_level_execute_command(self, command, sudoable):
        if self.unreached:
            raise self.unreached

    def _execute_module(self, module_name, module_args, task_vars):
        self.calls.append((module_name, module_args))
        self.censored.append(self._connection._play_context.no_log)
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    def cleanup(self):
        pass


def packed(content, /, **other):
    pack = base64.b64encode(zlib.compress(content)).decode()
    return {"data": pack, "length": len(content), "rc": 0, "truncated": False, "error": "", **other}


def outcome(word, why="", problems=()):
    return {"outcome": word, "why": why, "problems": list(problems)}


def transport(*results, **more):
    action = Action(*results, **more)
    return host.HostTransport(action, {}), action


# --- reading ------------------------------------------------------------------------------------------------


def test_all_reads_travel_in_one_execution():
    device, action = transport({"outputs": {"a": {"/a": packed(b"x")}, "b": {"/b": packed(b"\xff")}}})
    raw = device.read([Read("a", files="/a"), Read("b", files="/b")])
    assert raw.all("b") == {"/b": Output(b"\xff")}
    assert [name for name, _arguments in action.calls] == ["iot_site.checklist.host_read"]


@given(st.binary(max_size=200))
def test_an_output_arrives_as_it_was(data):
    device, _action = transport({"outputs": {"a": {"/a": packed(data, rc=3, truncated=True)}}})
    assert device.read([Read("a", files="/a")]).all("a") == {"/a": Output(data, 3, True)}


@pytest.mark.parametrize(
    "answer",
    [
        packed(b"x" * 101),  # more than was asked for
        packed(b"x", length=2),
        packed(b"x", data="not base64!"),
        packed(b"x", data=base64.b64encode(b"not zlib").decode()),
        packed(b"x", data=base64.b64encode(zlib.compress(b"x")[:-2]).decode()),
        packed(b"x", rc="seven"),
        {},
        "nonsense",
        None,
    ],
)
def test_a_damaged_or_oversized_output_is_an_error_and_never_text(answer):
    device, _action = transport({"outputs": {"a": {"/a": answer}}})
    (found,) = device.read([Read("a", files="/a", limit=100)]).all("a").values()
    assert (found.data, found.error[:10]) == (b"", "it was dam")


def test_a_compressed_bomb_is_not_unpacked():
    bomb = packed(b"\0" * (64 << 20))
    device, _action = transport({"outputs": {"a": {"/a": bomb}}})
    (found,) = device.read([Read("a", files="/a", limit=100)]).all("a").values()
    assert found.error


def test_a_read_left_out_of_the_answer_is_an_error_and_no_empty_glob():
    device, _action = transport({"outputs": {}})
    (found,) = device.read([Read("sites", files="/etc/*")]).all("sites").values()
    assert "leaves it out" in found.error


def test_only_a_secret_read_is_censored_and_the_setting_comes_back():
    results = [{"outputs": {"a": {}}}] * 2
    device, action = transport(*results)
    device.read([Read("a", files="/etc/shadow", secret=True)])
    device.read([Read("a", files="/etc/issue")])
    assert action.censored == [True, False]
    assert action._connection._play_context.no_log is False


def test_a_read_that_carries_secrets_says_too_why_there_is_no_connection():
    action = Action()
    action.unreached = AnsibleConnectionFailure("Failed to connect to the host via ssh: Connection refused")
    device = host.HostTransport(action, {})
    with pytest.raises(Unreachable, match="nothing listens"):
        device.read([Read("a", files="/etc/shadow", secret=True)])
    assert action.calls == []


def test_sudo_that_wants_a_terminal_gets_the_module_as_a_file():
    refused = {"failed": True, "module_stderr": "sudo: sorry, you must have a tty to run sudo", "rc": 1}
    device, action = transport(refused, {"outputs": {"a": {}}})
    device.read([Read("a", files="/a")])
    assert len(action.calls) == 2
    assert action._connection.get_option("pipelining") is False


# --- failures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "kind", "words"),
    [
        (AnsibleAuthenticationFailure("Invalid/incorrect password: Permission denied"), Unreachable, "tried once"),
        (AnsibleConnectionFailure("Failed to connect: Host key verification failed."), Unreachable, "not known yet"),
        (
            AnsibleConnectionFailure("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @"),
            Unreachable,
            "not the one we know",
        ),
        (
            AnsibleConnectionFailure("connect to host 192.0.2.1 port 22: Connection timed out"),
            Unreachable,
            "does not answer",
        ),
        (AnsibleConnectionFailure("Something new"), Unreachable, "Something new"),
        (AnsibleError("Missing sudo password"), Unable, "sudo asks for a password"),
        (
            AnsibleError("Not possible. Please add this host's fingerprint to your known_hosts"),
            Unable,
            "host key is not known yet",
        ),
        (
            {"failed": True, "rc": 127, "module_stderr": "/bin/sh: 1: /usr/bin/python3: not found"},
            Unable,
            "No Python found",
        ),
        (
            {"failed": True, "msg": "ansible-core requires a minimum of Python version 3.9. Current version: 3.6.8"},
            Unable,
            "Python 3.6.8 is too old: this controller's Ansible needs 3.9",
        ),
        ({"failed": True, "rc": 127, "module_stdout": "/bin/sh: 1: sudo: not found"}, Unable, "becoming root"),
        ({"skipped": True}, Unable, "skipped"),
        ({}, Unable, "nothing at all"),
        ({"unreachable": True, "msg": "Connection refused"}, Unreachable, "nothing listens"),
    ],
)
def test_every_failure_says_what_it_is_and_what_to_do(failure, kind, words):
    device, _action = transport(failure)
    with pytest.raises(kind, match=words):
        device.read([Read("a", files="/a")])


def test_hostile_words_of_a_device_are_shown_escaped_and_short():
    device, _action = transport(AnsibleConnectionFailure("\x1b[31m" + "x" * 10_000))
    with pytest.raises(Unreachable) as failure:
        device.read([Read("a", files="/a")])
    assert "\x1b" not in str(failure.value)
    assert len(str(failure.value)) < 500


def test_one_login_attempt_and_the_users_own_arguments_win():
    _device, action = transport(
        connection=Connection(ssh_extra_args="-o KbdInteractiveAuthentication=yes", reconnection_retries=3)
    )
    assert action._connection.get_option("reconnection_retries") == 0
    arguments = action._connection.get_option("ssh_extra_args")
    assert arguments.index("KbdInteractiveAuthentication=yes") < arguments.index("KbdInteractiveAuthentication=no")
    assert "NumberOfPasswordPrompts=1" in arguments


@pytest.mark.parametrize("name", ["local", "containers.podman.podman", "paramiko_ssh", "ansible.netcommon.libssh"])
def test_connections_that_prove_nothing_say_so(name):
    device, _action = transport(connection=Connection(name))
    assert name in device.blind


def test_ssh_proves():
    assert transport()[0].blind == ""


# --- plans --------------------------------------------------------------------------------------------------

RELOAD, CHECK = RunEdit(("systemctl", "reload", "nginx")), RunEdit(("nginx", "-t"))


def change(*edits, checks=(CHECK,), activate=(RELOAD,)):
    return Change("A2.web", "nginx", "", "", "", edits=edits, checks=checks, activate=activate)


def asked(action):
    return json.loads(base64.b64decode(action.calls[-1][1]["payload"]))


def test_files_come_before_checks_and_each_service_is_activated_once_after_its_last_change():
    device, action = transport(outcome("applied"))
    allow, deny = RunEdit(("nft", "-f", "-"), "allow", ("nft", "-f", "-"), "old"), RunEdit(("nft", "-f", "-"), "deny")
    line = LineInFile("/c", 3, "old", "new")
    plan = Plan("k7", "", (change(FileEdit("/a", "1"), allow), change(FileEdit("/b", None), deny, line)))
    device.apply(plan, ARMING)
    sent = asked(action)
    assert [edit["path"] for edit in sent["files"]] == ["/a", "/b", "/c"]
    assert sent["files"][2] == {"kind": "LineInFile", "path": "/c", "number": 3, "before": "old", "after": "new"}
    assert [check["argv"] for check in sent["checks"]] == [["nginx", "-t"]]
    assert [run["stdin"] or run["argv"][-1] for run in sent["runs"]] == ["allow", "deny", "nginx"]
    assert sent["runs"][0]["undo_stdin"] == "old"
    assert sent["runs"][-1]["undo"] == ["systemctl", "reload", "nginx"]  # the old files take effect again
    assert (sent["token"], sent["seconds"]) == (ARMING.token, 120)


def test_what_the_device_answers_becomes_what_the_engine_knows():
    for answer, kind in ((outcome("refused", "nginx -t"), Refused), (outcome("reverted", "reload"), Reverted)):
        with pytest.raises(kind, match=answer["why"]):
            transport(answer)[0].apply(Plan("k7", "", ()), ARMING)
    with pytest.raises(Refused, match="check mode"):
        transport({"skipped": True})[0].apply(Plan("k7", "", ()), ARMING)
    with pytest.raises(Unable):
        transport({"failed": True, "msg": "no json"})[0].apply(Plan("k7", "", ()), ARMING)
    assert transport(outcome("confirmed"))[0].confirm(ARMING) is True
    assert transport(outcome("late"))[0].confirm(ARMING) is False
    with pytest.raises(Reverted, match="would not survive a reboot: disk full"):
        transport(outcome("refused", "disk full"))[0].persist([FileEdit("/a", "x")], ARMING)
    with pytest.raises(Unable, match="/a could not be put back"):
        transport(outcome("reverted", problems=["/a could not be put back"]))[0].revert(ARMING)


def test_a_guard_too_short_for_a_proof_and_edits_of_a_router_are_refused_before_contact():
    device, action = transport()
    with pytest.raises(Refused, match="iot_site_guard_seconds"):
        device.apply(Plan("k7", "", ()), Arming("t", host.GUARD_SECONDS - 1))
    with pytest.raises(Refused, match="files and commands"):
        device.apply(Plan("k7", "", (change(LineEdit("ip route", "no ip route")),)), ARMING)
    device.persist([], ARMING)
    assert action.calls == []


def test_the_device_stops_applying_when_the_engine_counts_on_it():
    assert host.APPLY_SECONDS <= guarded.APPLY_SECONDS


# --- where the device itself answers ------------------------------------------------------------------------


def test_the_device_itself_answers_ssh_at_the_address_of_the_session():
    at = {"host": "192.0.2.20", "port": 2222, "remote_user": "noc-a"}
    device = host.HostTransport(Action(connection=Connection(**at)), {})
    assert (device.address, device.account) == (("192.0.2.20", 2222), "noc-a")
    plain = host.HostTransport(Action(connection=Connection(host="192.0.2.20")), {})
    assert (plain.address, plain.account) == (("192.0.2.20", 22), "")


def test_what_comes_not_over_ssh_has_no_address_of_its_own():
    assert host.HostTransport(Action(connection=Connection("local", host="192.0.2.20")), {}).address is None


# --- logins at the host's own services ----------------------------------------------------------------------

LOGINS = [Login(Door("mqtt", "127.0.0.1", port), "pump", Secret("generated")) for port in (1883, 1884)]


def test_without_ssh_and_without_time_no_password_is_sent_anywhere(monkeypatch):
    monkeypatch.setattr(host, "passage", lambda *_asked: pytest.fail("somebody was asked"))
    local, _action = transport(connection=Connection("local"))
    over_ssh, _action = transport()
    assert [one.proved for one in local.enters(LOGINS, 60)] == [None, None]
    hurried = over_ssh.enters(LOGINS, host.PASSAGE_SECONDS + host.LOGIN_SECONDS - 1)
    assert [one.proved for one in hurried] == [None, None] and "iot_site_guard_seconds" in hurried[0].why


def test_a_session_that_does_not_open_proves_nothing_and_says_why(monkeypatch):
    action = Action()
    action.unreached = AnsibleConnectionFailure("Host key verification failed.")
    monkeypatch.setattr(host, "_another", lambda connection: Connection(ssh_executable="ssh-that-is-not-there"))
    told = host.HostTransport(action, {}).enters(LOGINS, 60)
    assert [one.proved for one in told] == [None, None] and "host key" in told[0].why.lower()
    assert "generated" not in repr(told)


def test_a_controller_that_cannot_make_a_way_there_takes_nothing_back(monkeypatch, tmp_path):
    monkeypatch.setattr(doors.tempfile, "tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr(host, "_another", lambda connection: connection)
    device, _action = transport()
    assert [one.proved for one in device.enters(LOGINS, 60)] == [None, None]


def test_a_login_that_could_not_end_in_time_does_not_begin(monkeypatch):
    clock = iter([0.0, 1.0, 19.0])
    monkeypatch.setattr(host.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(host, "_another", lambda connection: connection)
    monkeypatch.setattr(host, "passage", lambda _connection, asked, _reach: nullcontext(dict.fromkeys(asked)))
    monkeypatch.setattr(host, "entered", lambda *_asked: Entry(True))
    device, _action = transport()
    assert [one.proved for one in device.enters(LOGINS, 60)] == [True, None]
