# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.import_aws_mfa."""

from __future__ import annotations

import argparse
import re

import pytest

from awscli_mfa_plugin.commands.import_aws_mfa import ImportAWSMFACommand
from awscli_mfa_plugin.profiles.aws_mfa import profiles_of
from awscli_mfa_plugin.profiles.roles import read_mfa_role
from awscli_mfa_plugin.profiles.settings import read_mfa_profile
from tests.unit.conftest import Home
from tests.unit.names import DEVICE, KEYS, ROLE, SERIAL

LINE = f'mfa_serial = {SERIAL}\n'
# What aws-mfa has written into the section of a session.
SESSION = (
    'assumed_role = False\naws_access_key_id = ASIASESSIONEXAMPLE1\n'
    'aws_secret_access_key = session-secret-1\naws_session_token = t\n'
    'aws_security_token = t\nexpiration = 2026-01-01 00:00:00\n'
)
NO_DEVICE = (
    '# Profile {name}-long-term names no MFA device. Save one with: aws mfa '
    'login --profile {name} --serial-number ARN\n'
)
UNDECIDED = (
    '# Profile {user}-{suffix} names an MFA device, and whose it is cannot be '
    'told from the files.\n'
    '# If it is for {user}: aws mfa login --profile {user} '
    '--long-term-suffix {suffix}\n'
    '# If it is for {user}-{suffix} itself: aws configure set mfa_serial '
    f'{SERIAL} --profile {{user}}-{{suffix}}\n'
)


def run(home: Home, *, apply: bool) -> None:
    """Run ``aws mfa import-aws-mfa``."""
    command = ImportAWSMFACommand(home.session())
    parsed = argparse.Namespace(apply=apply)
    assert command.run(parsed, argparse.Namespace()) == 0


@pytest.mark.parametrize(
    ('config', 'credentials', 'added'),
    [
        # The layout as aws-mfa's README has it.
        ('', f'[p-long-term]\n{KEYS}{DEVICE}', f'[profile p]\n{LINE}'),
        (
            '[profile other]\nregion = x\n',
            f'[default-long-term]\n{KEYS}{DEVICE}[default]\n{KEYS}'
            'assumed_role = False\naws_session_token = t\n',
            f'[default]\n{LINE}',
        ),
        # The device in the other file.
        (
            f'[profile p-long-term]\n{DEVICE}',
            f'[p-long-term]\n{KEYS}',
            f'[profile p]\n{LINE}',
        ),
        # Region and output come along.
        (
            '[profile p-long-term]\noutput = text\ncli_pager = less\n',
            f'[p-long-term]\n{KEYS}{DEVICE}region = eu-west-3\n',
            f'[profile p]\n{LINE}region = eu-west-3\noutput = text\n',
        ),
        # So does a role.
        (
            '',
            f'[p-long-term]\n{KEYS}{DEVICE}assume_role = {ROLE}\n',
            f'[profile p]\n{LINE}role_arn = {ROLE}\n'
            'source_profile = p-long-term\n',
        ),
        # No suffix, so that the session has one.
        ('', f'[p]\n{KEYS}{DEVICE}', f'[profile p]\n{LINE}'),
        ('', f'[default]\n{KEYS}{DEVICE}', f'[default]\n{LINE}'),
        # Names with a space are quoted.
        ('', f'[a b-long-term]\n{KEYS}{DEVICE}', f"[profile 'a b']\n{LINE}"),
    ],
)
def test_new_sections(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    config: str,
    credentials: str,
    added: str,
) -> None:
    """What is printed without --apply is what is made with it."""
    home.write(config, credentials)
    run(home, apply=False)
    output = capsys.readouterr().out
    assert output == (
        f'# To be added to {home.config}\n{added}'
        '# To make these changes: add --apply\n'
    )
    assert home.config.read_text() == config

    run(home, apply=True)
    output = capsys.readouterr().out
    assert output == f'# Added to {home.config}\n{added}'
    assert home.config.read_text() == config + added
    assert home.credentials.read_text() == credentials

    run(home, apply=True)
    assert capsys.readouterr().out == 'There is nothing to change.\n'


