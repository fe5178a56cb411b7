# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words by which a text gives away a place or a device, and words that give away nothing: data for disclosure.py.

All entries are as NFKC and case-folding leave a text. Entries of ``*_PATTERNS`` are regular expressions, the
others are plain words. Kept by hand and modest: a text that no entry knows is judged by eye, never passed.
"""

from __future__ import annotations

#: Kinds of site, found anywhere in Japanese text, by the category of the checklist's triage.
FACILITIES_JA = {
    "medical": "病院 医院 クリニック 診療所 薬局 歯科 医療センター 保健所",
    "water": "浄水場 浄水 配水池 配水場 水源地 取水場 ポンプ場 ポンプ所 水道局 水道課 水道部 上水道 下水道 下水処理"
    " 浄化センター 水再生センター 処理場 中継ポンプ 揚水 機場 水門 樋門 樋管 頭首工 貯水池 ダム 遊水地 河川 企業団",
    "power": "発電所 発電 変電所 太陽光 メガソーラー ソーラーパーク 風力 水力 電力",
    "school": "学校 小学校 中学校 高校 大学 学園 幼稚園 保育園 保育所 こども園 図書館 公民館 体育館 学習センター",
    "government": "市役所 区役所 町役場 村役場 役場 役所 県庁 都庁 道庁 府庁 庁舎 支所 出張所 振興局 整備局 事務組合"
    " 広域連合 裁判所",
    "welfare": "老人ホーム 介護 福祉 特養 デイサービス グループホーム ケアセンター",
    "transport": "空港 道の駅 トンネル 高速道路 インターチェンジ サービスエリア パーキングエリア 料金所"
    " バスターミナル 駐車場 車両基地 漁港 港湾",
    "farming": "農場 牧場 農園 農協 畜産 養殖場 ビニールハウス 温室 選果場 圃場",
    "works": "工場 製作所 事業所 営業所 支店 本社 本店 支社 倉庫 物流センター 研究所 工業所 作業所 株式会社 有限会社",
    "lodging": "ホテル 旅館 温泉 民宿 山荘",
    "commerce": "商店 スーパー 百貨店 商店街 モール 銀行 信用金庫 郵便局 給油所 ガソリンスタンド",
    "safety": "消防署 消防 警察 交番 防災 避難所 刑務所",
    "other": "神社 寺院 教会 博物館 美術館 斎場 火葬場 霊園 清掃工場 クリーンセンター 焼却 球場 競技場 文化会館"
    " 市民会館 マンション ビルディング",
}

#: Endings too short to stand alone: a name must come before, and no longer word may follow.
FACILITY_PATTERNS_JA = (
    r"[一-鿿々ァ-ヺー]{1,8}(?:駅|橋|寺|港|堰|店|館|園|ビル|センター|会館)(?![一-鿿々ァ-ヺー])",
    r"[一-鿿々]{1,4}川(?=\s*(?:水位|カメラ|cam|ライブ|監視|観測|上流|下流|右岸|左岸|$))",
)

#: Whole English words.
FACILITY_PATTERNS_EN = (
    r"hospitals?", r"clinics?", r"medical cent(?:er|re)", r"pharmacy", r"dental",
    r"(?:elementary |primary |junior |high )*school", r"kindergarten", r"nursery", r"university", r"college",
    r"library", r"museum", r"city ?hall", r"(?:city|town|village|ward) office", r"prefecture", r"water ?works?",
    r"water (?:treatment|supply|purification|plant)", r"sewage", r"sewer", r"reservoir", r"dam", r"river",
    r"(?:pump|pumping|power|fire|police|railway|train|gas|sub) ?station", r"substation", r"water ?gate",
    r"(?:power|treatment|solar|wind|hydro|chemical|steel|nuclear|purification) (?:plant|farm|park)", r"airport",
    r"hotel", r"farm", r"greenhouse", r"temple", r"shrine", r"church", r"factory", r"warehouse",
    r"nursing home", r"shopping (?:mall|cent(?:er|re))", r"headquarters", r"parking lot", r"tunnel", r"stadium",
    r"co\.,? ?ltd", r"corporation",
)  # fmt: skip

#: Endings of romaji names, also glued to what comes before (hirosakibyoin).
FACILITY_ENDINGS_ROMAJI = (
    r"byou?in", r"jousuijou?", r"josuijou?", r"haisui(?:chi|jou?)?", r"ponpujou?", r"gesui(?:jou?|dou?)?",
    r"suidou?(?:kyoku|ka)?", r"jou?kajou?", r"shorijou?", r"hatsudensh?o", r"hendensh?o", r"shou?gakk?ou?",
    r"chuu?gakk?ou?", r"gakk?ou", r"gakuen", r"daigaku", r"hoikuen", r"youchien", r"toshokan", r"kou?minkan",
    r"taiikukan", r"s?hiyakusho", r"kuyakusho", r"yakuba", r"kencho+u?", r"chou?sha", r"shou?bou?(?:sho)?",
    r"koujou", r"kojo", r"eigyou?sho", r"jigyou?sho", r"kikaijou?", r"suimon", r"kinkyu", r"ryokan", r"onsen",
    r"noujou",
)  # fmt: skip

#: Kanji, katakana, romaji of the 47 prefectures.
PREFECTURES = (
    ("北海道", "ホッカイドウ", "hokkaidou?"), ("青森", "アオモリ", "aomori"), ("岩手", "イワテ", "iwate"),
    ("宮城", "ミヤギ", "miyagi"), ("秋田", "アキタ", "akita"), ("山形", "ヤマガタ", "yamagata"),
    ("福島", "フクシマ", "fukushima"), ("茨城", "イバラキ", "ibaraki"), ("栃木", "トチギ", "tochigi"),
    ("群馬", "グンマ", "gunma"), ("埼玉", "サイタマ", "saitama"), ("千葉", "チバ", "chiba"),
    ("東京", "トウキョウ", "tou?kyou?"), ("神奈川", "カナガワ", "kanagawa"), ("新潟", "ニイガタ", "niigata"),
    ("富山", "トヤマ", "toyama"), ("石川", "イシカワ", "ishikawa"), ("福井", "フクイ", "fukui"),
    ("山梨", "ヤマナシ", "yamanashi"), ("長野", "ナガノ", "nagano"), ("岐阜", "ギフ", "gifu"),
    ("静岡", "シズオカ", "shizuoka"), ("愛知", "アイチ", "aichi"), ("三重", "ミエ", "mie"),
    ("滋賀", "シガ", "shiga"), ("京都", "キョウト", "kyou?to"), ("大阪", "オオサカ", "oo?saka"),
    ("兵庫", "ヒョウゴ", "hyou?go"), ("奈良", "ナラ", "nara"), ("和歌山", "ワカヤマ", "wakayama"),
    ("鳥取", "トットリ", "tottori"), ("島根", "シマネ", "shimane"), ("岡山", "オカヤマ", "okayama"),
    ("広島", "ヒロシマ", "hiroshima"), ("山口", "ヤマグチ", "yamaguchi"), ("徳島", "トクシマ", "tokushima"),
    ("香川", "カガワ", "kagawa"), ("愛媛", "エヒメ", "ehime"), ("高知", "コウチ", "kou?chi"),
    ("福岡", "フクオカ", "fukuoka"), ("佐賀", "サガ", "saga"), ("長崎", "ナガサキ", "nagasaki"),
    ("熊本", "クマモト", "kumamoto"), ("大分", "オオイタ", "oo?ita"), ("宮崎", "ミヤザキ", "miyazaki"),
    ("鹿児島", "カゴシマ", "kagoshima"), ("沖縄", "オキナワ", "okinawa"),
)  # fmt: skip

#: Makers that Japanese sites have, as whole Latin words.
VENDORS = (
    "yamaha", "univerge", "nec", "cisco", "fortinet", "fortigate", "fortios", "mikrotik", "allied ?telesis",
    "alliedware", "century ?sys(?:tems)?", "futurenet", "armadillo", "solarview", "contec", "omron",
    "mitsubishi", "melsec", "keyence", "hitachi", "toshiba", "fujitsu", "panasonic", "i-pro", "canon", "axis",
    "sony", "hikvision", "dahua", "tp-?link", "netgear", "asus", "elecom", "i-?o ?data", "planex", "corega",
    "buffalo", "airstation", "terastation", "linkstation", "synology", "qnap", "vyos", "juniper", "junos",
    "aruba", "idrac", "supermicro", "schneider", "siemens", "moxa", "advantech", "rockwell", "beckhoff", "wago",
    "kyocera", "daikin", "ricoh", "epson", "brother", "fuji ?xerox", "fujifilm", "sonicwall", "watchguard",
    "sophos", "palo ?alto", "zyxel", "draytek", "ubiquiti", "unifi", "edgerouter", "hewlett", "huawei",
    "vivotek", "hanwha", "bosch", "teltonika", "raspberry ?pi", "yokogawa", "azbil", "laser5",
)  # fmt: skip

VENDORS_JA = (
    "ヤマハ 日本電気 シスコ フォーティネット アライドテレシス センチュリー・システムズ コンテック オムロン"
    " 三菱電機 キーエンス 日立 東芝 富士通 パナソニック キヤノン ソニー エレコム アイ・オー・データ バッファロー"
    " シュナイダー シーメンス 横河電機 アズビル サン電子 古野電気"
)

#: Model numbers.
MODEL_PATTERNS = (
    r"(?:rtx|nvr|fwx|swx|wlx)[- ]?\d{2,4}[a-z]*", r"rt\d{2,3}[a-z]?", r"ix[- ]?\d{4}[a-z]*",
    r"(?:nxr|xr|ma-e)[- ]?\d{3}\S*", r"at-[a-z0-9]+(?:[-/][a-z0-9]+)*", r"ar\d{4}s?",
    r"(?:fg|fgt|fortigate)[- ]?\d{2,4}[a-z]*", r"isr ?\d{3,4}", r"c[189]\d{2,3}[a-z]*-\S+",
    r"(?:wsr|wxr|wzr|whr|wapm|bhr|vr)-[a-z0-9]+", r"(?:ts|ls)\d{3,4}[a-z]*", r"wv-[a-z]+\d+[a-z]*",
    r"bb-[a-z]+\d+[a-z]*", r"[mpq]\d{4}-(?:l|v|p|e|le|lve|ve)", r"ds-\d[a-z]+\d\S*",
    r"(?:pr|rt|rs|rv|rx)-\d{3}[a-z]{2}", r"(?:sv|solarview)-?cpt\S*", r"(?:cj|nj|nx)\d[a-z0-9-]*",
    r"fx\d[a-z]{1,2}", r"kv-\d+", r"ix\d{4}",
)  # fmt: skip

#: Classes of device, as whole Latin words.
DEVICE_CLASSES = (
    "router", "firewall", "utm", "(?:net|web|ip|live|network )?cam(?:era)?s?", "switch", "plc", "ups", "nas",
    "dvr", "nvr", "recorder", "gateway", "printer", "hmi", "scada", "access point", "telemeter", "data ?logger",
    "inverter", "power conditioner", "sensor", "modem",
)  # fmt: skip

#: Short forms that are words of their own elsewhere: only in names (host name, sysName).
DEVICE_CLASSES_IN_NAMES = ("sw", "rt", "rtr", "fw", "gw", "ap", "onu", "hgw", "lte", "srv")

DEVICE_CLASSES_JA = (
    "ルーター ルータ ファイアウォール カメラ スイッチ レコーダー レコーダ ゲートウェイ プリンター プリンタ 複合機"
    " テレメータ 水位計 流量計 雨量計 制御盤 監視盤 監視装置 遠隔監視 シーケンサ パワコン パワーコンディショナ"
    " インバータ 無停電電源 データロガー センサー 計測装置"
)

#: Names of operating systems and server software: device disclosures of kind "software".
SOFTWARE = (
    "debian", "ubuntu", "raspbian", "centos", "red ?hat", "rhel", "almalinux", "rocky linux", "fedora",
    "opensuse", "suse", "alpine linux", "amazon linux", "oracle linux", "arch linux", "yocto", "buildroot",
    "gnu/linux", "linux", "windows(?: server)?", "freebsd", "openbsd", "netbsd", "busybox", "openwrt", "lede",
    "dd-wrt", "routeros", "vxworks", "nginx", "openresty", "apache", "lighttpd", "microsoft-iis", "iis",
    "openssh", "dropbear", "php", "tomcat", "jetty", "mini_httpd", "goahead", "thttpd", "uhttpd", "boa",
    "asp\\.net", "node-red", "grafana", "zabbix", "openssl", "wordpress", "caddy", "gunicorn", "werkzeug",
    "python",
)  # fmt: skip

#: Phrases in which such a word means no place and no device: blanked before any rule looks.
HARMLESS = (
    r"bad gateway", r"gateway time-?out", r"factory (?:default|reset|setting)s?",
    r"(?:tape|media|java|code) library", r"airport (?:express|extreme|time|base)",
    r"tunnel (?:mode|interface|id)", r"工場出荷", r"大分(?:類|け|割|か)", r"三重[化丸]", r"高知能",
    r"switch (?:to|language|user)", r"スイッチを",
)  # fmt: skip

#: Protocols that carry a number: blanked before versions are sought.
PROTOCOLS = (
    r"ssh-[12]\.\d+", r"(?:https?|rtsp|sip|spdy|quic|ipp)/\d(?:\.\d)?", r"(?:tls|ssl|dtls)[ /]?v?\d(?:\.\d)?",
    r"snmp ?v?[123]c?", r"ipv[46]",
    r"(?:nfs|smb|ntp|ike|ospf|rip|html|xml|css|usb|wpa|bluetooth)[ /]?v?\d(?:\.\d)?(?![.\d])",
    r"(?:ieee ?)?802\.\d+[a-z]*", r"rfc ?\d+", r"v6 ?(?:plus|プラス)",
)  # fmt: skip

#: Other numbers with dots: dates, times, addresses, quantities. A word that announces a version wins over them.
NUMBERS = (
    r"(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?:/\d+)?(?::\d+)?(?![.\d])",
    r"(?:19|20)\d\d(?P<sep>[-/.])\d{1,2}(?P=sep)\d{1,2}(?![.\d])", r"(?:19|20)\d\d年 ?\d{1,2}月(?: ?\d{1,2}日)?",
    r"\d{1,2}(?P<sep2>[-/.])\d{1,2}(?P=sep2)(?:19|20)\d\d(?![.\d])", r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?",
    r"\d+(?:\.\d+)? ?(?:ghz|mhz|hz|gbps|mbps|kbps|kw|kwh|mw|mm|cm|km|px|℃|°|%)(?![a-z])",
)  # fmt: skip

#: A word that announces a version, and the number after it.
VERSION_WORDS = (
    r"(?:firmware|f/?w|version|ver|revision|rev|release|rel|build|v|"
    r"バージョン|ヴァージョン|版数|ファームウェア|ファーム|リビジョン|ビルド)"
)

#: Whole English words that give away nothing.
NEUTRAL_EN = (
    "a access account accounts activities activity admin administration administrator agree all allowed an and"
    " any are area at attempt attempts authentication authorised authorization authorized bad be been before"
    " being button by cancel click close closed connect connection console consent contact continue control"
    " cookies credentials default denied disconnect do english enter entering error expressly failed first for"
    " forbidden forgot form found fully have here hello home html id if immediately in index information internal"
    " invalid is it its javascript law leave log localhost logged login logoff logon logout management may"
    " maintenance members message method moved must my name new no not notice now of off ok on only or otherwise"
    " out page panel passcode password permanently permission permitted personnel pin please policy press private"
    " prohibited prosecuted protected recorded remember request required reserved reset restricted retry secure"
    " security select server service session sign signin site staff strictly subject submit system systems"
    " temporarily temporary terms test that the this to today try unauthorised unauthorized unavailable under up"
    " use user username users valid violation violators wait warning we web welcome will with without you your"
)

#: Japanese words that give away nothing. At least two characters: single kana could be parts of place names.
NEUTRAL_JA = (
    "ログイン ログオン ログアウト サインイン 認証 ユーザー ユーザ ユーザー名 ユーザ名 利用者 利用者名 使用者"
    " 管理者 管理 管理画面 画面 ページ パスワード 暗証番号 アカウント 入力 入力して ください 下さい してください"
    " して下さい 関係者 関係者以外 以外 使用 利用 アクセス 禁止 します されています しています されます です"
    " ません ます 必要です 必要 権限 許可 許可された 許可のない のみ 不正 不正な 記録 システム 警告 注意 ようこそ"
    " メンテナンス エラー お待ち 失敗しました 失敗 正しく ありません 見つかりません できません 送信 実行 開始"
    " 終了 戻る 次へ 確認 設定 選択 変更 情報 施設名 機器名 ファームウェアの更新 日本語 トップ メニュー 接続 切断"
    " または および 本人 操作 サーバーエラー お問い合わせ 担当者 固く お断り"
)

#: One of these may follow a Japanese neutral word.
PARTICLES_JA = "のをはがにでともへ名者中用"

#: Numbers that are neutral: the HTTP statuses of error pages.
NEUTRAL_NUMBERS = "400 401 403 404 405 408 413 414 429 500 501 502 503 504"
