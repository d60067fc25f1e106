# SPDX-License-Identifier: Apache-2.0
"""Role sessions made from an MFA session, on disk.

They stand beside the MFA sessions: ``SESSION.ROLE.json``, where
``SESSION`` is the name of the MFA session in its cache. In the CLI's own
cache they would be mixed up: its names know neither the access key nor
the source profile, nor, without ``SerialNumber``, whether there was MFA.
"""

from __future__ import annotations

import json
import logging
import os
from hashlib import sha256
from typing import Any

from awscli_mfa_plugin.cache import MFASessionCache, format_time, parse_time
from awscli_mfa_plugin.private_files import read_json, write_json

logger = logging.getLogger(__name__)

_VERSION = 1
_PROVIDER_TYPE = 'mfa-role-session'
_CREDENTIALS = (
    'AccessKeyId',
    'SecretAccessKey',
    'SessionToken',
    'Expiration',
)


class RoleSessionCache:
    """A mapping, as botocore's ``AssumeRoleProvider`` wants for a cache.

    :param session_key: The MFA session's name in its cache.
    :param profile_name: The role's profile.
    :param source_roles: The ARNs of the roles between the MFA session and
        this one: a role may differ by who assumes it.
    """

    def __init__(
        self,
        session_key: str,
        profile_name: str,
        source_roles: tuple[str, ...] = (),
        cache: MFASessionCache | None = None,
    ) -> None:
        self._session_key = session_key
        self._profile_name = profile_name
        self._source_roles = source_roles
        self._directory = (cache or MFASessionCache()).directory
        self._found: dict[str, dict[str, Any]] = {}

    def __contains__(self, key: str) -> bool:
        # botocore asks for what is there next, and another process may
        # have taken the file away by then.
        try:
            self._found[key] = self._read(key)
        except KeyError:
            return False
        return True

    def __getitem__(self, key: str) -> dict[str, Any]:
        found = self._found.pop(key, None)
        return self._read(key) if found is None else found

    def _read(self, key: str) -> dict[str, Any]:
        entry = read_json(self._path(key))
        try:
            if entry['Version'] != _VERSION:
                raise KeyError(key)
            credentials = entry['Credentials']
            for name in _CREDENTIALS:
                if not isinstance(credentials[name], str):
                    raise KeyError(key)
            parse_time(credentials['Expiration'])
        except (LookupError, TypeError, ValueError):
            raise KeyError(key) from None
        return {
            'Credentials': credentials,
            'AssumedRoleUser': entry.get('AssumedRoleUser', {}),
        }

    def __setitem__(self, key: str, response: dict[str, Any]) -> None:
        credentials = dict(response['Credentials'])
        credentials['Expiration'] = format_time(
            parse_time(credentials['Expiration'])
        )
        entry = {
            'Version': _VERSION,
            'ProviderType': _PROVIDER_TYPE,
            'ProfileName': self._profile_name,
            'AssumedRoleUser': response.get('AssumedRoleUser', {}),
            'Credentials': credentials,
        }
        try:
            write_json(self._path(key), entry)
        except OSError as error:
            # A role session that is not kept is made again, no more.
            logger.debug('A role session could not be kept: %s', error)

    def _path(self, key: str) -> str:
        role = json.dumps([key, *self._source_roles])
        name = sha256(role.encode()).hexdigest()
        return os.path.join(
            self._directory, f'{self._session_key}.{name}.json'
        )
