# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which guidelines are published for which sector (P3): a start for looking, not a complete list.

Sources: the publishers' own pages, below. Titles, editions and years are as found there in November 2026; the pages
lead to newer editions. English titles are ours where the publisher gives none.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guideline:
    """One published document. ``year`` is that of the edition named in the title, or of the first one."""

    ja: str
    en: str
    publisher: str
    year: int
    url: str

    def __str__(self) -> str:
        return f"{self.ja} ({self.publisher}, {self.year}) {self.url}"


_COMMON = (
    Guideline(
        "IoTセキュリティガイドライン ver 1.0",
        "IoT Security Guidelines ver. 1.0",
        "IoT推進コンソーシアム、総務省、経済産業省",
        2016,
        "https://www.meti.go.jp/press/2016/07/20160705002/20160705002.html",
    ),
)

#: Sector: what is published for it beside the guidelines for all.
_OWN: dict[str, tuple[Guideline, ...]] = {
    "water": (
        Guideline(
            "水道分野における情報セキュリティガイドライン(第4版)",
            "Information security guidelines for water supply, 4th edition",
            "厚生労働省(現在は国土交通省が所管)",
            2019,
            "https://www.mlit.go.jp/mizukokudo/watersupply/"
            "stf_seisakunitsuite_bunya_topics_bukyoku_kenkou_suido_kikikanri_sisin.0005.html",
        ),
    ),
    "electricity": (
        Guideline(
            "自家用電気工作物に係るサイバーセキュリティの確保に関するガイドライン",
            "Guidelines for ensuring the cybersecurity of private electrical facilities",
            "経済産業省",
            2022,
            "https://www.meti.go.jp/policy/safety_security/industrial_safety/sangyo/electric/detail/cybersecurity.html",
        ),
    ),
    "building": (
        Guideline(
            "ビルシステムにおけるサイバー・フィジカル・セキュリティ対策ガイドライン(第2版)",
            "Cyber/physical security guidelines for building systems, 2nd edition",
            "経済産業省",
            2023,
            "https://www.meti.go.jp/policy/netsecurity/wg1/building_guideline.html",
        ),
    ),
    "factory": (
        Guideline(
            "工場システムにおけるサイバー・フィジカル・セキュリティ対策ガイドライン Ver 1.0",
            "Cyber/physical security guidelines for factory systems ver. 1.0",
            "経済産業省",
            2022,
            "https://www.meti.go.jp/policy/netsecurity/wg1/factorysystems_guideline.html",
        ),
    ),
    "medical": (
        Guideline(
            "医療情報システムの安全管理に関するガイドライン 第6.0版",
            "Guidelines for the safety management of medical information systems, edition 6.0",
            "厚生労働省",
            2023,
            "https://www.mhlw.go.jp/stf/shingi/0000516275_00006.html",
        ),
    ),
    "education": (
        Guideline(
            "教育情報セキュリティポリシーに関するガイドライン",
            "Guidelines for information security policies in education",
            "文部科学省",
            2017,
            "https://www.mext.go.jp/a_menu/shotou/zyouhou/detail/1397369.htm",
        ),
    ),
    "local_government": (
        Guideline(
            "地方公共団体における情報セキュリティポリシーに関するガイドライン",
            "Guidelines for information security policies of local governments",
            "総務省",
            2001,
            "https://www.soumu.go.jp/denshijiti/jyouhou_policy/",
        ),
    ),
    "other": (),
}

SECTORS = tuple(_OWN)


def published(sector: str) -> tuple[Guideline, ...]:
    """What is published for one of SECTORS, its own first."""
    return (*_OWN[sector], *_COMMON)
