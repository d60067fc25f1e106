#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run all tests and checks, on a machine with nothing but a Python.

    python3 tests/run.py [arguments of tox]

Without arguments every environment of tox.ini runs that this machine has a
Python for. The closing lines of all pytest runs are repeated at the end.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import bootstrap

# `lint: commands[0]> ruff check`, `py39: commands[0]> pytest tests/unit`
_COMMAND = re.compile(r'(?P<name>\S+): commands\[\d+\]> ')

# `=== 3 failed, 12 passed in 1.02s ===`
_CLOSING_LINE = re.compile(r'=+ .+ in \d+\.\d+s\b.* =+')

_COLOR = re.compile(r'\x1b\[[\d;]*m')


def main() -> int:
    """Run tox and return its exit code."""
    bootstrap.run_inside('tests', ['tox>=4.20'], minimum=(3, 10))
    command = [sys.executable, '-m', 'tox', *(sys.argv[1:] or ['run'])]
    environment = dict(os.environ)
    # tox writes into our pipe, and would hold back its colours.
    if sys.stdout.isatty():
        environment.setdefault('FORCE_COLOR', '1')
    tox = subprocess.Popen(
        command,
        cwd=bootstrap.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
    )
    assert tox.stdout
    output = bytearray()
    # What has come so far, not whole lines: pytest's dots are a progress bar.
    while chunk := os.read(tox.stdout.fileno(), 65536):
        output += chunk
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    code = tox.wait()
    for line in closing_lines(output.decode(errors='replace')):
        print(line)
    return code


def closing_lines(output: str) -> list[str]:
    """Collect pytest's closing lines, each below its environment's name."""
    lines = []
    name = ''
    for line in _COLOR.sub('', output).splitlines():
        if command := _COMMAND.match(line):
            name = command['name']
        elif _CLOSING_LINE.fullmatch(line):
            lines += [f'{name}:', line]
    return lines


if __name__ == '__main__':
    sys.exit(main())
