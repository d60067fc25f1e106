# SPDX-License-Identifier: Apache-2.0
"""The wheel: what is in it, that it is enough, and what if it is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.person import Person

PROJECT = Path(__file__).resolve().parents[2]


def pip(*arguments: str | Path) -> None:
    """Run the pip of this Python."""
    command = [sys.executable, '-m', 'pip', '--disable-pip-version-check']
    subprocess.run([*command, *arguments], check=True)


@pytest.fixture(scope='module')
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp('wheel')
    pip('wheel', '--quiet', '--no-deps', '--wheel-dir', folder, PROJECT)
    [wheel] = folder.glob('*.whl')
    return wheel


@pytest.fixture(scope='module')
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an empty folder."""
    folder = tmp_path_factory.mktemp('installed')
    pip('install', '--quiet', '--target', folder, wheel)
    return folder


def use_plugin_in(person: Person, folder: Path) -> None:
    """Let a person's AWS CLI load the plugin from a folder."""
    config = person.config_file.read_text().partition('[profile ')
    empty = folder.parent / 'empty'
    person.write_config(
        person.host.plugin_lines(os.pathsep.join([str(empty), str(folder)]))
        + config[1]
        + config[2],
        plugin=False,
    )
    if not person.host.is_v2:
        # v1 knows no folder of plugins: they are where Python looks.
        person.variables['PYTHONPATH'] = str(folder)


def test_contents_of_the_wheel(wheel: Path, installed: Path) -> None:
    """It has the help texts and the type marker, and brings no CLI along."""
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name.endswith('-py3-none-any.whl')
    assert {
        'awscli_mfa_plugin/py.typed',
        'awscli_mfa_plugin/examples/mfa/_description.rst',
        'awscli_mfa_plugin/examples/mfa/login/_description.rst',
        'awscli_mfa_plugin/examples/mfa/login/_examples.rst',
    } <= set(names)
    tops = {name.partition('/')[0] for name in names}
    assert {top for top in tops if not top.endswith('.dist-info')} == {
        'awscli_mfa_plugin'
    }
    packages = {
        path.name
        for path in installed.iterdir()
        if path.is_dir()
        and not path.name.endswith(('.dist-info', 'bin', 'share'))
    }
    assert packages == {'awscli_mfa_plugin', 'filelock', 'segno'}
    compiled = [*installed.rglob('*.so'), *installed.rglob('*.pyd')]
    assert compiled == []


def test_login_with_the_wheel(person: Person, installed: Path) -> None:
    """The wheel alone, in one of two plugin folders, does the main job."""
    use_plugin_in(person, installed)
    terminal = person.at_terminal('mfa', 'login', '--profile', person.profile)
    terminal.answer(person.user.device.code())
    assert terminal.finish().code == 0
    person.ok('s3', 'ls', '--profile', person.profile)
    assert [call.key_kind for call in person.aws.requests()] == [
        'long-term',
        'mfa-session',
    ]
    help_page = person.ok('mfa', 'login', 'help').stdout
    assert 'Starts an MFA session for a profile.' in help_page


@pytest.mark.parametrize(
    'missing', [('hooks.py',), ('chain.py', 'commands')], ids=' and '.join
)
def test_broken_installation(
    person: Person, installed: Path, tmp_path: Path, missing: tuple[str, ...]
) -> None:
    """A plugin with a part missing costs ``aws mfa`` and nothing else."""
    folder = tmp_path / 'broken'
    shutil.copytree(installed, folder)
    for name in missing:
        part = folder / 'awscli_mfa_plugin' / name
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink()
    use_plugin_in(person, folder)
    with person.config_file.open('a') as file:
        file.write('[profile plain]\nregion = us-east-1\n')
    person.write_credentials({'plain': person.user})
    result = person.ok('sts', 'get-caller-identity', '--profile', 'plain')
    assert result.json()['Arn'] == person.user.arn
    assert result.stderr == ''
    [call] = person.aws.requests()
    assert call.key_kind == 'long-term'
