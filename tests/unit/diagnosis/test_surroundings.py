# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.diagnosis.surroundings."""

from __future__ import annotations

import pytest

from awscli_mfa_plugin.diagnosis.checks import WARNING
from awscli_mfa_plugin.diagnosis.surroundings import check_surroundings
from awscli_mfa_plugin.host.agents import known_agents
from tests.unit.conftest import Home


@pytest.fixture(autouse=True)
def _no_agent(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, _ in known_agents():
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ('variables', 'said', 'remedy'),
    [
        (
            {'AWS_ACCESS_KEY_ID': 'a', 'AWS_SECRET_ACCESS_KEY': 'b'},
            'The keys in the environment sign',
            'unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN',
        ),
        (
            {'AWS_PROFILE': 'a', 'AWS_DEFAULT_PROFILE': 'b'},
            'AWS_PROFILE is a, which the AWS CLI v2 takes',
            'unset AWS_DEFAULT_PROFILE',
        ),
        (
            {'AWS_VAULT': 'a'},
            'aws-vault started this shell, for its profile a',
            'exit',
        ),
        (
            {'CLAUDECODE': '1'},
            'A coding agent runs this (CLAUDECODE is set)',
            'Log in in a terminal of your own: aws mfa login',
        ),
    ],
)
def test_what_goes_before(
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    said: str,
    remedy: str,
) -> None:
    """What the environment changes is named, with what ends it."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = [c for c in check_surroundings() if c.status == WARNING]
    assert any(
        said in check.message and check.remedy == remedy for check in found
    )


def test_an_alias_of_1password(home: Home) -> None:
    """1Password's plugin for the shell goes before every profile."""
    path = home.path / '.config' / 'op' / 'plugins.sh'
    path.parent.mkdir(parents=True)
    path.write_text('alias aws="op plugin run -- aws"\n')
    assert any('1Password' in check.message for check in check_surroundings())
