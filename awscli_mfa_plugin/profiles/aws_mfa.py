# SPDX-License-Identifier: Apache-2.0
"""The layout of aws-mfa's profiles, read as profiles with ``mfa_serial``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from awscli_mfa_plugin.profiles.settings import (
    LONG_TERM_SUFFIX,
    Profiles,
    other_kind,
)
from awscli_mfa_plugin.temporary_credentials import MIN_REMAINING_SECONDS

# aws-mfa's settings in a long-term profile: the MFA device, and a role to
# assume.
AWS_MFA_DEVICE = 'aws_mfa_device'
AWS_MFA_ROLE = 'assume_role'

# How aws-mfa writes the end of a session, in UTC.
AWS_MFA_EXPIRATION = '%Y-%m-%d %H:%M:%S'


def profiles_of(
    session: Any,
    with_roles: bool = True,
    long_term_profile: str | None = None,
) -> Profiles:
    """Return a session's profiles, those of aws-mfa's layout understood.

    In a ``-long-term`` profile ``aws_mfa_device`` means what
    ``mfa_serial`` does, and ``assume_role`` makes the profile without the
    suffix a role.

    :param session: A ``botocore.session.Session``.
    :param with_roles: Whether to heed ``assume_role``.
    :param long_term_profile: One with another suffix.
    """
    return _UnderstoodProfiles(
        session.full_config['profiles'], with_roles, long_term_profile
    )


class _UnderstoodProfiles(Mapping[str, Mapping[str, Any]]):
    """Profiles of which each is understood when it is looked at.

    There may be thousands, and a command needs its own and those on its
    way to the access key.

    The parameters are those of ``profiles_of``.
    """

    def __init__(
        self,
        profiles: Profiles,
        with_roles: bool,
        long_term_profile: str | None,
    ) -> None:
        self._profiles = profiles
        self._with_roles = with_roles
        self._long_term_profile = long_term_profile

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        settings = self._profiles[name]
        added = {}
        device = settings.get(AWS_MFA_DEVICE)
        if (
            device
            and (
                name.endswith(LONG_TERM_SUFFIX)
                or name == self._long_term_profile
            )
            and not settings.get('mfa_serial')
        ):
            added['mfa_serial'] = device
        long_term_name = name + LONG_TERM_SUFFIX
        long_term = self._profiles.get(long_term_name, {})
        role_arn = long_term.get(AWS_MFA_ROLE) if self._with_roles else None
        if role_arn and other_kind(settings) is None:
            added['role_arn'] = role_arn
            added['source_profile'] = long_term_name
        return {**settings, **added} if added else settings

    def __iter__(self) -> Iterator[str]:
        return iter(self._profiles)

    def __len__(self) -> int:
        return len(self._profiles)


def has_aws_mfa_session(settings: Mapping[str, Any]) -> bool:
    """Tell whether a profile holds a session that aws-mfa wrote.

    :param settings: The profile's; one that has ended is none.
    """
    if not settings.get('aws_session_token'):
        return False
    try:
        expiration = datetime.strptime(
            settings.get('expiration', ''), AWS_MFA_EXPIRATION
        ).replace(tzinfo=timezone.utc)
    except (TypeError, ValueError):
        return False
    left = expiration - datetime.now(timezone.utc)
    return left > timedelta(seconds=MIN_REMAINING_SECONDS)
