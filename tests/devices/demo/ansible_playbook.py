# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ansible-playbook`` as everywhere, except that libssh looks for its files below $HOME.

libssh takes the home directory from the password database, whatever $HOME says; in the demo that would be yours.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from ansible.cli.playbook import main
from pylibsshext import session


class Session(session.Session):  # type: ignore[misc]
    """Reads $HOME/.ssh, and nothing of the person who runs the demo."""

    def connect(self, **options: Any) -> None:
        folder = Path(os.environ["HOME"], ".ssh")
        super().connect(ssh_dir=str(folder), knownhosts=str(folder / "known_hosts"), **options)


if __name__ == "__main__":
    session.Session = Session
    sys.exit(main())
