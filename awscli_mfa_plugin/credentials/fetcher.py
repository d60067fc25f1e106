# SPDX-License-Identifier: Apache-2.0
"""One MFA session: from the cache, else from STS."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, TypeVar

from botocore.exceptions import ConnectionError as NotConnectedError

from awscli_mfa_plugin.cache.layout import session_key
from awscli_mfa_plugin.cache.sessions import MFASession, MFASessionCache
from awscli_mfa_plugin.cache.used_codes import claim, release
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.credentials.token_code import TokenCodeSource
from awscli_mfa_plugin.exceptions import (
    BackgroundJobError,
    CacheWriteError,
    CannotValidateTokenCodeError,
    ClockSkewError,
    LongTermKeyRefusedError,
    NoMFASessionError,
    NoMFASessionForJobError,
    NoTerminalError,
    STSThrottledError,
    TokenCodeRefusedError,
    ToldNoMFASessionError,
    UsedTokenCodeError,
)
from awscli_mfa_plugin.host.secrecy import without_core_files
from awscli_mfa_plugin.profiles.settings import MFAProfile
from awscli_mfa_plugin.temporary_credentials import MIN_REMAINING_SECONDS

logger = logging.getLogger(__name__)

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
    for attempt in range(1, MAX_ATTEMPTS + 1):
        token_code = source.token_code(serial_number)
        if token_code not in refused:
            try:
                return _send(serial_number, token_code, call)
            except (TokenCodeRefusedError, UsedTokenCodeError) as error:
                refused[token_code] = error
        refusal = refused[token_code]
        if attempt == MAX_ATTEMPTS or not source.ask_again_after(
            refusal.remedy
        ):
            raise refusal
    raise AssertionError('the last attempt returns or raises')


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
    except _NOT_LOOKED_AT:
        release(serial_number, token_code)
        raise


class MFASessionFetcher:
    """Gets the MFA session of one profile.

    This is a cache around one call of STS, as botocore's own fetcher is
    for roles. Two things keep it from being the same class: the call
    spends a token code, so that it is made under a lock and its failure is
    remembered; and a profile may want a session that lasts longer.

    :ivar key: The name of the session in the cache.
    :param credentials: The profile's long-term credentials.
    :param source: Where a token code comes from if one is needed.
    """

    def __init__(
        self,
        connection: STSConnection,
        profile: MFAProfile,
        credentials: Any,
        source: TokenCodeSource,
    ) -> None:
        self.connection = connection
        self.profile = profile
        self.credentials = credentials
        self.source = source
        self.key = session_key(credentials.access_key)
        self._cache = MFASessionCache()
        self._min_remaining = profile.min_remaining
        self._gave_up: Exception | None = None

    @property
    def account_id(self) -> str | None:
        """The account that the long-term credentials say they are of."""
        return getattr(self.credentials, 'account_id', None)

    def cached(self) -> MFASession | None:
        """Return the session in the cache, if it lasts long enough."""
        mfa_session = self._cache.get(self.key)
        if mfa_session is not None and mfa_session.credentials.is_usable(
            self._min_remaining
        ):
            return mfa_session
        return None

    def fetch(self) -> MFASession:
        """Return a usable session for a command that goes on with it.

        A command that has started is content with what is left: the
        profile's ``mfa_min_remaining`` holds for the first call alone.
        Once no session could be made, nobody is asked again: many
        threads may be waiting to sign.

        :raises NoMFASessionError: There is none, and nobody may be or can
            be asked for a code.
        :raises MFAError: No session could be made.
        """
        mfa_session = self.cached() or self._fetch_anew()
        self._min_remaining = MIN_REMAINING_SECONDS
        return mfa_session

    def check_cache(self) -> None:
        """Check that what a login makes could be kept.

        :raises CacheWriteError: It could not, and a code would be lost.
        """
        self._cache.check_writable()

    def wait(self, seconds: float, where: str = '') -> MFASession | None:
        """Return a session that somebody makes elsewhere, or ``None``.

        :param where: The place to log in at, as
            :class:`~awscli_mfa_plugin.exceptions.NoTerminalError` has it.
        """
        # Imported here: a command that has a session waits for none.
        from awscli_mfa_plugin.credentials.waiting import wait_for

        return wait_for(self.cached, seconds, self.profile.name, where)

    def _fetch_anew(self) -> MFASession:
        if self._gave_up is not None:
            raise self._gave_up
        try:
            if not self.profile.may_prompt:
                raise NoTerminalError()
            self.source.check_available()
            return self._fetch_in_turn()
        except NoTerminalError as error:
            nobody = error
        if not self.profile.wait_seconds:
            raise self._no_session(nobody)
        found = self.wait(self.profile.wait_seconds, nobody.where)
        if found is not None:
            return found
        self._gave_up = self._no_session(nobody)
        raise self._gave_up

    def _fetch_in_turn(self) -> MFASession:
        with (
            without_core_files(),
            self.source.turn_for_session(
                self._cache.lock_path(self.key),
                lambda: self.cached() is not None,
            ),
        ):
            # Another process may have made the session meanwhile.
            found = self.cached()
            if found is not None:
                return found
            try:
                made = self._make()
            except Exception as error:
                self._gave_up = error
                raise
            try:
                self._cache.put(self.key, made)
            except CacheWriteError as error:
                # The code is spent: the command at hand shall have what
                # it bought.
                sys.stderr.write(f'\n{error}\n')
            _remove_expired(self._cache)
            return made

    def _no_session(self, nobody: NoTerminalError) -> NoMFASessionError:
        lasting = ''
        if self._min_remaining > MIN_REMAINING_SECONDS:
            lasting = f' that lasts {self._min_remaining} seconds'
        kind = NoMFASessionError
        if isinstance(nobody, BackgroundJobError):
            from awscli_mfa_plugin.credentials.turns import job_tells_why

            kind = ToldNoMFASessionError
            if job_tells_why(self.profile.name):
                kind = NoMFASessionForJobError
        return kind(
            profile=self.profile.name,
            lasting=lasting,
            why=nobody.why,
            where=nobody.where,
        )

    def renew(self, force: bool = False) -> tuple[MFASession, bool]:
        """Return a session that is in the cache, and whether it is new.

        :param force: Make a new one even if one is still usable.
        :raises NoTerminalError: A code is needed and there is none.
        :raises CacheWriteError: The session could not be kept.
        :raises MFAError: No session could be made.
        """
        before = self.cached()
        if before is not None and not force:
            return before, False
        self.source.check_available()
        with (
            without_core_files(),
            self.source.turn_for_session(
                self._cache.lock_path(self.key),
                lambda: self.cached() not in (None, before),
            ),
        ):
            found = self.cached()
            if found is not None and found != before:
                # Another process logged in while this one waited.
                return found, False
            self.check_cache()
            made = self._make()
            self._cache.put(self.key, made)
            _remove_expired(self._cache)
            return made, True

    def _make(self) -> MFASession:
        given = ask_until_accepted(
            self.source,
            self.profile.serial_number,
            lambda token_code: self.connection.get_session_token(
                self.profile, self.credentials, token_code
            ),
        )
        return MFASession(
            credentials=given,
            profile_name=self.profile.name,
            serial_number=self.profile.serial_number,
            authenticated_at=datetime.now(timezone.utc),
            duration_seconds=self.profile.duration_seconds,
        )


def _remove_expired(cache: MFASessionCache) -> None:
    # Imported here: a command that has a session does not get this far.
    from awscli_mfa_plugin.cache.inventory import remove_expired

    remove_expired(cache)
