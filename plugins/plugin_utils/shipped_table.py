# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With which logins devices leave their factory: data for shipped_defaults.py.

Kept by hand; docs/shipped-defaults.md says how. Each row is a fact with the publication that states it, as found in
November 2026. Python rather than YAML, which reads the password 0000 as a number and would have to be checked anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: text: the same on every device. blank: none. serial, mac: what stands on the label. forced_at_setup: whoever sets the
#: device up must choose one.
Kind = Literal["text", "blank", "serial", "mac", "forced_at_setup"]


@dataclass(frozen=True, slots=True)
class Login:
    """One login of one kind of device, as published."""

    vendor: str  # one of SPELLINGS, or "*" for any
    models: str  # globs, a blank between them; case, blanks and signs do not count
    example: str  # a model that it is about
    account: str  # "" where a password alone is asked for, or where whoever sets it up chooses the name
    kind: Kind
    source: str
    text: str = field(default="", repr=False)  # of kind text
    since: str = ""  # firmware version or month, as far as the source says
    until: str = ""  # the first one without it. A newer firmware keeps the password that it finds
    everywhere: bool = False  # on hardware of any maker; nobody else would choose such a name


#: How vendors are written: on labels, in DMI, by ONVIF and SNMP, in ledgers. Blanks, signs and case do not count.
SPELLINGS: dict[str, tuple[str, ...]] = {
    "Allied Telesis": ("Allied Telesis", "Allied Telesyn", "アライドテレシス"),
    "Atmark Techno": ("Atmark Techno", "アットマークテクノ"),
    "Axis": ("Axis",),
    "Buffalo": ("Buffalo", "バッファロー"),
    "Canon": ("Canon", "キヤノン"),
    "Cisco": ("Cisco", "シスコ"),
    "Dahua": ("Dahua",),
    "Fortinet": ("Fortinet", "フォーティネット"),
    "Hikvision": ("Hikvision",),
    "Juniper": ("Juniper",),
    "Kyocera": ("Kyocera", "京セラ"),
    "LevelOne": ("LevelOne", "Digital Data Communications"),
    "MikroTik": ("MikroTik", "Mikrotikls", "RouterBOARD"),
    "Mitsubishi Electric": ("Mitsubishi", "Mitsubishi Electric", "三菱電機"),
    "Moxa": ("Moxa",),
    "NEC": ("NEC", "日本電気", "NECプラットフォームズ"),
    "NETGEAR": ("NETGEAR",),
    "Omron": ("Omron", "オムロン"),
    "OPNsense": ("OPNsense", "Deciso"),
    "OpenWrt": ("OpenWrt",),
    "Panasonic": ("Panasonic", "パナソニック", "i-PRO", "パナソニックi-PRO"),
    "pfSense": ("pfSense", "Netgate"),
    "Planex": ("Planex", "プラネックス", "プラネックスコミュニケーションズ"),
    "Raspberry Pi": ("Raspberry", "Raspbian"),
    "Sony": ("Sony", "ソニー"),
    "Ubiquiti": ("Ubiquiti", "UBNT"),
    "VIVOTEK": ("VIVOTEK",),
    "VyOS": ("VyOS",),
    "WAGO": ("WAGO",),
    "Yamaha": ("Yamaha", "ヤマハ"),
    "Zyxel": ("Zyxel",),
}

