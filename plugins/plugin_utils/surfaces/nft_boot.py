# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How our nftables table survives a reboot: a file, a unit of ours that loads it, and a word in nftables' own."""

from __future__ import annotations

from collections.abc import Mapping

from ..model import Edit, FileEdit, Json, RunEdit, digest
from ..raw import Raw, Read
from .nft_table import Table

RULES_PATH = "/etc/iot_site_checklist/nftables.nft"
UNIT = "iot-site-checklist-nftables.service"
UNIT_PATH = f"/etc/systemd/system/{UNIT}"
UNIT_TEXT = f"""\
[Unit]
Description=Access allowlist of the IoT device checklist
Documentation=https://example.org/iot_site/checklist
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=local-fs.target nftables.service
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f {RULES_PATH}

[Install]
WantedBy=sysinit.target
"""
#: nftables.service flushes every table whenever it starts or reloads, so it loads ours again itself. Dependencies
#: between units come too late: `systemctl restart nftables` would return with our table gone.
FOLLOW_PATH = "/etc/systemd/system/nftables.service.d/iot_site_checklist.conf"
FOLLOW_TEXT = f"""\
[Service]
ExecStartPost=-/usr/sbin/nft -f {RULES_PATH}
ExecReload=-/usr/sbin/nft -f {RULES_PATH}
"""

_PERSISTENT = {
    "rules": "", "unit": digest(UNIT_TEXT), "follow": digest(FOLLOW_TEXT),
    "enabled": True, "overridden": False, "systemd": True,
}  # fmt: skip

INIT = Read(name="init", files="/proc/1/comm")
_OURS = (
    Read(name="nft_boot_rules", files=RULES_PATH),
    Read(name="nft_boot_unit", files=UNIT_PATH),
    Read(name="nft_boot_follow", files=FOLLOW_PATH),
    Read(name="nft_boot_wants", files=f"/etc/systemd/system/*.wants/{UNIT}"),
    Read(name="nft_boot_overrides", files=f"/etc/systemd/system/{UNIT}.d/*.conf"),
)

READS = (INIT, *_OURS)


def boot(raw: Raw) -> dict[str, Json]:
    rules, unit, follow, wants, overrides = (raw.files(read.name) for read in _OURS)
    return {
        "rules": digest(rules.get(RULES_PATH, "")),
        "unit": digest(unit.get(UNIT_PATH, "")),
        "follow": digest(follow.get(FOLLOW_PATH, "")),
        "enabled": any("/sysinit.target.wants/" in path for path in wants),
        "overridden": bool(overrides),
        "systemd": "".join(raw.files(INIT.name).values()).strip() == "systemd",
    }


def lasts(found: Mapping[str, Json], wanted: Table) -> bool:
    """Whether the wanted table comes back at the next boot."""
    return found == {**_PERSISTENT, "rules": digest(wanted.replacement)}


def by_hand(found: Mapping[str, Json]) -> str:
    """Why we cannot make it come back; "" when we can."""
    if not found["systemd"]:
        return f"No systemd here: write the wanted table to {RULES_PATH}, and run nft -f on it at boot"
    if found["overridden"]:
        return f"{UNIT_PATH}.d changes how our unit runs; remove it, or load {RULES_PATH} at boot by hand."
    return ""


def persist(wanted: Table) -> tuple[Edit, ...]:
    """What makes it come back."""
    return (
        FileEdit(RULES_PATH, wanted.replacement, 0o600),
        FileEdit(UNIT_PATH, UNIT_TEXT),
        FileEdit(FOLLOW_PATH, FOLLOW_TEXT),
        RunEdit(("systemctl", "daemon-reload")),
        RunEdit(("systemctl", "enable", "--now", UNIT), undo=("systemctl", "disable", UNIT)),
    )
