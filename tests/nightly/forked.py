# SPDX-License-Identifier: Apache-2.0
"""Commands of the AWS CLI v1, each a process that is there at once.

They are forked from a process that has loaded the CLI: most of what an
``aws`` command takes is Python's start, and no moment of that is of interest
here. The plugin is loaded in each of them anew, unless somebody traces it:
every system call of an import would be stopped twice.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

from awscli.customizations import assumerole

from tests.e2e.person import Person, Result
from tests.hosts import Host

_CONTEXT = multiprocessing.get_context('forkserver')
_CONTEXT.set_forkserver_preload(
    [
        'awscli.clidriver',
        'awscli.handlers',
        'pytest',
        'tests.nightly.preloaded',
        __name__,
    ]
)

# v1's, for Person. It is never started by a path.
HOST = Host('aws', (1,), 'v1-forked')

_TIMEOUT = 60


def _run(
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    folder: Path,
    output: Path,
    program: str,
    is_traced: bool,
) -> None:
    """Become a command without a terminal."""
    os.setsid()
    os.chdir(folder)
    # v1 sets it when it is imported.
    data_path = os.environ['AWS_DATA_PATH']
    os.environ.clear()
    os.environ.update(environment, AWS_DATA_PATH=data_path)
    # v1 has the path of its roles since its import, in another home.
    assumerole.CACHE_DIR = os.path.expanduser('~/.aws/cli/cache')
    paths = [os.devnull, *map(str, _streams(output))]
    for number, path in enumerate(paths):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC if number else 0
        handle = os.open(path, flags, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.argv = [program, *arguments]
    if is_traced:
        _wait_for_tracer()
    else:
        _forget_plugin()
    if program == 'aws':
        from awscli.clidriver import main
    else:
        from awscli_mfa_plugin.standalone import main
    sys.exit(main())


def _wait_for_tracer() -> None:
    """Stop until :meth:`Forked.go_on`, as soon as strace(1) looks on."""
    # PR_SET_PTRACER: a process of the same user, and not a parent alone.
    ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)
    # No loop: the number of calls before the first would be a random one.
    os.kill(os.getpid(), signal.SIGSTOP)


def _forget_plugin() -> None:
    for name in list(sys.modules):
        if name.partition('.')[0] == 'awscli_mfa_plugin':
            del sys.modules[name]


def _streams(output: Path) -> list[Path]:
    return [output.with_suffix('.stdout'), output.with_suffix('.stderr')]


class Forked:
    """A command that runs.

    :param program: ``aws`` or ``awscli-mfa``.
    :param is_traced: Whether it waits until somebody traces it.
    """

    def __init__(
        self,
        person: Person,
        *arguments: str,
        program: str = 'aws',
        is_traced: bool = False,
    ) -> None:
        # Outside of the home, where every file is looked at.
        self._output = person.home.with_name('output')
        self.process: BaseProcess = _CONTEXT.Process(
            name=program,
            target=_run,
            args=(
                arguments,
                person.environment({}),
                person.home,
                self._output,
                program,
                is_traced,
            ),
        )
        self.process.start()

    def wait_until(self, line: str) -> None:
        """Wait until Linux has a line in what it says of the process."""
        assert self.process.pid is not None
        status = Path(f'/proc/{self.process.pid}/status')
        end = time.monotonic() + _TIMEOUT
        while f'\n{line}\n' not in status.read_text():
            if time.monotonic() > end:
                # Nothing at the end may wait for it, as it has stopped.
                self.process.kill()
                raise AssertionError(f'it never came to {line}')
            time.sleep(0.001)

    def go_on(self) -> None:
        """Let it go on, which has stopped."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGCONT)

    def kill_after(self, seconds: float) -> bool:
        """Kill it after some time; tell whether it was still running."""
        self.process.join(seconds)
        self.process.kill()
        self.process.join()
        return self.process.exitcode == -9

    def result(self) -> Result:
        """Wait for its end."""
        self.process.join(_TIMEOUT)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
            raise AssertionError('it hangs')
        out, err = (
            path.read_text(errors='replace') for path in _streams(self._output)
        )
        return Result(self.process.exitcode, out, err)
