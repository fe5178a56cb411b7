# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1's detector: what is found, what is no disclosure, and that nothing unknown ever passes."""

from __future__ import annotations

import time

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils import label as labels
from ansible_collections.iot_site.checklist.plugins.plugin_utils.disclosure import (
    LIMIT,
    Category,
    Folded,
    disclosures,
    is_neutral,
    verdict,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.lexicon import PREFECTURES
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.place_names import MUNICIPALITIES
from hypothesis import given
from hypothesis import strategies as st

LABEL = "K-7Q2MXA"
SECRET = "correct horse battery staple 42"
WORDS = ("弘前", "第一浄水場", "Dai-ichi", "ﾋﾛｻｷ", "K7")


def found(text, words=(), surface=""):
    return {(one.category.value, one.match) for one in disclosures(text, words, surface)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第二ポンプ場 監視", ("facility", "ポンプ場")),
        ("中央病院", ("facility", "病院")),
        ("○○川 水位カメラ", ("device", "カメラ")),
        ("岩木川 水位", ("facility", "岩木川")),
        ("City Hospital login", ("facility", "Hospital")),
        ("hirosakibyoin", ("facility", "byoin")),
        ("pump-josuijo-2", ("facility", "josuijo")),
        ("大分県", ("region", "大分")),
        ("ｱｵﾓﾘ", ("region", "ｱｵﾓﾘ")),
        ("ＡＯＭＯＲＩ gateway", ("region", "ＡＯＭＯＲＩ")),
        ("tokyo-panel", ("region", "tokyo")),
        ("RTX830 login", ("device", "RTX830")),
        ("Welcome to UNIVERGE IX2215", ("device", "UNIVERGE")),
        ("監視カメラ", ("device", "カメラ")),
        ("web cam 1", ("device", "web cam")),
        ("Ubuntu login:", ("device", "Ubuntu")),
        ("Debian GNU/Linux 12", ("version", "GNU/Linux 12")),
        ("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", ("version", "OpenSSH_9.2p1")),
        ("nginx/1.22.1", ("version", "nginx/1.22.1")),
        ("RTX830 Rev.15.02.30", ("version", "Rev.15.02.30")),
        ("ファームウェア バージョン 2.1", ("version", "バージョン 2.1")),
        ("firmware 10.0.0.1", ("version", "firmware 10.0.0.1")),
        ("10.0.19045.3", ("version", "10.0.19045.3")),
    ],
)
def test_finds(text, expected):
    assert expected in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "SSH-2.0", "HTTP/1.1 403 Forbidden", "TLSv1.2", "TLS 1.3", "SNMPv3", "IPv6", "802.11ac", "192.0.2.10",
        "2026-11-20", "2026.11.20",
        "11/20/2026 10:15:30", "198.51.100.0/24:8080", "502 Bad Gateway", "504 Gateway Time-out", "factory default",
        "tape library",
        "施設名を入力してください", "ファームウェアの更新", "大分類", "三重化", "○○市", "市民",
        "工場出荷時", "2.4GHz", "v6プラス",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=K-7\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n",
        "naranja", "examiner", "damage", "campaign", "sunset", "upside", "rest", "revolve", "構造", LABEL,
    ],
)  # fmt: skip
def test_does_not_find(text):
    assert found(text) == set()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("小郡市", "小郡市"), ("蒲郡市役所", "蒲郡市"), ("大和郡山市", "大和郡山市"), ("東広島市", "東広島市"),
        ("札幌市北区", "北区"),
        ("龍ヶ崎市", "龍ヶ崎市"), ("龍ケ崎市", "龍ケ崎市"), ("いの町", "いの町"), ("弘前城址", "弘前"),
        ("弘前市民", "弘前市"),
        ("hirosaki", "hirosaki"), ("HIROSAKI-SHI", "HIROSAKI-SHI"), ("ﾋﾛｻｷ", "ﾋﾛｻｷ"), ("ヒロサキシ", "ヒロサキ"),
        ("ひろさき", "ひろさき"),
        ("kitakyushu", "kitakyushu"), ("kitakyuushuu", "kitakyuushuu"), ("hukuoka", "hukuoka"),
        ("kitakyushu-jousui2", "kitakyushu"), ("higashihiroshimajosuijo", "higashihiroshima"), ("tsu-city", "tsu"),
        ("%E5%BC%98%E5%89%8D", "%E5%BC%98%E5%89%8D"), ("%8D%4F%91%4F", "%8D%4F%91%4F"),
        ("%B9%B0%C1%B0", "%B9%B0%C1%B0"), ("&#24344;&#21069;", "&#24344;&#21069;"), ("&#x5F18;前", "&#x5F18;前"),
        ("xn--ldrs52a.example", "xn--ldrs52a"), ("〒036-8551", "〒036-8551"),
        ("town.oirase.lg.jp", "town.oirase.lg.jp"),
        ("浜名湖", "浜名湖"), ("屋久島", "屋久島"), ("40.6031, 140.4642", "40.6031, 140.4642"),
        ("onvif://www.onvif.org/location/city/hirosaki", "location/city/hirosaki"),
        ("location/city/xyzzy", "location/city/xyzzy"),
    ],
)  # fmt: skip
def test_finds_a_region_however_it_is_written(text, match):
    told = [one.match for one in disclosures(text, ()) if one.category is Category.REGION]
    assert match in told


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("市民病院", "medical"), ("第一浄水場", "water"), ("岩木川 水位", "river"), ("変電所", "power"),
        ("小学校", "education"),
        ("市役所", "administration"), ("老人ホーム", "welfare"), ("駅前駐車場", "transport"), ("牛舎", "agriculture"),
        ("製作所", "factory"),
        ("温泉旅館", "lodging"), ("百貨店", "commerce"), ("消防署", "disaster_prevention"), ("焼却炉", "waste"),
        ("体育館", "culture"),
        ("団地", "housing"), ("神社", "religion"), ("観測所", "observatory"), ("City Hospital", "medical"),
        ("waste-water", "water"),
        ("xyzbyouin", "medical"), ("zyousuizyou", "water"), ("ｼﾞｮｳｽｲｼﾞｮｳ", "water"), ("pumpst-3", "water"),
        ("cityhall", "administration"),
    ],
)  # fmt: skip
def test_says_which_kind_of_site_a_facility_is(text, kind):
    told = {one.site for one in disclosures(text, ()) if one.category is Category.FACILITY}
    assert kind in told and all(one.kind == "site" for one in disclosures(text, ()) if one.site)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("中央", "region"), ("北", "region"), ("いの", "region"), ("○○市", "region"), ("市民", "region"),
        ("市営", "region"),
        ("市場価格", "region"), ("location/country/japan", "region"), ("date: 2026", "region"), ("mine", "region"),
        ("サイト", "region"),
        ("AirPort Express", "facility"), ("Tape Library", "facility"), ("Building Bridge", "facility"),
        ("bridge mode", "facility"),
        ("ランダム", "facility"),
        ("スモール", "facility"), ("スーパーユーザー", "facility"), ("ヘルプセンター", "facility"),
        ("病院名を入力", "facility"),
        ("rack 2F", "facility"), ("サーバ室", "facility"), ("K-7Q2MXA", "device"), ("open windows", "device"),
        ("カメラ名", "device"),
        ("SSH-2.0", "version"), ("HTTP/1.1", "version"), ("192.0.2.10", "version"), ("2026.11.29", "version"),
        ("10:15:30", "version"),
        ("802.1x", "version"), ("A4", "version"), ("OAuth 2.0", "version"), ("1.5 GB", "version"),
        ("router 192.0.2.1", "version"),
        ("sw1", "version"), ("fw01", "version"), ("linux 2026-11-29", "version"),
    ],
)  # fmt: skip
def test_is_not_taken_in(text, category):
    assert [one.match for one in disclosures(text, (), "hostname") if one.category == category] == []


