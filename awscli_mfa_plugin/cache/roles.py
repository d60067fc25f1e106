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
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from awscli_mfa_plugin.cache.files import read_json, write_json
from awscli_mfa_plugin.cache.layout import format_time, parse_time, role_path
from awscli_mfa_plugin.cache.sessions import EXPIRY_WINDOW, MFASessionCache
from awscli_mfa_plugin.exceptions import CacheWriteError

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
    :param role_arn: The role.
    :param source_roles: The ARNs of the roles between the MFA session and
        this one: a role may differ by who assumes it.
    :param on_use: Called with the name of the file that is served.
    """

    def __init__(
        self,
        session_key: str,
        profile_name: str,
        role_arn: str,
        source_roles: tuple[str, ...] = (),
        cache: MFASessionCache | None = None,
        on_use: Callable[[str], object] | None = None,
    ) -> None:
        self._on_use = on_use
        self._session_key = session_key
        self._profile_name = profile_name
        self._role_arn = role_arn
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
        if found is None:
            found = self._read(key)
        self._is_used(key)
        return found

    def _is_used(self, key: str) -> None:
        if self._on_use is not None:
            self._on_use(os.path.basename(self._path(key)))

    def _read(self, key: str) -> dict[str, Any]:
        entry = _read_entry(self._path(key))
        if entry is None:
            raise KeyError(key)
        return entry

    def __setitem__(self, key: str, response: dict[str, Any]) -> None:
        entry = _make_entry(self._profile_name, self._role_arn, response)
        try:
            write_json(self._path(key), entry)
        except OSError as error:
            # A role session that is not kept is made again, no more.
            logger.debug('A role session could not be kept: %s', error)
        else:
            self._is_used(key)

    def _path(self, key: str) -> str:
        role = json.dumps([key, *self._source_roles])
        return role_path(self._directory, self._session_key, role)


@dataclass(frozen=True)
class LoginRole:
    """A role that ``aws mfa login --role-arn`` assumed for a profile.

    :ivar credentials: As STS returned them, the times as text.
    :ivar expiration: When AWS ends the role session, UTC.
    :ivar parameters: Those of AssumeRole that it was made with.
    """

    role_arn: str
    parameters: dict[str, Any]
    credentials: dict[str, str] = field(repr=False)
    expiration: datetime

    def is_usable(self) -> bool:
        """Tell whether a request may still be signed with it."""
        return self.expiration - datetime.now(timezone.utc) > EXPIRY_WINDOW


class LoginRoleStore:
    """The role that a profile was logged in to, if any.

    :param session_key: The name of the profile's MFA session.
    """

    def __init__(
        self,
        session_key: str,
        profile_name: str,
        cache: MFASessionCache | None = None,
    ) -> None:
        directory = (cache or MFASessionCache()).directory
        self._profile_name = profile_name
        self.path = role_path(directory, session_key, f'login:{profile_name}')
        self.file_name = os.path.basename(self.path)

    def load(self) -> LoginRole | None:
        """Return the role, which may have ended, or ``None``."""
        entry = _read_entry(self.path)
        if entry is None:
            return None
        return LoginRole(
            role_arn=entry['RoleArn'],
            parameters=entry.get('Parameters', {}),
            credentials=entry['Credentials'],
            expiration=parse_time(entry['Credentials']['Expiration']),
        )

    def in_force(self, own_role_arn: str | None = None) -> LoginRole | None:
        """Return the role that commands use, or are refused for, if any.

        :param own_role_arn: The role that the profile assumes by itself:
            when a login to that one has ended, the profile goes on with
            it.
        """
        login_role = self.load()
        if (
            login_role is not None
            and login_role.role_arn == own_role_arn
            and not login_role.is_usable()
        ):
            return None
        return login_role

    def remember(
        self, parameters: dict[str, Any], response: dict[str, Any]
    ) -> None:
        """Keep what AssumeRole returned.

        :param parameters: Those that it was given, but for the code.
        :raises CacheWriteError: It cannot be written.
        """
        entry = _make_entry(
            self._profile_name, parameters['RoleArn'], response
        )
        entry['ByLogin'] = True
        entry['Parameters'] = parameters
        try:
            write_json(self.path, entry)
        except OSError as error:
            raise CacheWriteError(
                directory=os.path.dirname(self.path),
                reason=error.strerror or error,
            ) from None

    def forget(self) -> None:
        """Have the profile be the user again.

        :raises CacheWriteError: It goes on being the role.
        """
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise CacheWriteError(
                directory=os.path.dirname(self.path),
                reason=error.strerror or error,
            ) from None


def _make_entry(
    profile_name: str, role_arn: str, response: dict[str, Any]
) -> dict[str, Any]:
    credentials = dict(response['Credentials'])
    credentials['Expiration'] = format_time(
        parse_time(credentials['Expiration'])
    )
    return {
        'Version': _VERSION,
        'ProviderType': _PROVIDER_TYPE,
        'ProfileName': profile_name,
        'RoleArn': role_arn,
        'AssumedRoleUser': response.get('AssumedRoleUser', {}),
        'Credentials': credentials,
    }


def _read_entry(path: str) -> dict[str, Any] | None:
    entry = read_json(path)
    try:
        if entry['Version'] != _VERSION:
            return None
        credentials = entry['Credentials']
        if not isinstance(entry['RoleArn'], str):
            return None
        if not all(
            isinstance(credentials[name], str) for name in _CREDENTIALS
        ):
            return None
        parse_time(credentials['Expiration'])
    except (LookupError, TypeError, ValueError):
        return None
    return dict(entry)
