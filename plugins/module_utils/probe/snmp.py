# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SNMP: what an agent tells whoever says ``public`` (v1, RFC 1157; v2c, RFC 3416), and its engine (v3, RFC 3414).

Only reads: one GetRequest for the system group's texts in each version, and v3's discovery, which names no user.
"""

from __future__ import annotations

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import ber
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import NotThis, Silent

COMMUNITY = b"public"
#: SNMPv2-MIB (RFC 3418), the scalars of its system group that a person fills in.
TEXTS = {
    "1.3.6.1.2.1.1.1.0": "snmp_sysdescr",
    "1.3.6.1.2.1.1.4.0": "snmp_syscontact",
    "1.3.6.1.2.1.1.5.0": "snmp_sysname",
    "1.3.6.1.2.1.1.6.0": "snmp_syslocation",
}
V1, V2C, V3 = 0, 1, 3
GET, RESPONSE, REPORT = 0xA0, 0xA2, 0xA8
QUIET = 0.5  # seconds for the answers after the first


async def snmp(visit):
    answer = found.Answer("snmp", community_public=False, engine_id="", versions=[])
    async with visit.datagrams() as door:
        for version in (V1, V2C):
            door.send(request(version))
        door.send(discovery())
        said, strange = await door.hear(), b""
        while said:
            try:
                read(said, answer)
            except ValueError:
                strange = strange or said
            said = b"" if len(answer.facts["versions"]) == 3 else await _next(door)
    if not answer.facts["versions"]:
        raise NotThis(strange)
    _judge(answer)
    return answer


async def _next(door):
    try:
        return await door.hear(QUIET)
    except Silent:
        return b""


def _judge(answer):
    if answer.facts["community_public"]:
        answer.state, answer.why = found.NO_LOGIN, "answers to the community public"
    elif answer.facts["engine_id"]:
        answer.state, answer.why = found.LOGIN, "speaks SNMPv3 and does not answer to public"
    else:
        answer.why = "answers, and tells nothing to public"


# --- messages -----------------------------------------------------------------------------------------------


def request(version):
    """A GetRequest in v1 or v2c."""
    wanted = (ber.encoded(ber.SEQUENCE, ber.oid(name), ber.encoded(ber.NULL)) for name in TEXTS)
    bindings = ber.encoded(ber.SEQUENCE, *wanted)
    pdu = ber.encoded(GET, ber.integer(version + 1), ber.integer(0), ber.integer(0), bindings)
    return ber.encoded(ber.SEQUENCE, ber.integer(version), ber.encoded(ber.OCTETS, COMMUNITY), pdu)


def discovery():
    """RFC 3414, section 4: an empty engine, an empty user, the reportable flag."""
    octets = ber.encoded(ber.OCTETS)
    head = ber.encoded(ber.SEQUENCE, ber.integer(1), ber.integer(65507), ber.encoded(ber.OCTETS, b"\4"), ber.integer(3))
    user = ber.encoded(ber.SEQUENCE, octets, ber.integer(0), ber.integer(0), octets, octets, octets)
    pdu = ber.encoded(GET, ber.integer(1), ber.integer(0), ber.integer(0), ber.encoded(ber.SEQUENCE))
    scoped = ber.encoded(ber.SEQUENCE, octets, octets, pdu)
    return ber.encoded(ber.SEQUENCE, ber.integer(V3), head, ber.encoded(ber.OCTETS, user), scoped)


def read(said, answer):
    """Keeps what one datagram tells. Raises ValueError where it is no SNMP."""
    tag, content = ber.first(said)
    parts = ber.items(content)
    if tag != ber.SEQUENCE or len(parts) < 3 or parts[0][0] != ber.INTEGER:
        raise ValueError("no SNMP message")
    version = ber.number(parts[0][1])
    if version == V3:
        answer.facts["engine_id"] = _engine(parts)[:32].hex()
    elif version in (V1, V2C):
        _texts(parts[2], answer)
    else:
        raise ValueError("an unknown version")
    name = {V1: "1", V2C: "2c", V3: "3"}[version]
    if name not in answer.facts["versions"]:
        answer.facts["versions"].append(name)


def _engine(parts):
    user = ber.items(ber.first(parts[2][1])[1])
    if user[0][0] != ber.OCTETS:
        raise ValueError("no engine")
    return user[0][1]


def _texts(pdu, answer):
    tag, content = pdu
    parts = ber.items(content)
    if tag != RESPONSE or len(parts) < 4:
        raise ValueError("no response")
    answer.facts["community_public"] = True  # an agent does not answer to a community it does not know (RFC 1157, 4.1)
    for _sequence, binding in ber.items(parts[3][1]):
        (_oid, name), (kind, value) = ber.items(binding)[:2]
        surface = TEXTS.get(ber.dotted(name))
        if surface and kind == ber.OCTETS:
            answer.tell(surface, value)
