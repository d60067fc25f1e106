# SPDX-License-Identifier: Apache-2.0
"""Role sessions, on disk.

They stand beside the MFA sessions: ``SESSION.ROLE.json``, where
``SESSION`` is the name of the MFA session in its cache. One that was made
with a code of its own has that name too, whether there is a session or
not. In the CLI's own cache they would be mixed up: its names know neither
the access key nor the source profile, nor, without ``SerialNumber``,
whether there was MFA.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from awscli_mfa_plugin.cache.clock import CLOCK, clock_stamp, credentials_in
from awscli_mfa_plugin.cache.files import VERSION, read_entry, write_json
from awscli_mfa_plugin.cache.layout import cache_directory, role_path
from awscli_mfa_plugin.temporary_credentials import (
    TemporaryCredentials,
    text_in,
)

logger = logging.getLogger(__name__)

_PROVIDER_TYPE = 'mfa-role-session'


class RoleSession(NamedTuple):
    """A role session, as it is kept.

    :ivar profile_name: The profile that it serves.
    :ivar by_login: Whether ``aws mfa login --role-arn`` made it.
    :ivar parameters: With ``by_login``: those of AssumeRole that it was
        made with, but for the code.
    :ivar has_own_code: Whether it was made with a code of its own, and not
        from the MFA session.
    """

    credentials: TemporaryCredentials
    profile_name: str
    role_arn: str
    by_login: bool = False
    parameters: Mapping[str, Any] = MappingProxyType({})
    has_own_code: bool = False

    @property
    def is_of_profile_alone(self) -> bool:
        """Whether it goes on when the MFA session ends."""
        return self.by_login or self.has_own_code


def read_role(path: str) -> RoleSession | None:
    """Return the role session in a file, or ``None``."""
    return read_entry(path, _from_json)


def write_role(path: str, role: RoleSession) -> None:
    """Keep a role session.

    :raises OSError: It cannot be written.
    """
    entry: dict[str, Any] = {
        'Version': VERSION,
        'ProviderType': _PROVIDER_TYPE,
        'ProfileName': role.profile_name,
        'RoleArn': role.role_arn,
        CLOCK: clock_stamp(),
        'Credentials': role.credentials.as_json(),
    }
    if role.by_login:
        entry.update(ByLogin=True, Parameters=dict(role.parameters))
    if role.has_own_code:
        entry['OwnCode'] = True
    write_json(path, entry)


def _from_json(entry: dict[str, Any]) -> RoleSession:
    """Return the role session of a file.

    :raises ValueError: It holds none.
    """
    by_login = entry.get('ByLogin', False)
    parameters = entry.get('Parameters', {})
    has_own_code = entry.get('OwnCode', False)
    if (
        entry.get('ProviderType') != _PROVIDER_TYPE
        or type(by_login) is not bool
        or type(has_own_code) is not bool
        or type(parameters) is not dict
        or type(parameters.get('DurationSeconds', 0)) is not int
    ):
        raise ValueError('not a role session')
    return RoleSession(
        credentials=credentials_in(entry),
        profile_name=text_in(entry, 'ProfileName'),
        role_arn=text_in(entry, 'RoleArn'),
        by_login=by_login,
        parameters=parameters,
        has_own_code=has_own_code,
    )


class RoleSessionCache:
    """A mapping, as botocore's ``AssumeRoleProvider`` wants for a cache.

    :param session_key: The MFA session's name in its cache.
    :param profile_name: The role's profile.
    :param role_arn: The role.
    :param source_roles: The ARNs of the roles between the MFA session and
        this one: a role may differ by who assumes it.
    :param has_own_code: Whether the first of these, or this one, was
        assumed with a code of its own.
    :param on_use: Called with the name of the file that serves.
    """

    def __init__(
        self,
        session_key: str,
        profile_name: str,
        role_arn: str,
        source_roles: tuple[str, ...] = (),
        on_use: Callable[[str], object] | None = None,
        has_own_code: bool = False,
    ) -> None:
        self._has_own_code = has_own_code
        self._on_use = on_use
        self._session_key = session_key
        self._profile_name = profile_name
        self._role_arn = role_arn
        self._source_roles = source_roles
        self._found: dict[str, dict[str, Any]] = {}

    def __contains__(self, key: str) -> bool:
        # botocore asks for what is there next, and another process may
        # have taken the file away by then.
        role = read_role(self._path(key))
        # botocore judges that by the local time, wrongly under TZ=UTC+9.
        if role is None or role.credentials.seconds_left() <= 0:
            return False
        self._found[key] = {'Credentials': role.credentials.as_json()}
        return True

    def __getitem__(self, key: str) -> dict[str, Any]:
        if key not in self._found and key not in self:
            raise KeyError(key)
        self._is_used(self._path(key))
        return self._found.pop(key)

    def __setitem__(self, key: str, response: dict[str, Any]) -> None:
        role = RoleSession(
            TemporaryCredentials.from_json(response['Credentials']),
            self._profile_name,
            self._role_arn,
            has_own_code=self._has_own_code,
        )
        path = self._path(key)
        try:
            write_role(path, role)
        except OSError as error:
            # A role session that is not kept is made again, no more.
            logger.debug('A role session could not be kept: %s', error)
        else:
            self._is_used(path)

    def _is_used(self, path: str) -> None:
        if self._on_use is not None:
            self._on_use(os.path.basename(path))

    def _path(self, key: str) -> str:
        role = json.dumps([key, *self._source_roles])
        return role_path(cache_directory(), self._session_key, role)
