# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web pages over HTTP and HTTPS, as somebody sees them who types the address: redirects and frames are followed on the
same host, no form is sent, no name and no password.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urljoin, urlsplit

from ansible_collections.iot_site.checklist.plugins.module_utils.html_page import Page
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import http_client, tls
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import (
    NotThis,
    Refused,
    Silent,
    Stopped,
    Unreachable,
)

REDIRECTS, PAGES = 5, 8
ICON = "/favicon.ico"  # what a browser asks for where a page names none (HTML, 4.6.7.8)
DRAWN_HERE = "(in the page itself)"  # a picture without a file
MUCH_TEXT = 600  # characters beside a login form that may be more than a greeting
SOME_TEXT = 200  # characters that are a page, though scripts may make more of it

#: Where devices show pictures and values without a login though their start page asks for one: Axis (VAPIX), Panasonic
#: (its CGI commands), Dahua's HTTP API, SolarView Compact's menu. Each is read once, and only where a page that cannot
#: be there (the first) is not.
NO_SUCH = "/no-such-page-iot-site-checklist"
PATHS = (
    "/axis-cgi/jpg/image.cgi", "/view/view.shtml", "/SnapshotJPEG?Resolution=320x240", "/cgi-bin/snapshot.cgi",
    "/Solar_Menu.php",
)  # fmt: skip

#: Headers that say how a page travels, and nothing of the place; Server and the challenge have surfaces of their own.
_HOW = frozenset((
    "accept-ranges", "access-control-allow-origin", "age", "allow", "cache-control", "connection", "content-encoding",
    "content-language", "content-length", "content-security-policy", "content-type", "date", "etag", "expires",
    "keep-alive", "last-modified", "pragma", "referrer-policy", "strict-transport-security", "transfer-encoding",
    "upgrade", "vary", "x-content-type-options", "x-frame-options", "x-xss-protection", "server", "www-authenticate",
))  # fmt: skip
_WANTS_TLS = re.compile("sent to HTTPS port|SSL-enabled server|HTTP request to an HTTPS server", re.IGNORECASE)
_LOGIN_WORDS = re.compile(
    "log ?[io]n|sign ?in|password|passcode|user ?(?:name|id)|ログイン|ログオン|サインイン|パスワード|認証|ユーザ|暗証",
    re.IGNORECASE,
)


async def http(visit):
    return await _visited(visit, "http")


async def https(visit):
    return await _visited(visit, "https")


async def _visited(visit, scheme):
    answer = found.Answer(
        scheme, scheme=scheme, status=0, redirects=[], left_for="", form=False, images=[], icon=None, scripts=False,
        paths=[], sets_password=False,
    )  # fmt: skip
    start = f"{scheme}://{http_client.host_header(visit, scheme == 'https')}/"
    answer.state, answer.why = _together(await _page(visit, answer, start, 0, set()))
    if answer.facts["icon"] is False:
        await _usual_icon(visit, answer, scheme == "https")
    if answer.state == found.LOGIN or answer.facts["status"] in (403, 404):
        await _beside_the_door(visit, answer, scheme == "https")
    return answer


# --- one page after the other -------------------------------------------------------------------------------


async def _page(visit, answer, url, followed, seen):
    """``[(state, why)]`` of this page and its frames, following where it leads."""
    seen.add(url)
    message = await _asked(visit, answer, url)
    if message.status == 400 and followed == 0 and _WANTS_TLS.search(message.text):
        raise NotThis(instead="https")
    page = _read(answer, message)
    onward = _onward(message, page)
    if onward:
        there, same = resolved(url, onward, visit)
        if not same:
            answer.facts["left_for"] = "other host (not followed)"
            answer.tell("http_header", f"Location: {onward}")
            return [(found.OPEN, "leads to another host, which is not followed")]
        if there in seen or followed >= REDIRECTS:
            return [(found.OPEN, "leads from page to page without an end")]
        answer.facts["redirects"].append(there[: found.LONGEST])
        return await _elsewhere(visit, answer, there, followed + 1, seen)
    states = [shown(message, page)]
    for frame in page.frames:
        there, same = resolved(url, frame, visit)
        if same and there not in seen and followed < REDIRECTS and len(seen) < PAGES:
            states += await _elsewhere(visit, answer, there, followed + 1, seen)
        elif same and there not in seen:
            states.append((found.OPEN, "has more frames than are followed"))
    shows_nothing = not page.password and not page.line(page.text)  # a frameset
    return states[1:] if len(states) > 1 and shows_nothing else states


async def _elsewhere(visit, answer, url, followed, seen):
    """The same, where a page that cannot be had spoils nothing but itself."""
    try:
        return await _page(visit, answer, url, followed, seen)
    except (Refused, Silent, Unreachable, Stopped, NotThis) as error:
        why = error.why if isinstance(error, Stopped) else "no answer in HTTP"
        return [(found.OPEN, f"leads to a page that could not be read: {why}")]


async def _asked(visit, answer, url):
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    there = visit if port == visit.port else visit.beside(port)
    path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE + '?[]')}" if parts.query else "")
    message = await http_client.ask(there, path, tls.context() if secure else None)
    if secure:
        tls.keep(answer, there.certificate)
    return message


_SAFE = "%/:=&~+!$,;'@()*"


def resolved(url, onward, visit):
    """``(where it leads, whether that is this very host)``; the device's text is not trusted to be a URL."""
    try:
        there = urljoin(url, re.sub(r"[\x00-\x20\x7f]", "", onward)).partition("#")[0]
        parts = urlsplit(there)
        host, _port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "", False
    return there, parts.scheme in ("http", "https") and host in (visit.address.lower(), visit.name.lower() or None)


