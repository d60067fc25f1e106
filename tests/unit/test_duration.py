# SPDX-License-Identifier: Apache-2.0
"""Lengths of time, in words."""

from __future__ import annotations

import pytest

from awscli_mfa_plugin.duration import format_duration, format_time_left


@pytest.mark.parametrize(
    ('seconds', 'words'),
    [
        (-5, '0 seconds'),
        (0, '0 seconds'),
        (0.6, '1 second'),
        (1, '1 second'),
        (59.4, '59 seconds'),
        (60, '1 minute'),
        (89, '1 minute'),
        (91, '2 minutes'),
        (3569, '59 minutes'),
        (3600, '1 hour'),
        (3660, '1 hour 1 minute'),
        (7200, '2 hours'),
        (43079, '11 hours 58 minutes'),
        (43199.5, '12 hours'),
        (129600, '36 hours'),
    ],
)
def test_as_people_say_it(seconds: float, words: str) -> None:
    """Whole minutes from one minute on, seconds below, never negative."""
    assert format_duration(seconds) == words


@pytest.mark.parametrize(
    ('seconds', 'text'),
    [
        (43199, '11h59m'),
        (3720, '1h02m'),
        (3600, '1h00m'),
        (3599, '59m'),
        (60, '1m'),
        (59, '59s'),
        (0, '0s'),
    ],
)
def test_in_short(seconds: int, text: str) -> None:
    """The largest two units, rounded down."""
    assert format_time_left(seconds) == text
