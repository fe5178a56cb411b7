# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH: its banner, the text it shows before a login, and the ways to log in that it offers.

These are told in answer to the method ``none`` (RFC 4252, 5.2), which exists to ask for them. It is sent once, for a
name that is nobody's account, so it logs nobody in; a server that lets even that name in is open to everybody.
"""

from __future__ import annotations

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import NotThis, Stopped
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.ssh_session import (
    DISCONNECT,
    OWN_VERSION,
    Broken,
    NothingInCommon,
    Session,
    string,
    taken,
)

NOBODY = b"iot-site-checklist"
SERVICE, REQUEST, ACCEPTED, FAILURE, SUCCESS, BANNER = 5, 50, 6, 51, 52, 53
LINES = 30  # that may stand before the version (RFC 4253, 4.2)
BANNERS = 5


async def ssh(visit):
    answer = found.Answer("ssh", auth_methods=None)
    async with visit.connection() as line:
        version = await _version(line, answer)
        answer.tell("ssh_banner", version)
        if not version.startswith((b"SSH-2.", b"SSH-1.99")):
            answer.why = "speaks SSH 1 only; which logins it offers cannot be told"
            return answer
        line.send(OWN_VERSION + b"\r\n")
        try:
            await _methods(Session(line, version), answer)
        except NothingInCommon as other:
            answer.why = f"offers nothing that this probe can speak ({other}); which logins it offers cannot be told"
        except (Broken, Stopped) as error:
            answer.why = f"its logins could not be asked for: {error}"
    return answer


async def _version(line, answer):
    """The line that begins with SSH-; those before it are text for people."""
    before = b""
    try:
        for _line in range(LINES):
            said = await line.until(b"\n")
            if said.startswith(b"SSH-"):
                answer.tell("ssh_text", before)
                return said.rstrip(b"\r\n")
            before += said
    except Stopped as stop:
        if not before + stop.heard or stop.heard.startswith(b"SSH-"):
            raise
        raise NotThis(before + stop.heard) from None
    raise NotThis(before)


async def _methods(session, answer):
    await session.exchange()
    session.send(bytes((SERVICE,)) + string(b"ssh-userauth"))
    await session.receive(ACCEPTED)
    session.send(bytes((REQUEST,)) + string(NOBODY) + string(b"ssh-connection") + string(b"none"))
    for _banner in range(BANNERS):
        said = await session.receive(FAILURE, SUCCESS, BANNER)
        if said[0] != BANNER:
            read(said, answer)
            break
        answer.tell("ssh_text", taken(said[1:])[0])
    session.send(bytes((DISCONNECT,)) + (11).to_bytes(4, "big") + string(b"") + string(b""))


def read(said, answer):
    if said[0] == SUCCESS:
        answer.state, answer.why = found.NO_LOGIN, "lets anybody in, without a password or a key"
        answer.facts["auth_methods"] = ["none"]
    else:
        methods = taken(said[1:])[0].decode("ascii", "replace").split(",")
        answer.state, answer.why = found.LOGIN, "asks for a login"
        answer.facts["auth_methods"] = [name[:60] for name in methods if name][:20]
