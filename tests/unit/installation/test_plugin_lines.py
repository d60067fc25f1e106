# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.installation.plugin_lines."""

from __future__ import annotations

import os

import pytest

from awscli_mfa_plugin.installation.plugin_lines import (
    add_plugin,
    remove_plugin,
)

FOLDER = '/home/you/.aws/cli/mfa-plugin/current'
OURS = f"""\
[plugins]
mfa = awscli_mfa_plugin
cli_legacy_plugin_path = {FOLDER}
"""
OTHERS = """\
# Mine
[default]
region = eu-central-1

[plugins]
# v1 and v2
endpoint = awscli_plugin_endpoint
cli_legacy_plugin_path: /opt/plugins

[profile x]
aws_access_key_id = KEY"""


@pytest.mark.parametrize(
    'text', ['', '[default]\nregion = x\n', '[default]\r\nregion = x\r\n']
)
def test_added_and_removed_again(text: str) -> None:
    """A file without plugins is the same afterwards, byte for byte."""
    added = add_plugin(text, FOLDER)
    assert added.replace('\r\n', '\n').endswith(OURS)
    assert added.startswith(text)
    assert add_plugin(added, FOLDER) == added
    assert remove_plugin(added, FOLDER) == text


def test_other_plugins_stay() -> None:
    """Ours comes before the path, and our folder first in it."""
    added = add_plugin(OTHERS, FOLDER)
    assert added == OTHERS.replace(
        'cli_legacy_plugin_path: /opt/plugins\n',
        'mfa = awscli_mfa_plugin\n'
        f'cli_legacy_plugin_path = {FOLDER}{os.pathsep}/opt/plugins\n',
    )
    assert add_plugin(added, FOLDER) == added
    assert remove_plugin(added, FOLDER) == OTHERS.replace(
        'cli_legacy_plugin_path: ', 'cli_legacy_plugin_path = '
    )


def test_without_v2_there_is_no_path() -> None:
    """v1 is told the package's name, and nothing about a folder."""
    added = add_plugin('', None)
    assert added == '[plugins]\nmfa = awscli_mfa_plugin\n'
    assert remove_plugin(added, FOLDER) == ''


def test_name_of_another_plugin() -> None:
    """A plugin of somebody else's that is called "mfa" is not replaced."""
    text = '[plugins]\nmfa = awsmfa\n'
    added = add_plugin(text, FOLDER)
    assert 'mfa = awsmfa\nawscli_mfa_plugin = awscli_mfa_plugin\n' in added
    assert remove_plugin(added, FOLDER) == text


@pytest.mark.parametrize(
    ('line', 'mended'),
    [
        ('mfa = awscli-mfa-plugin', 'mfa = awscli_mfa_plugin'),
        ('mfa = "awscli_mfa_plugin"', 'mfa = awscli_mfa_plugin'),
        ('aws-mfa = awscli_mfa_plugin', 'aws-mfa = awscli_mfa_plugin'),
        (
            'a = awscli_mfa_plugin\nb = awscli-mfa-plugin',
            'a = awscli_mfa_plugin',
        ),
    ],
)
def test_misspelled_and_other_names(line: str, mended: str) -> None:
    """Both commands know the plugin by the package that a line names."""
    text = f'[plugins]\n{line}\n'
    path = f'cli_legacy_plugin_path = {FOLDER}\n'
    assert add_plugin(text, FOLDER) == f'[plugins]\n{mended}\n{path}'
    assert remove_plugin(text, FOLDER) == ''


def test_path_before_the_plugin() -> None:
    """v1 needs the plugin first: the line is moved."""
    text = f'[plugins]\ncli_legacy_plugin_path = {FOLDER}\nmfa = x\n'
    text = text.replace('= x', '= awscli_mfa_plugin')
    assert add_plugin(text, FOLDER) == OURS


@pytest.mark.parametrize(
    'text',
    [
        '',
        '[plugins]\n',
        '[plugins]\nfoo = foo_plugin\n',
        '[plugins]\nfoo = foo_plugin\ncli_legacy_plugin_path = /a:~/b\n',
        '[plugins]\ncli_legacy_plugin_path = /a\n',
        '[default]\nmfa = awscli_mfa_plugin\n',
    ],
)
def test_nothing_to_remove(text: str) -> None:
    """Lines that have nothing to do with the plugin stay as they are."""
    assert remove_plugin(text, FOLDER) == text


def test_a_section_with_a_comment_stays() -> None:
    """A comment is the person's own."""
    text = f'[plugins]\n# why\nmfa = awscli_mfa_plugin\nx = {FOLDER}\n'
    text = text.replace('x =', 'cli_legacy_plugin_path =')
    assert remove_plugin(text, FOLDER) == '[plugins]\n# why\n'


def test_a_header_stays_before_an_indented_section() -> None:
    """Without it, profile y would be a part of the region of profile x."""
    text = """\
[profile x]
region = eu-central-1
[plugins]
  mfa = awscli_mfa_plugin
  [profile y]
  region = eu-west-1
"""
    assert remove_plugin(text, FOLDER) == text.replace(
        '  mfa = awscli_mfa_plugin\n', ''
    )


def test_a_section_under_the_plugin_stays() -> None:
    """It became a part of the value, and ends every command of a CLI."""
    own = '  [profile y]\n  region = eu-west-1\n'
    text = f'[plugins]\nmfa = awscli_mfa_plugin\n  more\n{own}'
    assert remove_plugin(text, FOLDER) == own
