# SPDX-License-Identifier: Apache-2.0
"""Every comparison in one run, in the order of the table."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks import cases
from benchmarks.cases import Case
from benchmarks.figures import Figure
from benchmarks.measure import (
    Comparison,
    Measure,
    compare,
    instructions,
    peak_memory,
    seconds,
)
from benchmarks.scene import Scene
from tests.hosts import Host, install_plugin
from tests.standin import StandIn

_ROOT = Path(__file__).resolve().parent.parent

# Numbers of profiles and of sessions.
_FEW, _SOME, _MANY = 10, 1_000, 10_000


class Benchmark:
    """One run of everything.

    :param peers: The folder with the environments of other programs.
    :param pairs: How often two commands are compared.
    :param counts: Whether instructions can be counted.
    """

    def __init__(
        self, folder: Path, peers: Path, pairs: int, counts: bool
    ) -> None:
        self._folder = folder
        self._peers = peers
        self._pairs = pairs
        self._measure: Measure = instructions if counts else seconds
        self._plugin_folder = folder / 'plugin'

    def figures(self, hosts: Sequence[Host]) -> Iterator[Figure]:
        """Measure and return each figure when it is known."""
        install_plugin(_ROOT, self._plugin_folder)
        yield from self._sizes()
        newest = max(hosts, key=lambda host: host.version)
        with StandIn.start() as aws:
            for host in hosts:
                scene = self._scene(host, aws)
                for case in cases.OF_AWS:
                    yield self._ratio(case, scene, host.name)
                for case in cases.OF_MEMORY:
                    yield self._memory(case, scene)
                if host is newest:
                    for case in cases.OF_PROGRAMS:
                        yield self._ratio(case, scene, '')
                    yield from self._growth(scene)

    def _scene(self, host: Host, aws: StandIn) -> Scene:
        return Scene(
            self._folder / host.name,
            host,
            aws,
            aws.create_user(host.name),
            self._plugin_folder,
            self._peers,
        )

    def _compare(self, case: Case, scene: Scene) -> Comparison:
        return compare(
            self._measure,
            partial(case.ours, scene),
            partial(case.others, scene),
            self._pairs,
        )

    def _ratio(self, case: Case, scene: Scene, host: str) -> Figure:
        ratio = self._compare(case, scene).ratio
        return Figure(case.what, case.against, host, ratio, 'x', case.goal)

    def _memory(self, case: Case, scene: Scene) -> Figure:
        found = compare(
            peak_memory,
            partial(case.ours, scene),
            partial(case.others, scene),
            # Takes no longer than the command does, and varies.
            15,
        )
        return Figure(
            f'{case.what}: peak memory',
            case.against,
            scene.host.name,
            (found.ours - found.others) / 2**20,
            'MiB',
            cases.MEMORY_GOAL,
        )

    def _growth(self, scene: Scene) -> Iterator[Figure]:
        """Measure with few and with many profiles, then sessions."""
        scene.write_profiles(_FEW)
        scene.write_sessions(_FEW)
        rates = [self._rate(case, scene) for case in cases.OF_GROWTH]
        few = [self._lead(case, scene) for case in cases.OF_GROWTH]
        scene.write_profiles(_MANY)
        profiles = [self._lead(case, scene) for case in cases.OF_GROWTH]
        scene.write_profiles(_FEW)
        scene.write_sessions(_SOME)
        some = self._measure(cases.status(scene))
        scene.write_sessions(_MANY)
        sessions = [self._lead(case, scene) for case in cases.OF_GROWTH]
        for name, many in (('profiles', profiles), ('sessions', sessions)):
            for index, case in enumerate(cases.OF_GROWTH):
                yield Figure(
                    f'{case.what}: {_FEW} to {_MANY:,} {name}',
                    case.against,
                    scene.host.name,
                    (many[index] - few[index]) * rates[index] * 1000,
                    'ms',
                    cases.GROWTH_GOAL,
                )
        yield Figure(
            f'aws mfa status, {_MANY:,} sessions',
            f'{_SOME:,} sessions',
            scene.host.name,
            self._measure(cases.status(scene)) / some,
            'x',
            cases.LINEAR_GOAL,
        )

    def _lead(self, case: Case, scene: Scene) -> float:
        """Return how much more our command takes."""
        found = self._compare(case, scene)
        return found.ours - found.others

    def _rate(self, case: Case, scene: Scene) -> float:
        """Return how many seconds one measured unit takes."""
        command = case.others(scene)
        shortest = min(seconds(command) for _ in range(5))
        return shortest / self._measure(command)

    def _sizes(self) -> Iterator[Figure]:
        """Measure what is downloaded and what is installed."""
        wheels = self._folder / 'wheels'
        pip = (sys.executable, '-m', 'pip', 'wheel', '--quiet', '--no-deps')
        subprocess.run([*pip, '--wheel-dir', wheels, _ROOT], check=True)
        [wheel] = wheels.iterdir()
        # "awscli-mfa enable" makes a copy of it, which v2 loads.
        home = self._folder / 'home'
        make = 'from awscli_mfa_plugin.installation import copy as c'
        subprocess.run(
            [sys.executable, '-c', f'{make}; c.make_copy()'],
            check=True,
            cwd=self._plugin_folder,
            env={**os.environ, 'HOME': str(home)},
        )
        files = [
            path.stat().st_size for path in home.rglob('*') if path.is_file()
        ]
        for what, size, goal in (
            ('the wheel', wheel.stat().st_size, cases.WHEEL_GOAL),
            (
                'the folder for v2, filelock and bytecode included',
                sum(files),
                cases.FOLDER_GOAL,
            ),
        ):
            yield Figure(what, 'nothing', '', size / 1000, 'kB', goal)
