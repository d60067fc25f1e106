# SPDX-License-Identifier: Apache-2.0
"""Finding the AWS CLIs of a computer and trying them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from awscli_mfa_plugin.installation.clis import (
    CLI,
    Trial,
    find_clis,
    install_command,
    try_clis,
)


def script(path: Path, text: str) -> Path:
    """Write a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def fake(folder: Path, text: str) -> Path:
    """Write an ``aws`` of a shell script."""
    return script(folder / 'aws', f'#!/bin/sh\n{text}\n')


def test_find_clis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CLI under two names counts once; what is none does not count."""
    v2 = fake(tmp_path / 'v2', 'echo aws-cli/2.38.1 Python/3')
    fake(tmp_path / 'manager', 'echo no version chosen >&2; exit 1')
    fake(tmp_path / 'else', 'echo something else')
    (tmp_path / 'link').mkdir()
    (tmp_path / 'link' / 'aws').symlink_to(v2)
    folders = [
        str(tmp_path / name) for name in ('manager', 'else', 'v2', 'link')
    ]
    monkeypatch.setenv(
        'PATH', os.pathsep.join([*folders, '/usr/bin', '/bin', '.'])
    )
    found = [cli for cli in find_clis() if cli.path.startswith(str(tmp_path))]
    assert [cli.version for cli in found] == ['2.38.1']
    assert not found[0].is_v1
    named = find_clis([str(v2), str(tmp_path / 'gone')])
    assert named == [CLI(str(v2), '2.38.1')]


@pytest.mark.parametrize(
    ('text', 'trial'),
    [
        ('exit 0', Trial(works=True, loads=True)),
        ('[ "$1" = --version ]', Trial(works=True, loads=False)),
        (
            'echo first >&2; echo " last" >&2; exit 1',
            Trial(works=False, loads=False, reason='last'),
        ),
        ('exit 1', Trial(works=False, loads=False, reason='it says nothing')),
    ],
)
def test_try_clis(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    trial: Trial,
) -> None:
    """A CLI loads the plugin, works without it, or says why it ends."""
    # Neither is the CLI's fault, whichever the person has set.
    monkeypatch.setenv('AWS_PROFILE', 'gone')
    path = fake(tmp_path, f'[ -z "$AWS_PROFILE" ] || exit 9\n{text}')
    assert try_clis([CLI(str(path), '2.38.1')]) == [trial]


@pytest.mark.parametrize(
    ('text', 'command'),
    [
        (
            '#!/opt/cli/bin/python3\n',
            '/opt/cli/bin/python3 -m pip install awscli-mfa-plugin',
        ),
        (
            '#!/bin/sh\n\'\'\'exec\' "/opt/my cli/bin/python" "$0" "$@"\n',
            "'/opt/my cli/bin/python' -m pip install awscli-mfa-plugin",
        ),
        (
            '#!/home/me/.local/pipx/venvs/awscli/bin/python\n',
            'pipx inject awscli awscli-mfa-plugin',
        ),
        (
            '#!/home/me/.local/share/uv/tools/awscli/bin/python\n',
            'uv pip install --python '
            '/home/me/.local/share/uv/tools/awscli/bin/python '
            'awscli-mfa-plugin',
        ),
        ('\x7fELF', 'python3 -m pip install awscli-mfa-plugin'),
    ],
)
def test_install_command(tmp_path: Path, text: str, command: str) -> None:
    """The package goes where the CLI's own script finds it."""
    path = script(tmp_path / 'aws', text)
    assert install_command(CLI(str(path), '1.46.3')) == command
