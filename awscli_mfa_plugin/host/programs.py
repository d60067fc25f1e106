# SPDX-License-Identifier: Apache-2.0
"""The programs of this computer, and the one that runs this process."""

from __future__ import annotations

import os
import shutil
import sys


def find_program(name: str) -> str | None:
    """Return a program's absolute path by the ``PATH``, or ``None``.

    The current folder does not count here, although it does for a shell
    with an entry like ``bin`` or ``.`` and first of all on Windows: what
    SDKs start must not depend on whose folder they run in.
    """
    folders = os.environ.get('PATH', os.defpath).split(os.pathsep)
    path = os.pathsep.join(filter(os.path.isabs, folders))
    found = shutil.which(name, path=path) if path else None
    return found if found and os.path.isabs(found) else None


def own_command() -> list[str]:
    """Return how this process was started, without its arguments.

    That is the interpreter with its options and the script. The frozen v2
    is one program. Python 3.9 does not tell its options, which no CLI of
    that age is started with.
    """
    if getattr(sys, 'frozen', False):
        return [sys.executable]
    options: list[str] = []
    original = getattr(sys, 'orig_argv', None)
    if original:
        options = original[1 : len(original) - len(sys.argv)]
    # A module that "python -m" runs is a script like another.
    options = [option for option in options if option != '-m']
    return [sys.executable, *options, os.path.abspath(sys.argv[0])]
