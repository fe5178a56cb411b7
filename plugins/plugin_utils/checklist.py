# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checklist as data. Source: 総務省「IoT機器チェックリスト」(2024-03-29); P1-P4 are our ids for its 項番1-4."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the checklist. ``viewpoint`` is the survey's A-D, or P for the preliminary items."""

    id: str
    viewpoint: str
    en: str
    ja: str


@dataclass(frozen=True, slots=True)
class Control:
    """One thing an item asks of one surface.

    ``optional``: only devices with such a service have it. A platform that never names it has none, so nothing is
    missing there; every other control that a platform does not judge is ``not_supported``.
    """

    id: str
    en: str
    ja: str
    optional: bool = False

    @property
    def item(self) -> str:
        return self.id.partition(".")[0]


VIEWPOINTS = {
    "P": ("Preparation", "事前確認"),
    "A": ("Login and access control", "ユーザー認証・アクセス制御"),
    "B": ("No names before login", "施設名等の非表示"),
    "C": ("Passwords", "パスワード"),
    "D": ("Updates and management", "更新・管理体制"),
}

ITEMS = {
    item.id: item
    for item in (
        Item("P1", "P", "The people involved are named and informed", "ステークホルダの定義と共有"),
        Item("P2", "P", "Internet exposure is needed and meant", "インターネット公開の必要性と意図"),
        Item("P3", "P", "The industry's guidelines are used", "業界の指針・ガイドラインの活用"),
        Item("P4", "P", "It is known which items apply", "実施項目の確認"),
        Item("A1", "A", "No screen is viewable without a login", "ログイン認証の設定"),
        Item("A2", "A", "Access is limited to the users who need it", "利用者を限定したアクセス制御"),
        Item(
            "B1",
            "B",
            "No facility, region, device or version names before login",
            "施設名・地域名・機器名・バージョンの非表示",
        ),
        Item("C1", "C", "No default or guessable passwords", "初期値・推測されやすいパスワードの排除"),
        Item("C2", "C", "One account per person", "利用者ごとのID・パスワード"),
        Item("D1", "D", "Network structure and settings are managed", "ネットワーク構成・設定の管理"),
        Item("D2", "D", "Count, maker, model and firmware in one place", "台数・メーカー・機種・バージョンの一元管理"),
        Item("D3", "D", "A regime that judges and applies updates", "更新の判断・実施体制"),
    )
}

CONTROLS = {
    control.id: control
    for control in (
        Control("P1.stakeholders", "Owner, builder, operator and user are named", "所有・設置・運用・利用者の明確化"),
        Control("P1.decisions", "What was decided is on record", "決定事項の記録"),
        Control("P1.authorised", "Somebody has allowed this work", "作業の承認"),
        Control("P2.exposure", "What is reachable is meant to be", "公開の意図の確認"),
        Control("P3.guidelines", "The industry's guidelines were looked up and used", "業界ガイドラインの確認"),
        Control("P4.items", "It is decided which items apply", "実施項目の決定"),
        Control("A1.web", "No page opens without a login", "Web画面のログイン認証"),
        Control("A1.ssh", "SSH lets nobody in without proof", "SSHのログイン認証"),
        Control("A1.front", "A login stands before what has none", "認証機能のないアプリへの前置認証", optional=True),
        Control("A1.listening", "Every other service is known to ask for a login", "その他の待受サービスの認証"),
        Control("A1.snmp", "SNMP answers nobody without proof", "SNMPの認証", optional=True),
        Control("A1.mqtt", "The MQTT broker serves nobody without a login", "MQTTのログイン認証", optional=True),
        Control("A1.ftp", "FTP serves nobody without a login", "FTPのログイン認証", optional=True),
        Control("A1.telnet", "No login travels in plain text", "平文でのログイン(Telnet等)", optional=True),
        Control("A1.outside", "Nothing opens for a visitor from outside", "外部閲覧のログイン認証", optional=True),
        Control("A2.people", "Every person can be told by an address", "利用者の接続元の把握"),
        Control("A2.enforced", "The named gateway limits access to this device", "上位機器によるアクセス制限"),
        Control("A2.management", "Only the allowlist reaches the device itself", "機器本体への接続元制限"),
        Control("A2.forwarded", "Only the allowlist reaches what lies behind", "配下機器への接続元制限"),
        Control("A2.web", "The web server serves only the allowlist", "Webサーバーの接続元制限"),
        Control("A2.service", "The service itself serves only the allowlist", "サービスの接続元制限", optional=True),
        Control("A2.sources", "Who really comes in is on the allowlist", "実際の接続元の確認", optional=True),
        Control("A2.outside", "Seen from outside, only the allowlist is served", "外部からの接続拒否", optional=True),
        Control("B1.http_header", "HTTP headers and error pages name no version", "HTTP応答のバージョン表示"),
        Control("B1.http_realm", "The HTTP login prompt names nothing", "HTTP認証の領域名"),
        Control("B1.http_title", "Pages before login name nothing", "ログイン前ページの表題"),
        Control("B1.ssh_banner", "The SSH banner names nothing", "SSHバナー"),
        Control("B1.ssh_version", "The SSH greeting names no version", "SSHのバージョン表示"),
        Control("B1.login_text", "The text before the login prompt names nothing", "ログイン前の表示文"),
        Control("B1.hostname", "The host name shown before login names nothing", "ログイン前に見えるホスト名"),
        Control("B1.snmp_names", "SNMP names, location and contact name nothing", "SNMPの名称・設置場所・連絡先"),
        Control("B1.mqtt_names", "What MQTT shows without a login names nothing", "MQTTの公開情報", optional=True),
        Control("B1.ftp_banner", "The FTP greeting names nothing", "FTPバナー", optional=True),
        Control("B1.mdns_names", "What mDNS announces names nothing", "mDNSで広告される名称", optional=True),
        Control("B1.certificate", "TLS certificates name nothing", "TLS証明書の記載", optional=True),
        Control("B1.dns_name", "The name under which DNS finds it names nothing", "DNS名(DDNS等)", optional=True),
        Control("B1.outside", "Seen from outside, nothing names anything", "外部から見える名称等", optional=True),
        Control(
            "C1.default_password",
            "No account has the password it was shipped with, or none",
            "初期パスワード・空パスワードの不使用",
        ),
        Control("C1.weak_password", "No password can be guessed", "推測されやすいパスワードの不使用"),
        Control("C1.default_account_name", "No account has a name it was shipped with", "初期IDの不使用"),
        Control(
            "C1.own_accounts",
            "Applications' own accounts have good passwords",
            "アプリ独自のID・パスワード",
            optional=True,
        ),
        Control("C2.person_account", "Every person has an account of their own", "利用者ごとのアカウント"),
        Control("C2.leftover_account", "No account belongs to nobody", "不要なアカウントの不在"),
        Control("C2.shared_account", "No account is used by several people", "アカウントの共用の禁止"),
        Control("C2.reused", "No two devices and no two people have one secret", "パスワードの使い回しの禁止"),
        Control("C2.rights", "Nobody has more rights than they need", "必要最小限の権限", optional=True),
        Control(
            "D2.identity", "Vendor, model, serial and firmware are known", "メーカー・機種・シリアル・ファームウェア"
        ),
        Control("D2.software", "Versions of the exposed services are known", "公開サービスのバージョン"),
    )
}


def controls_of(item: str) -> tuple[str, ...]:
    """The ids of an item's controls, in checklist order."""
    return tuple(control.id for control in CONTROLS.values() if control.item == item)
