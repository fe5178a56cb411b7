# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real accounts of Debian, nginx, mosquitto and snmpd: a run finds the weak ones, replaces them, shows no secret."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.evidence import directory_name

from tests.integration import lab_world, playbook_run, processes
from tests.integration.lab_world import Host, World
from tests.integration.playbook_run import Run
from tests.integration.router_world import until
from tests.lab.programs import output

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())

#: Account: its password. Each of the weak ones is found by another rule.
WEAK = {"noc-a": "noc-anoc-a", "viewer": "jousui-1", "sensor": "himitsu", "poller": "poller123"}
SOUND = {
    "noc-a": "tq7gk2mwc94xhr6d",
    "viewer": "w3fzn8kd5vbq72hp",
    "sensor": "m6xct4wr9gkz2hqb",
    "poller": "k2hvz8qn4tdw7cgx",
}
LOCKED = "hirosaki1"  # of an account that nobody enters
#: What both hosts keep of keeper's good password, as two copies of one image do (crypt(3), its least rounds).
CLONED = (
    "$6$rounds=1000$clonedimage$DL5vJWLv1bxOeCO5p.oypnJKMwo2S2ImYD8bqJ2fVt9jWtdX60ihwwYpryhQNvr9wafLobLb7a9eeh15UtVD1/"
)
COMMUNITIES = {"weak": "public", "sound": "b7kqz3wmx9tdh4rv"}

#: Where little is left to search, or nobody asks what was found.
QUICK = ("-e", "user_credentials_budget_seconds=1")

_ACCOUNTS = """
set -e
useradd -m noc-a; useradd -m keeper; useradd -m former
printf 'noc-a:{noc}\n' | chpasswd -c {scheme}
printf 'former:{locked}\n' | chpasswd -c SHA512 -s 1000
printf 'keeper:{cloned}\n' | chpasswd -e
usermod -L former
{guest}
printf 'viewer:%s\n' "$(openssl passwd -apr1 '{viewer}')" > /etc/nginx/panel.users
cat > /etc/nginx/sites-enabled/default <<'END'
server {{
  listen 80;
  auth_basic "K-7Q2MXA";
  auth_basic_user_file /etc/nginx/panel.users;
  root /var/www/html;
}}
END
mosquitto_passwd -c -b /etc/mosquitto/users sensor '{sensor}'
chown mosquitto /etc/mosquitto/users
printf 'listener 1883\npassword_file /etc/mosquitto/users\n' > /etc/mosquitto/conf.d/site.conf
printf 'agentaddress udp:161\nrocommunity {community} 192.168.153.0/24\nrouser poller priv\n' > /etc/snmp/snmpd.conf
printf 'createUser poller SHA {poller} AES {poller}\n' >> /var/lib/snmp/snmpd.conf
systemctl restart nginx mosquitto snmpd
"""


def prepare(host: Host, passwords: dict[str, str], guest: str) -> None:
    more = {"locked": LOCKED, "community": COMMUNITIES[host.name], "guest": guest, "noc": passwords["noc-a"]}
    more["cloned"] = CLONED
    more["scheme"] = "YESCRYPT" if host.name == "weak" else "SHA512 -s 1000"  # a strong one costs every guess
    host.sh(_ACCOUNTS.format(**passwords, **more))
    until(lambda: "usmUser" in host.sh("cat /var/lib/snmp/snmpd.conf"), "snmpd has made keys of the password")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with lab_world.lab("passwords") as lab, lab_world.world(tmp_path_factory.mktemp("passwords"), lab) as made:
        made.site |= {
            "user_credentials_budget_seconds": 6,
            "iot_site_words": ["KKK浄水場", "弘前"],
            "iot_site_management_sources": ["192.168.153.1/32"],
            "iot_site_people": [{"name": "tanaka", "sources": ["192.168.153.64/28"]}],
        }
        prepare(made.host("weak"), WEAK, "useradd -m guest; passwd -d guest >/dev/null")
        prepare(made.host("sound"), SOUND, ":")
        yield made


def secrets_of(site: World) -> list[str]:
    """All that must be shown nowhere: the passwords, and what the hosts keep of them."""
    kept = [
        word
        for name in ("weak", "sound")
        for word in site.host(name)
        .sh(
            "grep -hoE '\\$(y|6|7|apr1)\\$[^:]+' /etc/shadow /etc/nginx/panel.users /etc/mosquitto/users;"
            " grep -hoE '0x[0-9a-f]{32,}' /var/lib/snmp/snmpd.conf"
        )
        .split()
    ]
    assert len(kept) > 8
    plain = [*WEAK.values(), *SOUND.values(), LOCKED, COMMUNITIES["sound"], "c4nz9hkq2wvd7xgm"]
    return [*kept, *plain]


def c1(site: World, host: str) -> dict[tuple[str, str], str]:
    return {(one["control"], one["surface"]): one["status"] for one in site._found(host) if one["item"] == "C1"}


