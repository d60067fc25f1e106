# SPDX-License-Identifier: Apache-2.0
"""A session in the credentials file, as aws-mfa writes it.

For programs that read that file and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from awscli_mfa_plugin.cache.layout import expand
from awscli_mfa_plugin.config_files.edit import edit_file, set_in_section
from awscli_mfa_plugin.config_files.lines import read_lines
from awscli_mfa_plugin.exceptions import (
    ConfigWriteError,
    LongTermSectionError,
    SectionRemoveError,
)
from awscli_mfa_plugin.profiles.aws_mfa import AWS_MFA_EXPIRATION
from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials

_TOKENS = ('aws_session_token', 'aws_security_token')
_SECRET = 'aws_secret_access_key'
_ID = 'aws_access_key_id'

# All that is written into a section, in aws-mfa's order.
_SETTINGS = (
    'assumed_role',
    'assumed_role_arn',
    _ID,
    _SECRET,
    *_TOKENS,
    'expiration',
)


def check_section(session: Any, section: str) -> None:
    """Check that a section may be written over.

    :param session: A ``botocore.session.Session``.
    :raises LongTermSectionError: It holds long-term keys.
    """
    from botocore.configloader import raw_config_parse
    from botocore.exceptions import ConfigNotFound

    try:
        sections = raw_config_parse(
            credentials_path(session), parse_subsections=False
        )
    except ConfigNotFound:
        return
    settings = sections.get(section, {})
    # An empty token is none: botocore sends the keys without it.
    if settings.get(_SECRET) and not any(map(settings.get, _TOKENS)):
        raise LongTermSectionError(
            section=section, path=credentials_path(session)
        )


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
    values = {
        'assumed_role': str(role_arn is not None),
        'assumed_role_arn': role_arn,
        _ID: credentials.access_key_id,
        _SECRET: credentials.secret_access_key,
        **dict.fromkeys(_TOKENS, credentials.session_token),
        'expiration': credentials.expiration.strftime(AWS_MFA_EXPIRATION),
    }

    def change(original: bytes, _: str) -> bytes:
        # Under the lock, so that no key can have come in between.
        check_section(session, section)
        return set_in_section(original, section, values)

    edit_file(credentials_path(session), change)
    return credentials_path(session)


def remove_sessions(
    session: Any, access_key_ids: Collection[str]
) -> list[str]:
    """Take sessions out of the sections they stand in; return these.

    The id of a session's access key is its own and no other's: neither
    long-term keys nor what another tool wrote is ever taken for one. The
    header stays, for it may be all that there is of a profile.

    :param session: A ``botocore.session.Session``.
    :param access_key_ids: Those of the sessions.
    :raises SectionRemoveError: The file is as it was.
    """
    path = credentials_path(session)
    sections = _sections_of(_read(path), access_key_ids)
    if not sections:
        # Where nothing is to change no file is written, and none is made.
        return []

    def change(original: bytes, _: str) -> bytes:
        # Under the lock: a login may have written another session.
        sections[:] = _sections_of(original, access_key_ids)
        for section in sections:
            original = set_in_section(
                original, section, dict.fromkeys(_SETTINGS)
            )
        return original

    try:
        edit_file(path, change)
    except ConfigWriteError as error:
        plural = 's' if len(sections) > 1 else ''
        raise SectionRemoveError(
            sections=f'the section{plural} '
            + ', '.join(f'[{section}]' for section in sections),
            path=path,
            reason=error.kwargs['reason'],
        ) from None
    return sections


def _read(path: str) -> bytes:
    # Where botocore finds no credentials there are none to remove.
    try:
        with open(expand(path), 'rb') as file:
            return file.read()
    except OSError:
        return b''


def _sections_of(
    original: bytes, access_key_ids: Collection[str]
) -> list[str]:
    """Return the names of the sections with one of these access keys."""
    headers = [
        line.section
        for line in read_lines(original)
        if line.section is not None
        and line.name == _ID
        and line.value in access_key_ids
    ]
    # What is written here is always UTF-8.
    names = [header.decode('utf-8', 'replace') for header in headers]
    return [
        name for name, header in zip(names, headers) if name.encode() == header
    ]


def credentials_path(session: Any) -> str:
    """Return where the credentials file is, as a person named it.

    :param session: A ``botocore.session.Session``.
    """
    return str(session.get_config_variable('credentials_file'))
