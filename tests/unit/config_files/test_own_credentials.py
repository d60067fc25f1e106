# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.config_files.own_credentials."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from awscli_mfa_plugin.config_files.own_credentials import Move, plan_move
from awscli_mfa_plugin.exceptions import MFAConfigurationError
from awscli_mfa_plugin.exceptions.files import ConfigWriteError
from awscli_mfa_plugin.exceptions.profiles import NotLongTermCredentialsError
from awscli_mfa_plugin.profiles.aws_mfa import profiles_of
from awscli_mfa_plugin.profiles.long_term import load_credentials
from awscli_mfa_plugin.profiles.settings import find_long_term_profile
from tests.unit.conftest import Home
from tests.unit.names import (
    ACCESS_KEY_ID,
    DEVICE,
    KEYS,
    LONG_TERM,
    SECRET_KEY,
    WORK,
    WORK_KEYS,
)

ROOT = Path(__file__).parents[3]
LINE = 'credential_process = awscli-mfa\n'
OTHER_KEYS = (
    'aws_access_key_id = AKIAOTHER\naws_secret_access_key = other-secret\n'
)
TEMPORARY = (
    'aws_access_key_id = ASIAOLD\naws_secret_access_key = old-secret\n'
    'aws_session_token = old-token\n'
)
# What aws-mfa writes.
STALE = (
    f'[work]\nassumed_role = False\n{TEMPORARY}'
    'aws_security_token = old-token\nexpiration = 2026-01-01 00:00:00\n'
)


def plan(home: Home) -> Move | None:
    """Return how the credentials of the profile ``work`` move."""
    session = home.session()
    profiles = profiles_of(session)
    return plan_move(
        session,
        'work',
        find_long_term_profile('work', profiles),
        profiles,
        {'credential_process': 'awscli-mfa'},
    )


@pytest.mark.parametrize(
    ('config', 'credentials', 'new_config', 'new_credentials'),
    [
        # A key alone: its section is renamed, with all that is in it.
        (
            WORK,
            f'# a\n[work] ; b\n# c\n\n{KEYS}# d\n[x]\n'.replace('\n', '\r\n'),
            WORK + LINE,
            f'# a\n[work-long-term] ; b\n# c\n\n{KEYS}# d\n[x]\n'.replace(
                '\n', '\r\n'
            ),
        ),
        # Other settings stay where they are, and so does the section.
        (
            '# no profile',
            f'[work]\n{DEVICE}{KEYS}# c\nregion=x\n\n[x]\na=1',
            f'# no profile\n[profile work]\n{LINE}',
            f'[work]\n{DEVICE}# c\nregion=x\n\n[x]\na=1\n{LONG_TERM}',
        ),
        ('', f'{WORK_KEYS}[work-long-term]\nregion = x\n', None, None),
        # The key in the config file, which some SDKs read first.
        (
            f'{WORK}{KEYS}[profile x]\na=1\n',
            '',
            f'{WORK}{LINE}[profile x]\na=1\n',
            LONG_TERM,
        ),
        (
            f'[profile "work"]\n{KEYS}',
            WORK_KEYS,
            f'[profile "work"]\n{LINE}',
            LONG_TERM,
        ),
        # aws-mfa's section, stale or not.
        (
            '[default]\n',
            f'{LONG_TERM}{DEVICE}{STALE}[x]\n',
            f'[default]\n[profile work]\n{LINE}',
            f'{LONG_TERM}{DEVICE}[x]\n',
        ),
        (
            WORK,
            f'{STALE}region = x\n{LONG_TERM}',
            WORK + LINE,
            f'[work]\nregion = x\n{LONG_TERM}',
        ),
        # A session that was pasted over a key in the other file.
        (
            f'{WORK}{KEYS}',
            f'[work]\n{TEMPORARY}',
            WORK + LINE,
            LONG_TERM,
        ),
        # A copy of the key has been made by hand.
        (WORK, WORK_KEYS + LONG_TERM, WORK + LINE, LONG_TERM),
        (
            f'{WORK}source_profile = keys\n',
            f'{WORK_KEYS}[keys]\n{KEYS}',
            f'{WORK}source_profile = keys\n{LINE}',
            f'[keys]\n{KEYS}',
        ),
    ],
)
def test_moves(
    home: Home,
    config: str,
    credentials: str,
    new_config: str | None,
    new_credentials: str | None,
) -> None:
    """Only the lines in question change, and no secret is shown."""
    home.config.write_bytes(config.encode())
    home.credentials.write_bytes(credentials.encode())
    for path in (home.config, home.credentials):
        path.chmod(0o640)
    move = plan(home)
    assert move is not None
    shown = move.as_text()
    for secret in (SECRET_KEY, 'old-secret', 'old-token', ACCESS_KEY_ID):
        assert secret not in shown
    move.make()
    for path, content in (
        (home.config, new_config),
        (home.credentials, new_credentials),
    ):
        # A key is not laid open to those who could not read it before.
        is_new = SECRET_KEY in config and SECRET_KEY not in credentials
        expected = 0o600 if path == home.credentials and is_new else 0o640
        assert stat.S_IMODE(path.stat().st_mode) == expected
        if content is not None:
            assert path.read_bytes() == content.encode()
    session = home.session()
    settings = session.full_config['profiles']
    assert 'aws_access_key_id' not in settings['work']
    assert settings['work']['credential_process'] == 'awscli-mfa'
    found = find_long_term_profile('work', settings)
    assert load_credentials(session, found).access_key == ACCESS_KEY_ID
    # Nothing is left to be moved.
    assert plan(home) is None


