# SPDX-License-Identifier: Apache-2.0
"""``aws mfa exec``: a program with the session in its environment."""

from __future__ import annotations

import signal
import sys

from tests.e2e.person import REGION, Person

_SHOW_ENVIRONMENT = 'import json, os; print(json.dumps(dict(os.environ)))'
_WAIT_FOR_SIGNAL = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(42))
print('ready', flush=True)
signal.pause()
"""


def test_environment(person: Person) -> None:
    """The program has the session and the region, and no profile."""
    person.login()
    (kept,) = person.sessions()
    given = person.ok(
        'mfa',
        'exec',
        '--profile',
        person.profile,
        '--',
        sys.executable,
        '-c',
        _SHOW_ENVIRONMENT,
        AWS_PROFILE='another',
        AWS_DEFAULT_PROFILE='another',
        AWS_SECURITY_TOKEN='of-another',
        AWS_DATA_PATH='/models',
        COLOR='green',
    ).json()
    plain = person.environment({'AWS_DATA_PATH': '/models', 'COLOR': 'green'})
    credentials = kept['Credentials']
    session = {
        'AWS_ACCESS_KEY_ID': credentials['AccessKeyId'],
        'AWS_SECRET_ACCESS_KEY': credentials['SecretAccessKey'],
        'AWS_SESSION_TOKEN': credentials['SessionToken'],
        'AWS_CREDENTIAL_EXPIRATION': credentials['Expiration'],
    }
    # The shells and Pythons on the way set these.
    for name in ('PWD', 'OLDPWD', '_', 'LC_CTYPE'):
        given.pop(name, None)
    assert given == {
        **plain,
        **session,
        'AWS_REGION': REGION,
        'AWS_DEFAULT_REGION': REGION,
        'AWS_MFA_EXEC_PROFILE': person.profile,
    }


def test_a_role_and_the_region_of_the_environment(person: Person) -> None:
    """A role profile gives the role; a region that is set stays."""
    role = person.aws.create_role(f'admin-{person.user.name}')
    person.config_file.write_text(
        person.config_file.read_text()
        + '[profile admin]\n'
        + f'role_arn = {role.arn}\n'
        + f'source_profile = {person.profile}\n'
        + f'region = {REGION}\n'
    )
    person.login()
    show = 'echo "$AWS_REGION $AWS_DEFAULT_REGION"; exec "$0" s3 ls'
    result = person.ok(
        'mfa',
        'exec',
        '--profile',
        'admin',
        '--',
        'sh',
        '-c',
        show,
        person.host.aws,
        AWS_DEFAULT_REGION='us-east-1',
    )
    assert result.stdout.splitlines()[0] == ' us-east-1'
    assert [
        (call.operation, call.key_kind) for call in person.aws.requests()
    ] == [
        ('GetSessionToken', 'long-term'),
        ('AssumeRole', 'mfa-session'),
        ('ListBuckets', 'role'),
    ]


def test_exit_codes_and_arguments(person: Person) -> None:
    """They are the program's own; what it is given behind -- too."""
    person.login()
    run = ('mfa', 'exec', '--profile', person.profile)
    code = 'import sys; print(*sys.argv[1:]); sys.exit(7)'
    arguments = ('--profile', 'x', '--', '--output', 'help')
    result = person.run(*run, '--', sys.executable, '-c', code, *arguments)
    assert (result.code, result.stdout) == (7, ' '.join(arguments) + '\n')

    missing = person.run(*run, '--', 'no-such-program', 'x')
    assert missing.code == 127
    assert missing.stderr.strip() == 'no-such-program: command not found'
    script = person.home / 'script'
    for content, why in (
        ('exit 7\n', 'it is no program of this system'),
        ('#!/no/such/shell\n', 'the interpreter that it names is not there'),
    ):
        script.write_text(content)
        script.chmod(0o755)
        no_program = person.run(*run, '--', str(script))
        assert no_program.code == 126
        (line,) = no_program.stderr.strip().splitlines()
        assert line.startswith(f'{script}: cannot be executed because {why}')
    nested = person.run(*run, '--', person.host.aws, *run, '--', 'true')
    assert nested.code == person.exit_codes.usage
    assert 'already runs inside "aws mfa exec" for profile' in nested.stderr
    for wrong in (('true',), ('--',), ('true', '--', 'true')):
        refused = person.run(*run, *wrong)
        assert refused.code in (person.exit_codes.usage, 255), wrong
        assert refused.stdout == ''
    # Python ignores SIGPIPE, which a pipe of the program's needs.
    piped = person.ok(*run, '--', 'sh', '-c', 'yes | head -n 1')
    assert (piped.stdout, piped.stderr) == ('y\n', '')


def test_signals(person: Person) -> None:
    """A signal for ``aws`` is one for the program."""
    person.login()
    process = person.start(
        'mfa',
        'exec',
        '--profile',
        person.profile,
        '--',
        sys.executable,
        '-c',
        _WAIT_FOR_SIGNAL,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == 'ready\n'
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 42
