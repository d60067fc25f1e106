# SPDX-License-Identifier: Apache-2.0
"""``awscli-mfa enable`` and ``awscli-mfa disable``.

A line under ``[plugins]`` that a CLI cannot follow ends every ``aws``
command. So every CLI is tried before, and with a copy of the config file
that has the new lines; where one of them would stop working, nothing is
changed. Killed at any moment, it leaves every CLI as it was or enabled.
"""

from __future__ import annotations

import difflib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from awscli_mfa_plugin.cache.layout import cache_directory, lock_path
from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.config_files.edit import (
    BY_HAND,
    changed_copy,
    edit_text,
    read_text,
    remove_if_empty,
)
from awscli_mfa_plugin.exceptions import MFAError, as_argument
from awscli_mfa_plugin.exceptions.commands import ReaderGoneError
from awscli_mfa_plugin.exceptions.files import ConfigWriteError
from awscli_mfa_plugin.exceptions.installation import (
    CLIStoppedError,
    NoCLIEnabledError,
    NoCLIError,
    NoPackageInV1Error,
    PluginCopyError,
    PluginCopyRemoveError,
)
from awscli_mfa_plugin.host.programs import find_program
from awscli_mfa_plugin.host.streams import print_text
from awscli_mfa_plugin.host.wrapping import say_on_stderr
from awscli_mfa_plugin.installation import copy
from awscli_mfa_plugin.installation.clis import (
    CLI,
    Trial,
    find_clis,
    install_command,
    try_clis,
)
from awscli_mfa_plugin.installation.plugin_lines import (
    add_plugin,
    other_lines,
    remove_plugin,
)

# The reason why a CLI that runs has no "aws mfa".
_NOT_READ = 'It runs, and does not read this config file.'

_DEFAULT_CONFIG_FILE = os.path.join('~', '.aws', 'config')


def enable(arguments: Any) -> int:
    """Have the AWS CLIs load the plugin; return an exit code.

    :param arguments: ``aws``, the paths of the CLIs to enable or ``None``
        for every one on ``PATH``; ``dry_run``, whether to change nothing.
    """
    return _run(lambda: _enable(arguments.aws, arguments.dry_run))


def disable(arguments: Any) -> int:
    """Have no AWS CLI load the plugin; return an exit code.

    No CLI is started, so none need work.
    """
    del arguments
    return _run(_disable)


def config_file() -> str:
    """Return the CLIs' config file, as a person names it."""
    return os.environ.get('AWS_CONFIG_FILE') or _DEFAULT_CONFIG_FILE


def _run(command: Callable[[], None]) -> int:
    try:
        command()
    except ReaderGoneError:
        return 1
    except MFAError as error:
        say_on_stderr(str(error))
        return 1
    return 0


def _enable(paths: Sequence[str] | None, dry_run: bool) -> None:
    clis = find_clis(paths)
    if not clis:
        raise NoCLIError()
    has_v2 = not all(cli.is_v1 for cli in clis)
    lines = _PluginLines(copy.plugin_folder() if has_v2 else None)
    if dry_run:
        _show_plan(lines)
        return
    # Two at once would each take the other's state for the one before.
    with (
        locked(lock_path(cache_directory(), 'mfa-plugin')),
        _ended_by_signals(),
    ):
        before = try_clis(clis)
        with _copied() as (folder, use):
            lines.plan(read_text(config_file()))
            is_changed = lines.differ or folder != copy.plugin_folder()
            after = _try(clis, lines, folder) if is_changed else before
            _check(clis, before, after)
            use()
            lines.add()
    _report(clis, after, lines, is_changed)


def _disable() -> None:
    lines = _PluginLines(copy.plugin_folder())
    lines.remove()
    directory = copy.copy_directory()
    # A credential_process, which SDKs run.
    is_named = os.path.expanduser(directory) in lines.changed
    is_removed = False
    failure = None
    try:
        is_removed = not is_named and copy.remove_all()
    except OSError as error:
        failure = PluginCopyRemoveError(
            directory=directory, reason=error.strerror
        )
    # All is done by now: printing fails when nobody listens.
    if lines.differ:
        _say(f'Removed from {config_file()}:')
        lines.show()
    if failure is not None:
        raise failure
    if is_named:
        _say(
            f'{directory} stays, because {config_file()} still names it. '
            'Remove those lines and run this again.'
        )
    elif is_removed:
        _say(f'Removed {directory}.')
    elif not lines.differ:
        _say(
            f'Nothing to remove: no AWS CLI loads the plugin by '
            f'{config_file()}.'
        )


def _say(text: str) -> None:
    print_text(f'{text}\n')


