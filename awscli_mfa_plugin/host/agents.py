# SPDX-License-Identifier: Apache-2.0
"""Coding agents: programs that run commands where no person types.

A prompt on the terminal of an agent loses what is typed or hangs the
agent. So under one nobody is asked, unless the person says otherwise, and
a profile may give its commands a smaller role there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

# With the value "auto" an agent's terminal counts like any other.
_PROMPT_VARIABLE = 'AWS_MFA_PROMPT'

# The environment variables that agents set, and the value that tells; any
# value does where there is none. From awscli.botocore.useragent of the AWS
# CLI 2.35.24, for the CLIs that know no agents.
_AGENTS: tuple[tuple[str, str | None], ...] = (
    ('CLAUDECODE', '1'),
    ('GEMINI_CLI', '1'),
    ('CODEX_THREAD_ID', None),
    ('KIRO_SESSION_ID', None),
    ('OPENCODE', None),
    ('ANTIGRAVITY_AGENT', None),
    ('AMP_CURRENT_THREAD_ID', None),
    ('PI_CODING_AGENT', 'true'),
    ('COPILOT_CLI', '1'),
    ('CURSOR_AGENT', '1'),
)


def may_ask_here() -> bool:
    """Tell whether a person types at the terminal of this command."""
    return os.environ.get(_PROMPT_VARIABLE) == 'auto' or not is_run_by_agent()


def is_run_by_agent() -> bool:
    """Tell whether a coding agent runs this command."""
    return agent_variable() is not None


def agent_variable() -> str | None:
    """Return the variable that tells of a coding agent, if one does."""
    for name, expected in known_agents():
        # An empty value counts as none.
        value = os.environ.get(name)
        if value and expected in (None, value):
            return name
    return None


def known_agents() -> Iterable[tuple[str, str | None]]:
    """Return each variable of an agent, with the value that tells.

    The AWS CLI keeps such a table for its user agent, under a private
    name, with another field in the middle of each row. Its agents are
    added to ours, as far as a row has that shape.
    """
    try:
        from botocore import useragent

        table: Any = useragent._USERAGENT_AGENTIC_CALLER_ENV_VAR_MAPPINGS
        found = [(name, expected) for name, _, expected in table]
    except (ImportError, AttributeError, TypeError, ValueError):
        found = []
    return (
        *_AGENTS,
        *(
            (name, expected)
            for name, expected in found
            if isinstance(name, str)
            and isinstance(expected, (str, type(None)))
        ),
    )
