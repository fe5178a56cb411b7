# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: the certificate that a visitor is shown, and what is spoken inside."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import lru_cache

from ansible_collections.iot_site.checklist.plugins.module_utils import any_tls
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.certificate import Certificate, written

context = lru_cache(maxsize=1)(any_tls.context)


async def tls(visit):
    """A port where TLS is spoken, whatever is inside."""
    answer = found.Answer("tls", why="speaks TLS; what is inside was not asked")
    async with visit.connection(context()):
        keep(answer, visit.certificate)
    return answer


def keep(answer, der):
    """The certificate's texts and facts."""
    try:
        certificate = Certificate(der)
    except ValueError:
        answer.facts["certificate"] = "not understood" if der else "none"
        return
    answer.tell("certificate_subject", written(certificate.subject))
    answer.tell("certificate_issuer", written(certificate.issuer))
    for name in certificate.names:
        answer.tell("certificate_san", name)
    answer.facts.update(
        expired=certificate.not_after < datetime.now(timezone.utc),
        self_signed=certificate.self_signed,
        not_after=certificate.not_after.date().isoformat(),
    )
