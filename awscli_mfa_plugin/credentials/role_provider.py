# SPDX-License-Identifier: Apache-2.0
"""The credential provider for roles behind an MFA session."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from botocore.credentials import AssumeRoleProvider, CredentialProvider
from botocore.exceptions import ClientError

from awscli_mfa_plugin.cache.layout import MIN_REMAINING_SECONDS
from awscli_mfa_plugin.cache.notes import note_session
from awscli_mfa_plugin.cache.roles import LoginRoleStore, RoleSessionCache
from awscli_mfa_plugin.cache.sessions import session_key_in_files
from awscli_mfa_plugin.credentials.fetcher import (
    MFASessionFetcher,
    ask_until_accepted,
)
from awscli_mfa_plugin.credentials.provider import (
    login_role_credentials,
    session_credentials,
)
from awscli_mfa_plugin.credentials.sts import (
    STSConnection,
    explain_refusal,
    one_attempt,
    read_answer,
    secret_call,
)
from awscli_mfa_plugin.credentials.token_code import (
    PromptedTokenCode,
    TokenCodeSource,
)
from awscli_mfa_plugin.duration import format_duration
from awscli_mfa_plugin.exceptions import (
    MFAConfigurationError,
    NoLongTermCredentialsError,
    NotMFAProfileError,
    NoTokenCodeForRoleError,
    RoleDeniedError,
    UnknownProfileError,
    as_argument,
    as_fatal,
)
from awscli_mfa_plugin.profiles.long_term import load_credentials
from awscli_mfa_plugin.profiles.roles import MFARole, is_role, read_mfa_role
from awscli_mfa_plugin.profiles.settings import (
    Profiles,
    has_aws_mfa_session,
    profiles_of,
)

logger = logging.getLogger(__name__)

METHOD = 'mfa-assume-role'


class MFARoleProvider(CredentialProvider):
    """Gives a role's credentials, assumed from an MFA session.

    It stands before botocore's own provider of roles, which goes on with
    whatever this one leaves alone.

    :param session: A ``botocore.session.Session``.
    :param profile_name: The profile whose chain this stands in.
    :param client_creator: Makes clients as botocore's own provider does.
    :param direct_cache: Where botocore's own provider keeps role sessions.
    :param on_use: Called when it turns out that this applies.
    """

    METHOD = METHOD
    CANONICAL_NAME = 'custom-mfa-assume-role'

    def __init__(
        self,
        session: Any,
        profile_name: str,
        client_creator: Callable[..., Any],
        direct_cache: Any,
        connection: STSConnection | None = None,
        source: TokenCodeSource | None = None,
        on_use: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(session)
        self._on_use = on_use
        self._profile_name = profile_name
        self._client_creator = client_creator
        self._direct_cache = direct_cache
        self._connection = connection
        self._source = source or PromptedTokenCode()
        self._may_prompt = True
        self._give_long_term = False

    def give_long_term_credentials(self) -> None:
        """Leave a role of aws-mfa's layout to the provider of sessions."""
        self._give_long_term = True

    def never_prompt(self) -> None:
        """Use a session that exists, else leave it to the next provider."""
        self._may_prompt = False

    def load(self) -> Any:
        """Return the credentials, or ``None`` when this is not for us.

        :raises MFAConfigurationError: The role takes part and its
            settings, or those it leads to, are wrong.
        """
        profiles = self._profiles()
        if not is_role(self._profile_name, profiles):
            return None
        try:
            role = read_mfa_role(self._profile_name, profiles)
            credentials = load_credentials(
                self.session, role.base.long_term_profile
            )
        except (
            NotMFAProfileError,
            NoLongTermCredentialsError,
            UnknownProfileError,
        ) as reason:
            logger.debug('No MFA session for a role: %s', reason)
            return None
        except MFAConfigurationError:
            if self._may_prompt:
                raise
            return None
        if credentials.token:
            logger.debug('No MFA session for a role: its source is temporary')
            return None
        if self._on_use is not None:
            self._on_use()
        fetcher = self._fetcher(role, credentials)
        is_noted = session_key_in_files(role.base, profiles) is not None
        in_role = login_role_credentials(
            fetcher,
            own_role_arn=self._role_arn(role.name),
            is_noted=is_noted,
        )
        if in_role is not None:
            return in_role
        if not self._may_go_on(role, fetcher):
            return None
        if role.direct is not None:
            logger.debug(
                'Role %s is assumed directly: %s', role.hops[-1], role.direct
            )
            return self._assume_directly(role, credentials, fetcher)
        return self._assume_from_session(role, fetcher, is_noted)

    def _may_go_on(self, role: MFARole, fetcher: MFASessionFetcher) -> bool:
        """Tell whether there is a session, or one is worth a code.

        As long as aws-mfa's session of a role lasts, that one is used; a
        role that the profile itself names was never aws-mfa's to assume.
        """
        if not self._may_prompt and role.direct is not None:
            return False
        if fetcher.cached() is not None:
            return True
        profiles = self.session.full_config['profiles']
        settings = profiles.get(self._profile_name, {})
        if 'role_arn' not in settings and has_aws_mfa_session(settings):
            return False
        return self._may_prompt

    def _assume_from_session(
        self, role: MFARole, fetcher: MFASessionFetcher, is_noted: bool
    ) -> Any:
        if self._may_prompt and (
            role.base.min_remaining > MIN_REMAINING_SECONDS
        ):
            # A cached role would hide how little its session has left.
            fetcher.fetch()
        return self._assume_hops(
            role.hops,
            session_credentials(fetcher),
            fetcher,
            client_creator=_from_session(
                self._client_creator, fetcher, role, self._device_to_set(role)
            ),
            is_noted=is_noted,
        )

    def _device_to_set(self, role: MFARole) -> str:
        """Return what asking for a role directly takes besides."""
        last = role.hops[-1]
        if self._profiles()[last].get('mfa_serial'):
            return ''
        return (
            f' and: aws configure set mfa_serial {role.base.serial_number} '
            f'--profile {as_argument(last)}'
        )

    def _assume_hops(
        self,
        hops: tuple[str, ...],
        source_credentials: Any,
        fetcher: MFASessionFetcher,
        client_creator: Callable[..., Any],
        source_roles: tuple[str, ...] = (),
        is_noted: bool = False,
    ) -> Any:
        """Return botocore's credentials of the first of several roles.

        :param hops: Their profiles; the last one is assumed first.
        :param source_roles: What tells this way to it from others.
        :param is_noted: Whether to note for quick readers which session
            serves the profile.
        """
        store = LoginRoleStore(fetcher.key, self._profile_name)

        def note(file_name: str) -> None:
            # Meanwhile a login may have put the profile into another role.
            if store.in_force(self._role_arn(hops[0])) is None:
                note_session(self._profile_name, file_name)

        found = source_credentials
        for hop in reversed(hops):
            role_arn = self._role_arn(hop)
            found = self._assume(
                hop,
                found,
                cache=RoleSessionCache(
                    fetcher.key,
                    hop,
                    role_arn,
                    source_roles,
                    on_use=note if is_noted and hop == hops[0] else None,
                ),
                client_creator=client_creator,
            )
            source_roles = (*source_roles, role_arn)
        return found

    def _fetcher(self, role: MFARole, credentials: Any) -> MFASessionFetcher:
        return MFASessionFetcher(
            self.session,
            role.base,
            credentials,
            connection=self._connection,
            source=self._source,
        )

    def _assume_directly(
        self, role: MFARole, credentials: Any, fetcher: MFASessionFetcher
    ) -> Any:
        """Assume the last hop with a code, and the others from it.

        Without an ``mfa_serial`` of its own, and asked for with
        ``mfa_role_sessions``, the role is left to botocore: its old
        behaviour knows no code then.
        """
        last = role.hops[-1]
        serial_number = self._profiles()[last].get('mfa_serial')
        if serial_number is None:
            if role.asked_for_direct:
                return None
            serial_number = role.base.serial_number
        found = self._assume(
            last,
            credentials,
            # botocore's own, where its name has the device in it.
            cache=self._direct_cache,
            client_creator=_with_token_code(
                self._client_creator, role, self._source
            ),
            serial_number=serial_number,
        )
        return self._assume_hops(
            role.hops[:-1],
            found,
            fetcher,
            client_creator=self._client_creator,
            source_roles=('direct', self._role_arn(last)),
        )

    def _assume(
        self,
        profile_name: str,
        source_credentials: Any,
        cache: Any,
        client_creator: Callable[..., Any],
        serial_number: str | None = None,
    ) -> Any:
        """Return botocore's credentials of one role.

        All that is ours goes in through ``AssumeRoleProvider``'s
        constructor: a configuration in which the role is alone with its
        source, and a builder that gives that source our credentials. What
        would break: another meaning of these arguments, or a source
        profile that is not asked for through the builder; then roles
        would be refused or signed with the long-term key, and
        tests/e2e/test_roles.py would see it on every host version.
        """
        settings = dict(self._profiles()[profile_name])
        settings.pop('mfa_serial', None)
        if serial_number is not None:
            settings['mfa_serial'] = serial_number
        # Any other name: a role that is its own source would be a circle.
        settings['source_profile'] = source = f'{profile_name} (source)'
        view = {profile_name: settings, source: {}}
        return AssumeRoleProvider(
            load_config=lambda: {'profiles': view},
            client_creator=client_creator,
            cache=cache,
            profile_name=profile_name,
            # The code is asked for by the client, which can ask again.
            prompter=lambda _: '',
            profile_provider_builder=_SourceOnly(source_credentials),
        ).load()

    def _role_arn(self, profile_name: str) -> str:
        return str(self._profiles()[profile_name]['role_arn'])

    def _profiles(self) -> Profiles:
        return profiles_of(self.session, with_roles=not self._give_long_term)