@pytest.mark.parametrize("prefecture", PREFECTURES, ids=lambda prefecture: prefecture[2])
def test_every_prefecture_is_found_in_kanji_kana_and_romaji(prefecture):
    kanji, kana, romaji = prefecture
    latin = romaji.replace("u?", "").replace("o?", "")
    for text in (kanji, f"{kanji}県庁", kana, f"{kana}ケン", latin, f"{latin}-ken", f"{latin}ken", latin.upper()):
        assert [one for one in disclosures(text, ()) if one.category is Category.REGION], text


def test_every_municipality_is_found_with_what_it_is():
    missed = [
        text
        for kanji, kind, _reading in MUNICIPALITIES
        for text in (f"{kanji}{kind}", f"第一{kanji}{kind}立病院")
        if not any(one.category is Category.REGION for one in disclosures(text, ()))
    ]
    assert len(MUNICIPALITIES) > 1800 and missed == []


@given(text=st.text("弘前市%E5BC98&#;xn-aｶﾞﾊﾟ㌶ß", max_size=40))
def test_every_character_of_a_folded_text_comes_from_somewhere(text):
    folded = Folded.of(text)
    for place in range(len(folded.text)):
        start, end = folded.stretch(place, place + 1)
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    "text", ["弘前", "第 一 浄 水 場", "daiichi", "DAI ICHI", "dai_ichi-2", "ヒロサキ", "ﾋﾛｻｷ", "k7-rtx", "弘\u200b前"]
)
def test_finds_the_owners_words_however_they_are_written(text):
    assert [one for one in disclosures(text, WORDS) if one.kind == "own"]


