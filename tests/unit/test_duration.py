# SPDX-License-Identifier: Apache-2.0
"""Lengths of time, in words."""

from __future__ import annotations

import pytest

from awscli_mfa_plugin.duration import format_duration


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
