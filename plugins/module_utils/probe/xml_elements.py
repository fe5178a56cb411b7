# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML as a flat list of elements. No document type is ever read, so no entity is ever made of anything. Pure."""

from __future__ import annotations

from xml.parsers import expat

ELEMENTS, DEPTH = 2000, 50


def elements(text):
    """``[(path of local names joined by "/", text)]``. Raises ValueError on what is no XML, or has a document type."""
    found, open_ones = [], []
    parser = expat.ParserCreate("utf-8", " ")

    def begin(name, _attributes):
        open_ones.append((name.rpartition(" ")[2], []))
        if len(open_ones) > DEPTH or len(found) > ELEMENTS:
            raise ValueError("more elements than we read")

    def end(_name):
        path = "/".join(name for name, _parts in open_ones)
        found.append((path, "".join(open_ones.pop()[1]).strip()))

    def characters(data):
        if open_ones:
            open_ones[-1][1].append(data)

    def refuse(*_arguments):
        raise ValueError("a document type, which no device needs")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, characters
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise ValueError("no XML") from error
    return found


def texts(found, name):
    """The texts of every element of this local name."""
    return [text for path, text in found if text and path.rpartition("/")[2] == name]
