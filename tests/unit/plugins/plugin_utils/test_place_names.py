# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the table of places is made: rows of Japan Post taken apart, endings mined from names of organisations."""

from __future__ import annotations

from ansible_collections.iot_site.checklist.plugins.plugin_utils.place_names import MUNICIPALITIES, TABLE

from tests.tools import place_names as made


def test_a_row_of_two_is_taken_apart_and_no_name_is_cut() -> None:
    rows = [
        ("01303", "石狩郡当別町", "イシカリグントウベツチョウ"),
        ("01304", "石狩郡新篠津村", "イシカリグンシンシノツムラ"),
        ("01101", "札幌市中央区", "サッポロシチュウオウク"),
        ("01102", "札幌市北区", "サッポロシキタク"),
        ("40216", "小郡市", "オゴオリシ"),
        ("29203", "大和郡山市", "ヤマトコオリヤマシ"),
        ("23214", "蒲郡市", "ガマゴオリシ"),
        ("13381", "三宅島三宅村", "ミヤケジマミヤケムラ"),
    ]
    assert made.municipalities(rows) == {
        "市": {"大和郡山": "yamatokoriyama", "小郡": "ogori", "札幌": "sapporo", "蒲郡": "gamagori"},
        "区": {"中央": "tyuo", "北": "kita"},
        "町": {"当別": "tobetu"},
        "村": {"三宅": "miyake", "新篠津": "sinsinotu"},
        "郡": {"石狩": "isikari"},
        "島": {"三宅": "miyake"},
    }


def test_an_ending_counts_that_many_names_have_and_no_word_of_ours_is_in() -> None:
    names = [f"{name}商工会議場" for name in ("東", "西", "南", "北")]
    assert made.endings(names) == {"factory": ["商工会議場"]}
    assert made.endings(names[:3]) == {}
    assert made.endings(f"{name}第一病院" for name in "東西南北") == {}


def test_the_table_says_where_it_is_from_and_is_small() -> None:
    assert "Japan Post" in TABLE["source"] and "MIT" in TABLE["source"]
    assert made.TABLE.stat().st_size < 100_000
    assert ("弘前", "市", "hirosaki") in MUNICIPALITIES
