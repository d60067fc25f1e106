# SPDX-License-Identifier: Apache-2.0
"""One MFA session: from the cache, else from STS."""

from __future__ import annotations

from typing import Any

from awscli_mfa_plugin.cache.layout import session_key
from awscli_mfa_plugin.cache.sessions import MFASession, MFASessionCache
from awscli_mfa_plugin.profiles.settings import MFAProfile
from awscli_mfa_plugin.temporary_credentials import MIN_REMAINING_SECONDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from awscli_mfa_plugin.credentials.sts import STSConnection
    from awscli_mfa_plugin.credentials.token_code import TokenCodeSource


class MFASessionFetcher:
    """Gets the MFA session of one profile.

    This is a cache around one call of STS, as botocore's own fetcher is
    for roles. Two things keep it from being the same class: the call
    spends a token code, so that it is made under a lock and its failure is
    remembered; and a profile may want a session that lasts longer.

    :ivar key: The name of the session in the cache.
    :ivar cache: Where it is kept.
    :ivar min_remaining: How long a session must last, in seconds.
    :ivar gave_up: Why no session could be made, once that is known.
    :param credentials: The profile's long-term credentials.
    :param source: Where a token code comes from if one is needed; by
        default from where the profile says.
    """

    def __init__(
        self,
        connection: STSConnection,
        profile: MFAProfile,
        credentials: Any,
        source: TokenCodeSource | None = None,
    ) -> None:
        self.connection = connection
        self.profile = profile
        self.credentials = credentials
        self._source = source
        self.key = session_key(credentials.access_key)
        self.cache = MFASessionCache()
        self.min_remaining = profile.min_remaining
        self.gave_up: Exception | None = None

    @property
    def source(self) -> TokenCodeSource:
        """Where a token code comes from."""
        if self._source is None:
            from awscli_mfa_plugin.credentials.mfa_process import (
                code_source_of,
            )

            self._source = code_source_of(self.profile)
        return self._source

    @property
    def account_id(self) -> str | None:
        """The account that the long-term credentials say they are of."""
        return getattr(self.credentials, 'account_id', None)

    def cached(self) -> MFASession | None:
        """Return the session in the cache, if it lasts long enough."""
        mfa_session = self.cache.get(self.key)
        if mfa_session is not None and mfa_session.credentials.is_usable(
            self.min_remaining
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
        mfa_session = self.cached()
        if mfa_session is None:
            if self.gave_up is not None:
                raise self.gave_up
            # Imported here: a command that has a session makes none.
            from awscli_mfa_plugin.credentials.making import make_for_command

            mfa_session = make_for_command(self)
        self.min_remaining = MIN_REMAINING_SECONDS
        return mfa_session

    def check_cache(self) -> None:
        """Check that what a login makes could be kept.

        :raises CacheWriteError: It could not, and a code would be lost.
        """
        self.cache.check_writable()

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
        from awscli_mfa_plugin.credentials.making import renew

        return renew(self, before)
