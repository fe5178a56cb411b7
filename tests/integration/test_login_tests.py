# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1 by a login: on emulated routers in a whole audit, and what real sshd, nginx and lighttpd say to each step."""

from __future__ import annotations

import http.server
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.login_tests import Answer, Peer, Subject
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.http_peer import HttpPeer
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.peers import peers
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.ssh_peer import SshPeer

from tests.devices.demo.ansible_playbook import Session
from tests.devices.yamaha_rtx import Personality
from tests.integration import router_world
from tests.integration.playbook_run import Run, opened
from tests.integration.router_world import Loop, World, until

# --- emulated routers -----------------------------------------------------------------------------------------

RTX830 = Personality.load("rtx830_pppoe").config
#: What is published for an account of this name, whatever the device (shipped_table.py).
ACCOUNT, GUESS = "pi", "raspberry"
CONFIGS = {
    "weak": RTX830.replace("login user vendor vendor-pass\n", f"login user {ACCOUNT} {GUESS}\n"),
    "strong": RTX830,
    "crowded": RTX830 + "login user second w3fzn8kd5vbq72hp\nlogin user third m6xct4wr9gkz2hqb\n",
    "ended": RTX830,
    "off": RTX830,
}
ALLOWED = {"by": "owner", "on": "2020-01-01", "until": "2099-12-31", "scope": ["read", "login_test"]}
PROBE = {"user_credentials_probe": True, "iot_site_authorised": ALLOWED}


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory, loop: Loop) -> Iterator[tuple[World, Run]]:
    with router_world.world(tmp_path_factory.mktemp("login_tests"), loop) as world:
        for host, saved in CONFIGS.items():
            world.add(host, saved=saved, iot_site_id=host, **({} if host == "off" else PROBE))
        world.hosts["ended"]["iot_site_authorised"] = {**ALLOWED, "until": "2020-12-31"}
        run = world.play(
            "audit", "--tags", "C1", "-vvvv", "--diff", "--forks", "5",
            ANSIBLE_CACHE_PLUGIN="jsonfile", ANSIBLE_CACHE_PLUGIN_CONNECTION=str(world.folder / "cache"),
            ANSIBLE_LOG_PATH=str(world.folder / "ansible.log"),
        )  # fmt: skip
        yield world, run


def tried(world: World, host: str) -> list[tuple[str, bool]]:
    """The logins of others than the session's own."""
    attempts = world.devices[host].router.auth_attempts
    return [(one["user"], one["ok"]) for one in attempts if one["user"] != "noc-a"]


def test_a_password_that_is_hidden_and_guessed_is_a_gap(audited: tuple[World, Run]) -> None:
    world, run = audited
    assert run.code == 2, run.output
    finding = world.finding("weak", "C1.default_password login_test", "weak")
    assert finding["status"] == "gap" and "pi (ssh) has a password that devices are shipped with" in finding["why"]
    assert finding["evidence"] == {f"tries of {ACCOUNT} (ssh)": "3: no credential, a random wrong one, one guess"}
    assert tried(world, "weak") == [(ACCOUNT, False), (ACCOUNT, True)]


def test_a_guess_that_is_refused_says_nothing(audited: tuple[World, Run]) -> None:
    world, _run = audited
    finding = world.finding("strong", "C1.default_password login_test", "strong")
    assert finding["status"] == "manual" and "says nothing of others" in finding["why"]
    assert tried(world, "strong") == [("vendor", False)] * 2
    assert world.verdicts("strong", "strong")["C1.default_password accounts"] == "unknown", "as without a test"


def test_no_more_than_two_accounts_are_tried_in_a_run(audited: tuple[World, Run]) -> None:
    world, _run = audited
    assert tried(world, "crowded") == [("second", False)] * 2 + [("third", False)] * 2
    finding = world.finding("crowded", "C1.default_password login_test", "crowded")
    assert "vendor (ssh) was not tried: a run tries 2 accounts" in finding["why"]


