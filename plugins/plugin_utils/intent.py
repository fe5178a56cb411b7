# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Intent: what the inventory wants of one host. Every wrong variable is named; with one, there is no intent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import addresses, readers
from .declarations import Authorisation, Exposure, Front, Level, Published
from .model import Consent, Intent, Status
from .people import ACCESS, ACCOUNT, NAME, people_from, refuse_world, shared_sources, sources_from, vpns_from
from .preparation import preparation_from
from .problems import Expected, Problem, Problems
from .waivers import waivers_from

_SITE = readers.text(
    r"[a-z0-9][a-z0-9_-]{0,31}",
    "a short name of a-z, 0-9, - and _ (it names the site's directory); leave out hosts of no site with --limit",
)
_HOST = readers.text(r"\S{1,255}", "the name of an inventory host")
_LABEL = readers.text(
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}",
    "a symbol of up to 32 letters, digits, - and _: it must fit every device's prompt",
)
_PORT = readers.whole(1, 65535)
_PROTOCOL = readers.choice("tcp", "udp")
_UNSAVED = readers.choice("refuse", "adopt")
_ENFORCE_WITH = readers.choice("packet_filter", "web_server")
_SCOPE = readers.some_of("read", "probe", "login_test", "change")
_FAIL_ON = readers.some_of(*(status.value for status in Status))
_MOST = readers.whole(1, 65536)
_WORD = readers.line(64, shortest=2)  # one character is in every text
_LINE = readers.line(128)

#: Below a minute a slow device could not be changed, reached anew (three tries of five seconds) and read again;
#: above an hour a site that was cut off would wait too long for its way back.
_GUARD_SECONDS = readers.whole(60, 3600, " (time to change, reconnect and re-read; then the device returns by itself)")

_LEVEL = readers.choice(*(level.value for level in Level))
_PATH = readers.text(r"/[^\s?#]{0,255}", "the beginning of a web path, such as / or /camera")
_USER_FILE = readers.text(r"/[^\s\"';{}$]{1,255}", "the path of a password file on the device")
_BUDGET = readers.whole(1, 3600)
_MAX_AGE = readers.whole(0, 3650, " (days; 0 asks for no age)")
_PLAINTEXT = readers.some_of("telnet", "ftp")
_FORM = readers.choice("random", "unambiguous", "passphrase")
_SOME_ACCESS = readers.some_of(*ACCESS, fewest=0)

_EXPOSURE_KEYS = frozenset({"level", "reason", "by", "on", "until", "paths"})
_FRONT_KEYS = frozenset({"listen", "to"})
_PUBLISHED_KEYS = frozenset({"via", "port", "to", "protocol"})
_AUTHORISED_KEYS = frozenset({"by", "on", "until", "scope"})

#: The roles' own options: argument -> (inventory variable, consent it gives).
_CONSENTS = {
    "unguarded": ("ip_allowlist_unguarded", Consent.UNGUARDED),
    "cut_active_sources": ("ip_allowlist_cut_active_sources", Consent.ACTIVE_SOURCES),
    "refuse_anonymous": ("login_required_refuse_anonymous", Consent.ANONYMOUS_CLIENTS),
    "probe": ("user_credentials_probe", Consent.LOGIN_TEST),
    "rotate_own": ("user_credentials_rotate_own", Consent.OWN_PASSWORD),
    "replace_certificates": ("banner_blanking_replace_certificates", Consent.CERTIFICATES),
    "change_hostname": ("banner_blanking_change_hostname", Consent.HOSTNAME),
    "change_application_files": ("banner_blanking_change_application_files", Consent.APPLICATION_FILES),
}


