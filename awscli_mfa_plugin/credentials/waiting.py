# SPDX-License-Identifier: Apache-2.0
"""Waiting for somebody who logs in elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

from awscli_mfa_plugin.credentials.waiting_line import WaitingLine
from awscli_mfa_plugin.duration import format_duration
from awscli_mfa_plugin.exceptions import as_argument
from awscli_mfa_plugin.host.terminal import Terminal
from awscli_mfa_plugin.host.wrapping import is_terminal

_T = TypeVar('_T')

# How often the cache is looked at.
_LOOK_SECONDS = 0.5


def wait_for(
    look: Callable[[], _T | None],
    seconds: float,
    profile_name: str,
    where: str = '',
    options: str = '',
) -> _T | None:
    """Return what a look finds at last, or ``None`` after some time.

    What is waited for is said on standard error, once for all commands of
    one terminal that wait at the same time.

    :param where: The place to log in at, by default another terminal.
    :param options: More options of the login that is waited for.
    """
    found = look()
    if found is not None or seconds <= 0:
        return found
    deadline = time.monotonic() + seconds
    terminal = Terminal()
    text = (
        f'Waiting up to {format_duration(seconds)} for: aws mfa login '
        f'--profile {as_argument(profile_name)}{options}'
    )
    with WaitingLine(terminal, f'waits for {profile_name}') as line:
        if terminal.is_available() and is_terminal(sys.stderr):
            line.show(text)
        else:
            line.say(f'{text} ({where.strip() or "in another terminal"})')
        while found is None and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
            found = look()
    return found
