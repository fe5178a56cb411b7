# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A1 on vsftpd: do logins travel in plain text. Never planned: FTPS needs a certificate, and other clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..model import Intent, Json, Judgement, Status
from .vsftpd_config import Instance, at, is_on

PLAIN = "A1.telnet"

#: The settings that decide it; vsftpd itself refuses every word but YES and NO.
DECIDING = ("local_enable", "ssl_enable", "force_local_logins_ssl")

_FIX = (
    "Use SFTP, which every sshd has; or set ssl_enable=YES with a certificate (rsa_cert_file), and let everybody's "
    "client use FTPS. Where nobody logs in, set local_enable=NO in {}. What must stay as it is belongs into "
    "login_required_plaintext_needed."
)
_STAYS = "Use SFTP instead, or FTPS; until then only the packet filter protects it (ip_allowlist)."


def judge(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """One judgement for each vsftpd that takes logins without TLS."""
    instances: list[Instance] = state["instances"]
    evidence: dict[str, Json] = {"listens": state["listens"]}
    plain = [one for one in instances if is_on(one, "local_enable") and not _demands_tls(one)]
    for one in plain:
        key = "force_local_logins_ssl" if is_on(one, "ssl_enable") else "ssl_enable"
        why = f"{at(one, key)}: {key} is not YES, so names, passwords and files travel in plain text"
        if "ftp" in intent.plaintext_needed:
            why = f"{why}; declared as needed (login_required_plaintext_needed)"
            yield Judgement(PLAIN, "vsftpd", Status.MANUAL, why, fix=_STAYS, evidence=evidence)
        else:
            fix = _FIX.format(at(one, "local_enable"))
            yield Judgement(PLAIN, "vsftpd", Status.GAP, why, fix=fix, evidence=evidence)
    if not plain:
        why = "vsftpd takes no login, or only one that TLS protects"
        yield Judgement(PLAIN, "vsftpd", Status.PASS, why, evidence=evidence)


def _demands_tls(one: Instance) -> bool:
    return is_on(one, "ssl_enable") and is_on(one, "force_local_logins_ssl", default=True)
