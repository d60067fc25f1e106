# SPDX-License-Identifier: Apache-2.0
"""The long-term credentials of a profile."""

from __future__ import annotations

from typing import Any

from botocore.credentials import (
    ConfigProvider,
    CredentialResolver,
    ProcessProvider,
    SharedCredentialProvider,
)

from awscli_mfa_plugin.exceptions import NoLongTermCredentialsError


def load_credentials(session: Any, profile_name: str) -> Any:
    """Return the credentials that a profile itself has.

    Static keys of either file or what its ``credential_process`` gives,
    in the order in which botocore looks for them. Whether they are
    long-term ones is for the caller to see: those have no ``token``.

    :param session: A ``botocore.session.Session``.
    :returns: ``botocore.credentials.Credentials``.
    :raises NoLongTermCredentialsError: The profile has none.
    """
    credentials = CredentialResolver(
        [
            SharedCredentialProvider(
                creds_filename=session.get_config_variable('credentials_file'),
                profile_name=profile_name,
            ),
            ProcessProvider(
                profile_name=profile_name,
                load_config=lambda: session.full_config,
            ),
            ConfigProvider(
                config_filename=session.get_config_variable('config_file'),
                profile_name=profile_name,
            ),
        ]
    ).load_credentials()
    if credentials is None:
        raise NoLongTermCredentialsError(long_term_profile=profile_name)
    return credentials
