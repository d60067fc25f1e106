# SPDX-License-Identifier: Apache-2.0
"""CHANGELOG.md and the version, which have to agree in a release.

The version stands once, in ``awscli_mfa_plugin/__init__.py``, because every
``aws`` command imports that file: a version that was looked up in the
installed package's metadata would cost more than the rest of the import, and
there is none in a zip file or a copied folder.
"""

from __future__ import annotations

import re
from pathlib import Path

UNRELEASED = '## Unreleased'

_VERSION_LINE = re.compile(r"^__version__ = '([^']+)'$", re.MULTILINE)
_VERSION = re.compile(r'\d+\.\d+\.\d+')


class ReleaseError(Exception):
    """A release is not ready; the message says why."""


def version_file(root: Path) -> Path:
    """Return the file that has the version."""
    return root / 'awscli_mfa_plugin' / '__init__.py'


def package_version(root: Path) -> str:
    """Read the package's version."""
    text = version_file(root).read_text('utf-8')
    match = _VERSION_LINE.search(text)
    if match is None:
        raise ReleaseError(f'{version_file(root)} has no __version__.')
    return match[1]


def notes(root: Path, version: str) -> str:
    """Return the changelog's text on a version, or on what comes next.

    Until there is a section for the version, it is *Unreleased*.
    """
    text = (root / 'CHANGELOG.md').read_text('utf-8')
    return section(text, version) or section(text) or ''


def section(text: str, version: str = '') -> str | None:
    """Return the text of one version's section, without its heading.

    :returns: None if there is no such section.
    """
    heading = rf'{re.escape(version)} - [^\n]*' if version else 'Unreleased'
    match = re.search(
        rf'^## {heading}\n(.*?)(?=^## |\Z)', text, re.MULTILINE | re.DOTALL
    )
    return match[1].strip() + '\n' if match else None


def start_version(root: Path, version: str, date: str) -> None:
    """Write a version into the package and over the unreleased changes.

    :raises ReleaseError: The version is none, is not newer than the released
        ones, or nothing has changed.
    """
    path = root / 'CHANGELOG.md'
    text = path.read_text('utf-8')
    if not _VERSION.fullmatch(version):
        raise ReleaseError(f'{version} is not a version such as 1.2.3.')
    for released in re.findall(r'^## (\d+\.\d+\.\d+) ', text, re.MULTILINE):
        if _parts(version) <= _parts(released):
            raise ReleaseError(f'{version} is not newer than {released}.')
    if not (section(text) or '').strip():
        raise ReleaseError('CHANGELOG.md has nothing under Unreleased.')
    path.write_text(
        text.replace(UNRELEASED, f'{UNRELEASED}\n\n## {version} - {date}', 1),
        'utf-8',
    )
    path = version_file(root)
    text = path.read_text('utf-8')
    path.write_text(
        _VERSION_LINE.sub(f"__version__ = '{version}'", text), 'utf-8'
    )


def check_tag(root: Path, tag: str) -> None:
    """Check that a tag is the version's, and that the changelog has it.

    :raises ReleaseError: It is not.
    """
    version = package_version(root)
    if tag != f'v{version}':
        raise ReleaseError(f'The tag is {tag}, and the version {version}.')
    text = (root / 'CHANGELOG.md').read_text('utf-8')
    if not (section(text, version) or '').strip():
        raise ReleaseError(f'CHANGELOG.md has no section for {version}.')
    if (section(text) or '').strip():
        raise ReleaseError('CHANGELOG.md still has something unreleased.')


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split('.')))
