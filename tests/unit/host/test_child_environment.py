# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.child_environment."""

from __future__ import annotations

import os
import sys
from types import ModuleType

import pytest

from awscli_mfa_plugin.host.child_environment import child_environment

# What programs of a frozen CLI would inherit.
BUNDLE = {
    'LD_LIBRARY_PATH': '/bundle',
    'LD_LIBRARY_PATH_ORIG': '/own',
    '_PYI_PARENT_PROCESS_LEVEL': '1',
}


def child_of(environment: dict[str, str]) -> dict[str, str]:
    """Return what programs get of an ``aws`` in that environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, 'environ', dict(environment))
        return child_environment()


def test_is_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Changing it changes nothing for this process."""
    # An AWS CLI that another test has imported sets it.
    monkeypatch.delenv('AWS_DATA_PATH', raising=False)
    environment = child_environment()
    assert environment == dict(os.environ)
    environment['AWS_MFA_TEST'] = '1'
    assert 'AWS_MFA_TEST' not in os.environ


def test_outside_a_bundle_all_stays() -> None:
    """A person may have set the variables for reasons of their own."""
    assert child_of(BUNDLE) == BUNDLE


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        (BUNDLE, {'LD_LIBRARY_PATH': '/own'}),
        ({'LD_LIBRARY_PATH': '/bundle'}, {}),
    ],
)
def test_what_the_bundle_sets_is_taken_out(
    monkeypatch: pytest.MonkeyPatch,
    before: dict[str, str],
    after: dict[str, str],
) -> None:
    """A program gets the person's libraries, and is no part of the CLI."""
    monkeypatch.setattr(sys, 'frozen', True, raising=False)
    assert child_of(before) == after


def test_the_cli_s_data_path_is_taken_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """botocore in the program looks only where the person said."""
    awscli = ModuleType('awscli')
    awscli.__file__ = os.path.join(os.sep, 'cli', 'awscli', '__init__.py')
    monkeypatch.setitem(sys.modules, 'awscli', awscli)
    own = os.path.join(os.path.dirname(awscli.__file__), 'data')
    own = os.path.abspath(own)
    both = os.pathsep.join(['/models', own])
    assert child_of({'AWS_DATA_PATH': both}) == {'AWS_DATA_PATH': '/models'}
    assert child_of({'AWS_DATA_PATH': own}) == {}
