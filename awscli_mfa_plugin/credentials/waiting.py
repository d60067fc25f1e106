# SPDX-License-Identifier: Apache-2.0
"""Waiting for somebody who logs in elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from awscli_mfa_plugin.cache.layout import cache_directory, terminal_lock_path
from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.duration import format_duration
from awscli_mfa_plugin.exceptions import as_argument
from awscli_mfa_plugin.host.terminal import Terminal
from awscli_mfa_plugin.host.wrapping import say_on_stderr

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
    path = terminal_lock_path(
        cache_directory(), f'{Terminal().key()} waits for {profile_name}'
    )
    with locked(path, 0) as tells:
        if tells:
            say_on_stderr(
                f'Waiting for {format_duration(seconds)} at most for a '
                f'session. Start one{where or " in another terminal"} with: '
                f'aws mfa login --profile {as_argument(profile_name)}{options}'
            )
        while found is None and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
            found = look()
    return found
