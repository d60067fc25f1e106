# SPDX-License-Identifier: Apache-2.0
"""The environment for programs that the CLI starts for a person."""

from __future__ import annotations

import os
import sys

# The frozen v2 sets the first for its own libraries and keeps the person's
# in the second. A program started with the first would load the bundle's.
_LIBRARY_PATH = 'LD_LIBRARY_PATH'
_ORIGINAL = 'LD_LIBRARY_PATH_ORIG'

# PyInstaller's variables, which a child "aws" must not inherit: it would
# take itself for a process of this bundle.
# https://pyinstaller.org/en/stable/advanced-topics.html
_PYINSTALLER = '_PYI_'

# Every AWS CLI adds a folder of its own to it.
_DATA_PATH = 'AWS_DATA_PATH'


def child_environment() -> dict[str, str]:
    """Return the environment that ``aws`` itself was started with."""
    environment = dict(os.environ)
    if getattr(sys, 'frozen', False):
        environment.pop(_LIBRARY_PATH, None)
        original = environment.pop(_ORIGINAL, None)
        if original is not None:
            environment[_LIBRARY_PATH] = original
        for name in list(environment):
            if name.startswith(_PYINSTALLER):
                del environment[name]
    _remove_data_of_cli(environment)
    return environment


def _remove_data_of_cli(environment: dict[str, str]) -> None:
    awscli = sys.modules.get('awscli')
    paths = environment.pop(_DATA_PATH, '')
    if awscli is not None and awscli.__file__:
        package = os.path.dirname(os.path.abspath(awscli.__file__))
        own = os.path.join(package, 'data')
        paths = os.pathsep.join(
            path for path in paths.split(os.pathsep) if path != own
        )
    if paths:
        environment[_DATA_PATH] = paths
