# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of a device on their way from the task that read them to the tasks that judge them: nobody else opens them.

Only facts outlive a task, and facts are shown, cached and written to disk. So what they hold of secrets is encrypted
with a key that is made at import, in the parent of all workers as the run id is (run.py), and written nowhere: it is
gone with this ansible-playbook.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Collection
from typing import Any

from .model import as_json
from .raw import Output, Raw

try:
    from cryptography.fernet import Fernet, InvalidToken

    MISSING = ""
    _SEAL = Fernet(Fernet.generate_key())
except ImportError:  # ansible-core itself requires it
    MISSING = (
        "the Python library cryptography is missing on the controller: install it where ansible runs (pip install "
        "cryptography), then run again"
    )


def sealed(raw: Raw, names: Collection[str]) -> str:
    """These of the outputs. An earlier run's text, or nobody's, opens to None."""
    told = {
        name: {
            key: [base64.b64encode(out.data).decode(), out.rc, out.truncated, out.error] for key, out in each.items()
        }
        for name, each in raw.outputs.items()
        if name in names
    }
    return sealed_json(told)


def opened(text: str) -> Raw | None:
    told = opened_json(text)
    if told is None:
        return None
    return Raw(
        {
            name: {key: Output(base64.b64decode(data), *rest) for key, (data, *rest) in each.items()}
            for name, each in told.items()
        }
    )


def sealed_json(value: object) -> str:
    """The same for whatever has a JSON form."""
    return _SEAL.encrypt(zlib.compress(json.dumps(value, default=as_json).encode(), 1)).decode("ascii")


def opened_json(text: str) -> Any:
    try:
        return json.loads(zlib.decompress(_SEAL.decrypt(text.encode())))
    except InvalidToken:
        return None
