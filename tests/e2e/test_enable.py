# SPDX-License-Identifier: Apache-2.0
"""``awscli-mfa enable`` and ``awscli-mfa disable``, on real AWS CLIs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.e2e.person import REGION, Person, Result
from tests.hosts import Host, hosts

OTHER = (
    'import sys\n\ndef awscli_initialize(hooks): sys.stderr.write("hi\\n")\n'
)


class Computer:
    """A person's computer, with some AWS CLIs and the program."""

    def __init__(self, person: Person, plugin_folder: Path) -> None:
        self.person = person
        self.fixed = person.home / '.aws' / 'cli' / 'mfa-plugin'
        self._program = [
            sys.executable,
            '-IS',
            str(plugin_folder / 'awscli_mfa_plugin'),
        ]
        # A new computer: whoever wants another config writes it.
        self.write(f'[profile {person.profile}]\nregion = {REGION}\n')

    def write(self, text: str) -> bytes:
        """Write the config file, without the plugin; return its bytes."""
        self.person.write_config(text, plugin=False)
        return self.person.config_file.read_bytes()

    def config(self) -> bytes:
        """Return what the config file holds."""
        return self.person.config_file.read_bytes()

    def program(self, *arguments: str) -> Result:
        """Run ``awscli-mfa`` as it is installed."""
        return self.person.run(*arguments, program=self._program)

    def enable(self, *arguments: str, aws: str | None = None) -> Result:
        """Run ``awscli-mfa enable``, for the host's CLI unless named."""
        named = aws or self.person.host.aws
        return self.program('enable', '--aws', named, *arguments)


@pytest.fixture
def computer(person: Person, plugin_folder: Path) -> Computer:
    """Give a computer without the plugin in any config file."""
    return Computer(person, plugin_folder)


def other_host(is_v2: bool) -> Host:
    """Return the newest CLI of a version; CI has both."""
    found = [host for host in hosts() if host.is_v2 == is_v2]
    if not found:
        pytest.skip(f'no AWS CLI v{2 if is_v2 else 1}')
    return found[-1]


def without_package(host: Host, folder: Path) -> str:
    """Make an ``aws`` v1 that does not find the package."""
    script = folder / 'aws'
    script.write_text(
        f'#!{sys.executable}\n'
        'import sys\n'
        'class Missing:\n'
        '    def find_spec(self, name, path=None, target=None):\n'
        "        if name == 'awscli_mfa_plugin':\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}')\n"
        'sys.meta_path.insert(0, Missing())\n'
        'from awscli.clidriver import main\n'
        'sys.exit(main())\n'
    )
    script.chmod(0o755)
    return str(script)


def test_from_nothing_to_a_session(computer: Computer) -> None:
    """Two commands and one code; the second time changes nothing."""
    person = computer.person
    original = computer.config()
    dry = computer.enable('--dry-run')
    assert dry.code == 0
    assert 'would change' in dry.stdout
    assert computer.config() == original
    assert not computer.fixed.exists()

    enabled = computer.enable()
    assert (enabled.code, enabled.stderr) == (0, '')
    assert person.host.aws in enabled.stdout
    person.login()
    person.ok('s3', 'ls', '--profile', person.profile)
    assert [call.key_kind for call in person.aws.requests()][-2:] == [
        'long-term',
        'mfa-session',
    ]

    config = computer.config()
    copies = sorted(os.listdir(computer.fixed))
    again = computer.enable()
    assert (again.code, again.stderr) == (0, '')
    assert 'Changed' not in again.stdout
    assert computer.config() == config
    assert sorted(os.listdir(computer.fixed)) == copies

    launcher = [str(computer.fixed / 'awscli-mfa')]
    short = person.ok(
        'status', '--short', '--profile', person.profile, program=launcher
    )
    assert short.stdout.startswith(person.profile)
    credentials = person.ok(
        'credentials', '--profile', person.profile, program=launcher
    ).json()
    assert credentials['SessionToken']


def test_disable_restores_the_file(computer: Computer) -> None:
    """Enabled and disabled, the file is what it was, comments included."""
    original = computer.write(
        f'# Mine.\n[profile {computer.person.profile}]  ; work\n'
        f'region={REGION}\n\n[default]\noutput = json\n'
    )
    assert computer.enable().code == 0
    assert computer.config() != original
    disabled = computer.program('disable')
    assert (disabled.code, disabled.stderr) == (0, '')
    assert computer.config() == original
    assert not computer.fixed.exists()
    assert computer.person.run('mfa', 'status').code == (
        computer.person.exit_codes.usage
    )
    assert 'Nothing to remove' in computer.program('disable').stdout


def test_other_plugins_stay(computer: Computer, tmp_path: Path) -> None:
    """A plugin path and somebody else's plugin go on as before."""
    person = computer.person
    folder = tmp_path / 'others'
    folder.mkdir()
    (folder / 'others.py').write_text(OTHER)
    lines = '[plugins]\nother = others\n'
    if person.host.is_v2:
        lines += f'cli_legacy_plugin_path = {folder}\n'
    else:
        person.variables['PYTHONPATH'] = str(folder)
    original = computer.write(f'{lines}[default]\nregion = {REGION}\n')
    assert computer.enable().code == 0
    status = person.ok('mfa', 'status')
    assert 'hi' in status.stderr
    assert computer.program('disable').code == 0
    assert computer.config() == original
    assert 'hi' in person.ok('--version').stderr


@pytest.mark.one_host
def test_v1_and_v2_on_one_file(computer: Computer) -> None:
    """Both load the plugin from the same lines, and share the session."""
    person, v1 = computer.person, other_host(is_v2=False)
    enabled = computer.enable('--aws', v1.aws)
    assert (enabled.code, enabled.stderr) == (0, '')
    person.login()
    for aws in (person.host.aws, v1.aws):
        person.ok('s3', 'ls', '--profile', person.profile, program=[aws])
        person.ok('mfa', 'status', program=[aws])
    assert [call.key_kind for call in person.aws.requests()][-2:] == [
        'mfa-session',
        'mfa-session',
    ]


@pytest.mark.one_host
def test_v1_without_the_package(computer: Computer, tmp_path: Path) -> None:
    """A v1 that would stop leaves all as it was and says what to run."""
    v1 = without_package(other_host(is_v2=False), tmp_path)
    original = computer.config()
    refused = computer.enable('--aws', v1)
    assert refused.code == 1
    assert computer.config() == original
    assert not computer.fixed.exists()
    assert 'pip install awscli-mfa-plugin' in refused.stderr
    assert f'awscli-mfa enable --aws {computer.person.host.aws}' in (
        refused.stderr
    )
    computer.person.ok('--version', program=[v1])


def test_mends_what_ends_every_command(computer: Computer) -> None:
    """The folder and the name are wrong, and then neither is there."""
    person = computer.person
    computer.write(
        '[plugins]\ncli_legacy_plugin_path = ~/.aws/plugins\n'
        f'mfa = awscli-mfa-plugin\n[default]\nregion = {REGION}\n'
    )
    assert person.run('--version').code != 0
    enabled = computer.enable()
    assert (enabled.code, enabled.stderr) == (0, '')
    person.ok('mfa', 'status')
    assert computer.program('disable').code == 0
    person.ok('--version')
    assert 'plugins' not in person.config_file.read_text()
