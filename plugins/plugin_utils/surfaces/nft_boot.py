# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a table of ours in nftables survives a reboot: a file, a unit that loads it, and a word in nftables' own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..model import Edit, FileEdit, Json, RunEdit, digest
from ..raw import Raw, Read

_FOLDER, _UNITS = "/etc/iot_site_checklist", "/etc/systemd/system"
_INIT = Read(name="init", files="/proc/1/comm")


@dataclass(frozen=True, slots=True)
class Boot:
    """What loads one table at every boot."""

    name: str  # of its file and its unit
    about: str  # the first lines of its unit
    follow: str  # the name of its file beside nftables.service
    reads_as: str  # what the names of its reads begin with

    @property
    def rules_path(self) -> str:
        return f"{_FOLDER}/{self.name}.nft"

    @property
    def unit(self) -> str:
        return f"iot-site-checklist-{self.name}.service"

    @property
    def unit_path(self) -> str:
        return f"{_UNITS}/{self.unit}"

    @property
    def unit_text(self) -> str:
        return f"""\
[Unit]
{self.about}
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=local-fs.target nftables.service
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f {self.rules_path}

[Install]
WantedBy=sysinit.target
"""

    @property
    def follow_path(self) -> str:
        return f"{_UNITS}/nftables.service.d/{self.follow}.conf"

    @property
    def follow_text(self) -> str:
        """nftables.service flushes every table whenever it starts or reloads, so it loads ours again itself.

        Dependencies between units come too late: `systemctl restart nftables` would return with our table gone.
        """
        return f"""\
[Service]
ExecStartPost=-/usr/sbin/nft -f {self.rules_path}
ExecReload=-/usr/sbin/nft -f {self.rules_path}
"""

    @property
    def reads(self) -> tuple[Read, ...]:
        return (_INIT, *self._ours)

    @property
    def _ours(self) -> tuple[Read, ...]:
        places = {
            "rules": self.rules_path,
            "unit": self.unit_path,
            "follow": self.follow_path,
            "wants": f"{_UNITS}/*.wants/{self.unit}",
            "overrides": f"{self.unit_path}.d/*.conf",
        }
        return tuple(Read(name=f"{self.reads_as}{name}", files=place) for name, place in places.items())

    def found(self, raw: Raw) -> dict[str, Json]:
        rules, unit, follow, wants, overrides = (raw.files(read.name) for read in self._ours)
        return {
            "rules": digest(rules.get(self.rules_path, "")),
            "unit": digest(unit.get(self.unit_path, "")),
            "follow": digest(follow.get(self.follow_path, "")),
            "enabled": any("/sysinit.target.wants/" in path for path in wants),
            "overridden": bool(overrides),
            "systemd": "".join(raw.files(_INIT.name).values()).strip() == "systemd",
        }

    def lasts(self, found: Mapping[str, Json], rules: str) -> bool:
        """Whether these rules come back at the next boot."""
        wanted = {"rules": digest(rules), "unit": digest(self.unit_text), "follow": digest(self.follow_text)}
        return found == {**wanted, "enabled": True, "overridden": False, "systemd": True}

    def by_hand(self, found: Mapping[str, Json]) -> str:
        """Why we cannot make them come back; "" when we can."""
        if not found["systemd"]:
            return f"No systemd here: write the wanted table to {self.rules_path}, and run nft -f on it at boot"
        if found["overridden"]:
            return (
                f"{self.unit_path}.d changes how our unit runs; remove it, or load {self.rules_path} at boot by hand."
            )
        return ""

    def persist(self, rules: str) -> tuple[Edit, ...]:
        """What makes them come back."""
        return (
            FileEdit(self.rules_path, rules, 0o600),
            FileEdit(self.unit_path, self.unit_text),
            FileEdit(self.follow_path, self.follow_text),
            RunEdit(("systemctl", "daemon-reload")),
            RunEdit(("systemctl", "enable", "--now", self.unit), undo=("systemctl", "disable", self.unit)),
        )


ALLOWLIST = Boot(
    "nftables",
    "Description=Access allowlist of the IoT device checklist\nDocumentation=https://example.org/iot_site/checklist",
    "iot_site_checklist",
    "nft_boot_",
)
FRONTS = Boot(
    "fronts",
    "Description=Applications behind a login (IoT device checklist)",
    "iot_site_checklist_fronts",
    "fronts.",
)
