# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 on certificates: what the names in one tell, and a new one of the same key where it signs itself."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..disclosure import TextVerdict, disclosures, fold
from ..display import show
from ..model import Change, Consent, Intent, Judgement, MadeFile, RunEdit, Status
from . import neutral_name
from .certificate_files import SERVERS

CONTROL = "B1.certificate"

#: What programs write where nobody has given a name.
_PLACEHOLDERS = frozenset({
    "internet widgits pty ltd", "some-state", "default city", "default company ltd", "localhost",
    "localhost.localdomain", "some-organization", "some organization",
})  # fmt: skip

_WORST = (Status.PASS, Status.MANUAL, Status.GAP)

DAYS = 825  # no client takes one that is valid for longer

_REQUEST = """\
[req]
prompt = no
distinguished_name = subject
x509_extensions = extensions
[subject]
CN = {name}
[extensions]
subjectAltName = {names}
basicConstraints = critical, CA:FALSE
"""

#: $1 is the certificate's file, $2 its key's.
_BELONGS = (
    'of=$(openssl x509 -in "$1" -noout -pubkey) && is=$(openssl pkey -in "$2" -pubout) && test -n "$of" && '
    'test "$of" = "$is" || { echo "$1 and the key in $2 do not belong together" >&2; exit 1; }'
)
_MAKE = 'openssl req -x509 -new -batch -key "$2" -days {days} -config /dev/stdin'

#: A file that holds both keeps its key as it is.
_KEEP_KEY = "sed -n '/^-----BEGIN [A-Z ]*PRIVATE KEY-----/,/^-----END [A-Z ]*PRIVATE KEY-----/p' \"$2\" && "

_ON_TIME = (
    'test "$(date -u +%Y%m%d)" -ge "$1" || { echo "the clock of this device is wrong ($(date -u)), so a new '
    'certificate would not be valid: set it, and run again"; exit 1; }'
)


