# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How net-snmp's agent is made to keep other keys of its users, and other communities.

It writes its own file when it stops and when it starts, so keys are put there in between, as lines ``createUser``. It
makes lines ``usmUser`` of them when it has taken them: that is the proof. On the way back it is killed, for a stop
would write the new keys over the old file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..model import Edit, Given, KeptFile, RunEdit

OWN_FILE = "/var/lib/snmp/snmpd.conf"

#: From lines ``name:5:engine:key``, of each user one for authentication and one for privacy. printf is the shell's own:
#: no key becomes an argument of a program.
_USERS = r"""
set -e
while IFS=: read -r user hash engine key && IFS=: read -r user hash engine cipher; do
  others=$(sed "/^usmUser [0-9]* [0-9]* 0x$engine \"$user\" /d" "$1")
  printf '%s\ncreateUser %s SHA-256 -l 0x%s AES -l 0x%s\n' "$others" "$user" "$key" "$cipher" > "$1"
done
"""

#: From lines ``name:community``, all of the same, in the lines of a file whose numbers are the second argument.
_COMMUNITY = r"""
set -e
text=$(awk -v at=" $2 " '
  NR == FNR { new = substr($0, index($0, ":") + 1); next }
  index(at, " " FNR " ") {
    match($0, /^[ \t]*[^ \t]+[ \t]+/)
    head = substr($0, 1, RLENGTH); rest = substr($0, RLENGTH + 1)
    sub(/^("[^"]*"|[^ \t\r]+)/, "", rest)
    $0 = head new rest
  }
  { print }' - "$1")
printf '%s\n' "$text" > "$1"
"""

#: Done once the agent has taken every user.
_START = r"""
systemctl start "$1" || exit 1
for second in 1 2 3 4 5 6 7 8 9 10; do
  grep -qi '^createUser ' "$2" || exec systemctl -q is-active "$1"
  sleep 1
done
echo "$1 does not take the new users"; exit 1
"""
_KILL = 'systemctl kill -s KILL "$1"; :'


def place_of(path: str, number: int) -> str:
    """What tells one community of a name from another."""
    return f"the community of {path}:{number}"


def edits(
    unit: str, users: Mapping[str, str], communities: Mapping[str, Mapping[str, Sequence[int]]],
    owners: Mapping[str, str],
) -> tuple[Edit, ...]:  # fmt: skip
    """``users`` by name with the engine's id; ``communities`` by name with the lines of each file."""
    files = dict.fromkeys([*([OWN_FILE] if users else []), *(path for each in communities.values() for path in each)])
    keys = tuple(
        Given(owners[name], name, "snmp_users", "usm", ("usm",), part=part, engine=engine)
        for name, engine in users.items()
        for part in ("authentication", "privacy")
    )
    words = [
        RunEdit(
            ("sh", "-c", _COMMUNITY, "sh", path, " ".join(map(str, numbers))),
            given=tuple(
                Given(owners[name], name, "snmp_users", "plain", ("plain",), part=place_of(path, number))
                for number in numbers
            ),
        )
        for name, places in communities.items()
        for path, numbers in places.items()
    ]
    return (
        *map(KeptFile, files),
        RunEdit(("systemctl", "stop", unit), undo=("systemctl", "start", unit)),
        *([RunEdit(("sh", "-c", _USERS, "sh", OWN_FILE), given=keys)] if keys else []),
        *words,
        RunEdit(("sh", "-c", _START, "sh", unit, OWN_FILE), undo=("sh", "-c", _KILL, "sh", unit)),
    )


def afterwards(users: bool, communities: bool) -> str:
    told = ["the SNMPv3 user with SHA-256 and AES"] if users else []
    told += ["the community"] if communities else []
    return f"Then give what asks (the monitoring) {' and '.join(told)}: until it has the new one, it gets no answer."
