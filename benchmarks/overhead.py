#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much longer commands take with the plugin: ratios of one run.

    python3 benchmarks/overhead.py [AWS ...]

AWS are the executables to measure, by default the ``aws`` on PATH. Each
pair of commands runs in turn, A B A B ..., and the median of A/B is
printed, so that a machine that grows slower meanwhile does not matter.
The commands end before they reach a network.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 15


def main(executables: Sequence[str]) -> int:
    """Measure, print, and return an exit code."""
    for aws in executables or [shutil.which('aws') or 'aws']:
        with tempfile.TemporaryDirectory() as folder:
            measure(aws, Path(folder))
    return 0


def measure(aws: str, folder: Path) -> None:
    """Print the ratios for one AWS CLI."""
    version = subprocess.run(
        [aws, '--version'], check=True, capture_output=True, text=True
    ).stdout.split()[0]
    plugins = folder / 'plugins'
    subprocess.run(
        [
            *(sys.executable, '-m', 'pip', 'install', '--quiet'),
            *('--target', str(plugins), str(ROOT)),
        ],
        check=True,
    )
    profile = '[profile plain]\nregion = eu-central-1\n'
    (folder / 'without').write_text(profile)
    path_line = f'cli_legacy_plugin_path = {plugins}\n'
    if version.startswith('aws-cli/1.'):
        path_line = ''
    (folder / 'with').write_text(
        f'[plugins]\n{path_line}mfa = awscli_mfa_plugin\n{profile}'
    )
    (folder / 'credentials').write_text(
        '[plain]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n'
        'aws_secret_access_key = EXAMPLE\n'
    )
    commands = {
        'aws --version': ['--version'],
        'a call of a profile without MFA': [
            *('sts', 'get-caller-identity', '--profile', 'plain'),
            *('--endpoint-url', 'http://127.0.0.1:9'),
            *('--cli-connect-timeout', '1'),
        ],
    }
    for name, arguments in commands.items():
        ratio = compare(
            [aws, *arguments],
            environment(folder, 'with', plugins),
            environment(folder, 'without', plugins),
        )
        print(f'{version}: {name}, with / without: {ratio:.3f}')


def environment(folder: Path, config: str, plugins: Path) -> dict[str, str]:
    """Return an environment that knows the files of a folder alone."""
    return {
        'PATH': os.environ['PATH'],
        'HOME': str(folder),
        # v1 looks for plugins where it looks for every module.
        'PYTHONPATH': str(plugins),
        'AWS_CONFIG_FILE': str(folder / config),
        'AWS_SHARED_CREDENTIALS_FILE': str(folder / 'credentials'),
        'AWS_EC2_METADATA_DISABLED': 'true',
        'AWS_MAX_ATTEMPTS': '1',
    }


def compare(
    command: list[str], first: dict[str, str], second: dict[str, str]
) -> float:
    """Return the median of how long one takes for the other's length."""
    ratios = []
    for _ in range(RUNS + 1):
        ratios.append(seconds(command, first) / seconds(command, second))
    # The first pair fills the caches of files.
    return statistics.median(ratios[1:])


def seconds(command: list[str], variables: dict[str, str]) -> float:
    """Return how long a command takes."""
    start = time.perf_counter()
    subprocess.run(command, check=False, capture_output=True, env=variables)
    return time.perf_counter() - start


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
