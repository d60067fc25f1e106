# SPDX-License-Identifier: Apache-2.0
"""A computer with an empty home, installers and two AWS CLIs v2."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.person import Person, Result
from tests.hosts import hosts

# The Python that people have, in the place of the tests' environment.
BASE_PYTHON = getattr(sys, '_base_executable', sys.executable)


class Computer:
    """What a person has before anything of ours is installed.

    :ivar person: The person, with a profile that has an MFA device.
    :ivar seconds: How long each step took.
    """

    def __init__(
        self,
        new_person: Callable[[Path], Person],
        folder: Path,
        wheels: Path,
        uv_cache: Path,
    ) -> None:
        self._new_person = new_person
        self._folder = folder
        self.person = new_person(folder / 'home')
        self.seconds: dict[str, float] = {}
        self._releases = folder / 'releases'
        self._releases.mkdir()
        self._index = (wheels, self._releases)
        self._uv_cache = uv_cache
        self.v2 = self._put_v2_into_folders()
        self._tools = self._put_tools_into_folder()
        self.use(self.person)

    def use(self, person: Person, *folders: Path) -> None:
        """Let a person find what is installed here.

        :param folders: The first ones of ``PATH``.
        """
        links = list(map(str, self._index))
        path = [
            *folders,
            person.home / '.local' / 'bin',
            *(aws.parent for aws in self.v2),
            self._tools,
        ]
        person.variables.update(
            PATH=os.pathsep.join(map(str, path)),
            # Nothing but the wheels here is installed, whatever the machine's
            # own configuration says.
            PIP_CONFIG_FILE=os.devnull,
            PIP_NO_INDEX='1',
            PIP_FIND_LINKS=' '.join(links),
            PIP_DISABLE_PIP_VERSION_CHECK='1',
            # Compiling a whole CLI that runs a few times takes longer.
            PIP_NO_COMPILE='1',
            PIP_BREAK_SYSTEM_PACKAGES='1',
            UV_CONFIG_FILE=str(self._uv_configuration(links)),
            UV_CACHE_DIR=str(self._uv_cache),
            UV_PYTHON=BASE_PYTHON,
            UV_PYTHON_DOWNLOADS='never',
        )

    def second_person(self, *folders: Path) -> Person:
        """Return somebody else with a home on this computer."""
        person = self._new_person(self._folder / 'second')
        self.use(person, *folders)
        return person

    def publish(self, *files: Path) -> None:
        """Let the installers find a release."""
        for file in files:
            shutil.copy(file, self._releases)

    @property
    def releases(self) -> Path:
        """The folder of what has been published."""
        return self._releases

    def sh(self, script: str) -> Result:
        """Run a line of a shell in the person's home; it has to succeed."""
        return self.person.ok(script, program=['/bin/sh', '-ec'])

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Take the time of a step."""
        start = time.monotonic()
        yield
        self.seconds[step] = time.monotonic() - start

    def _uv_configuration(self, links: Sequence[str]) -> Path:
        # No variable says that there is no index.
        path = self._folder / 'uv.toml'
        path.write_text(f'no-index = true\nfind-links = {links}\n')
        return path

    def _put_v2_into_folders(self) -> Sequence[Path]:
        found = []
        for number, host in enumerate(hosts()):
            if host.is_v2:
                folder = self._folder / f'v2-{number}'
                folder.mkdir()
                (folder / 'aws').symlink_to(host.aws)
                found.append(folder / 'aws')
        return found

    def _put_tools_into_folder(self) -> Path:
        """Make a folder with the installers and no ``aws`` of the machine."""
        folder = self._folder / 'tools'
        folder.mkdir()
        scripts = Path(sys.executable).parent
        found = {
            'python3': BASE_PYTHON,
            'pipx': scripts / 'pipx',
            'uv': scripts / 'uv',
            **{name: shutil.which(name) for name in ('cp', 'rm', 'sh')},
        }
        for name, path in found.items():
            assert path
            (folder / name).symlink_to(path)
        pip = folder / 'pip'
        pip.write_text(f'#!/bin/sh\nexec {sys.executable} -m pip "$@"\n')
        pip.chmod(0o755)
        return folder
