# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.import_aws_mfa."""

from __future__ import annotations

import argparse

import pytest

from awscli_mfa_plugin.commands.import_aws_mfa import ImportAWSMFACommand
from tests.unit.conftest import KEYS, SERIAL, Home

ROLE = 'arn:aws:iam::123456789012:role/admin'
DEVICE = f'aws_mfa_device = {SERIAL}\n'
LINE = f'mfa_serial = {SERIAL}\n'


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
        ('', f'[p-long-term]\n{KEYS}'),
        ('', f'[p]\n{KEYS}{DEVICE}'),
        (f'[profile p]\n{LINE}', f'[p-long-term]\n{KEYS}{DEVICE}'),
    ],
)
def test_nothing_to_change(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    config: str,
    credentials: str,
) -> None:
    """What is no layout of aws-mfa, or is complete, is left alone."""
    home.write(config, credentials)
    run(home, apply=True)
    assert capsys.readouterr().out == 'There is nothing to change.\n'
    assert home.config.read_text() == config


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