def test_an_audit_finds_the_weak_ones_changes_nothing_and_reads_once(site: World) -> None:
    before = {name: site.host(name).state for name in site.hosts}
    run = site.play("audit", "--tags", "A2,C1")
    assert run.code == 2, run.output
    weak = c1(site, "weak")
    gaps = {place for place, status in weak.items() if status == "gap"}
    assert gaps == {
        ("C1.default_password", "accounts"),  # guest: none
        ("C1.weak_password", "accounts"),  # noc-a: its own name
        ("C1.default_account_name", "accounts"),  # guest
        ("C1.weak_password", "web_users"),  # viewer: the facility
        ("C1.weak_password", "mqtt_users"),  # sensor: everybody's
        ("C1.default_password", "snmp_users"),  # public
        ("C1.weak_password", "snmp_users"),  # poller: its own name
        ("C1.default_account_name", "accounts"),
    }, weak
    sound = c1(site, "sound")
    assert sound.pop(("C1.own_accounts", "applications")) == "manual", "what nginx serves may have accounts of its own"
    assert set(sound.values()) == {"pass"}, sound
    told = {one["control"]: one for one in site._found("weak") if one["surface"] == "accounts"}
    assert "guest asks for no password" in told["C1.default_password"]["why"]
    assert "noc-a has a password made from its own name" in told["C1.weak_password"]["why"]
    assert "former" not in str(told), "nobody enters a locked account"
    assert {name: site.host(name).state for name in site.hosts} == before
    executions = site.host("weak").sh("journalctl -q --no-pager | grep -c ' COMMAND=' || true").strip()
    assert executions == "1", "everything, secrets too, in one execution"


def test_the_item_alone_says_the_same(site: World) -> None:
    before = {name: c1(site, name) for name in site.hosts}
    assert site.play("audit", "--tags", "C1").code == 2
    assert {name: c1(site, name) for name in site.hosts} == before


def test_no_secret_is_shown_or_kept_anywhere(site: World) -> None:
    cache, log = site.folder / "cache", site.folder / "run.log"
    run = site.play(
        "audit",
        "-vvvv",
        "--diff",
        ANSIBLE_CACHE_PLUGIN="ansible.builtin.jsonfile",
        ANSIBLE_CACHE_PLUGIN_CONNECTION=str(cache),
        ANSIBLE_LOG_PATH=str(log),
    )
    assert run.code == 2
    reused = {one["host"]: one for name in site.hosts for one in site._found(name) if one["control"] == "C2.reused"}
    for host, other in ("weak", "sound"), ("sound", "weak"):
        assert reused[host]["status"] == "gap", reused
        assert reused[host]["why"] == f"keeper (accounts) has the secret of {other}", "what is cloned, and nothing else"
    assert list(cache.iterdir()) and log.stat().st_size
    files = [path for path in site.folder.rglob("*") if path.is_file() and path.name != "hosts.json"]
    journals = [site.host(name).sh("journalctl -q --no-pager") for name in site.hosts]
    texts = [run.output, *journals, *(path.read_text("utf-8", "replace") for path in files)]
    texts += [playbook_run.opened(text) for text in texts]
    for secret in secrets_of(site):
        assert not [text for text in texts if secret in text], "a secret got out"


#: A maker's program with an account of its own, which writes down who logs in. Whoever reads its page for A1 does not.
_PANEL = """
import base64, http.server
class Panel(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        told = self.headers.get("Authorization", "Basic ").split(" ")[1]
        right = base64.b64decode(told) == b"admin:admin"
        if told:
            print(base64.b64decode(told).partition(b":")[0].decode(), right, flush=True)
        self.send_response(200 if right else 401)
        self.send_header("WWW-Authenticate", 'Basic realm="panel"')
        self.end_headers()
    def log_message(self, *_told):
        pass
http.server.HTTPServer(("", 8099), Panel).serve_forever()
"""
_ASKED = "user_credentials_probe=true"


def test_a_panels_own_password_is_tried_three_times_and_only_where_it_is_asked_for(site: World) -> None:
    host, home = site.host("sound"), site.folder / "home" / ".ssh"
    host.write("/root/panel.py", _PANEL)
    host.sh("systemd-run -q --unit=panel -p StandardOutput=file:/root/panel.log python3 /root/panel.py")
    allowed = site.site["iot_site_authorised"]
    try:
        until(lambda: host.says("ss -Hltn 'sport = :8099' | grep -q ."), "the panel listens")
        site.play("audit", "--tags", "C1", "-l", "sound", *QUICK)
        assert host.sh("cat /root/panel.log") == "", "nothing has allowed it"
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "known_hosts").write_text(site.lab.known_hosts.read_text())
        site.site["iot_site_authorised"] = {**allowed, "scope": ["read", "login_test"]}
        run = site.play("audit", "--tags", "C1", "-l", "sound", "-e", _ASKED, "-vvvv", *QUICK)
        (told,) = [one for one in site._found("sound") if one["surface"] == "login_test"]
        assert told["status"] == "gap" and "admin (http, port 8099) has a password that devices" in told["why"], told
        assert host.sh("cat /root/panel.log").splitlines() == ["admin False", "admin True"]
        assert "YWRtaW46" not in run.output and "admin:admin" not in run.output
    finally:
        site.site["iot_site_authorised"] = allowed
        host.sh("systemctl stop panel; rm /root/panel.py /root/panel.log")


def test_without_root_nothing_is_said(site: World) -> None:
    site.hosts["weak"]["ansible_become"] = False
    try:
        site.play("audit", "--tags", "C1", *QUICK)
        assert {status for (_control, surface), status in c1(site, "weak").items() if surface == "accounts"} == {
            "unknown"
        }
    finally:
        del site.hosts["weak"]["ansible_become"]


