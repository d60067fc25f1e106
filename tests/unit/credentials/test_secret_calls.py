# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.secret_calls.

What is read from answers is tested in test_sts.py.
"""

from __future__ import annotations

import threading

import pytest
from botocore.config import Config
from botocore.exceptions import InvalidRetryConfigurationError

from awscli_mfa_plugin.credentials import secret_calls
from awscli_mfa_plugin.credentials.secret_calls import (
    call_in_time,
    one_attempt,
)
from awscli_mfa_plugin.exceptions.answers import AnswerLostError
from tests.unit.conftest import Home


def test_a_call_that_never_ends(home: Home) -> None:
    """It is left behind when its time is over, whatever it waits for."""
    released = threading.Event()
    threads = []

    def wait() -> None:
        threads.append(threading.current_thread())
        released.wait(60)

    try:
        with pytest.raises(AnswerLostError, match=r'within 0\.05 seconds'):
            call_in_time(wait, 0.05)
    finally:
        released.set()
    # Python does not wait for it at the end of a command.
    assert [thread.daemon for thread in threads] == [True]


def test_one_attempt_in_v2(monkeypatch: pytest.MonkeyPatch) -> None:
    """The AWS CLI v2 has another name for it, and counts otherwise."""

    def config_of_v2(retries: dict[str, int]) -> Config:
        if 'total_max_attempts' in retries:
            raise InvalidRetryConfigurationError(
                retry_config_option='total_max_attempts',
                valid_options=('max_attempts', 'mode'),
            )
        return Config(retries=retries)

    monkeypatch.setattr(secret_calls, 'Config', config_of_v2)
    assert one_attempt().retries == {'max_attempts': 1}


def test_what_a_call_gives_and_raises(home: Home) -> None:
    """The thread in between is not noticed."""

    def fail() -> None:
        raise TimeoutError('mine')

    assert call_in_time(lambda: 'given', 30) == 'given'
    with pytest.raises(TimeoutError, match='mine'):
        call_in_time(fail, 30)
