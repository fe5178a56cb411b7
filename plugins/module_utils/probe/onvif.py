# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ONVIF (Core Specification 5.x): the requests that only read, without a login; and WS-Discovery to one address.

GetSystemDateAndTime is open on every device (access class PRE_AUTH), so it tells only that ONVIF is spoken. Whether
GetDeviceInformation, of class READ_SYSTEM, is answered tells whether a login is wanted.
"""

from __future__ import annotations

from urllib.parse import unquote

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import http_client, tls, xml_elements
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import (
    NotThis,
    Refused,
    Silent,
    Stopped,
    Unreachable,
)

SERVICE = "/onvif/device_service"
_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
    '<{} xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>'
)
_PROBE = (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><s:Header>'
    "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"
    "<a:MessageID>urn:uuid:{}</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>"
    '<s:Body><d:Probe xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"/></s:Body></s:Envelope>'
)
_MESSAGE = "7d1b1f0e-5b0c-4d5a-9f51-0a7c2f6c0b11"  # any id: what it asks for has no effect
DEVICE = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")
_GONE = (Refused, Silent, Unreachable, Stopped, NotThis)


async def onvif(visit):
    """Over HTTP, or HTTPS on the ports that are known for it."""
    secure = tls.context() if visit.port in (443, 8443) else None
    _status, clock = await _asked(visit, secure, "GetSystemDateAndTime")
    if not any(path.endswith("GetSystemDateAndTimeResponse") for path, _text in clock) and not _is_barred(clock):
        raise NotThis()
    answer = found.Answer("onvif", why="speaks ONVIF")
    for request, read in (("GetScopes", read_scopes), ("GetDeviceInformation", read_device)):
        try:
            status, said = await _asked(visit, secure, request)
        except _GONE:
            continue
        read(status, said, answer)
    return answer


async def _asked(visit, secure, request):
    """``(status, the answer's elements)``; an answer that is no XML has none."""
    headers = ("Content-Type: application/soap+xml; charset=utf-8", "Connection: close")
    message = await http_client.ask(visit, SERVICE, secure, "POST", headers, _ENVELOPE.format(request).encode())
    try:
        return message.status, xml_elements.elements(message.text)
    except ValueError:
        return message.status, []


def _is_barred(said):
    """ONVIF's own fault for a request that wants a login (5.8.2.2)."""
    return any(text.endswith("NotAuthorized") for text in xml_elements.texts(said, "Value"))


def read_scopes(_status, said, answer):
    for text in xml_elements.texts(said, "ScopeItem"):
        answer.tell("onvif_scope", unquote(text))


def read_device(status, said, answer):
    told = [(name, text) for name in DEVICE for text in xml_elements.texts(said, name)[:1]]
    for name, text in told:
        answer.tell("onvif_device", text if name != "SerialNumber" else f"SerialNumber {text}")
    if told:
        answer.state, answer.why = found.NO_LOGIN, "tells what it is (GetDeviceInformation) without a login"
    elif status == 401 or _is_barred(said):
        answer.state, answer.why = found.LOGIN, "asks for a login (GetDeviceInformation)"


async def discovery(visit):
    """WS-Discovery over UDP; it has no login, and says where the device's service is."""
    async with visit.datagrams() as door:
        door.send(_PROBE.format(_MESSAGE).encode())
        said = await door.hear()
    return read_match(said)


def read_match(said):
    """The Answer of ProbeMatches, or of a ProbeMatch without them. Raises NotThis on anything else."""
    try:
        told = xml_elements.elements(found.plain(said))
    except ValueError:
        raise NotThis(said) from None
    if not any("ProbeMatch" in path for path, _text in told):
        raise NotThis(said)
    answer = found.Answer("onvif", found.NO_LOGIN, "answers WS-Discovery, which has no login")
    for scopes in xml_elements.texts(told, "Scopes"):
        for scope in scopes.split():
            answer.tell("onvif_scope", unquote(scope))
    answer.facts["types"] = " ".join(xml_elements.texts(told, "Types"))[:200]
    return answer
