# SPDX-License-Identifier: Apache-2.0
"""A release's version, tag and changelog agree, or there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from release import changelog
from release.changelog import ReleaseError

TEXT = """\
# Changelog

## Unreleased

### Added

- Something new.

## 0.1.0 - 2026-01-02

- The first.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a checkout of a project that was released once."""
    (tmp_path / 'CHANGELOG.md').write_text(TEXT)
    (tmp_path / 'awscli_mfa_plugin').mkdir()
    changelog.version_file(tmp_path).write_text("__version__ = '0.1.0'\n")
    return tmp_path


def test_this_project() -> None:
    """The project's own changelog has something to say."""
    root = Path(__file__).resolve().parents[2]
    version = changelog.package_version(root)
    assert changelog.notes(root, version).strip()


def test_start_version(root: Path) -> None:
    """What was unreleased is the new version's, word for word."""
    changelog.start_version(root, '0.2.0', '2026-03-04')
    assert changelog.package_version(root) == '0.2.0'
    changelog.check_tag(root, 'v0.2.0')
    assert changelog.notes(root, '0.2.0') == '### Added\n\n- Something new.\n'
    text = (root / 'CHANGELOG.md').read_text()
    heading = '## Unreleased\n\n## 0.2.0 - 2026-03-04\n\n### Added'
    assert text == TEXT.replace('## Unreleased\n\n### Added', heading)


@pytest.mark.parametrize('version', ['0.1.0', '0.0.9', 'v0.2.0', '0.2', 'x'])
def test_bad_version(root: Path, version: str) -> None:
    """A version that is none, or is old, changes no file."""
    with pytest.raises(ReleaseError, match='is not'):
        changelog.start_version(root, version, '2026-03-04')
    assert (root / 'CHANGELOG.md').read_text() == TEXT


def test_nothing_to_release(root: Path) -> None:
    """There is no release without a change."""
    changelog.start_version(root, '0.2.0', '2026-03-04')
    with pytest.raises(ReleaseError, match='nothing under Unreleased'):
        changelog.start_version(root, '0.3.0', '2026-03-05')


@pytest.mark.parametrize(
    ('tag', 'message'),
    [
        ('v0.2.0', 'The tag is v0.2.0, and the version 0.1.0'),
        ('0.1.0', 'The tag is 0.1.0'),
        ('v0.1.0', 'still has something unreleased'),
    ],
)
def test_bad_tag(root: Path, tag: str, message: str) -> None:
    """A tag that was made by hand is refused."""
    with pytest.raises(ReleaseError, match=message):
        changelog.check_tag(root, tag)


def test_tag_without_a_section(root: Path) -> None:
    """A version that the changelog does not know is not released."""
    changelog.version_file(root).write_text("__version__ = '0.2.0'\n")
    with pytest.raises(ReleaseError, match='no section for'):
        changelog.check_tag(root, 'v0.2.0')
