#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build the Debian package, and log in with it in a clean Debian.

    python3 release/deb.py [SUITE]

This wants root, mmdebstrap, the source distribution in ``dist`` and what
tests/standin/requirements.txt names. It makes two clean roots of the suite,
``trixie`` if none is named: one that has the build tools and builds, and one
that has Debian's awscli and nothing else, into which the package is
installed. There ``aws`` logs in to a stand-in for AWS on this machine.
"""

from __future__ import annotations

import email.utils
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from release import changelog
from tests.standin import StandIn

ROOT = Path(__file__).resolve().parent.parent
NAME = 'awscli-mfa-plugin'
PROFILE = 's3-cli-user'
MAINTAINER = f'The {NAME} authors <maintainers@{NAME}.invalid>'
# It is not on its way into Debian, and --help says what a page would.
NOT_FOR_US = 'initial-upload-closes-no-bugs,no-manual-page'


def main() -> int:
    """Build, install and log in; leave the package in ``dist``."""
    suite = sys.argv[1] if sys.argv[1:] else 'trixie'
    with tempfile.TemporaryDirectory() as folder:
        package = build(Path(folder) / 'build', suite)
        shutil.copy(package, ROOT / 'dist')
        log_in(install(Path(folder) / 'clean', suite, package))
    print(f'dist/{package.name} is built, installed and used.')
    return 0


def build(root: Path, suite: str) -> Path:
    """Build the package in a root of its own and return its file."""
    debootstrap(root, suite, 'build-essential', 'lintian')
    version = changelog.package_version(ROOT)
    source = root / 'build' / f'{NAME}-{version}'
    sdist = f'awscli_mfa_plugin-{version}.tar.gz'
    source.parent.mkdir()
    subprocess.run(
        ['tar', '-xzf', ROOT / 'dist' / sdist, '-C', source.parent],
        check=True,
    )
    (root / 'build' / sdist.removesuffix('.tar.gz')).rename(source)
    shutil.copy(
        ROOT / 'dist' / sdist, root / 'build' / f'{NAME}_{version}.orig.tar.gz'
    )
    shutil.copytree(source / 'release' / 'debian', source / 'debian')
    date = email.utils.formatdate((source / 'CHANGELOG.md').stat().st_mtime)
    (source / 'debian' / 'changelog').write_text(
        f'{NAME} ({version}-1) {suite}; urgency=medium\n\n'
        f'  * Release {version}; see CHANGELOG.md.\n\n'
        f' -- {MAINTAINER}  {date}\n'
    )
    run(
        root,
        *('sh', '-ec'),
        f'cd /build/{source.name}; apt-get build-dep -qq .;'
        'dpkg-buildpackage -us -uc -b;'
        f'lintian --fail-on error,warning --suppress-tags {NOT_FOR_US} '
        '../*.changes',
    )
    [package] = (root / 'build').glob('*.deb')
    return package


def install(root: Path, suite: str, package: Path) -> Path:
    """Install the package beside Debian's awscli in a clean root."""
    debootstrap(root, suite, 'awscli')
    shutil.copy(package, root / 'srv')
    run(root, 'apt-get', 'install', '-qq', f'/srv/{package.name}')
    return root


def log_in(root: Path) -> None:
    """Let somebody log in there, and list the buckets of a stand-in."""
    home = root / 'home' / 'you'
    (home / '.aws').mkdir(parents=True)
    with StandIn.start() as aws:
        user = aws.create_user(PROFILE)
        aws.create_bucket('holiday-pictures')
        (home / '.aws' / 'config').write_text(
            '[plugins]\n'
            'cli_legacy_plugin_path = /usr/lib/python3/dist-packages\n'
            'mfa = awscli_mfa_plugin\n'
            f'[profile {PROFILE}]\n'
            'region = eu-central-1\n'
            f'mfa_serial = {user.device.serial_number}\n'
        )
        (home / '.aws' / 'credentials').write_text(
            f'[{PROFILE}-long-term]\n'
            f'aws_access_key_id = {user.access_key_id}\n'
            f'aws_secret_access_key = {user.secret_access_key}\n'
        )
        variables = {'HOME': '/home/you', **aws.environment()}
        environment = [f'{name}={value}' for name, value in variables.items()]
        for command in (
            'aws --version',
            f'aws mfa login --profile {PROFILE} '
            f'--token-code {user.device.code()}',
            f'aws s3 ls --profile {PROFILE}',
            f'awscli-mfa status --short --profile {PROFILE}',
        ):
            print('$', command, flush=True)
            run(root, 'env', *environment, *command.split())
        keys = [request.key_kind for request in aws.requests()]
        if keys != ['long-term', 'mfa-session']:
            raise SystemExit(f'AWS was asked with {keys}.')


def debootstrap(root: Path, suite: str, *packages: str) -> None:
    """Make a clean root of a suite."""
    subprocess.run(
        [
            *('mmdebstrap', '--quiet', '--variant=minbase'),
            # A snapshot has a Release file past its date.
            *('--aptopt', 'Acquire::Check-Valid-Until false'),
            *(f'--include={",".join(packages)}', suite, root),
        ],
        check=True,
    )
    run(root, 'apt-get', 'update', '-qq')


def run(root: Path, *command: str) -> None:
    """Run a command in a root."""
    subprocess.run(
        ['chroot', root, *command],
        check=True,
        env={'PATH': os.defpath + ':/usr/sbin:/sbin', 'LC_ALL': 'C.UTF-8'},
    )


if __name__ == '__main__':
    sys.exit(main())
