# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""D2: what this router is, from ``show environment``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..contract import Surface
from ..model import Intent, Json, Judgement, Status, Unreadable
from ..raw import Raw, Read
from .config import joined

ENVIRONMENT = Read("show_environment", command=("show environment",), limit=1 << 16)

_MODEL = r"[A-Z]{2,4}[A-Z0-9]*\d+[A-Z0-9]*|vRX"
_FIRMWARE = re.compile(rf"^({_MODEL}) +(Rev\.[\w.]+)", re.MULTILINE)
_SERIAL = re.compile(r"\bserial=(\S+)")
_MAC = re.compile(r"\bMAC-Address=([0-9a-f]{2}(?::[0-9a-f]{2}){5})", re.IGNORECASE)


class Identity(Surface):
    """Vendor, model, serial number and firmware."""

    name = "identity"
    controls = ("D2.identity", "D2.software")
    reads = (ENVIRONMENT,)

    def parse(self, raw: Raw) -> dict[str, Json]:
        text = "\n".join(joined(raw.text(ENVIRONMENT.name)))
        firmware = _FIRMWARE.search(text)
        if firmware is None:
            raise Unreadable("show environment does not name a model and its firmware revision")
        serial = _SERIAL.search(text)
        return {
            "vendor": "Yamaha",
            "model": firmware.group(1),
            "firmware": firmware.group(2),
            "serial": serial.group(1) if serial else "",
            "mac": [*dict.fromkeys(mac.lower() for mac in _MAC.findall(text))],
        }

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        yield _identity(state)
        yield Judgement(
            "D2.software",
            self.name,
            Status.NOT_APPLICABLE,
            "its services are part of the firmware and have no version of their own",
        )


def _identity(state: Mapping[str, Json]) -> Judgement:
    shown = f"{state['vendor']} {state['model']} {state['firmware']}"
    if not state["serial"]:
        why = f"{shown}: the device shows no serial number"
        return Judgement("D2.identity", "identity", Status.MANUAL, why, fix="Read it from the label.", evidence=state)
    return Judgement("D2.identity", "identity", Status.PASS, shown, evidence=state)
