# SPDX-License-Identifier: Apache-2.0
"""How far this computer's clock is from that of STS.

STS says in its own time when a session ends. Here the end is compared with
this computer's clock, so it is told in that one's time.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

# Less than that is made up for by the minute that a session must last.
_NOTICED = timedelta(minutes=1)

# STS tells whole seconds.
_PRECISION = timedelta(seconds=1)


def now() -> datetime:
    """Return the time of this computer's clock, UTC."""
    return datetime.now(timezone.utc)


def clock_error(response: Any, asked_at: datetime) -> timedelta:
    """Return how far this computer's clock is fast; negative when slow.

    :param response: An answer of STS, which told the time at some moment
        until now.
    :param asked_at: When it was asked, by this computer's clock.
    :returns: Zero for less than a minute, or where STS told no time.
    """
    try:
        headers = response['ResponseMetadata']['HTTPHeaders']
        told = parsedate_to_datetime(headers['date'])
        fast = asked_at - (told + _PRECISION)
        slow = told - now()
    except (LookupError, TypeError, ValueError, OverflowError):
        # There is no date, or it names no time zone.
        return timedelta()
    if fast >= _NOTICED:
        return fast
    return -slow if slow >= _NOTICED else timedelta()


def describe(error: timedelta) -> str:
    """Return an error in words: ``4 minutes slow``."""
    minutes = round(abs(error) / timedelta(minutes=1))
    plural = '' if minutes == 1 else 's'
    return (
        f'{minutes} minute{plural} {"fast" if error > timedelta() else "slow"}'
    )
