# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words from which passwords are made in Japan: data for password_known.py.

Lists of our own, kept by hand and short, from published facts:

* what people choose: Soliton Systems, 日本人のパスワードランキング 2020 and 2021 (leaked accounts under .jp);
  NordPass, Top 200 Most Common Passwords 2021 to 2023;
* what devices are shipped with: the list by which Mirai logs in (its source was published in 2016), makers' manuals;
* what keyboards have side by side: their layouts.

Romaji stands here in Hepburn as it is typed; every other spelling is found, too.
"""

from __future__ import annotations

#: Tried first by everybody, beside keys in a row and repetitions, which need no list.
COMMON = """
password passwd passw0rd pass pasuwado pasuwaado ansho anshobango welcome letmein login secret changeme change qwerty
admin admin123 administrator kanrisha root toor user guest test tester testing demo sample default master manager member
iloveyou daisuki aishiteru hello konnichiwa abc123 aa123456 a123456 1q2w3e4r 1q2w3e 1q2w3e4r5t zaq12wsx qazwsx qazwsxedc
qweasdzxc asdf1234 qwer1234 q1w2e3r4 adgjmptw asdasd qweqwe 123qwe 123abc 1qazxsw2 dropbox unknown google yahoo
monkey dragon football baseball princess sunshine shadow superman batman pokemon pikachu doraemon inuyasha hellokitty
sakura arashi takahiro masahiro naruto onepiece disney himitsu nintendo p@ssw0rd server system network internet
computer windows linux security access service support operator maintenance hoshu
"""

#: Set at a factory, by a builder, or by a maker's manual.
FACTORY = """
admin root user guest support service tech super supervisor operator system setup default public private monitor
manager cisco ubnt mikrotik xc3511 vizxv juantech xmhdipc smcadmin klv123 klv1234 zte521 hi3518 jvbzd anko zlxx
7ujmko0admin 7ujmko0vizxv ikwb dreambox realtek meinsm tljwpbo6 raspberry vyos calvin netscreen changeme adminadmin
rootroot adminpass admin1234 root1234 pass1234
"""

#: Names, places, animals, things, the trade.
ORDINARY = """
sato suzuki takahashi tanaka ito watanabe yamamoto nakamura kobayashi kato yoshida yamada sasaki yamaguchi matsumoto
inoue kimura hayashi saito shimizu yamazaki mori abe ikeda hashimoto yamashita ishikawa nakajima maeda fujita ogawa goto
okada hasegawa murakami kondo ishii sakamoto endo aoki fujii nishimura fukuda ota miura fujiwara okamoto matsuda
nakagawa nakano harada ono tamura takeuchi kaneko wada nakayama ishida ueda morita hara shibata sakai kudo yokoyama
miyazaki miyamoto uchida takagi ando taniguchi ohno imai kawano maruyama takada fujimoto murata kenji hiroshi takashi
taro hanako ichiro jiro kazuya daisuke yuki haruka misaki aoi hina rin sora haruto yuto akira makoto satoshi naoki
kenta shota tsubasa yoko keiko yumi mayumi tomoko ayumi emi rei mai nippon nihon japan tokyo kyoto osaka nagoya sapporo
sendai kobe hiroshima fukuoka yokohama kawasaki niigata naha hirosaki fuji fujisan
himawari tanpopo ajisai asagao tsubaki ume momo kiku sumire botan suzuran kosumosu hana haru natsu aki fuyu yama kawa
umi hoshi tsuki taiyo ame kaze kumo niji mizu neko inu usagi kuma tori sakana penguin panda ichigo ringo
mikan banana orange lemon melon cherry ramen sushi gohan pan miso kotatsu omotenashi arigato ganbaru ganbare kibou
kazoku tomodachi yume kokoro inochi egao genki shiawase aiueo iroha doremi mirai heiwa kizuna reiwa heisei showa
matsuri samurai ninja
jousui josui haisui suidou gesui ponpu pump suimon suii ryusui kishou yakuba shiyakusho kencho byouin iryou gakkou
shogakko chugakko koukou daigaku hoikuen toshokan kouminkan kojo eigyosho jimusho honsha shisha kanri kanrisha setsubi
denki keisou kansei kanshi tantou kyoyu kyotsu kyoutsuu shisetsu joho
water river dam plant station office factory hospital school city town center centre library camera router switch
gateway firewall modem sensor panel control remote monitor wifi wireless company business account
spring summer autumn winter january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday morning night love baby angel happy lucky star moon sun sky
flower rose tiger lion eagle wolf horse bear cat dog bird fish butterfly chicken cookie coffee chocolate strawberry
apple peach grape pepper ginger cheese purple yellow green black white silver golden red blue soccer tennis golf
hockey guitar music dance piano beach ocean mountain forest garden freedom forever friend family mother father
brother sister daniel michael jordan robert thomas andrew charlie jessica ashley michelle nicole jennifer anthony
hunter ranger soldier killer hacker matrix phoenix mustang ferrari porsche toyota honda nissan mazda subaru
sony panasonic toshiba hitachi mitsubishi omron
qualify correct battery staple trust magic power king queen prince knight wizard thunder lightning fire ice
storm rain snow cloud diamond crystal pearl gold money dollar rich number letter word enter open close start stop
"""

#: Keys that lie in a row, and other orders that everybody knows; also from the back.
ROWS = (
    "01234567890", "qwertyuiop[]", "asdfghjkl;:]", "zxcvbnm,./", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p", "qawsedrftgyhujikolp", "qazwsxedcrfvtgbyhnujmikolp", "zaq1xsw2cde3vfr4",
    "abcdefghijklmnopqrstuvwxyz", "!@#$%^&*()_+", "!\"#$%&'()=", "kstnhmyrw", "147258369", "159357", "789456123",
)  # fmt: skip

#: Parts of names written in kanji, and how they are read. What is left of a name beside them is its own.
READ_AS = {
    "浄水": "jousui", "浄水場": "jousuijou", "配水池": "haisuichi", "配水場": "haisuijou", "取水": "shusui",
    "水源": "suigen", "ポンプ場": "ponpujou", "上水道": "jousuidou", "下水道": "gesuidou", "水道": "suidou",
    "水門": "suimon", "樋門": "himon", "処理場": "shorijou", "浄化": "jouka", "水処理": "mizushori",
    "排水機場": "haisuikijou", "排水": "haisui", "発電所": "hatsudensho", "変電所": "hendensho",
    "太陽光": "taiyoukou", "病院": "byouin", "医院": "iin", "診療所": "shinryoujo", "小学校": "shougakkou",
    "中学校": "chuugakkou", "高校": "koukou", "高等学校": "koutougakkou", "大学": "daigaku", "学校": "gakkou",
    "学園": "gakuen", "保育園": "hoikuen", "幼稚園": "youchien", "図書館": "toshokan", "公民館": "kouminkan",
    "体育館": "taiikukan", "市役所": "shiyakusho", "区役所": "kuyakusho", "役場": "yakuba", "県庁": "kenchou",
    "庁舎": "chousha", "支所": "shisho", "出張所": "shucchoujo", "事務所": "jimusho", "営業所": "eigyousho",
    "工場": "koujou", "本社": "honsha", "支社": "shisha", "支店": "shiten", "倉庫": "souko",
    "研究所": "kenkyuujo", "消防署": "shoubousho", "消防": "shoubou", "警察": "keisatsu", "空港": "kuukou",
    "漁港": "gyokou", "駅": "eki", "橋": "hashi", "川": "gawa", "ダム": "damu", "河川": "kasen",
    "ホテル": "hoteru", "温泉": "onsen", "農協": "noukyou", "市立": "shiritsu", "町立": "chouritsu",
    "村立": "sonritsu", "県立": "kenritsu", "都立": "toritsu", "府立": "furitsu", "第一": "daiichi",
    "第二": "daini", "第三": "daisan", "中央": "chuuou", "総合": "sougou", "東部": "toubu", "西部": "seibu",
    "南部": "nanbu", "北部": "hokubu", "センター": "sentaa", "株式会社": "kabushikigaisha", "市": "shi",
    "町": "machi", "村": "mura", "県": "ken", "区": "ku",
}  # fmt: skip

#: The pairs of letters of which most of written English consists.
PAIRS = """
th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne
ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa
ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp
fe bl ab gh ty op wo sa ay ex ke ui fr oo rd ck ap by ef pu mb
"""
