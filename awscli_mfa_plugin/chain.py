# SPDX-License-Identifier: Apache-2.0
"""Where the providers enter the credential chain of a session.

Every ``aws`` command loads this module and asks its providers. So they
take one look at the profile's settings, and load the rest of the package
only where an MFA device is named.
"""

from __future__ import annotations

import logging

from botocore.credentials import CredentialProvider

from awscli_mfa_plugin import (
    AGENT_ROLE,
    BROKEN_PART,
    broken,
    may_take_part,
)
from awscli_mfa_plugin.needs import Needs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

logger = logging.getLogger(__name__)

# botocore's name of the chain.
_COMPONENT = 'credential_provider'

# botocore's names of the providers that ours go before.
_BEFORE_ROLES = 'assume-role'
_BEFORE_KEYS = 'shared-credentials-file'


class _Provider(CredentialProvider):
    """A place in the chain, for a provider that is seldom needed.

    :param on_use: Called when the credentials are ours.
    :param connection: The keywords of ``STSConnection``.
    """

    def __init__(
        self,
        session: Any,
        resolver: Any,
        needs: Needs,
        on_use: Callable[[], object],
        connection: dict[str, Any],
    ) -> None:
        super().__init__(session)
        self.needs = needs
        self._resolver = resolver
        self._on_use = on_use
        self._connection = connection
        self._profile_name = (
            session.get_config_variable('profile') or 'default'
        )

    def load(self) -> Any:
        """Return the credentials, or ``None`` when this is not for us.

        :raises MFAConfigurationError: The profile takes part and its
            settings are wrong.
        """
        profiles = self.session.full_config['profiles']
        if not self._may_apply(profiles):
            logger.debug('%s: nothing in the profile names it', self.METHOD)
            return None
        try:
            provider = self._load_provider()
        except Exception as error:
            # The next provider would sign with the long-term key.
            raise broken(error) from error
        try:
            from awscli_mfa_plugin.exceptions import MFAError, for_host

            try:
                credentials = provider.load()
            except MFAError as error:
                raise for_host(error) from None
            if credentials is not None:
                self._on_use()
        except BROKEN_PART as error:
            raise broken(error) from error
        return credentials

    def _may_apply(self, profiles: Any) -> bool:
        """Tell whether the provider is worth loading."""
        return may_take_part(self._profile_name, profiles)

    def _load_provider(self) -> Any:
        raise NotImplementedError


class _SessionPlace(_Provider):
    """The place of ``MFASessionProvider``."""

    METHOD = 'mfa-session'
    # botocore asks providers that are not its own to start with "custom".
    CANONICAL_NAME = 'custom-mfa-session'

    def _load_provider(self) -> Any:
        from awscli_mfa_plugin.credentials.provider import MFASessionProvider
        from awscli_mfa_plugin.credentials.sts import STSConnection

        return MFASessionProvider(
            self._profile_name,
            STSConnection(self.session, **self._connection),
            self.needs,
        )


class _RolePlace(_Provider):
    """The place of ``MFARoleProvider``."""

    METHOD = 'mfa-assume-role'
    CANONICAL_NAME = 'custom-mfa-assume-role'

    def _may_apply(self, profiles: Any) -> bool:
        name = self._profile_name
        settings = profiles.get(name, {})
        return super()._may_apply(profiles) and bool(
            settings.get('role_arn')
            or settings.get(AGENT_ROLE)
            # aws-mfa's way to name a role.
            or profiles.get(f'{name}-long-term', {}).get('assume_role')
        )

    def _load_provider(self) -> Any:
        from awscli_mfa_plugin.credentials.role_provider import MFARoleProvider
        from awscli_mfa_plugin.credentials.sts import STSConnection

        botocores = self._resolver.get_provider(_BEFORE_ROLES)
        return MFARoleProvider(
            self._profile_name,
            STSConnection(self.session, **self._connection),
            self.needs,
            client_creator=_client_creator_of(botocores, self.session),
        )


def insert_providers(
    session: Any,
    needs: Needs | None = None,
    on_use: Callable[[], object] = lambda: None,
    **connection: Any,
) -> None:
    """Put the providers into a session's credential chain, once.

    The one for sessions stands before the shared credentials file, whose
    long-term key it replaces, and so after the environment, whose keys a
    person set on purpose. The one for roles stands before botocore's. A
    session with a chain of its own stays as it is: its credentials come
    from elsewhere.

    :param session: A ``botocore.session.Session``.
    :param needs: What the command at hand needs.
    :param on_use: Called when a provider is the one that applies.
    :param connection: The keywords of ``STSConnection``.
    :raises ProfileNotFound: The session's profile does not exist.
    """
    resolver = session.get_component(_COMPONENT)
    _insert(resolver, session, needs or Needs(), on_use, connection)


def insert_providers_later(session: Any, needs: Needs | None = None) -> None:
    """Put the providers into a session's chain when it is first needed.

    botocore builds the chain for its first client and has roles assumed
    in that client's region. Built earlier, it would know none. Only
    botocore's private parts tell that the chain is still to be built;
    without them it is built now, and roles of a session without a region
    are assumed at the global endpoint: tests/e2e/test_boto3.py.

    :param session: A ``botocore.session.Session``.
    :param needs: What the session is used for.
    """
    needs = needs or Needs()
    components = getattr(session, '_components', None)
    build = getattr(components, '_deferred', {}).get(_COMPONENT)
    if components is None or build is None:
        insert_providers(session, needs)
        return

    def build_with_providers() -> Any:
        resolver = build()
        _insert(resolver, session, needs, lambda: None, {})
        if not needs.prompt:
            _remove_process(resolver, session)
        return resolver

    components.lazy_register_component(_COMPONENT, build_with_providers)


def leave_out_process(session: Any) -> None:
    """Take a ``credential_process`` that is ours out of a session's chain."""
    _remove_process(session.get_component(_COMPONENT), session)


def _remove_process(resolver: Any, session: Any) -> None:
    process = session.get_scoped_config().get('credential_process')
    if process is not None:
        from awscli_mfa_plugin.profiles.process import is_ours

        if is_ours(process):
            resolver.remove('custom-process')


def _insert(
    resolver: Any,
    session: Any,
    needs: Needs,
    on_use: Callable[[], object],
    connection: dict[str, Any],
) -> None:
    present = {provider.METHOD for provider in resolver.providers}
    if _SessionPlace.METHOD in present:
        return
    if not present >= {_BEFORE_ROLES, _BEFORE_KEYS}:
        logger.debug(
            "No MFA sessions: this credential chain is not botocore's"
        )
        return
    for name, place in (
        (_BEFORE_ROLES, _RolePlace),
        (_BEFORE_KEYS, _SessionPlace),
    ):
        resolver.insert_before(
            name, place(session, resolver, needs, on_use, connection)
        )


def _client_creator_of(provider: Any, session: Any) -> Callable[..., Any]:
    """Return what botocore's provider of roles makes its clients with.

    It is private there, and it is what keeps the rules of region and
    endpoint botocore's own. Without it clients are made by the session,
    which is the same but for plugins that live in the environment.
    """
    creator: Callable[..., Any] = getattr(
        provider, '_client_creator', session.create_client
    )
    return creator


def botocore_session(session: Any) -> Any:
    """Return the botocore session, of a boto3 session the one in it.

    boto3 has it as ``_session`` and nowhere public. If that went away, a
    boto3 session would be taken for botocore's and the first use of it
    would raise ``AttributeError``: tests/e2e/test_boto3.py.
    """
    return getattr(session, '_session', session)