def test_nothing_is_tried_without_leave_that_holds_today_or_without_the_switch(audited: tuple[World, Run]) -> None:
    world, _run = audited
    finding = world.finding("ended", "C1.default_password login_test", "ended")
    assert finding["status"] == "unknown" and "2020-12-31" in finding["why"] and tried(world, "ended") == []
    assert not [place for place in world.verdicts("off", "off") if "login_test" in place] and tried(world, "off") == []
    hidden = world.finding("off", "C1.default_password accounts", "off")
    assert "user_credentials_probe: true" in hidden["fix"] and "login_test" in hidden["fix"]


def test_the_tests_change_nothing_and_open_no_shell(audited: tuple[World, Run]) -> None:
    world, _run = audited
    for device in world.devices.values():
        assert device.edits() == []
        users = {entry.get("user") for entry in device.router.journal if entry["session"]}
        assert users <= {"noc-a", None}


def test_no_password_that_was_tried_is_shown_or_kept_anywhere(audited: tuple[World, Run]) -> None:
    """The random one is known by its form; the address of a publication may have the guess in it."""
    world, run = audited
    files = [path for path in world.folder.rglob("*") if path.is_file() and path.name != "hosts.json"]
    texts = [run.output, *(path.read_text("utf-8", "replace") for path in files)]
    texts += [opened(text) for text in texts]
    assert "login_test" in run.output
    for text in texts:
        assert not re.search(r"(?<![0-9a-f-])[0-9a-f]{24}(?![0-9a-f-])", text), "a random password got out"
        assert not re.search(rf"(?<![/.]){GUESS}(?!-?pi)", text), "the guess got out"


#: What somebody's own playbook may do.
TWICE = """
- hosts: all
  gather_facts: false
  tasks:
    - &c1
      name: C1 | Once
      iot_site.checklist.strong_passwords: {probe: true}
    - *c1
- hosts: all
  gather_facts: false
  tasks: [*c1]
"""


def test_a_run_tries_once_however_often_it_judges(world: World) -> None:
    device = world.add("k7-rtx", iot_site_authorised=ALLOWED)
    (world.folder / "twice.yml").write_text(TWICE)
    run = world.play("twice.yml", "-v")
    assert run.code == 0 and run.output.count('"surface": "login_test"') == 3, run.output
    assert [one["user"] for one in device.router.auth_attempts].count("vendor") == 2


def test_without_leave_nothing_is_contacted(world: World) -> None:
    device = world.add("k7-rtx", user_credentials_probe=True)
    run = world.play("audit", "--tags", "C1")
    assert run.code != 0 and "user_credentials_probe is True" in run.output
    assert "login_test in the scope of iot_site_authorised" in run.output and device.router.connections == 0


# --- real servers ---------------------------------------------------------------------------------------------

PASSWORD, WRONG = "f7hq2mzk-planted", "wrong-one"


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@contextmanager
def running(port: int, *command: str) -> Iterator[int]:
    """A server on loopback, from when it answers until it has ended."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _answers(port), f"{command[0]} answers", 20)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def said(peer: Peer, *secrets: str | None) -> list[Answer]:
    answers = [peer.ask(None if text is None else Secret(text)).answer for text in secrets]
    peer.close()
    return answers


_NO_SSHD = pytest.mark.skipif(not Path("/usr/sbin/sshd").exists(), reason="no sshd: apt-get install openssh-server")


def known_host(folder: Path) -> int:
    """A port, and the key that its host is known by."""
    port, key = free_port(), folder / "host_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (folder / ".ssh").mkdir()
    (folder / ".ssh/known_hosts").write_text(f"[127.0.0.1]:{port} {key.with_suffix('.pub').read_text()}")
    return port


@contextmanager
def sshd(folder: Path, *settings: str) -> Iterator[int]:
    port = known_host(folder)
    Path("/run/sshd").mkdir(exist_ok=True)
    always = (f"Port {port}", "ListenAddress 127.0.0.1", f"HostKey {folder}/host_key", "PidFile none", "UsePAM no")
    (folder / "sshd_config").write_text("\n".join((*always, *settings)))
    with running(port, "/usr/sbin/sshd", "-D", "-f", str(folder / "sshd_config")):
        yield port


#: What sshd does with PAM only, or never: it asks one question, or none.
_ASKS = f"""
import asyncio, sys, asyncssh
class Asks(asyncssh.SSHServer):
    def begin_auth(self, username):
        return bool(sys.argv[3])
    def password_auth_supported(self):
        return False
    def kbdint_auth_supported(self):
        return True
    def get_kbdint_challenge(self, username, lang, submethods):
        return "", "", "", [(sys.argv[3], False)]
    def validate_kbdint_response(self, username, responses):
        return list(responses) == ["{PASSWORD}"]
    def session_requested(self):
        return asyncssh.SSHServerSession()
