# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The smallest change that leaves a door to the allowlist.

New filters get numbers of our own range first; then one line swaps the list. What the owner opened stays open to
the allowlist only, what the router needs stays, what the owner rejects stays in its place. Nothing gets wider.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..addresses import union, written
from ..ip import IPSet
from ..model import Change, Intent, LineEdit
from . import flows
from .filters import ALL_PORTS, ANSWERS, Opening, Rule, openings, parse, trigger, within
from .inbound import OWN, OWN_DYNAMIC, Guarded, open_to

#: The longest list we write. The device takes 128 numbers in one list. (a)
_LONGEST = 100
#: Connections from inside whose answers come back, once the list no longer lets everything in. (d)
_OUTWARD = ("* * ftp", "* * tcp", "* * udp")
_EVERYTHING = "pass * * * * *"
_PROTOCOL_NAMES = {"1": "icmp", "6": "tcp", "17": "udp", "47": "gre", "50": "esp", "51": "ah", "58": "icmp6"}
_HIGH: tuple[int, int] = (1024, 65535)


@dataclass(frozen=True, slots=True)
class Manual:
    """Why the device's language cannot express the change, and what a person does instead."""

    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class _Entries:
    """A list as it should be: numbers of filters that stay, and texts of own ones."""

    static: tuple[int | str, ...]
    triggers: tuple[int | str, ...]


class _Numbers:
    """Numbers of our range: an own filter with the same text is used again, a free number is taken otherwise."""

    def __init__(self, span: range, defined: dict[int, str]) -> None:
        self._by_body = {body: number for number, body in sorted(defined.items(), reverse=True) if number in span}
        self._free = iter([number for number in span if number not in defined])
        self._new: dict[int, str] = {}

    def of(self, entry: int | str) -> int:
        if isinstance(entry, int):
            return entry
        if entry not in self._by_body:
            self._by_body[entry] = next(self._free)
            self._new[self._by_body[entry]] = entry
        return self._by_body[entry]

    def taken(self) -> dict[int, str]:
        """The new filters since the last time, by number."""
        new, self._new = self._new, {}
        return new


def changes(doors: Sequence[Guarded], needed: list[str], intent: Intent) -> tuple[Change, ...] | Manual:
    """One change for each door that needs one; Manual where one door's cannot be expressed (then none is made)."""
    wanted = [(door, _wanted(door, needed, intent)) for door in doors if door.door.used]
    for door, entries in wanted:
        if entries is not None and (reason := _inexpressible(door, entries, needed, intent)):
            return reason
    made = []
    static = {family: _Numbers(OWN, _own(doors, family)) for family in (4, 6)}
    dynamic = {family: _Numbers(OWN_DYNAMIC, _dynamic(doors, family)) for family in (4, 6)}
    lists: dict[int, list[str]] = {4: [], 6: []}  # every list as it will be, to see which own filters nothing names
    for door, entries in wanted:
        family = door.door.family
        inbound, outbound = door.inbound or "", door.outbound
        if entries is not None:
            inbound = _text(map(static[family].of, entries.static), map(dynamic[family].of, entries.triggers))
            outbound = _outbound(door, entries, static[family], dynamic[family])
            made.append(_change(door, inbound, outbound, static[family].taken(), dynamic[family].taken()))
        lists[family] += [inbound, outbound or ""]
    if made:
        made[-1] = replace(made[-1], edits=(*made[-1].edits, *_leftovers(doors, lists)))
    return tuple(made)


# --- which filters the door's list should hold --------------------------------------------------------------


def _wanted(door: Guarded, needed: list[str], intent: Intent) -> _Entries | None:
    """What the list should hold; None where it is right already."""
    family = door.door.family
    allowed = union(intent.allow4 if family == 4 else intent.allow6)
    if door.inbound is None:
        everything = parse(0, _EVERYTHING, family)
        inside = [*_narrowed(everything, allowed, IPSet(), family), *_essential(everything, {"*"}, needed, family)]
        return _Entries(_unique(inside), ())
    idle: dict[int, set[str]] = {}
    for opening in open_to(door, intent, needed)[0]:
        if not opening.rule.dynamic:
            idle.setdefault(opening.rule.number, set()).add(opening.protocol)
    entries: list[int | str] = []
    for rule in door.rules():
        own = rule.number in OWN and rule.passes and not _is_essential(rule, needed, family)
        if rule.number in idle or own:
            entries += _narrowed(rule, allowed, allowed if own else IPSet(), family)
            entries += [] if own else _essential(rule, idle[rule.number], needed, family)
        else:
            entries.append(rule.number)
    wanted = _Entries(_unique(entries), _triggers(door, allowed))
    present = _Entries(tuple(door.numbers), tuple(door.triggers))
    return None if _bodies(door, wanted) == _bodies(door, present) else wanted


