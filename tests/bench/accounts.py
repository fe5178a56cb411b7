# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1 on four hosts with a hundred accounts each, whose good passwords make it try all that its budget allows."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.account_passwords import Device, examined
from ansible_collections.iot_site.checklist.plugins.plugin_utils.made_secret import PLACES, made_secret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.making import made
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.scheme import Kept, Store, Stored

from tests.lab.lab import Lab

from .timing import SCRATCH, Ratio, Unmeasured, ansible

SITE = Path(__file__).parent / "hosts.yml"
ACCOUNTS, BUDGET = 100, 30

#: How a host comes to have these accounts, whose lines ``account:hash`` stand on standard input.
_MACHINE = "cat > /root/hashes; cut -d: -f1 /root/hashes | xargs -n1 useradd -M; chpasswd -e < /root/hashes"
_NGINX = """\
cat > /etc/nginx/users
echo 'server { listen 80; auth_basic K; auth_basic_user_file /etc/nginx/users; }' > /etc/nginx/sites-enabled/default
systemctl restart nginx
"""
_MOSQUITTO = """\
cat > /etc/mosquitto/users; chown mosquitto /etc/mosquitto/users
printf 'listener 1883\npassword_file /etc/mosquitto/users\n' > /etc/mosquitto/conf.d/site.conf
systemctl restart mosquitto
"""
#: Each host: the store whose scheme it has, the scheme, and the script.
_HOSTS: dict[str, tuple[Store, str, str]] = {
    "yescrypt": ("shadow", "yescrypt", _MACHINE),
    "sha512": ("shadow", "sha512-crypt", _MACHINE),
    "bcrypt": ("htpasswd", "bcrypt", _NGINX),
    "pbkdf2": ("mosquitto", "mosquitto-pbkdf2", _MOSQUITTO),
}


def measure() -> list[Ratio]:
    """Prints the time of each scheme and of the audit; there is no goal but the budget."""
    kept = {host: _accounts(store, scheme) for host, (store, scheme, _script) in _HOSTS.items()}
    for host, (_store, scheme, _script) in _HOSTS.items():
        _print_search(scheme, kept[host])
    lab = Lab("accounts")
    lab.down()
    try:
        lab.up()
        for host, (_store, _scheme, script) in _HOSTS.items():
            lines = "".join(f"{one.account}:{one.text}\n" for one in kept[host])
            done = lab.run(host, "sh", "-ec", script, stdin=lines.encode())
            if done.returncode:
                raise Unmeasured(f"{host} could not be prepared: {done.stderr.decode(errors='replace')[-500:]}")
        _print_audit(lab)
    finally:
        lab.down()
    return []


def _accounts(store: Store, scheme: str) -> list[Stored]:
    secrets = (made_secret(PLACES["shadow"]) for _number in range(ACCOUNTS))
    return [Stored(f"person{n:03}", store, made(store, secret, [scheme])) for n, secret in enumerate(secrets)]


def _print_search(scheme: str, accounts: list[Stored]) -> None:
    intent = Intent(site="bench", host="bench", words=("haisui",), today="2026-11-29", search_seconds=BUDGET)
    began = time.monotonic()
    found = examined({"accounts": Kept(tuple(accounts))}, Device(), intent)["accounts"]["accounts"]
    seconds = time.monotonic() - began
    tries = [int(one["tried"]) for one in found if isinstance(one, dict)]  # type: ignore[call-overload]
    print(f"bench: {scheme}: {ACCOUNTS} accounts, {sum(tries)} guesses ({min(tries)} to {max(tries)} each) "
          f"in {seconds:.1f} s, {seconds / sum(tries) * 1e6:.0f} us a guess", flush=True)  # fmt: skip


def _print_audit(lab: Lab) -> None:
    evidence = SCRATCH / "accounts"
    audit = partial(
        ansible, "ansible-playbook", "-i", str(lab.inventory), "-i", str(SITE), "iot_site.checklist.audit",
        "--limit", ",".join(_HOSTS), "--tags", "C1,C2", "-e", f"report_directory={evidence}",
        "-e", f"user_credentials_budget_seconds={BUDGET}", expect=(2,),
    )  # fmt: skip
    began = time.monotonic()
    audit()
    seconds = time.monotonic() - began
    told = json.loads((evidence / "bench" / "latest" / "findings.json").read_text("utf-8"))
    verdicts = [one["status"] for one in told["findings"] if one["item"] == "C1"]
    counted = ", ".join(f"{status} {verdicts.count(status)}" for status in dict.fromkeys(verdicts))
    print(f"bench: C1 and C2 on {len(_HOSTS)} hosts, {ACCOUNTS} accounts each: {seconds:.1f} s ({counted})")
