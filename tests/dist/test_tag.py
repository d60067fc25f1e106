# SPDX-License-Identifier: Apache-2.0
"""A release is one command, which asks before anything leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Nobody's own settings of git count.
GIT = {
    'GIT_CONFIG_GLOBAL': os.devnull,
    'GIT_CONFIG_NOSYSTEM': '1',
    **{
        f'GIT_{role}_{name}': value
        for role in ('AUTHOR', 'COMMITTER')
        for name, value in {'NAME': 'You', 'EMAIL': 'you@invalid'}.items()
    },
}


class Checkout:
    """A clone of this project that has an origin of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / 'clone'
        self.origin = folder / 'origin.git'
        for name in ('CHANGELOG.md', 'awscli_mfa_plugin/__init__.py'):
            target = self.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
        shutil.copytree(
            ROOT / 'release',
            self.root / 'release',
            ignore=shutil.ignore_patterns('__pycache__'),
        )
        (self.root / '.gitignore').write_text('__pycache__/\n')
        self.git('init', '--quiet', '--initial-branch', 'main')
        self.git('add', '--all')
        self.git('commit', '--quiet', '--message', 'All of it')
        self.git('init', '--quiet', '--bare', '-b', 'main', str(self.origin))
        self.git('remote', 'add', 'origin', str(self.origin))
        self.git('push', '--quiet', 'origin', 'main')

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        """Run git and return what it prints."""
        return self._run('git', *arguments, folder=folder).stdout

    def tag(self, *arguments: str, answer: str = '') -> int:
        """Run the release script and return its exit code."""
        script = [sys.executable, 'release/tag.py']
        return self._run(*script, *arguments, answer=answer).returncode

    def _run(
        self, *command: str, folder: Path | None = None, answer: str = ''
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=folder or self.root,
            check=command[0] == 'git',
            env={**os.environ, **GIT},
            input=answer,
            stdout=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Clone the project and give the clone an origin."""
    return Checkout(tmp_path)


def test_release(checkout: Checkout) -> None:
    """Commit and tag arrive together, and the tag passes its check."""
    assert checkout.tag('9.9.9', answer='y\n') == 0
    subject = checkout.git('log', '-1', '--format=%s', folder=checkout.origin)
    assert subject == 'Release 9.9.9\n'
    assert checkout.git('tag', folder=checkout.origin) == 'v9.9.9\n'
    assert checkout.tag('--check', 'v9.9.9') == 0
    assert checkout.tag('--check', 'v9.9.8') == 1


def test_no_is_the_default(checkout: Checkout) -> None:
    """Without a yes nothing leaves the machine."""
    assert checkout.tag('9.9.9', answer='\n') == 0
    assert checkout.git('tag', folder=checkout.origin) == ''
    subject = checkout.git('log', '-1', '--format=%s', folder=checkout.origin)
    assert subject == 'All of it\n'


def test_changes_that_are_not_committed(checkout: Checkout) -> None:
    """A release holds nothing that happens to lie around."""
    (checkout.root / 'stray.txt').write_text('')
    assert checkout.tag('9.9.9', answer='y\n') == 1
    assert checkout.git('tag') == ''


def test_another_branch(checkout: Checkout) -> None:
    """A release is made on main."""
    checkout.git('switch', '--quiet', '--create', 'idea')
    assert checkout.tag('9.9.9', answer='y\n') == 1
    assert checkout.git('tag') == ''
