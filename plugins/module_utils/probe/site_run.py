# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All endpoints of a site in one run: many at a time, at one pace, with an end.

``endpoints`` and ``controls`` give what the module returns. No answer of one endpoint can spoil another's row.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from functools import partial

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import kinds, ptr
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import (
    NotThis,
    Pace,
    Refused,
    Silent,
    Stopped,
    Unreachable,
    Visit,
)

AT_ONCE = 200  # connections; a vantage may have no more than 256 open files


class Limits:
    """``timeout`` seconds of a connection, ``total`` of the run, ``rate`` connections a second, bytes an endpoint."""

    def __init__(self, timeout=5.0, total=120.0, rate=50.0, tries=2, most=1 << 16):
        self.timeout, self.total, self.rate, self.tries, self.most = timeout, total, rate, tries, most


def run(targets, controls, limits):
    """``(rows of the endpoints, rows of the controls, whether all was finished in time)``."""
    return asyncio.run(_run(targets, controls, limits))


async def _run(targets, controls, limits):
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, _context: None)  # a peer that breaks off is no event for a log
    pace, doors = Pace(limits.rate), [(address, ptr.PORT) for address in ptr.resolvers()]
    addresses = dict.fromkeys(one["address"] for one in targets)
    named = [address for address in addresses if not ipaddress.ip_address(address).is_loopback]
    done = await _within(limits.total, [
        *(partial(_control, one, pace, limits) for one in controls),
        *(partial(_endpoint, one, pace, limits) for one in targets),
        *(partial(ptr.names, address, pace, doors) for address in named),
    ])  # fmt: skip
    why = f"not finished within the {limits.total:g} seconds of the whole run"
    reached = [row or _reached(one, False) for row, one in zip(done, controls)]
    seen = [
        row or [_row(one, found.Answer(one["transport"], found.UNKNOWN, why), 0, "")]
        for row, one in zip(done[len(controls) :], targets)
    ]
    for address, answer in zip(named, done[len(controls) + len(targets) :]):
        _name(seen, address, *(answer or (False, [])))
    return [row for each in seen for row in each], reached, None not in done


async def _within(seconds, jobs):
    """What each job gives, AT_ONCE of them at a time; None of those that the end of the run cuts off."""
    given, waiting = [None] * len(jobs), list(enumerate(jobs))[::-1]

    async def work():
        while waiting:
            place, job = waiting.pop()
            given[place] = await job()

    workers = [asyncio.get_running_loop().create_task(work()) for _worker in range(min(AT_ONCE, len(jobs)))]
    if workers:
        _done, late = await asyncio.wait(workers, timeout=seconds)
        waiting.clear()
        while late:
            for worker in late:
                worker.cancel()
            # Before Python 3.12 wait_for() loses a cancellation that comes just when what it waits for does.
            _done, late = await asyncio.wait(late, timeout=0.1)
    return given


def _name(seen, address, told, names):
    """What DNS says of an address stands in the first row about it. Of more names than are kept, the last is cut."""
    first = next(rows[0] for rows in seen if rows[0]["address"] == address)
    if not told:
        first["facts"]["ptr_name"] = "not told"
    texts = [{"surface": "ptr_name", "text": found.plain(name), "cut": False} for name in names[: ptr.NAMES]]
    for one in texts[-1:]:
        one["cut"] = len(names) > ptr.NAMES
    first["texts"] += texts


# --- controls -------------------------------------------------------------------------------------------------


async def _control(one, pace, limits):
    for _try in range(limits.tries):
        visit = Visit(one["address"], one["port"], pace, limits.timeout)
        with contextlib.suppress(Refused, Silent, Unreachable):
            async with visit.connection():
                return _reached(one, True, visit.source)
    return _reached(one, False)


def _reached(one, reached, source=""):
    return {"address": one["address"], "port": one["port"], "reached": reached, "source": source or own(one)}


def own(one):
    """The address of ours from which we would go there; connecting a UDP socket sends nothing."""
    family = socket.AF_INET6 if ":" in one["address"] else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as door:
            door.connect((one["address"], one["port"]))
            return door.getsockname()[0]
    except OSError:
        return ""


# --- endpoints ------------------------------------------------------------------------------------------------


async def _endpoint(one, pace, limits):
    """Its rows: one for each kind that fits, or the one that says why there is none."""
    transport = one["transport"]
    number = 0
    for number in range(1, limits.tries + 1):
        visit = Visit(one["address"], one["port"], pace, limits.timeout, limits.most, one.get("name") or "")
        answers = await _answers(visit, transport, one.get("kinds") or ())
        if answers:
            return [_row(one, answer, number, visit.source) for answer in answers]
    why = f"no answer at all in {number} {'try' if number == 1 else 'tries'} of {limits.timeout:g} seconds"
    return [_row(one, found.Answer(transport, found.FILTERED, why), number, "")]


async def _answers(visit, transport, wanted):
    """None when there was silence."""
    try:
        return await kinds.look(visit, transport, wanted)
    except Silent:
        return None
    except Refused:
        return [found.Answer(transport, found.CLOSED, "nobody listens there")]
    except Unreachable as error:
        return [found.Answer(transport, found.UNKNOWN, f"the network does not lead there: {error}")]
    except (Stopped, NotThis) as error:
        return [found.Answer(transport, found.UNKNOWN, str(error))]
    except Exception as error:  # whatever a peer has thought of, the others' rows must not suffer
        return [found.Answer(transport, found.UNKNOWN, f"its answer was not understood ({type(error).__name__})")]


def _row(one, answer, tries, source):
    where = {name: one[name] for name in ("host", "address", "port", "transport")}
    return dict(where, source=source or own(one), tries=tries, **answer.as_json())
