# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs in at ADDRESS, its argument, as each of the list on its standard input: {door, account, password}.

Prints those that were let in, as a list of "door account". For the door "key", the password is a file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ADDRESS = sys.argv[1]
SSH = (
    *("ssh", "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
    *("-o", "NumberOfPasswordPrompts=1", "-o", "ConnectTimeout=20", "-o", "IdentitiesOnly=yes"),
)


def ssh(account: str, password: str) -> bool:
    argv = ("sshpass", "-e", *SSH, "-o", "PubkeyAuthentication=no", f"{account}@{ADDRESS}", "true")
    return run(argv, SSHPASS=password) == ""


def key(account: str, file: str) -> bool:
    return run((*SSH, "-o", "BatchMode=yes", "-i", file, f"{account}@{ADDRESS}", "true")) == ""


def web(account: str, password: str) -> bool:
    """A page that is not there is one that was asked for with a good password."""
    argv = ("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-K", "-", f"http://{ADDRESS}/")
    return run(argv, f'user = "{account}:{password}"') in ("200", "403", "404")


def mqtt(account: str, password: str) -> bool:
    return run(("mosquitto_pub", "-h", ADDRESS, "-u", account, "-P", password, "-t", "level", "-m", "1")) == ""


def snmp(account: str, password: str) -> bool:
    """An account is one of SNMPv3, as it was planted or as it is made; without one, the password is a community."""
    user = ("-v3", "-l", "authPriv", "-u", account, "-A", password, "-x", "AES", "-X", password)
    logins = [(*user, "-a", way) for way in ("SHA-256", "SHA")] if account else [("-v2c", "-c", password)]
    argv = ("snmpget", "-r", "1", "-t", "3")
    return any(run((*argv, *login, ADDRESS, "1.3.6.1.2.1.1.3.0")) for login in logins)


DOORS = {"ssh": ssh, "key": key, "web": web, "mqtt": mqtt, "snmp": snmp}


def run(argv: tuple[str, ...], said: str = "", **more: str) -> str | None:
    """What it printed; None where it did not end well."""
    done = subprocess.run(argv, input=said, capture_output=True, text=True, check=False, env={**os.environ, **more})
    return done.stdout if done.returncode == 0 else None


def enters(one: dict[str, str]) -> bool:
    return DOORS[one["door"]](one["account"], one["password"])


def main() -> None:
    asked = json.load(sys.stdin)
    with ThreadPoolExecutor(4) as pool:  # sshd refuses some of many at once
        opened = [one for one, let_in in zip(asked, pool.map(enters, asked), strict=True) if let_in]
    print(json.dumps(sorted(f"{one['door']} {one['account']}".strip() for one in opened)))


if __name__ == "__main__":
    main()
