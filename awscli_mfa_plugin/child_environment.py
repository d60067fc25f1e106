# SPDX-License-Identifier: Apache-2.0
"""The environment for programs that the CLI starts for a person."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

# The frozen v2 sets the first for itself and keeps the person's in the
# second; a program started with it loads the bundle's libraries.
_LIBRARY_PATH = 'LD_LIBRARY_PATH'
_ORIGINAL = 'LD_LIBRARY_PATH_ORIG'


def child_environment(
    environ: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return the environment that ``aws`` itself was started with."""
    environment = dict(environ)
    if getattr(sys, 'frozen', False):
        environment.pop(_LIBRARY_PATH, None)
        original = environment.pop(_ORIGINAL, None)
        if original is not None:
            environment[_LIBRARY_PATH] = original
    return environment
