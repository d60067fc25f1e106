# SPDX-License-Identifier: Apache-2.0
"""Bytecode of this package for the Python of a frozen AWS CLI."""

from __future__ import annotations

import os
import sys


def compile_for_bundle(package: str) -> None:
    """Compile the package for the bundle that runs this process.

    PyInstaller has the bundle write no bytecode, so every ``aws`` command
    would compile our modules anew. No other program has just its Python.
    Nothing is raised: a folder that cannot be written costs milliseconds.

    :param package: The folder of the package.
    """
    if not getattr(sys, 'frozen', False):
        return
    import compileall
    import importlib.util

    module = os.path.join(package, '__init__.py')
    if not os.path.exists(importlib.util.cache_from_source(module)):
        compileall.compile_dir(package, quiet=2)
