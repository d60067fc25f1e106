# SPDX-License-Identifier: Apache-2.0
"""The layout of aws-mfa's profiles, read as profiles with ``mfa_serial``."""

from __future__ import annotations

from collections.abc import Mapping
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
    profiles = dict(session.full_config['profiles'])
    for name, settings in list(profiles.items()):
        is_long_term = name.endswith(LONG_TERM_SUFFIX)
        device = settings.get(AWS_MFA_DEVICE)
        if (
            (is_long_term or name == long_term_profile)
            and device
            and not settings.get('mfa_serial')
        ):
            profiles[name] = {**settings, 'mfa_serial': device}
        if not is_long_term:
            continue
        short_name = name[: -len(LONG_TERM_SUFFIX)]
        role_arn = settings.get(AWS_MFA_ROLE) if with_roles else None
        short_term = profiles.get(short_name)
        if (
            role_arn
            and short_term is not None
            and other_kind(short_term) is None
        ):
            profiles[short_name] = {
                **short_term,
                'role_arn': role_arn,
                'source_profile': name,
            }
    return profiles


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
