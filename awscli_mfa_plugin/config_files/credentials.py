# SPDX-License-Identifier: Apache-2.0
"""Sessions in the credentials file, for programs that read nothing else.

A session is written there as aws-mfa writes it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from awscli_mfa_plugin.config_files.edit import (
    Changes,
    Sections,
    edit_file,
)
from awscli_mfa_plugin.exceptions.files import (
    ConfigWriteError,
    LongTermSectionError,
    SectionRemoveError,
)
from awscli_mfa_plugin.profiles.aws_mfa import AWS_MFA_EXPIRATION
from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials

TOKENS = ('aws_session_token', 'aws_security_token')
_SECRET = 'aws_secret_access_key'
_ID = 'aws_access_key_id'

# The settings that are written, in aws-mfa's order.
SETTINGS = (
    'assumed_role',
    'assumed_role_arn',
    _ID,
    _SECRET,
    *TOKENS,
    'expiration',
)


def check_section(session: Any, section: str) -> None:
    """Check that a section may be written over.

    :param session: A ``botocore.session.Session``.
    :raises LongTermSectionError: It holds long-term keys.
    :raises ConfigWriteError: botocore cannot read the file.
    """
    path = credentials_path(session)

    def plan(sections: Sections) -> Changes:
        _check_settings(sections, section, path)
        return {}

    edit_file(path, plan)


def _check_settings(sections: Sections, section: str, path: str) -> None:
    settings = sections.get(section, {})
    # botocore sends keys with an empty token as if they had none.
    if settings.get(_SECRET) and not any(map(settings.get, TOKENS)):
        raise LongTermSectionError(section=section, path=path)


def write_section(
    session: Any,
    section: str,
    credentials: TemporaryCredentials,
    role_arn: str | None = None,
) -> str:
    """Write a session into a section; return the file's path.

    :param role_arn: The role that the credentials are of, if any.
    :raises LongTermSectionError: The section holds long-term keys.
    :raises ConfigWriteError: The file is as it was.
    """
    path = credentials_path(session)
    values = {
        'assumed_role': str(role_arn is not None),
        'assumed_role_arn': role_arn,
        _ID: credentials.access_key_id,
        _SECRET: credentials.secret_access_key,
        **dict.fromkeys(TOKENS, credentials.session_token),
        'expiration': credentials.expiration.strftime(AWS_MFA_EXPIRATION),
    }

    def plan(sections: Sections) -> Changes:
        # Another program may have written keys since the first check.
        _check_settings(sections, section, path)
        return {section: values}

    edit_file(path, plan)
    return path


def remove_sessions(
    session: Any, access_key_ids: Collection[str]
) -> list[str]:
    """Remove sessions from their sections; return the names of these.

    A session is known by its access key ID, which AWS gives out once:
    long-term keys and other programs' sessions stay. The header of the
    section stays, because the profile may be nowhere else.

    :param session: A ``botocore.session.Session``.
    :param access_key_ids: The IDs of the sessions' access keys.
    :raises SectionRemoveError: The file is as it was.
    """
    ids = list(access_key_ids)
    if not ids:
        # A file that cannot be read has nothing to do with it.
        return []
    path = credentials_path(session)
    found: list[str] = []

    def plan(sections: Sections) -> Changes:
        found[:] = [
            section
            for section, settings in sections.items()
            if settings.get(_ID) in ids
        ]
        return dict.fromkeys(found, dict.fromkeys(SETTINGS))

    try:
        edit_file(path, plan)
    except ConfigWriteError as error:
        raise SectionRemoveError(
            sections=', '.join(f'[{section}]' for section in found) or 'there',
            path=path,
            reason=error.kwargs['reason'],
        ) from None
    return found


def credentials_path(session: Any) -> str:
    """Return the path of the credentials file, as the person wrote it.

    :param session: A ``botocore.session.Session``.
    """
    return str(session.get_config_variable('credentials_file'))
