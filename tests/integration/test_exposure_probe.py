# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers on loopback, each with a facility's name planted where visitors read, and what a vantage finds there."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.playbook_run import play
from tests.integration.router_world import until
from tests.integration.test_oldest_python import oldest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="the servers want root, to change to accounts of their own")

PLACE = "弘前市 第一浄水場"
ADDRESS = "127.0.0.1"

Row = dict[str, Any]


def port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as free:
        free.bind((ADDRESS, 0))
        return int(free.getsockname()[1])


# --- how each server is started: its files in a folder of its own, and its command ---------------------------


def nginx(folder: Path, plain: int, secure: int) -> list[str]:
    (folder / "www").mkdir()
    page = f"<title>{PLACE}</title><p>水位 1.20 m</p><img src='/img/hirosaki-jousui.png'>"
    (folder / "www/index.html").write_bytes(page.encode("euc_jp"))
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9"]
    named = ["-utf8", "-subj", f"/O={PLACE}", "-keyout", folder / "key.pem", "-out", folder / "crt.pem"]
    subprocess.run([*made, *named], check=True, capture_output=True)
    (folder / "nginx.conf").write_text(f"""
        daemon off; pid {folder}/pid; error_log {folder}/error.log; user root;
        events {{}}
        http {{
            access_log off; root {folder}/www; client_body_temp_path {folder}/t; proxy_temp_path {folder}/t;
            fastcgi_temp_path {folder}/t; uwsgi_temp_path {folder}/t; scgi_temp_path {folder}/t;
            types {{ text/html html; }}
            server {{ listen {ADDRESS}:{plain}; location / {{ gzip on; }} }}
            server {{
                listen {ADDRESS}:{secure} ssl; ssl_certificate {folder}/crt.pem; ssl_certificate_key {folder}/key.pem;
                auth_basic "{PLACE}"; auth_basic_user_file {folder}/none;
            }}
        }}""")
    (folder / "none").touch()
    return ["nginx", "-c", f"{folder}/nginx.conf", "-p", str(folder)]


def _host_key(folder: Path) -> str:
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True, capture_output=True)
    return str(key)


def sshd(folder: Path, number: int) -> list[str]:
    (folder / "banner").write_text(f"{PLACE}\n", encoding="utf-8")
    options = (f"Port={number}", f"ListenAddress={ADDRESS}", f"HostKey={_host_key(folder)}", "PidFile=none",
               f"Banner={folder}/banner", "PasswordAuthentication=no", "KbdInteractiveAuthentication=no")  # fmt: skip
    return ["/usr/sbin/sshd", "-D", "-f", "/dev/null", *(word for one in options for word in ("-o", one))]


def dropbear(folder: Path, number: int) -> list[str]:
    subprocess.run(["dropbearkey", "-t", "ed25519", "-f", folder / "key"], check=True, capture_output=True)
    return ["dropbear", "-F", "-E", "-r", f"{folder}/key", "-p", f"{ADDRESS}:{number}", "-P", f"{folder}/pid"]


def vsftpd(folder: Path, number: int) -> list[str]:
    (folder / "empty").mkdir()
    (folder / "conf").write_text(
        f"listen=YES\nlisten_address={ADDRESS}\nlisten_port={number}\nanonymous_enable=YES\nbackground=NO\n"
        f"ftpd_banner={PLACE}\nsecure_chroot_dir={folder}/empty\n",
        encoding="utf-8",
    )
    return ["vsftpd", f"{folder}/conf"]


def snmpd(folder: Path, number: int) -> list[str]:
    (folder / "conf").write_text(f"rocommunity public\nsysLocation {PLACE}\nsysName hirosaki-panel\n", "utf-8")
    return ["snmpd", "-f", "-Lo", "-C", "-c", f"{folder}/conf", "-p", f"{folder}/pid", f"udp:{ADDRESS}:{number}"]


def mosquitto(folder: Path, number: int) -> list[str]:
    (folder / "conf").write_text(f"listener {number} {ADDRESS}\nallow_anonymous true\nuser root\n", encoding="utf-8")
    return ["mosquitto", "-c", f"{folder}/conf"]


def mosquitto_closed(folder: Path, number: int) -> list[str]:
    (folder / "conf").write_text(f"listener {number} {ADDRESS}\nallow_anonymous false\nuser root\n", encoding="utf-8")
    return ["mosquitto", "-c", f"{folder}/conf"]


#: {name: (how to start it, which kinds to try)}.
SERVERS: dict[str, tuple[Callable[..., list[str]], tuple[str, ...]]] = {
    "nginx": (nginx, ()), "sshd": (sshd, ()), "dropbear": (dropbear, ()), "vsftpd": (vsftpd, ()),
    "snmpd": (snmpd, ("snmp",)), "mosquitto": (mosquitto, ("mqtt",)), "mosquitto_closed": (mosquitto_closed, ("mqtt",)),
}  # fmt: skip
PROGRAMS = {name: name.partition("_")[0] for name in SERVERS}
PLACES = f"/usr/sbin:/usr/bin:{Path(sys.executable).parent}"

