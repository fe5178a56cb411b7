# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the CLI transport makes of a shell and of a library's errors; real sessions: tests/integration/test_rtx*.py."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleAuthenticationFailure, AnsibleConnectionFailure
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Change, Given, PasswordEdit, Plan
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Read
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.session_secrets import (
    BECOME,
    CONSOLE,
    SESSION_SECRETS,
    asked,
    login,
    taken,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports import cli, cli_session
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.base import (
    Arming,
    Reverted,
    Unable,
    Unreachable,
)


@pytest.mark.parametrize("library", ["ansible-pylibssh", "paramiko.transport"])
def test_an_ssh_library_writes_nothing_into_ansibles_log(library, tmp_path):
    """In a forked worker that waited for ever for the file's lock, which the controller had held at the fork."""
    log = logging.FileHandler(tmp_path / "ansible.log")  # as Ansible's own, at the root of all loggers
    logging.getLogger().addHandler(log)
    try:
        logging.getLogger("ansible").critical("from Ansible")
        logging.getLogger(library).critical("from within a callback")
    finally:
        logging.getLogger().removeHandler(log)
        log.close()
    assert (tmp_path / "ansible.log").read_text() == "from Ansible\n"


class Shell:
    """libssh's shell, with these pieces to read."""

    def __init__(self, *pieces, eof=False):
        self.pieces, self.eof, self.sent = list(pieces), eof, []

    @property
    def is_eof(self):
        return self.eof

    def read_bulk_response(self):
        return self.pieces.pop(0) if self.pieces else b""

    def sendall(self, data):
        self.sent.append(data)


def test_a_short_answer_is_handed_on_at_once():
    shell = cli_session.Shell(Shell(b"first", b"second"))
    assert [shell.read_bulk_response() for _command in range(3)] == [b"first", b"second", b""]


def test_a_long_answer_is_handed_on_in_large_pieces():
    shell = cli_session.Shell(Shell(*[b"x" * 5120] * 10, b"end"))
    assert shell.read_bulk_response() == b"x" * 51200 + b"end"


def test_a_shell_that_has_ended_is_not_asked_for_ever():
    shell = cli_session.Shell(Shell(b"last words", eof=True))
    assert shell.read_bulk_response() == b"last words"
    with pytest.raises(Unreachable, match="closed the session"):
        shell.read_bulk_response()


def test_an_endless_answer_ends_and_the_next_command_begins_anew(monkeypatch):
    monkeypatch.setattr(cli_session, "MOST_BYTES", 100)
    shell = cli_session.Shell(Shell(b"x" * 60, b"x" * 60, b"x"))
    shell.read_bulk_response()
    with pytest.raises(Unreachable, match="in answer to one command"):
        shell.read_bulk_response()
    shell.sendall(b"next\r")
    assert shell.read_bulk_response() == b"x"


class Library:
    """libssh's session as far as logging in goes."""

    def __init__(self):
        self.offered, self.connected = [], True

    def authenticate_password(self, password):
        self.offered.append("password")

    def authenticate_interactive(self, password, expected_prompt=None):
        self.offered.append("keyboard-interactive")

    def disconnect(self):
        self.connected = False


def test_a_refused_password_is_not_offered_a_second_time():
    plugin = SimpleNamespace(Session=Library)
    for _again in range(2):
        cli_session.one_attempt(plugin)
    session = plugin.Session()
    session.authenticate_password("wrong")
    with pytest.raises(AnsibleAuthenticationFailure):
        session.authenticate_interactive("wrong", expected_prompt=None)
    assert (session.offered, session.connected) == (["password"], False)


def test_a_device_that_knows_keyboard_interactive_only_is_answered():
    plugin = SimpleNamespace(Session=Library)
    cli_session.one_attempt(plugin)
    session = plugin.Session()
    session.authenticate_interactive("right", expected_prompt=None)
    assert session.offered == ["keyboard-interactive"]
    assert session.taken is None, "what it really asked for is not known"


class Refusing(Library):
    def authenticate_password(self, password):
        super().authenticate_password(password)
        raise ConnectionError("access denied")


def test_a_session_knows_the_password_that_opened_it_and_shows_it_to_nobody():
    plugin = SimpleNamespace(Session=type("Taking", (Library,), {"disconnect": lambda self: None}))
    cli_session.one_attempt(plugin)
    session = plugin.Session()
    assert session.taken is None, "a key may open it as well"
    Library.authenticate_password(session, "unproved")
    session.authenticate_password("hidden-word")
    assert session.taken.reveal() == "hidden-word" and "hidden-word" not in repr(vars(session))


def test_a_password_that_was_refused_is_not_known_to_be_right():
    plugin = SimpleNamespace(Session=Refusing)
    cli_session.one_attempt(plugin)
    session = plugin.Session()
    with pytest.raises(ConnectionError):
        session.authenticate_password("wrong")
    assert session.taken is None


class Device:
    """A session of network_cli at a device that asks for these before it answers."""

    def __init__(self, *questions, right="right", opened_by=None):
        self.questions, self.right, self.told = list(questions), right, []
        self.ssh_type_conn = SimpleNamespace(
            ssh=SimpleNamespace(taken=opened_by), get_option={"remote_user": "noc-a"}.get
        )
        self._terminal = SimpleNamespace(terminal_stdout_re=[], became_by_password=opened_by is not None)
        self._matched_prompt = b"\n# "
        self._single_user_mode, self._history = False, []

    def get_option(self, name):
        return {"password": "the-login"}.get(name)

    def set_option(self, name, value):
        pass

    def send(self, command, strip_prompt):
        self.told.append(command.decode())
        if self._matched_prompt.endswith(b": ") and command.decode() not in (self.right, ""):
            self._matched_prompt = b"\n# "
            raise AnsibleConnectionFailure("Error: Wrong password")
        self._matched_prompt = self.questions.pop(0).encode() if self.questions and command else b"\n# "
        return ""

    def close(self):
        pass


SHOWN = Read("saved", command=("show config 0",), answers=(("Login Password: $", "console"), ("Password: $", "become")))


def read(device, **variables):
    action = SimpleNamespace(_play_context=SimpleNamespace(become_pass="right"), _templar=SimpleNamespace(template=str))
    transport = cli.CliTransport(action, variables)
    transport._session = device
    return taken(transport.read((SESSION_SECRETS, SHOWN)))


def test_a_password_that_a_question_was_answered_with_is_proved_by_the_answer():
    device = Device("Login Password: ", "Administrator Password: ")
    proved = read(device, iot_site_console_password="right")
    assert proved == {asked("console"): "right", asked("become"): "right"}
    assert "@session_secrets" not in device.told, "it is no command"


def test_nothing_is_proved_by_an_error_or_where_nobody_asked():
    assert read(Device("Login Password: ", "Administrator Password: "), iot_site_console_password="wrong") == {}
    assert read(Device()) == {}


def test_a_device_that_keeps_asking_has_taken_nothing():
    assert read(Device(*["Password: "] * 3)) == {}


def test_what_opened_the_session_is_told_with_its_account():
    assert read(Device(opened_by=Secret("one"))) == {login("noc-a"): "one", BECOME: "right"}


# --- passwords that are set ---------------------------------------------------------------------------------


class Router(Device):
    """A device with passwords of its own, set by commands that ask for them; ``login user`` asks for no old one."""

    def __init__(self, **passwords):
        super().__init__(opened_by=Secret("the-login"))
        self.passwords = {"login user noc-a": "the-login", "administrator password": "right"} | passwords
        self.line, self.answers, self.logged, self.options = "", [], [], {"persistent_log_messages": True}

    def get_option(self, name):
        return self.options.get(name, super().get_option(name))

    def set_option(self, name, value):
        self.options[name] = value

    def send(self, command, strip_prompt):
        said = command.decode()
        if self.options["persistent_log_messages"]:
            self.logged.append(said)
        self._history.append(command)
        if self._matched_prompt == b"\n# ":
            self.line, self.answers = said, []
        else:
            self.answers.append(said)
        questions = ["New_Password: ", "New_Password(Confirm): "]
        if " user " not in self.line:
            questions = ["Old_Password: ", *questions]
        if "password" not in self.line and " user " not in self.line:
            questions = []
        old, new = (self.answers[:1], self.answers[1:]) if len(questions) == 3 else ([], self.answers)
        if old and old != [self.passwords.get(self.line, "")]:
            self._matched_prompt = b"\n# "
            raise AnsibleConnectionFailure("Error: Wrong password")
        if len(self.answers) < len(questions):
            self._matched_prompt = questions[len(self.answers)].encode()
        else:
            self._matched_prompt = b"\n# "
            if questions:
                self.passwords[self.line] = new[0]
        return ""


def edit(line, text="made-1", **more):
    return PasswordEdit(line, Given("o", line, "accounts", "plain", ("plain",), session=True), text=text, **more)


OWN = edit("login user noc-a", whose="login")
RISE = edit("administrator password", "made-2", whose="become")
ANOTHER = edit("login user user-b", "made-3")
NEW = edit("login user user-c", "made-4", undo="no login user user-c")


def applied(router, *edits):
    action = SimpleNamespace(_play_context=SimpleNamespace(become_pass="right"), _templar=SimpleNamespace(template=str))
    transport = cli.CliTransport(action, {})
    transport._session = router
    transport._take_lock = lambda: None
    plan = Plan("k7-gw", "hash", (Change("C1.weak_password", "accounts", "", "", "", edits),))
    transport.apply(plan, Arming("token", 120))
    return transport


def test_a_password_is_typed_where_the_device_asks_and_stands_in_no_line_and_no_log():
    router = Router()
    applied(router, OWN, RISE)
    assert router.passwords == {"login user noc-a": "made-1", "administrator password": "made-2"}
    assert router.told == [] and router.logged == ["login user noc-a", "administrator password"]
    assert router.options["persistent_log_messages"] is True, "as the owner has it, for everything else"
    assert not [line for line in router._history if b"made" in line]
    assert "made" not in repr(OWN)


def test_a_failure_while_a_password_is_sent_quotes_nothing():
    router = Router()
    plain, router.send = router.send, None

    def broken(command, strip_prompt):
        if command == b"made-1":
            router._matched_prompt = None
            raise AnsibleConnectionFailure(f"timeout while trying to send command: {command.decode()}")
        return plain(command, strip_prompt)

    router.send = broken
    with pytest.raises(Unreachable) as lost:
        applied(router, OWN)
    assert "made-1" not in str(lost.value)


def test_what_we_know_is_given_back_and_a_new_user_by_the_line_that_removes_them():
    router = Router()
    before = dict(router.passwords)
    transport = applied(router, OWN, RISE, NEW)
    transport.revert(Arming("token", 120))
    assert {line: router.passwords[line] for line in before} == before


def test_a_password_that_was_never_ours_is_left_to_the_devices_own_way_back():
    router = Router()
    transport = applied(router, OWN, ANOTHER)
    with pytest.raises(Unable, match="only the device's own way back"):
        transport.revert(Arming("token", 120))
    assert router.passwords["login user noc-a"] == "the-login"


def test_a_device_that_takes_no_password_is_as_it_was():
    router = Router(**{"administrator password": "another"})
    with pytest.raises(Reverted, match=r"refused 'administrator password'.*everything was taken back"):
        applied(router, OWN, RISE)
    assert router.passwords == {"login user noc-a": "the-login", "administrator password": "another"}


def test_a_password_without_a_login_is_proved_by_the_command_that_asks_for_the_old_one():
    router = Router(**{"login password": ""})
    console = edit("login password", "made-5", whose="console", first=True)
    transport = applied(router, console)
    assert transport.logs_in("login password", Secret("made-5")) is True
    assert taken(transport.read((SESSION_SECRETS,)))[CONSOLE] == "made-5"
    assert transport.logs_in("login password", Secret("wrong")) is False


def test_until_it_is_saved_what_is_saved_asks_for_the_old_passwords(monkeypatch):
    monkeypatch.setattr(cli.CliTransport, "_connected", lambda *_told, **_more: Router())
    proof = applied(Router(), RISE).fresh()
    assert proof._secret("become") == Secret("right")
    assert proof._taken()[BECOME] == "made-2", "by which this session rose"
    proof.persist((), Arming("token", 120))
    assert proof._secret("become") == Secret("made-2")


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        (
            "ssh connection failed: Failed to authenticate with password: Access denied",
            "refused the login (tried once)",
        ),
        ("due to 'Host key for server has changed: aa:bb'", "another host key than the one we know"),
        ("The authenticity of host '192.0.2.1' can't be established", "put it into known_hosts"),
        ("Timeout connecting to 192.0.2.1", "Timeout connecting"),
    ],
)
def test_why_there_is_no_connection_is_said_in_a_persons_words(said, meaning):
    assert meaning in cli_session.unreached(Exception(said))


def test_a_librarys_words_are_bounded_and_harmless():
    assert "\x1b" not in cli_session.unreached(Exception("\x1b[2J" + "x" * 10_000))
    assert len(cli_session.unreached(Exception("x" * 10_000))) < 400
