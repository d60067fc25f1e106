# SPDX-License-Identifier: Apache-2.0
"""``aws mfa export-credentials``."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from typing import Any

from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.exported import (
    ExportedCredentials,
    get_credentials,
)
from awscli_mfa_plugin.exceptions.commands import ControlCharacterError
from awscli_mfa_plugin.host.streams import print_text

# JSON for a credential_process, and as STS answers.
_PROCESS = 'process'
_STS = 'sts'


def _for_powershell(value: str) -> str:
    return '"' + re.sub(r'([`$"\u201c-\u201e])', r'`\1', value) + '"'


def _for_windows_cmd(value: str) -> str:
    return re.sub(r'([&|<>^"()%!])', r'^\1', value)


def _for_fish(value: str) -> str:
    # A text that a POSIX shell takes without quotes needs none here either.
    if shlex.quote(value) == value:
        return value
    return "'" + re.sub(r"(['\\])", r'\\\1', value) + "'"


# Each format, by its name in v2: how the shell sets a variable, and how a
# value is quoted. Keys of AWS need no quoting, but another program may have
# given any text as credentials.
_FORMATS: dict[str, tuple[str, Callable[[str], str]]] = {
    'env': ('export {name}={value}', shlex.quote),
    'env-no-export': ('{name}={value}', shlex.quote),
    'powershell': ('$Env:{name}={value}', _for_powershell),
    'windows-cmd': ('set {name}={value}', _for_windows_cmd),
    'fish': ('set -gx {name} {value}', _for_fish),
}

# cmd and Docker read these formats line by line: a line break begins another
# line there, quoted or not.
_LINE_FORMATS = ('env-no-export', 'windows-cmd')
_CONTROL_CHARACTER = re.compile(r'[\x00-\x1f\x7f-\x9f]')


class ExportCredentialsCommand(MFABasicCommand):
    """Print a profile's credentials for another program."""

    NAME = 'export-credentials'
    DESCRIPTION = from_file('mfa', 'export-credentials', '_description.rst')
    EXAMPLES = from_file('mfa', 'export-credentials', '_examples.rst')
    ARG_TABLE = [
        {
            'name': 'format',
            'choices': [_PROCESS, _STS, *_FORMATS],
            'default': _PROCESS,
            'help_text': (
                'The form of the output: <code>process</code> (the '
                'default), JSON as <code>credential_process</code> wants '
                'it; <code>sts</code>, JSON as STS answers, which '
                '<code>awsCredentialExport</code> of Claude Code wants; or '
                'commands that set environment variables: '
                '<code>env</code>, <code>env-no-export</code>, '
                '<code>powershell</code>, <code>windows-cmd</code>, '
                '<code>fish</code>.'
            ),
        },
    ]

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        credentials = get_credentials(self._session)
        print_text(format_credentials(credentials, parsed_args.format))
        return 0


def format_credentials(
    credentials: ExportedCredentials, output_format: str
) -> str:
    """Return credentials in one of the formats, a newline at the end.

    :raises ControlCharacterError: The format has no way to write them.
    """
    if output_format == _PROCESS:
        return _as_json({'Version': 1, **credentials.document})
    if output_format == _STS:
        return _as_json({'Credentials': credentials.document})
    template, quote = _FORMATS[output_format]
    variables = credentials.as_environment()
    if output_format in _LINE_FORMATS:
        for name, value in variables.items():
            if _CONTROL_CHARACTER.search(value):
                raise ControlCharacterError(
                    name=name, output_format=output_format
                )
    return ''.join(
        template.format(name=name, value=quote(value)) + '\n'
        for name, value in variables.items()
    )


def _as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=4) + '\n'
