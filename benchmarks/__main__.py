# SPDX-License-Identifier: Apache-2.0
"""Measure everything, print the table, and write it with its plots."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.figures import Results, table, write
from benchmarks.measure import can_count_instructions
from benchmarks.run import Benchmark
from tests.hosts import VARIABLE, hosts


def main() -> int:
    """Run the benchmark and return an exit code."""
    parser = argparse.ArgumentParser(prog='tox -e benchmark --')
    parser.add_argument(
        '--peers',
        type=Path,
        required=True,
        help='the folder with the environments of aws-mfa and awsume',
    )
    parser.add_argument(
        '--output',
        type=Path,
        default=Path('docs/benchmark'),
        help='the folder to write to; default: %(default)s',
    )
    parser.add_argument(
        '--pairs',
        type=int,
        help='how often two commands are compared; default: 3 times where '
        'valgrind counts their instructions, else 31 times',
    )
    parser.add_argument(
        'aws', nargs='*', help=f'AWS CLIs v2; default: those of {VARIABLE}'
    )
    arguments = parser.parse_args()
    if arguments.aws:
        os.environ[VARIABLE] = os.pathsep.join(arguments.aws)
    counts = can_count_instructions()
    results = Results(
        date=datetime.now(timezone.utc).date().isoformat(),
        machine=_machine(),
        python=platform.python_version(),
        measured='instructions' if counts else 'seconds',
    )
    pairs = arguments.pairs or (3 if counts else 31)
    with tempfile.TemporaryDirectory() as folder:
        benchmark = Benchmark(Path(folder), arguments.peers, pairs, counts)
        for figure in benchmark.figures(hosts()):
            results.figures.append(figure)
            # A run takes long: each figure is shown when it is known.
            print(table([figure]).splitlines()[-1], flush=True)
            write(results, arguments.output)
    # Imported now: what this process has in memory when it starts a command
    # counts as that command's peak.
    from benchmarks.plots import draw

    draw(results, arguments.output)
    print(table(results.figures))
    return 0


def _machine() -> str:
    """Return the machine's system and processor."""
    return f'{platform.system()} {platform.machine()}, {_processor()}'


def _processor() -> str:
    try:
        lines = Path('/proc/cpuinfo').read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line for line in lines if line.startswith('model name')]
    return names[0].partition(': ')[2] if names else platform.processor()


if __name__ == '__main__':
    raise SystemExit(main())
