# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 on a header that a web server adds to its answers: what its value tells, whichever web server it is."""

from __future__ import annotations

from ..disclosure import TextVerdict, disclosures, verdict
from ..display import show
from ..model import Intent, Status

#: Headers whose values are settings and name nothing.
_SETTINGS = (
    "x-frame-options", "x-content-type-options", "x-xss-protection", "x-robots-tag", "x-download-options",
    "x-permitted-cross-domain-policies", "x-dns-prefetch-control", "x-accel-buffering", "x-cache-status",
    "x-request-id", "strict-transport-security", "cache-control", "referrer-policy", "content-security-policy",
    "permissions-policy", "content-security-policy-report-only", "feature-policy", "cross-origin-opener-policy",
    "cross-origin-embedder-policy", "cross-origin-resource-policy", "expires", "pragma", "vary", "set-cookie",
    "alt-svc", "allow", "etag", "age", "last-modified", "content-type", "content-disposition",
    "content-language", "content-encoding", "accept-ranges", "connection", "keep-alive", "clear-site-data",
    "expect-ct", "retry-after", "timing-allow-origin", "server-timing",
)  # fmt: skip


def told(name: str, value: str, intent: Intent) -> TextVerdict | None:
    """What this header tells; None when there is nothing to say about it."""
    if name.strip().lower() in _SETTINGS or name.lower().startswith("access-control-"):
        found = disclosures(value, intent.words)
        return TextVerdict(Status.GAP, f"names {', '.join(show(one.match) for one in found)}") if found else None
    said = verdict(f"{name}: {value}", intent.words, intent.label)
    neutral = verdict(value, intent.words, intent.label)
    return neutral if neutral.status is Status.PASS and said.status is not Status.GAP else said
