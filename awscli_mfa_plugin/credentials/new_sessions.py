# SPDX-License-Identifier: Apache-2.0
"""The sessions that ``aws mfa login`` starts: the user's, or a role's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.credentials import Credentials

from awscli_mfa_plugin.cache.layout import session_file
from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.credentials.making import ask_until_accepted
from awscli_mfa_plugin.exceptions.answers import STSRefusedError
from awscli_mfa_plugin.exceptions.token_codes import NoTerminalError
from awscli_mfa_plugin.profiles.roles import MAX_CHAINED_SECONDS
from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials

# aws-mfa's, and the default of AssumeRole itself, in seconds.
DEFAULT_ROLE_SECONDS = 3600


@dataclass(frozen=True)
class RoleRequest:
    """A role that a login is to end in.

    :ivar duration_seconds: How long it is to last, in seconds.
    :ivar chosen: The parameters that somebody asked for; the others may
        be as they are in a session that is there.
    """

    role_arn: str
    role_session_name: str
    duration_seconds: int = DEFAULT_ROLE_SECONDS
    external_id: str | None = None
    chosen: tuple[str, ...] = ()

    @property
    def is_chainable(self) -> bool:
        """Whether AWS gives it to an MFA session."""
        return self.duration_seconds <= MAX_CHAINED_SECONDS

    def is_met_by(self, made_with: Mapping[str, Any]) -> bool:
        """Tell whether a role session made earlier is what is wanted."""
        parameters = self.parameters()
        return all(
            made_with.get(name) == parameters[name]
            for name in ('RoleArn', *self.chosen)
        )

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of AssumeRole."""
        parameters: dict[str, Any] = {
            'RoleArn': self.role_arn,
            'RoleSessionName': self.role_session_name,
            'DurationSeconds': self.duration_seconds,
        }
        if self.external_id is not None:
            parameters['ExternalId'] = self.external_id
        return parameters


@dataclass(frozen=True)
class StartedSession:
    """What a profile's commands are signed with after a login.

    :ivar is_new: Whether the login made it.
    :ivar role_arn: The role, when it is one's session.
    :ivar file_name: That of the session in the cache.
    """

    credentials: TemporaryCredentials
    is_new: bool
    file_name: str
    role_arn: str | None = None


def start_user_session(
    fetcher: MFASessionFetcher, login_role: LoginRole, force: bool
) -> StartedSession:
    """Have a profile be the user, with an MFA session.

    :raises MFAError: No session could be had.
    """
    mfa_session, is_new = fetcher.renew(force=force)
    # Only now: a login that fails changes nothing.
    login_role.forget()
    return StartedSession(
        credentials=mfa_session.credentials,
        is_new=is_new,
        file_name=session_file(fetcher.key),
    )


def start_role_session(
    fetcher: MFASessionFetcher,
    login_role: LoginRole,
    request: RoleRequest,
    force: bool,
) -> StartedSession:
    """Have a profile be a role.

    With a valid MFA session the role is assumed from that, and no code is
    asked for. It is assumed from the long-term credentials with a code
    where there is no session, where AWS denies the role to the session,
    and when it is to last longer than AWS allows from one.

    :raises STSRefusedError: STS refused; the class says what is known.
    :raises NoTerminalError: A code is needed and there is none.
    :raises MFAError: No session could be had.
    """
    kept = None if force else _kept_role(login_role, request)
    if kept is not None:
        credentials = kept
    else:
        credentials = _assume(fetcher, request, force)
        login_role.remember(request.parameters(), credentials)
    return StartedSession(
        credentials=credentials,
        is_new=kept is None,
        file_name=login_role.file_name,
        role_arn=request.role_arn,
    )


def needs_no_code(
    fetcher: MFASessionFetcher,
    login_role: LoginRole,
    request: RoleRequest | None,
) -> bool:
    """Tell whether a login that is not forced could go without a code.

    :param request: The role that it is to end in, if any.
    """
    if request is not None:
        if _kept_role(login_role, request) is not None:
            return True
        if not request.is_chainable:
            return False
    return fetcher.cached() is not None


def _kept_role(
    login_role: LoginRole, request: RoleRequest
) -> TemporaryCredentials | None:
    current = login_role.load()
    if (
        current is not None
        and current.credentials.is_usable()
        and request.is_met_by(current.parameters)
    ):
        return current.credentials
    return None


def _assume(
    fetcher: MFASessionFetcher, request: RoleRequest, force: bool
) -> TemporaryCredentials:
    mfa_session = None if force else fetcher.cached()
    if mfa_session is None or not request.is_chainable:
        return _assume_with_code(fetcher, request)
    session_credentials = Credentials(
        mfa_session.credentials.access_key_id,
        mfa_session.credentials.secret_access_key,
        mfa_session.credentials.session_token,
    )
    try:
        return fetcher.connection.assume_role(
            fetcher.profile, session_credentials, **request.parameters()
        )
    except STSRefusedError as refusal:
        if refusal.response['Error']['Code'] != 'AccessDenied':
            raise
        try:
            fetcher.source.check_available()
        except NoTerminalError:
            raise refusal from None
    # The role may want a code that is more recent than the session's.
    return _assume_with_code(fetcher, request)


def _assume_with_code(
    fetcher: MFASessionFetcher, request: RoleRequest
) -> TemporaryCredentials:
    fetcher.source.check_available()
    fetcher.check_cache()
    serial_number = fetcher.profile.serial_number
    return ask_until_accepted(
        fetcher.source,
        serial_number,
        lambda token_code: fetcher.connection.assume_role(
            fetcher.profile,
            fetcher.credentials,
            **request.parameters(),
            SerialNumber=serial_number,
            TokenCode=token_code,
        ),
    )
