# SPDX-License-Identifier: Apache-2.0
"""The Tab key in real shells, set up as docs/shells.md says."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.e2e.outside import install_awscli_mfa
from tests.e2e.person import Person
from tests.e2e.test_recipes import cell

pytestmark = pytest.mark.one_host

# The AWS CLI's own completer; that of v1 is the only one PyPI has.
AWS_COMPLETER = Path(sys.executable).with_name('aws_completer')

# In the place of the programs: what the shell would have run.
SHOW = 'aws() { echo "args: $*"; }; awscli-mfa() { echo "args: $*"; }\n'


@pytest.fixture
def folder(person: Person, plugin_folder: Path, tmp_path: Path) -> Path:
    """Put ``awscli-mfa`` on the PATH, and no completer."""
    folder = tmp_path / 'bin'
    folder.mkdir()
    install_awscli_mfa(folder, plugin_folder)
    person.variables['PATH'] = f'{folder}:/usr/bin:/bin'
    return folder


@pytest.mark.parametrize(
    ('shell', 'arguments'), [('bash', ['--norc']), ('zsh', ['-f'])]
)
def test_tab_key(
    person: Person, folder: Path, shell: str, arguments: list[str]
) -> None:
    """Commands, options and profiles come; the CLI's own come too."""
    own = 'complete -C aws_completer aws\n' if shell == 'bash' else ''
    (folder / 'aws_completer').symlink_to(AWS_COMPLETER)
    # Another CLI's plugin lines would end the completer.
    person.write_config(f'[profile {person.profile}]\n', plugin=False)
    line = cell('shells.md', f'`~/.{shell}rc`')
    start = folder / 'start'
    start.write_text(f'{own}{line}\n{SHOW}')
    found = shutil.which(shell)
    assert found
    terminal = person.at_terminal('-i', program=[found, *arguments])
    terminal.sendline(f". '{start}'; echo rea''dy")
    terminal.expect_exact('ready\r\n')
    for typed, ran in {
        'aws mf\tlogi\t--token-c\t': 'mfa login --token-code',
        'aws mfa status --profile s3-\t': 'status --profile s3-cli-user',
        'aws s3ap\tget-bucket-loc\t': 's3api get-bucket-location',
        'awscli-mfa ena\t--dr\t': 'enable --dry-run',
    }.items():
        terminal.sendline(typed)
        terminal.expect(rf'args: .*{ran}')
    terminal.close()


def test_fish(person: Person, folder: Path) -> None:
    """fish adds ours to what it knows of ``aws``."""
    found = shutil.which('fish')
    assert found
    line = cell('shells.md', '`~/.config/fish/config.fish`')
    for typed, words in {
        'aws mf': ['mfa'],
        'aws mfa log': ['login', 'logout'],
        'aws mfa login --token-': ['--token-code'],
        'aws mfa status --profile s3-': [person.profile],
        'awscli-mfa enable --dry': ['--dry-run'],
    }.items():
        script = f'{line}; complete -C "{typed}"'
        shown = person.ok('--no-config', '-c', script, program=[found])
        assert shown.stdout.split() == words
        assert shown.stderr == ''


def test_completer_of_v1(person: Person) -> None:
    """It loads the plugin, and completes ``aws mfa`` by itself."""
    person.write_config('[plugins]\nmfa = awscli_mfa_plugin\n', plugin=False)
    for line, word in {'aws mf': 'mfa', 'aws mfa log': 'login'}.items():
        shown = person.ok(
            program=[str(AWS_COMPLETER)],
            COMP_LINE=line,
            COMP_POINT=str(len(line)),
        ).stdout
        assert word in shown.split()
