# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""D2: what a Linux host is. Firmware tables of a PC (DMI) or of a board (device tree), os-release, kernel.

A virtual machine's DMI names the virtual hardware, which is what it is. A container sees its host's DMI, which it is
not: there the container itself is the model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from ..contract import Surface
from ..model import Intent, Json, Judgement, Status, Unreadable
from ..raw import Raw, Read

#: A pseudo command of host_read: what / and /etc live on, and whether this is a container.
ROOT = Read(name="root", command=("@root",))

_DMI = "/sys/class/dmi/id/"
_OS_FILES = ("/etc/os-release", "/usr/lib/os-release")
_OS = (Read(name="os_release", files=_OS_FILES[0]), Read(name="os_release_usr", files=_OS_FILES[1]))
_DEBIAN = Read(name="debian_version", files="/etc/debian_version")
_KERNEL = Read(name="kernel", files="/proc/sys/kernel/osrelease")
_TREE_MODEL = Read(name="tree_model", files="/proc/device-tree/model")
_TREE_SERIAL = Read(name="tree_serial", files="/proc/device-tree/serial-number")

#: Where each word of the ledger comes from in DMI, the best source first.
_SOURCES = {
    "vendor": ("sys_vendor", "board_vendor", "chassis_vendor"),
    "model": ("product_name", "board_name"),
    "serial": ("product_serial", "board_serial", "chassis_serial"),
}
_DMI_FIELDS = (*(field for fields in _SOURCES.values() for field in fields), "bios_version")
_DMI_READS = tuple(Read(name=f"dmi_{field}", files=_DMI + field) for field in _DMI_FIELDS)

#: What makers leave in when they fill nothing in. Such a word identifies nothing.
_PLACEHOLDER = re.compile(
    r"to be filled.*|default string|system (product name|manufacturer|serial number|version)"
    r"|not (specified|applicable|available)|none|unknown|o\.?e\.?m\.?|n/?a|\W*|(?P<one>.)(?P=one)*"
    r"|0?123456789.*|base board.*|chassis.*|type2.*",
    re.IGNORECASE,
)


class Identity(Surface):
    """Vendor, model, serial and firmware of one host."""

    name = "identity"
    controls = ("D2.identity",)
    reads = (*_DMI_READS, _TREE_MODEL, _TREE_SERIAL, *_OS, _DEBIAN, _KERNEL, ROOT)

    def parse(self, raw: Raw) -> dict[str, Json]:
        system = _os_release(raw)
        hardware = _container(system) if in_container(raw) else (_device_tree(raw) or _dmi(raw))
        return {**hardware, "firmware": _firmware(raw, system), "kernel": _one(raw, _KERNEL)}

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        unknown = [word for word in ("vendor", "model", "firmware") if not state[word]]
        evidence = dict(state)
        if not state["serial"]:
            evidence["serial_missing"] = "the machine gives none (or only to root)"
        if unknown:
            why = f"the machine itself does not tell its {', '.join(unknown)}"
            fix = "Read the type plate on the machine and record it in your ledger by hand."
            yield Judgement("D2.identity", self.name, Status.MANUAL, why, fix=fix, evidence=evidence)
            return
        why = f"{state['vendor']} {state['model']}, {state['firmware']}"
        yield Judgement("D2.identity", self.name, Status.PASS, why, evidence=evidence)


def root_filesystem(raw: Raw) -> dict[str, Json]:
    """The answer of ``@root``. Raises Unreadable."""
    try:
        answer = json.loads(raw.text(ROOT.name))
        return {str(key): value for key, value in answer.items()}
    except (ValueError, AttributeError) as error:
        raise Unreadable("what the root file system is was not understood") from error


def in_container(raw: Raw) -> bool:
    return bool(root_filesystem(raw).get("container"))


def _one(raw: Raw, read: Read) -> str:
    """A small file's text; "" where there is none, or none for us (serial numbers are root's)."""
    texts = [output.text for output in raw.all(read.name).values() if not output.error and not output.rc]
    return texts[0].replace("\0", " ").strip()[:200] if texts else ""


def _told(text: str) -> str:
    return "" if _PLACEHOLDER.fullmatch(text) else text


def _dmi(raw: Raw) -> dict[str, Json]:
    fields = {field: _told(_one(raw, read)) for field, read in zip(_DMI_FIELDS, _DMI_READS, strict=True)}
    found: dict[str, Json] = {
        word: next((fields[source] for source in sources if fields[source]), "") for word, sources in _SOURCES.items()
    }
    return found | ({"bios": fields["bios_version"]} if fields["bios_version"] else {})


def _device_tree(raw: Raw) -> dict[str, Json]:
    """A board's model line begins with its maker: "Raspberry Pi 4 Model B", "Atmark-Techno Armadillo-IoT …"."""
    model = _told(_one(raw, _TREE_MODEL))
    if not model:
        return {}
    return {"vendor": model.split()[0], "model": model, "serial": _told(_one(raw, _TREE_SERIAL))}


def _container(system: Mapping[str, str]) -> dict[str, Json]:
    return {"vendor": system.get("NAME", ""), "model": "container", "serial": ""}


def _os_release(raw: Raw) -> dict[str, str]:
    text = next((text for read in _OS for text in raw.files(read.name).values()), "")
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip().strip("\"'")[:200] for key, _is, value in pairs}


def _firmware(raw: Raw, system: Mapping[str, str]) -> str:
    """What the updates of this machine count: the OS release, for Debian with its point release."""
    name = system.get("PRETTY_NAME") or " ".join(filter(None, (system.get("NAME"), system.get("VERSION"))))
    point = _one(raw, _DEBIAN)
    if system.get("ID") == "debian" and re.fullmatch(r"[\d.]+", point):
        return name.replace(f" {system.get('VERSION_ID')} ", f" {point} ")
    return name
