# SPDX-License-Identifier: Apache-2.0
"""v2's completion of resources, such as the names of roles."""

from __future__ import annotations

import sys
from typing import Any


def completing_session() -> Any:
    """Return the session that is about to look for resources, or ``None``.

    v2 tells plugins of a session once it has read a command line, and its
    completer reads none. While ``create_clidriver`` loads the plugins, its
    variable ``session`` holds the session, which is private to the AWS CLI.
    Under other names resources are looked for with the long-term key, and
    tests/e2e/test_completion.py fails.
    """
    frame: Any = sys._getframe()
    while frame is not None and frame.f_code.co_name != 'create_clidriver':
        frame = frame.f_back
    return None if frame is None else frame.f_locals.get('session')
