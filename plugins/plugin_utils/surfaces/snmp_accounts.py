# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What opens the SNMP agent: communities, which are passwords in the clear, and the keys of SNMPv3 users (C1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..contract import Accounts
from ..model import Unreadable
from ..raw import Raw, Read
from ..stored_secrets import usm
from ..stored_secrets.scheme import Kept, Stored
from . import snmpd
from .snmpd_config import Line, lines

_KEYS = Read("snmp_users.keys", files="/var/lib/snmp/snmpd.conf", secret=True)

#: Where the community stands among the words of a line; options with a value of their own come before it.
_COMMUNITY = {"rocommunity": 0, "rwcommunity": 0, "rocommunity6": 0, "rwcommunity6": 0, "com2sec": 2, "com2sec6": 2}
_WITH_VALUE = frozenset({"-Cn", "-s"})
_PROTOCOLS = frozenset({"MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512", "DES", "AES"})


class SnmpAccounts(Accounts):
    """snmpd.conf(5), and what the agent keeps of its users in its own file."""

    name = "snmp_users"
    of = ("snmpd",)
    reads = (*snmpd.Snmpd.reads, _KEYS)
    change = "stop snmpd, then: sudo net-snmp-create-v3-user, or change the community in its file"

    def kept(self, raw: Raw, present: Collection[str]) -> Kept:
        kept = raw.files(_KEYS.name)
        set_over_snmp = (line for path, text in kept.items() for line in lines({path: text}, (), path))
        secrets = [one for line in (*snmpd.written(raw), *set_over_snmp) for one in _secrets(line)]
        return Kept((*secrets, *(one for text in kept.values() for one in usm.users(text))))


def _secrets(line: Line) -> Iterator[Stored]:
    words = _without_options(line.args)
    if line.word in _COMMUNITY:
        place = _COMMUNITY[line.word]
        if len(words) <= place:
            raise Unreadable(f"{line.at}: {line.word} without a community")
        yield Stored("", "plain", words[place], at=f"the community of {line.at}")
    elif line.word == "createuser" and words:
        # name [auth protocol, passphrase] [privacy protocol, passphrase]; the agent replaces the line by keys
        given = [word for word in words[1:] if word.upper() not in _PROTOCOLS and not word.startswith("-")]
        yield from (Stored(words[0], "plain", word, at=line.at) for word in given)


def _without_options(args: tuple[str, ...]) -> list[str]:
    words: list[str] = []
    skip = False
    for word in args:
        if not skip and word not in _WITH_VALUE:
            words.append(word)
        skip = word in _WITH_VALUE
    return words