_ALLIEDWARE_PLUS = (
    "Allied Telesis, How do I add new users to the authentication database,"
    " https://atportal.force.com/Support/CustomerCommunityArticle?articleId=ka01I000000fKLKQA2"
)
_AT_S39 = "Allied Telesis, AT-S39 User's Guide, Configuring the Management Passwords"
_ARMADILLO = "https://armadillo.atmark-techno.com/howto/add-user"
_DAHUA_DVR = "Dahua, HDCVI Standalone DVR User's Manual V1.6.1, and Mobile DVR Series user's manual, 5.6.5.2 Account"
_FORTIOS_621 = (
    "https://docs.fortinet.com/document/fortigate/6.2.1/new-features/440354/password-change-prompt-on-first-login"
)
_HIKVISION_DVR = "Hikvision, DS-9000HFI-ST user manual, 14.5; DS-7700NI-SP/9000/9600 Series user's manual, p. 70"
_SL2100 = "NEC, UNIVERGE SL2100 Programming Manual, Program 90-02"
_PFC200 = "WAGO, 750-8210/040-000 manual 1.7.0, 8.8.1.1 WBM User Administration"
_COMPACT_100 = "WAGO, 751-9301 manual 1.1.0, 8.8.1.1 WBM User Administration"
_WAGO_750 = "WAGO, 750-830 manual, Tab. 3-21; 750-363/0040-0000 manual 1.0.0, 9.1 WBM User Groups"
_SWX = (
    "https://manual.yamaha.com/network/switches/swx2310p/td/en/Rev.2.02.33/gui_en_common_login_logout.html;"
    " SWX2210P technical data 2.03.13, Login Security"
)
_MIRAI = "Mirai, bot/scanner.c, as published in 2016: https://github.com/jgamblin/Mirai-Source-Code"

