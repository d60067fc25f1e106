# SPDX-License-Identifier: Apache-2.0
"""``aws mfa export-credentials``: for shells and for other programs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

from tests.e2e.person import REGION, Person

# What a shell runs to show the variables it was given to its programs.
_SHOW = (
    f'{sys.executable} -c "import os; print(*map(os.environ.get, '
    "('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', "
    "'AWS_CREDENTIAL_EXPIRATION')))\""
)

# A POSIX shell is everywhere; of the others those that are there.
_SHELLS = {
    'sh': ('env', 'eval "$1"; '),
    'bash': ('env', 'eval "$1"; '),
    'zsh': ('env', 'eval "$1"; '),
    'fish': ('fish', 'eval $argv[1]; '),
    'pwsh': ('powershell', 'Invoke-Expression $args[0]; '),
}

_NAMES = {
    'AWS_ACCESS_KEY_ID': 'AccessKeyId',
    'AWS_SECRET_ACCESS_KEY': 'SecretAccessKey',
    'AWS_SESSION_TOKEN': 'SessionToken',
    'AWS_CREDENTIAL_EXPIRATION': 'Expiration',
}

_LINES = {
    'env': 'export {}={}',
    'env-no-export': '{}={}',
    'powershell': '$Env:{}="{}"',
    'windows-cmd': 'set {}={}',
    'fish': 'set -gx {} {}',
}


def _evaluate(shell: str, text: str) -> list[str]:
    """Return the variables' values after a shell has run the text."""
    script = _SHELLS[shell][1] + _SHOW
    first = [] if shell in ('fish', 'pwsh') else ['-']
    option = '-Command' if shell == 'pwsh' else '-c'
    completed = subprocess.run(
        [shell, option, script, *first, text],
        check=True,
        capture_output=True,
        text=True,
    )
    return completed.stdout.split()


def test_each_format(person: Person) -> None:
    """Shells set the variables by it; a program can use the JSON."""
    person.login()
    arguments = ('mfa', 'export-credentials', '--profile', person.profile)
    (kept,) = person.sessions()
    expected = kept['Credentials']
    assert person.ok(*arguments).json() == {'Version': 1, **expected}
    texts = {
        output_format: person.ok(*arguments, '--format', output_format).stdout
        for output_format in _LINES
    }
    for output_format, line in _LINES.items():
        assert texts[output_format].splitlines() == [
            line.format(name, expected[key]) for name, key in _NAMES.items()
        ]
    for shell, (output_format, _) in _SHELLS.items():
        if shutil.which(shell):
            assert _evaluate(shell, texts[output_format]) == [
                expected[key] for key in _NAMES.values()
            ], shell
    person.ok(
        's3',
        'ls',
        **dict(
            re.findall(r'^(\w+)=(.*)$', texts['env-no-export'], re.MULTILINE)
        ),
    )
    calls = person.aws.requests()
    assert [(call.operation, call.key_kind) for call in calls] == [
        ('GetSessionToken', 'long-term'),
        ('ListBuckets', 'mfa-session'),
    ]


def test_asks_at_the_terminal_though_output_is_piped(person: Person) -> None:
    """Without a session a role's export prompts, and nowhere is one line."""
    role = person.aws.create_role(f'admin-{person.user.name}')
    person.write_config(
        f'[profile {person.profile}]\n'
        f'mfa_serial = {person.user.device.serial_number}\n'
        '[profile admin]\n'
        f'region = {REGION}\n'
        f'role_arn = {role.arn}\n'
        f'source_profile = {person.profile}\n'
    )
    arguments = ('mfa', 'export-credentials', '--profile', 'admin')
    refused = person.run(*arguments, '--format', 'env')
    assert refused.code == person.exit_codes.configuration
    assert refused.stdout == ''
    assert refused.stderr.strip().endswith(
        'Profile admin has no valid MFA session. Start one with: '
        'aws mfa login --profile admin'
    )
    assert person.aws.requests() == []

    terminal = person.in_shell(
        'eval "$("$0" "$@" --format env)" && "$0" s3 ls --region us-east-1',
        *arguments,
    )
    terminal.answer(person.user.device.code())
    assert terminal.finish().code == 0
    assert [
        (call.operation, call.key_kind) for call in person.aws.requests()
    ] == [
        ('GetSessionToken', 'long-term'),
        ('AssumeRole', 'mfa-session'),
        ('ListBuckets', 'role'),
    ]