@pytest.mark.parametrize("text", ["daiichiban", "predaiichi", "k77", "ak7"])
def test_no_owners_word_inside_another_latin_word(text):
    assert disclosures(text, WORDS) == []


def test_short_forms_count_only_in_names():
    assert found("core-sw1", surface="hostname") == {("device", "sw")}
    assert found("core-sw1") == set()


def test_a_span_is_where_the_match_stands_in_the_text_as_given():
    text = "ｱﾌﾟﾘ ﾋﾛｼﾏ 2"
    (one,) = disclosures(text, ())
    assert text[slice(*one.span)] == one.match == "ﾋﾛｼﾏ" and one.category is Category.REGION


@pytest.mark.parametrize(
    "text",
    [
        "", "  \n", LABEL, f"{LABEL}\n", LABEL.lower(), "Authorized access only", "ログイン",
        "ユーザー名とパスワードを入力してください",
        f"{LABEL} login:", "*****\nAuthorized access only!\n*****", "403 Forbidden", "Restricted Area",
        "Administrator's area",
        "関係者以外の利用を禁止します",
    ],
)  # fmt: skip
def test_passes_what_is_empty_the_label_or_known_to_be_neutral(text):
    assert verdict(text, WORDS, LABEL).status is Status.PASS


@pytest.mark.parametrize(
    "text",
    [
        "のと", "つがる", "pump-3", "192.0.2.1", "12", "監視", "🏥 login", "\\xff", "l\u043egin", "login \x1b[31m",
        " _  _\n| || |\n", "login " * LIMIT,
    ],
)  # fmt: skip
def test_what_no_rule_knows_is_for_a_persons_eye(text):
    told = verdict(text, WORDS, LABEL)
    assert told.status is Status.MANUAL and not told.matches


def test_the_reason_is_safe_to_print_and_bounded():
    told = verdict("pump\x1b[2J\n" + "x" * 10_000_000, WORDS, LABEL)
    assert told.why.isprintable() and len(told.why) < 1000


def test_a_label_that_tells_a_place_is_never_a_pass():
    assert verdict("弘前-1", WORDS, "弘前-1").status is Status.MANUAL
    assert verdict("Tokyo-1", (), "Tokyo-1").status is Status.MANUAL


def test_the_label_hides_no_longer_word_around_it():
    assert verdict("弘前", WORDS, "弘").status is Status.GAP
    assert verdict("prefixK-7Q2MXAsuffix", (), LABEL).status is Status.MANUAL


@given(site=st.text("abcdefghijklmnop0123456789", min_size=1), host=st.text("abcdefghijklmnop-0123456789", min_size=1))
def test_a_derived_label_and_neutral_words_around_it_never_hit(site, host):
    label = labels.label(SECRET, site, host)
    words = WORDS[:4]  # two characters can stand in a label by chance
    assert verdict(label, words, label).status is Status.PASS
    assert verdict(f"{label} login: authorized access only", words, label).status is Status.PASS


NEUTRAL = ("Authorized access only. ", "ログイン ", "login: ", "", "\n***\n", "ユーザー名 ")


@given(word=st.sampled_from(WORDS), before=st.sampled_from(NEUTRAL), after=st.sampled_from((*NEUTRAL, " 12", "。")))
def test_a_planted_word_is_always_found(word, before, after):
    told = verdict(f"{before} {word} {after}", WORDS, LABEL)
    assert told.status is Status.GAP and any(one.kind == "own" for one in told.matches)


@given(text=st.text(max_size=60))
def test_a_text_that_passes_is_neutral_and_names_nothing(text):
    told = verdict(text, WORDS, LABEL)
    if told.status is Status.PASS and text.strip():
        assert disclosures(text, WORDS) == [] and is_neutral(text, LABEL)
    for one in disclosures(text, WORDS):
        start, end = one.span
        assert text[start:end] == one.match and one.match


@pytest.mark.parametrize(
    "unit",
    [
        "a", "a-", "1.", "v ", "linux ", "第 ", "ログイン", "川 ", "の", "((", "ﾊﾟ", "\n#", "%E5", "%E5%BC%98",
        "&#24344;", "xn--a ",
        "gawa", "tsu-", "city.", "ヒ", "弘前", "い", "3町1-", "cisco ", "a/1.", "location/", "no.1 a",
    ],
)  # fmt: skip
def test_hostile_text_takes_no_time(unit):
    started = time.monotonic()
    verdict(unit * 20_000, WORDS, LABEL)
    assert time.monotonic() - started < 4