def _triggers(door: Guarded, allowed: IPSet) -> tuple[int | str, ...]:
    """The dynamic filters of the way in, watching the allowlist only."""
    entries: list[int | str] = []
    for number in door.triggers:
        body = door.dynamic[number]
        sources = trigger(number, body, door.door.family).sources
        own = number in OWN_DYNAMIC
        if own or not sources.issubset(allowed):
            _source, rest = body.split(" ", 1)
            blocks = _blocks((allowed & sources) | (allowed if own else IPSet()), door.door.family)
            entries += [f"{block} {rest}" for block in blocks]
        else:
            entries.append(number)
    return _unique(entries)


def _narrowed(rule: Rule, allowed: IPSet, at_least: IPSet, family: int) -> list[int | str]:
    """The rule again, for the allowlist only."""
    _action, _source, *rest = rule.body.split()
    shape = " ".join((*rest, *"****")[:4])
    return [f"pass {block} {shape}" for block in _blocks((allowed & rule.sources) | at_least, family)]


def _essential(rule: Rule, closed: set[str], needed: list[str], family: int) -> list[int | str]:
    """What the rule let in besides and must not be lost: its other protocols, and needed flows where it was broad."""
    _action, source, *rest = rule.body.split()
    target, _protocol, source_ports, target_ports = (*rest, *"****")[:4]
    kept: list[int | str] = [
        f"pass {source} {target} {_PROTOCOL_NAMES.get(name, name)} {source_ports} {target_ports}"
        for name in sorted(rule.protocols - closed)
    ]
    broad = closed if _is_broad(rule) else set()
    if broad & {"*", "6"}:
        kept.append(f"pass {source} {target} established * *")
    kept += [flow.line(source, target) for flow in flows.flows(needed, family) if broad & {"*", flow.protocol}]
    return kept


def _is_broad(rule: Rule) -> bool:
    """Whether answers to connections from inside came back through it."""
    return rule.source_ports == ALL_PORTS and within((_HIGH,), rule.target_ports)


def _is_essential(rule: Rule, needed: list[str], family: int) -> bool:
    others = rule.protocols - ANSWERS
    return all(flows.reason(Opening(rule, protocol, rule.sources), needed, family) for protocol in others)


def _blocks(addresses: IPSet, family: int) -> tuple[str, ...]:
    """As the device writes addresses. A range of IPv6 addresses is written as networks. (a)"""
    blocks = written(addresses) if family == 4 else tuple(str(cidr) for cidr in addresses.iter_cidrs())
    return tuple(block.removesuffix("/32") if family == 4 else block for block in blocks)


def _unique(entries: list[int | str]) -> tuple[int | str, ...]:
    return tuple(dict.fromkeys(entries))


def _bodies(door: Guarded, entries: _Entries) -> list[list[str]]:
    return [
        [defined[entry] if isinstance(entry, int) else entry for entry in listed]
        for defined, listed in ((door.filters, entries.static), (door.dynamic, entries.triggers))
    ]


def _inexpressible(door: Guarded, entries: _Entries, needed: list[str], intent: Intent) -> Manual | None:
    where = f"{door.door.interface} (IPv{door.door.family})"
    count = len(entries.static) + len(entries.triggers)
    if door.by_name:
        why = f"{where} uses the filter set {door.by_name}, which this version does not change"
        return Manual(why, f"Narrow {door.by_name} to the allowlist.")
    if count > _LONGEST:
        why = f"{where} would need {count} filters, more than one list takes"
        return Manual(why, "Merge addresses of the allowlist or open fewer services.")
    family = door.door.family
    allowed = union(intent.allow4 if family == 4 else intent.allow6)
    rules = [parse(position, body, family) for position, body in enumerate(_bodies(door, entries)[0])]
    if any(not flows.reason(opening, needed, family) for opening in openings(rules, allowed)):
        why = f"{where}: the order of the owner's filters does not allow a safe change"
        return Manual(why, "Rewrite this list by hand.")
    return None