class _SourceOnly(CredentialProvider):
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


def _from_session(
    client_creator: Callable[..., Any],
    fetcher: MFASessionFetcher,
    role: MFARole,
    device_to_set: str,
) -> Callable[..., Any]:
    """Return a client creator whose refusals tell the session's age."""

    def create(service_name: str, **kwargs: Any) -> _AssumeRoleClient:
        client = client_creator(service_name, **kwargs)

        def assume_role(**parameters: Any) -> Any:
            try:
                with secret_call():
                    return read_answer(client.assume_role(**parameters))
            except ClientError as error:
                mfa_session = fetcher.cached()
                if (
                    error.response['Error'].get('Code') != 'AccessDenied'
                    or mfa_session is None
                ):
                    raise
                age = datetime.now(timezone.utc) - mfa_session.authenticated_at
                raise RoleDeniedError(
                    error,
                    age=format_duration(age.total_seconds()),
                    profile=role.name,
                    device=device_to_set,
                ) from None

        return _AssumeRoleClient(assume_role)

    return create


def _with_token_code(
    client_creator: Callable[..., Any], role: MFARole, source: TokenCodeSource
) -> Callable[..., Any]:
    """Return a client creator that asks for the code of each call."""

    def create(service_name: str, **kwargs: Any) -> _AssumeRoleClient:
        client = client_creator(service_name, config=one_attempt(), **kwargs)

        def assume_role(**parameters: Any) -> Any:
            if not (role.base.may_prompt and source.is_available()):
                raise as_fatal(
                    NoTokenCodeForRoleError(
                        profile=role.name, reason=role.direct
                    )
                )

            def call(token_code: str) -> Any:
                try:
                    with secret_call():
                        return read_answer(
                            client.assume_role(
                                **dict(parameters, TokenCode=token_code)
                            )
                        )
                except ClientError as error:
                    raise explain_refusal(error, role.base) from None

            return ask_until_accepted(source, parameters['SerialNumber'], call)

        return _AssumeRoleClient(assume_role)

    return create
