# SPDX-License-Identifier: Apache-2.0
"""The long-term credentials of a profile."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
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


@contextlib.contextmanager
def same_keys(session: Any) -> Iterator[None]:
    """Check that a profile without an access key has none for others either.

    botocore reads the credentials file for the settings, and once more for
    each provider, while another program may write to it. A provider that
    found the key could sign with it, and the profile has MFA.

    :raises ChangedFileError: The key was there before, or is there now.
    """
    try:
        yield
    except NoLongTermCredentialsError as error:
        name = error.kwargs['long_term_profile']
        settings = session.full_config['profiles'].get(name, {})
        if 'aws_access_key_id' not in settings:
            try:
                load_credentials(session, name)
            except NoLongTermCredentialsError:
                raise error from None
        # Imported here: it seldom happens.
        from awscli_mfa_plugin.exceptions.profiles import ChangedFileError

        raise ChangedFileError(long_term_profile=name) from None