# --- how the device is told ---------------------------------------------------------------------------------


def _change(
    door: Guarded, inbound: str, outbound: str | None, static: dict[int, str], dynamic: dict[int, str]
) -> Change:
    command = door.door.command
    version = command.split()[0]
    swaps = []
    if outbound != door.outbound:
        swaps.append(_setting(command, "out", outbound or "", door.outbound))
    swaps.append(_setting(command, "in", inbound, door.inbound))
    edits = (
        *(
            LineEdit(f"{version} filter {number} {body}", f"no {version} filter {number}")
            for number, body in static.items()
        ),
        *(
            LineEdit(f"{version} filter dynamic {number} {body}", f"no {version} filter dynamic {number}")
            for number, body in dynamic.items()
        ),
        *_selected(door.door.interface, swaps),
    )
    return Change(
        "A2.forwarded",
        "filters",
        f"{door.door.interface}: let only the allowlist begin IPv{door.door.family} connections",
        before="\n".join((*_shown(door), swaps[-1].undo)),
        after="\n".join(edit.line for edit in edits),
        edits=edits,
        cuts_access=True,
    )


def _shown(door: Guarded) -> Iterator[str]:
    version = door.door.command.split()[0]
    return (f"{version} filter {rule.number} {rule.body}" for rule in door.rules())


def _setting(command: str, direction: str, now: str, before: str | None) -> LineEdit:
    beginning = f"{command} secure filter {direction}"
    return LineEdit(f"{beginning} {now}", f"no {beginning}" if before is None else f"{beginning} {before}".rstrip())


def _selected(interface: str, edits: list[LineEdit]) -> tuple[LineEdit, ...]:
    """Inside the interface's selection, there and back again, in both directions of time."""
    kind, _space, which = interface.partition(" ")
    if not which:
        return tuple(edits)
    enter, leave = f"{kind} select {which}", f"{kind} select none"
    return (LineEdit(enter, leave), *edits, LineEdit(leave, enter))


def _outbound(door: Guarded, entries: _Entries, static: _Numbers, dynamic: _Numbers) -> str | None:
    """The list on the way out, with dynamic filters where answers would be lost without."""
    answers_lost = any(isinstance(entry, str) and " established " in entry for entry in entries.static)
    if not answers_lost or "dynamic" in (door.outbound or "").split():
        return door.outbound
    first = str(static.of(_EVERYTHING)) if door.outbound is None else door.outbound
    return " ".join((first, "dynamic", *(str(dynamic.of(body)) for body in _OUTWARD)))


def _text(static: Iterable[int], triggers: Iterable[int]) -> str:
    numbers, watched = " ".join(map(str, static)), " ".join(map(str, triggers))
    return f"{numbers} dynamic {watched}" if watched else numbers


def _named(lists: list[str]) -> tuple[set[int], set[int]]:
    """The static and the dynamic filters that these lists name."""
    halves = [text.partition("dynamic") for text in lists]
    static = {int(word) for half in halves for word in half[0].split()}
    return static, {int(word) for half in halves for word in half[2].split()}


def _leftovers(doors: Sequence[Guarded], lists: dict[int, list[str]]) -> Iterator[LineEdit]:
    """Own filters that no list names any more."""
    for family, version in ((4, "ip"), (6, "ipv6")):
        static, dynamic = _named(lists[family])
        kinds = (("filter", _own(doors, family), static), ("filter dynamic", _dynamic(doors, family), dynamic))
        for kind, own, named in kinds:
            for number in sorted(own.keys() - named):
                yield LineEdit(f"no {version} {kind} {number}", f"{version} {kind} {number} {own[number]}")


def _own(doors: Sequence[Guarded], family: int) -> dict[int, str]:
    return {
        number: body
        for door in doors
        if door.door.family == family
        for number, body in door.filters.items()
        if number in OWN
    }


def _dynamic(doors: Sequence[Guarded], family: int) -> dict[int, str]:
    mine = [door.dynamic for door in doors if door.door.family == family]
    return {number: body for dynamic in mine for number, body in dynamic.items() if number in OWN_DYNAMIC}
