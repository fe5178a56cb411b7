# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the router says when it refuses a command, in its two languages.

``name``, ``parameters`` and ``administrator`` are captured texts, ``name`` in Japanese too; the rest are assumed
wordings after the captured ``Error:`` and ``エラー:`` (../README.md).
"""

from __future__ import annotations

TEXTS = {
    "name": ("Invalid command name", "コマンド名を確認してください"),
    "parameters": ("Insufficient or too many parameters", "パラメータの数が不適当です"),
    "administrator": ("Administrator use only", "管理ユーザー専用のコマンドです"),
    "value": ("Invalid parameter", "パラメータが不適当です"),
    "range": ("Parameter is out of range", "パラメータが範囲外です"),
    "no_pp": ("PP is not selected", "相手先が選択されていません"),
    "no_tunnel": ("Tunnel interface is not selected", "トンネルインタフェースが選択されていません"),
    "schedule": ("This command cannot be scheduled", "スケジュールで実行できないコマンドです"),
    "password": ("Wrong password", "パスワードが違います"),
    "not_permitted": ("Not permitted", "許可されていません"),
    "save": ("Failed to save the configuration", "設定の保存に失敗しました"),
    "user": ("No such user", "指定したユーザーは存在しません"),
}


class CommandError(Exception):
    """A refused command. ``text`` is given only by an injected fault."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(text or code)
        self.code = code
        self.text = text

    def message(self, japanese: bool) -> str:
        words = self.text or TEXTS[self.code][japanese]
        return f"{'エラー' if japanese else 'Error'}: {words}"
