# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What opens the SNMP agent: communities, which are passwords in the clear, and the keys of SNMPv3 users (C1).

A community has no account. So that it can be replaced, it is told and stored under a name of ours: one for those who
read with it, one for those who write.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..account_passwords import Work, owner
from ..contract import Accounts
from ..model import Intent, Unreadable
from ..raw import Raw, Read
from ..stored_secrets import usm
from ..stored_secrets.scheme import Kept, Stored
from . import daemon, snmp_setting, snmpd
from .snmpd_config import Line, lines

_KEYS = Read("snmp_users.keys", files=snmp_setting.OWN_FILE, secret=True)

#: Where the community stands among the words of a line; options with a value of their own come before it.
_COMMUNITY = {"rocommunity": 0, "rwcommunity": 0, "rocommunity6": 0, "rwcommunity6": 0, "com2sec": 2, "com2sec6": 2}
_WITH_VALUE = frozenset({"-Cn", "-s"})
_PROTOCOLS = frozenset({"MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512", "DES", "AES"})

#: Under which name; what com2sec makes of its community, other lines decide.
_HOLDERS = {"rocommunity": "snmp_read", "rocommunity6": "snmp_read", "rwcommunity": "snmp_write",
            "rwcommunity6": "snmp_write"}  # fmt: skip

#: A line whose community stands where snmp_setting.py replaces it.
_PLAIN_LINE = re.compile(
    r"""\s*r[ow]community6?[ \t]+(?:"[^"\\]*"|[^\s"'#\\-]\S*)(?:\s.*)?""", re.IGNORECASE | re.ASCII
)


class SnmpAccounts(Accounts):
    """snmpd.conf(5), and what the agent keeps of its users in its own file."""

    name = "snmp_users"
    of = ("snmpd",)
    reads = (*snmpd.Snmpd.reads, _KEYS)
    change = (
        "declare {} in user_credentials_service_accounts and run remediate (it can where systemd runs snmpd, with one "
        "community for reading and one for writing). By hand: stop snmpd, then sudo net-snmp-create-v3-user, or put "
        "another community into its file, or none where SNMPv3 will do. What asks with the old one (the monitoring) "
        "gets no answer until it has the new one"
    )

    def kept(self, raw: Raw, present: Collection[str]) -> Kept:
        kept = raw.files(_KEYS.name)
        written = snmpd.written(raw)
        snmpd.refuse_elsewhere(raw, written)
        if not kept:  # every agent that may write keeps at least its own id
            raise Unreadable(f"what snmpd keeps of its users is not in {snmp_setting.OWN_FILE}")
        set_over_snmp = [line for path, text in kept.items() for line in lines({path: text}, (), path)]
        secrets = [one for line in (*written, *set_over_snmp) for one in _secrets(line)]
        keys = [one for text in kept.values() for one in usm.users(text)]
        unmade = {line.args[0] for line in (*written, *set_over_snmp) if line.word == "createuser" and line.args}
        engines = {name: engine for text in kept.values() for name, engine in usm.of_agent(text).items()}
        about = {
            "unit": _unit(raw),
            "engines": {name: engine for name, engine in engines.items() if name not in unmade},
            "communities": _replaceable(written, set_over_snmp),
        }
        return Kept((*secrets, *keys), about=about)

    def setting(self, state: Mapping[str, Any], accounts: Sequence[Mapping[str, Any]], intent: Intent) -> Work | None:
        """Both at once: the agent stops for it, which it does once."""
        owners = {one["account"]: owner(one["account"], intent) for one in accounts}
        users = {name: state["engines"][name] for name in owners if name in state["engines"]}
        communities = {name: state["communities"][name] for name in owners if name in state["communities"]}
        if not state["unit"] or not (users or communities):
            return None
        return Work(
            snmp_setting.edits(state["unit"], users, communities, owners),
            afterwards=snmp_setting.afterwards(bool(users), bool(communities)),
        )


def _unit(raw: Raw) -> str:
    """The one that stops and starts the agent; "" where systemd does not."""
    told = daemon.unit(raw, "snmpd.unit")
    return told.get("Id", "") if told.get("ActiveState") == "active" else ""


def _secrets(line: Line) -> Iterator[Stored]:
    words = _without_options(line.args)
    if line.word in _COMMUNITY:
        holder, where = _HOLDERS.get(line.word, ""), snmp_setting.place_of(line.file, line.number)
        yield Stored(holder, "plain", _community(line), where if holder else "", "" if holder else where)
    elif line.word == "createuser" and words:
        # name [auth protocol, passphrase] [privacy protocol, passphrase]; the agent replaces the line by keys
        given = [word for word in words[1:] if word.upper() not in _PROTOCOLS and not word.startswith("-")]
        yield from (Stored(words[0], "plain", word, at=line.at) for word in given)


def _community(line: Line) -> str:
    words, place = _without_options(line.args), _COMMUNITY[line.word]
    if len(words) <= place:
        raise Unreadable(f"{line.at}: {line.word} without a community")
    return words[place]


def _without_options(args: tuple[str, ...]) -> list[str]:
    words: list[str] = []
    skip = False
    for word in args:
        if not skip and word not in _WITH_VALUE:
            words.append(word)
        skip = word in _WITH_VALUE
    return words


def _replaceable(written: Iterable[Line], set_over_snmp: Iterable[Line]) -> dict[str, dict[str, list[int]]]:
    """``{name: {file: numbers of its lines}}`` of each name that stands for one community, in lines that we can write.

    Two communities of one kind may be for two machines, and one of both kinds gives who reads the right to write.
    """
    ours, elsewhere = ([line for line in each if line.word in _COMMUNITY] for each in (written, set_over_snmp))
    found = {}
    for name in dict.fromkeys(_HOLDERS.values()):
        own = [line for line in (*ours, *elsewhere) if _HOLDERS.get(line.word) == name]
        communities = {_community(line) for line in own}
        others = {_community(line) for line in (*ours, *elsewhere) if line not in own}
        writable = all(line in ours and _PLAIN_LINE.fullmatch(line.text) for line in own)
        if len(communities) == 1 and not communities & others and writable:
            found[name] = _places(own)
    return found


def _places(group: Iterable[Line]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for line in group:
        places.setdefault(line.file, []).append(line.number)
    return places
