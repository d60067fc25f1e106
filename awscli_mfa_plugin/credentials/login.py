# SPDX-License-Identifier: Apache-2.0
"""What a login does, whichever command asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from awscli_mfa_plugin.cache.layout import parse_time, session_file
from awscli_mfa_plugin.cache.roles import LoginRoleStore
from awscli_mfa_plugin.cache.sessions import MFASession
from awscli_mfa_plugin.credentials.fetcher import (
    MFASessionFetcher,
    ask_until_accepted,
)
from awscli_mfa_plugin.credentials.sts import (
    STSConnection,
    call_sts,
    explain_refusal,
)
from awscli_mfa_plugin.credentials.token_code import TokenCodeSource
from awscli_mfa_plugin.exceptions import NoTerminalError, STSRefusedError
from awscli_mfa_plugin.profiles.roles import MAX_CHAINED_SECONDS

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

    def is_met_by(self, made_with: dict[str, Any]) -> bool:
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
class LoginResult:
    """What a profile's commands are signed with after a login.

    :ivar credentials: ``AccessKeyId``, ``SecretAccessKey`` and
        ``SessionToken``.
    :ivar is_new: Whether the login made it.
    :ivar role_arn: The role, when it is one's session.
    :ivar file_name: That of the session in the cache.
    """

    credentials: dict[str, str]
    expiration: datetime
    is_new: bool
    file_name: str
    role_arn: str | None = None


def log_in(
    fetcher: MFASessionFetcher, store: LoginRoleStore, force: bool
) -> LoginResult:
    """Log a profile in as the user.

    :raises MFAError: No session could be had.
    """
    mfa_session, is_new = fetcher.login(force=force)
    # Only now: a login that fails changes nothing.
    store.forget()
    return LoginResult(
        credentials={
            'AccessKeyId': mfa_session.access_key_id,
            'SecretAccessKey': mfa_session.secret_access_key,
            'SessionToken': mfa_session.session_token,
        },
        expiration=mfa_session.expiration,
        is_new=is_new,
        file_name=session_file(fetcher.key),
    )


@dataclass(frozen=True)
class RoleLogin:
    """A login that ends in a role.

    With a valid MFA session the role is assumed from that, and no code is
    asked for; else, or when it is to last longer than AWS allows from a
    session, or is denied to it, from the long-term credentials with a
    code.
    """

    session: Any
    fetcher: MFASessionFetcher
    credentials: Any
    connection: STSConnection
    source: TokenCodeSource
    store: LoginRoleStore

    def log_in(self, request: RoleRequest, force: bool) -> LoginResult:
        """Log the profile in to a role.

        :raises STSRefusedError: STS refused; the class says what is known.
        :raises NoTerminalError: A code is needed and there is none.
        :raises MFAError: No session could be had.
        """
        current = self.store.load()
        if (
            current is not None
            and not force
            and current.is_usable()
            and request.is_met_by(current.parameters)
        ):
            return LoginResult(
                credentials=current.credentials,
                expiration=current.expiration,
                is_new=False,
                file_name=self.store.file_name,
                role_arn=current.role_arn,
            )
        mfa_session = None if force else self.fetcher.cached()
        if (
            mfa_session is not None
            and request.duration_seconds <= MAX_CHAINED_SECONDS
        ):
            response = self._assume_from_or_ask(mfa_session, request)
        else:
            response = self._assume_with_code(request)
        self.store.remember(request.parameters(), response)
        return LoginResult(
            credentials=response['Credentials'],
            expiration=parse_time(response['Credentials']['Expiration']),
            is_new=True,
            file_name=self.store.file_name,
            role_arn=request.role_arn,
        )

    def _assume_from_or_ask(
        self, mfa_session: MFASession, request: RoleRequest
    ) -> dict[str, Any]:
        try:
            return self._assume_from(mfa_session, request)
        except STSRefusedError as refusal:
            code = refusal.response['Error'].get('Code')
            if code != 'AccessDenied' or not self.source.is_available():
                raise
        # The role may want a code that is more recent than the session's.
        return self._assume_with_code(request)

    def _assume_from(
        self, mfa_session: MFASession, request: RoleRequest
    ) -> dict[str, Any]:
        credentials = Credentials(
            mfa_session.access_key_id,
            mfa_session.secret_access_key,
            mfa_session.session_token,
        )
        return self._call(credentials, request)

    def _assume_with_code(self, request: RoleRequest) -> dict[str, Any]:
        if not self.source.is_available():
            raise NoTerminalError()
        serial_number = self.fetcher.profile.serial_number
        return ask_until_accepted(
            self.source,
            serial_number,
            lambda token_code: self._call(
                self.credentials,
                request,
                SerialNumber=serial_number,
                TokenCode=token_code,
            ),
        )

    def _call(
        self, credentials: Any, request: RoleRequest, **mfa: str
    ) -> dict[str, Any]:
        profile = self.fetcher.profile
        try:
            return call_sts(
                self.session,
                self.connection,
                profile,
                credentials,
                'AssumeRole',
                **request.parameters(),
                **mfa,
            )
        except ClientError as error:
            raise explain_refusal(error, profile) from None