class _PluginLines:
    """The plugin's lines in the config file.

    :param folder: The plugin's folder for v2, if there is a v2.
    :ivar original: The file's text before the change.
    :ivar changed: The text after it.
    """

    def __init__(self, folder: str | None) -> None:
        self.original = self.changed = ''
        self._folder = folder

    @property
    def differ(self) -> bool:
        """Whether there was anything to change."""
        return self.changed != self.original

    def add(self) -> None:
        """Add them, in one step."""
        edit_text(config_file(), self.plan)

    def remove(self) -> None:
        """Take them out, and the file too where nothing is left in it."""

        def change(text: str) -> str:
            self.original = text
            self.changed = remove_plugin(text, copy.plugin_folder())
            return self.changed

        edit_text(config_file(), change)
        if self.differ:
            remove_if_empty(config_file())

    def plan(self, text: str) -> str:
        """Return the file's text with the lines in it.

        :raises ConfigWriteError: They would swallow an indented section
            that follows them.
        """
        self.original = text
        self.changed = add_plugin(text, self._folder)
        if other_lines(self.changed) != other_lines(text):
            raise ConfigWriteError(path=config_file(), reason=BY_HAND)
        return self.changed

    def with_folder(self, folder: str) -> str:
        """Return the changed text with another folder for v2."""
        return add_plugin(
            self.changed, None if self._folder is None else folder
        )

    def show(self) -> None:
        """Show which lines have come and which have gone."""
        # No other lines: they may hold an access key.
        for line in difflib.unified_diff(
            self.original.splitlines(), self.changed.splitlines(), n=0
        ):
            if not line.startswith(('---', '+++', '@@')):
                _say(f'  {line[0]} {line[1:]}')


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let the signals that end a program undo what has been begun.

    Ctrl-C does so already.
    """

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = {}
    for name in ('SIGTERM', 'SIGHUP'):
        number = getattr(signal, name, None)
        # nohup lets a program ignore one of them.
        if number and signal.getsignal(number) == signal.SIG_DFL:
            before[number] = signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _try(clis: Sequence[CLI], lines: _PluginLines, folder: str) -> list[Trial]:
    """Find out how each CLI takes the new lines, before they are there."""
    with changed_copy(config_file(), lines.with_folder(folder)) as path:
        return [
            replace(trial, reason=trial.reason.replace(path, config_file()))
            for trial in try_clis(clis, path)
        ]


@contextmanager
def _copied() -> Iterator[tuple[str, Callable[[], None]]]:
    """Have the package copied; yield its folder and what brings it in use.

    The folder is the one that v2 is told where that has this very package.
    On an error the copy before is in use again.

    :raises PluginCopyError: It cannot be copied.
    """
    previous = copy.copy_in_use()
    name = None
    with _ending_in_copy_errors():
        is_current = copy.is_copy_current()
        if not is_current:
            name = copy.make_copy()

    def use() -> None:
        with _ending_in_copy_errors():
            if name is not None:
                copy.use_copy(name)
            copy.write_launcher()

    try:
        yield copy.folder_of(name) if name else copy.plugin_folder(), use
    except BaseException:
        if not is_current:
            copy.use_copy(previous)
            copy.remove_copies_but(previous)
        if previous is None:
            copy.remove_all()
        raise
    if not is_current:
        # Commands that have started from the one before go on.
        copy.remove_copies_but(name, previous)


@contextmanager
def _ending_in_copy_errors() -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise PluginCopyError(
            directory=copy.copy_directory(),
            reason='filelock, which pip installs with it, is missing',
        ) from None
    except OSError as error:
        raise PluginCopyError(
            directory=copy.copy_directory(), reason=error.strerror or error
        ) from None


def _check(
    clis: Sequence[CLI], before: Sequence[Trial], after: Sequence[Trial]
) -> None:
    """Check that every CLI does what it did, and one has the plugin.

    :raises MFAError: Otherwise.
    """
    for cli, was, now in zip(clis, before, after):
        if (now.works, now.loads) >= (was.works, was.loads):
            continue
        others = _without(cli, clis)
        if cli.is_v1 and 'awscli_mfa_plugin' in now.reason:
            raise NoPackageInV1Error(
                path=cli.path, command=install_command(cli), others=others
            )
        raise CLIStoppedError(path=cli.path, reason=now.reason, others=others)
    if not any(now.loads for now in after):
        reasons = [
            f'  {cli.path}\n  {now.reason or _NOT_READ}'
            for cli, now in zip(clis, after)
        ]
        raise NoCLIEnabledError(path=config_file(), reasons='\n'.join(reasons))


def _without(cli: CLI, clis: Sequence[CLI]) -> str:
    """Return how to enable the other CLIs, as an end of a message."""
    others = ' '.join(
        f'--aws {as_argument(other.path)}' for other in clis if other != cli
    )
    if not others:
        return ''
    return (
        '\nOr leave it out, and give it a config file of its own:\n'
        f'  cp {config_file()} {config_file()}-v{cli.version[0]}\n'
        f'  awscli-mfa enable {others}\n'
        f'  AWS_CONFIG_FILE={config_file()}-v{cli.version[0]} '
        f'{as_argument(cli.path)} ...'
    )


def _show_plan(lines: _PluginLines) -> None:
    lines.plan(read_text(config_file()))
    if lines.differ:
        _say(f'{config_file()} would change:')
        lines.show()
    else:
        _say(f'{config_file()} would not change.')
    try:
        is_current = copy.is_copy_current()
    except ImportError:
        is_current = False
    if not is_current:
        _say(f'The plugin would be copied to {copy.copy_directory()}.')


def _report(
    clis: Sequence[CLI],
    trials: Sequence[Trial],
    lines: _PluginLines,
    is_changed: bool,
) -> None:
    if lines.differ:
        _say(f'Changed in {config_file()}:')
        lines.show()
    _say(f'The plugin is {"now " if is_changed else ""}loaded by:')
    for cli, trial in zip(clis, trials):
        if trial.loads:
            _say(f'  {cli}')
    for cli, trial in zip(clis, trials):
        if not trial.loads:
            _say(f'It is not loaded by:\n  {cli}')
            _say(f'  {trial.reason or _NOT_READ}')
            if cli.is_v1:
                _say(f'Install it there: {install_command(cli)}')
    if find_program('awscli-mfa') is None and os.path.exists(copy.launcher()):
        _say(f'awscli-mfa is {copy.copy_directory()}/awscli-mfa')
    if is_changed:
        _say(
            'Next: aws mfa login --profile NAME (or --setup for a new profile)'
        )
