# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.completion.

tests/e2e/test_completion.py looks whether v2 still has what is looked for.
"""

from __future__ import annotations

from typing import Any

from awscli_mfa_plugin.host.completion import completing_session


def load_plugins() -> Any:
    """Find the session while the caller has it."""
    return completing_session()


def create_clidriver(session: object) -> Any:
    """Load plugins as v2 does."""
    return load_plugins()


def create_session(session: object) -> Any:
    """Make a session for the completer as v2 does."""
    return create_clidriver(session)


def test_the_session_of_the_completer() -> None:
    """It is found while plugins are loaded, and no other command's."""
    session = object()
    assert create_session(session) is session
    assert create_clidriver(session) is None
    assert completing_session() is None
