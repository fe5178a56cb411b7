# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""D2: the versions of the services that a Linux host exposes, as its own package database has them. No network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from ..contract import Surface
from ..model import Intent, Json, Judgement, Status, Unreadable
from ..raw import Raw, Read, missing
from .sockets import LISTENERS, sockets

_DPKG_FORM = "${db:Status-Status} ${Package} ${Version}\\n"
_DPKG = Read(name="dpkg", command=("dpkg-query", "-W", "-f", _DPKG_FORM), limit=4 << 20)
_RPM = Read(name="rpm", command=("rpm", "-qa", "--qf", "installed %{NAME} %{VERSION}-%{RELEASE}\\n"), limit=4 << 20)
_APK = Read(name="apk", files="/lib/apk/db/installed", limit=16 << 20)

#: Packages whose name is not their program's: the first one that is installed counts.
_PACKAGES = {
    "sshd": ("openssh-server",),
    "sshd-session": ("openssh-server",),
    "nginx": ("nginx", "nginx-core", "nginx-light", "nginx-full", "nginx-extras", "nginx-common"),
    "apache2": ("apache2", "apache2-bin"),
    "httpd": ("httpd", "apache2"),
    "dropbear": ("dropbear-bin", "dropbear"),
    "named": ("bind9", "bind"),
    "dnsmasq": ("dnsmasq-base", "dnsmasq"),
    "systemd-resolved": ("systemd-resolved", "systemd"),
    "systemd-networkd": ("systemd",),
    "systemd-timesyncd": ("systemd-timesyncd", "systemd"),
    "systemd": ("systemd",),
    "chronyd": ("chrony",),
    "ntpd": ("ntpsec", "ntp"),
    "charon": ("strongswan-charon", "strongswan-starter", "strongswan"),
    "charon-systemd": ("charon-systemd", "strongswan"),
    "pluto": ("libreswan",),
    "telnetd": ("inetutils-telnetd", "telnetd"),
    "inetutils-inetd": ("inetutils-inetd",),
    "avahi-daemon": ("avahi-daemon", "avahi"),
    "smbd": ("samba",),
    "nmbd": ("samba",),
    "dhclient": ("isc-dhcp-client", "dhcp-client"),
    "dhcpd": ("isc-dhcp-server", "dhcp-server"),
    "mysqld": ("mysql-server-core-8.0", "mysql-server"),
    "mariadbd": ("mariadb-server-core", "mariadb-server"),
    "master": ("postfix",),
    "rpcbind": ("rpcbind",),
    "exim4": ("exim4-daemon-light", "exim4-daemon-heavy"),
    "snmpd": ("snmpd", "net-snmp"),
    "mini_httpd": ("mini-httpd", "mini_httpd"),
    "zabbix_agentd": ("zabbix-agent",),
    "dockerd": ("docker-ce", "docker.io", "moby-engine"),
    "docker-proxy": ("docker-ce", "docker.io", "moby-engine"),
}

#: These run somebody's application; their own version says nothing of it.
_INTERPRETERS = re.compile(r"(python|perl|ruby|php|node|nodejs|java|lua|mono|dotnet|busybox|ash|sh)[\d.]*(-fpm[\d.]*)?")


class Software(Surface):
    """Name and version of every program that another machine can reach."""

    name = "software"
    controls = ("D2.software",)
    reads = (LISTENERS, _DPKG, _RPM, _APK)

    def parse(self, raw: Raw) -> dict[str, Json]:
        exposed: dict[str, list[str]] = {}
        for each in sockets(raw):
            if each.exposed and each.lasting:
                exposed.setdefault(each.program, []).append(f"{each.protocol} {each.port}")
        installed = _installed(raw)
        software: dict[str, Json] = {}
        unknown: list[Json] = []
        for program, ports in sorted(exposed.items()):
            package = _package(program, installed)
            if package:
                software[package] = installed[package]
            else:
                unknown.append(f"{program or '(kernel)'} on {', '.join(sorted(set(ports)))}")
        return {"software": software, "unknown": unknown}

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        software, unknown = state["software"], state["unknown"]
        evidence = {"software": software, "unknown": unknown}
        if unknown and isinstance(unknown, list):
            why = f"the package database does not know: {'; '.join(map(str, unknown))}"
            fix = "Ask the supplier of each for its version and record it in the ledger."
            yield Judgement("D2.software", self.name, Status.MANUAL, why, fix=fix, evidence=evidence)
        elif not software:
            why = "no program listens for other machines"
            yield Judgement("D2.software", self.name, Status.NOT_APPLICABLE, why, evidence=evidence)
        else:
            why = "the version of every service that listens is known"
            yield Judgement("D2.software", self.name, Status.PASS, why, evidence=evidence)


def _package(program: str, installed: Mapping[str, str]) -> str:
    if _INTERPRETERS.fullmatch(program):
        return ""
    return next((name for name in _PACKAGES.get(program, (program,)) if name in installed), "")


def _installed(raw: Raw) -> dict[str, str]:
    """``{package: version}`` of whichever package database is there."""
    for read, parse in _DATABASES:
        outputs = raw.all(read.name)
        if outputs and not all(missing(output) for output in outputs.values()):
            return parse(raw.text(read.name))
    return {}


def _listed(text: str) -> dict[str, str]:
    """Lines of "installed NAME VERSION"; packages in another state are not there."""
    found = {}
    for line in text.splitlines():
        words = line.split(" ")
        if len(words) != 3:
            raise Unreadable(f"the package database says {line[:80]!r}")
        if words[0] == "installed":
            found[words[1]] = words[2]
    return found


def _apk(text: str) -> dict[str, str]:
    """Records of "P:name" and "V:version" lines, separated by empty lines."""
    records = (dict(line.split(":", 1) for line in record.splitlines() if ":" in line) for record in text.split("\n\n"))
    return {record["P"]: record["V"] for record in records if {"P", "V"} <= record.keys()}


_DATABASES: tuple[tuple[Read, Callable[[str], dict[str, str]]], ...] = ((_DPKG, _listed), (_RPM, _listed), (_APK, _apk))
