# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text from bytes: what is declared, what the bytes look like, and what must never become of them."""

from __future__ import annotations

import json

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.answer import Answer, plain
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.charsets import decoded
from hypothesis import given
from hypothesis import strategies as st

TITLE = "弘前市 第一浄水場 ポンプ監視"
LEGACY = ("shift_jis", "euc_jp", "iso2022_jp", "utf-8")


@pytest.mark.parametrize("codec", LEGACY)
@pytest.mark.parametrize("text", [TITLE, "浄水場", "北第二配水池", "水位計", "ログイン", "＜監視＞", "取水ポンプ3号機"])
def test_japanese_is_recognised_without_a_declaration(codec, text):
    assert decoded(text.encode(codec)) == text


@pytest.mark.parametrize("codec", ["shift_jis", "utf-8"])
def test_half_width_kana_are_recognised(codec):
    assert decoded("ﾎﾟﾝﾌﾟ ｶﾝｼ".encode(codec)) == "ﾎﾟﾝﾌﾟ ｶﾝｼ"


def test_latin_text_is_not_taken_for_japanese():
    assert decoded("Station de pompage préférée à l'été".encode("cp1252")) == "Station de pompage préférée à l'été"


def test_utf_16_is_read_where_it_is_utf_16():
    page = f"<p>{TITLE}</p>"
    assert decoded(page.encode("utf-16")) == decoded(page.encode("utf-16-le"), "utf-16") == page
    assert decoded(b'<meta charset="utf-16">' + TITLE.encode()).endswith(TITLE)


def test_what_is_declared_wins_where_it_holds():
    assert decoded(TITLE.encode("euc_jp"), "EUC-JP") == TITLE
    assert decoded(b'<meta charset="x-sjis">' + TITLE.encode("cp932")).endswith(TITLE)
    assert decoded(b'<?xml version="1.0" encoding="Shift_JIS"?>' + TITLE.encode("cp932")).endswith(TITLE)


@pytest.mark.parametrize(
    "wrong", ["utf-8", "utf-16", "iso-8859-1", "base64", "zlib", "unicode_escape", "x" * 5000, "\0"]
)
def test_a_declaration_that_does_not_hold_hides_nothing(wrong):
    assert decoded(TITLE.encode("cp932"), wrong) == TITLE


@pytest.mark.parametrize("codec", ["cp932", "euc_jp", "utf-8"])
def test_one_wrong_byte_does_not_hide_the_others(codec):
    said = decoded((TITLE + "。" + TITLE).encode(codec) + b"\xff\xff " + TITLE.encode(codec), codec)
    assert "第一浄水場" in said


def test_a_character_that_is_cut_off_spoils_nothing():
    for codec in ("cp932", "euc_jp", "utf-8"):
        assert decoded(TITLE.encode(codec)[:-1]) == TITLE[:-1]


@given(st.binary(max_size=300), st.text(max_size=20))
def test_no_bytes_are_too_strange_and_all_text_is_json(data, declared):
    text = plain(decoded(data, declared))
    assert json.loads(json.dumps(text).encode("ascii")) == text
    text.encode("utf-8")


@given(st.text(max_size=80))
def test_utf_8_always_comes_back(text):
    if not text.startswith("\ufeff"):
        assert decoded(text.encode("utf-8")) == text or "\x1b" in text


def test_texts_are_bounded_and_told_once():
    answer = Answer("http")
    for said in (b"a" * 9000, b"a" * 9000, " \n", b""):
        answer.tell("html_title", said)
    (kept,) = answer.texts
    assert kept == {"surface": "html_title", "text": "a" * 4096, "cut": True}


def test_a_flood_of_one_kind_of_text_is_cut_and_leaves_no_other_out():
    answer = Answer("http")
    for number in range(1000):
        answer.tell("http_header", str(number))
    answer.tell("html_title", "K-7")
    assert len(answer.texts) == 61 and answer.texts[-1]["text"] == "K-7"
    assert [one["cut"] for one in answer.texts[58:]] == [False, True, False], "there were more"


def test_control_characters_stay_and_lone_surrogates_do_not():
    answer = Answer("http")
    answer.tell("html_title", "\x1b[31m\x07a\ud800b\0")
    assert answer.texts[0]["text"] == "\x1b[31m\x07a?b\0"