def load(args: Mapping[str, Any], host: str, today: str = "") -> tuple[Intent | None, list[Problem]]:
    """The intent of ``host`` from a task's arguments (``declared`` and role options), or every problem with them.

    ``today`` (ISO 8601) is what declarations with an end are judged by; without it nothing that ends is valid.
    """
    wrong = Problems(host)
    declared = wrong.mapping("declared", args.get("declared"))
    vpns = vpns_from(declared.get("vpns"), wrong)
    people = people_from(declared.get("people"), vpns, wrong)
    management = sources_from(declared.get("management_sources"), "iot_site_management_sources", wrong, loopback=True)
    refuse_world(people, management, wrong)
    most = wrong.read("iot_site_source_max_addresses", declared.get("source_max_addresses"), _MOST, 256)
    allowed = addresses.union([*management, *(source for person in people for source in person.sources)])
    wrong.read("iot_site_fail_on", args.get("fail_on"), _FAIL_ON, frozenset[str]())
    words = _words(declared.get("words"), wrong)
    authorised, consent = _authorised(declared.get("authorised"), wrong), _consent(args, wrong)
    _refuse_unallowed(consent, authorised, wrong)
    intent = Intent(
        site=wrong.read("iot_site_id", declared.get("site") or "", _SITE, ""),
        host=host,
        allow4=addresses.written(allowed, 4),
        allow6=addresses.written(allowed, 6),
        shared=shared_sources(people, management, most),
        people=people,
        published=_published(declared, host, wrong),
        enforced_by=_enforced_by(declared, host, wrong),
        enforce_with=wrong.read("ip_allowlist_enforce_with", args.get("enforce_with"), _ENFORCE_WITH, "packet_filter"),
        label=_label(declared, words, wrong),
        words=words,
        authorised=authorised,
        unsaved=wrong.read("iot_site_unsaved", declared.get("unsaved"), _UNSAVED, "refuse"),
        guard_seconds=wrong.read("iot_site_guard_seconds", declared.get("guard_seconds"), _GUARD_SECONDS, 120),
        consent=consent,
        today=today,
        exposure=_exposure(declared.get("exposure"), wrong),
        user_file=wrong.read("login_required_user_file", args.get("user_file") or None, _USER_FILE, ""),
        fronts=_fronts(args.get("fronts"), wrong),
        plaintext_needed=wrong.read(
            "login_required_plaintext_needed", args.get("plaintext_needed") or None, _PLAINTEXT, frozenset[str]()
        ),
        accounts_for=_accounts_for(args.get("accounts_for"), wrong),
        service_accounts=_service_accounts(args.get("service_accounts"), wrong),
        delete_retired=_named("delete_retired", args, ACCOUNT, wrong),
        secret_form=wrong.read("user_credentials_form", args.get("form") or None, _FORM, "random"),
        rotate=_named("rotate", args, NAME, wrong),
        max_age_days=wrong.read("user_credentials_max_age_days", args.get("max_age_days"), _MAX_AGE, 0),
        search_seconds=wrong.read("user_credentials_budget_seconds", args.get("budget_seconds"), _BUDGET, 30),
        waivers=waivers_from(declared.get("waivers"), host, wrong),
        preparation=preparation_from(declared, args, wrong),
    )
    return (None if wrong.found else intent), wrong.found


def _consent(args: Mapping[str, Any], wrong: Problems) -> frozenset[Consent]:
    return frozenset(
        consent
        for option, (variable, consent) in _CONSENTS.items()
        if wrong.read(variable, args.get(option), readers.flag, False)
    )


def _refuse_unallowed(consent: frozenset[Consent], authorised: Authorisation | None, wrong: Problems) -> None:
    """Logins are guessed where the owner has allowed it. Whether that holds today is asked when it is done."""
    if Consent.LOGIN_TEST in consent and (authorised is None or "login_test" not in authorised.scope):
        wanted = "false; or login_test in the scope of iot_site_authorised, once the owner has allowed it"
        wrong.add("user_credentials_probe", True, wanted)


#: Whoever looks at a panel needs no shell.
_ACCOUNTS_FOR = {"accounts": frozenset({"admin"}), "web_users": frozenset(ACCESS), "logins": frozenset(ACCESS)}


def _accounts_for(value: Any, wrong: Problems) -> dict[str, frozenset[str]]:
    variable = "user_credentials_accounts_for"
    given = wrong.mapping(variable, value or None)
    wrong.unknown_keys(variable, given, frozenset(_ACCOUNTS_FOR))
    return {
        surface: wrong.read(f"{variable}.{surface}", given.get(surface), _SOME_ACCESS, usual)
        for surface, usual in _ACCOUNTS_FOR.items()
    }


def _named(option: str, args: Mapping[str, Any], reader: Callable[[Any], str], wrong: Problems) -> frozenset[str]:
    """One name, as ``-e user_credentials_rotate=tanaka`` has it, or a list of some."""
    variable, value = f"user_credentials_{option}", args.get(option)
    names = [value] if isinstance(value, str) and value else wrong.items(variable, value or None)
    return frozenset(wrong.read(f"{variable}[{at}]", name or "", reader, "") for at, name in enumerate(names)) - {""}


def _service_accounts(value: Any, wrong: Problems) -> frozenset[str]:
    variable = "user_credentials_service_accounts"
    names = enumerate(wrong.items(variable, value))
    return frozenset(wrong.read(f"{variable}[{number}]", name or "", ACCOUNT, "") for number, name in names) - {""}


# --- other hosts of the site --------------------------------------------------------------------------------


def _gateway(declared: Mapping[str, Any], host: str) -> Callable[[Any], str]:
    """Reads the name of another host: one that the inventory knows, of the same site."""
    sites = dict(declared.get("gateway_sites") or {})

    def read(value: Any) -> str:
        name = _HOST(value)
        if name == host:
            raise Expected("another host than this one; leave it empty when the host limits access itself")
        if name not in sites:
            raise Expected("the name of an inventory host")
        if sites[name] != declared.get("site"):
            raise Expected(f"a host of the same site ({declared.get('site')}); this one belongs to {sites[name]!r}")
        return name

    return read


def _enforced_by(declared: Mapping[str, Any], host: str, wrong: Problems) -> str:
    name = wrong.read("iot_site_enforced_by", declared.get("enforced_by") or None, _gateway(declared, host), "")
    beyond = dict(declared.get("gateway_enforcers") or {}).get(name)
    if name and beyond:
        wrong.add("iot_site_enforced_by", name, f"the host that really limits access: for {name} that is {beyond}")
    return name