async def main():
    await asyncssh.create_server(Asks, "127.0.0.1", int(sys.argv[1]), server_host_keys=[sys.argv[2]])
    await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """libssh takes its files from there, as in the runs of the tests."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("pylibsshext.session.Session", Session)
    return tmp_path


IN, REFUSED, OTHER, LOCKED, LOST = Answer.IN, Answer.REFUSED, Answer.OTHER, Answer.LOCKED, Answer.LOST


@_NO_SSHD
@pytest.mark.parametrize(
    ("settings", "answers"),
    [
        (["PasswordAuthentication yes"], [REFUSED, REFUSED, REFUSED]),
        (["PasswordAuthentication no", "KbdInteractiveAuthentication no"], [OTHER]),
        (["PasswordAuthentication yes", "MaxAuthTries 2"], [REFUSED, REFUSED, LOCKED, LOST]),
    ],
    ids=["refuses", "takes no password", "has seen too many"],
)
def test_what_a_real_sshd_says(home: Path, settings: list[str], answers: list[Answer]) -> None:
    with sshd(home, *settings) as port:
        assert said(SshPeer("127.0.0.1", port, "daemon"), None, *[WRONG] * (len(answers) - 1)) == answers


@pytest.mark.parametrize(
    ("question", "answers"),
    [("", [IN]), ("Password: ", [REFUSED, REFUSED, IN]), ("Code: ", [REFUSED, OTHER])],
    ids=["asks for nothing", "asks for a password", "asks for something else"],
)
def test_what_a_server_says_that_asks_by_questions(home: Path, question: str, answers: list[Answer]) -> None:
    port = known_host(home)
    with running(port, sys.executable, "-c", _ASKS, str(port), str(home / "host_key"), question):
        asked = [None, WRONG, PASSWORD][: len(answers)]
        assert said(SshPeer("127.0.0.1", port, "daemon"), *asked) == answers


@_NO_SSHD
def test_nobody_with_another_host_key_is_asked_for_anything(home: Path) -> None:
    with sshd(home) as port:
        (home / ".ssh/known_hosts").write_text("")
        first = SshPeer("127.0.0.1", port, "daemon").ask(None)
    assert first.answer is LOST and "known_hosts" in first.why
    assert SshPeer("127.0.0.1", port, "daemon").ask(None).answer is LOST, "it is gone"


@_NO_SSHD
def test_a_page_is_asked_only_where_the_host_key_at_its_address_is_known(home: Path) -> None:
    class Session7:
        address, account = ("127.0.0.1", 0), "daemon"

    subject = Subject("http", "admin", "factory", Secret("x"), "", 9)
    with sshd(home) as port:
        Session7.address = ("127.0.0.1", port)
        known = peers(Session7())(subject).ask(None)  # type: ignore[arg-type]
        (home / ".ssh/known_hosts").write_text("")
        unknown = peers(Session7())(subject).ask(None)  # type: ignore[arg-type]
    assert known.answer is LOST and "no HTTP" in known.why
    assert unknown.answer is LOST and "known_hosts" in unknown.why


_NGINX = """\
pid {folder}/pid; daemon off; error_log {folder}/error.log; events {{}}
http {{
  access_log off;
  limit_req_zone $remote_addr zone=few:1m rate=1r/m;
  {more}
  server {{
    listen 127.0.0.1:{port}{tls};
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    root {folder};
    location / {{ {location} }}
  }}
}}
"""
_BASIC = "auth_basic panel; auth_basic_user_file {folder}/users;"


@contextmanager
def nginx(folder: Path, location: str, tls: str = "", more: str = "") -> Iterator[int]:
    port = free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
         "/CN=panel", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True,
    )  # fmt: skip
    folder.chmod(0o755)
    (folder / "index.html").write_text("panel")
    (folder / "users").write_text(f"admin:{{PLAIN}}{PASSWORD}\n")
    config = _NGINX.format(folder=folder, port=port, tls=tls, more=more, location=location.format(folder=folder))
    (folder / "nginx.conf").write_text(f"user root;\n{config}")
    with running(port, "nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")):
        yield port


@pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx: apt-get install nginx-light")
@pytest.mark.parametrize(
    ("location", "tls", "answers"),
    [
        (_BASIC, "", [REFUSED, REFUSED, IN]),
        (_BASIC, " ssl", [REFUSED, REFUSED, IN]),
        ("", "", [IN]),
        ("return 302 /login;", "", [OTHER]),
        (f"limit_req zone=few burst=1 nodelay; limit_req_status 429; {_BASIC}", "", [REFUSED, REFUSED, LOCKED]),
        ('if ($http_authorization) {{ return 403 "Account locked"; }}' + _BASIC, "", [REFUSED, LOCKED]),
        ('if ($http_authorization) {{ return 200 "Too many tries"; }}' + _BASIC, "", [REFUSED, OTHER]),
    ],
    ids=["asks", "asks with TLS", "asks for nothing", "has a page for it", "answers 429", "answers 403", "answers 200"],
)
def test_what_a_real_nginx_says(tmp_path: Path, location: str, tls: str, answers: list[Answer]) -> None:
    with nginx(tmp_path, location, tls) as port:
        peer = HttpPeer("127.0.0.1", port, "admin", lambda: "")
        assert said(peer, *[None, WRONG, PASSWORD][: len(answers)]) == answers


_LIGHTTPD = """\
server.modules = ( "mod_auth", "mod_authn_file" )
server.document-root = "{folder}"
server.bind = "127.0.0.1"
index-file.names = ( "index.html" )
server.port = {port}
auth.backend = "plain"
auth.backend.plain.userfile = "{folder}/users"
auth.require = ( "/" => (
  "method" => "digest", "algorithm" => "{algorithm}", "realm" => "panel", "require" => "valid-user"
) )
"""


@pytest.mark.skipif(not shutil.which("lighttpd"), reason="no lighttpd: apt-get install lighttpd")
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_what_a_real_lighttpd_says_by_digest(tmp_path: Path, algorithm: str) -> None:
    port = free_port()
    (tmp_path / "users").write_text(f"admin:{PASSWORD}\n")
    (tmp_path / "index.html").write_text("panel")
    (tmp_path / "l.conf").write_text(_LIGHTTPD.format(folder=tmp_path, port=port, algorithm=algorithm))
    with running(port, "lighttpd", "-D", "-f", str(tmp_path / "l.conf")):
        assert said(HttpPeer("127.0.0.1", port, "admin", lambda: ""), None, WRONG, PASSWORD) == [REFUSED, REFUSED, IN]


@pytest.mark.parametrize(
    ("challenge", "answers"),
    [
        ("Basic realm=\xff", [REFUSED, REFUSED]),
        ('Digest realm="\xff", nonce="n", qop="auth-int,auth"', [REFUSED, REFUSED]),
        ('Digest realm="x", nonce="n"', [REFUSED, REFUSED]),
        ('Digest realm="x"', [OTHER]),
        ('Digest realm="x", nonce="n", algorithm=SHA-512-256', [OTHER]),
        ("Negotiate", [OTHER]),
        ("Digest " + "a" * 60_000, [OTHER]),
        ("", [OTHER]),
    ],
)
def test_a_hostile_challenge_breaks_nothing(challenge: str, answers: list[Answer]) -> None:
    class Panel(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(401)
            self.send_header("WWW-Authenticate", challenge)
            self.end_headers()

        def log_message(self, *_told: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Panel) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        peer = HttpPeer("127.0.0.1", server.server_port, "admin", lambda: "")
        assert said(peer, *[None, WRONG][: len(answers)]) == answers
        server.shutdown()


def test_who_is_not_reached_over_ssh_is_not_asked() -> None:
    class Local:
        address, account = None, ""

    peer = peers(Local())(Subject("ssh", "vendor", "user", Secret("vendor"), ""))  # type: ignore[arg-type]
    assert peer.ask(None).answer is LOST
