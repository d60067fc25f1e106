# SPDX-License-Identifier: Apache-2.0
"""botocore's credentials of sessions, which are fetched when they sign."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from botocore.credentials import DeferredRefreshableCredentials

from awscli_mfa_plugin import BROKEN_PART, broken
from awscli_mfa_plugin.cache.layout import session_file
from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.cache.notes import note_session
from awscli_mfa_plugin.cache.sessions import MFASession
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.exceptions import MFAError, for_host
from awscli_mfa_plugin.needs import Needs
from awscli_mfa_plugin.profiles.settings import MFAProfile
from awscli_mfa_plugin.temporary_credentials import (
    MIN_REMAINING_SECONDS,
    parse_time,
)

# "aws configure list" shows this as the type of the credentials.
METHOD = 'mfa-session'


class MFASessionCredentials(DeferredRefreshableCredentials):
    """Credentials that are fetched when something is first signed.

    botocore refreshes 15 minutes before the end and insists at 10, which
    a 900-second session would never outlive. The two attributes are
    private to botocore; under other names sessions would be renewed too
    early, which tests/unit/credentials/test_provider.py notices.

    botocore has dateutil read when they end, which takes UTC for the local
    time where TZ calls that UTC, as TZ=UTC+9 does. So that is read anew;
    tests/unit/credentials/test_refreshing.py notices other names.
    """

    _advisory_refresh_timeout = MIN_REMAINING_SECONDS
    _mandatory_refresh_timeout = MIN_REMAINING_SECONDS

    def __init__(self, refresh_using: Callable[[], dict[str, Any]]) -> None:
        super().__init__(
            refresh_using,
            METHOD,
            time_fetcher=lambda: datetime.now(timezone.utc),
        )

    def _set_from_data(self, data: dict[str, Any]) -> None:
        super()._set_from_data(data)
        self._expiry_time = parse_time(data['expiry_time'])


class ServingNote:
    """The note of which file of the cache serves a profile.

    It is kept for ``awscli-mfa``, which reads nothing else. It is kept
    only for a profile whose access key stands in the config files:
    ``awscli-mfa`` sees when those change, and not what a
    ``credential_process`` would give now.

    :param login_role: The role that the profile may be logged in to. As
        long as there is one, no other file serves the profile.
    """

    def __init__(self, profile: MFAProfile, login_role: LoginRole) -> None:
        self._profile_name = profile.name
        self._is_kept = profile.access_key_id is not None
        self._has_agent_role = profile.has_agent_role
        self._login_role = login_role

    def write(
        self, file_name: str, min_remaining: int = MIN_REMAINING_SECONDS
    ) -> None:
        """Note a file that has just served, if it is the one that does.

        :param min_remaining: How long its session must last, in seconds.
        """
        if not self._is_kept:
            return
        # A login may have put the profile into a role meanwhile.
        if (
            file_name == self._login_role.file_name
            or self._login_role.current() is None
        ):
            note_session(
                self._profile_name,
                file_name,
                min_remaining,
                self._has_agent_role,
            )


def session_credentials(
    fetcher: MFASessionFetcher, note: ServingNote | None = None
) -> MFASessionCredentials:
    """Return botocore's credentials of a session that is yet to be had.

    :param note: Is written whenever the session serves its profile.
    """

    def refresh() -> dict[str, Any]:
        try:
            mfa_session = fetcher.fetch()
        except MFAError as error:
            raise for_host(error) from None
        except BROKEN_PART as error:
            raise broken(error) from error
        if note is not None:
            note.write(
                session_file(fetcher.key), fetcher.profile.min_remaining
            )
        return {
            **mfa_session.credentials.as_refreshed(),
            'account_id': fetcher.account_id,
        }

    return MFASessionCredentials(refresh)


def login_role_credentials(
    profile_name: str, login_role: LoginRole, note: ServingNote
) -> MFASessionCredentials | None:
    """Return the credentials of the role a profile was logged in to.

    :returns: ``None`` when the profile is not in a role.
    """
    current = login_role.current()
    if current is None:
        return None
    # Imported here: few profiles are in a role.
    from awscli_mfa_plugin.exceptions.profiles import LoginRoleEndedError

    role_arn = current.role_arn

    def refresh() -> dict[str, Any]:
        # Read anew: another login may have come since.
        role = login_role.load()
        if role is None or not role.credentials.is_usable():
            # The user's own permissions may be others, so the command
            # never goes on with them.
            raise for_host(
                LoginRoleEndedError(
                    profile=profile_name,
                    role=role.role_arn if role else role_arn,
                )
            )
        note.write(login_role.file_name)
        return role.credentials.as_refreshed()

    return MFASessionCredentials(refresh)


def warn_of_end(
    needs: Needs, fetcher: MFASessionFetcher, mfa_session: MFASession
) -> None:
    """Tell a person that a profile's MFA session ends soon, if it does."""
    credentials, profile = mfa_session.credentials, fetcher.profile
    if needs.warning and not credentials.is_usable(profile.warn_before):
        from awscli_mfa_plugin.credentials.ending import tell_of_end

        tell_of_end(
            profile,
            credentials,
            mfa_session.duration_seconds,
            session_file(fetcher.key),
        )


def warn_of_role_end(
    needs: Needs, profile: MFAProfile, login_role: LoginRole
) -> None:
    """Tell a person that the role of a login ends soon, if it does."""
    role = login_role.load() if needs.warning else None
    if role is not None and not role.credentials.is_usable(
        profile.warn_before
    ):
        from awscli_mfa_plugin.credentials.ending import tell_of_end

        tell_of_end(
            profile,
            role.credentials,
            role.parameters.get('DurationSeconds', 0),
            login_role.file_name,
            role.role_arn,
        )
