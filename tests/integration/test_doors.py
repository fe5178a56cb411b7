# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new password at the doors of real services on loopback, inside a session of a real sshd."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader
from ansible_collections.iot_site.checklist.plugins.plugin_utils.door_logins import Entry, entered
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Door
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import (
    apache_doors,
    lighttpd_doors,
    nginx_doors,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports import doors

from tests.integration.test_login_tests import _BASIC, _NO_SSHD, PASSWORD, free_port, nginx, running, sshd

pytestmark = _NO_SSHD
_NO_MOSQUITTO = pytest.mark.skipif(not shutil.which("mosquitto"), reason="no mosquitto: apt-get install mosquitto")
_NO_APACHE = pytest.mark.skipif(not shutil.which("apache2"), reason="no apache2: apt-get install apache2")
_NO_LIGHTTPD = pytest.mark.skipif(not shutil.which("lighttpd"), reason="no lighttpd: apt-get install lighttpd")
_NO_NGINX = pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx: apt-get install nginx-light")

ROOT = Path(__file__).resolve().parents[2]
OLD = "k2x7-planted-before"


@contextmanager
def host(folder: Path, *settings: str) -> Iterator[Any]:
    """A host on loopback, and a connection of Ansible's to it."""
    key = folder / "own_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    shutil.copy(key.with_suffix(".pub"), folder / "authorized")
    always = (f"AuthorizedKeysFile {folder}/authorized", "StrictModes no", "PermitRootLogin yes")
    with sshd(folder, *always, *settings) as port:
        connection: Any = connection_loader.get("ssh", PlayContext())
        connection.set_options()
        known = f"-o UserKnownHostsFile={folder}/.ssh/known_hosts -o IdentitiesOnly=yes"
        options = {"host": "127.0.0.1", "port": port, "private_key_file": str(key), "ssh_common_args": known}
        for option, value in options.items():
            connection.set_option(option, value)
        yield connection


def asked(connection: Any, wanted: Sequence[Door], account: str, password: str = PASSWORD) -> list[Entry]:
    connection.set_option("ssh_args", "")  # as one that was not used yet

    def reach() -> None:
        connection.exec_command("true", sudoable=False)

    with doors.passage(connection, wanted, reach) as near:
        peers = [doors.peer(door, near[door], account) for door in wanted]
        return [entered(one, Secret(password), Secret("a-wrong-one"), lambda: None) for one in peers]


@contextmanager
def mosquitto(folder: Path, *settings: str) -> Iterator[int]:
    port, users = free_port(), folder / "passwd"
    subprocess.run(["mosquitto_passwd", "-b", "-c", users, "pump", PASSWORD], check=True)
    users.chmod(0o644)
    config = folder / "mosquitto.conf"
    config.write_text("\n".join((f"listener {port} 127.0.0.1", f"password_file {users}", "user root", *settings, "")))
    with running(port, "mosquitto", "-c", str(config)):
        yield port


@_NO_MOSQUITTO
def test_a_broker_lets_in_with_the_new_password_and_no_other(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as port, host(tmp_path) as connection:
        door = Door("mqtt", "127.0.0.1", port)
        assert asked(connection, [door], "pump") == [Entry(True)]
        (told,) = asked(connection, [door], "pump", OLD)
    assert told.proved is False and "code 5" in told.why


@_NO_MOSQUITTO
def test_a_broker_that_serves_everybody_proves_nothing(tmp_path: Path) -> None:
    with mosquitto(tmp_path, "allow_anonymous true") as port, host(tmp_path) as connection:
        (told,) = asked(connection, [Door("mqtt", "127.0.0.1", port)], "pump")
    assert told.proved is None and "A1" in told.why


def nginx_says(folder: Path) -> Raw:
    """What the host transport would bring of its configuration."""
    command = ["nginx", "-T", "-c", folder / "nginx.conf", "-p", folder, "-e", folder / "error.log"]
    said = subprocess.run(command, capture_output=True, check=True).stdout
    return Raw({"nginx.config": {"nginx -T": Output(said)}})


@_NO_NGINX
@pytest.mark.parametrize("tls", ["", " ssl"])
def test_a_page_that_its_configuration_names_lets_in_with_the_new_password_and_no_other(
    tmp_path: Path, tls: str
) -> None:
    with nginx(tmp_path, _BASIC, tls) as port, host(tmp_path) as connection:
        ((users, (door,)),) = nginx_doors.of(nginx_says(tmp_path)).items()
        assert users == f"{tmp_path}/users" and door == Door("http", "127.0.0.1", port, bool(tls), "/")
        good, silent = asked(connection, [door, replace(door, tls=not tls)], "admin")
        (bad,) = asked(connection, [door], "admin", OLD)
    assert good == Entry(True) and silent.proved is None and bad.proved is False


@_NO_NGINX
def test_a_page_for_everybody_proves_nothing(tmp_path: Path) -> None:
    with nginx(tmp_path, "") as port, host(tmp_path) as connection:
        (told,) = asked(connection, [Door("http", "127.0.0.1", port, path="/")], "admin")
    assert told.proved is None and "A1" in told.why


#: As Debian has it: a first site without a name that shows something to everybody, and then the panel's own.
_APACHE = """\
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
User www-data
Listen 127.0.0.1:{port}
{modules}
DocumentRoot {folder}/pages
<VirtualHost *:{port}>
</VirtualHost>
<VirtualHost *:{port}>
    ServerName panel.example.org
    <Location "/">
        AuthType Basic
        AuthName panel
        AuthUserFile {folder}/users
        Require valid-user
    </Location>
</VirtualHost>
"""
_LOADED = ("mpm_prefork", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic")
_DUMP = ("-t", *(word for what in ("CONFIG", "INCLUDES", "MODULES", "RUN_CFG") for word in ("-D", f"DUMP_{what}")))
_LIBRARIES = "/usr/lib/apache2/modules"


def accounts(folder: Path) -> None:
    """Files that any user of the machine may read, as a web server is one."""
    command = ["openssl", "passwd", "-6", "-stdin"]
    hashed = subprocess.run(command, input=PASSWORD, text=True, capture_output=True, check=True)
    (folder / "pages").mkdir()
    (folder / "pages/index.html").write_text("panel")
    (folder / "users").write_text(f"admin:{hashed.stdout}")
    folder.chmod(0o755)


@_NO_APACHE
def test_one_of_several_sites_of_apache2_lets_in_with_the_new_password_and_no_other(tmp_path: Path) -> None:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="apache2_") as place, host(tmp_path) as connection:
        folder = Path(place)
        accounts(folder)
        modules = "\n".join(f"LoadModule {name}_module {_LIBRARIES}/mod_{name}.so" for name in _LOADED)
        (folder / "apache2.conf").write_text(_APACHE.format(folder=folder, port=port, modules=modules))
        started = ("apache2", "-f", f"{folder}/apache2.conf")
        printed = [*started, *_DUMP, "-c", f"LoadModule info_module {_LIBRARIES}/mod_info.so"]
        said = subprocess.run(printed, capture_output=True, check=True).stdout
        ((users, (door,)),) = apache_doors.of(Raw({"apache2.config": {"sh": Output(said)}})).items()
        assert users == f"{folder}/users"
        assert door == Door("http", "127.0.0.1", port, path="/", site="panel.example.org")
        with running(port, "setsid", *started, "-D", "FOREGROUND"):  # with it ends its whole process group
            good, open_to_all = asked(connection, [door, replace(door, site="")], "admin")
            (bad,) = asked(connection, [door], "admin", OLD)
    assert good == Entry(True) and open_to_all.proved is None and bad.proved is False


_LIGHTTPD = """\
server.modules = ( "mod_auth", "mod_authn_file" )
server.document-root = "{folder}/pages"
index-file.names = ( "index.html" )
server.bind = "127.0.0.1"
server.port = {port}
auth.backend = "htpasswd"
auth.backend.htpasswd.userfile = "{folder}/users"
auth.require = ( "/" => ( "method" => "basic", "realm" => "panel", "require" => "valid-user" ) )
$HTTP["url"] =^ "/open/" {{ auth.require = ( ) }}
"""


@_NO_LIGHTTPD
def test_a_place_of_lighttpd_lets_in_with_the_new_password_and_no_other(tmp_path: Path) -> None:
    port = free_port()
    accounts(tmp_path)
    (tmp_path / "lighttpd.conf").write_text(_LIGHTTPD.format(folder=tmp_path, port=port))
    started = ("lighttpd", "-f", f"{tmp_path}/lighttpd.conf")
    said = subprocess.run([*started, "-p"], capture_output=True, check=True).stdout
    ((users, (door,)),) = lighttpd_doors.of(Raw({"lighttpd.config": {"lighttpd -p": Output(said)}})).items()
    assert users == f"{tmp_path}/users" and door == Door("http", "127.0.0.1", port, path="/")
    with running(port, *started, "-D"), host(tmp_path) as connection:
        good, open_to_all = asked(connection, [door, replace(door, path="/open/")], "admin")
        (bad,) = asked(connection, [door], "admin", OLD)
    assert good == Entry(True) and open_to_all.proved is None and bad.proved is False


def test_a_door_that_nobody_opens_proves_nothing(tmp_path: Path) -> None:
    with host(tmp_path) as connection:
        told = asked(connection, [Door("mqtt", "127.0.0.1", free_port()), Door("http", "::1", free_port())], "pump")
    assert [one.proved for one in told] == [None, None] and all(one.why for one in told)


def test_an_sshd_that_forwards_nothing_proves_nothing(tmp_path: Path) -> None:
    with host(tmp_path, "AllowTcpForwarding no") as connection:
        (told,) = asked(connection, [Door("mqtt", "127.0.0.1", 1883)], "pump")
    assert told.proved is None and told.why


def test_no_password_goes_to_a_host_whose_key_is_not_known(tmp_path: Path) -> None:
    with host(tmp_path) as connection:
        connection.set_option("host_key_checking", False)  # what an inventory may say of all else
        (tmp_path / ".ssh/known_hosts").write_text("")
        with pytest.raises(AnsibleConnectionFailure, match="Host key verification failed"):
            asked(connection, [Door("mqtt", "127.0.0.1", 1883)], "pump")


def test_nothing_is_left_of_a_passage(tmp_path: Path) -> None:
    with host(tmp_path) as connection:
        with doors.passage(
            connection, [Door("mqtt", "127.0.0.1", 1883)], lambda: connection.exec_command("true", sudoable=False)
        ) as near:
            (socket,) = near.values()
            assert socket.is_socket() and socket.parent.stat().st_mode & 0o777 == 0o700
        assert not socket.parent.exists()
        left = subprocess.run(["pgrep", "-f", str(socket.parent)], capture_output=True, check=False)
        assert left.returncode == 1, left.stdout


@pytest.mark.parametrize("address", ["-oProxyCommand=x", "localhost", "127.0.0.1 -v", ""])
def test_what_is_no_address_gets_into_no_command(address: str) -> None:
    with pytest.raises(ValueError, match="address"), doors.passage(None, [Door("mqtt", address, 1883)], lambda: None):
        raise AssertionError("it was let through")


@_NO_MOSQUITTO
def test_a_whole_run_asks_over_the_proof_connection_and_shows_no_password(tmp_path: Path) -> None:
    """Also where somebody's own settings keep sessions, and at the highest verbosity."""
    (tmp_path / "new").write_text(PASSWORD)
    (tmp_path / "old").write_text(OLD)
    with mosquitto(tmp_path) as port, host(tmp_path) as connection, tempfile.TemporaryDirectory(prefix="s") as short:
        asking = {"do": "enters", "port": port, "account": "pump"}
        steps = [{"do": "fresh"}, *({**asking, "password_file": str(tmp_path / which)} for which in ("new", "old"))]
        known = {
            "ansible_host": "127.0.0.1", "ansible_port": connection.get_option("port"),
            "ansible_ssh_private_key_file": connection.get_option("private_key_file"),
            "ansible_ssh_common_args": connection.get_option("ssh_common_args"),
            "ansible_ssh_args": f"-o ControlMaster=auto -o ControlPersist=60s -o ControlPath={short}/own",
            "ansible_python_interpreter": sys.executable,
        }  # fmt: skip
        (tmp_path / "inventory.json").write_text(json.dumps({"all": {"hosts": {"device": known}}}))
        environment = {
            **os.environ, "ANSIBLE_COLLECTIONS_PATH": f"{ROOT}/.build/collections", "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_ACTION_PLUGINS": str(Path(__file__).parent / "action_plugins"),
        }  # fmt: skip
        command = [Path(sys.executable).with_name("ansible"), "-i", tmp_path / "inventory.json", "device", "-vvvvv"]
        command += ["-m", "transport_steps", "-a", json.dumps({"steps": steps})]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    answers = json.loads(re.findall(r"\"answers\": (\[.*?\n {4}\])", run.stdout, re.DOTALL)[0])
    assert answers == ["connected", [True, ""], [False, "it answers with code 5"]], run.stdout
    assert not re.findall(f"{PASSWORD}|{OLD}", run.stdout + run.stderr)
