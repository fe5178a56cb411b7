# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run id: one value per ansible-playbook process.

Made at import: the strategy loads action plugins in the parent process before it forks a worker, so all forks
share it. State and findings that carry another run id (a fact cache on disk) are never believed.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

RUN_ID = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
