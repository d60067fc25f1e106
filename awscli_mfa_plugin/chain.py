# SPDX-License-Identifier: Apache-2.0
"""Where the provider enters the credential chain of a session."""

from __future__ import annotations

from typing import Any

from awscli_mfa_plugin.provider import METHOD, MFASessionProvider
from awscli_mfa_plugin.sts import STSConnection


def insert_provider(
    session: Any, connection: STSConnection | None = None
) -> MFASessionProvider:
    """Put an :class:`MFASessionProvider` into a session's chain, once.

    Before the shared credentials file, whose long-term key it replaces,
    and so after the environment, whose keys a person set on purpose.

    :param session: A ``botocore.session.Session``.
    :returns: The provider in the chain, which may have been there.
    :raises ProfileNotFound: The session's profile does not exist.
    """
    resolver = session.get_component('credential_provider')
    for provider in resolver.providers:
        if provider.METHOD == METHOD:
            return provider  # type: ignore[no-any-return]
    provider = MFASessionProvider(
        session,
        session.get_config_variable('profile') or 'default',
        connection,
    )
    resolver.insert_before('shared-credentials-file', provider)
    return provider
