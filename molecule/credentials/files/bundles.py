# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries every key of the directory KEYS at every bundle below HANDOVER, its arguments.

Prints what could be read, as a list of {key, person, account, password}.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PERSON = re.compile(r"<dd>(.*?)</dd>")  # the first one
ROW = re.compile(r'<code>(?P<account>[^<]+)</code></td>\s*<td><code class="password">(?P<password>[^<]+)</code>')


def read(key: Path, bundle: Path) -> Iterator[dict[str, str]]:
    argv = ("age", "--decrypt", "--identity", str(key), str(bundle))
    page = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    for row in ROW.finditer(page):
        yield {"key": key.stem, "person": PERSON.findall(page)[0], **row.groupdict()}


def main() -> None:
    keys, bundles = sorted(Path(sys.argv[1]).glob("*.key")), sorted(Path(sys.argv[2]).glob("*/bundle.html.age"))
    print(json.dumps([row for key in keys for bundle in bundles for row in read(key, bundle)]))


if __name__ == "__main__":
    main()
