#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make a release: one commit, one tag, and a push that is asked for.

    python3 release/tag.py 1.2.3

The push starts .github/workflows/release.yml, which tests, builds and
publishes, and begins with ``python3 release/tag.py --check v1.2.3``.
"""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from release import changelog
from release.changelog import ReleaseError

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Make a release, or check a tag."""
    try:
        if arguments[:1] == ['--check'] and len(arguments) == 2:
            changelog.check_tag(ROOT, arguments[1])
        elif len(arguments) == 1 and not arguments[0].startswith('-'):
            make(arguments[0])
        else:
            print(__doc__)
            return 2
    except ReleaseError as error:
        print(f'release/tag.py: {error}', file=sys.stderr)
        return 1
    return 0


def make(version: str) -> None:
    """Commit and tag a version, and push both when told to."""
    if git('status', '--porcelain'):
        raise ReleaseError('There are changes that are not committed.')
    branch = git('branch', '--show-current')
    if branch != 'main':
        raise ReleaseError(f'Releases are made on main, not on {branch!r}.')
    today = datetime.datetime.now(datetime.timezone.utc).date()
    changelog.start_version(ROOT, version, today.isoformat())
    tag = f'v{version}'
    changelog.check_tag(ROOT, tag)
    git('commit', '--all', '--message', f'Release {version}')
    git('tag', '--annotate', '--message', f'Release {version}', tag)
    print(git('show', '--stat', '--format=fuller', tag))
    push = ['push', '--atomic', 'origin', 'main', tag]
    if input(f'git {" ".join(push)}? [y/N] ').lower() == 'y':
        git(*push)
    else:
        print(
            'Nothing is pushed. To undo it: '
            f'git tag --delete {tag} && git reset --keep HEAD~'
        )


def git(*arguments: str) -> str:
    """Run git in the checkout and return what it prints."""
    return subprocess.run(
        ['git', *arguments],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.strip()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
