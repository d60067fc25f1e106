# SPDX-License-Identifier: Apache-2.0
"""Calls of STS whose parameters or answers are secret, made in time."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from botocore.config import Config
from botocore.exceptions import (
    ConnectionClosedError,
    InvalidRetryConfigurationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserFactory
from botocore.utils import parse_timestamp

from awscli_mfa_plugin.credentials.clock import clock_error, describe
from awscli_mfa_plugin.credentials.refusals import UNREADABLE, as_from_aws
from awscli_mfa_plugin.exceptions.answers import (
    AnswerLostError,
    UnreadableAnswerError,
)
from awscli_mfa_plugin.host.secrecy import unrecorded
from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials

_T = TypeVar('_T')


def warn_of_clock(error: timedelta) -> None:
    """Say how far the clock is from AWS's, as long as AWS puts up with it."""
    if error and sys.stderr is not None:
        sys.stderr.write(
            f"\nNote: this computer's clock is {describe(error)}. Set it "
            'right: AWS refuses a call from five minutes on.\n'
        )


def read_credentials(
    response: Any, asked_at: datetime
) -> TemporaryCredentials:
    """Return the credentials in an answer of STS.

    Their end is told in the time of this computer's clock, by which it
    will be judged. AWS writes times as ``2026-11-24T06:00:00Z``;
    compatible services add nanoseconds or write the zone as ``+0000``.

    :param asked_at: When STS was asked, by this computer's clock.
    :raises UnreadableAnswerError: The answer has none.
    """
    try:
        given = dict(response['Credentials'])
        # A client of botocore's own gives a datetime, and others a text.
        if isinstance(given['Expiration'], str):
            given['Expiration'] = parse_timestamp(given['Expiration'])
        if time.timezone and 'UTC' in time.tzname:
            # dateutil, which the AWS CLI v2 has read it already, takes UTC
            # for the local time where TZ calls that so, as TZ=UTC+9 does.
            given['Expiration'] = given['Expiration'].replace(
                tzinfo=timezone.utc
            )
        given['Expiration'] += clock_error(response, asked_at)
        return TemporaryCredentials.from_json(given)
    except UNREADABLE:
        # The message may quote the response, keys included.
        raise UnreadableAnswerError() from None


@contextlib.contextmanager
def secret_call() -> Iterator[None]:
    """Keep a call with secrets out of logs, history and messages.

    To be put around the call alone: an error in there is taken for an
    answer that makes no sense.

    :raises UnreadableAnswerError: It was not STS that answered.
    :raises AnswerLostError: The call was sent, and no answer came.
    """
    with unrecorded():
        try:
            with as_from_aws():
                yield
        except UNREADABLE:
            # The message may quote the response, keys included.
            raise UnreadableAnswerError() from None
        except (ConnectionClosedError, ReadTimeoutError) as error:
            raise AnswerLostError(reason=str(error).rstrip('.')) from None


@contextlib.contextmanager
def times_as_text(session: Any) -> Iterator[None]:
    """Have a client that is made meanwhile hand on times as AWS writes them.

    The AWS CLI v2 writes them anew, in which it fails under ``TZ=UTC+25``:
    that would cost a code.
    """
    component = 'response_parser_factory'
    before = session.get_component(component)
    factory = ResponseParserFactory()
    factory.set_parser_defaults(timestamp_parser=str)
    session.register_component(component, factory)
    try:
        yield
    finally:
        session.register_component(component, before)


def call_in_time(call: Callable[[], _T], seconds: float) -> _T:
    """Return what a call with secrets gives, within some seconds.

    botocore limits each read, and an answer that drips would never end.
    The call is made by a thread, which is left behind when the time is
    over. In the meantime the main thread hears Ctrl-C, even while the
    system looks up a name.

    :raises AnswerLostError: No answer came in that time.
    """
    answer: Future[_T] = Future()

    def run() -> None:
        try:
            with secret_call():
                answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 - it is raised again
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    # It may be over while the error of the call is a time-out of its own.
    if not wait([answer], timeout=seconds).done:
        raise AnswerLostError(reason=f'none came within {seconds} seconds')
    return answer.result()


def one_attempt() -> Config:
    """Return a client configuration that never retries.

    A code works once: sent again it would be refused, and count towards
    the lock-out. v2 counts the first attempt in ``max_attempts`` and knows
    no ``total_max_attempts``, which v1 and botocore have.
    """
    try:
        return Config(retries={'total_max_attempts': 1})
    except InvalidRetryConfigurationError:
        return Config(retries={'max_attempts': 1})
