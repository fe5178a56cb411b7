# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remembers from run to run what Ansible compiles anew in each, all sources of a collection: half a second every time.

``make`` puts this folder on PYTHONPATH, and Python imports it by itself. What is remembered is found by the source
itself, so it is never older than its file. ``make demo`` and ``make bench`` run without it, as users do.
"""

from __future__ import annotations

import sys

_COMPILES = "ansible.utils.collection_loader._collection_finder"


def _compiled(source, filename, mode, flags, dont_inherit):
    """As ``compile``."""
    import hashlib
    import marshal
    import os
    import pathlib

    folder = pathlib.Path(__file__).parents[3] / ".build" / "compiled"
    asked = repr((sys.version, filename, mode, flags, dont_inherit, source))
    kept = folder / hashlib.sha256(asked.encode()).hexdigest()
    try:
        return marshal.loads(kept.read_bytes())
    except FileNotFoundError:
        code = compile(source, filename, mode, flags, dont_inherit)
    folder.mkdir(parents=True, exist_ok=True)
    new = kept.with_suffix(f".{os.getpid()}")
    new.write_bytes(marshal.dumps(code))
    new.replace(kept)
    return code


class _Watch:
    """Waits for the one module that compiles collections, and is gone then."""

    @classmethod
    def find_spec(cls, name, _path=None, _target=None):
        if name != _COMPILES:
            return None
        import importlib.util

        sys.meta_path.remove(cls)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def execute_and_remember(module):
            execute(module)
            module.compile = _compiled

        spec.loader.exec_module = execute_and_remember
        return spec


sys.meta_path.insert(0, _Watch)