@pytest.mark.parametrize(
    ('config', 'credentials'),
    [
        ('', ''),
        ('', f'[p]\n{KEYS}'),
        (f'[profile p]\n{LINE}', f'[p-long-term]\n{KEYS}{DEVICE}'),
        (f'[profile p]\n{LINE}', f'[p-long-term]\n{KEYS}'),
        (f'[profile p]\n{LINE}', f'[p]\n{KEYS}{DEVICE}'),
        (
            f'[profile p]\n{LINE}source_profile = p-lt\n',
            f'[p-lt]\n{KEYS}{DEVICE}',
        ),
        # As a login with both suffixes leaves it.
        (
            f'[profile p-mfa]\n{LINE}source_profile = p-lt\n',
            f'[p-lt]\n{KEYS}{DEVICE}[p-mfa]\n{SESSION}',
        ),
        (
            f'[profile p-mfa]\n{LINE}source_profile = p-long-term\n',
            f'[p-long-term]\n{KEYS}',
        ),
        # Nothing of aws-mfa's: no key, another key, another kind.
        ('[profile p-long-term]\nregion = x\n', ''),
        ('[profile p]\nsource_profile = q\n', f'[p-long-term]\n{KEYS}[q]\n'),
        ('[profile p]\nsso_session = s\n', f'[p-long-term]\n{KEYS}'),
        ('', f'[p-long-term]\n{SESSION}'),
        ('', f'[p]\n{SESSION}{DEVICE}'),
        (f'[profile p-x]\n{DEVICE}', f'[p]\n{SESSION}'),
    ],
)
def test_nothing_to_change(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    config: str,
    credentials: str,
) -> None:
    """A layout that is not aws-mfa's, or is complete, is left alone."""
    home.write(config, credentials)
    run(home, apply=True)
    assert capsys.readouterr().out == 'There is nothing to change.\n'
    assert home.config.read_text() == config


@pytest.mark.parametrize(
    ('config', 'credentials', 'said'),
    [
        ('', f'[p-long-term]\n{KEYS}', NO_DEVICE.format(name='p')),
        (
            '[profile default]\n[profile p]\nsource_profile =\n',
            f'[p-long-term]\n{KEYS}aws_mfa_device =\n[p]\n{SESSION}',
            NO_DEVICE.format(name='p'),
        ),
        (
            f'[profile p]\nrole_arn = {ROLE}\nsource_profile=p-long-term\n',
            f'[p-long-term]\n{KEYS}',
            NO_DEVICE.format(name='p'),
        ),
        # Its device is where aws-mfa does not look for it.
        (
            '',
            f'[p]\n{DEVICE}{KEYS}[p-long-term]\n{KEYS}',
            NO_DEVICE.format(name='p'),
        ),
        (
            '',
            f'[a b-long-term]\n{KEYS}',
            '# Profile a b-long-term names no MFA device. Save one with: aws '
            "mfa login --profile 'a b' --serial-number ARN\n",
        ),
        # It may have a suffix, and it may have none, whatever the sessions
        # that aws-mfa has made say.
        (
            '',
            f'[p]\n{SESSION}[p-lt]\n{KEYS}{DEVICE}',
            UNDECIDED.format(user='p', suffix='lt'),
        ),
        (
            '',
            f'[my-p]\n{KEYS}{DEVICE}',
            UNDECIDED.format(user='my', suffix='p'),
        ),
        (
            '[profile my]\nregion = x\n',
            f'[my-p]\n{KEYS}{DEVICE}',
            UNDECIDED.format(user='my', suffix='p'),
        ),
        # It would be the second key of one profile.
        (
            '',
            f'[p]\n{SESSION}[p-1]\n{KEYS}{DEVICE}[p-2]\n{KEYS}{DEVICE}',
            UNDECIDED.format(user='p', suffix='1')
            + UNDECIDED.format(user='p', suffix='2'),
        ),
        (
            f'[profile p]\n{LINE}',
            f'[p]\n{SESSION}[p-long-term]\n{KEYS}[p-x]\n{KEYS}{DEVICE}',
            UNDECIDED.format(user='p', suffix='x'),
        ),
        # It would not be what it is.
        (
            f'[profile p]\nrole_arn = {ROLE}\n',
            f'[p]\n{KEYS}{DEVICE}',
            '# Profile p is left out, because it is a role (role_arn): move '
            'its access key and its aws_mfa_device to a section of another '
            'name that ends in -long-term, and run this again.\n',
        ),
        (
            '[profile p]\nsource_profile = q\n',
            f'[p]\n{KEYS}{DEVICE}[q]\n',
            '# Profile p is left out, because its source_profile names '
            'another key: move its access key and its aws_mfa_device to a '
            'section of another name that ends in -long-term, and run this '
            'again.\n',
        ),
    ],
)
def test_what_only_the_person_knows(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    config: str,
    credentials: str,
    said: str,
) -> None:
    """It is named, with what to do, for as long as it is not done."""
    home.write(config, credentials)
    for apply in (False, True, True):
        run(home, apply=apply)
        assert capsys.readouterr().out == said
    assert home.config.read_text() == config
    assert home.credentials.read_text() == credentials