Started = dict[str, tuple[int, str, tuple[str, ...]]]


def _listens(number: int) -> bool:
    with socket.socket() as visitor:
        return visitor.connect_ex((ADDRESS, number)) == 0


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """``{name: (port, transport, kinds)}`` of those whose program is on this machine."""
    Path("/run/sshd").mkdir(exist_ok=True)
    running: list[subprocess.Popen[bytes]] = []
    started: Started = {}
    try:
        for name, (command, kinds) in SERVERS.items():
            if not shutil.which(PROGRAMS[name], path=PLACES):
                continue
            udp = name == "snmpd"
            ports = [port(socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) for _number in range(1 + (name == "nginx"))]
            argv = command(tmp_path_factory.mktemp(name), *ports)
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            running.append(subprocess.Popen(argv, env={"PATH": PLACES}, **quiet))
            started[name] = (ports[0], "udp" if udp else "tcp", kinds)
            if name == "nginx":
                started["nginx_secure"] = (ports[1], "tcp", ())
        for name, (number, transport, _kinds) in started.items():
            if transport == "tcp":
                until(lambda number=number: _listens(number), f"{name} listens")
        yield started
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)


def _python(which: str) -> str:
    return sys.executable if which == "newest" else oldest()


@pytest.fixture(scope="module", params=["newest", "oldest"])
def rows(request: pytest.FixtureRequest, servers: Started, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    """What one execution of the module finds, as a playbook runs it, by a Python that a vantage may have."""
    python, folder = _python(request.param), tmp_path_factory.mktemp("vantage")
    targets = [
        {"host": name, "address": ADDRESS, "port": number, "transport": transport, "kinds": list(kinds)}
        for name, (number, transport, kinds) in servers.items()
    ]
    asked = {"targets": targets, "controls": [{"address": ADDRESS, "port": servers["sshd"][0]}], "rate": 200}
    tasks = [
        {"iot_site.checklist.exposure_probe": asked, "register": "found"},
        {
            "ansible.builtin.copy": {"content": "{{ found }}", "dest": "{{ playbook_dir }}/found.json"},
            "check_mode": False,
        },
    ]
    (folder / "book.yml").write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    run = play(
        folder, "-i", "vantage,", "-c", "local", "-e", f"ansible_python_interpreter={python}", "--check", "book.yml"
    )
    assert run.code == 0, run.output
    found = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    assert (found["changed"], found["complete"], found["controls"][0]["reached"]) == (False, True, True)
    return {row["host"]: row for row in found["endpoints"]}


def said(rows: dict[str, Row], name: str, surface: str) -> list[str]:
    if name not in rows:
        pytest.skip(f"{name.partition('_')[0]} is not on this machine")
    return [one["text"] for one in rows[name]["texts"] if one["surface"] == surface]


STATES = {
    "nginx": ("http", "open_without_login"), "nginx_secure": ("https", "login_required"),
    "sshd": ("ssh", "login_required"), "dropbear": ("ssh", "login_required"), "vsftpd": ("ftp", "open"),
    "snmpd": ("snmp", "open_without_login"), "mosquitto": ("mqtt", "open_without_login"),
    "mosquitto_closed": ("mqtt", "login_required"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_each_server_is_recognised_and_its_door_seen(rows: dict[str, Row], name: str) -> None:
    said(rows, name, "")
    assert (rows[name]["kind"], rows[name]["state"]) == STATES[name], rows[name]


@pytest.mark.parametrize(
    ("name", "surface"),
    [
        ("nginx", "html_title"), ("nginx_secure", "http_realm"), ("nginx_secure", "certificate_subject"),
        ("sshd", "ssh_text"), ("vsftpd", "ftp_banner"), ("snmpd", "snmp_syslocation"),
    ],
)  # fmt: skip
def test_the_planted_name_is_found(rows: dict[str, Row], name: str, surface: str) -> None:
    assert any(PLACE in text for text in said(rows, name, surface)), rows[name]


def test_other_names_are_found_too(rows: dict[str, Row]) -> None:
    assert said(rows, "nginx", "image_name") == ["hirosaki-jousui.png"]
    assert said(rows, "nginx", "http_server")[0].startswith("nginx")
    assert said(rows, "snmpd", "snmp_sysname") == ["hirosaki-panel"]
    assert said(rows, "sshd", "ssh_banner")[0].startswith("SSH-2.0-OpenSSH")
    assert said(rows, "dropbear", "ssh_banner")[0].startswith("SSH-2.0-dropbear")
    assert any("mosquitto version" in text for text in said(rows, "mosquitto", "mqtt_sys"))


def test_the_ways_to_log_in_are_those_that_are_set(rows: dict[str, Row]) -> None:
    said(rows, "dropbear", "")
    assert rows["sshd"]["facts"]["auth_methods"] == ["publickey"]
    assert set(rows["dropbear"]["facts"]["auth_methods"]) == {"publickey", "password"}
    assert rows["snmpd"]["facts"]["engine_id"] and rows["snmpd"]["facts"]["versions"]
