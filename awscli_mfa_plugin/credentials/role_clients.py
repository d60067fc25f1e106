# SPDX-License-Identifier: Apache-2.0
"""The parts that botocore's ``AssumeRoleProvider`` is given by us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.credentials import CredentialProvider
from botocore.exceptions import ClientError

from awscli_mfa_plugin.credentials.clock import now
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.credentials.making import ask_until_accepted
from awscli_mfa_plugin.credentials.refusals import explain_refusal
from awscli_mfa_plugin.credentials.secret_calls import (
    call_in_time,
    one_attempt,
    read_credentials,
    secret_call,
)
from awscli_mfa_plugin.credentials.token_code import TokenCodeSource
from awscli_mfa_plugin.duration import format_duration
from awscli_mfa_plugin.exceptions import for_host
from awscli_mfa_plugin.exceptions.answers import (
    AgentRoleDeniedError,
    RoleDeniedError,
)
from awscli_mfa_plugin.exceptions.token_codes import (
    NoTerminalError,
    NoTokenCodeForRoleError,
)
from awscli_mfa_plugin.profiles.roles import MFARole

ClientCreator = Callable[..., Any]


class SourceOnly(CredentialProvider):
    """A profile provider builder that knows one source's credentials."""

    METHOD = 'mfa-source'

    def __init__(self, credentials: Any) -> None:
        super().__init__()
        self._credentials = credentials

    def providers(
        self, profile_name: str, disable_env_vars: bool = False
    ) -> list[Any]:
        return [self]

    def load(self) -> Any:
        return self._credentials


class _AssumeRoleClient:
    """An STS client of which only ``assume_role`` is wanted."""

    def __init__(self, assume_role: Callable[..., Any]) -> None:
        self.assume_role = assume_role


def clients_from_session(
    client_creator: ClientCreator,
    fetcher: MFASessionFetcher,
    role: MFARole,
    device_to_set: str,
) -> ClientCreator:
    """Return a client creator whose refusals tell the session's age.

    :param device_to_set: What asking for the role directly takes besides.
    """

    def explain(error: Any) -> Any:
        mfa_session = fetcher.cached()
        if mfa_session is None:
            return error
        passed = now() - mfa_session.authenticated_at
        age = format_duration(passed.total_seconds())
        if role.agent_role_of is not None:
            return AgentRoleDeniedError(
                error, age=age, profile=role.agent_role_of
            )
        return RoleDeniedError(
            error, age=age, profile=role.name, device=device_to_set
        )

    return _clients_that_explain(client_creator, explain)


def clients_with_token_code(
    client_creator: ClientCreator, role: MFARole, source: TokenCodeSource
) -> ClientCreator:
    """Return a client creator that asks for the code of each call."""

    def create(service_name: str, **kwargs: Any) -> _AssumeRoleClient:
        seconds = role.base.timeout_seconds
        client = client_creator(service_name, config=one_attempt(), **kwargs)

        def assume_role(**parameters: Any) -> Any:
            try:
                if not role.base.may_prompt:
                    raise NoTerminalError()
                source.check_available()
            except NoTerminalError:
                raise _no_code(role) from None

            def call(token_code: str) -> Any:
                asked_at = now()
                try:
                    return _answer(
                        call_in_time(
                            lambda: client.assume_role(
                                **{**parameters, 'TokenCode': token_code}
                            ),
                            seconds,
                        ),
                        asked_at,
                    )
                except ClientError as error:
                    raise explain_refusal(error, role.base) from None

            # The person may have given a code for a session already.
            return ask_until_accepted(
                source,
                parameters['SerialNumber'],
                call,
                why=(
                    f'Profile {role.name} needs an MFA code of its own '
                    f'({role.direct}).'
                ),
            )

        return _AssumeRoleClient(assume_role)

    return create


def clients_without_token_code(
    client_creator: ClientCreator, role: MFARole
) -> ClientCreator:
    """Return a client creator for a role that may need no code.

    Its refusals say that it does.
    """
    return _clients_that_explain(client_creator, lambda _: _no_code(role))


def _clients_that_explain(
    client_creator: ClientCreator, explain: Callable[[Any], Any]
) -> ClientCreator:
    """Return a client creator whose calls carry no code.

    :param explain: Takes the ``ClientError`` of a role that AWS denies, and
        returns the error that is raised.
    """

    def create(service_name: str, **kwargs: Any) -> _AssumeRoleClient:
        client = client_creator(service_name, **kwargs)

        def assume_role(**parameters: Any) -> Any:
            asked_at = now()
            try:
                with secret_call():
                    response = client.assume_role(**parameters)
                return _answer(response, asked_at)
            except ClientError as error:
                if error.response['Error']['Code'] != 'AccessDenied':
                    raise
                raise explain(error) from None

        return _AssumeRoleClient(assume_role)

    return create


def _no_code(role: MFARole) -> Exception:
    return for_host(
        NoTokenCodeForRoleError(profile=role.name, reason=role.direct)
    )


def _answer(response: Any, asked_at: datetime) -> dict[str, Any]:
    """Return what botocore's provider reads of AssumeRole's answer."""
    credentials = read_credentials(response, asked_at)
    return {**response, 'Credentials': credentials.as_json()}