def _onward(message, page):
    if 300 <= message.status < 400:
        return message.header("location")
    return page.refresh


# --- what it shows ------------------------------------------------------------------------------------------


def _read(answer, message):
    """Keeps what the page says; the Page."""
    page = Page()
    for value in message.headers.get("server", []):
        answer.tell("http_server", value)
    for realm in message.realms:
        answer.tell("http_realm", realm)
    for name, values in message.headers.items():
        for value in values if name not in _HOW else ():
            shown_value = value.partition(b"=")[0] if name == "set-cookie" else value  # a session is nobody's business
            answer.tell("http_header", name.encode("latin-1") + b": " + shown_value)
    if _is_page(message):
        page.feed(message.text)
    elif message.media.startswith("text/") or "json" in message.media or "xml" in message.media:
        page.text.append(message.text)
    answer.tell("html_title", page.line(page.title))
    answer.tell("html_text", page.line(page.text), message.cut)
    _pictured(answer, page.images)
    if _is_page(message) and 200 <= message.status < 300:
        answer.facts["icon"] = bool(answer.facts["icon"]) or page.icon
    answer.facts["scripts"] = answer.facts["scripts"] or page.scripts
    answer.facts["form"] = answer.facts["form"] or page.password
    answer.facts["sets_password"] = answer.facts["sets_password"] or page.sets_password
    answer.facts["status"] = message.status
    return page


def _pictured(answer, urls):
    names = [_file_name(one) for one in urls]
    for name in names:
        answer.tell("image_name", name)
    shown_names = [found.plain(name)[:200] or DRAWN_HERE for name in names]
    answer.facts["images"] += shown_names[: 50 - len(answer.facts["images"])]


def _is_page(message):
    """Many devices forget to say what they send."""
    return "html" in message.media or (not message.media and b"<" in message.body[:1024])


def _file_name(url):
    if url.lower().startswith("data:"):
        return ""
    return unquote(url.partition("?")[0].rstrip("/").rpartition("/")[2])


def shown(message, page):
    """``(state, why)`` of one page."""
    text = page.line(page.text)
    if message.status == 401:
        return found.LOGIN, "asks for a login (HTTP 401)"
    if not 200 <= message.status < 300:
        return found.OPEN, f"answers with HTTP {message.status}"
    if page.sets_password:
        return found.NO_LOGIN, "lets every visitor choose its password"
    if page.password:
        if len(text) > MUCH_TEXT:
            return found.OPEN, f"shows a login form beside {len(text)} characters of text, which may be content"
        return found.LOGIN, "shows a login form"
    if message.media.startswith(("image/", "video/", "multipart/x-mixed-replace")):
        return found.NO_LOGIN, f"gives a picture ({message.media[:40]}) without a login"
    if not text and not page.title and not page.images:
        return found.OPEN, "shows an empty page" if not page.scripts else "is made by scripts: look with a browser"
    if _LOGIN_WORDS.search(page.line(page.title) + text):
        return found.OPEN, "speaks of a login and shows no form for it: look with a browser"
    if page.scripts and len(text) < SOME_TEXT:
        return found.OPEN, "is made by scripts: look with a browser"
    return found.NO_LOGIN, "shows a page without a login"


def _together(states):
    """Of a page and its frames: a form in one of them does not guard what the others show."""
    told = dict(reversed(states))
    if found.LOGIN in told and found.NO_LOGIN in told:
        return found.OPEN, "asks for a login in one frame and shows another without: look with a browser"
    for state in (found.NO_LOGIN, found.LOGIN):
        if state in told and (state == found.NO_LOGIN or len(told) == 1):
            return state, told[state]
    return found.OPEN, told[found.OPEN]


async def _got(visit, path, secure):
    """The answer; None where there is none."""
    try:
        return await http_client.ask(visit, path, tls.context() if secure else None)
    except (Refused, Silent, Unreachable, Stopped, NotThis):
        return None


async def _usual_icon(visit, answer, secure):
    message = await _got(visit, ICON, secure)
    if message is not None and 200 <= message.status < 300 and message.body and not _is_page(message):
        _pictured(answer, [ICON])


async def _beside_the_door(visit, answer, secure):
    """Pictures and values that are served though the start page is not."""
    absent = await _got(visit, NO_SUCH, secure)
    if absent is None or absent.status < 400 or absent.status == 401:  # it answers everything alike
        if absent is not None and 200 <= absent.status < 300 and _opened(answer, absent):
            _doubted(answer, "answers for a page that does not exist, and asks for no login there: look with a browser")
        return
    for path in PATHS:
        message = await _got(visit, path, secure)
        if message is None or not 200 <= message.status < 300:
            continue
        opened = _opened(answer, message)
        if not opened:
            continue
        state, why = opened
        answer.facts["paths"].append(path)
        if state == found.NO_LOGIN:
            answer.state, answer.why = state, f"{why}, at {path}"
        else:
            _doubted(answer, f"gives something at {path} without a login: look with a browser")


def _opened(answer, message):
    """``(state, why)`` of a page that no login guards; None of one that asks for it."""
    status = answer.facts["status"]
    state, why = shown(message, _read(answer, message))
    answer.facts["status"] = status
    return None if state == found.LOGIN else (state, why)


def _doubted(answer, why):
    """The start page asks for a login, and something beside it does not."""
    if answer.state == found.LOGIN:
        answer.state, answer.why = found.OPEN, why
