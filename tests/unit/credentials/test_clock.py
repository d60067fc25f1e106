# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.clock."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from awscli_mfa_plugin.credentials.clock import clock_error, describe, now

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize('minutes', [-60, -4, 4, 60])
def test_an_error_that_matters(minutes: int) -> None:
    """Its size and its direction are known from one answer."""
    told = format_datetime(now() - minutes * MINUTE, usegmt=True)
    response = {'ResponseMetadata': {'HTTPHeaders': {'date': told}}}
    error = clock_error(response, now())
    assert abs(error - minutes * MINUTE) < timedelta(seconds=5)
    assert describe(error) == (
        f'{abs(minutes)} minutes {"fast" if minutes > 0 else "slow"}'
    )


def test_an_answer_that_took_long() -> None:
    """STS told the time at some moment between question and answer."""
    told = format_datetime(now() - 10 * MINUTE, usegmt=True)
    response = {'ResponseMetadata': {'HTTPHeaders': {'date': told}}}
    assert clock_error(response, now() - 20 * MINUTE) == timedelta()


@pytest.mark.parametrize(
    'date', [None, '', 'soon', 'Fri, 27 Nov 2026 06:00:00 -0000', 'now']
)
def test_an_answer_without_a_time(date: str | None) -> None:
    """Nothing is known then, as of a small error, and nothing is done."""
    headers = {} if date is None else {'date': date}
    if date == 'now':
        headers['date'] = format_datetime(now(), usegmt=True)
    response = {'ResponseMetadata': {'HTTPHeaders': headers}}
    assert clock_error(response, now()) == timedelta()


def test_a_single_minute() -> None:
    """Words follow numbers."""
    assert describe(MINUTE) == '1 minute fast'
