# SPDX-License-Identifier: Apache-2.0
"""One MFA session: from the cache, else from STS."""

from __future__ import annotations

import logging
import sys
from typing import Any

from awscli_mfa_plugin.cache import MFASession, MFASessionCache, session_key
from awscli_mfa_plugin.exceptions import (
    CacheWriteError,
    NoMFASessionError,
    NoTerminalError,
    TokenCodeRefusedError,
)
from awscli_mfa_plugin.profiles import MFAProfile
from awscli_mfa_plugin.sts import STSConnection, get_session_token
from awscli_mfa_plugin.token_code import PromptedTokenCode, TokenCodeSource

logger = logging.getLogger(__name__)

# How often one person is asked before the command gives up. AWS locks a
# device after about ten refusals.
MAX_ATTEMPTS = 3


class MFASessionFetcher:
    """Gets the MFA session of one profile.

    :param session: A ``botocore.session.Session``.
    :param credentials: The profile's long-term credentials.
    :param source: Where a token code comes from if one is needed.
    """

    def __init__(
        self,
        session: Any,
        profile: MFAProfile,
        credentials: Any,
        connection: STSConnection | None = None,
        cache: MFASessionCache | None = None,
        source: TokenCodeSource | None = None,
    ) -> None:
        self.profile = profile
        self._session = session
        self._credentials = credentials
        self._connection = connection or STSConnection()
        self._cache = cache or MFASessionCache()
        self._source = source or PromptedTokenCode()

    def cached(self) -> MFASession | None:
        """Return the session in the cache, if it is still usable."""
        mfa_session = self._cache.get(self._key())
        if mfa_session is not None and mfa_session.is_usable():
            return mfa_session
        return None

    def fetch(self) -> MFASession:
        """Return a usable session for a command that goes on with it.

        :raises NoMFASessionError: There is none, and nobody may be or can
            be asked for a code.
        :raises MFAError: No session could be made.
        """
        found = self.cached()
        if found is not None:
            return found
        if not (self.profile.may_prompt and self._source.is_available()):
            raise NoMFASessionError(profile=self.profile.name)
        with self._cache.locked(self._key()):
            # Whoever held the lock has made the session meanwhile.
            found = self.cached()
            if found is not None:
                return found
            made = self._make()
            try:
                self._cache.put(self._key(), made)
            except CacheWriteError as error:
                # The code is spent: the command at hand shall have what
                # it bought.
                sys.stderr.write(f'\n{error}\n')
            return made

    def login(self, force: bool = False) -> tuple[MFASession, bool]:
        """Return a session that is in the cache, and whether it is new.

        :param force: Make a new one even if one is still usable.
        :raises NoTerminalError: A code is needed and there is none.
        :raises CacheWriteError: The session could not be kept.
        :raises MFAError: No session could be made.
        """
        before = self.cached()
        if before is not None and not force:
            return before, False
        if not self._source.is_available():
            raise NoTerminalError()
        with self._cache.locked(self._key()):
            found = self.cached()
            if found is not None and found != before:
                # Another process logged in while this one waited.
                return found, False
            made = self._make()
            self._cache.put(self._key(), made)
            return made, True

    def _make(self) -> MFASession:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            token_code = self._source.token_code(self.profile.serial_number)
            try:
                return get_session_token(
                    self._session,
                    self._connection,
                    self.profile,
                    self._credentials,
                    token_code,
                )
            except TokenCodeRefusedError as error:
                if attempt == MAX_ATTEMPTS or not self._source.ask_again_after(
                    error.remedy
                ):
                    raise
        raise AssertionError('the last attempt returns or raises')

    def _key(self) -> str:
        return session_key(
            self._credentials.access_key, self.profile.serial_number
        )