@pytest.mark.parametrize(
    ('device', 'reason'),
    [
        ('arn:aws:iam::123456789012:user/x', 'it is the ARN of an IAM user'),
        ('arn:aws:iam::123456789012:u2f/user/x/y', 'it is a FIDO security'),
        ('what', 'it is neither an ARN like'),
    ],
)
@pytest.mark.parametrize(
    'sections',
    [
        '[p-long-term]\n{key}',
        '[p]\n{key}',
        '[a-p]\n{key}',
        '[q]\n{session}[q-p]\n{key}',
    ],
)
def test_device_that_cannot_be_used(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    device: str,
    reason: str,
    sections: str,
) -> None:
    """It is not taken over, and the rest is."""
    key = f'{KEYS}region = x\naws_mfa_device = {device}\n'
    credentials = sections.format(key=key, session=SESSION)
    [name] = re.findall(r'\[([^]]*p[^]]*)\]', credentials)
    home.write('', f'{credentials}[z-long-term]\n{KEYS}{DEVICE}')
    run(home, apply=True)
    assert home.config.read_text() == f'[profile z]\n{LINE}'
    said = capsys.readouterr().out
    assert (
        f'# Profile {name} is left out until it names another MFA device. The '
        f'MFA serial number {device} cannot be used: {reason}'
    ) in said
    assert KEYS.split()[-1] not in said


def test_device_that_cannot_be_used_and_is_not(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rest is carried over when the profile names another device."""
    home.write(
        f'[profile p]\n{LINE}',
        f'[p-long-term]\n{KEYS}aws_mfa_device = what\nregion = x\n',
    )
    run(home, apply=True)
    assert 'what' not in capsys.readouterr().out
    assert home.config.read_text() == f'[profile p]\n{LINE}region = x\n'


def test_device_that_is_a_section(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """A value that is no line of text is not written."""
    home.write('', f'[p-long-term]\n{KEYS}aws_mfa_device =\n  a = b\n')
    run(home, apply=True)
    assert 'it must be one line of text' in capsys.readouterr().out
    assert not home.config.read_text()


def test_line_endings_and_comments(home: Home) -> None:
    """Every other byte of the file stays."""
    config = b'# mine\r\n[profile p] ; c\r\nregion=x\r\n\r\n[profile q]'
    home.write(
        '', f'[p-long-term]\n{KEYS}{DEVICE}[p]\n{SESSION}[q]\n{KEYS}{DEVICE}'
    )
    home.config.write_bytes(config)
    for _ in range(2):
        run(home, apply=True)
        line = LINE.strip().encode() + b'\r\n'
        assert home.config.read_bytes() == (
            b'# mine\r\n[profile p] ; c\r\nregion=x\r\n'
            + line
            + b'\r\n[profile q]\r\n'
            + line
        )


def test_imported_profiles_are_what_they_were(home: Home) -> None:
    """By the rules of profiles each stands on aws-mfa's key and device."""
    home.write(
        '',
        f'[p-long-term]\n{KEYS}{DEVICE}[p]\n{SESSION}'
        f'[r-long-term]\n{KEYS}{DEVICE}assume_role = {ROLE}\n[r]\n{SESSION}'
        f'[q]\n{KEYS}{DEVICE}',
    )
    run(home, apply=True)
    profiles = profiles_of(home.session())
    for name, key in (('p', 'p-long-term'), ('q', 'q')):
        profile = read_mfa_profile(name, profiles)
        assert profile.long_term_profile == key
        assert profile.serial_number == SERIAL
    role = read_mfa_role('r', profiles)
    assert role.base.long_term_profile == 'r-long-term'
    assert role.base.serial_number == SERIAL
    assert role.direct is None


def test_only_what_is_missing(home: Home) -> None:
    """A profile keeps what it says, and every other byte of the file."""
    home.write(
        '# mine\n[profile p] ; c\nregion=us-east-1\n\n[profile q]\nx = y',
        f'[p-long-term]\n{KEYS}{DEVICE}region = eu-west-3\noutput = text\n'
        f'[r-long-term]\n{KEYS}aws_mfa_device = GAHT12345678\n',
    )
    run(home, apply=True)
    assert home.config.read_text() == (
        '# mine\n[profile p] ; c\nregion=us-east-1\n'
        f'{LINE}output = text\n\n[profile q]\nx = y\n'
        '[profile r]\nmfa_serial = GAHT12345678\n'
    )


def test_role_of_its_own(home: Home) -> None:
    """A profile that has a role already is given no other source."""
    home.write(
        f'[profile p]\nrole_arn = {ROLE}\ncredential_source = Environment\n',
        f'[p-long-term]\n{KEYS}{DEVICE}assume_role = {ROLE}2\n',
    )
    run(home, apply=True)
    text = home.config.read_text()
    assert 'source_profile' not in text
    assert f'{ROLE}2' not in text