def test_who_does_not_ask_for_passwords_reads_none(site: World, tmp_path: Path) -> None:
    cache = {"ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path)}
    for arguments, reads in (("--tags", "A2"), False), (("--skip-tags", "C1,C2"), False), (("--tags", "A2,C1"), True):
        site.play("remediate", "--check", "-l", "sound", *arguments, *QUICK, **cache)  # whose tasks hand a reading on
        (facts,) = tmp_path.iterdir()
        told = playbook_run.opened(facts.read_text("utf-8"))
        assert ('"sealed": ""' not in told.replace("\\", "")) is reads, arguments


# --- what a change does -----------------------------------------------------------------------------------------

#: Whose accounts they are; guest is nobody's.
PEOPLE = [
    {"name": "田中", "account": "noc-a", "access": "admin", "sources": ["192.168.153.64/28"]},
    {"name": "viewer", "access": "viewer", "sources": ["192.168.153.64/28"]},
]


VAULT_SECRET = "pB7wq2kz"


def vaulted(site: World, playbook: str, *arguments: str, **environment: str) -> Run:
    secret = site.folder / "vault secret"
    secret.write_text(VAULT_SECRET)
    return site.play(playbook, *arguments, ANSIBLE_VAULT_PASSWORD_FILE=str(secret), **environment)


def kept_in(site: World, host: str, person: str) -> Path:
    path = site.folder / "iot_site_secrets" / "f3" / "credentials" / host / f"{directory_name(person)}.yml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path


#: What ``ansible-vault`` opens and makes with that secret, without a process for each look.
VAULT = VaultLib([("default", VaultSecret(VAULT_SECRET.encode()))])


def stored(site: World, host: str, person: str) -> dict[str, Any]:
    """What the store holds of somebody."""
    return yaml.safe_load(VAULT.decrypt(kept_in(site, host, person).read_bytes()))


def grow_old(site: World, host: str, person: str) -> None:
    """As if somebody's credential had been made long ago."""
    record = stored(site, host, person)
    record["active"]["made"] = "2020-02-29T12:00:00Z"
    kept_in(site, host, person).write_bytes(VAULT.encrypt(json.dumps(record)))


def passwords(site: World, host: str, run: Run) -> dict[str, Any]:
    """What the run says of the passwords of the machine itself."""
    found = {(one["control"], one["surface"]): one for one in site._found(host)}
    assert ("C1.weak_password", "accounts") in found, run.output
    return found["C1.weak_password", "accounts"]


def logs_in(site: World, host: Host, account: str, password: str) -> bool:
    """Whether a new SSH session opens with this password."""
    asked = site.folder / "askpass"
    asked.write_text('#!/bin/sh\nprintf "%s\\n" "$LAB_PASSWORD"\n')
    asked.chmod(0o700)
    options = ["-F", "none", "-o", f"UserKnownHostsFile={site.lab.known_hosts}", "-o", "PubkeyAuthentication=no",
               "-o", "NumberOfPasswordPrompts=1"]  # fmt: skip
    environment = {"SSH_ASKPASS": str(asked), "SSH_ASKPASS_REQUIRE": "force", "LAB_PASSWORD": password}
    command = ["ssh", *options, f"{account}@{host.address}", "true"]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, **environment}).returncode == 0


def serves(host: Host, password: str, account: str = "viewer") -> bool:
    code = host.sh(f"curl -s -o /dev/null -w '%{{http_code}}' -u {account}:{password} http://127.0.0.1/")
    assert code in ("200", "401"), code
    return code == "200"


def takes(host: Host, password: str) -> bool:
    """Whether the broker lets a client connect."""
    return host.says(f"mosquitto_pub -h 127.0.0.1 -u sensor -P '{password}' -t t -m m")


def asks(site: World, host: Host, user: str, secret: str, protocol: str = "SHA") -> bool:
    """Whether the agent answers: a user of SNMPv3, or a community where there is none."""
    folder = site.folder / "snmp"
    folder.mkdir(exist_ok=True)
    login = (
        f"defVersion 3\ndefSecurityName {user}\ndefSecurityLevel authPriv\ndefAuthType {protocol}\ndefPrivType AES\n"
        f"defAuthPassphrase {secret}\ndefPrivPassphrase {secret}\n"
    )
    (folder / "snmp.conf").write_text(login if user else f"defVersion 2c\ndefCommunity {secret}\n")
    environment = {**os.environ, "SNMPCONFPATH": str(folder), "SNMP_PERSISTENT_DIR": str(folder), "MIBS": ""}
    command = ["snmpget", "-t", "2", "-r", "1", "-Oqv", host.address, ".1.3.6.1.2.1.1.3.0"]
    return subprocess.run(command, capture_output=True, check=False, env=environment).returncode == 0


@pytest.fixture
def people(site: World) -> Iterator[None]:
    before = dict(site.site)
    services = ["root", "sensor", "keeper", "poller", "snmp_read"]
    site.site |= {"iot_site_people": PEOPLE, "user_credentials_service_accounts": services}
    yield
    site.site.clear()
    site.site.update(before)


def hashes(host: Host) -> str:
    return host.sh("cat /etc/shadow /etc/nginx/panel.users /etc/mosquitto/users")


