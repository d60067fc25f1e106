# SPDX-License-Identifier: Apache-2.0
"""A session in the credentials file, as aws-mfa writes it.

For programs that read that file and nothing else.
"""

from __future__ import annotations

from typing import Any

from awscli_mfa_plugin.exceptions import LongTermSectionError
from awscli_mfa_plugin.file_edit import edit_file, set_in_section
from awscli_mfa_plugin.login import LoginResult

_TOKENS = ('aws_session_token', 'aws_security_token')
_SECRET = 'aws_secret_access_key'


def check_section(session: Any, section: str) -> None:
    """Check that a section may be written over.

    :param session: A ``botocore.session.Session``.
    :raises LongTermSectionError: It holds long-term keys.
    """
    from botocore.configloader import raw_config_parse
    from botocore.exceptions import ConfigNotFound

    try:
        sections = raw_config_parse(_path(session), parse_subsections=False)
    except ConfigNotFound:
        return
    settings = sections.get(section, {})
    # An empty token is none: botocore sends the keys without it.
    if settings.get(_SECRET) and not any(map(settings.get, _TOKENS)):
        raise LongTermSectionError(section=section, path=_path(session))


def write_section(session: Any, section: str, result: LoginResult) -> str:
    """Write a session into a section; return the file's path.

    :raises LongTermSectionError: The section holds long-term keys.
    :raises ConfigWriteError: The file is as it was.
    """
    token = result.credentials['SessionToken']
    values = {
        'assumed_role': str(result.role_arn is not None),
        'assumed_role_arn': result.role_arn,
        'aws_access_key_id': result.credentials['AccessKeyId'],
        _SECRET: result.credentials['SecretAccessKey'],
        **dict.fromkeys(_TOKENS, token),
        # aws-mfa reads it back in this form, and in UTC.
        'expiration': result.expiration.strftime('%Y-%m-%d %H:%M:%S'),
    }

    def change(original: bytes, _: str) -> bytes:
        # Under the lock, so that no key can have come in between.
        check_section(session, section)
        return set_in_section(original, section, values)

    edit_file(_path(session), change)
    return _path(session)


def _path(session: Any) -> str:
    return str(session.get_config_variable('credentials_file'))
