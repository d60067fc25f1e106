# SPDX-License-Identifier: Apache-2.0
"""Where the providers enter the credential chain of a session."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Union

from awscli_mfa_plugin.credentials.provider import METHOD, MFASessionProvider
from awscli_mfa_plugin.credentials.role_provider import METHOD as ROLE_METHOD
from awscli_mfa_plugin.credentials.role_provider import MFARoleProvider
from awscli_mfa_plugin.credentials.sts import STSConnection

# What botocore calls the chain.
_COMPONENT = 'credential_provider'

# What botocore calls the providers that ours go before.
_BEFORE_ROLES = 'assume-role'
_BEFORE_KEYS = 'shared-credentials-file'
_PLACES = {_BEFORE_ROLES, _BEFORE_KEYS}

# Those of one chain, if it has a place for them.
Providers = Union[
    tuple[MFASessionProvider, MFARoleProvider], tuple[None, None]
]

logger = logging.getLogger(__name__)


def insert_providers(
    session: Any,
    connection: STSConnection | None = None,
    on_use: Callable[[], object] | None = None,
) -> Providers:
    """Put the providers into a session's credential chain, once.

    The one for sessions stands before the shared credentials file, whose
    long-term key it replaces, and so after the environment, whose keys a
    person set on purpose. The one for roles stands before botocore's.

    :param session: A ``botocore.session.Session``.
    :param on_use: Called when a provider is the one that applies.
    :returns: The two providers, which may have been there; ``None`` for
        both where the session has a chain of its own, which says that its
        credentials come from elsewhere.
    :raises ProfileNotFound: The session's profile does not exist.
    """
    resolver = session.get_component(_COMPONENT)
    return _insert(resolver, session, connection, on_use)


def leave_out_process(session: Any) -> None:
    """Take ``credential_process`` out of a session's credential chain."""
    session.get_component(_COMPONENT).remove('custom-process')


def insert_providers_later(session: Any) -> None:
    """Put the providers into a session's chain when it is first needed.

    botocore builds the chain for its first client and has roles assumed
    in that client's region. Built earlier, it would know none. That the
    chain is still to be built only botocore's private parts tell; without
    them it is built now, and roles of a session without a region are
    assumed at the global endpoint: tests/e2e/test_boto3.py.

    :param session: A ``botocore.session.Session``.
    :raises ProfileNotFound: The session's profile does not exist.
    """
    session.get_scoped_config()
    components = getattr(session, '_components', None)
    build = getattr(components, '_deferred', {}).get(_COMPONENT)
    if components is None or build is None:
        insert_providers(session)
        return

    def build_with_providers() -> Any:
        resolver = build()
        _insert(resolver, session)
        return resolver

    components.lazy_register_component(_COMPONENT, build_with_providers)


def _insert(
    resolver: Any,
    session: Any,
    connection: STSConnection | None = None,
    on_use: Callable[[], object] | None = None,
) -> Providers:
    present = {provider.METHOD: provider for provider in resolver.providers}
    if METHOD in present:
        return present[METHOD], present[ROLE_METHOD]
    if not present.keys() >= _PLACES:
        logger.debug(
            "No MFA sessions: this credential chain is not botocore's"
        )
        return None, None
    profile_name = session.get_config_variable('profile') or 'default'
    botocores = resolver.get_provider(_BEFORE_ROLES)
    for_roles = MFARoleProvider(
        session,
        profile_name,
        client_creator=_client_creator_of(botocores, session),
        direct_cache=botocores.cache,
        connection=connection,
        on_use=on_use,
    )
    for_sessions = MFASessionProvider(
        session, profile_name, connection, on_use=on_use
    )
    resolver.insert_before(_BEFORE_ROLES, for_roles)
    resolver.insert_before(_BEFORE_KEYS, for_sessions)
    return for_sessions, for_roles


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
