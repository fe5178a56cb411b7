# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 from outside: a stranger is refused, and somebody of the allowlist is served.

A stranger who is answered is a gap. Silence passes only where nothing else explains it: the vantage is on no
allowlist, and something that everybody reaches has answered it in this run.
"""

from __future__ import annotations

from ..addresses import union, written
from ..ip import AddrFormatError, IPAddress
from ..model import Intent, Status
from .seen import SILENT, Endpoint, Look
from .targets import Member, is_inner
from .verdict import Verdict
from .wanted import REFUSED, Control, Vantage

#: Ports that a company's own firewall lets out while it keeps back others. A control there tells nothing of others.
_LET_OUT = frozenset({22, 25, 53, 80, 123, 443, 465, 587, 853, 993, 8080, 8443})

#: Tries in which silence must have held: one packet is lost easily.
_TRIES = 2

#: Nobody answers at a mistyped address either.
_UNSHOWN = "that this is where people are served, no vantage shows (expects: served)"

_LOCKED_OUT = "See that somebody of the allowlist can still work; correct iot_site_people or what the gateway forwards."


def access(endpoint: Endpoint, look: Look, member: Member) -> Verdict:
    """What this endpoint says of A2."""
    vantage, intent = look.vantage, member.intent
    doubt = _unfit(endpoint, vantage, intent)
    if doubt:
        return doubt
    if vantage.expects == REFUSED:
        return _refused(endpoint, look, member)
    return _served(endpoint, look)


def _refused(endpoint: Endpoint, look: Look, member: Member) -> Verdict:
    if endpoint.answered:
        why = (
            f"a stranger at {look.vantage.host} is answered ({endpoint.kind or 'no protocol known'}, {endpoint.state})"
        )
        return Verdict(Status.GAP, why, "Limit access to the people: iot_site_people, and remediate of the gateway.")
    doubts = [*_silence(endpoint, look), *_hairpin(endpoint, member)]
    if doubts:
        return Verdict(Status.UNKNOWN, "; ".join(why for why, _fix in doubts), " ".join(fix for _why, fix in doubts))
    word = "refused" if endpoint.state == "closed" else f"not answered in {endpoint.tries} tries"
    why = f"a stranger at {look.vantage.host} is {word}, and reached {_named(look.reached)}"
    return Verdict(Status.PASS, why if _is_served(member) else f"{why}; {_UNSHOWN}")


def _is_served(member: Member) -> bool:
    return any(vantage.expects != REFUSED for vantage in member.outside.vantages)


def _served(endpoint: Endpoint, look: Look) -> Verdict:
    if endpoint.answered:
        return Verdict(Status.PASS, f"{look.vantage.host}, which is on the allowlist, is served ({endpoint.state})")
    doubts = _silence(endpoint, look)
    if doubts:
        return Verdict(Status.UNKNOWN, "; ".join(why for why, _fix in doubts), " ".join(fix for _why, fix in doubts))
    if not endpoint.target.to:
        return Verdict(Status.NOT_APPLICABLE, f"nobody declares a service here, and none answers {look.vantage.host}")
    why = f"{look.vantage.host} is on the allowlist and is not served ({endpoint.state})"
    return Verdict(Status.GAP, why, _LOCKED_OUT)


# --- is the vantage what it is said to be? ------------------------------------------------------------------


def _unfit(endpoint: Endpoint, vantage: Vantage, intent: Intent) -> Verdict | None:
    """Why nothing that this vantage meets here means anything for A2; None where it does."""
    version = 6 if ":" in endpoint.target.address else 4
    own = union(source for source in vantage.sources if (":" in source) == (version == 6))
    allowed = union((*intent.allow4, *intent.allow6))
    place = f"sources of {vantage.host} in iot_site_vantages"
    if not own.size:
        return Verdict(Status.UNKNOWN, f"it is not declared from which IPv{version} address {vantage.host} comes",
                       f"Add its IPv{version} address to the {place}.")  # fmt: skip
    real = _real(endpoint.source, endpoint.target.address)
    if real is not None and real not in own:
        return Verdict(Status.UNKNOWN, f"{vantage.host} came from {real}, which is not declared to be its address",
                       f"Correct the {place}.")  # fmt: skip
    if vantage.expects == REFUSED and own & allowed:
        return Verdict(
            Status.UNKNOWN,
            f"{vantage.host} comes from {', '.join(written(own & allowed))}, which is on the allowlist: no stranger",
            "Take a vantage that is on no allowlist, or declare expects: served for this one.",
        )
    if vantage.expects != REFUSED and not own.issubset(allowed):
        strange = ", ".join(written(own - allowed))
        return Verdict(Status.UNKNOWN, f"{vantage.host} comes from {strange}, which is not on the allowlist",
                       "Declare expects: refused for it, or take the host of somebody who is allowed.")  # fmt: skip
    return None


def _real(source: str, address: str) -> IPAddress | None:
    """The address under which the vantage arrives, as far as it knows; None where it is translated on the way."""
    try:
        if not source or (is_inner(source) and not is_inner(address)):
            return None
        return IPAddress(source)
    except (AddrFormatError, ValueError):
        return None


# --- does silence mean anything? ----------------------------------------------------------------------------


def _silence(endpoint: Endpoint, look: Look) -> list[tuple[str, str]]:
    """Every other reason that nothing may have answered, each with what to do about it."""
    if endpoint.state not in SILENT:
        return [(endpoint.why or "it could not be told what is there", "Run again; raise exposure_view_seconds.")]
    if endpoint.target.transport == "udp":
        return [("silence over UDP proves nothing", "Judge this service from inside.")]
    doubts = []
    if endpoint.state == "filtered" and endpoint.tries < _TRIES:
        doubts.append((f"it was tried {endpoint.tries} times only", f"Let exposure_view_tries be {_TRIES} or more."))
    if not any(_tells(control, endpoint) for control in look.reached):
        doubts.append(
            (
                f"nothing that {look.vantage.host} reached shows that its own network does not hold back port "
                f"{endpoint.target.port}",
                "Declare controls for it in iot_site_vantages: services that everybody reaches, over the same kind of "
                "address, one of them on this port or on an unusual one.",
            )
        )
    return doubts


def _tells(control: Control, endpoint: Endpoint) -> bool:
    """Whether this one shows that the way out is free for that one."""
    same_family = (":" in control.address) == (":" in endpoint.target.address)
    elsewhere = control.address != endpoint.target.address
    return same_family and elsewhere and (control.port == endpoint.target.port or control.port not in _LET_OUT)


def _hairpin(endpoint: Endpoint, member: Member) -> list[tuple[str, str]]:
    if ":" not in endpoint.target.address or member.outside.ipv6_attested:
        return []
    return [
        (
            "over IPv6 a home gateway may refuse the Internet and let in every customer of its own carrier (NGN)",
            "Look at its IPv6 filter, and say who did in iot_site_ipv6_attested.",
        )
    ]


def _named(controls: tuple[Control, ...]) -> str:
    return ", ".join(f"{control.address} port {control.port}" for control in controls)
