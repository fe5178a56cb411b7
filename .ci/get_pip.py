"""Stands in for pip's downloaded installer: the pip that ships with Python, upgraded to what was asked for."""

import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"])
wanted = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
if any(not argument.startswith("-") for argument in wanted):
    subprocess.check_call([sys.executable, "-m", "pip", "install", *wanted])
