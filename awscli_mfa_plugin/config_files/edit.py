# SPDX-License-Identifier: Apache-2.0
"""The one editor of a person's config and credentials files.

An edit changes the lines of the wanted settings and no others. It is made in
a copy beside the file, which botocore's own parser reads before the copy is
renamed into place: the wanted settings must have their values, and all others
the values that they had. Otherwise the edit is refused and the file stays.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Optional

from awscli_mfa_plugin.cache.files import make_directory
from awscli_mfa_plugin.cache.layout import cache_directory, expand, lock_path
from awscli_mfa_plugin.cache.lock import locked
from awscli_mfa_plugin.config_files.lines import (
    remove_section,
    rename_section,
    set_in_section,
)
from awscli_mfa_plugin.exceptions.files import ConfigWriteError

# The settings of each section, as botocore reads them.
Sections = Mapping[str, Mapping[str, Any]]

# The settings to change in each section; None removes a setting, or a whole
# section.
Changes = Mapping[str, Optional[Mapping[str, Optional[str]]]]

_LOCK_NAME = 'config-files'

# An edit takes milliseconds; a process that holds the lock this long hangs.
_PATIENCE_SECONDS = 10

# Other programs may change the file at the same time. After this many
# attempts to go after them the edit fails.
_ATTEMPTS = 5

# botocore cannot read the file, or would misread it after the change.
BY_HAND = 'its layout can only be edited by hand'

# The system, or a disk, failed while botocore read the file.
_CUT_OFF = 'it could not be read to its end'

_COPY_SUFFIX = '.awscli-mfa.tmp'
_STALE_SECONDS = 86400


def edit_file(path: str, plan: Callable[[Sections], Changes]) -> None:
    """Change settings in a file, which is made if it is missing.

    :param plan: Returns the changes, given the sections of the file. It is
        called several times, the last time while the file is locked.
    :raises ConfigWriteError: The file is as it was.
    """
    with _ending_in_write_errors(path):
        target = _target(path)
        # No lock is needed to find that there is nothing to change.
        sections = _parse(target)
        if _differing(sections, plan(sections)):
            _edit_locked(path, lambda: _edit(target, plan))


def edit_files(edits: Sequence[tuple[str, Sections, Changes]]) -> None:
    """Change settings in several files, or in none of them.

    A process that is killed may leave only the first ones changed, so the
    caller puts them in an order in which that works.

    :param edits: The path of each file, the sections that it has, and the
        changes.
    :raises ConfigWriteError: The files are as they were.
    """
    with contextlib.ExitStack() as undo:
        for path, expected, changes in edits:
            is_new = not os.path.exists(_target(path))
            before = read_text(path)
            edit_file(path, _checked(path, expected, changes))
            undo.callback(_put_back, path, before, read_text(path), is_new)
        undo.pop_all()


def _checked(
    path: str, expected: Sections, changes: Changes
) -> Callable[[Sections], Changes]:
    def plan(sections: Sections) -> Changes:
        if sections != expected:
            raise ConfigWriteError(
                path=path,
                reason='another program has just changed it. Try again.',
            )
        return changes

    return plan


def _put_back(path: str, before: str, after: str, is_new: bool) -> None:
    """Undo an edit, unless another program has changed the file since."""
    with contextlib.suppress(ConfigWriteError):
        edit_text(path, lambda text: before if text == after else text)
        if is_new and not read_text(path):
            os.unlink(_target(path))


def edit_text(path: str, change: Callable[[str], str]) -> None:
    """Change a file's text, without a look at what botocore makes of it.

    :param change: Returns the new text, given the old one. It may be called
        several times while the file is locked.
    :raises ConfigWriteError: The file is as it was.
    """
    target = _target(path)

    def edit() -> bool:
        text = _read(target)
        changed = change(text)
        return changed == text or _replace(
            target, changed, lambda _: _read(target) == text
        )

    with _ending_in_write_errors(path):
        _edit_locked(path, edit)


def read_text(path: str) -> str:
    """Return a file's text; empty where there is none.

    :raises ConfigWriteError: It cannot be read, so not be changed either.
    """
    with _ending_in_write_errors(path):
        return _read(_target(path))


def read_sections(path: str) -> Sections:
    """Return a file's sections; none where there is no file.

    :raises ConfigWriteError: They cannot be read, so not be changed either.
    """
    with _ending_in_write_errors(path):
        return _parse(_target(path))


@contextlib.contextmanager
def changed_copy(path: str, text: str) -> Iterator[str]:
    """Write a text into a file beside the one that it is meant for.

    Where nothing can be written there, the copy is in the folder of
    sessions: the file itself may need no change.

    :return: The path of the copy, which is removed at the end.
    :raises ConfigWriteError: It cannot be written.
    """
    with _ending_in_write_errors(path):
        try:
            copy = _write_copy(_target(path), text)
        except OSError:
            make_directory(cache_directory())
            copy = _write_copy(
                os.path.join(cache_directory(), os.path.basename(path)), text
            )
    try:
        yield copy
    finally:
        with contextlib.suppress(OSError):
            os.unlink(copy)


def remove_if_empty(path: str) -> None:
    """Remove a file that has no text; a symbolic link stays one."""
    path = expand(path)
    with contextlib.suppress(OSError):
        is_link = stat.S_ISLNK(os.lstat(path).st_mode)
        if not is_link and not _read(path).strip():
            os.unlink(path)


def _target(path: str) -> str:
    """Return the file to change: a symbolic link stays one."""
    return os.path.realpath(expand(path))


@contextlib.contextmanager
def _ending_in_write_errors(path: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise ConfigWriteError(path=path, reason=reason) from None


def _edit_locked(path: str, edit: Callable[[], bool]) -> None:
    """Try an edit while the file is locked, until no other interferes."""

    def give_up() -> bool:
        raise ConfigWriteError(
            path=path,
            reason=(
                'another process keeps it locked. When that has ended, run '
                'the command again'
            ),
        )

    lock = lock_path(cache_directory(), _LOCK_NAME)
    with locked(lock, _PATIENCE_SECONDS, give_up):
        if not any(edit() for _ in range(_ATTEMPTS)):
            raise OSError('other programs are changing it')


def remove_stale_copies(path: str) -> None:
    """Remove the copies beside a file that killed processes left.

    A copy may be a running process's until it is a day old.
    """
    target = os.path.realpath(expand(path))
    directory, name = os.path.split(target)
    ours = re.compile(re.escape(name) + r'\.\w+' + re.escape(_COPY_SUFFIX))
    with contextlib.suppress(OSError):
        for name in filter(ours.fullmatch, os.listdir(directory)):
            copy = os.path.join(directory, name)
            if time.time() - os.lstat(copy).st_mtime > _STALE_SECONDS:
                os.unlink(copy)


def _edit(path: str, plan: Callable[[Sections], Changes]) -> bool:
    """Change a file once; return whether no other program interfered."""
    before = _parse(path)
    changes = plan(before)
    text = _read(path)
    changed = _change_text(text, before, _differing(before, changes))

    def is_undisturbed(copy: str) -> bool:
        is_as_wanted = _is_as_wanted(before, _parse(copy), changes)
        if _read(path) != text or _parse(path) != before:
            return False
        if not is_as_wanted:
            raise ValueError(BY_HAND)
        return True

    return _replace(path, changed, is_undisturbed)


def _change_text(text: str, before: Sections, changes: Changes) -> str:
    """Return a file's text with the changes made.

    A section that goes while a new one gets all of its settings is renamed:
    its comments are then still beside them.
    """
    renamed = {
        new: old
        for old in changes
        for new, settings in changes.items()
        if changes[old] is None
        and new not in before
        and settings == before[old]
    }
    for section, settings in changes.items():
        if section in renamed:
            text = rename_section(text, renamed[section], section)
        elif settings is not None:
            text = set_in_section(text, section, settings)
        elif section not in renamed.values():
            text = remove_section(text, section)
    return text


def _replace(
    path: str, text: str, is_undisturbed: Callable[[str], bool]
) -> bool:
    """Give a file another text; return whether that was done.

    :param is_undisturbed: Given the path of a copy that has the new text,
        tells at the last moment whether no other program interfered.
    """
    status = _check_replaceable(path)
    copy = _write_copy(path, text)
    try:
        if status is not None:
            shutil.copymode(path, copy)
            _set_owner(copy, status)
        if not is_undisturbed(copy):
            return False
        os.replace(copy, path)
    finally:
        # The copy is gone if it has been renamed.
        with contextlib.suppress(OSError):
            os.unlink(copy)
    return True


def _write_copy(path: str, text: str) -> str:
    """Write a text into a new file beside another; return its path."""
    directory, name = os.path.split(path)
    os.makedirs(directory, exist_ok=True)
    # The copy has the mode 0600, which a new file keeps.
    handle, copy = tempfile.mkstemp(_COPY_SUFFIX, f'{name}.', directory)
    try:
        with open(handle, 'w', newline='') as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        os.unlink(copy)
        raise
    return copy


def _differing(sections: Sections, changes: Changes) -> Changes:
    """Return the changes without what is so already."""
    differing: dict[str, Mapping[str, str | None] | None] = {}
    for section, settings in changes.items():
        if settings is None:
            if section in sections:
                differing[section] = None
            continue
        present = sections.get(section, {})
        different = {
            name: value
            for name, value in settings.items()
            if present.get(name) != value
        }
        if different:
            differing[section] = different
    return differing


def _check_replaceable(path: str) -> os.stat_result | None:
    """Check that another file may be renamed into the place of this one.

    :return: Whose it is and the like, if it is there.
    :raises OSError: Renaming would get around a protection, or destroy a
        device, or separate the file from its hard links.
    """
    try:
        # Not what a link leads to: its target is here already, unless the
        # system could not tell that there is a link.
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise OSError('it is not a regular file')
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if status.st_nlink > 1:
        raise OSError(
            'it has a hard link, which would keep the old text. Replace the '
            'hard link by a symbolic link'
        )
    return status


def _read(path: str) -> str:
    """Return a file's text, decoded as ``configparser`` decodes it."""
    if not _is_file(path):
        return ''
    with open(path, newline='') as file:
        return file.read()


