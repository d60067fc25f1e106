# SPDX-License-Identifier: Apache-2.0
"""The provider of MFA sessions.

The provider decides whether it applies; the fetcher knows how to get a
session; the credentials object knows when.
"""

from __future__ import annotations

import logging
from typing import Any

from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.credentials.refreshing import (
    ServingNote,
    login_role_credentials,
    session_credentials,
    warn_of_end,
    warn_of_role_end,
)
from awscli_mfa_plugin.exceptions import (
    MFAConfigurationError,
    MFAError,
    NoLongTermCredentialsError,
    NotMFAProfileError,
    UnknownProfileError,
)
from awscli_mfa_plugin.needs import Needs
from awscli_mfa_plugin.profiles.aws_mfa import has_aws_mfa_session, profiles_of
from awscli_mfa_plugin.profiles.long_term import load_credentials, same_keys
from awscli_mfa_plugin.profiles.settings import (
    MFAProfile,
    Profiles,
    find_long_term_profile,
    read_mfa_profile,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from awscli_mfa_plugin.credentials.sts import STSConnection

logger = logging.getLogger(__name__)


class MFASessionProvider:
    """Gives the MFA session of a profile that takes part.

    :param profile_name: The profile whose chain this stands in.
    :param needs: What the command at hand needs.
    """

    def __init__(
        self, profile_name: str, connection: STSConnection, needs: Needs
    ) -> None:
        self._profile_name = profile_name
        self._connection = connection
        self._needs = needs

    def load(self) -> Any:
        """Return the credentials, or ``None`` when this is not for us.

        :raises MFAConfigurationError: The profile takes part and its
            settings are wrong.
        """
        session = self._connection.session
        profiles = profiles_of(session, with_roles=not self._needs.long_term)
        try:
            with same_keys(session):
                profile = read_mfa_profile(self._profile_name, profiles)
                credentials = load_credentials(
                    session, profile.long_term_profile
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
        if self._needs.long_term:
            logger.debug('This command takes only long-term credentials')
            return credentials
        if credentials.token:
            self._check_temporary(profile)
            return None
        fetcher = MFASessionFetcher(self._connection, profile, credentials)
        login_role = LoginRole(fetcher.key, profile.name)
        note = ServingNote(profile, login_role)
        in_role = login_role_credentials(profile.name, login_role, note)
        if in_role is not None:
            warn_of_role_end(self._needs, profile, login_role)
            return in_role
        mfa_session = fetcher.cached()
        if mfa_session is not None:
            warn_of_end(self._needs, fetcher, mfa_session)
        elif not self._may_make_session(profiles):
            # None: the next provider may have something.
            return None if self._needs.session else credentials
        return session_credentials(fetcher, note)

    def _load_in_spite_of(
        self, error: MFAConfigurationError, profiles: Profiles
    ) -> Any:
        """Return what a command gets whose profile is set up wrongly.

        :raises MFAConfigurationError: The error: it gets nothing.
        """
        if not self._needs.prompt:
            return None
        if self._needs.session and not self._needs.long_term:
            raise error
        # These commands are how settings are put right.
        try:
            return load_credentials(
                self._connection.session,
                find_long_term_profile(self._profile_name, profiles),
            )
        except MFAError as reason:
            logger.debug('No long-term credentials: %s', reason)
            return None

    def _may_make_session(self, profiles: Profiles) -> bool:
        """Tell whether the command at hand is worth a code.

        A session that aws-mfa wrote into the profile is used until it
        expires: switching the plugin on changes nothing at once for a
        profile whose files name the device where only aws-mfa looks.
        """
        settings = profiles.get(self._profile_name, {})
        if not settings.get('mfa_serial') and has_aws_mfa_session(settings):
            logger.debug('No MFA session: there is one of aws-mfa')
            return False
        return self._needs.session and self._needs.prompt

    def _check_temporary(self, profile: MFAProfile) -> None:
        """Leave temporary credentials alone that a profile has of its own.

        Another tool put them there and they work: an MFA session can be
        made from a long-term key only. Asked for in another profile's
        name they are a mistake.

        :raises NotLongTermCredentialsError: They are another profile's.
        """
        if profile.long_term_profile != self._profile_name:
            # Imported here: most profiles have a key where one is looked for.
            from awscli_mfa_plugin.exceptions.profiles import (
                NotLongTermCredentialsError,
            )

            raise NotLongTermCredentialsError(
                profile=profile.name,
                long_term_profile=profile.long_term_profile,
            )
        logger.debug(
            'No MFA session: profile %s has temporary credentials',
            profile.name,
        )
