# SPDX-License-Identifier: Apache-2.0
"""The roles that profiles were logged in to, on disk."""

from __future__ import annotations

import os
from typing import Any

from awscli_mfa_plugin.cache.layout import cache_directory, role_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from awscli_mfa_plugin.cache.roles import RoleSession
    from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials


class LoginRole:
    """The role that ``aws mfa login --role-arn`` gave a profile, if any.

    :param session_key: The name of the profile's MFA session.
    :param own_role_arn: The role that the profile assumes by itself.
    """

    def __init__(
        self,
        session_key: str,
        profile_name: str,
        own_role_arn: str | None = None,
    ) -> None:
        self._profile_name = profile_name
        self._own_role_arn = own_role_arn
        self.path = role_path(
            cache_directory(), session_key, f'login:{profile_name}'
        )
        self.file_name = os.path.basename(self.path)

    def load(self) -> RoleSession | None:
        """Return the role session, which may have ended, or ``None``."""
        if not os.path.lexists(self.path):
            return None
        # Imported here: few profiles are in a role of a login.
        from awscli_mfa_plugin.cache.roles import read_role

        return read_role(self.path)

    def current(self) -> RoleSession | None:
        """Return what the profile's commands use or are refused for.

        When a login to the profile's own role has ended, the profile goes
        on with that role by itself.
        """
        role = self.load()
        if (
            role is not None
            and role.role_arn == self._own_role_arn
            and not role.credentials.is_usable()
        ):
            return None
        return role

    def remember(
        self, parameters: dict[str, Any], credentials: TemporaryCredentials
    ) -> None:
        """Keep what AssumeRole returned.

        :param parameters: Those that it was given, but for the code.
        :raises CacheWriteError: It cannot be written.
        """
        from awscli_mfa_plugin.cache.roles import RoleSession, write_role

        role = RoleSession(
            credentials,
            self._profile_name,
            parameters['RoleArn'],
            by_login=True,
            parameters=parameters,
        )
        try:
            write_role(self.path, role)
        except OSError as error:
            from awscli_mfa_plugin.exceptions.files import CacheWriteError

            raise CacheWriteError(
                directory=os.path.dirname(self.path),
                reason=error.strerror or error,
            ) from None

    def forget(self) -> None:
        """Have the profile be the user again.

        :raises RoleRemoveError: It goes on being the role.
        """
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            from awscli_mfa_plugin.exceptions.files import RoleRemoveError

            raise RoleRemoveError(
                profile=self._profile_name,
                directory=os.path.dirname(self.path),
                reason=error.strerror or error,
            ) from None
