# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From bytes of a device to text: by what it declares where that holds, else by what the bytes look like.

Old Japanese devices speak Shift_JIS, EUC-JP or ISO-2022-JP and often declare nothing, or a charset that came with the
firmware's template. Codecs are taken from a table, never by the name a device gives.
"""

from __future__ import annotations

import codecs
import re

#: Names as devices write them (WHATWG Encoding Standard, section 4.2; only what is met), and Python's codec.
CODECS = {
    "utf-8": ("utf-8", "utf8", "unicode-1-1-utf-8"),
    "cp932": ("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j", "cp932", "csshiftjis", "ms932"),
    "euc_jp": ("euc-jp", "x-euc-jp", "eucjp", "cseucpkdfmtjapanese"),
    "iso2022_jp": ("iso-2022-jp", "csiso2022jp", "jis"),
    "utf-16-le": ("utf-16", "utf-16le"),
    "utf-16-be": ("utf-16be",),
    "gb18030": ("gb2312", "gbk", "gb18030", "x-gbk"),
    "big5": ("big5", "big5-hkscs"),
    "cp949": ("euc-kr", "ks_c_5601-1987"),
}
_CODEC = {name: codec for codec, names in CODECS.items() for name in names}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_JIS = re.compile(rb"\x1b(?:\$[@B]|\([JI])")
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s{0,9}=\s{0,9}["']?([A-Za-z0-9_:.-]{2,30})""", re.IGNORECASE
)
DECLARED_WITHIN = 4096  # bytes from the beginning; the HTML standard says 1024, devices put scripts before


def decoded(data, declared=""):
    """The text of ``data``; never raises. ``declared`` is the charset that its carrier names."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace")
    named = _DECLARED.search(data[:DECLARED_WITHIN])
    names = (declared.strip(" \"'").lower(), named.group(1).decode("ascii").lower() if named else "")
    known = [_CODEC[name] for name in names if name in _CODEC]
    for codec in known:
        text = _whole(data, codec)
        if text is not None:
            return text
    return _guessed(data, known)


def _guessed(data, known):
    """One wrong byte must not make all the others unreadable, so at last what fits best is taken with its holes."""
    for codec in ("iso2022_jp", "utf-8") if _JIS.search(data) else ("utf-8",):
        text = _whole(data, codec)
        if text is not None:
            return text
    whole = [text for text in (_whole(data, "cp932"), _whole(data, "euc_jp")) if text is not None]
    likely = max(whole, key=_likelihood, default="")
    if _likelihood(likely) > 0 or (len(whole) == 1 and _is_half_width(likely)):
        return likely
    lossy = max((data.decode(codec, "replace") for codec in (*known, "utf-8", "cp932", "euc_jp")), key=_likelihood)
    return lossy if _likelihood(lossy) > 0 else data.decode("cp1252", "replace")


def _whole(data, codec):
    """The text when all bytes fit; what is cut off at the end may be half a character."""
    if codec.startswith("utf-16") and b"\0" not in data:
        return None  # nearly any bytes are UTF-16; markup in it has zeros
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(data, False)
    except (UnicodeError, ValueError):
        return None


#: JIS X 0208 level 1, the kanji of daily life: rows 16 to 47, which Shift_JIS has from 0x889F to 0x9872.
_COMMON = frozenset(
    bytes((lead, trail)).decode("cp932", "ignore") for lead in range(0x88, 0x99) for trail in range(0x40, 0xFD)
)
WEIGHED = 4096  # characters


def _likelihood(text):
    """How much it looks like Japanese. EUC-JP read as Shift_JIS gives half-width kana; Latin letters rare kanji."""
    score = 0
    for one in _beyond_ascii(text)[:WEIGHED]:
        if one >= "\u3000":
            score += 3 if one <= "\u30ff" or "\uff01" <= one <= "\uff5e" or one in _COMMON else -2
        else:
            score -= 1
    return score


def _is_half_width(text):
    beyond = _beyond_ascii(text)
    return len(beyond) > 1 and all("\uff61" <= one <= "\uff9f" for one in beyond)


def _beyond_ascii(text):
    return [one for one in text if one >= "\x80"]