#: By vendor; within a device, the likeliest first.
LOGINS: tuple[Login, ...] = (
    Login("Allied Telesis", "*", "x510-28GTX", "manager", "text", _ALLIEDWARE_PLUS, "friend"),
    Login("Allied Telesis", "AT-80*", "AT-8024", "", "text", _AT_S39, "admin"),
    Login("Allied Telesis", "AT-80*", "AT-8024", "", "text", _AT_S39, "friend"),
    Login("Atmark Techno", "Armadillo*", "Armadillo-420", "root", "text", _ARMADILLO, "root"),
    Login("Atmark Techno", "Armadillo*", "Armadillo-420", "guest", "blank", _ARMADILLO),
    Login("Axis", "*", "2100", "root", "text", "Axis, AXIS 2100 User's Guide, p. 40", "pass"),
    Login("Axis", "*", "M3014", "root", "forced_at_setup", "Axis, AXIS M3014 User's Manual, p. 9"),
    Login(
        "Buffalo", "TS-RI* TeraStationIII*", "TS-RIXL", "admin", "text",
        "Buffalo, TeraStation III iSCSI User Manual, Changing the Admin Username and Password", "password",
    ),
    Login(
        "Canon", "VB-R1* VB-M64*", "VB-M640VE", "root", "text",
        "Canon, Network Camera VB-R11VE/VB-M640VE manual, p. 42 User Authentication", "camera",
    ),
    Login(
        "Canon", "CR-N500", "CR-N500", "", "forced_at_setup",
        "Canon, Remote Camera CR-N500 Settings Guide, Administrator Account",
    ),
    Login(
        "Canon", "*PRO-4000S", "imagePROGRAF PRO-4000S", "", "serial",
        "https://ij.manual.canon/ij/webmanual/Manual/All/PRO-4000S/JP/UG/ug_setting02_0300.html",
    ),
    Login(
        "Cisco", "SG200-08*", "SG200-08P", "cisco", "text",
        "Cisco, SG200 Series 8-port Smart Switch Administration Guide, Managing User Accounts", "cisco",
        everywhere=True,
    ),
    Login(
        "Cisco", "RV0*", "RV016", "admin", "text",
        "Cisco, RV0xx Series Routers Administration Guide, Changing the Administrator Username and Password", "admin",
    ),
    Login(
        "Cisco", "ISA5*", "ISA500", "cisco", "forced_at_setup",
        "https://www.cisco.com/c/dam/assets/sol/sb/isa500_emulator/help/guide/aa1195537.html",
    ),
    Login(
        "Cisco", "AIR-*", "AIR-CAP1702I-A-K9", "", "text",
        "https://www.cisco.com/c/en/us/td/docs/wireless/controller/8-2/config-guide/b_cg82/b_cg82_chapter_01101110.html",
        "Cisco",
    ),
    Login("Dahua", "*DVR* *HCVR*", "DH-DVR0804ME-HE", "admin", "text", _DAHUA_DVR, "admin"),
    Login("Dahua", "*DVR* *HCVR*", "DH-DVR0804ME-HE", "888888", "text", _DAHUA_DVR, "888888"),
    Login("Dahua", "*DVR* *HCVR*", "DH-DVR0804ME-HE", "default", "text", _DAHUA_DVR, "default"),
    Login(
        "Dahua", "*", "NVR", "admin", "forced_at_setup",
        "Dahua, Device Initialization and Password Reset for Storage Devices, Quick-Start Guide 2.0",
    ),
    Login(
        "Fortinet", "Forti* FG* FWF*", "FortiGate-60D", "admin", "blank",
        "https://help.fortinet.com/fos50hlp/52/FortiOS%205.2%20Help/basic_setup.025.04.html", until="6.2.1",
    ),
    Login(
        "Fortinet", "Forti* FG* FWF*", "FortiWiFi-51E", "admin", "forced_at_setup", _FORTIOS_621, since="6.2.1",
    ),
    Login("Hikvision", "DS-9* DS-77*", "DS-9000HFI-ST", "admin", "text", _HIKVISION_DVR, "12345"),
    Login(
        "Hikvision", "*", "DS-7600", "admin", "forced_at_setup",
        "Hikvision, DS-7600 Series NVR User Manual, chapter 2 Activating",
    ),
    Login(
        "Juniper", "*", "QFX5120-48Y", "root", "blank",
        "https://juniper.net/documentation/en_US/junos13.1/topics/task/configuration/"
        "authentication-root-password-configuring-qfx-series.html",
    ),
    Login(
        "Kyocera", "ECOSYSP6130*", "ECOSYS P6130cdn", "3000", "text",
        "Kyocera, ECOSYS P6130cdn Operation Guide, 2-12 Login/Logout", "3000",
    ),
    Login("LevelOne", "FCS-1081*", "FCS-1081", "root", "mac", "LevelOne, FCS-1081 User Manual, p. 26"),
    Login(
        "LevelOne", "FCS-1060* WCS-2060*", "FCS-1060", "root", "blank",
        "LevelOne, FCS-1060/WCS-2060 User Manual, p. 12",
    ),
    Login("MikroTik", "*", "RB750", "admin", "blank", "https://wiki.mikrotik.com/wiki/Manual:First_time_startup"),
    Login("Mitsubishi Electric", "WS0-GETH00200", "WS0-GETH00200", "", "blank", "CVE-2023-1618, its mitigations"),
    Login(
        "Moxa", "AWK-1131A*", "AWK-1131A", "admin", "text",
        "Moxa, AirWorks AWK-1131A User's Manual, 3-41 Account settings", "moxa",
    ),
    Login(
        "NEC", "IX*", "IX2025", "", "blank",
        "NEC, Portable Internetwork Core Operating System, NWA-008869-001 User Manual, Login and User Rights",
    ),
    Login(
        "NEC", "*MultiWriter5650C MW5650C", "MultiWriter 5650C", "admin", "text",
        "https://jpn.nec.com/printer/laser/help/MW5650C/ja/p_ssl.html", "NECPRADMIN",
    ),
    Login("NEC", "*SL2100", "UNIVERGE SL2100", "tech", "text", _SL2100, "12345678"),
    Login("NEC", "*SL2100", "UNIVERGE SL2100", "ADMIN1", "text", _SL2100, "0000"),
    Login("NEC", "*SL2100", "UNIVERGE SL2100", "ADMIN2", "text", _SL2100, "9999"),
    Login("NETGEAR", "D7800", "D7800", "admin", "text", "NETGEAR, D7800 Installation Guide, p. 13", "password"),
    Login(
        "Omron", "?S1W-ETN21 ?J1W-ETN21", "CJ1W-ETN21", "CONFIDENTIAL", "blank",
        "Omron, CS1W-ETN21/CJ1W-ETN21 Operation Manual, 4-2-2 Connecting to the FTP Server",
    ),
    Login(
        "OPNsense", "*", "OPNsense", "root", "text", "https://docs.opnsense.org/manual/gui.html", "opnsense",
        everywhere=True,
    ),
    Login(
        "OpenWrt", "*", "OpenWrt", "root", "blank",
        "https://github.com/openwrt/openwrt, package/base-files/files/etc/profile.d/00-passwordless-root.sh",
        everywhere=True,
    ),
    Login(
        "Panasonic", "WV-SFV130*", "WV-SFV130", "", "forced_at_setup",
        "Panasonic, WV-SFV130 Operating Instructions PGQP2210, For administrator registration",
    ),
    Login(
        "Panasonic", "WJ-NT104*", "WJ-NT104", "admin", "blank",
        "Panasonic, WJ-NT104 Operating Instructions, p. 58 Registration",
    ),
    Login(
        "pfSense", "*", "pfSense", "admin", "text",
        "https://github.com/pfsense/pfsense, src/conf.default/config.xml", "pfsense", everywhere=True,
    ),
    Login("Planex", "BLW-04EM", "BLW-04EM", "", "blank", "Planex, BLW-04EM manual, p. 37 Password Settings"),
    Login(
        "Raspberry Pi", "*", "Raspberry Pi 3 Model B", "pi", "text",
        "https://github.com/raspberrypi/documentation, configuration/raspi-config.md;"
        " https://www.raspberrypi.com/news/raspberry-pi-bullseye-update-april-2022/", "raspberry",
        until="2022-04", everywhere=True,
    ),
    Login(
        "Sony", "SNT-V*", "SNT-V", "root", "text",
        "Sony, SNT-V Video Network Station manual, Changing the System Administrator Password", "pass",
    ),
    Login(
        "Ubiquiti", "EdgeRouter* ER-* ERLite* ERPoe* ERPro*", "EdgeRouter X", "ubnt", "text",
        "https://help.ui.com/hc/en-us/articles/204976374-EdgeRouter-User-Accounts", "ubnt", everywhere=True,
    ),
    Login("VIVOTEK", "IP2121*", "IP2121", "root", "serial", "VIVOTEK, IP2121 User Manual, p. 19"),
    Login("VIVOTEK", "IP2112*", "IP2112", "root", "serial", "VIVOTEK, IP2112 User Manual, p. 15"),
    Login(
        "VyOS", "*", "VyOS", "vyos", "text", "https://docs.vyos.io/en/latest/installation/install.html", "vyos",
        everywhere=True,
    ),
    Login("WAGO", "750-8210*", "750-8210/040-000", "root", "text", _PFC200, "wago"),
    Login("WAGO", "750-8210*", "750-8210/040-000", "admin", "text", _PFC200, "wago"),
    Login("WAGO", "750-8210*", "750-8210/040-000", "user", "text", _PFC200, "user"),
    Login("WAGO", "751-9301*", "751-9301", "admin", "text", _COMPACT_100, "wago"),
    Login("WAGO", "751-9301*", "751-9301", "user", "text", _COMPACT_100, "user"),
    Login("WAGO", "750-830* 750-363*", "750-830", "admin", "text", _WAGO_750, "wago"),
    Login("WAGO", "750-830* 750-363*", "750-830", "user", "text", _WAGO_750, "user"),
    Login("WAGO", "750-830* 750-363*", "750-830", "guest", "text", _WAGO_750, "guest"),
    Login(
        "WAGO", "765-1205*", "765-1205/0100-0000", "root", "text",
        "WAGO, 765-1205/0100-0000 product manual 1.0.0, Initial Login as Administrator", "password",
    ),
    Login("Yamaha", "SWX2210P* SWX2310P* SWX3220*", "SWX2310P", "admin", "text", _SWX, "admin"),
    Login(
        "Zyxel", "XGS4700* GS2200*", "XGS4700-48F", "admin", "text",
        "Zyxel, XGS4700-48F User's Guide, 45.4; GS2200-48 User's Guide, 32 Setting Up Login Accounts", "1234",
    ),
    Login("Zyxel", "MWR102", "MWR102", "", "text", "Zyxel, MWR102 User's Guide 1.0, Default Login Details", "1234"),
    # What is tried on anything that answers. Those of root are in password_words.FACTORY, tried for every account.
    *(
        Login("*", "*", "", account, "text" if text else "blank", _MIRAI, text, everywhere=True)
        for account, text in (
            ("admin", "admin"), ("admin", "password"), ("admin", ""), ("admin", "1234"), ("admin", "12345"),
            ("support", "support"), ("user", "user"), ("service", "service"), ("supervisor", "supervisor"),
            ("guest", "guest"), ("tech", "tech"), ("Administrator", "admin"), ("admin1", "password"),
            ("666666", "666666"), ("888888", "888888"),
        )
    ),
)  # fmt: skip