def _published(declared: Mapping[str, Any], host: str, wrong: Problems) -> tuple[Published, ...]:
    example = "a service: {via: <gateway>, port: 8443, to: 443}"
    services: dict[tuple[str, str, int], Published] = {}
    for place, entry in wrong.entries("iot_site_published", declared.get("published"), _PUBLISHED_KEYS, example):
        service = Published(
            via=wrong.read(f"{place}.via", entry.get("via") or "", _gateway(declared, host), ""),
            port=wrong.read(f"{place}.port", entry.get("port") or "", _PORT, 0),
            to=wrong.read(f"{place}.to", entry.get("to") or "", _PORT, 0),
            protocol=wrong.read(f"{place}.protocol", entry.get("protocol"), _PROTOCOL, "tcp"),
        )
        if services.setdefault((service.via, service.protocol, service.port), service) != service:
            wrong.add(f"{place}.port", service.port, f"one target for each port of {service.via}")
    return tuple(services[key] for key in sorted(services))


# --- what is shown, and who allowed what --------------------------------------------------------------------


def _words(value: Any, wrong: Problems) -> tuple[str, ...]:
    words = set()
    for number, word in enumerate(wrong.items("iot_site_words", value)):
        words.add(wrong.read(f"iot_site_words[{number}]", word or "", _WORD, ""))
    return tuple(sorted(words - {""}))


def _label(declared: Mapping[str, Any], words: tuple[str, ...], wrong: Problems) -> str:
    if problem := declared.get("label_problem"):
        wrong.add_unshown("iot_site_secret", str(problem))
    label = wrong.read("iot_site_label", declared.get("label") or None, _LABEL, "")
    if any(word.casefold() in label.casefold() for word in words):
        wrong.add("iot_site_label", label, "a symbol that holds none of iot_site_words: it is shown to everybody")
    return label


def _authorised(value: Any, wrong: Problems) -> Authorisation | None:
    variable = "iot_site_authorised"
    entry = readers.keys(wrong.mapping(variable, value or None))
    if not entry:
        return None
    wrong.unknown_keys(variable, entry, _AUTHORISED_KEYS)
    first = wrong.read(f"{variable}.on", entry.get("on") or "", readers.day, "")
    last = wrong.read(f"{variable}.until", entry.get("until") or "", readers.day, "")
    if first and last and last < first:
        wrong.add(f"{variable}.until", last, f"a day not before {first} (iot_site_authorised.on)")
    scope = wrong.read(f"{variable}.scope", entry.get("scope") or "", _SCOPE, frozenset[str]())
    return Authorisation(
        by=wrong.read(f"{variable}.by", entry.get("by") or "", _LINE, ""), on=first, until=last, scope=scope
    )


def _exposure(value: Any, wrong: Problems) -> Exposure | None:
    variable = "iot_site_exposure"
    entry = readers.keys(wrong.mapping(variable, value or None))
    if not entry:
        return None
    wrong.unknown_keys(variable, entry, _EXPOSURE_KEYS)
    first = wrong.read(f"{variable}.on", entry.get("on") or "", readers.day, "")
    last = wrong.read(f"{variable}.until", entry.get("until") or "", readers.day, "")
    if first and last and last < first:
        wrong.add(f"{variable}.until", last, f"a day not before {first} (iot_site_exposure.on)")
    paths = [
        wrong.read(f"{variable}.paths[{number}]", path or "", _PATH, "/")
        for number, path in enumerate(wrong.items(f"{variable}.paths", entry.get("paths")))
    ]
    level = Level(wrong.read(f"{variable}.level", entry.get("level") or "", _LEVEL, Level.NONE.value))
    if level in (Level.PUBLIC_VIEW, Level.PUBLIC_OPERATE) and not paths:
        wrong.add(f"{variable}.paths", paths, f"the web paths that {level.value} opens to everybody")
    return Exposure(
        level=level,
        reason=wrong.read(f"{variable}.reason", entry.get("reason") or "", _LINE, ""),
        by=wrong.read(f"{variable}.by", entry.get("by") or "", _LINE, ""),
        on=first,
        until=last,
        paths=tuple(sorted(set(paths))),
    )


def _fronts(value: Any, wrong: Problems) -> tuple[Front, ...]:
    found: dict[int, Front] = {}
    example = "a login in front of an application: {listen: 8443, to: 8080}"
    for place, entry in wrong.entries("login_required_fronts", value, _FRONT_KEYS, example):
        front = Front(
            listen=wrong.read(f"{place}.listen", entry.get("listen") or "", _PORT, 0),
            to=wrong.read(f"{place}.to", entry.get("to") or "", _PORT, 0),
        )
        if found.setdefault(front.listen, front) != front or front.listen == front.to:
            wrong.add(f"{place}.listen", front.listen, "a port of its own for each front, not the application's")
    behind = sorted({front.to for front in found.values() if front.to in found and front.to != front.listen})
    for port in behind:
        wrong.add("login_required_fronts", port, "an application's own port in each to, not that of another front")
    return tuple(found[port] for port in sorted(found))
