# SPDX-License-Identifier: Apache-2.0
"""How an MFA session that is not in the cache is made.

A code is spent on it, so a session is made under a lock, by one process of
all that want it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import ConnectionError as NotConnectedError

from awscli_mfa_plugin.cache.inventory import remove_expired
from awscli_mfa_plugin.cache.sessions import MFASession
from awscli_mfa_plugin.cache.used_codes import claim, release
from awscli_mfa_plugin.credentials.clock import now
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.credentials.token_code import TokenCodeSource
from awscli_mfa_plugin.credentials.waiting import wait_for
from awscli_mfa_plugin.exceptions.answers import (
    AnswerLostError,
    CannotValidateTokenCodeError,
    ClockSkewError,
    ExpiredOnArrivalError,
    LongTermKeyRefusedError,
    STSRefusedError,
    STSThrottledError,
    TokenCodeRefusedError,
    UnreadableAnswerError,
)
from awscli_mfa_plugin.exceptions.files import CacheWriteError
from awscli_mfa_plugin.exceptions.token_codes import (
    BackgroundJobError,
    NoMFASessionError,
    NoMFASessionForJobError,
    NoTerminalError,
    ToldNoMFASessionError,
    UsedTokenCodeError,
)
from awscli_mfa_plugin.host.secrecy import without_core_files
from awscli_mfa_plugin.host.wrapping import say_on_stderr
from awscli_mfa_plugin.temporary_credentials import MIN_REMAINING_SECONDS

_T = TypeVar('_T')

# How often one person is asked before the command gives up. AWS locks a
# device after about ten refusals.
MAX_ATTEMPTS = 3

# The errors after which a code is as good as before.
_NOT_LOOKED_AT = (
    NotConnectedError,
    CannotValidateTokenCodeError,
    ClockSkewError,
    LongTermKeyRefusedError,
    STSThrottledError,
)

# After these the code may be spent.
_LOOKED_AT = (
    AnswerLostError,
    ExpiredOnArrivalError,
    STSRefusedError,
    UnreadableAnswerError,
)


def ask_until_accepted(
    source: TokenCodeSource,
    serial_number: str,
    call: Callable[[str], _T],
    why: str | None = None,
) -> _T:
    """Return what ``call`` gives for the first code that AWS accepts.

    :param call: Takes a token code; is never called twice with one.
    :param why: What the person is told before the first question.
    :raises TokenCodeRefusedError: No code was accepted.
    :raises UsedTokenCodeError: The last one had been sent before.
    """
    with without_core_files(), source.turn_at_terminal():
        if why is not None:
            source.tell(why)
        return _ask_until_accepted(source, serial_number, call)


def _ask_until_accepted(
    source: TokenCodeSource, serial_number: str, call: Callable[[str], _T]
) -> _T:
    refused: dict[str, TokenCodeRefusedError | UsedTokenCodeError] = {}
    attempts = 0
    while True:
        attempts += 1
        token_code = source.token_code(serial_number)
        if token_code not in refused:
            try:
                return _send(serial_number, token_code, call)
            except (TokenCodeRefusedError, UsedTokenCodeError) as error:
                refused[token_code] = error
        refusal = refused[token_code]
        if attempts == MAX_ATTEMPTS or not source.ask_again_after(
            refusal.remedy
        ):
            raise refusal


def _send(
    serial_number: str, token_code: str, call: Callable[[str], _T]
) -> _T:
    """Return what ``call`` gives for a code that was not sent before.

    :raises UsedTokenCodeError: It was sent before.
    """
    if not claim(serial_number, token_code):
        raise UsedTokenCodeError()
    try:
        return call(token_code)
    except Exception as error:
        # Other errors come before anything is sent, such as for a region
        # that there is not.
        is_spent = isinstance(error, _LOOKED_AT)
        if not is_spent or isinstance(error, _NOT_LOOKED_AT):
            release(serial_number, token_code)
        raise


def make_for_command(fetcher: MFASessionFetcher) -> MFASession:
    """Return a session for a command that goes on with it.

    :raises NoMFASessionError: Nobody may be or can be asked for a code.
    :raises MFAError: No session could be made.
    """
    try:
        if not fetcher.profile.may_prompt:
            raise NoTerminalError()
        fetcher.source.check_available()
        return _make_in_turn(fetcher)
    except NoTerminalError as error:
        nobody = error
    profile = fetcher.profile
    if not profile.wait_seconds:
        raise _no_session(fetcher, nobody)
    found = wait_for(
        fetcher.cached, profile.wait_seconds, profile.name, nobody.where
    )
    if found is not None:
        return found
    fetcher.gave_up = _no_session(fetcher, nobody)
    raise fetcher.gave_up


def _make_in_turn(fetcher: MFASessionFetcher) -> MFASession:
    with (
        without_core_files(),
        fetcher.source.turn_for_session(
            fetcher.cache.lock_path(fetcher.key),
            lambda: fetcher.cached() is not None,
        ),
    ):
        # Another process may have made the session meanwhile.
        found = fetcher.cached()
        if found is not None:
            return found
        try:
            made = _make(fetcher)
        except Exception as error:
            fetcher.gave_up = error
            raise
        try:
            fetcher.cache.put(fetcher.key, made)
        except CacheWriteError as error:
            # The code is spent: the command at hand shall have what
            # it bought.
            say_on_stderr(f'\n{error}')
        remove_expired(fetcher.cache)
        return made


def _no_session(
    fetcher: MFASessionFetcher, nobody: NoTerminalError
) -> NoMFASessionError:
    lasting = ''
    if fetcher.min_remaining > MIN_REMAINING_SECONDS:
        lasting = f' that lasts {fetcher.min_remaining} seconds'
    kind = NoMFASessionError
    if isinstance(nobody, BackgroundJobError):
        from awscli_mfa_plugin.credentials.turns import job_tells_why

        kind = ToldNoMFASessionError
        if job_tells_why(fetcher.profile.name):
            kind = NoMFASessionForJobError
    return kind(
        profile=fetcher.profile.name,
        lasting=lasting,
        why=nobody.why,
        where=nobody.where,
    )


def renew(
    fetcher: MFASessionFetcher, before: MFASession | None
) -> tuple[MFASession, bool]:
    """Return a session that is in the cache, and whether it is new.

    :param before: The one that is there and not wanted any more.
    :raises NoTerminalError: A code is needed and there is none.
    :raises CacheWriteError: The session could not be kept.
    :raises MFAError: No session could be made.
    """
    fetcher.source.check_available()
    with (
        without_core_files(),
        fetcher.source.turn_for_session(
            fetcher.cache.lock_path(fetcher.key),
            lambda: fetcher.cached() not in (None, before),
        ),
    ):
        found = fetcher.cached()
        if found is not None and found != before:
            # Another process logged in while this one waited.
            return found, False
        fetcher.check_cache()
        made = _make(fetcher)
        fetcher.cache.put(fetcher.key, made)
        remove_expired(fetcher.cache)
        return made, True


def _make(fetcher: MFASessionFetcher) -> MFASession:
    given = ask_until_accepted(
        fetcher.source,
        fetcher.profile.serial_number,
        lambda token_code: fetcher.connection.get_session_token(
            fetcher.profile, fetcher.credentials, token_code
        ),
    )
    return MFASession(
        credentials=given,
        profile_name=fetcher.profile.name,
        serial_number=fetcher.profile.serial_number,
        authenticated_at=now(),
        duration_seconds=fetcher.profile.duration_seconds,
    )
