# SPDX-License-Identifier: Apache-2.0
"""Random profiles without MFA: all is the same without the plugin."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.e2e.person import REGION, Person, Result
from tests.hosts import Host
from tests.nightly import forked
from tests.nightly.conftest import Search
from tests.standin import StandIn, User

CASES = 400
# Of processes of their own, which take longer.
CASES_IN_PROCESSES = 60

NAMES = ['default', 'a', 'b', 'two words', 'a-long-term', '本番', 'A']
COMMANDS = [
    ['sts', 'get-caller-identity'],
    ['s3', 'ls'],
    ['s3', 'ls', '--no-sign-request'],
    ['configure', 'list'],
    ['configure', 'get', 'region'],
    ['configure', 'set', 'output', 'json'],
    ['iam', 'list-mfa-devices'],
    ['sts', 'get-session-token', '--query', 'keys(Credentials)'],
    ['sts', 'assume-role', '--role-arn', 'ROLE', '--role-session-name', 'me',
     '--query', 'AssumedRoleUser.Arn'],
    ['--version'],
]  # fmt: skip
WRONG_COMMANDS = [
    ['sts', 'assume-role', '--role-arn', 'x', '--role-session-name', 'me'],
    ['s3', 'no-such-command'],
    ['sts', 'get-caller-identity', '--no-such-option'],
]
WRONG_SETTINGS = [
    ('region', ''), ('region', 'no region'), ('output', 'x'),
    ('output', 'yaml'), ('duration_seconds', 'x'), ('duration_seconds', '-1'),
    ('duration_seconds', ''), ('mfa_prompt', 'x'), ('retry_mode', 'x'),
    ('cli_timestamp_format', 'x'), ('source_profile', 'gone'),
    ('source_profile', 'a'), ('credential_source', 'x'), ('role_arn', 'x'),
    ('web_identity_token_file', 'gone'), ('sso_session', 'gone'),
    ('credential_process', 'false'), ('credential_process', '"'),
    ('aws_access_key_id', 'x'), ('aws_secret_access_key', ''),
]  # fmt: skip
WRONG_LINES = [
    '', '# a remark', '; another', '[', 'no setting', '= x', '   indented = x',
    '[sso-session x]', '[services x]', '[profile]', '\x00',
    'region = us-east-1', '\ufeff',
]  # fmt: skip

# What each role session has of its own: the time in its name, and keys.
_OF_A_SESSION = re.compile(
    r'(?<=botocore-session-)\d+|(?<=\*{16})\S{4}(?=.* assume-role)'
)


def settings_of(
    random: Random, user: User, role: str, source: str, *, has_keys: bool
) -> dict[str, str]:
    """Return the settings of a profile, most of which can be used.

    :param source: A profile with keys, for a role.
    :param has_keys: Whether the profile has keys of its own.
    """
    printed = {'Version': 1, 'AccessKeyId': user.access_key_id}
    printed['SecretAccessKey'] = user.secret_access_key
    kinds: list[dict[str, str]] = [
        {
            'aws_access_key_id': user.access_key_id,
            'aws_secret_access_key': user.secret_access_key,
        },
        {'role_arn': role, 'source_profile': source},
        {
            'credential_process': shlex.join(
                [sys.executable, '-S', '-c', f'print({json.dumps(printed)!r})']
            )
        },
        {'role_arn': role, 'credential_source': 'Environment'},
        {},
    ]
    more = {
        'output': random.choice(['json', 'text', 'table']),
        'duration_seconds': random.choice(['900', '3600']),
        'role_session_name': 'me',
        'mfa_prompt': 'never',
        'mfa_process': 'false',
        'assume_role': role,
        'cli_timestamp_format': random.choice(['iso8601', 'wire']),
        'retry_mode': random.choice(['standard', 'legacy']),
        's3': '\n  addressing_style = path',
        'mfa_serial': '',
    }
    kind = kinds[0] if has_keys else random.choices(kinds, [3, 5, 3, 1, 1])[0]
    chosen = random.sample(sorted(more), random.randint(0, 4))
    if random.random() < 0.9:
        kind = {**kind, 'region': random.choice([REGION, 'us-east-1'])}
    settings = {**kind, **{name: more[name] for name in chosen}}
    if random.random() < 0.1:
        settings.update([random.choice(WRONG_SETTINGS)])
    return settings


def files_of(
    random: Random, names: list[str], user: User, role: str
) -> list[str]:
    """Return the text of a config and of a credentials file.

    All names have a profile in one of them or in both. Now and then a line
    is wrong.
    """
    files: list[list[str]] = [['# a file'], ['# a file']]
    for name in names:
        settings = settings_of(
            random, user, role, names[0], has_keys=name == names[0]
        )
        # Every setting but keys stands in the config file, or all in one.
        places = random.choice([[0], [0, 1], [0, 1], [1]])
        parts: list[list[str]] = [[], []]
        for setting, value in settings.items():
            where = 1 if setting.startswith('aws_') else 0
            parts[where if where in places else places[0]].append(
                f'{setting} = {value}'
            )
        for place in places:
            section = (
                name
                if place or name == 'default'
                else f'profile {shlex.quote(name)}'
            )
            files[place] += [f'[{section}]', *parts[place]]
    lines = random.choice(files)
    # Above the first section, a line would be in the one of plugins.
    if len(lines) > 1 and random.random() < 0.15:
        lines.insert(random.randint(2, len(lines)), random.choice(WRONG_LINES))
    return ['\n'.join([*lines, '']) for lines in files]


def compare(
    search: Search,
    cases: int,
    make_person: Callable[[], Person],
    run: Callable[..., Result],
) -> None:
    """Compare what is seen of random cases with the plugin and without.

    :param make_person: Makes the same person with a new home.
    :param run: Runs a person's command.
    """
    random = search.random
    person = make_person()
    shutil.rmtree(person.home)
    user, aws = person.user, person.aws
    role = aws.create_role(f'{user.name}-app', require_mfa=False).arn
    for _ in search.cases(cases):
        names = random.sample(NAMES, random.randint(1, 4))
        files = files_of(random, names, user, role)
        arguments = [
            role if word == 'ROLE' else word
            for word in random.choice(COMMANDS * 4 + WRONG_COMMANDS)
        ]
        # Now and then one that is not there.
        profile = random.choice(NAMES if random.random() < 0.05 else names)
        variables = {}
        if random.random() < 0.6:
            arguments += ['--profile', profile]
        elif random.random() < 0.7:
            variables['AWS_PROFILE'] = profile
        if random.random() < 0.2:
            variables.update(user.environment())
        if random.random() < 0.3:
            variables['AWS_DEFAULT_REGION'] = REGION
        seen = []
        for has_plugin in (False, True):
            person = make_person()
            person.variables.update(variables)
            seen.append(see(person, files, has_plugin, arguments, run))
            shutil.rmtree(person.home)
        assert seen[0] == seen[1], (files, arguments, variables)
        code = seen[0]['code']
        search.counts[
            'reached AWS'
            if seen[0]['requests']
            else f'ended in {code}'
            if code
            else 'answered'
        ] += 1
        search.counts['requests'] += len(seen[0]['requests'])


def see(
    person: Person,
    files: list[str],
    has_plugin: bool,
    arguments: list[str],
    run: Callable[..., Result],
) -> dict[str, Any]:
    """Run a command with these files; return what is seen."""
    person.write_config('', plugin=has_plugin)
    lines = person.config_file.read_text()
    person.write_config(files[0], plugin=has_plugin)
    person.credentials_file.write_text(files[1])
    person.aws.clear_requests()
    result = run(person, *arguments)
    return {
        'code': result.code,
        'stdout': _OF_A_SESSION.sub('', result.stdout),
        'stderr': _OF_A_SESSION.sub('', result.stderr),
        'requests': [
            (call.operation, call.role_name or call.access_key_id, call.region)
            for call in person.aws.requests()
        ],
        'config': person.config_file.read_text().removeprefix(lines),
        'credentials': person.credentials_file.read_text(),
        'files': sorted(
            str(path.relative_to(person.home))
            for path in person.home.rglob('*')
        ),
    }


def test_same(
    search: Search,
    tmp_path: Path,
    aws: StandIn,
    new_user: Callable[[], User],
) -> None:
    """Output, exit code, requests and files do not differ."""
    user = new_user()
    compare(
        search,
        CASES,
        lambda: Person(tmp_path / 'home', forked.HOST, aws, user, tmp_path),
        lambda *words: forked.Forked(*words).result(),
    )


@pytest.mark.one_host
def test_same_in_processes(
    search: Search,
    tmp_path: Path,
    host: Host,
    aws: StandIn,
    new_user: Callable[[], User],
    plugin_folder: Path,
) -> None:
    """Nor do they on the newest AWS CLI, which cannot be forked."""
    user = new_user()
    compare(
        search,
        CASES_IN_PROCESSES,
        lambda: Person(tmp_path / 'home', host, aws, user, plugin_folder),
        Person.run,
    )
