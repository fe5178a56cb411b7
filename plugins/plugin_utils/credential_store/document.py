# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clear text of a record: JSON, which ``ansible-vault view`` shows as it stands. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from ..evidence import json_text
from ..model import Json
from ..secret import Secret
from .record import Credential, Owner, Record
from .unusable import Damaged

SCHEMA = 1

_PLACES = ("active", "pending", "previous")


def written(record: Record) -> bytes:
    """The one function that puts a secret into a text; what it returns goes to nobody but the seal."""
    owner = record.owner
    credentials = {place: _told(getattr(record, place)) for place in _PLACES}
    content = {"schema": SCHEMA, "site": owner.site, "device": owner.device, "person": owner.person,
               "counter": record.counter, "retired": record.retired, **credentials}  # fmt: skip
    return json_text(cast(Json, content)).encode("utf-8")


def read(clear: bytes) -> Record:
    """What :func:`written` wrote. Raises Damaged for everything else, and shows nothing of it."""
    record = _record(_content(clear))
    if record is None:
        raise Damaged("it does not hold what this version writes. Restore it from a backup")
    return record


def owned(record: Record, owner: Owner | None, where: object) -> Record:
    """What was moved or renamed opens as well; it must not stand for somebody else. Raises Damaged."""
    if record.owner != owner:
        belongs = f"it belongs to {record.owner} of site '{record.owner.site}'"
        raise Damaged(f"{where} cannot be used: {belongs}. Move it back to where it was")
    return record


def _content(clear: bytes) -> Any:
    try:
        return json.loads(clear.decode("utf-8"))
    except ValueError:
        return None


def _record(content: Any) -> Record | None:
    try:
        record = Record(
            owner=Owner(_text(content["site"]), _text(content["device"]), _text(content["person"])),
            counter=_number(content["counter"]),
            retired=_text(content["retired"]),
            **{place: _credential(content[place]) for place in _PLACES},
        )
    except (KeyError, TypeError):  # their own words could quote the file
        return None
    return record if content["schema"] == SCHEMA and _in_order(record) else None


def _in_order(record: Record) -> bool:
    """No two credentials have one number, none a number that was not given yet."""
    numbers = [each.number for each in (record.active, record.pending, record.previous) if each is not None]
    return len(set(numbers)) == len(numbers) and all(0 < number <= record.counter for number in numbers)


def _told(credential: Credential | None) -> dict[str, Json] | None:
    if credential is None:
        return None
    return {"number": credential.number, "account": credential.account, "secret": credential.secret.reveal(),
            "surfaces": list(credential.surfaces), "made": credential.made}  # fmt: skip


def _credential(told: Mapping[str, Any] | None) -> Credential | None:
    if told is None:
        return None
    return Credential(
        number=_number(told["number"]),
        account=_text(told["account"]),
        secret=Secret(_text(told["secret"])),
        surfaces=tuple(map(_text, _list(told["surfaces"]))),
        made=_text(told["made"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value
