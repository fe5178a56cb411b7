# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found at one endpoint: its state, the texts that a visitor reads there, and plain facts.

Texts are decoded and bounded. Their control characters stay: whoever shows them escapes them.
"""

from __future__ import annotations

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import charsets

CLOSED, FILTERED, UNKNOWN = "closed", "filtered", "unknown"
OPEN, LOGIN, NO_LOGIN = "open", "login_required", "open_without_login"

LONGEST = 4096  # characters of one text
LONGER = {"html_text": 20000, "rtsp_sdp": 8192}  # what is prose, and not a name
TEXTS = 60  # of one surface, so that no flood of headers leaves a title out


class Answer:
    """One kind of service at an endpoint."""

    def __init__(self, kind, state=OPEN, why="", **facts):
        self.kind, self.state, self.why, self.facts = kind, state, why, facts
        self.texts = []

    def tell(self, surface, said, cut=False):
        """Keeps a text, given as bytes of any charset or as str; what is empty or already there says nothing."""
        text = plain(said)
        longest = LONGER.get(surface, LONGEST)
        one = {"surface": surface, "text": text[:longest], "cut": bool(cut) or len(text) > longest}
        if not text.strip() or one in self.texts:
            return
        alike = [each for each in self.texts if each["surface"] == surface]
        if len(alike) < TEXTS:
            self.texts.append(one)
        else:
            alike[-1]["cut"] = True

    def as_json(self):
        return {
            "kind": self.kind, "state": self.state, "why": plain(self.why), "texts": self.texts, "facts": self.facts,
        }  # fmt: skip


def plain(said):
    """Text that JSON can carry: a lone surrogate is no character."""
    text = charsets.decoded(said) if isinstance(said, bytes) else said
    return text.encode("utf-8", "replace").decode("utf-8")
