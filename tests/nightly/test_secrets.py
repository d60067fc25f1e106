# SPDX-License-Identifier: Apache-2.0
"""No secret in anything that commands print, log, write or are called with."""

from __future__ import annotations

import contextlib
import re
import shlex
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.person import Person
from tests.nightly.conftest import Search
from tests.nightly.secrets import found_in

CASES = 60

COMMANDS = [
    ['mfa', 'login', '--force'],
    ['mfa', 'login', '--force', '--token-code', '-'],
    ['mfa', 'login', '--force', '--token-code', '-', '--write-credentials'],
    ['mfa', 'login', '--role-arn', 'ROLE', '--force'],
    ['mfa', 'logout'],
    ['mfa', 'status'],
    ['mfa', 'list-devices'],
    ['mfa', 'configure-sdk'],
    ['mfa', 'exec', '--', 'true'],
    ['s3', 'ls'],
    ['s3', 'ls', '--profile', 'app'],
    ['s3', 'ls', '--profile', 'nobody'],
    ['sts', 'get-caller-identity'],
    ['configure', 'list'],
    ['iam', 'list-mfa-devices'],
]

# The AWS CLI logs and records the header of its own requests.
_HEADER = re.compile(r'.*security-token.*', re.IGNORECASE)


@contextlib.contextmanager
def command_lines(home: Path) -> Iterator[set[str]]:
    """Collect the command lines of a person's processes meanwhile."""
    seen: set[str] = set()
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(0.01):
            for path in Path('/proc').glob('[0-9]*/cmdline'):
                with contextlib.suppress(OSError):
                    variables = path.with_name('environ').read_bytes()
                    if f'HOME={home}\0'.encode() not in variables:
                        continue
                    seen.add(path.read_bytes().decode(errors='replace'))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        is_over.set()
        thread.join()


def recorded(person: Person) -> str:
    """Return what the CLI's own history holds."""
    path = person.home / '.aws' / 'cli' / 'history' / 'history.db'
    if not path.exists():
        return ''
    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute('SELECT event_type, payload FROM records')
        return '\n'.join(f'{kind} {payload}' for kind, payload in rows)


def cached_secrets(person: Person) -> dict[str, list[str]]:
    """Return the keys and the tokens in the cache."""
    texts = [path.read_text() for path in person.cached_files()]
    return {
        name: [
            found
            for text in texts
            for found in re.findall(f'"{name}": "([^"]+)"', text)
        ]
        for name in ('SecretAccessKey', 'SessionToken')
    }


def test_secrets(search: Search, person: Person) -> None:
    """Each stays in its place, whatever fails in between."""
    user, aws = person.user, person.aws
    role = aws.create_role(f'{user.name}-app')
    long_term = f'{person.profile}-long-term'
    person.write_profiles(
        {
            person.profile: {
                'mfa_serial': user.device.serial_number,
                'mfa_process': shlex.join(user.device.code_command()),
                'cli_history': 'enabled',
            },
            'app': {
                'role_arn': role.arn,
                'source_profile': person.profile,
                'cli_history': 'enabled',
            },
        }
    )
    person.write_credentials({long_term: user})
    person.variables['AWS_PROFILE'] = person.profile
    codes: list[str] = []
    keys: set[str] = set()
    tokens: set[str] = set()
    for case in search.cases(CASES):
        words = [
            role.arn if word == 'ROLE' else word
            for word in search.random.choice(COMMANDS)
        ]
        code = user.device.code()
        codes.append(code)
        if search.random.random() < 0.2:
            code = user.device.wrong_code()
        if search.random.random() < 0.2:
            aws.fail(operation='GetSessionToken', code='InternalFailure')
        with command_lines(person.home) as lines:
            result = person.run(*words, '--debug', input=f'{code}\n')
        aws.clear_faults()
        found = cached_secrets(person)
        keys.update(found['SecretAccessKey'])
        tokens.update(found['SessionToken'])
        secrets = [user.secret_access_key, *keys, *codes]
        shown = result.stdout + result.stderr + '\n'.join(lines)
        where = (case, words, result.code)
        assert not found_in(shown, secrets), where
        assert not found_in(_HEADER.sub('', shown), tokens), where
        history = recorded(person)
        assert not found_in(history, secrets), where
        assert not found_in(_HEADER.sub('', history), tokens), where
        for path in person.home.rglob('*'):
            if path.is_file() and 'history' not in path.parts:
                check_file(person, path, codes, keys | tokens)
        search.counts['done' if result.code == 0 else 'failed'] += 1


def check_file(
    person: Person, path: Path, codes: list[str], sessions: set[str]
) -> None:
    """Check that a file has the secrets that are to be there."""
    text = path.read_bytes().decode(errors='replace')
    assert not found_in(text, codes), path
    is_credentials = path == person.credentials_file
    if not is_credentials:
        assert not found_in(text, [person.user.secret_access_key]), path
    if not is_credentials and path.parent != person.cache:
        assert not found_in(text, sessions), path
