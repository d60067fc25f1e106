# SPDX-License-Identifier: Apache-2.0
"""Random profiles without MFA: all is the same without the plugin."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from tests.e2e.person import REGION, Person
from tests.nightly import forked
from tests.nightly.conftest import Search
from tests.standin import StandIn, User

CASES = 400

NAMES = ['default', 'a', 'b', 'two words', 'a-long-term', '本番', 'A']
COMMANDS = [
    ['sts', 'get-caller-identity'],
    ['s3', 'ls'],
    ['s3', 'ls', '--no-sign-request'],
    ['configure', 'list'],
    ['configure', 'get', 'region'],
    ['configure', 'set', 'output', 'json'],
    ['iam', 'list-mfa-devices'],
    ['sts', 'get-session-token'],
    ['sts', 'assume-role', '--role-arn', 'x', '--role-session-name', 'me'],
    ['--version'],
    ['s3', 'no-such-command'],
    ['sts', 'get-caller-identity', '--no-such-option'],
]
LINES = [
    '', '# a remark', '; another', '[', 'no setting', '= x', '   indented = x',
    '[sso-session x]', '[services x]', '[profile]', '\x00',
    'region = us-east-1', '\ufeff',
]  # fmt: skip


def settings_of(random: Random, user: User, role: str) -> dict[str, str]:
    """Return the settings of a profile of some kind."""
    keys = {
        'aws_access_key_id': user.access_key_id,
        'aws_secret_access_key': user.secret_access_key,
    }
    printed = {'Version': 1, 'AccessKeyId': user.access_key_id}
    printed['SecretAccessKey'] = user.secret_access_key
    kinds: list[dict[str, str]] = [
        keys,
        keys,
        keys,
        {'aws_access_key_id': user.access_key_id},
        {'role_arn': role, 'source_profile': random.choice(NAMES)},
        {'role_arn': role, 'credential_source': 'Environment'},
        {'role_arn': role},
        {'source_profile': random.choice(NAMES)},
        {'credential_process': 'false'},
        {
            'credential_process': shlex.join(
                [sys.executable, '-S', '-c', f'print({json.dumps(printed)!r})']
            )
        },
        {'web_identity_token_file': 'gone', 'role_arn': role},
        {'sso_session': 'gone', 'sso_account_id': '1', 'sso_role_name': 'x'},
        {},
    ]
    more = {
        'region': random.choice([REGION, 'us-east-1', '', 'no region']),
        'output': random.choice(['json', 'text', 'table', 'yaml', 'x']),
        'duration_seconds': random.choice(['900', '3600', 'x', '-1', '']),
        'role_session_name': 'me',
        'mfa_prompt': random.choice(['never', 'x']),
        'mfa_process': 'false',
        'assume_role': role,
        'cli_timestamp_format': random.choice(['iso8601', 'wire', 'x']),
        'retry_mode': random.choice(['standard', 'legacy', 'x']),
        's3': '\n  addressing_style = path',
        'mfa_serial': '',
    }
    chosen = random.sample(sorted(more), random.randint(0, 4))
    return {**random.choice(kinds), **{name: more[name] for name in chosen}}


def file_of(
    random: Random, names: list[str], prefix: str, user: User, role: str
) -> str:
    """Return the text of a file of profiles."""
    lines = ['# a file']
    for name in names:
        if random.random() < 0.2:
            continue
        full = name if name == 'default' else f'{prefix}{name}'
        quoted = shlex.quote(name)
        lines.append(f'[{full.replace(name, quoted) if prefix else full}]')
        settings = settings_of(random, user, role)
        lines += [f'{name} = {value}' for name, value in settings.items()]
    if random.random() < 0.15:
        place = random.randint(1, len(lines))
        lines.insert(place, random.choice(LINES))
    return '\n'.join([*lines, ''])


def test_same(
    search: Search,
    tmp_path: Path,
    aws: StandIn,
    new_user: Callable[[], User],
) -> None:
    """Output, exit code, requests and files do not differ."""
    user = new_user()
    role = aws.create_role(f'{user.name}-app', require_mfa=False).arn
    for _ in search.cases(CASES):
        names = search.random.sample(NAMES, search.random.randint(1, 4))
        files = [
            file_of(search.random, names, prefix, user, role)
            for prefix in ('profile ', '')
        ]
        # Now and then one that is not there.
        profile = search.random.choice(names * 5 + NAMES)
        arguments = list(search.random.choice(COMMANDS))
        variables = {}
        if search.random.random() < 0.6:
            arguments += ['--profile', profile]
        elif search.random.random() < 0.5:
            variables['AWS_PROFILE'] = profile
        if search.random.random() < 0.2:
            variables.update(user.environment())
        seen = [
            see(tmp_path, aws, user, files, arguments, variables, plugin)
            for plugin in (False, True)
        ]
        assert seen[0] == seen[1], (files, arguments, variables)
        search.counts[f'ended in {seen[0]["code"]}'] += 1
        search.counts['requests'] += len(seen[0]['requests'])


def see(
    folder: Path,
    aws: StandIn,
    user: User,
    files: list[str],
    arguments: list[str],
    variables: dict[str, str],
    plugin: bool,
) -> dict[str, Any]:
    """Run a command in a new home of the same name; return what is seen."""
    person = Person(folder / 'home', forked.HOST, aws, user, folder)
    person.variables.update(variables)
    person.write_config(files[0], plugin=plugin)
    person.credentials_file.write_text(files[1])
    lines = person.host.plugin_lines(folder)
    aws.clear_requests()
    result = forked.Forked(person, *arguments).result()
    seen = {
        'code': result.code,
        'stdout': result.stdout,
        'stderr': result.stderr,
        'requests': [
            (call.operation, call.role_name or call.access_key_id, call.region)
            for call in aws.requests()
        ],
        'config': person.config_file.read_text().removeprefix(lines),
        'credentials': person.credentials_file.read_text(),
        'files': sorted(
            str(path.relative_to(person.home))
            for path in person.home.rglob('*')
        ),
    }
    shutil.rmtree(person.home)
    return seen
