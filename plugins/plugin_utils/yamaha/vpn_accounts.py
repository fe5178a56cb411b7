# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1 for what opens a VPN into the site: keys that were agreed on, and the passwords of those who dial in.

Not what the router itself is let in with elsewhere (``pp auth myname`` and its kin): a provider, or whoever keeps the
other end, has given that out, and it opens nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..model import Absent
from ..raw import Raw
from ..stored_secrets.scheme import Kept, Stored
from .config import Line, last
from .config_secrets import ConfigSecrets, Lines, secret, words
from .identity import Identity


class RouterVpnAccounts(ConfigSecrets):
    """IPsec, L2TP, PPTP and dial-in."""

    name = "vpn_users"
    reads = (*ConfigSecrets.reads, *Identity.reads)
    change = "type the line of {} again with another key or password, then save; the other end needs the same"

    def written(self, lines: Lines, raw: Raw) -> Kept:
        found = tuple(one for line in lines for one in _secrets(line, raw))
        elsewhere = last(lines, "radius", "auth") == "on"
        if not found and not elsewhere:
            raise Absent("no line of the configuration lets anybody in by a VPN")
        return Kept(found, ("radius auth: a RADIUS server has passwords too, which we do not read",) * elsewhere)


def _secrets(line: Line, raw: Raw) -> Iterator[Stored]:
    match words(line.text):
        case ["ipsec", "ike", "pre-shared-key", number, "text", *told] if number.isdecimal():
            yield _of_both_ends(secret(told, at=f"ipsec ike pre-shared-key {number}"))
        case ["ipsec", "ike", "pre-shared-key", number, *told] if number.isdecimal():
            yield _of_both_ends(secret([_typed(word) for word in told], at=f"ipsec ike pre-shared-key {number}"))
        case ["ipsec", "ike", "pre-shared-key", *_strange]:
            yield secret(["*"], at="ipsec ike pre-shared-key")
        case ["pp", "auth", "username", name, *told]:
            yield secret(told, name)
        case ["auth", "user", number, name, *told] if number.isdecimal():
            yield secret(told, name)
        case ["l2tp", "tunnel", "auth", "on", *told]:
            # without a password of its own, the model's name is taken (d)
            model = str(Identity().parsed(raw)["model"])
            yield _of_both_ends(secret(told or [model], at=f"l2tp tunnel auth of tunnel {line.tunnel}"))


def _of_both_ends(key: Stored) -> Stored:
    return replace(key, tunnel=True)


def _typed(key: str) -> str:
    """A key in hexadecimal may be a text that somebody has typed."""
    try:
        text = bytes.fromhex(key.removeprefix("0x")).decode("ascii")
    except ValueError:
        return key
    return text if text.isprintable() and text else key
