# SPDX-License-Identifier: Apache-2.0
"""What searches share: a seed, a limit of time, and counts at the end."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import aws, new_user, person, running_aws
from tests.unit.conftest import home, terminal

__all__ = [
    'aws',
    'home',
    'new_user',
    'person',
    'running_aws',
    'terminal',
]

SEED_VARIABLE = 'AWSCLI_MFA_TEST_SEED'

# How long each search goes on, in seconds.
SECONDS = int(os.environ.get('AWSCLI_MFA_TEST_SECONDS') or 600)

_COUNTS = 'counts of a search'


def pytest_configure(config: pytest.Config) -> None:
    """Choose a seed before workers are started, which inherit it."""
    os.environ.setdefault(SEED_VARIABLE, str(random.randrange(10**6)))  # noqa: S311


def pytest_report_header() -> str:
    """Say how the same cases can be had again."""
    return f'{SEED_VARIABLE}={os.environ[SEED_VARIABLE]}'


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> None:
    """Print the counts of every search."""
    terminalreporter.section('searches')
    terminalreporter.line(pytest_report_header())
    for reports in terminalreporter.stats.values():
        for report in reports:
            # The counts are complete when the test has been torn down.
            if getattr(report, 'when', '') == 'teardown':
                counts = dict(report.user_properties).get(_COUNTS)
                if counts is not None:
                    terminalreporter.line(f'{report.nodeid}: {counts}')


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a search take its time."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(SECONDS + 300))


class Search:
    """One search: its random numbers, its time, and what it counted.

    :ivar random: The same numbers for the same seed and test.
    :ivar counts: Of what came out, by a word for it.
    """

    def __init__(self, name: str, seconds: float) -> None:
        self.random = random.Random(f'{os.environ[SEED_VARIABLE]} {name}')  # noqa: S311
        self.counts: Counter[str] = Counter()
        self._started = time.monotonic()
        self._seconds = seconds

    def cases(self, number: int) -> Iterator[int]:
        """Count up to a number, or until the time is over."""
        # It took time to make ready.
        self._started = time.monotonic()
        for case in range(number):
            if self.seconds_left() <= 0:
                self.counts['left out'] = number - case
                return
            self.counts['cases'] += 1
            yield case

    def seconds_left(self) -> float:
        """Return how long the search may still take."""
        return self._started + self._seconds - time.monotonic()

    def __str__(self) -> str:
        counts = ', '.join(
            f'{number:,} {word}' for word, number in self.counts.items()
        )
        taken = time.monotonic() - self._started
        return f'{counts}, in {taken:.0f} seconds'


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Give a folder in memory, where there is one: disks are slow."""
    memory = '/dev/shm'  # noqa: S108
    with tempfile.TemporaryDirectory(
        dir=memory if os.access(memory, os.W_OK) else None
    ) as folder:
        yield Path(folder)


@pytest.fixture
def search(request: pytest.FixtureRequest) -> Iterator[Search]:
    """Give a search, and keep its counts."""
    search = Search(request.node.name, SECONDS)
    yield search
    request.node.user_properties.append((_COUNTS, str(search)))
