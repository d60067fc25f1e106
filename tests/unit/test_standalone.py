# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.standalone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import awscli_mfa_plugin
from awscli_mfa_plugin.cache.layout import session_file
from awscli_mfa_plugin.cache.notes import note_session
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.standalone import main
from awscli_mfa_plugin.standalone_fallback import GUARD_VARIABLE
from awscli_mfa_plugin.temporary_credentials import format_time
from tests.unit.conftest import Home, make_mfa_session, now

KEY = 'a' * 64

# An `aws` that tells how it was started.
AWS = """\
#!/bin/sh
echo "$@"
printf '%s|%s|%s\\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" \
"$AWS_MFA_CREDENTIALS_FOR"
exit 5
"""


@pytest.fixture
def noted(home: Home) -> Home:
    """Give a home with sessions that are noted for two profiles."""
    home.write('[profile work]\n')
    # Half a minute over eleven hours, for the test to run in.
    expiration = now() + timedelta(hours=11, seconds=30)
    MFASessionCache().put(KEY, make_mfa_session(expiration=expiration))
    for name in ('work', 'default'):
        note_session(name, session_file(KEY), 60)
    return home


def test_credentials(noted: Home, capfd: pytest.CaptureFixture[str]) -> None:
    """They are printed as ``credential_process`` wants them."""
    mfa_session = MFASessionCache().get(KEY)
    assert mfa_session is not None
    assert main(['credentials', '--profile', 'work']) == 0
    assert json.loads(capfd.readouterr().out) == {
        'Version': 1,
        'AccessKeyId': mfa_session.credentials.access_key_id,
        'SecretAccessKey': mfa_session.credentials.secret_access_key,
        'SessionToken': mfa_session.credentials.session_token,
        'Expiration': format_time(mfa_session.credentials.expiration),
    }


@pytest.mark.parametrize(
    ('arguments', 'code', 'shown'),
    [
        (['--short', '--profile', 'work'], 0, 'work 11h00m\n'),
        (['--profile', 'work'], 0, 'work: 11h00m left\n'),
        (['--short'], 0, 'default 11h00m\n'),
        (['--short', '--profile', 'other'], 1, ''),
        (['--profile', 'other'], 1, 'other: no session\n'),
    ],
)
def test_status(
    noted: Home,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    shown: str,
) -> None:
    """A prompt gets one short text, or nothing, and never an error."""
    shown_by = run('status', *arguments, program=PLAIN)
    assert (shown_by.returncode, shown_by.stdout) == (code, shown)
    assert shown_by.stderr == ''
    if '--short' in arguments:
        assert main(['status', *arguments]) == code
        assert capfd.readouterr() == (shown, '')