def _is_file(path: str) -> bool:
    """Tell whether there is a regular file.

    ``os.path.isfile`` says no as well where the system cannot tell, and
    what is there would be lost.

    :raises OSError: The system cannot tell.
    """
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _parse(path: str) -> Sections:
    """Return the sections of a file, as botocore reads them.

    :raises ValueError: botocore cannot read the file.
    """
    from botocore.configloader import raw_config_parse
    from botocore.exceptions import ConfigNotFound, ConfigParseError

    try:
        sections: Sections = raw_config_parse(path)
    except ConfigNotFound:
        if _is_file(path):
            raise ValueError(_CUT_OFF) from None
        return {}
    except ConfigParseError:
        # The message may quote lines of the file, keys included.
        raise ValueError(BY_HAND) from None
    except AttributeError:
        # A reading that fails midway ends so, on Python before 3.13.
        raise ValueError(_CUT_OFF) from None
    return sections


def _is_as_wanted(before: Sections, after: Sections, changes: Changes) -> bool:
    """Tell whether botocore reads the changes, and nothing else anew."""

    def others(sections: Sections) -> Sections:
        # A new section is left out, for it shows the settings of [DEFAULT].
        return {
            section: {
                name: value
                for name, value in settings.items()
                if name not in changed
            }
            for section, settings in sections.items()
            if section in before
            and (changed := changes.get(section, {})) is not None
        }

    return (
        not _differing(after, changes)
        and others(after) == others(before)
        and set(after) <= {*before, *changes}
    )


def _set_owner(copy: str, status: os.stat_result) -> None:
    """Leave the file with its owner, also under ``sudo aws``."""
    if hasattr(os, 'chown'):
        with contextlib.suppress(OSError):
            os.chown(copy, status.st_uid, status.st_gid)
