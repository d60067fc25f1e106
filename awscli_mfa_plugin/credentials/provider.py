# SPDX-License-Identifier: Apache-2.0
"""The credential provider for botocore's chain.

The provider decides whether it applies; the fetcher knows how to get a
session; the credentials object knows when.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from botocore.credentials import (
    CredentialProvider,
    DeferredRefreshableCredentials,
)

from awscli_mfa_plugin.cache.layout import format_time, session_file
from awscli_mfa_plugin.cache.notes import note_session
from awscli_mfa_plugin.cache.roles import LoginRoleStore
from awscli_mfa_plugin.cache.sessions import (
    EXPIRY_WINDOW,
    session_key_in_files,
)
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.credentials.token_code import PromptedTokenCode
from awscli_mfa_plugin.exceptions import (
    LoginRoleEndedError,
    MFAConfigurationError,
    MFAError,
    NoLongTermCredentialsError,
    NotLongTermCredentialsError,
    NotMFAProfileError,
    UnknownProfileError,
    as_fatal,
)
from awscli_mfa_plugin.profiles.long_term import load_credentials
from awscli_mfa_plugin.profiles.settings import (
    MFAProfile,
    Profiles,
    find_long_term_profile,
    has_aws_mfa_session,
    profiles_of,
    read_mfa_profile,
)

logger = logging.getLogger(__name__)

METHOD = 'mfa-session'


class MFASessionCredentials(DeferredRefreshableCredentials):
    """Credentials that are fetched when something is first signed.

    botocore refreshes 15 minutes before the end and insists at 10, which
    a 900-second session would never outlive. The two attributes are
    private to botocore; under other names sessions would be renewed too
    early, which tests/unit/test_provider.py notices.
    """

    _advisory_refresh_timeout = int(EXPIRY_WINDOW.total_seconds())
    _mandatory_refresh_timeout = int(EXPIRY_WINDOW.total_seconds())


class MFASessionProvider(CredentialProvider):
    """Gives the MFA session of a profile that takes part.

    :param session: A ``botocore.session.Session``.
    :param profile_name: The profile whose chain this stands in.
    :param connection: How STS is reached.
    :param on_use: Called when it turns out that this applies.
    """

    METHOD = METHOD
    # botocore asks providers that are not its own to start with "custom".
    CANONICAL_NAME = 'custom-mfa-session'

    def __init__(
        self,
        session: Any,
        profile_name: str,
        connection: STSConnection | None = None,
        on_use: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(session)
        self._profile_name = profile_name
        self._connection = connection
        self._on_use = on_use
        self._give_long_term = False
        self._needs_session = True
        self._may_prompt = True

    def give_long_term_credentials(self) -> None:
        """Give the long-term credentials instead of a session."""
        self._give_long_term = True

    def do_without_session(self) -> None:
        """Give a session that exists, else the long-term credentials."""
        self._needs_session = False

    def never_prompt(self) -> None:
        """Give a session that exists, else leave it to the next provider."""
        self._may_prompt = False

    def load(self) -> Any:
        """Return the credentials, or ``None`` when this is not for us.

        :raises MFAConfigurationError: The profile takes part and its
            settings are wrong.
        """
        profiles = profiles_of(
            self.session, with_roles=not self._give_long_term
        )
        try:
            profile = read_mfa_profile(self._profile_name, profiles)
            credentials = load_credentials(
                self.session, profile.long_term_profile
            )
        except (
            NotMFAProfileError,
            NoLongTermCredentialsError,
            UnknownProfileError,
        ) as reason:
            logger.debug('No MFA session: %s', reason)
            return None
        except MFAConfigurationError as error:
            return self._load_in_spite_of(error, profiles)
        if self._give_long_term:
            logger.debug('This command takes only long-term credentials')
            return credentials
        if credentials.token:
            return self._leave_temporary(profile, credentials)
        fetcher = MFASessionFetcher(
            self.session,
            profile,
            credentials,
            connection=self._connection,
            source=PromptedTokenCode(),
        )
        if self._on_use is not None:
            self._on_use()
        key = session_key_in_files(profile, profiles)
        in_role = login_role_credentials(fetcher, is_noted=key is not None)
        if in_role is not None:
            return in_role
        if fetcher.cached() is None and not self._may_make_session(profiles):
            # None: the next provider's, if it has something.
            return None if self._needs_session else credentials
        return session_credentials(fetcher, is_noted=key is not None)

    def _load_in_spite_of(
        self, error: MFAConfigurationError, profiles: Profiles
    ) -> Any:
        """Return what a command gets whose profile is set up wrongly.

        :raises MFAConfigurationError: The error: it gets nothing.
        """
        if not self._may_prompt:
            return None
        if self._needs_session and not self._give_long_term:
            raise error
        # These commands are how settings are put right.
        try:
            return load_credentials(
                self.session,
                find_long_term_profile(self._profile_name, profiles),
            )
        except MFAError as reason:
            logger.debug('No long-term credentials: %s', reason)
            return None

    def _may_make_session(self, profiles: Profiles) -> bool:
        """Tell whether the command at hand is worth a code.

        With what aws-mfa gave the profile it goes on until that ends:
        nothing changes at once for who has switched the plugin on, and
        whose files name the device where only aws-mfa looks.
        """
        settings = profiles.get(self._profile_name, {})
        if not settings.get('mfa_serial') and has_aws_mfa_session(settings):
            logger.debug('No MFA session: there is one of aws-mfa')
            return False
        return self._needs_session and self._may_prompt

    def _leave_temporary(self, profile: MFAProfile, credentials: Any) -> Any:
        """Return temporary credentials that a profile has of its own.

        Another tool put them there and they work: an MFA session can be
        made from a long-term key only. Asked for in another profile's
        name they are a mistake.

        :raises NotLongTermCredentialsError: They are another profile's.
        """
        if profile.long_term_profile != self._profile_name:
            raise NotLongTermCredentialsError(
                profile=profile.name,
                long_term_profile=profile.long_term_profile,
            )
        logger.debug(
            'No MFA session: profile %s has temporary credentials',
            profile.name,
        )
        return credentials


def session_credentials(
    fetcher: MFASessionFetcher, is_noted: bool = False
) -> MFASessionCredentials:
    """Return botocore's credentials of a session that is yet to be had.

    :param is_noted: Whether to note for quick readers that the session
        serves the profile.
    """
    store = LoginRoleStore(fetcher.key, fetcher.profile.name)

    def refresh() -> dict[str, Any]:
        try:
            mfa_session = fetcher.fetch()
        except MFAError as error:
            raise as_fatal(error) from None
        # Meanwhile a login may have put the profile into a role.
        if is_noted and store.in_force() is None:
            note_session(
                fetcher.profile.name,
                session_file(fetcher.key),
                fetcher.profile.min_remaining,
            )
        return {
            'access_key': mfa_session.access_key_id,
            'secret_key': mfa_session.secret_access_key,
            'token': mfa_session.session_token,
            'expiry_time': format_time(mfa_session.expiration),
            # Some endpoints have it in their names; old botocores do not.
            'account_id': fetcher.account_id,
        }

    return MFASessionCredentials(refresh_using=refresh, method=METHOD)


def login_role_credentials(
    fetcher: MFASessionFetcher,
    own_role_arn: str | None = None,
    is_noted: bool = False,
) -> MFASessionCredentials | None:
    """Return the credentials of the role a profile was logged in to.

    :param own_role_arn: The role that the profile assumes by itself.
    :param is_noted: Whether to note it for quick readers.
    :returns: ``None`` when the profile is not in a role.
    """
    store = LoginRoleStore(fetcher.key, fetcher.profile.name)
    if store.in_force(own_role_arn) is None:
        return None

    def refresh() -> dict[str, Any]:
        # Read anew: another login may have come since.
        login_role = store.load()
        if login_role is None or not login_role.is_usable():
            # Never on as somebody else, who may do other things elsewhere.
            raise as_fatal(
                LoginRoleEndedError(
                    profile=fetcher.profile.name,
                    role=login_role.role_arn if login_role else 'the role',
                )
            )
        if is_noted:
            note_session(fetcher.profile.name, store.file_name)
        return {
            'access_key': login_role.credentials['AccessKeyId'],
            'secret_key': login_role.credentials['SecretAccessKey'],
            'token': login_role.credentials['SessionToken'],
            'expiry_time': format_time(login_role.expiration),
        }

    return MFASessionCredentials(refresh_using=refresh, method=METHOD)