def judge(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """One judgement for each certificate, and one for each place where it is not known."""
    for one in state["certificates"]:
        yield _certificate(one, state["units"], intent)
    for doubt in state["doubts"]:
        fix = "Look at its certificate from another machine (openssl s_client -connect …), and for names in it."
        yield Judgement(CONTROL, "certificates", Status.UNKNOWN, doubt, fix=fix)


def _certificate(one: Mapping[str, Any], units: Mapping[str, Any], intent: Intent) -> Judgement:
    judged = [(text, said) for text, said in _texts(one, intent) if said.status is not Status.PASS]
    status = max((said.status for _text, said in judged), key=_WORST.index, default=Status.PASS)
    told = "; ".join(f"{show(text, 80)}: {said.why}" for text, said in judged if said.status is status)
    over = f"; it expired on {one['until']}" if intent.today and one["until"] < intent.today else ""
    why = f"the certificate of {_where(one)}{over}: {told or 'its names tell nothing'}"
    before = ", ".join(
        [*(f"{name}={show(value, 80)}" for name, value in one["subject"]), *map(show, one["names"][:10])]
    )
    evidence = {"fingerprint": one["fingerprint"], "until": one["until"], "self_signed": one["self_signed"]}
    after = f"CN={neutral_name.wanted(intent)}"
    if status is Status.PASS:
        return Judgement(CONTROL, "certificates", status, why, before, evidence=evidence)
    fix = _for_a_person(one, units, intent)
    if status is Status.GAP and not fix:
        changes = (_anew(one, units, intent, before, after),)
        return Judgement(CONTROL, "certificates", Status.GAP, why, before, after, evidence=evidence, changes=changes)
    fix = fix or "If this names a place or a device, replace it by one that bears the label only."
    return Judgement(CONTROL, "certificates", Status.MANUAL, why, before, after, fix, evidence)


def _where(one: Mapping[str, Any]) -> str:
    files = sorted({f"{show(file['path'])} ({file['server']})" for file in one["files"]})
    return ", ".join([*one["served"], *files])


# --- what it tells --------------------------------------------------------------------------------------------


def _texts(one: Mapping[str, Any], intent: Intent) -> Iterator[tuple[str, TextVerdict]]:
    """The names of the machine itself, and what the signer's name tells of its owner."""
    for attribute, value in one["subject"]:
        if attribute != "C" or len(value) != 2:
            yield f"{attribute}={value}", _told(value, intent, "hostname" if attribute == "CN" else "")
    for name in one["names"]:
        kind, _colon, value = name.partition(":")
        if kind != "IP":  # whoever sees it has just used an address
            yield name, _told(value, intent, "hostname" if kind == "DNS" else "")
    if one["issuer"] != one["subject"]:
        for attribute, value in one["issuer"]:
            found = [each.match for each in disclosures(value, intent.words) if each.category in ("facility", "region")]
            if found:
                yield f"issuer {attribute}={value}", TextVerdict(Status.GAP, f"names {', '.join(map(show, found))}")


def _told(value: str, intent: Intent, surface: str) -> TextVerdict:
    if fold(value.strip()) in _PLACEHOLDERS:
        return TextVerdict(Status.PASS, "a placeholder")
    return neutral_name.told(value, intent, surface)


# --- who mends it ---------------------------------------------------------------------------------------------


def _for_a_person(one: Mapping[str, Any], units: Mapping[str, Any], intent: Intent) -> str:
    """Why a person must do it; "" where we can, and may."""
    name = neutral_name.wanted(intent)
    if not one["self_signed"]:
        signer = ", ".join(f"{attribute}={show(value, 60)}" for attribute, value in one["issuer"]) or "its authority"
        return f"Ask whoever runs {signer} for a certificate that names {name} only, and put it in its place."
    if one["authority"]:
        return f"Its key signs other certificates, so it is an authority's own: make a new authority called {name}."
    if not one["files"]:
        return (
            f"It stands in no file that we know of: find it in the settings of that program, and name it {name} there."
        )
    obstacle = next((why for file in one["files"] if (why := _obstacle(file, units))), "")
    if obstacle:
        return f"{obstacle}: make a certificate that names {name} only yourself, and reload the server."
    if Consent.CERTIFICATES not in intent.consent:
        return (
            "Whoever has accepted or pinned this certificate must accept a new one. Replace it yourself, or set "
            "banner_blanking_replace_certificates: true for this host."
        )
    return ""


def _obstacle(file: Mapping[str, Any], units: Mapping[str, Any]) -> str:
    path, holds = show(file["path"]), list(file["holds"])
    if not file["key"].startswith("/"):
        return f"the key of {path} is not known"
    keys = [kind for kind in holds if kind.endswith("PRIVATE KEY")]
    if len(holds) != 1 + len(keys) or len(keys) != (1 if file["key"] == file["path"] else 0):
        return f"{path} holds more than one certificate and its key"
    if file["server"] not in units:
        return f"systemd does not run {file['server']}, so it is not known how it takes over {path}"
    return ""


def _anew(one: Mapping[str, Any], units: Mapping[str, Any], intent: Intent, before: str, after: str) -> Change:
    """A certificate of the same key, made on the device: the key never leaves it."""
    pairs = sorted({(file["path"], file["key"]) for file in one["files"]})
    servers = sorted({file["server"] for file in one["files"]})
    request = _request(intent, [name for name in one["names"] if name.startswith("IP:")])
    return Change(
        CONTROL,
        "certificates",
        f"a new self-signed certificate of the same key in {', '.join(show(path) for path, _key in pairs)}",
        before,
        after,
        edits=tuple(_made(path, key, request) for path, key in _once(pairs)),
        checks=(
            *_on_time(intent.today),
            *(RunEdit(("sh", "-c", _BELONGS, "sh", path, key)) for path, key in pairs),
            *(RunEdit(SERVERS[name].check) for name in servers if SERVERS[name].check),
        ),
        activate=tuple(_activation(name, units[name]) for name in servers),
    )


def _once(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return list({path: (path, key) for path, key in pairs}.values())


def _request(intent: Intent, addresses: Sequence[str]) -> str:
    """Addresses stay: clients that connect by one look for it, and it tells nothing that they do not know."""
    name = neutral_name.wanted(intent)
    return _REQUEST.format(name=name, names=", ".join([f"DNS:{name}", *addresses]))


def _made(path: str, key: str, request: str) -> MadeFile:
    script = f"{_BELONGS}; {_KEEP_KEY if path == key else ''}{_MAKE.format(days=DAYS)}"
    return MadeFile(path, ("sh", "-c", script, "sh", path, key), request)


def _on_time(today: str) -> Iterator[RunEdit]:
    """It may still be yesterday where the device is."""
    if today:
        yesterday = datetime.date.fromisoformat(today) - datetime.timedelta(days=1)
        yield RunEdit(("sh", "-c", _ON_TIME, "sh", yesterday.strftime("%Y%m%d")))


def _activation(name: str, unit: Mapping[str, str]) -> RunEdit:
    reloads = unit["reload"] == "yes" and not SERVERS[name].restart
    return RunEdit(("systemctl", "reload" if reloads else "restart", f"{name}.service"))
