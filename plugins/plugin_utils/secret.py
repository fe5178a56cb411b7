# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text that nobody sees by accident: it is not printed, not formatted, not put into JSON and not pickled."""

from __future__ import annotations

import hmac
from typing import NoReturn


class Secret:
    """Has its text given out only where somebody asks for it by name."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = str(text)  # a subclass would carry tags that name the controller's paths

    def reveal(self) -> str:
        """The text, for the device or the sealed file; never for a message."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(_bytes(self), _bytes(other))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled: results of workers and caches would hold it")


def _bytes(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogatepass")
