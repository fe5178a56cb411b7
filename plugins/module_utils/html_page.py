# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a web page says to a visitor's eye, and where it leads: title, text, pictures, frames, whether it asks for a
password. Shared by the host that asks itself and by a vantage. Python 3.8, standard library only.

HTMLParser's ``close`` is never called: it reads an unended construct again from each of its characters, which takes
minutes on 64 kB of them; without it the unended rest is left out.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

MOST = 50  # images, frames
DRAWN = "data:,"  # for a picture that is drawn in the page itself
_SILENT = frozenset(("script", "style", "noscript", "noframes", "template"))
_PROGRAMS = frozenset(("script", "object", "embed", "applet"))
_STYLED = re.compile(r"url\(\s*['\"]?([^'\")]+)", re.IGNORECASE)  # CSS Values 3, 3.4
_REFRESH = re.compile(r"\s*[0-9.]*\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"\s]+)", re.IGNORECASE)


class Page(HTMLParser):
    """Feed it once with the text of the page."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.title, self.text = [], []
        self.images, self.frames, self.refresh = [], [], ""
        self.passwords, self.chosen = 0, 0  # fields for one; of them, those for a new one
        self.scripts, self.icon = False, False
        self._inside = ""  # a title, or what is not shown

    def handle_starttag(self, tag, attrs):
        values = {name: (value or "") for name, value in attrs}
        if tag == "title" or tag in _SILENT:
            self._inside = tag
        elif self._inside == "title":  # a title that was never ended
            self._inside = ""
        self.scripts = self.scripts or tag in _PROGRAMS
        _TOLD.get(tag, _nothing)(self, values)
        self.shows(values.get("background"), *_STYLED.findall(values.get("style", "")))
        self.text += (values[name] for name in ("alt", "placeholder", "value") if values.get(name) and _shown(values))

    def handle_endtag(self, tag):
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data):
        if self._inside == "title":
            self.title.append(data)
        elif self._inside == "style":
            self.shows(*_STYLED.findall(data))
        elif not self._inside:
            self.text.append(data)

    def parse_marked_section(self, i, report=1):
        """``<![`` is a comment in HTML, up to the next bracket. HTMLParser dies of some of them before Python 3.13."""
        return self.parse_bogus_comment(i, report)

    def shows(self, *pictures):
        self.images += [one.strip() for one in pictures if one and one.strip()][: MOST - len(self.images)]

    @property
    def password(self):
        """Whether it asks for a password."""
        return self.passwords > 0

    @property
    def sets_password(self):
        """Whether it only lets one be chosen, and typed again. A single such field is how many logins look, too."""
        return self.chosen == self.passwords > 1

    def line(self, parts):
        """Pieces of the page as one line."""
        return " ".join(" ".join(parts).split())


def _shown(values):
    return values.get("type", "").strip().lower() != "hidden"


def _image(page, values):
    others = (one.split() for one in values.get("srcset", "").split(","))
    page.shows(values.get("src"), *(one[0] for one in others if one))


def _icon(page, values):
    if "icon" in values.get("rel", "").lower() and values.get("href"):
        page.icon = True
        page.shows(values["href"])


def _input(page, values):
    kind = values.get("type", "").strip().lower()
    page.shows(values.get("src") if kind == "image" else None)
    if kind == "password":
        page.passwords += 1
        page.chosen += "new-password" in values.get("autocomplete", "").lower().split()  # HTML, 4.10.18.7


def _video(page, values):
    page.shows(values.get("poster") or DRAWN)


def _drawing(page, _values):
    page.shows(DRAWN)


def _linked(page, values):
    """A picture inside a drawing; elsewhere browsers take it for an img."""
    page.shows(values.get("href") or values.get("xlink:href") or values.get("src"))


def _frame(page, values):
    if values.get("src") and len(page.frames) < MOST:
        page.frames.append(values["src"])


def _meta(page, values):
    onward = _REFRESH.match(values.get("content", ""))
    if values.get("http-equiv", "").lower() == "refresh" and onward:
        page.refresh = page.refresh or onward.group(1)
    elif values.get("name", "").lower() in ("description", "author", "application-name", "keywords"):
        page.text.append(values.get("content", ""))


def _nothing(_page, _values):
    pass


_TOLD = {
    "img": _image, "source": _image, "input": _input, "video": _video, "svg": _drawing, "canvas": _drawing,
    "image": _linked, "link": _icon, "frame": _frame, "iframe": _frame, "meta": _meta,
}  # fmt: skip
