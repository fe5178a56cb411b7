# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host outside the site: knocks at every door of its machines with real clients, and prints what was said.

``look.py NAME=ADDRESS,ADDRESS …`` prints ``{name: {door: text}}``, of the doors alone behind which somebody answered.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

SECONDS = 6  # a busy machine's answer takes longer than one would think

NAMES = tuple(f".1.3.6.1.2.1.1.{one}.0" for one in (1, 4, 5, 6))
EXTENDS = ".1.3.6.1.4.1.8072.1.3.2"

SSH = (
    "ssh", "-v", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
    "-o", f"ConnectTimeout={SECONDS}", "guest@@", "echo", "let in",
)  # fmt: skip
DROPBEAR = (*SSH[:1], "-p", "2222", *SSH[1:])
SNMP = ("-Onq", "-Ih", f"-t{SECONDS}", "-r0")
V3 = ("-v3", "-u")
SECRET = ("-l", "authPriv", "-a", "SHA", "-A", "planted-secret-a", "-x", "AES", "-X", "planted-secret-x")
MQTT = ("mosquitto_sub", "-v", "-W", str(SECONDS), "-C", "1")
TELNET = ("sh", "-c", f"timeout {SECONDS} tail -f /dev/null | timeout {SECONDS + 1} telnet @")  # it ends with its input
FTP = ("curl", "-gsSv", "--max-time", str(SECONDS))

#: What each client prints when a door is open to it; the text of the match is what a visitor reads.
_CLIENTS_OWN = r"debug1:|OpenSSH_|Warning:|\S+: Permission denied|ssh:|Connection |Authenticated |Transferred:|Bytes "
_GREETED = rf"(?m)^(?!{_CLIENTS_OWN}|let in).+"
_NAMED = r"(?m)^\.1\.3\.6\.1\.\S+ (?!No (?:Such|more)).+"
_HEARD = r"(?m)^(?:\$SYS|[a-z]+)/\S* .*"

#: {door: (what is run, "@" being the address as such and "[@]" as in a URL; what an answer looks like)}
DOORS = {
    "ssh": (SSH, r"remote software version .*"),
    "ssh banner": (SSH, _GREETED),
    "ssh guest": (SSH, r"(?m)^let in"),
    "dropbear": (DROPBEAR, r"remote software version .*"),
    "dropbear banner": (DROPBEAR, _GREETED),
    "dropbear guest": (DROPBEAR, r"(?m)^let in"),
    "telnet": (TELNET, r"(?m)^(?!Trying|Connected|Escape|Connection|telnet:).+"),
    "snmp v1 public": (("snmpget", *SNMP, "-v1", "-c", "public", "udp:[@]", *NAMES), _NAMED),
    "snmp v2c public": (("snmpget", *SNMP, "-v2c", "-c", "public", "udp:[@]", *NAMES), _NAMED),
    "snmp v2c public 1161": (("snmpget", *SNMP, "-v2c", "-c", "public", "udp:[@]:1161", *NAMES), _NAMED),
    "snmp extends 1161": (("snmpwalk", *SNMP, "-v2c", "-c", "public", "udp:[@]:1161", EXTENDS), _NAMED),
    "snmp v3 nobody": (("snmpget", *SNMP, *V3, "monitor", "-l", "noAuthNoPriv", "udp:[@]", *NAMES), _NAMED),
    "snmp v3 nobody extends": (("snmpwalk", *SNMP, *V3, "monitor", "-l", "noAuthNoPriv", "udp:[@]", EXTENDS), _NAMED),
    "snmp v3 account": (("snmpget", *SNMP, *V3, "poller", *SECRET, "udp:[@]", *NAMES), _NAMED),
    "mqtt version": ((*MQTT, "-h", "@", "-t", "$SYS/broker/version"), _HEARD),
    "mqtt bridge": ((*MQTT, "-h", "@", "-t", "$SYS/broker/connection/#"), _HEARD),
    "mqtt account": ((*MQTT, "-h", "@", "-t", "weather/#", "-u", "sensor", "-P", "planted-secret-m"), _HEARD),
    "mqtt weather 1884": ((*MQTT, "-h", "@", "-p", "1884", "-t", "weather/#"), _HEARD),
    "mqtt version 1884": ((*MQTT, "-h", "@", "-p", "1884", "-t", "$SYS/broker/version"), _HEARD),
    "ftp": ((*FTP, "ftp://[@]/"), r"(?m)^< 220.*"),
    "ftp anonymous": ((*FTP, "ftp://[@]/"), r"(?m)^< 230.*"),
    "ftp 2121": ((*FTP, "ftp://[@]:2121/"), r"(?m)^< 220.*"),
}


def knock(argv: tuple[str, ...]) -> str:
    """What one visit shows; several doors may be read from it, since sshd turns away who comes too often at once."""
    try:
        done = subprocess.run(argv, capture_output=True, timeout=SECONDS * 3, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:  # mosquitto_sub does not give up while its packets are dropped
        return ""
    return (done.stdout + done.stderr).decode("utf-8", "backslashreplace").replace("\r", "")


def visit(address: str, argv: tuple[str, ...]) -> tuple[str, ...]:
    url, udp = (f"[{address}]", "udp6:") if ":" in address else (address, "udp:")
    return tuple(
        one.replace("udp:", udp)
        .replace("[@]", url)
        .replace("@@", f"@{address}")
        .replace("telnet @", f"telnet {address}")
        if one != "@"
        else address
        for one in argv
    )


def main() -> None:
    machines = {name: where.split(",") for name, _sign, where in (one.partition("=") for one in sys.argv[1:])}
    addresses = [address for each in machines.values() for address in each]
    visits = {visit(address, argv) for address in addresses for argv, _answer in DOORS.values()}
    with ThreadPoolExecutor(max_workers=40) as pool:
        said = dict(zip(visits, pool.map(knock, visits), strict=True))
    found = {
        name: {
            f"{door} over {'IPv6' if ':' in address else 'IPv4'}": "\n".join(dict.fromkeys(lines))
            for address in each
            for door, (argv, answer) in DOORS.items()
            if (lines := re.findall(answer, said[visit(address, argv)]))
        }
        for name, each in machines.items()
    }
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