def test_without_a_vault_secret_nothing_is_made_and_nothing_is_changed(site: World, people: None) -> None:
    host = site.host("weak")
    before = hashes(host)
    run = site.play("remediate", "-l", "weak", "--tags", "C1")
    assert run.code == 2
    told = passwords(site, "weak", run)
    assert told["status"] == "gap" and "This run has no vault secret" in told["why"], told
    assert hashes(host) == before and not host.guarded
    assert not (site.folder / "iot_site_secrets").exists()


def test_generated_passwords_take_the_place_of_weak_ones_and_their_people_get_in(site: World, people: None) -> None:
    host = site.host("weak")
    assert logs_in(site, host, "noc-a", WEAK["noc-a"]) and serves(host, WEAK["viewer"]) and takes(host, WEAK["sensor"])
    assert asks(site, host, "poller", WEAK["poller"]) and asks(site, host, "", COMMUNITIES["weak"])
    run = vaulted(site, "remediate", "-l", "weak", "--tags", "C1", "--diff")
    found = c1(site, "weak")
    assert found["C1.weak_password", "accounts"] == "fixed", run.output
    assert found["C1.weak_password", "web_users"] == "fixed", run.output
    assert found["C1.weak_password", "mqtt_users"] == "fixed", run.output
    assert found["C1.default_password", "accounts"] == "gap", "guest is nobody's: C2 is about it"
    assert found["C1.weak_password", "snmp_users"] == "fixed", run.output
    assert found["C1.default_password", "snmp_users"] == "fixed", run.output
    told = passwords(site, "weak", run)
    assert told["evidence"]["logged_in"] == ["noc-a"]
    assert set(told["evidence"]["entered"]) == {"viewer at http port 80 /", "sensor at mqtt port 1883"}, told
    assert "poller (snmp_users)" in told["evidence"]["not_entered"], told
    assert "noc-a: a generated password" in run.stdout

    owners = ("田中", "viewer", "sensor", "poller", "snmp_read")
    made = {owner: stored(site, "weak", owner)["active"]["secret"] for owner in owners}
    assert asks(site, host, "poller", made["poller"], "SHA-256") and not asks(site, host, "poller", WEAK["poller"])
    assert asks(site, host, "", made["snmp_read"]) and not asks(site, host, "", COMMUNITIES["weak"])
    assert logs_in(site, host, "noc-a", made["田中"]) and serves(host, made["viewer"]) and takes(host, made["sensor"])
    assert not logs_in(site, host, "noc-a", WEAK["noc-a"])
    assert not serves(host, WEAK["viewer"]) and not takes(host, WEAK["sensor"])
    assert logs_in(site, host, "keeper", "c4nz9hkq2wvd7xgm"), "whose password was good keeps it"
    assert not host.guarded and not host.sh("find / -xdev -name '.*.original' -o -path '*originals*shadow*'").strip()


AGAIN = ("-l", "weak", "--tags", "C1", *QUICK)  # the store can tell nearly everything


def test_once_more_changes_nothing(site: World, people: None) -> None:
    before = hashes(site.host("weak"))
    run = vaulted(site, "remediate", *AGAIN)
    assert "changed=0" in run.stdout, run.output
    assert c1(site, "weak")["C1.weak_password", "accounts"] == "pass"
    assert hashes(site.host("weak")) == before


#: chpasswd lives too shortly to be looked at, so it says itself what it shows.
_TELLING = """
cat > /usr/local/sbin/chpasswd <<'END'
#!/bin/sh
cat /proc/$$/cmdline /proc/$$/environ >> /root/shown
exec /usr/sbin/chpasswd "$@"
END
chmod 755 /usr/local/sbin/chpasswd
"""


def test_a_rotation_makes_anew_whom_it_names_and_what_is_too_old_and_shows_nothing(site: World, people: None) -> None:
    host, log, cache = site.host("weak"), site.folder / "rotation.log", site.folder / "rotation cache"
    old = stored(site, "weak", "田中")["active"]["secret"]
    grow_old(site, "weak", "viewer")
    aged, sensor = (stored(site, "weak", person)["active"] for person in ("viewer", "sensor"))
    host.sh(_TELLING)
    with processes.watched() as seen:
        run = vaulted(
            site, "remediate", *AGAIN, "-e", "user_credentials_rotate=田中", "-vvvv", "--diff",
            "-e", "user_credentials_max_age_days=365",
            ANSIBLE_LOG_PATH=str(log), ANSIBLE_CACHE_PLUGIN="ansible.builtin.jsonfile",
            ANSIBLE_CACHE_PLUGIN_CONNECTION=str(cache),
        )  # fmt: skip
    viewer = stored(site, "weak", "viewer")
    assert viewer["previous"] == aged and serves(host, viewer["active"]["secret"]), run.output
    assert not serves(host, aged["secret"]) and stored(site, "weak", "sensor")["active"] == sensor
    record = stored(site, "weak", "田中")
    new = record["active"]["secret"]
    assert (record["previous"]["secret"], record["pending"]) == (old, None)
    assert logs_in(site, host, "noc-a", new) and not logs_in(site, host, "noc-a", old)
    kept = [line.split(":")[1] for line in hashes(host).splitlines() if line.startswith("noc-a:")]
    assert list(cache.iterdir()) and log.stat().st_size
    files = [path for path in site.folder.rglob("*")
             if path.is_file() and "iot_site_secrets" not in path.parts and path.name != "vault secret"]  # fmt: skip
    texts = [run.output, host.sh("journalctl -q --no-pager"), *(path.read_text("utf-8", "replace") for path in files)]
    texts += [playbook_run.opened(text) for text in texts]
    shown = [one.decode("utf-8", "replace") for one in seen] + [host.sh("cat /root/shown; rm /root/shown")]
    for one in (playbook_run.LAUNCHER.name, "BECOME-SUCCESS", host.address, "/usr/local/sbin/chpasswd\0-e"):
        assert [text for text in shown if one in text], f"{one} was not looked at"
    for secret in (old, new, aged["secret"], viewer["active"]["secret"], *kept, VAULT_SECRET):
        assert not [text for text in (*texts, *shown) if secret in text], "a secret got out"