def test_what_is_shown(home: Home) -> None:
    """Each changed line is there, with its section."""
    home.write('', f'{LONG_TERM}{DEVICE}{STALE}region = x\n')
    move = plan(home)
    assert move is not None
    assert move.as_text() == (
        f'{home.config}\n+ [profile work]\n+ {LINE}'
        f'{home.credentials}\n  [work]\n'
        '- assumed_role = False\n'
        '- aws_access_key_id = ****AOLD\n'
        '- aws_secret_access_key = ****\n'
        '- aws_session_token = ****\n'
        '- aws_security_token = ****\n'
        '- expiration = 2026-01-01 00:00:00\n'
    )
    assert move.title == 'remove the temporary credentials from profile work'
    # Who came this far had the line already.
    home.write(f'{WORK}{LINE}', WORK_KEYS + LONG_TERM)
    move = plan(home)
    assert move is not None
    assert move.as_text().startswith(f'{home.credentials}\n- [work]\n')
    assert move.title == (
        'remove the access key from profile work, which profile '
        'work-long-term has too'
    )


@pytest.mark.parametrize(
    ('config', 'credentials', 'error', 'said'),
    [
        (
            WORK,
            f'[work]\n{OTHER_KEYS}{LONG_TERM}',
            MFAConfigurationError,
            'key itself, and profile work-long-term has another',
        ),
        (
            f'{WORK}{KEYS}',
            f'[work]\n{OTHER_KEYS}',
            MFAConfigurationError,
            'holds an access key itself, and the config file has another',
        ),
        (
            f'{WORK}[profile work-long-term]\ncredential_process = vault\n',
            WORK_KEYS,
            MFAConfigurationError,
            'and profile work-long-term has another',
        ),
        (
            WORK,
            '[work]\naws_access_key_id = AKIA\n',
            MFAConfigurationError,
            'holds one line of an access key without the other',
        ),
        (
            WORK,
            f'[work]\n{TEMPORARY}',
            NotLongTermCredentialsError,
            'into profile work-long-term',
        ),
    ],
)
def test_refused(
    home: Home,
    config: str,
    credentials: str,
    error: type[Exception],
    said: str,
) -> None:
    """No key is lost; what to do is said in one sentence."""
    home.write(config, credentials)
    with pytest.raises(error, match=said) as caught:
        plan(home)
    assert SECRET_KEY not in str(caught.value)


def test_all_or_nothing(home: Home) -> None:
    """A credentials file that cannot be changed leaves the config file."""
    home.config.write_bytes(b'# mine\r\n' + WORK.encode())
    home.credentials.write_text(WORK_KEYS)
    os.link(home.credentials, home.path / 'dotfile')
    move = plan(home)
    assert move is not None
    with pytest.raises(ConfigWriteError, match='hard link'):
        move.make()
    assert home.config.read_bytes() == b'# mine\r\n' + WORK.encode()
    assert home.credentials.read_text() == WORK_KEYS


# Makes a move over and over, each time killed one system call later, and
# prints what each left in the two files.
CRASHES = """
import json, os, signal, sys
import botocore.session
from awscli_mfa_plugin.config_files.own_credentials import plan_move
from awscli_mfa_plugin.profiles.aws_mfa import profiles_of
from awscli_mfa_plugin.profiles.settings import find_long_term_profile

paths = [os.environ[name] for name in (
    'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE')]

def read():
    return [open(path).read() for path in paths]

def write(texts):
    for path, text in zip(paths, texts):
        with open(path, 'w') as file:
            file.write(text)

def make_and_die(move, countdown):
    replace = os.replace

    def die_some_time(event, arguments):
        nonlocal countdown
        if event in ('open', 'os.rename', 'os.chmod', 'os.remove'):
            countdown -= 1
            if countdown < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def replace_and_die(*arguments):
        replace(*arguments)
        die_some_time('open', ())

    os.replace = replace_and_die
    sys.addaudithook(die_some_time)
    move.make()

session = botocore.session.Session()
profiles = profiles_of(session)
move = plan_move(
    session, 'work', find_long_term_profile('work', profiles), profiles,
    {'credential_process': 'awscli-mfa'})
before = read()
# Once for the imports, which need no crash.
move.make()
killed = []
while True:
    write(before)
    child = os.fork()
    if not child:
        try:
            make_and_die(move, len(killed))
        finally:
            os._exit(sys.exc_info()[0] is not None)
    status = os.waitpid(child, 0)[1]
    if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
        break
    killed.append(read())
print(json.dumps([status, killed, read()]))
"""


@pytest.mark.parametrize(
    ('config', 'credentials'),
    [(WORK, WORK_KEYS), (WORK + KEYS, ''), (WORK, STALE + LONG_TERM)],
)
def test_killed_at_any_moment(
    home: Home, config: str, credentials: str
) -> None:
    """The key is in a file, the profile has it, and the next run goes on."""
    home.write(config, credentials)
    process = subprocess.run(
        [sys.executable, '-c', CRASHES],
        check=True,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        timeout=50,
    )
    status, killed, done = json.loads(process.stdout)
    assert status == 0
    assert done == [WORK + LINE, LONG_TERM]
    states: list[Any] = []
    for state in killed:
        if state not in states:
            states.append(state)
    # Neither file, the first one, both.
    assert len(states) == 3
    assert states[0] == [config, credentials]
    assert states[-1] == done
    for state in states:
        home.write(*state)
        session = home.session(profile='work')
        profiles = profiles_of(session)
        found = find_long_term_profile('work', profiles)
        assert load_credentials(session, found).access_key == ACCESS_KEY_ID
        # SDKs find what they found before, or the process.
        settings = profiles['work']
        assert ('aws_access_key_id' in settings) or (
            settings['credential_process'] == 'awscli-mfa'
        )
        move = plan(home)
        assert (move is None) == (state == done)
        if move is not None:
            move.make()
        assert [
            home.config.read_text(),
            home.credentials.read_text(),
        ] == done
