# SPDX-License-Identifier: Apache-2.0
"""Lengths of time, in words."""


def format_duration(seconds: float) -> str:
    """Return a length of time as people say it: ``11 hours 58 minutes``.

    :param seconds: Rounded to whole minutes from one minute on.
    """
    if round(seconds) < 60:
        return _count(max(0, round(seconds)), 'second')
    hours, minutes = divmod(round(seconds / 60), 60)
    parts = []
    if hours:
        parts.append(_count(hours, 'hour'))
    if minutes:
        parts.append(_count(minutes, 'minute'))
    return ' '.join(parts)


def format_time_left(seconds: int) -> str:
    """Return how long something lasts in short: ``3h12m``, ``45s``."""
    if seconds < 60:
        return f'{seconds}s'
    hours, minutes = divmod(seconds // 60, 60)
    return f'{hours}h{minutes:02}m' if hours else f'{minutes}m'


def _count(number: int, unit: str) -> str:
    return f'{number} {unit}' + ('' if number == 1 else 's')
