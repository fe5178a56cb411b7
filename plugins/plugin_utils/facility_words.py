# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which words a text names a facility, and of which kind it is: data for disclosure.py.

Kept by hand; what organisations are called beyond it is mined into place_names.json. The kinds are those of the
triage. All words are as NFKC and case-folding leave a text.
"""

from __future__ import annotations

#: {kind: words}, found anywhere in Japanese text. After a colon how a word reads, where it is met in romaji or kana.
JAPANESE = {
    "medical": "動物病院 血液センター 病院:びょういん 医院:いいん クリニック 診療所:しんりょうじょ 薬局:やっきょく"
    " 歯科:しか 医療センター"
    " 保健所:ほけんじょ 医療:いりょう 保健センター:ほけんせんたー 診療 透析 助産院 接骨院 整骨院 外科 内科 小児科"
    " 眼科 皮膚科"
    " 耳鼻科 耳鼻咽喉科 産婦人科 医科 病棟 薬店 治療院 老健",
    "water": "水道施設 高架水槽 排水路 浄水場:じょうすいじょう 浄水:じょうすい 配水池:はいすいち"
    " 配水場:はいすいじょう 配水:はいすい"
    " 水源地:すいげんち"
    " 水源池 水源:すいげん 取水:しゅすい 取水場:しゅすいじょう 給水所:きゅうすいじょ 給水場 給水塔 受水場 導水 送水"
    " 水道:すいどう 水道局:すいどうきょく 水道課:すいどうか 上下水道:じょうげすいどう 下水:げすい 下水道:げすいどう"
    " 下水処理場:げすいしょりじょう 浄化センター:じょうかせんたー 浄化場:じょうかじょう 水再生センター"
    " 処理場:しょりじょう 終末処理"
    " 汚水:おすい"
    " 雨水ポンプ 排水機場:はいすいきじょう 排水処理 ポンプ場:ぽんぷじょう ポンプ所:ぽんぷじょ 中継ポンプ 揚水:ようすい"
    " 揚水機場:ようすいきじょう 機場:きじょう 増圧 加圧 企業団:きぎょうだん 浄化槽 マンホールポンプ 水処理 農業用水"
    " 導水路 水管橋 浄水池 沈殿池 汚泥 雨水 貯留槽 受水槽 水質試験",
    "river": "水門:すいもん 樋門:ひもん 樋管:ひかん 頭首工:とうしゅこう 貯水池:ちょすいち 遊水地 遊水池 調整池"
    " 調節池 ため池"
    " ダム 河川:かせん 防潮 砂防:さぼう 堤防 用水路:ようすいろ 幹線水路 閘門 陸閘",
    "power": "発電所:はつでんしょ 発電:はつでん 変電所:へんでんしょ 変電:へんでん 太陽光:たいようこう メガソーラー"
    " ソーラーパーク ソーラー 風力:ふうりょく 水力:すいりょく 火力 地熱 バイオマス 電力:でんりょく 蓄電所 送電 配電"
    " ガス製造 都市ガス 送電線 原子力",
    "education": "学校:がっこう 小学校:しょうがっこう 小学:しょうがく 中学校:ちゅうがっこう 中学:ちゅうがく"
    " 高校:こうこう"
    " 高等学校:こうとうがっこう 大学:だいがく 学園:がくえん 学院:がくいん 幼稚園:ようちえん 保育園:ほいくえん"
    " 保育所:ほいくしょ こども園:こどもえん 図書館:としょかん 公民館:こうみんかん 給食センター:きゅうしょくせんたー"
    " 学習センター 教育委員会:きょういくいいんかい 教育センター 学童 児童館:じどうかん 高専 専門学校 学舎 職員室"
    " 図書室 教習所 自動車学校 学習塾 保育 少年自然の家 研修センター 生涯学習",
    "administration": "商工会議所 税関 検疫所 児童相談所 市役所:しやくしょ 区役所:くやくしょ 町役場:まちやくば"
    " 村役場:むらやくば 役場:やくば 役所:やくしょ"
    " 県庁:けんちょう 都庁 道庁 府庁 庁舎:ちょうしゃ 支所:ししょ 出張所:しゅっちょうじょ 振興局 整備局 事務組合"
    " 広域連合 裁判所:さいばんしょ 税務署 法務局 年金事務所 議会 合同庁舎 地方合同 土木事務所 土木 市庁 区庁 町庁"
    " 総合支庁 支庁 県民局 市民センター コミュニティセンター 環境事務所 建設事務所 国道事務所 河川事務所 市議会"
    " 検察庁 省庁 自衛隊 駐屯地 大使館 領事館 水産事務所 農政局 運輸局 労働局 監督署 職業安定所 ハローワーク",
    "welfare": "介護施設 福祉施設 老人ホーム:ろうじんほーむ 介護:かいご 福祉:ふくし 特養:とくよう デイサービス"
    " グループホーム"
    " ケアセンター"
    " ケアハウス 包括支援センター 支援センター 養護 障害者 授産所 作業所 社協 ケアホーム 就労支援 子育て支援"
    " 障害福祉 障がい者 サービス付き高齢者 高齢者",
    "transport": "隧道 車検場 空港:くうこう 道の駅:みちのえき トンネル 高速道路:こうそくどうろ 自動車道"
    " インターチェンジ サービスエリア"
    " パーキングエリア 料金所 バスターミナル バスセンター 駐車場:ちゅうしゃじょう 駐輪場 車両基地 漁港:ぎょこう"
    " 港湾:こうわん"
    " 踏切 車庫 操車場 鉄道:てつどう 地下鉄 電停 停留所 バイパス 国道 県道 運輸 埠頭 ふ頭 フェリー 航路 灯台"
    " 駅前 駅ビル 道路:どうろ 橋梁 高架橋 大橋 ロープウェイ ケーブルカー モノレール 新幹線 造船所",
    "agriculture": "堆肥 種苗 水産 農政 農林 農場:のうじょう 牧場:ぼくじょう 農園:のうえん 農協:のうきょう 畜産"
    " 養殖場 ビニールハウス 温室:おんしつ"
    " 選果場:せんかじょう 圃場 果樹園 牛舎:ぎゅうしゃ 豚舎 鶏舎 養鶏場 養豚場 酪農 農業 水田 集落排水 ライスセンター"
    " カントリーエレベーター 漁協 植物工場 育苗 園芸 牧草 林業 森林組合 製材所 養蜂 棚田",
    "factory": "工場:こうじょう 製作所:せいさくしょ 製造所 製鉄所 製油所 事業所:じぎょうしょ 営業所:えいぎょうしょ"
    " 支店:してん 本社:ほんしゃ 本店:ほんてん 支社:ししゃ 倉庫:そうこ 物流センター 配送センター"
    " 研究所:けんきゅうじょ 工業所"
    " 株式会社:かぶしきがいしゃ 有限会社 合同会社 工業団地 流通センター 製造ライン 生産ライン 印刷所 鉄工所"
    " 醸造 酒造 データセンター 採石場 鉱山 資材置場 工務店 プラント 冷凍倉庫 冷蔵倉庫",
    "lodging": "宿泊施設 ホテル 旅館:りょかん 温泉:おんせん 民宿:みんしゅく 山荘 ペンション キャンプ場 銭湯 浴場"
    " ゲストハウス"
    " リゾート"
    " 客室 保養所 宿舎 スキー場 ゴルフ場 カントリークラブ ユースホステル",
    "commerce": "商業施設 商店 スーパー スーパーマーケット 百貨店 商店街 モール 銀行:ぎんこう 信用金庫"
    " 郵便局:ゆうびんきょく"
    " 給油所 ガソリンスタンド"
    " 市場:いちば 卸売市場 コンビニ 美容室 理容室 食堂 レストラン カフェ 居酒屋 直売所 展示場 信用組合 販売所"
    " 自動車販売"
    " ショッピング 店舗:てんぽ 喫茶 パチンコ 薬品店 ホームセンター ドラッグストア 弁当 書店 証券 不動産",
    "disaster_prevention": "消防署:しょうぼうしょ 消防:しょうぼう 警察:けいさつ 交番 防災:ぼうさい 避難所 刑務所"
    " 水防 津波"
    " 拘置所 駐在所 防災無線 救急",
    "waste": "埋立 浸出水 清掃工場:せいそうこうじょう クリーンセンター 焼却:しょうきゃく 最終処分場 清掃センター"
    " リサイクルセンター"
    " 処分場 環境センター し尿 ごみ処理 衛生センター 資源化",
    "culture": "競艇場 健康ランド 博物館 美術館:びじゅつかん 球場 競技場 文化会館 市民会館:しみんかいかん 文化ホール"
    " 市民ホール 町民ホール 多目的ホール 文化施設 体育施設 スポーツ施設"
    " 会館:かいかん 体育館:たいいくかん"
    " 動物園 水族館 植物園 劇場 映画館 競馬場 競輪場 スタジアム アリーナ 記念館 資料館 文化センター 展望台"
    " 公園:こうえん 市民プール 町民プール"
    " 遊園地 運動場 グラウンド 野球場 集会所 集会場 交流館 交流センター 天文台 城址",
    "housing": "マンション アパート 団地:だんち 市営住宅 県営住宅 町営住宅 公営住宅 住宅 ハイツ コーポ 自治会 町内会"
    " 管理組合",
    "religion": "納骨堂 墓園 神社:じんじゃ 寺院 教会 斎場:さいじょう 火葬場 霊園 葬祭 墓地",
    "observatory": "観測所:かんそくじょ 気象台:きしょうだい 測候所 観測局 試験場:しけんじょう 試験所 実験所",
    "other": "公共施設 処理施設 研究施設 観光施設 ビルディング 本館 別館 新館 分室 事務所:じむしょ 支部 詰所 管理棟"
    " 機械棟 受付棟 庁内 寄宿舎 操作室",
}  # fmt: skip

#: Endings too short to stand alone: a name must come before, and no longer word may follow.
SHORT_JAPANESE = {
    "transport": "駅 橋 港", "river": "堰", "commerce": "店", "culture": "館 園 苑", "religion": "寺",
    "other": "ビル センター 会館 棟 荘",
}  # fmt: skip

#: {kind: whole English words and phrases} in the form of latin_words.py.
ENGLISH = {
    "medical": "hospital{s,} clinic{s,} medical~cent{er,re} pharmacy dental dentist medical health~cent{er,re} hosp"
    " nurse~call"
    " medicine pacs",
    "water": "water~work{s,} water~{treatment,supply,purification,plant,department,bureau,quality,level,board} sewage"
    " sewer{age,} waste~water wtp wwtp stp reservoir {pump,pumping,lift,booster}~{station,house,room,site}{s,}"
    " pumpst {purification,filtration,treatment,desalination}~{plant,facility,works,center} well~field water~tank",
    "river": "dam river water~gate flood~gate sluice weir levee canal irrigation",
    "power": "power~{station,plant,house} {sub,transformer~}station substation"
    " {solar,wind,hydro,nuclear,thermal,photovoltaic}~{plant,farm,park,power,system,station} {mega~,}solar"
    " pv~{plant,site,farm,system} hydro{power,electric} wind~farm biomass geothermal",
    "education": "kindergarten nursery university univ college library campus academy daycare classroom"
    " {,elementary~,primary~,junior~,middle~,senior~,high~,junior~high~,senior~high~}school{,s}",
    "administration": "商工会議所 税関 検疫所 児童相談所 city~hall town~hall"
    " {city,town,village,ward,prefectural}~{office,government} prefecture municipal government"
    " {city,town}~of embassy courthouse",
    "welfare": "nursing~home day~{care,service} welfare {senior,elderly,care}~{care,home,living,house,cent{er,re}}"
    " senior~care~home",
    "transport": "airport {railway,train,bus,subway,metro}~{station,terminal,depot,stop,crossing} railway subway tunnel"
    " {parking,car}~{lot,garage,area,park} ferry harbo{u,}r port~of seaport interchange toll~gate highway expressway"
    " bridge railroad shipyard fishing~port",
    "agriculture": "堆肥 種苗 水産 農政 農林 farm{s,} greenhouse orchard ranch dairy livestock barn vineyard"
    " agricultur{e,al} fishery",
    "factory": "plant{,s} factory warehouse {chemical,steel,assembly,manufacturing,cement,paper}~{plant,mill,works}"
    " headquarters"
    " {head,branch,main,regional,sales}~office corporation data~cent{er,re} production~line logistics~cent{er,re}"
    " distribution~cent{er,re} laboratory refinery co~ltd",
    "lodging": "hotel inn hostel resort spa guest~house motel ryokan onsen",
    "commerce": "shopping~{mall,cent{er,re}} super~market restaurant bakery bank post~office convenience~store"
    " gas~station"
    " retail~store cafe {flagship,main,book,drug}~store",
    "disaster_prevention": "fire~{station,department,dept,house,brigade} police~{station,department,box,} prison"
    " disaster~prevention"
    " evacuation~{shelter,center,} tsunami",
    "waste": "埋立 浸出水 incinerat{or,ion} landfill recycling~{plant,center,centre}",
    "culture": "競艇場 健康ランド museum stadium theat{er,re} gallery zoo aquarium gymnasium arena"
    " community~cent{er,re} cultural~cent{er,re}"
    " public~hall swimming~pool",
    "religion": "納骨堂 墓園 temple shrine church crematorium cemetery",
    "housing": "apartment{s,} condominium mansion dormitory residence",
    "observatory": "observatory weather~station observation~station meteorological",
}  # fmt: skip

#: Romaji that is met beside how the words above read.
ROMAJI = {
    "medical": "byoin hospi", "water": "josui haisui gesui suido ponpu jokacenter jokasenta kyusui",
    "river": "kasen", "administration": "shicho kencho yakuba", "power": "hatsuden henden",
    "education": "gakko shogaku chugaku shogakko chugakko koko hoiku yochien toshokan sho-gakko",
    "disaster_prevention": "shobo keisatsu bosai", "factory": "kojo eigyosho honsha jigyosho shisha souko",
    "transport": "kowan ekimae dobashi", "lodging": "onsen ryokan", "agriculture": "nojo bokujo",
    "waste": "seiso shokyaku", "welfare": "fukushi kaigo tokuyo",
}  # fmt: skip

#: {kind: English words that names glue to others}: yonagohospital.
GLUED_ENGLISH = {
    "medical": "hospital clinic", "education": "school library university college", "lodging": "hotel",
    "factory": "factory", "transport": "airport", "water": "pumpstation waterworks", "power": "substation",
    "culture": "museum", "administration": "cityhall",
}  # fmt: skip
