# SPDX-License-Identifier: Apache-2.0
"""A profile's credentials, on their way to another program."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from awscli_mfa_plugin.exceptions.commands import NoCredentialsToExportError
from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials

# The environment variables that SDKs read, by the names that STS has.
_VARIABLES = {
    'AccessKeyId': 'AWS_ACCESS_KEY_ID',
    'SecretAccessKey': 'AWS_SECRET_ACCESS_KEY',
    'SessionToken': 'AWS_SESSION_TOKEN',
    'Expiration': 'AWS_CREDENTIAL_EXPIRATION',
}


@dataclass(frozen=True)
class ExportedCredentials:
    """Credentials as they are now.

    :ivar document: Under the names that STS has. Those of a profile
        without MFA may last, and then have no ``Expiration``.
    :ivar method: Where botocore found them.
    """

    document: dict[str, str] = field(repr=False)
    method: str = ''

    def as_environment(self) -> dict[str, str]:
        """Return them as the environment variables that SDKs read."""
        return {
            variable: self.document[name]
            for name, variable in _VARIABLES.items()
            if name in self.document
        }


def get_credentials(session: Any) -> ExportedCredentials:
    """Return what a command of the session would be signed with.

    :param session: The command's ``botocore.session.Session``.
    :raises NoCredentialsToExportError: It would be signed with nothing.
    :raises MFAError: A session is needed and cannot be had.
    """
    credentials = session.get_credentials()
    name = session.get_config_variable('profile') or 'default'
    if credentials is None:
        raise NoCredentialsToExportError(profile=name)
    frozen = credentials.get_frozen_credentials()
    expiration = _expiration_of(credentials)
    if frozen.token and expiration is not None:
        document = TemporaryCredentials(
            frozen.access_key, frozen.secret_key, frozen.token, expiration
        ).as_json()
    else:
        document = {
            'AccessKeyId': frozen.access_key,
            'SecretAccessKey': frozen.secret_key,
        }
        if frozen.token:
            document['SessionToken'] = frozen.token
    return ExportedCredentials(document, credentials.method)


def _expiration_of(credentials: Any) -> datetime | None:
    """Return when credentials end.

    botocore keeps it to itself; v2's own ``configure export-credentials``
    reads the same attribute. Without it exported credentials would seem
    to last: tests/e2e/test_export.py.
    """
    expiration: datetime | None = getattr(credentials, '_expiry_time', None)
    return expiration
