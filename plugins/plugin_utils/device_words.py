# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which words a text names a device or its software: data for disclosure.py, beside the makers of lexicon.py.

All entries are as NFKC and case-folding leave a text. What is in a tuple is a regular expression, what is in a text
is plain words.
"""

from __future__ import annotations

#: Makers and product lines that are met less often than those of lexicon.py, as whole Latin words.
MAKERS = (
    "centrecom ecostruxure digno primergy express~5800 e~studio webrelay conprosys netgenesis vigor~router zyxel"
    " powerlogic omniaccess datalogic"
    " si~r nec~platforms aterm nec~ix fitelnet furukawa fortiwifi fortiswitch fortiweb fortimail routerboard catalyst"
    " meraki nexus linksys apc eaton vertiv emerson tripp~lite powerware cyberpower hpe procurve laserjet officejet"
    " proliant ilo irmc dell poweredge lenovo ibm lexmark konica minolta bizhub imagerunner ir~adv apeosport"
    " docucentre taskalfa oki~data samsung lg~electronics abb honeywell johnson~controls trane ge~fanuc fanuc"
    " yaskawa simatic sinamics sysmac modicon codesys allen~bradley compactlogix phoenix~contact pro~face weintek"
    " red~lion digital~electronics iq~r e~designer kv~studio delta~electronics tmeic meidensha meiden"
    " sunny~{web,boy} solaredge enphase growatt goodwe sungrow fronius solarlog tabuchi nextdrive kaco iij seil"
    " web~caster biz~box softbank~air speed~wi~fi netcommunity icom jrc japan~radio furuno anritsu apresia hcnet"
    " alaxala extreme~networks brocade arista ruckus ruijie zte d~link trendnet edimax tenda xiaomi teldat"
    " digi~international lantronix sierra~wireless cradlepoint peplink multitech robustel milesight korenix"
    " hirschmann westermo axgate checkpoint check~point big~ip citrix netscaler barracuda infoblox bluecoat riverbed"
    " netapp isilon emc nimble drobo asustor terramaster western~digital wd~my~cloud readynas netatmo grandstream"
    " polycom avaya yealink snom mitel siemens gigaset aastra tandberg crestron extron barix bticino mobotix"
    " geovision avigilon pelco flir arecont foscam reolink amcrest uniview tvt xmeye ipolis wisenet techwin jvc"
    " kenwood aiphone hochiki nittan nohmi optex secom alsok takenaka t&d tandd graphtec hioki nabtesco ebara"
    " torishima shinmaywa tsurumi toshiba~tec nisca muratec pixela i~o~data logitec lumens vaddio cumulus mellanox"
    " quanta supermicro asrock gigabyte odroid jetson arduino espressif tasmota shelly sonoff philips~hue meru"
    " clavister amaranten nsfocus sangfor topsec venus{tech,} maipu bdcom digital~china dptech infosec netentsec"
    " hillstone geist ingrasys phoenixtec metel semac wrd~tech oxidized anywire contec patlite seiko nakayo saxa"
    " iwatsu hitachi~kokusai"
)

#: The same in Japanese, beside VENDORS_JA.
MAKERS_JA = (
    "古河電工 安川電機 明電舎 富士電機 荏原製作所 リコー エプソン ブラザー 京セラ シャープ 日本無線 アイコム"
    " プラネックス ロジテック ネットギア ティーピーリンク"
    " シノロジー キューナップ アクシス アイホン ホーチキ 能美防災 セコム オプテックス ティアンドデイ"
    " オリエンタルモーター 愛知時計 東京計器 日置電機 理化工業"
    " パトライト 岩崎通信機 サクサ ナカヨ ファーウェイ ヒューレット ジュニパー アラクサラ アットマークテクノ"
    " 光洋電子 日本電産 ダイキン アンリツ 沖電気"
)

#: Model numbers.
MODEL_PATTERNS = (
    r"hp (?:laserjet|officejet|deskjet|color|proliant|onboard|procurve|ilo|printer|switch|j\d|designjet|integrated)\S*",
    r"sr-[sx]\S*",
    r"forti[a-z]+(?:[- ]?\d+[a-z]?)?", r"h3c\S*", r"3com", r"zxr10", r"t1 bos", r"remote i/?o", r"l[23]-?sw",
    r"live555", r"x11vnc", r"mod_[a-z]+",
    r"laser5\S*", r"cisco ios", r"s\d{4,5}(?:-\S+)?(?= |$)", r"airport (?:express|extreme|time)",
    r"(?:rtx|nvr|fwx|swx|wlx|srt)[- ]?\d{2,4}[a-z]*", r"rt\d{2,3}[a-z]?", r"ix[- ]?\d{4}[a-z]*",
    r"(?:nxr|xr|ma-e)[- ]?[a-z]?\d{3}\S*", r"at-[a-z0-9]+(?:[-/][a-z0-9]+)*", r"ar\d{4}s?",
    r"x[2359]\d{2}[a-z]?-\d{2}\S*",
    r"(?:fg|fgt|fortigate|fortiap|fap|fsw)[- ]?\d{2,4}[a-z]*", r"isr ?\d{3,4}", r"c[12389]\d{2,3}[a-z]*-\S+",
    r"(?:ws-)?c[1-9]\d{3}[a-z]*",
    r"asr ?\d{4}", r"asa ?55\d\d\S*", r"(?:sg|rv|spa|cbs)\d{3}\S*", r"air-[a-z]+\d+\S*", r"mx\d{2,4}",
    r"(?:ex|srx|qfx)\d{3,4}\S*",
    r"(?:wsr|wxr|wzr|whr|wapm|waps|bhr|bbr|vr|bs|wcr|wmr|whr|wlr|wli|wtr|wnr|wex)-[a-z0-9]+(?:-[a-z0-9]+)*",
    r"(?:ts|ls)\d{3,4}[a-z]*",
    r"wv-[a-z]+\d+[a-z]*", r"bb-[a-z]+\d+[a-z]*", r"kx-[a-z]+\d+[a-z]*", r"wj-[a-z]+\d+[a-z]*", r"vb-[a-z]\d+[a-z]*",
    r"snc-[a-z0-9]+",
    r"[mpq]\d{4}-(?:l|v|p|e|le|lve|ve)", r"ds-\d[a-z]+\d\S*", r"(?:ipc|dh|nvr|xvr|hcvr)-[a-z]+\d\S*",
    r"sn[a-z]-[a-z]?\d{4}[a-z]*",
    r"(?:pr|rt|rs|rv|rx|gt|gr)-\d{3}[a-z]{2}", r"(?:wg|wx|wr|wf|wm|mr|pa-?wg)\d{3,4}[a-z]{1,3}\d?[a-z]?",
    r"wn-[a-z]+\d+[a-z]*", r"wrc-[a-z0-9]+",
    r"(?:sv|solarview)-?cpt\S*", r"(?:cj|nj|nx|cp|cs)\d[a-z]{1,2}[a-z0-9-]*", r"fx\d[a-z]{1,2}(?:-\S+)?",
    r"kv-?\d{4}", r"[rql]\d{2,3}(?:en)?cpu",
    r"qj71\S+", r"got ?\d{4}", r"s7-\d{3,4}\S*", r"(?:6es7|6gk)\S+", r"(?:bmx|tm|tsx)\d{2,3}\S*",
    r"(?:gp|lt|sp)[- ]?\d{4}[a-z]*", r"nport ?\S*\d{4}\S*",
    r"(?:edge?|uc|v)-?\d{4}[a-z]*-\S+", r"oncell ?\S*", r"rut[x]?\d{2,3}",
    r"(?:tl-|archer[- ]?|deco[- ]?)[a-z]{1,3}\d+[a-z]*", r"r[678]\d{3}[a-z]?(?= |$)",
    r"rt-[a-z]{1,2}\d{2,4}[a-z]*", r"gs\d{3}[a-z]{1,3}\S*", r"(?:ds|rs)\d{3,4}[a-z+]*",
    r"(?:ts|tvs)-[a-z]?\d{3,4}[a-z+]*", r"dcs-\d+[a-z]*\S*",
    r"(?:des|dgs|dir|dap|dsr)-\d{3,4}\S*", r"(?:ccr|crs|rb|hap|hex)\d{3,4}\S*", r"er-?[x48]\b", r"us[wg]-\S+",
    r"(?:hl|mfc|dcp)-[a-z]?\d{4}[a-z]*",
    r"(?:lp|px|ew|sc)-[a-z]?\d{3,4}[a-z]*", r"ir-?adv\S*", r"(?:mp|im) ?c\d{4}[a-z]*", r"(?:ap|mn)[78]\d{3}[a-z]?",
    r"smart-?ups\S*", r"seil/[a-z0-9]+",
    r"(?:ga|f)-?[a-z]*\d{3,4}(?= router)", r"ap-?\d{2,3}[a-z]?(?= access)", r"pa-\d{3,4}", r"big-?ip\S*",
    r"n[1-9]k-\S+", r"s\d{4}[a-z]*-\d\d[a-z]\S*",
    r"icx\d{4}\S*", r"ags-?\d+\S*", r"apresia\s?\d+\S*", r"ax\d{4}[a-z]*\S*", r"fitelnet[- ]?\S*",
    r"f(?:60|70|80|120|140|200|220|221|225|310|2200)(?: ?router|-ex)",
    r"si-?r[- ]?[gb]?\d{2,3}\S*", r"sr-?[sx]\d{3}\S*", r"v130", r"tr-?7\d[a-z0-9]*", r"rtr-?5\d\d?[a-z]*",
    r"lr\d{4}-?\d*", r"esp(?:32|8266)",
    r"befsx\d+", r"zxr10\S*", r"dpx\d+\S*", r"bmc\d+", r"ne?w-?\d{4}", r"wx\d{4}[a-z]?",
)  # fmt: skip

#: Classes of device, as whole Latin words.
DEVICE_CLASSES = (
    "router{s,} firewall{s,} utm {net,web,ip,live,network~,}cam{era,}{s,} switch{es,} plc ups nas ip~cam{era,}{s,}"
    " dvr nvr recorder gateway printer{s,} hmi scada access~point telemeter data~logger logger bmc ipmi inverter"
    " power~conditioner sensor{s,} modem media~converter load~balancer wlan~controller wlc pdu rtu cctv video~server"
    " print~server network~video~recorder disk~station set~top~box ip~phone pbx projector copier scanner"
    " building~automation thermostat controller {power,energy,water,flow,smart,gas}~meter signage intercom"
    " terminal~server serial~{device~,}server touch~panel bacnet~{device,gateway} weather~station mfp ont"
    " vpn~{router,gateway} home~gateway broadband~router lte~router {wireless,wlan,wifi}~{router,ap,lan} onu"
    " hgw beacon management~card temp{erature,}~sensor cnc kiosk {audio,video}~server"
)

#: Short forms that are words of their own elsewhere: only in names (host name, sysName).
DEVICE_CLASSES_IN_NAMES = (
    "sw rt rtr fw gw ap onu hgw lte srv mfp pbx pdu wap ipcam vms dsw asw csw svr wifi rasp{i,berry,} rpi poe hub"
    " dns proxy"
)

DEVICE_CLASSES_JA = (
    "ルーター ルータ ファイアウォール カメラ スイッチ レコーダー レコーダ ゲートウェイ プリンター プリンタ 複合機"
    " テレメータ 水位計 流量計 雨量計 制御盤 監視盤 監視装置 遠隔監視 シーケンサ パワコン パワーコンディショナ"
    " インバータ 無停電電源 データロガー センサー 計測装置 アクセスポイント 録画装置 録画機 録画サーバ 電力量計"
    " 電力計 濁度計 残塩計"
    " 濃度計 圧力計 温度計 湿度計 風速計 積算計 計測器 測定器 記録計 操作卓 操作盤 分電盤 配電盤 キュービクル"
    " サイネージ インターホン 電話機"
    " モデム ハブ 中継器 通信装置 伝送装置 制御装置 監視端末 端末装置 テレコン プロジェクター スキャナ コピー機"
    " サーモスタット 空調機 冷凍機 除塵機"
    " ボイラー 発電機 蓄電池 昇降機 指令台 監視制御装置 デジタル無線機 無線機 メディアコンバータ タッチパネル 表示器"
    " コントローラー コントローラ"
    " モニタリングポスト 気象計 水質計 PLC装置 ドローン"
)

#: Endings of classes of device, after what the device is for.
DEVICE_ENDINGS_JA = r"[一-鿿ァ-ヺー]{2,8}(?:装置|メーター?|変換器|受信機|送信機|発信機|観測機)(?![一-鿿ァ-ヺー])"

#: Names of operating systems and server software: device disclosures of kind "software".
SOFTWARE = (
    "debian ubuntu raspbian centos red~hat rhel almalinux rocky~linux fedora slackware opensuse suse alpine~linux"
    " amazon~linux oracle~linux arch~linux yocto buildroot solaris sunos aix hp~ux linux"
    " windows{~server,~nt,~xp,~ce,} freebsd openbsd netbsd busybox openwrt lede android dd~wrt routeros vxworks"
    " nginx openresty lighttpd microsoft~iis microsoft~httpapi iis macos openssh dropbear php tomcat jetty"
    " mini~httpd goahead{~webs,} thttpd uhttpd boa micro~httpd romsshell node~red grafana zabbix openssl wordpress"
    " caddy gunicorn werkzeug nagios cacti prtg python pfsense opnsense vyos vyatta ipfire sophos~utm esxi vmware"
    " proxmox hyper~v kubernetes docker vsftpd proftpd pure~ftpd filezilla postfix sendmail dovecot samba dnsmasq"
    " unbound net~snmp mosquitto emqx hivemq rabbitmq vernemq gstreamer hipcam rosssh coyote cups phpmyadmin webmin"
    " cpanel plesk luci drupal joomla moodle nextcloud owncloud jenkins gitlab gitea redmine mysql mariadb"
    " postgresql redis mongodb elasticsearch kibana influxdb prometheus home~assistant homebridge octoprint wincc"
    " citect ge~cimplicity webaccess tridium codesys freertos rtos qnx threadx rompager virata agranat embedthis"
    " appweb cherokee hiawatha haproxy traefik realvnc tightvnc ultravnc tigervnc anydesk teamviewer upnp~sdk"
    " miniupnp{d,} portable~sdk minidlna avahi serva tornadoserver webrick zope plone ntpd chrony nx~os comware vrp"
    " ironware eos fortios screenos pan~os junos dsm qts onefs ontap poweralert bootrom powerpc arubaos airos edgeos"
    " cgel conplat internetwork~operating~system gnu~linux exim{,4} asp~net node~js express~js ios~x{e,r}"
)

#: Product lines in Japanese writing.
SERIES_JA = (
    "エアーステーション テラステーション リンクステーション ディスクステーション エコーネット イメージランナー"
    " ひかり電話"
)
