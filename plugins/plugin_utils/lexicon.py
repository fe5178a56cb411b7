# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words by which a text gives away a place or a device, and words that give away nothing: data for disclosure.py.

All entries are as NFKC and case-folding leave a text. Entries of ``*_PATTERNS`` are regular expressions, the
others are plain words. Kept by hand and modest: a text that no entry knows is judged by eye, never passed.
"""

from __future__ import annotations

#: Endings in which a river is a place of its own, where something is measured or watched.
RIVER_JA = r"[一-鿿々]{1,4}川(?=\s*(?:水位|カメラ|cam|ライブ|監視|観測|上流|下流|右岸|左岸|流域|樋|$))"
RIVER_ROMAJI = r"(?<![a-z])[a-z]{2,20}(?:gawa|kawa)(?=[-_ ]?(?:suii|cam|suimon|joryu|karyu|river|dam|kasen|[0-9]))"

#: Buildings by name or number.
BUILDINGS = (
    r"(?<![a-z])(?:(?:building|bldg\.?) ?#?(?:[a-z](?![a-z])|\d+)|"
    r"(?!the |new |this )[a-z]{3,20} (?:building|bldg|tower)(?![a-z]))"
)

#: A municipality itself: its name in a certificate, its own part of the domain names.
GOVERNMENT = r"(?<![a-z])o ?= ?[a-z]{3,20} (?:city|town|village|prefecture)(?![a-z])|(?<![a-z])lg\.jp(?![a-z])"

#: Legal forms, in short.
COMPANIES = r"\((?:株|有|合|独|社|学|財)\)|co\., ?ltd|\binc\.|\bk\.k\."

#: Addresses, and names that only their ending tells to be places.
ADDRESSES = (
    r"〒 ?[0-9]{3}-?[0-9]{0,4}", r"[一-鿿々ァ-ヺーぁ-ゖ]{1,8}[0-9一二三四五六七八九十]{1,3}丁目(?:[0-9-]+)?",
    r"[一-鿿々]{2,6}(?:町|村|字)[0-9]{1,4}(?:-[0-9]+|番)",
    r"[一-鿿々]{1,3}(?:湖|諸島|半島|列島|高原|海岸|盆地|平野)(?![一-鿿])",
    r"[一-鿿々]{1,2}島(?=[ 　]|$|支所|診療|港|浄水|水道|小|中学|発電|灯台|空港|風力|気象)",
    r"[一-鿿々ケ]{2,4}(?:山|岳|峠)(?=[ 　]|中継|無線|観測|基地)",
    r"北緯 ?[0-9.]+|東経 ?[0-9.]+", r"(?<![0-9.])(?:2[4-9]|3[0-9]|4[0-5])\.[0-9]{4,}, ?1[2-4][0-9]\.[0-9]{4,}",
    r"(?<![0-9-])0[1-9][0-9]{0,3}-[0-9]{1,4}-[0-9]{4}(?![0-9-])",
)  # fmt: skip

ADDRESSES_LATIN = (
    r"(?:lake|mount|mt\.|cape) [a-z]{3,}", r"[a-z]{3,} (?:island|peninsula|bay)",
    r"[a-z]{3,}-(?:shi|ken|gun|machi|cho|mura|ku|fu)(?![a-z])",
    r"(?:city|town|vill|village|pref|metro)\.[a-z]{2,}(?:\.[a-z]{2,})?\.(?:lg\.)?jp", r"[a-z]{2,}\.lg\.jp",
    r"location/city/[^/\s]+",
    r"location/(?!country/jap?a?n?(?:$|[/\s]))(?:country/[^/]+/)?(?!country/|city/)[^/\s]{3,}",
    r"[0-9]+[a-z]? [a-z ]{3,30} (?:street|avenue|road|drive|dr\.|ave\.|st\.|strasse)",
    r"no\.[0-9]+[, _][a-z_ ]{3,30}(?:road|avenue|street)",
)  # fmt: skip

#: Municipalities and areas that are more often another word, or a part or a direction of any town.
ORDINARY_PLACES = (
    "中央 大和 朝日 昭和 平和 共和 協和 南部 北部 東部 西部 中部 上野 中野 本部 三種 本別 日の出 明和 大台 中川 大野"
    " 上川 平生 中島 川上 大川 松田 池田 山田 吉田 青木 早川 小川 清川 中村 中原 高原 大井 玉川 坂本 城南 城東 城西"
    " 城北 山北 川北 川南 東通 西区 大口 南関 水上 上下 自由 平野 旭 若葉 青葉 中区 一宮町 二宮 九重 大空 大樹 天川"
    " 上山 下川 西方 大石 北方 北山 南山 大東 日吉 緑 東白 西目 清水 高野 高田 大豊 大間 南越 白石 大内"
)

#: English, protocols and opaque names that would read like a place or a site.
ORDINARY_WORDS = (
    "date dates mine nose tome tone usa same use one made more some time none no on in is it as at a an the to do go"
    " so ino inn are abu mimi sera kai anan ina ena oi ito toe toes toi joso suite site sites state nagi sakura yuri"
    " minor manor token taken take makes make name names main domain remain contain sane sanity nano mono kilo taki"
    " moro kota sumo soda susa kami kuma goto sumi nishi kita minami higashi naka chuo midori sakae asahi izumi"
    " minato heiwa showa taisho hikari aoba chiyo japan english nippon nihon oki shima yama kawa mori oto media mega"
    " meta data beta delta alpha sigma gamma omega kanji kana hiragana katakana romaji mani mania hide hike hire"
    " sakai-na anime manga tsunami yoga tofu ramen sushi sake soy karate judo origami haiku emoji futon kimono"
    " geisha あさひ さくら みどり ひかり ひがし みなみ きた にし なか ちゅうおう あおば いずみ わかば のぞみ みらい"
    " たいへん いえ いま さい まえ うえ しき サイト ツール より こちら ください できません すべて または および"
    " これら あなた どちら いずれ"
)

#: Readings of municipalities and areas that are other words, or names of people.
ORDINARY_READINGS = (
    "chuo minami kita higashi nishi naka midori sakae asahi izumi minato heiwa showa hikari aoba kami shima yama"
    " kyowa yamato nanbu hokubu tobu seibu ueno nakano honbu mishu honbetsu hinode meiwa nakagawa ono oguni tanaka"
    " nakajima kawakami okawa togo saigo nango ikeda yamada yoshida aoki takamori hayakawa ogawa kiyokawa nakamura"
    " nakahara takahara oi tamagawa sakamoto hirano shimizu hirata takano takada oji kinki makubetsu nose date mine"
    " tone tome same sera usa kai mima ina oki taiki kawai mori hara sakaki sakuho sakura yoshino ando tara toin"
    " toei toyo asaka nagi naie koryo hiko"
)

#: What stands beside a name in one word: directions, numbers, parts of a site, what machines do.
FILLERS = (
    "dai daiichi daini daisan daiyon ichi ni san kita minami higashi nishi chuo hokubu nanbu tobu seibu shin kyu naka"
    " kami shimo shi ken ku machi cho mura son gun fu to city town ville ward pref kanri kanshi sisutemu system"
    " shisetsu setsubi seigyo suishitsu jo joho eki mae ekimae ko in kyoku ka bu dori branch office center senta"
    " sentaa noc lab main sub test dev srv server sv net nw lan web www mon monitor vpn gw rtr sw fw ap core edge ext"
    " int mgmt admin remote panel ctrl control jp bld bldg tou kan en sho iin st line area site room house mizu denki"
    " tower park mall shop station ps plant pump kokuritsu shiritsu kenritsu choritsu ritsu sogo ippan minna"
)

PLACE_SUFFIXES = "shi ken ku machi cho mura gun city town village pref prefecture ward"

#: What stands beside a short place in a host's name.
BESIDE_PLACES = (
    "rt rtr gw sw fw ap cam camera router switch plc ups nas nvr dvr hmi vpn net noc office branch core edge mon srv"
    " site web"
)

#: Makers and classes of device that names glue to other words.
GLUED_VENDORS = "yamaha buffalo fortigate cisco mikrotik synology qnap panasonic netgear hikvision dahua"
GLUED_CLASSES = (
    "cam camera ipcam router rtr plc ups nas nvr dvr hmi scada switch firewall gateway printer kamera rouda ruta"
    " sensor recorder logger modem telemeter utm onu"
)

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
    "yamaha", "univerge", "nec", "cisco", "fortinet", "fortigate", "fortios", "mikrotik", "allied~telesis",
    "alliedware", "century~sys{tems,}", "futurenet", "armadillo", "solarview", "contec", "omron", "mitsubishi",
    "melsec", "keyence", "hitachi", "toshiba", "fujitsu", "panasonic", "i~pro", "canon", "axis", "sony", "hikvision",
    "dahua", "tp~link", "netgear", "asus", "elecom", "i~o~data", "planex", "corega", "buffalo", "airstation",
    "terastation", "linkstation", "synology", "qnap", "vyos", "juniper", "junos", "aruba", "idrac", "supermicro",
    "schneider", "siemens", "moxa", "advantech", "rockwell", "beckhoff", "wago", "kyocera", "daikin", "ricoh",
    "epson", "brother", "fuji~xerox", "fujifilm", "sonicwall", "watchguard", "sophos", "palo~alto", "zyxel",
    "draytek", "ubiquiti", "unifi", "edgerouter", "hewlett", "huawei", "vivotek", "hanwha", "bosch", "teltonika",
    "raspberry~pi", "yokogawa", "azbil",
)  # fmt: skip

#: The same in Japanese.
VENDORS_JA = (
    "ヤマハ 日本電気 シスコ フォーティネット アライドテレシス センチュリー・システムズ コンテック オムロン"
    " 三菱電機 キーエンス 日立 東芝 富士通 パナソニック キヤノン ソニー エレコム アイ・オー・データ バッファロー"
    " シュナイダー シーメンス 横河電機 アズビル サン電子 古野電気"
)

#: What prompts ask for: a kind of information, not the thing itself.
_ASKED = (
    "施設|拠点|事業所|営業所|支店|本店|店舗|学校|病院|医療機関|工場|地域|都道府県|市区町村|市町村|機器|装置|カメラ|設備|ホスト|場所|部署|会社|法人|団体|"
    "デバイス|ルーター?|プリンター?|スイッチ|センサー|ゲートウェイ|サーバー?|端末|事務所|倉庫|銀行|建物|住所|観測所|観測局|製品|機種|口座|金融機関|駅"
)

#: Phrases in which a word means no place and no device: blanked before any rule looks.
HARMLESS = (
    r"bad gateway", r"bridge (?:mode|interface|port|group|id)", r"(?:memory|data) bank", r"server farm",
    r"(?:vpn|ipsec|gre) tunnel",
    r"bus (?:error|speed|master|width)", r"photo gallery",
    r"gateway time-?out", r"(?:default|invalid|no) gateway", r"factory (?:default|reset|setting)s?",
    r"(?:tape|media|java|code|class|shared|dynamic|lua|perl|ruby|tcl|python|c|software|standard|client|photo|"
    r"music|the) library",
    r"library (?:call|function|could|cannot|not|path|version|error|file)|load(?:ing)? library|</a> library",
    r"airport (?:express|extreme|time|base)", r"building bridges?", r"tunnel (?:mode|interface|id)", r"工場出荷",
    r"大分(?!県|市|駅|空港|大)(?:類|け|割|か|時間|前|後|遅|長|多|良|悪|変)",
    r"三重(?:化|丸|チェック|苦|奏|構造|複)", r"高知能",
    r"(?:宮城|山形|千葉|石川|長野|山口|福島|宮崎|香川|徳島)(?:さん|様|氏|くん|先生)",
    r"switch(?:es|ed|ing)? (?:to|between|language|user|account|view|off|on|back|mode)",
    r"スイッチ(?:を|が|で|の切|オン|オフ)", r"(?:toggle|on/off) switch",
    rf"(?<![一-鿿ァ-ヺー])(?:{_ASKED})(?:名称?|コード|番号|種別|種類|区分|一覧|id\b|を|の(?:選択|入力|登録|検索|追加|削除|変更|名))",
    r"(?:ヘルプ|サポート|コール|通知|メッセージ|アクション|ダウンロード|セキュリティ|コントロール|アップデート|ラーニング)センター",
    r"センター(?:揃え|寄せ|タブ|ライン)",
    r"コントローラー?(?:クラス|名)", r"(?<![一-鿿])市民(?!会館|病院|会館|球場|センター|体育館|プール|ホール|文化)",
    r"[○◯〇△□×xX＊*●◎]{1,3}(?:都|道|府|県|市|区|町|村)",
    r"日光浴|浅草海苔|関東煮|関西弁|大阪弁|東京弁",
    r"(?:sort|alphabetical|ascending|bus|boot|mail) (?:order|station)", r"ethernet switch(?= port)",
    r"storage (?:space|full|quota|limit)", r"(?:local|session|web) storage",
    r"controller (?:error|not found|name|action)", r"メインスイッチ",
    r"(?:date|time) (?:line|zone)s?", r"python script", r"windows? (?:size|title|width|height|position|manager)",
    r"(?:close|new|all|multiple|n|bound|removing|adding|switch(?:ing)?|this|main|pop-?up|another|open|split|"
    r"current|preview|edit|the|a) windows?",
    r"windows\b(?=[^0-9a-z]{0,2}(?:open|closed))", r"apache license", r"php error",
    r"bind (?:address|to|failed|mount|error)", r"express (?:setup|mode|install)", r"free storage",
    r"(?:hard|soft) resets?", r"(?:well|safe) house", r"white ?house", r"data base", r"in time",
    r"universities?\b(?= level)", r"media library",
    r"connection pool", r"スレッドプール|接続プール", r"駅前留学", r"給水管理者", r"住宅ローン", r"自動販売",
    r"外科的", r"公園墓地名", r"水平線", r"不動産番号",
)  # fmt: skip

#: Protocols that carry a number: blanked before versions are sought.
PROTOCOLS = (
    r"ssh-[12]\.\d+", r"(?:https?|rtsp|sip|spdy|quic|ipp)/\d(?:\.\d)?", r"(?:tls|ssl|dtls)[ /]?v?\d(?:\.\d)?",
    r"snmp ?v?[123]c?", r"ipv[46]",
    r"(?:nfs|smb|ntp|ike|ospf|rip|html|xml|css|usb|wpa|bluetooth|hdmi|pci|oauth|saml|upnp|dlna|webdav|soap|wsdl|rtmp|mqtt|dav|cgi|"
    r"modbus|openid|jsonrpc|json-rpc|igmp|mld|vrrp|lldp|bgp|rtp|ssdp|pop|imap|socks|icap|gopher|http|ssl|tls|utf|iso|wi-?fi|ddr|sata|pcie?)"
    r"[ /_-]?v?\d{1,2}(?:\.\d)?(?![.\d])",
    r"(?:ieee ?)?802\.\d+[a-z]*", r"rfc ?\d+", r"v6 ?(?:plus|プラス)",
    r"v=0(?=\s+o=)",  # how every SDP begins (RFC 4566, 5.1)
)  # fmt: skip

#: An IPv4 address, no version that looks like one (8.90.07.01-11595).
ADDRESS = (
    r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}(?:/\d+)?(?::\d+)?"
    r"(?![.\da-z]|-[a-z]|-\d+(?![.\d]))"
)

#: Other numbers with dots: dates, times, quantities. A word that announces a version wins over them.
NUMBERS = (
    r"(?:19|20)\d\d(?P<sep>[-/.])\d{1,2}(?P=sep)\d{1,2}(?![.\d])", r"(?:19|20)\d\d年 ?\d{1,2}月(?: ?\d{1,2}日)?",
    r"\d{1,2}(?P<sep2>[-/.])\d{1,2}(?P=sep2)(?:19|20)\d\d(?![.\d])", r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?",
    r"\d+(?:\.\d+)? ?(?:ghz|mhz|hz|gbps|mbps|kbps|kw|kwh|mw|mm|cm|km|px|kb|mb|gb|tb|ms|"
    r"sec|s|min|m|m3|t|l|v|a|w|pa|mpa|kpa|ppm|"
    r"℃|°|%|倍|件|秒|分|時間|日|円|個|人|台|点|年|月|号|丁目|階|番|回|行|列|頁|ページ)(?![a-z])",
    r"[0-9]+\.[0-9]+[ ,、]+[0-9]+\.[0-9]+",
)  # fmt: skip

#: A word that announces a version, and the number after it.
VERSION_WORDS = (
    r"(?:(?<![a-z])(?:firmware|f/?w(?=[\s:.=]*v?\d+\.\d)|[sh]/w|version|ver|vers|revision|rev|release|rel|"
    r"build|v|software|patch)|"
    r"バージョン|ヴァージョン|版数|ファームウェア|ファーム|リビジョン|ビルド|リリース|ソフトウェア|ソフト)"
)

#: Words after which a number with a dot is a version.
VERSIONED = (
    r"(?<![a-z])(?:system|server|agent|manager|console|viewer|panel|edition|suite|os|app|monitor|client|compact|web|view|"
    r"studio|portal)"
)

#: What a version looks like where no word announces it: RouterOS 6.49rc1, V200R007C00, 12.2(55)SE3, el7, 15.04.06.
VERSION_SHAPES = (
    r"(?<![a-z])(?:rev|revision|ver|version|firmware)[\s.:=#_-]{1,3}[a-z]{1,2}\d[\w.]*",
    r"(?<![\d.])\d+(?:\.\d+){2,}[\w+~-]*", r"(?<![a-z0-9])v\d{3,4}r\d{3,4}\w*",
    r"(?<![\d.])\d{1,2}\.\d{1,2}\(\d+[.\w]*\)\w*",
    r"(?<![\d.])\d+\.\d+[a-z]{1,2}\d+(?:[.-]\w+)*", r"(?<![a-z])[a-z][\w.-]{0,40}/\d+\.\d+[\w.+~-]*",
    r"(?<![a-z])[a-z][\w-]{0,40}[_(]v?\d+\.[\w.+~-]+",
    r"(?<![a-z0-9])[rv]\d{1,2}\.\d{1,2}[a-z0-9.]*", r"(?<![\d.])\d{1,2}\.\d{1,2}[rfx]\d{1,2}(?:[.-]\w+)*",
    r"(?<![a-z])(?:el|fc|deb)\d{1,2}[.\w]*", r"第? ?\d+(?:\.\d+)+ ?版",
)  # fmt: skip

#: A number that the word after it makes a version, though it may look like an address.
VERSION_BEFORE = r"(?<![\d.])\d+(?:\.\d+)+[\w.-]{0,20}[ _-](?:rel(?:ease)?|lts|stable|beta|build|rc\d?)(?![a-z])"

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
