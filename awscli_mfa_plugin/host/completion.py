# SPDX-License-Identifier: Apache-2.0
"""v2's completion of resources, such as the names of roles."""

from __future__ import annotations

import sys
from typing import Any

# Private to the AWS CLI: its completer's method, and what that calls, which
# loads the plugins while its variable "session" holds the session.
_OF_COMPLETER = 'create_session'
_LOADS_PLUGINS = 'create_clidriver'


def completing_session() -> Any:
    """Return the session that is about to look for resources, or ``None``.

    v2 tells plugins of a session once it has read a command line, and its
    completer reads none. So the session is looked for among the callers.
    Under other names resources are looked for with the long-term key, and
    tests/e2e/test_completion.py fails.
    """
    session = None
    frame: Any = sys._getframe()
    while frame is not None:
        name = frame.f_code.co_name
        if name == _LOADS_PLUGINS and session is None:
            session = frame.f_locals.get('session')
        elif name == _OF_COMPLETER:
            return session
        frame = frame.f_back
    # The session is that of an ordinary command.
    return None