def test_a_secret_that_a_process_showed_would_be_seen() -> None:
    with processes.watched() as seen:
        showing = subprocess.Popen(["sleep", "600"], env={**os.environ, "PLANTED": "q8vz-planted"})
        try:
            until(lambda: any(b"q8vz-planted" in one for one in list(seen)), "it is seen")
        finally:
            showing.kill()
            showing.wait()


def pending(site: World) -> bool:
    folder = site.folder / "iot_site_secrets" / "f3" / "credentials" / "weak"
    return folder.exists() and stored(site, "weak", "田中")["pending"] is not None


#: When the controller dies in the middle of a rotation.
MOMENTS: dict[str, Callable[[World, Host, str], bool]] = {
    "stored": lambda site, host, before: pending(site),
    "set": lambda site, host, before: hashes(host) != before,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_whenever_the_controller_dies_a_known_secret_opens_the_account(site: World, people: None, moment: str) -> None:
    host, before = site.host("weak"), hashes(site.host("weak"))
    old = stored(site, "weak", "田中")["active"]["secret"]
    arguments = (*AGAIN, "-e", "user_credentials_rotate=田中")
    secret = {"ANSIBLE_VAULT_PASSWORD_FILE": str(site.folder / "vault secret")}
    run = site.start("remediate", *arguments, **secret)
    until(lambda: MOMENTS[moment](site, host, before), f"the moment comes: {moment}")
    playbook_run.kill(run)
    record = stored(site, "weak", "田中")
    known = [record[one]["secret"] for one in ("active", "pending", "previous") if record[one]]
    assert [one for one in known if logs_in(site, host, "noc-a", one)], "one of those that the store knows"
    host.sh("systemctl start iot-site-checklist-guard.service 2>&1 || true")  # its time is over
    until(lambda: not host.guarded, "the way back is done")
    assert hashes(host) == before and logs_in(site, host, "noc-a", old)

    waiting = stored(site, "weak", "田中")["pending"]
    assert vaulted(site, "remediate", *arguments).stdout
    record = stored(site, "weak", "田中")
    assert (record["active"]["number"], record["pending"]) == (waiting["number"], None), "finished, not made anew"
    assert logs_in(site, host, "noc-a", record["active"]["secret"]) and not logs_in(site, host, "noc-a", old)


def test_on_the_way_back_the_agent_takes_the_old_keys_and_not_those_that_a_dead_run_gave_it(
    site: World, people: None
) -> None:
    host = site.host("weak")
    own = "grep -oE '0x[0-9a-f]{64}' /var/lib/snmp/snmpd.conf"
    before, old = host.sh(own), stored(site, "weak", "poller")["active"]["secret"]
    secret = {"ANSIBLE_VAULT_PASSWORD_FILE": str(site.folder / "vault secret")}
    run = site.start("remediate", *AGAIN, "-e", "user_credentials_rotate=poller", **secret)
    until(lambda: host.sh(f"{own} || true") not in ("", before), "the agent has taken the new keys")
    playbook_run.kill(run)
    host.sh("systemctl start iot-site-checklist-guard.service 2>&1 || true")  # its time is over
    until(lambda: not host.guarded, "the way back is done")
    until(lambda: asks(site, host, "poller", old, "SHA-256"), "the agent answers who has the old secret")
    assert stored(site, "weak", "poller")["pending"]["secret"] != old
    assert not asks(site, host, "poller", stored(site, "weak", "poller")["pending"]["secret"], "SHA-256")


_TAKES_NONE = """
cd /etc/systemd/system; mkdir -p snmpd.service.d
printf '[Service]\nExecStartPre=sed -i /^createUser/d /var/lib/snmp/snmpd.conf\n' > snmpd.service.d/lacks.conf
systemctl daemon-reload
"""


def test_an_agent_that_does_not_take_the_new_keys_gets_its_old_ones_back(site: World, people: None) -> None:
    host, old = site.host("weak"), stored(site, "weak", "poller")["active"]["secret"]
    host.sh(_TAKES_NONE)
    try:
        run = vaulted(site, "remediate", *AGAIN, "-e", "user_credentials_rotate=poller")
    finally:
        host.sh("rm -r /etc/systemd/system/snmpd.service.d; systemctl daemon-reload")
    told = {(one["control"], one["surface"]): one for one in site._found("weak")}["C1.weak_password", "snmp_users"]
    assert told["status"] == "failed" and "does not keep the new password of poller" in told["why"], run.output
    assert not host.guarded and asks(site, host, "poller", old, "SHA-256")
    assert stored(site, "weak", "poller")["active"]["secret"] == old


# --- what can go wrong ------------------------------------------------------------------------------------------

ROTATION = (*AGAIN, "-e", "user_credentials_rotate=田中")


def sealed(folder: Path) -> dict[str, bytes]:
    """The store as it lies on the disk."""
    return {path.name: path.read_bytes() for path in folder.rglob("*.yml")}


def untouched(host: Host) -> str:
    """The hashes, and when the guard's folder was last written to."""
    return hashes(host) + host.sh("stat -c '%y %z' /var/lib/iot_site_checklist")


def test_a_full_disk_is_told_before_the_device_is_touched(site: World, people: None) -> None:
    host, disk = site.host("weak"), site.folder / "small disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", str(disk)], check=True)
    try:
        shutil.copytree(site.folder / "iot_site_secrets" / "f3", disk / "f3")
        with pytest.raises(OSError, match="No space left"), (disk / "full").open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        before = untouched(host), sealed(disk)
        run = vaulted(site, "remediate", *ROTATION, "-e", f"iot_site_directory='{disk / 'f3'}'")
        told = passwords(site, "weak", run)
        assert told["status"] == "gap" and "No space left on device. Free some space there" in told["why"], told
        assert (untouched(host), sealed(disk)) == before and not host.guarded
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_wrong_vault_secret_is_told_and_changes_neither_the_store_nor_the_device(site: World, people: None) -> None:
    host, wrong = site.host("weak"), site.folder / "wrong secret"
    wrong.write_text("zT4kv9mr")
    before = untouched(host), sealed(site.folder)
    run = site.play("remediate", *ROTATION, ANSIBLE_VAULT_PASSWORD_FILE=str(wrong))
    told = passwords(site, "weak", run)
    assert told["status"] == "gap" and "no vault secret of this run fits" in told["why"], told
    assert (untouched(host), sealed(site.folder)) == before and not host.guarded


