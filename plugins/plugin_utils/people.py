# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The people of a site: united from every variable that lists some, each with the addresses they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from . import addresses, public_key, readers
from .ip import IPSet
from .model import Person
from .problems import Expected, Problems

_KEYS = frozenset({"name", "sources", "via", "shared", "access", "account", "age", "gpg"})
NAME = readers.line(64)

#: What every device takes: useradd(8), and 32 characters on the RTX.
ACCOUNT = readers.text(
    r"[a-z_][a-z0-9_-]{0,31}", "an account's name of up to 32 of a-z, 0-9, - and _, not beginning with a digit or -"
)
_PUBLIC_KEYS = {"age": public_key.age, "gpg": public_key.gpg}
ACCESS = ("admin", "operator", "viewer")
_ACCESS = readers.choice(*ACCESS)


def vpns_from(declared: Any, wrong: Problems) -> dict[str, tuple[str, ...]]:
    """The pools of the site's VPNs by name."""
    vpns = wrong.mapping("iot_site_vpns", declared)
    return {str(name): sources_from(pool, f"iot_site_vpns[{name}]", wrong) for name, pool in vpns.items()}


def sources_from(value: Any, variable: str, wrong: Problems, *, loopback: bool = False) -> tuple[str, ...]:
    """The canonical form of one list of addresses; every wrong entry is recorded by itself."""
    united = IPSet()
    for entry in wrong.items(variable, value):
        try:
            united |= addresses.parse(entry, loopback=loopback)
        except Expected as expected:
            wrong.add(variable, entry, str(expected))
    return addresses.written(united)


def people_from(declared: Any, vpns: Mapping[str, tuple[str, ...]], wrong: Problems) -> tuple[Person, ...]:
    """Every person of every variable, once, by name. One name with two contents is an error in both places."""
    people: dict[str, Person] = {}
    for variable, entries in sorted(wrong.mapping("iot_site_people", declared).items()):
        for person in _people_in(variable, entries, vpns, wrong):
            known = people.setdefault(person.name, person)
            if replace(known, variable="") != replace(person, variable=""):
                expected = f"the same content as in {known.variable}[{person.name}], or another name"
                wrong.add_unshown(f"{person.variable}[{person.name}]", expected)
    return tuple(people[name] for name in sorted(people))


def _people_in(variable: str, entries: Any, vpns: Mapping[str, tuple[str, ...]], wrong: Problems) -> Iterable[Person]:
    for number, entry in enumerate(wrong.items(variable, entries)):
        if isinstance(entry, Mapping):
            yield _person(variable, number, entry, vpns, wrong)
        else:
            wrong.add(
                f"{variable}[{number}]", entry, "a person: {name: ..., sources: [...]} or {name: ..., via: <VPN>}"
            )


def _person(
    variable: str, number: int, entry: Mapping[Any, Any], vpns: Mapping[str, tuple[str, ...]], wrong: Problems
) -> Person:
    name = wrong.read(f"{variable}[{number}].name", entry.get("name") or "", NAME, "")
    place = f"{variable}[{name or number}]"
    wrong.unknown_keys(place, entry, _KEYS)
    via = wrong.read(f"{place}.via", entry.get("via"), NAME, "")
    if via and entry.get("sources"):
        wrong.add(f"{place}.via", via, "either sources or via: somebody who uses a VPN comes from its pool only")
    sources = sources_from(entry.get("sources"), f"{place}.sources", wrong)
    keys = {kind: _key(entry.get(kind), f"{place}.{kind}", reader, wrong) for kind, reader in _PUBLIC_KEYS.items()}
    if all(keys.values()):
        wrong.add_unshown(f"{place}.gpg", "either age or gpg: what is handed over is encrypted to one key")
    return Person(
        name=name or f"{variable}[{number}]",
        sources=vpns.get(via, ()) if via else sources,
        via=via,
        shared=wrong.read(f"{place}.shared", entry.get("shared"), readers.flag, False),
        access=wrong.read(f"{place}.access", entry.get("access"), _ACCESS, "operator"),
        account=wrong.read(f"{place}.account", entry.get("account"), ACCOUNT, _account(name)),
        age=keys["age"],
        gpg=keys["gpg"],
        variable=variable,
    )


def _account(name: str) -> str:
    try:
        return ACCOUNT(name)
    except Expected:
        return ""


def _key(value: Any, place: str, reader: Callable[[Any], str], wrong: Problems) -> str:
    """A public key; "" without one. A wrong one is not shown: it could be the private key."""
    try:
        return "" if value is None else reader(value)
    except Expected as expected:
        wrong.add_unshown(place, str(expected))
        return ""


def refuse_world(people: Iterable[Person], management: tuple[str, ...], wrong: Problems) -> None:
    """Nobody alone may be the world (refused entry by entry), and neither may everybody together."""
    origins = {f"{person.variable}[{person.name}].sources": person.sources for person in people}
    origins["iot_site_management_sources"] = management
    united = addresses.union(source for sources in origins.values() for source in sources)
    if addresses.is_world(united):
        widest = [origin for origin, sources in origins.items() if addresses.wide(addresses.union(sources), 256)]
        together = f"{addresses.WORLD} (the named entries together are that wide)"
        wrong.add(" + ".join(widest), ", ".join(addresses.written(united)), together)


def shared_sources(people: Iterable[Person], management: tuple[str, ...], most: int) -> tuple[str, ...]:
    """The part of the allowlist that strangers share: declared to be so, or wider than one person's network."""
    shared = addresses.wide(addresses.union(management), most)
    for person in people:
        theirs = addresses.union(person.sources)
        shared |= theirs if person.shared else addresses.wide(theirs, most)
    return addresses.written(shared)
