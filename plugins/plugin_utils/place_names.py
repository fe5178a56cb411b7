# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of places and how they read: the municipalities of place_names.json, prefectures, areas known everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict, cast

from .password_reading import one_spelling, typed


class _Table(TypedDict):
    source: str
    municipalities: dict[str, str]  # {市: "弘前:hirosaki ..."}
    endings: dict[str, str]  # {kind of facility: "財務局 ..."}


#: place_names.json; tests/tools/place_names.py writes it.
TABLE = cast(_Table, json.loads(Path(__file__).with_name("place_names.json").read_text(encoding="utf-8")))

#: (kanji, what it is, reading) of every one: 弘前, 市, hirosaki.
MUNICIPALITIES = tuple(
    (kanji, kind, reading)
    for kind, names in TABLE["municipalities"].items()
    for kanji, _colon, reading in (name.partition(":") for name in names.split())
)


def reading(text: str) -> str:
    """How kana or romaji read, in one spelling."""
    return one_spelling(typed(text)).text


#: Areas, islands, lakes and quarters that everybody knows; a colon, and how they read.
AREAS = """
東北:とうほく 関東:かんとう 北陸:ほくりく 甲信越:こうしんえつ 東海:とうかい 近畿:きんき 関西:かんさい 山陰:さんいん
山陽:さんよう 四国:しこく
九州:きゅうしゅう 首都圏:しゅとけん 道東 道南 道央 道北:どうほく 北関東 南関東 北九州:きたきゅうしゅう 南九州 中国地方
中国地区 中部地方 中国支 西日本 東日本
庄内:しょうない 津軽:つがる 三陸:さんりく 会津:あいづ 房総:ぼうそう 湘南:しょうなん 多摩:たま 秩父:ちちぶ 伊豆:いず
能登:のと 若狭:わかさ 丹後:たんご 但馬:たじま
播磨:はりま 紀伊:きい 熊野:くまの 備前 備中 備後 出雲:いずも 石見:いわみ 筑後:ちくご 筑豊:ちくほう 豊前 大隅:おおすみ
薩摩:さつま 十勝:とかち 日高 根室:ねむろ
知床:しれとこ 上越:じょうえつ 中越 下越 飛騨:ひだ 東濃 中濃 三河:みかわ 尾張:おわり 遠州:えんしゅう 駿河:するが 濃尾
下北:しもきた 男鹿:おが 信州:しんしゅう
佐渡:さど 淡路:あわじ 小豆島:しょうどしま 隠岐:おき 対馬:つしま 壱岐:いき 五島:ごとう 奄美:あまみ 種子島:たねがしま
屋久島:やくしま 宮古島:みやこじま 石垣島:いしがきじま
西表:いりおもて 八丈島:はちじょうじま 伊豆大島 三宅島:みやけじま 利尻:りしり 礼文:れぶん 奥尻:おくしり 久米島:くめじま
与那国:よなぐに 江の島:えのしま 江ノ島 宮島:みやじま
しまなみ 琵琶湖:びわこ 霞ケ浦:かすみがうら 浜名湖:はまなこ 諏訪湖:すわこ 猪苗代湖:いなわしろこ 十和田:とわだ
洞爺:とうや 支笏:しこつ 宍道湖:しんじこ 芦ノ湖:あしのこ 中禅寺
サロマ湖 八郎潟 有明海:ありあけかい 瀬戸内:せとうち 富士山:ふじさん 阿蘇:あそ 三宮:さんのみや 梅田:うめだ 難波:なんば
天王寺:てんのうじ 池袋:いけぶくろ 新橋:しんばし
秋葉原:あきはばら 六本木:ろっぽんぎ お台場:おだいば 丸の内:まるのうち 霞が関:かすみがせき 大手町:おおてまち
銀座:ぎんざ 羽田:はねだ 成田:なりた 横須賀:よこすか 天神 栄町 博多:はかた
吉祥寺:きちじょうじ 新大阪:しんおおさか 新横浜:しんよこはま 利根川:とねがわ 信濃川:しなのがわ 筑後川:ちくごがわ
石狩川:いしかりがわ 北上川:きたかみがわ 最上川:もがみがわ
阿武隈川:あぶくまがわ 天竜川:てんりゅうがわ 木曽川:きそがわ 長良川:ながらがわ 揖斐川 淀川:よどがわ 吉野川:よしのがわ
四万十川:しまんとがわ 球磨川:くまがわ
多摩川:たまがわ 荒川:あらかわ 阿賀野川:あがのがわ 雄物川 米代川 那珂川:なかがわ 紀の川 江の川 太田川 高梁川
"""

#: Cities of the world, as site names of devices have them.
ABROAD = """
beijing shanghai shenzhen guangzhou hangzhou nanjing chengdu wuhan taipei kaohsiung seoul busan singapore bangkok
jakarta
hanoi manila mumbai delhi bangalore sydney melbourne london paris berlin munich hamburg frankfurt vienna zurich geneva
amsterdam rotterdam brussels madrid barcelona lisbon rome milan prague warsaw budapest stockholm oslo copenhagen
helsinki
moscow istanbul dubai cairo toronto vancouver montreal chicago boston houston dallas seattle denver atlanta miami
philadelphia sunnyvale ontario california texas mexico
"""
