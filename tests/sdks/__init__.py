# SPDX-License-Identifier: Apache-2.0
"""Other programs that find a profile's credentials by themselves."""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).resolve().parent

# Where .ci/run puts what package-lock.json names.
_NODE_MODULES = _HERE.parent.parent / '.venv' / 'node' / 'node_modules'


class NoSDKError(Exception):
    """An SDK that must be there is missing."""


@dataclass(frozen=True)
class SDK:
    """A program that lists what is in a bucket under a profile.

    :ivar command: Gives its command line for a profile, a bucket and the
        address of AWS.
    :ivar variables: Its environment variables.
    """

    name: str
    command: Callable[[str, str, str], list[str]]
    variables: Mapping[str, str]


@functools.cache
def found_sdks() -> tuple[SDK, ...]:
    """Return the SDKs of this machine.

    :raises NoSDKError: One is missing, in CI.
    """
    missing = missing_sdks()
    if missing and os.environ.get('CI'):
        raise NoSDKError(
            f'CI is set, and CI tests with all SDKs; missing: {missing}. '
            'Install it as .ci/run does.'
        )
    sdks = (_boto3(), _javascript(), _rclone())
    return tuple(sdk for sdk in sdks if sdk is not None)


def missing_sdks() -> str:
    """Return the names of the SDKs that this machine does not have."""
    sdks = {'javascript': _javascript(), 'rclone': _rclone()}
    return ', '.join(name for name, sdk in sdks.items() if sdk is None)


def _boto3() -> SDK:
    program = [sys.executable, str(_HERE / 'list_bucket.py')]
    return SDK(
        'boto3', lambda profile, bucket, _: [*program, profile, bucket], {}
    )


def _javascript() -> SDK | None:
    node = shutil.which('node')
    if node is None or not _NODE_MODULES.is_dir():
        return None
    program = [node, '--no-warnings', str(_HERE / 'list_bucket.cjs')]
    return SDK(
        'javascript',
        lambda profile, bucket, _: [*program, profile, bucket],
        {'NODE_PATH': str(_NODE_MODULES)},
    )


def _rclone() -> SDK | None:
    """Return rclone, which stands on the AWS SDK for Go."""
    rclone = shutil.which('rclone')
    if rclone is None:
        return None
    options = ['--s3-provider=Other', '--s3-env-auth', '--config=']

    def command(profile: str, bucket: str, url: str) -> list[str]:
        return [
            rclone,
            'lsf',
            *options,
            f'--s3-profile={profile}',
            f'--s3-endpoint={url}',
            '--s3-region=eu-central-1',
            f':s3:{bucket}',
        ]

    return SDK('rclone', command, {})
