# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tcp_wrappers: whom /etc/hosts.allow and /etc/hosts.deny let through to one daemon."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..addresses import written
from ..display import show
from ..ip import AddrFormatError, IPNetwork, IPSet

_LOOPBACK = IPSet(["127.0.0.0/8", "::1/128"])


def beyond(allowed: Iterable[str], denied: Iterable[str], daemon: str, wanted: IPSet) -> list[str]:
    """Why somebody who is not wanted gets through; empty when nobody does."""
    strange = [why for source in allowed if (why := _stranger(source, wanted | _LOOPBACK))]
    if "ALL" not in denied:
        strange.append(f"/etc/hosts.deny has no line {daemon}: ALL, so everybody else gets through")
    return strange


def clients(text: str, daemon: str) -> Iterator[str]:
    """The clients of every line that is about this daemon; an option decides something we do not know."""
    joined = text.replace("\\\n", " ")
    for line in joined.splitlines():
        daemons, colon, rest = line.partition("#")[0].partition(":")
        if not colon or not {daemon, "ALL"} & set(re.split(r"[\s,]+", daemons)):
            continue
        inside = re.sub(r"\[[^\]]*\]", lambda found: found[0].replace(":", "\0"), rest)
        listed, _colon, option = inside.partition(":")
        yield from (one.replace("\0", ":") for one in re.split(r"[\s,]+", listed.strip()) if one)
        if option.strip():
            yield f"{listed.strip()} : {option.strip()}"


def _stranger(source: str, wanted: IPSet) -> str:
    bare = re.sub(r"\[|\]", "", source)
    if re.fullmatch(r"(\d+\.){1,3}", bare):
        parts = bare.count(".")
        bare = f"{bare}{'.'.join(['0'] * (4 - parts))}/{8 * parts}"
    try:
        strangers = IPSet([IPNetwork(bare).cidr]) - wanted
    except (AddrFormatError, ValueError):
        return f"/etc/hosts.allow lets through {show(source, 60)}, which is no address"
    return f"/etc/hosts.allow lets through {', '.join(written(strangers))}" if strangers else ""
