# SPDX-License-Identifier: Apache-2.0
"""Bytecode of this package for the Python of a frozen AWS CLI."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys

logger = logging.getLogger(__name__)


def compile_for_bundle(package: str) -> None:
    """Compile the package for the bundle that runs this process.

    PyInstaller has the bundle write no bytecode, so every ``aws`` command
    would compile our modules anew. No other program has just its Python.
    Nothing is raised: a folder that cannot be written costs milliseconds.

    :param package: The folder of the package.
    """
    if not getattr(sys, 'frozen', False):
        return
    module = os.path.join(package, '__init__.py')
    if not os.path.exists(importlib.util.cache_from_source(module)):
        compile_folder(package)


def compile_folder(folder: str) -> None:
    """Compile every module below a folder, as far as that is possible."""
    try:
        # Not compileall, which the frozen v2 leaves out.
        import py_compile

        for place, _, names in os.walk(folder):
            for name in names:
                if name.endswith('.py'):
                    py_compile.compile(os.path.join(place, name), quiet=2)
    except (ImportError, OSError) as error:
        logger.debug('The plugin is not compiled: %s', error)