@pytest.mark.parametrize('name', ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'])
def test_profile_of_the_environment(
    noted: Home,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    name: str,
) -> None:
    """Without ``--profile`` it is the one an SDK would take."""
    monkeypatch.setenv(name, 'work')
    assert main(['status', '--short']) == 0
    assert capfd.readouterr().out.startswith('work ')


@pytest.mark.parametrize(
    'arguments',
    [
        ['--short', '--profile', 'work'],
        ['--profile', 'work', '--short'],
        ['--profile=work', '--short'],
        # argparse takes these.
        ['--prof', 'work', '--sh'],
        ['--profile', 'other', '--short', '--profile=work'],
    ],
)
def test_options(
    noted: Home, capfd: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """They are understood in any order and spelling."""
    assert main(['status', *arguments]) == 0
    assert capfd.readouterr() == ('work 11h00m\n', '')


def test_two_profiles_in_the_environment(
    noted: Home,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """CLI v1 takes one and v2 the other, so it has to be named."""
    monkeypatch.setenv('AWS_PROFILE', 'work')
    monkeypatch.setenv('AWS_DEFAULT_PROFILE', 'default')
    assert main(['status', '--short']) == 1
    assert capfd.readouterr() == ('', '')
    assert main(['credentials']) == 1
    output, errors = capfd.readouterr()
    assert output == ''
    assert errors.endswith(
        'Name a profile: awscli-mfa credentials --profile work\n'
    )
    monkeypatch.setenv('AWS_DEFAULT_PROFILE', 'work')
    assert main(['status', '--short']) == 0


def test_status_after_another_profile_was_edited(
    noted: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    """A shell prompt goes on showing the session; SDKs ask ``aws``."""
    noted.write('[profile work]\n[profile other]\n')
    assert main(['status', '--short', '--profile', 'work']) == 0
    assert capfd.readouterr().out == 'work 11h00m\n'


# Says which modules a program imports that Python's own start does not.
_IMPORTED = """
import os, sys
# Without botocore, whatever the Python has.
sys.modules['botocore'] = None
before = set(sys.modules)
sys.path.insert(0, sys.argv.pop(1))
from awscli_mfa_plugin.standalone import main
try:
    code = main()
finally:
    print(*sorted(set(sys.modules) - before), file=sys.stderr)
sys.exit(code)
"""


# Runs the program as it is.
PLAIN = """
import sys
sys.modules['botocore'] = None
sys.path.insert(0, sys.argv.pop(1))
from awscli_mfa_plugin.standalone import main
sys.exit(main())
"""


def run(
    *arguments: str, program: str = _IMPORTED, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run ``awscli-mfa`` in a Python that has no other package."""
    package = Path(awscli_mfa_plugin.__file__).parent
    command = [sys.executable, '-IS', '-c', program, str(package.parent)]
    return subprocess.run(
        [*command, *arguments],
        check=False,
        text=True,
        **{'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, **options},
    )


@pytest.mark.parametrize(
    ('arguments', 'more'),
    [
        (['credentials'], ['awscli_mfa_plugin.cache.clock']),
        (
            ['status', '--short'],
            ['awscli_mfa_plugin.cache.clock', 'awscli_mfa_plugin.duration'],
        ),
        (['status', '--short', '--profile', 'none'], []),
    ],
)
def test_imports_nothing_but_the_reader(
    noted: Home, arguments: list[str], more: list[str]
) -> None:
    """A shell prompt pays for Python's start and little else."""
    imported = run(*arguments).stderr.split()
    assert imported == sorted(
        [
            'awscli_mfa_plugin',
            'awscli_mfa_plugin.cache',
            'awscli_mfa_plugin.cache.layout',
            'awscli_mfa_plugin.cache.notes',
            'awscli_mfa_plugin.standalone',
            *more,
        ]
    )


@pytest.mark.parametrize(
    'arguments',
    [['--version'], ['credentials', '--profile', 'none'], ['status', '--x']],
)
def test_imports_the_standard_library_only(
    home: Home, arguments: list[str]
) -> None:
    """Its Python may have neither botocore nor the CLI."""
    program = _IMPORTED.replace(
        'set(sys.modules) - before',
        "{name.partition('.')[0] for name, module in sys.modules.items() "
        "if str(getattr(module, '__file__', '')).startswith(sys.path[0])}",
    )
    ended = run(*arguments, program=program, env={'HOME': str(home.path)})
    # It ends with the names of what stands beside the package or in it. A
    # Python's own site-packages may have hooks of its start-up.
    imported = set(ended.stderr.splitlines()[-1].split())
    assert imported - {'_distutils_hack', '_virtualenv'} == {
        'awscli_mfa_plugin'
    }
    everything = run(*arguments, env={'HOME': str(home.path)}).stderr
    assert 'awscli_mfa_plugin.standalone_fallback' in everything


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='Linux')
def test_output_that_cannot_be_written(noted: Home) -> None:
    """That is one sentence, and quiet where nobody reads any more."""
    program = _IMPORTED.replace('print(', '(lambda *_, **__: None)(')
    arguments = ('status', '--profile', 'work')
    with open('/dev/full', 'w', encoding='utf-8') as full:
        for each in (arguments, ('--version',), ('status', '--help')):
            failed = run(*each, program=program, stdout=full)
            assert (failed.returncode, failed.stderr) == (
                1,
                'Standard output cannot be written: No space left on '
                'device.\n',
            )
    closed = run(*arguments, program='import os\nos.close(1)\n' + program)
    assert (closed.returncode, closed.stderr) == (
        1,
        'Standard output cannot be written: Bad file descriptor.\n',
    )
    reader, writer = os.pipe()
    os.close(reader)
    broken = run(*arguments, program=program, stdout=writer)
    os.close(writer)
    assert (broken.returncode, broken.stderr) == (1, '')


def test_an_aws_that_cannot_be_run(home: Home, tmp_path: Path) -> None:
    """A broken installation is one sentence."""
    aws = tmp_path / 'aws'
    aws.write_text('#!/nowhere/python\n')
    aws.chmod(0o755)
    program = _IMPORTED.replace('print(', '(lambda *_, **__: None)(')
    failed = run(
        'credentials',
        program=program,
        env={'HOME': str(home.path), 'PATH': str(tmp_path)},
    )
    assert (failed.returncode, failed.stdout) == (1, '')
    assert failed.stderr == (
        f'{aws} cannot be run: No such file or directory. Install the AWS '
        'CLI again, or start a session where it is: '
        'aws mfa login --profile default\n'
    )


@pytest.mark.parametrize(
    'arguments', [[], ['log in'], ['credentials', '--short']]
)
def test_usage(
    arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """A wrong command line is told on standard error."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    output, errors = capfd.readouterr()
    assert output == ''
    assert errors.startswith('usage: awscli-mfa ')


def test_version(capfd: pytest.CaptureFixture[str]) -> None:
    """It is that of the package."""
    with pytest.raises(SystemExit) as ended:
        main(['--version'])
    assert ended.value.code == 0
    assert capfd.readouterr().out == f'{awscli_mfa_plugin.__version__}\n'


def test_no_aws(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a session, botocore and an ``aws`` it says what to do."""
    monkeypatch.setenv('PATH', str(home.path))
    result = run('credentials', '--profile', 'work', program=PLAIN)
    assert (result.returncode, result.stdout) == (1, '')
    assert result.stderr.startswith('There is no "aws" on PATH ')
    assert result.stderr.endswith('aws mfa login --profile work\n')


def test_loop(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A profile that leads back to itself, even by another, is told so."""
    monkeypatch.setenv(GUARD_VARIABLE, 'work\nother')
    for name in ('work', 'other'):
        assert main(['credentials', '--profile', name]) == 1
        errors = capfd.readouterr().err
        assert f'Put the key into profile {name}-long-term.\n' in errors


def test_hands_over(home: Home) -> None:
    """``aws`` takes its place, for the profile and not the environment."""
    aws = home.path / 'bin' / 'aws'
    aws.parent.mkdir()
    aws.write_text(AWS)
    aws.chmod(0o755)
    package = Path(awscli_mfa_plugin.__file__).parent
    completed = subprocess.run(
        [
            *(sys.executable, '-c', PLAIN, str(package.parent)),
            *('credentials', '--profile', 'work'),
        ],
        check=False,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            'PATH': str(aws.parent),
            'AWS_ACCESS_KEY_ID': 'AKIAOTHER',
            'AWS_SECRET_ACCESS_KEY': 'other',
            GUARD_VARIABLE: 'another',
        },
    )
    assert completed.returncode == 5
    assert completed.stdout == (
        'mfa export-credentials --profile work\n||another\nwork\n'
    )
    assert completed.stderr == ''


def test_interrupted(noted: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends it as it ends ``aws``, without a traceback."""

    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr('awscli_mfa_plugin.standalone._answer', interrupt)
    assert main(['credentials', '--profile', 'work']) == 130
