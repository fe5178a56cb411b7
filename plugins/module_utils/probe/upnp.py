# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""UPnP (Device Architecture 1.1): a search sent to one address, and the description that the device names, when that
lies on the device itself.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import charsets, http_client, web, xml_elements
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import (
    NotThis,
    Refused,
    Silent,
    Stopped,
    Unreachable,
)

#: Where descriptions usually lie, for a TCP port that is known to have one (MiniUPnPd, and what its kin serve).
PATHS = ("/rootDesc.xml", "/description.xml", "/DeviceDescription.xml", "/gatedesc.xml")
NAMES = (
    "friendlyName", "manufacturer", "modelName", "modelNumber", "modelDescription", "serialNumber", "presentationURL",
)  # fmt: skip
_GONE = (Refused, Silent, Unreachable, Stopped, NotThis)


async def search(visit):
    """Over UDP, as its section 1.3.2 has it for one address."""
    host = f"[{visit.address}]" if ":" in visit.address else visit.address
    lines = ("M-SEARCH * HTTP/1.1", f"HOST: {host}:{visit.port}", 'MAN: "ssdp:discover"', "ST: upnp:rootdevice")
    async with visit.datagrams() as door:
        door.send("\r\n".join((*lines, "", "")).encode("ascii"))
        said = await door.hear()
    answer, place = read_search(said)
    there, same = web.resolved("", place, visit) if place else ("", False)
    answer.facts["left_for"] = "other host (not followed)" if place and not same else ""
    if same:
        await _described(visit, there, answer)
    return answer


def read_search(said):
    """``(Answer, where its description lies)``. Raises NotThis on anything else."""
    if not said.startswith(b"HTTP/1."):
        raise NotThis(said)
    answer = found.Answer("upnp", found.NO_LOGIN, "answers searches, and UPnP knows no login")
    headers = dict(re.findall(r"(?m)^([A-Za-z]{1,20})[ \t]*:[ \t]*([^\r\n]*)", charsets.decoded(said)))
    by_name = {name.lower(): value for name, value in headers.items()}
    answer.tell("upnp_name", by_name.get("server", ""))
    return answer, by_name.get("location", "")


async def _described(visit, url, answer):
    parts = urlsplit(url)
    there = visit.beside(parts.port or 80)
    try:
        message = await http_client.ask(there, parts.path or "/")
        read_description(message.text, answer)
    except (*_GONE, ValueError):
        answer.facts["description"] = "could not be read"


async def description(visit):
    """Over TCP, by the usual paths."""
    answer = found.Answer("upnp", found.NO_LOGIN, "describes itself, and UPnP knows no login")
    for path in PATHS:
        message = await http_client.ask(visit, path)
        try:
            if message.status == 200 and read_description(message.text, answer):
                answer.facts["path"] = path
                return answer
        except ValueError:
            continue
    raise NotThis(b"HTTP/")


def read_description(text, answer):
    """Whether it is one (section 2.3); keeps its names. Raises ValueError on what is no XML."""
    told = xml_elements.elements(text)
    for name in NAMES:
        for value in xml_elements.texts(told, name):
            answer.tell("upnp_name", value)
    return any(path.startswith("root/device") for path, _text in told)
