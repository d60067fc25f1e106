# SPDX-License-Identifier: Apache-2.0
"""Run two commands in turn and compare them."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# Every process that the command starts is counted and prints one line.
_VALGRIND = (
    'valgrind',
    '--tool=callgrind',
    '--trace-children=yes',
    '--callgrind-out-file=/dev/null',
)
_COLLECTED = re.compile(rb'^==\d+== Collected : (\d+)$', re.MULTILINE)


class MeasuringError(Exception):
    """A command failed, or nothing counted it."""


@dataclass(frozen=True)
class Command:
    """A command line and the whole environment that it runs in."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]


# Makes a command ready: a login wants a fresh token code each time.
Maker = Callable[[], Command]
# Runs a command and returns how much it took.
Measure = Callable[[Command], float]


@dataclass(frozen=True)
class Comparison:
    """How much two commands took, each the median of its runs."""

    ours: float
    others: float
    #: The median of the ratios of the pairs.
    ratio: float


def compare(
    measure: Measure, ours: Maker, others: Maker, pairs: int
) -> Comparison:
    """Measure two commands in turn: ours, the other, ours, the other ...

    A machine that grows slower meanwhile does so for both.
    """
    for make in (ours, others):
        # Python writes its bytecode and the system reads the files.
        seconds(make())
    taken = [(measure(ours()), measure(others())) for _ in range(pairs)]
    return Comparison(
        statistics.median(first for first, _ in taken),
        statistics.median(second for _, second in taken),
        statistics.median(first / second for first, second in taken),
    )


def instructions(command: Command) -> float:
    """Count the instructions of a command and its children."""
    completed = _run(command, *_VALGRIND)
    counts = [int(count) for count in _COLLECTED.findall(completed.stderr)]
    if not counts:
        raise MeasuringError(f'valgrind counted nothing of {command}')
    return sum(counts)


def seconds(command: Command) -> float:
    """Take the time of a command."""
    start = time.perf_counter()
    _run(command)
    return time.perf_counter() - start


def peak_memory(command: Command) -> float:
    """Return how many bytes a command had in memory at most."""
    with subprocess.Popen(
        command.arguments,
        env=command.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise MeasuringError(f'{command.arguments} failed')
    # macOS counts in bytes, Linux in units of 1024.
    return usage.ru_maxrss * (1 if sys.platform == 'darwin' else 1024)


def can_count_instructions() -> bool:
    """Tell whether there is a valgrind."""
    return shutil.which(_VALGRIND[0]) is not None


def _run(command: Command, *under: str) -> subprocess.CompletedProcess[bytes]:
    completed = subprocess.run(
        [*under, *command.arguments],
        check=False,
        env=command.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    if completed.returncode:
        raise MeasuringError(
            f'{" ".join(command.arguments)} failed:\n'
            f'{completed.stderr.decode(errors="replace")}'
        )
    return completed