def test_a_second_run_at_once_is_refused_and_the_first_ends_as_if_it_were_alone(site: World, people: None) -> None:
    host, before = site.host("weak"), stored(site, "weak", "田中")["active"]["number"]
    site.site["iot_site_guard_seconds"] = 600  # the first waits for the second
    path = kept_in(site, "weak", "田中")
    then = path.stat().st_mtime_ns
    first = site.start("remediate", *ROTATION, ANSIBLE_VAULT_PASSWORD_FILE=str(site.folder / "vault secret"))
    until(lambda: path.stat().st_mtime_ns != then, "the first has stored a new secret")
    with playbook_run.halted(first):
        told = passwords(site, "weak", vaulted(site, "remediate", *ROTATION))
        assert told["status"] == "gap" and "Another run is changing the credentials" in told["why"], told
    ended = Run(first.returncode, *first.communicate(timeout=playbook_run.SECONDS))
    assert passwords(site, "weak", ended)["status"] == "fixed", ended.output
    record = stored(site, "weak", "田中")
    assert (record["active"]["number"], record["pending"]) == (before + 1, None)
    assert logs_in(site, host, "noc-a", record["active"]["secret"]) and not host.guarded


#: How a device takes no change any more, what it says then, and how it does again.
STUBBORN = {
    "its configuration is read-only": (
        "mount --bind /etc /etc && mount -o remount,bind,ro /etc", "Read-only file system", "umount -l /etc",
    ),
    "its file of passwords cannot be replaced": (
        "mount --bind /etc/shadow /etc/shadow", "is it immutable, a mount point", "umount -l /etc/shadow",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", STUBBORN)
def test_a_device_that_takes_no_change_is_told_and_what_opens_it_stays_the_active_one(
    site: World, people: None, how: str
) -> None:
    spoil, words, mend = STUBBORN[how]
    host = site.host("weak")
    before, active = hashes(host), stored(site, "weak", "田中")["active"]
    process = output("podman", "inspect", "--format", "{{.State.Pid}}", site.lab.container("weak")).strip()
    beside = ["nsenter", "-t", process, "-m", "-p", "sh", "-c"]  # the device's own root may not mount
    subprocess.run([*beside, spoil], check=True)
    try:
        told = passwords(site, "weak", vaulted(site, "remediate", *ROTATION))
    finally:
        subprocess.run([*beside, mend], check=True)
    assert told["status"] == "gap" and "not changed" in told["why"] and words in told["why"], told
    record = stored(site, "weak", "田中")
    assert (record["active"], record["pending"]) == (active, None)
    assert hashes(host) == before and not host.guarded and logs_in(site, host, "noc-a", active["secret"])


# --- one account for each person, and for nobody else -----------------------------------------------------------

#: A newcomer, somebody with too many rights, and whom nobody knows any more.
_C2 = """
useradd -m -G sudo sato; printf 'sato:%s\n' r7kzw4mqx9tdhc2b | chpasswd -c SHA512 -s 1000
useradd -m -G sudo oldadmin; printf 'oldadmin:%s\n' x4tdr9kzw7mqhc2b | chpasswd -c SHA512 -s 1000
install -d -m 700 -o oldadmin /home/oldadmin/.ssh
cp /home/ops/.ssh/authorized_keys /home/oldadmin/.ssh/; chown oldadmin /home/oldadmin/.ssh/authorized_keys
useradd -m visitor; passwd -d visitor >/dev/null
printf 'oldweb:%s\n' "$(openssl passwd -apr1 h6wqz2kd9xvc4mtb)" >> /etc/nginx/panel.users
mosquitto_passwd -b /etc/mosquitto/users pump2 n8tdk4wzq2xhc6vb
curl -s -o /dev/null -u viewer:w3fzn8kd5vbq72hp http://127.0.0.1/
"""


@pytest.fixture(scope="module")
def crowded(site: World) -> Iterator[Host]:
    host = site.host("sound")
    host.sh(_C2)
    before = dict(site.site)
    site.site |= {
        "iot_site_people": [
            {"name": "鈴木", "account": "suzuki", "access": "admin", "sources": ["192.168.153.64/28"]},
            {"name": "sato", "access": "operator", "sources": ["192.168.153.64/28"]},
        ],
        "user_credentials_service_accounts": ["root", "ops", "keeper", "noc-a", "viewer", "sensor"],
    }
    yield host
    site.site.clear()
    site.site.update(before)


def c2(site: World, surface: str = "users") -> dict[str, dict[str, Any]]:
    found = [one for one in site._found("sound") if one["item"] == "C2"]
    return {one["control"]: one for one in found if one["surface"] == surface}


def test_an_audit_names_who_is_missing_left_over_or_has_too_many_rights(site: World, crowded: Host) -> None:
    before = crowded.state + hashes(crowded)
    assert site.play("audit", "-l", "sound", "--tags", "C2").code == 2
    told = c2(site)
    assert "鈴木 has no account suzuki" in told["C2.person_account"]["why"]
    assert "visitor: no password is asked for" in told["C2.leftover_account"]["why"]
    assert "oldadmin" in json.dumps(told["C2.leftover_account"], ensure_ascii=False)
    assert "sato is no administrator on the list, and is one here" in told["C2.rights"]["why"]
    assert {told[name]["status"] for name in ("C2.person_account", "C2.leftover_account")} == {"gap"}
    panel, broker = c2(site, "panel_users"), c2(site, "broker_users")
    assert "鈴木 has no account suzuki in /etc/nginx/panel.users" in panel["C2.person_account"]["why"]
    assert panel["C2.leftover_account"]["status"] == "manual", "nobody on the list gets in yet"
    assert "oldweb" in panel["C2.leftover_account"]["why"] and "pump2" in broker["C2.leftover_account"]["why"]
    assert crowded.state + hashes(crowded) == before


def test_people_get_their_accounts_and_nobody_else_gets_in(site: World, crowded: Host) -> None:
    run = vaulted(site, "remediate", "-l", "sound", "--tags", "C2", "--diff")
    told = c2(site)
    assert told["C2.person_account"]["status"] == "fixed", run.output
    assert told["C2.leftover_account"]["status"] == "gap", "an administrator waits until another one gets in"
    assert told["C2.rights"]["status"] == "gap", "so does the one whose rights are too many"
    assert crowded.says("passwd -S visitor | grep -q ' L '"), "the others do not"
    panel = c2(site, "panel_users")
    assert (panel["C2.person_account"]["status"], panel["C2.leftover_account"]["status"]) == ("fixed", "gap"), (
        run.output
    )
    assert serves(crowded, "h6wqz2kd9xvc4mtb", "oldweb")

    run = vaulted(site, "remediate", "-l", "sound", "--tags", "C2,C1", "--diff")
    told = c2(site)
    assert {name: one["status"] for name, one in told.items() if name != "C2.shared_account"} == {
        "C2.person_account": "pass", "C2.leftover_account": "fixed", "C2.rights": "fixed",
    }, run.output  # fmt: skip
    assert c2(site, "secrets")["C2.reused"]["status"] == "pass", run.output
    secret = stored(site, "sound", "鈴木")["active"]["secret"]
    assert logs_in(site, crowded, "suzuki", secret)
    assert crowded.says("id -nG suzuki | grep -qw sudo") and not crowded.says("id -nG sato | grep -qw sudo")
    assert logs_in(site, crowded, "sato", "r7kzw4mqx9tdhc2b")
    assert not logs_in(site, crowded, "oldadmin", "x4tdr9kzw7mqhc2b")
    key = ["ssh", "-F", "none", "-i", str(site.lab.key), "-o", f"UserKnownHostsFile={site.lab.known_hosts}",
           "-o", "BatchMode=yes"]  # fmt: skip
    for account, gets_in in ("ops", True), ("oldadmin", False):
        done = subprocess.run([*key, f"{account}@{crowded.address}", "true"], capture_output=True, check=False)
        assert (done.returncode == 0) is gets_in, account
    assert crowded.says("getent passwd oldadmin"), "nobody is deleted"
    assert c2(site, "panel_users")["C2.leftover_account"]["status"] == "fixed", run.output
    assert serves(crowded, secret, "suzuki") and serves(crowded, SOUND["viewer"])
    assert serves(crowded, stored(site, "sound", "sato")["active"]["secret"], "sato")
    assert not serves(crowded, "h6wqz2kd9xvc4mtb", "oldweb")
    assert crowded.says("grep -q ^oldweb: /var/lib/iot_site_checklist/originals/*/%2Fetc%2Fnginx%2Fpanel.users")
    assert crowded.says("grep -q ^pump2: /etc/mosquitto/users"), "a machine is not cut off"
    assert passwords(site, "sound", run)["evidence"]["tried"]["suzuki"] == "0 (generated)", (
        "nobody searches for what the store knows"
    )


def test_afterwards_there_is_nothing_to_do(site: World, crowded: Host) -> None:
    before = hashes(crowded)
    run = vaulted(site, "remediate", "-l", "sound", "--tags", "C2")
    assert "changed=0" in run.stdout, run.output
    assert {one["status"] for one in c2(site).values()} <= {"pass", "manual"}
    assert {one["status"] for one in c2(site, "panel_users").values()} <= {"pass", "not_applicable"}
    assert hashes(crowded) == before


def test_who_was_locked_is_deleted_when_it_is_asked_for_and_their_files_stay(site: World, crowded: Host) -> None:
    asked = ("-e", '{"user_credentials_delete_retired": ["oldadmin", "visitor"]}')
    crowded.sh("touch /home/oldadmin/kept /srv/theirs; chown oldadmin /home/oldadmin/kept; chown visitor /srv/theirs")
    before, number = crowded.state + hashes(crowded), crowded.sh("id -u oldadmin").strip()
    run = vaulted(site, "remediate", "-l", "sound", "--tags", "C2", *asked)
    told = c2(site)["C2.leftover_account"]
    assert told["status"] == "gap" and told["why"].endswith("ended with status 1: /srv/theirs"), told
    assert crowded.state + hashes(crowded) == before and not crowded.guarded, "one that must stay keeps the other"

    crowded.sh("rm /srv/theirs")
    run = vaulted(site, "remediate", "-l", "sound", "--tags", "C2", "--diff", *asked)
    assert c2(site)["C2.leftover_account"]["status"] == "fixed", run.output
    assert not crowded.says("getent passwd oldadmin || getent passwd visitor || getent group oldadmin")
    look = "stat -c '%U %u' /home/oldadmin /home/oldadmin/kept /home/visitor"
    assert crowded.sh(look).split("\n") == ["root 0", f"UNKNOWN {number}", "root 0", ""]
    assert "changed=0" in vaulted(site, "remediate", "-l", "sound", "--tags", "C2", *asked).stdout


# --- the account of the run itself ------------------------------------------------------------------------------

_LOOKUP = "{{ lookup('iot_site.checklist.credential', 'boss') }}"


@pytest.fixture(scope="module")
def ours(site: World, crowded: Host) -> Iterator[Host]:
    """We log in, and become root, with the password of an administrator."""
    crowded.sh("useradd -m -G sudo boss; printf 'boss:%s\n' v5hmc8zq2wkd7rtx | chpasswd -c SHA512 -s 1000")
    people, host = site.site["iot_site_people"], dict(site.hosts["sound"])
    boss = {"name": "boss", "access": "admin", "sources": ["192.168.153.1"]}
    site.site["iot_site_people"] = [*people, boss]
    site.hosts["sound"] |= {
        "ansible_user": "boss", "ansible_password": "v5hmc8zq2wkd7rtx", "ansible_become_password": "v5hmc8zq2wkd7rtx",
        "ansible_ssh_common_args": f"{site.site['ansible_ssh_common_args']} -o PubkeyAuthentication=no",
        "ansible_ssh_private_key_file": None,
    }  # fmt: skip
    yield crowded
    site.site["iot_site_people"], site.hosts["sound"] = people, host


def test_our_own_password_is_not_changed_without_consent(site: World, ours: Host) -> None:
    before = hashes(ours)
    run = vaulted(site, "remediate", "-l", "sound", "--tags", "C1", *QUICK, "-e", "user_credentials_rotate=boss")
    told = passwords(site, "sound", run)
    assert (told["status"], hashes(ours)) == ("gap", before)
    assert "user_credentials_rotate_own: true" in told["fix"]


def test_our_own_password_is_proved_by_the_new_connection_and_then_read_from_the_store(site: World, ours: Host) -> None:
    consent = ("-e", "user_credentials_rotate=boss", "-e", "user_credentials_rotate_own=true")
    with processes.watched() as seen:
        run = vaulted(site, "remediate", "-l", "sound", "--tags", "C1", *QUICK, *consent)
    told = passwords(site, "sound", run)
    assert told["evidence"]["logged_in"] == ["boss"], run.output
    for secret in "v5hmc8zq2wkd7rtx", stored(site, "sound", "boss")["active"]["secret"], VAULT_SECRET:
        assert not [one for one in seen if secret.encode() in one], "a process showed a secret"
    assert not logs_in(site, ours, "boss", "v5hmc8zq2wkd7rtx")
    assert logs_in(site, ours, "boss", stored(site, "sound", "boss")["active"]["secret"])
    site.hosts["sound"] |= {"ansible_password": _LOOKUP, "ansible_become_password": _LOOKUP}
    vaulted(site, "audit", "-l", "sound", "--tags", "C2")
    assert "unreachable" not in site.statuses("sound") and "unknown" not in site.statuses("sound")
