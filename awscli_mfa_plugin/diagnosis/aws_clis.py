# SPDX-License-Identifier: Apache-2.0
"""The AWS CLIs, and how they come to load the plugin or not to."""

from __future__ import annotations

import difflib
import glob
import os
import re
from collections.abc import Iterator, Mapping, Sequence

from awscli_mfa_plugin.diagnosis.checks import OK, PROBLEM, WARNING, Check
from awscli_mfa_plugin.diagnosis.files import CONFIG
from awscli_mfa_plugin.installation.clis import (
    CLI,
    Trial,
    find_aws,
    find_clis,
    install_command,
    package_of_v1,
    try_clis,
)
from awscli_mfa_plugin.installation.copy import note_if_older, version_in
from awscli_mfa_plugin.installation.plugin_lines import (
    PACKAGE,
    PATH_SETTING,
    names_package,
    plugin_settings,
)

_SUBJECT = 'aws'
_ENABLE = 'awscli-mfa enable'

# pipx and uv put the environments of what they install into these.
_TOOL_FOLDERS = (
    os.path.join('~', '.local', 'share', 'pipx', 'venvs'),
    os.path.join('~', '.local', 'pipx', 'venvs'),
    os.path.join('~', '.local', 'share', 'uv', 'tools'),
)
_V1 = re.compile(r"^__version__ = '1\.", re.MULTILINE)


def check_clis(are_files_read: bool) -> Iterator[Check]:
    """Check every ``aws`` on ``PATH``, and the lines that it is told by.

    :param are_files_read: Whether the AWS CLI can read its files.
    """
    programs = find_aws()
    clis = {cli.path: cli for cli in find_clis(programs)}
    if not clis:
        yield Check(
            WARNING,
            _SUBJECT,
            'There is no AWS CLI on PATH. awscli-mfa works without one '
            'where there is botocore.',
            'Install it: https://docs.aws.amazon.com/cli/latest/userguide/'
            'getting-started-install.html',
        )
    settings = plugin_settings(CONFIG.text()) if are_files_read else {}
    lines: list[Check] = []
    if are_files_read:
        lines += _check_lines(settings, list(clis.values()))
    yield from lines
    has_cause = not are_files_read or any(
        line.status == PROBLEM for line in lines
    )
    everything = [clis.get(path) or CLI(path, '') for path in programs]
    for cli, trial in zip(everything, try_clis(everything)):
        if not cli.version:
            yield Check(
                WARNING,
                _SUBJECT,
                f'{cli.path} is no AWS CLI: {trial.reason}',
                'Remove it, or put the folder of an AWS CLI before it on '
                'PATH.',
            )
        elif trial.works:
            yield _check_working(cli, trial, settings)
        else:
            yield Check(
                PROBLEM,
                _SUBJECT,
                f'{cli} ends at every command'
                # Its words may quote a line of a file.
                f'{f": {trial.reason}" if are_files_read else "."}',
                _remedy(cli, trial, settings, has_cause),
            )
    note = note_if_older()
    if note is not None:
        message, _, remedy = note.partition('. Let aws load that: ')
        yield Check(WARNING, _SUBJECT, f'{message}.', remedy)
    if settings:
        yield from _check_programs_with_v1(programs)


def _check_working(
    cli: CLI, trial: Trial, settings: Mapping[str, str]
) -> Check:
    if trial.loads:
        return Check(OK, _SUBJECT, f'{cli} loads {_loaded_by(cli, settings)}.')
    return Check(
        # Who has a v2 may have a v1 that some other program needs.
        WARNING if cli.is_v1 else PROBLEM,
        _SUBJECT,
        f'{cli} runs and does not load the plugin.',
        f'{install_command(cli)}; then: {_ENABLE}' if cli.is_v1 else _ENABLE,
    )


def _remedy(
    cli: CLI, trial: Trial, settings: Mapping[str, str], has_cause: bool
) -> str:
    """Return what helps a CLI that ends.

    :param has_cause: Whether a cause has been named already.
    """
    others = {
        name: value
        for name, value in settings.items()
        if name != PATH_SETTING
        and not names_package(value)
        and not _is_misspelled(value)
    }
    blamed = {
        name: value
        for name, value in others.items()
        if value and value in trial.reason
    }
    if blamed or (others and not has_cause):
        lines = ' and '.join(
            f'{name} = {value}' for name, value in (blamed or others).items()
        )
        return (
            'Remove the line of another plugin under [plugins] in '
            f'{CONFIG.path}: {lines}'
        )
    if has_cause:
        return 'Mend what stands above.'
    if cli.is_v1 and PACKAGE in trial.reason:
        return install_command(cli)
    return f'{_ENABLE}; if that does not help: awscli-mfa disable'


def _loaded_by(cli: CLI, settings: Mapping[str, str]) -> str:
    """Return which version of the plugin a CLI loads, and from where."""
    if cli.is_v1:
        found = package_of_v1(cli)
        return (
            'the plugin'
            if found is None
            else 'version {} from {}'.format(*found)
        )
    for folder in _folders(settings):
        version = version_in(folder)
        if version is not None:
            return f'version {version} from {folder}'
    return 'the plugin'


def _check_lines(
    settings: Mapping[str, str], clis: Sequence[CLI]
) -> Iterator[Check]:
    """Check the lines under ``[plugins]``; nothing is said of good ones."""
    ours = [name for name, value in settings.items() if names_package(value)]
    for name, value in settings.items():
        if name == PATH_SETTING or value == PACKAGE:
            continue
        if name in ours:
            yield _wrong_line(
                f'{name} = {value} is not the name of the module, which is '
                f'{PACKAGE}',
                _ENABLE,
            )
        elif not value:
            yield _wrong_line(
                f'{name} has no value',
                f'Remove that line from {CONFIG.path}; then: {_ENABLE}',
            )
        elif _is_misspelled(value):
            yield _wrong_line(
                f'{name} = {value} names no module; perhaps {PACKAGE} is '
                'meant',
                f'Remove that line from {CONFIG.path}; then: {_ENABLE}',
            )
    if not ours:
        yield _not_loaded('no line names the plugin')
    elif not all(cli.is_v1 for cli in clis):
        yield from _check_folders(settings)
        names = list(settings)
        if (
            any(cli.is_v1 for cli in clis)
            and PATH_SETTING in names
            and names.index(PATH_SETTING) < names.index(ours[0])
        ):
            yield _wrong_line(
                f'{PATH_SETTING} stands before the plugin, and an AWS CLI '
                'v1 ends there',
                _ENABLE,
            )


def _check_folders(settings: Mapping[str, str]) -> Iterator[Check]:
    """Check the folders that the AWS CLI v2 looks for plugins in."""
    reasons = {folder: _why_no_plugin(folder) for folder in _folders(settings)}
    if not reasons:
        yield _not_loaded(
            f'{PATH_SETTING}, which the AWS CLI v2 needs, is missing'
        )
    elif None not in reasons.values():
        for folder, reason in reasons.items():
            yield _wrong_line(
                f'{PATH_SETTING} leads to {folder}, and {reason}', _ENABLE
            )


def _not_loaded(what: str) -> Check:
    """Return why ``aws`` goes on without the plugin."""
    return _wrong_line(what, _ENABLE)._replace(status=WARNING)


def _wrong_line(what: str, remedy: str) -> Check:
    """Return why an ``aws`` ends at every command."""
    return Check(
        PROBLEM, _SUBJECT, f'Under [plugins] in {CONFIG.path}, {what}.', remedy
    )


def _is_misspelled(value: str) -> bool:
    return bool(difflib.get_close_matches(value, [PACKAGE]))


def _folders(settings: Mapping[str, str]) -> list[str]:
    value = settings.get(PATH_SETTING, '')
    return [folder for folder in value.split(os.pathsep) if folder]


def _why_no_plugin(folder: str) -> str | None:
    """Say why the AWS CLI v2 finds no plugin in a folder, if so."""
    package = os.path.join(folder, PACKAGE)
    if folder.startswith('~') or '$' in folder:
        return 'the AWS CLI does not expand ~ and variables there'
    if not os.path.isabs(folder):
        return 'it has to be the whole path, from / on'
    if not os.path.exists(folder):
        return 'that is not there'
    if os.path.isfile(folder):
        # The AWS CLI reads a zip file too, such as awscli-mfa.pyz.
        return None if _is_zip(folder) else 'that is not a folder'
    if not os.path.isdir(package):
        if os.path.basename(folder) == PACKAGE:
            return 'the folder above it is the right one'
        return f'there is no {PACKAGE} in it'
    if version_in(folder) is None:
        return f'the {PACKAGE} in it is damaged'
    return None


def _is_zip(path: str) -> bool:
    import zipfile

    return zipfile.is_zipfile(path)


def _check_programs_with_v1(programs: Sequence[str]) -> Iterator[Check]:
    """Name programs that have an AWS CLI v1 inside.

    It reads the same config file, imports what stands under [plugins], and
    ends, unless the package is installed beside it.
    """
    # The environments of these have been seen already.
    own = {
        os.path.dirname(os.path.dirname(os.path.realpath(path)))
        for path in programs
    }
    for tools in _TOOL_FOLDERS:
        pattern = os.path.join(
            os.path.expanduser(tools),
            '*',
            'lib',
            'python*',
            'site-packages',
            'awscli',
        )
        for package in sorted(glob.glob(pattern)):
            environment = package.split(f'{os.sep}lib{os.sep}')[0]
            if os.path.realpath(environment) in own or not _is_v1(package):
                continue
            site = os.path.dirname(package)
            if os.path.isdir(os.path.join(site, PACKAGE)):
                continue
            yield Check(
                WARNING,
                _SUBJECT,
                f'{os.path.basename(environment)} contains an AWS CLI v1, '
                'which fails at the lines of the plugin in the config file.',
                'Start it with a config file of its own: AWS_CONFIG_FILE=…',
            )


def _is_v1(package: str) -> bool:
    try:
        with open(os.path.join(package, '__init__.py')) as file:
            return _V1.search(file.read()) is not None
    except (OSError, ValueError):
        return False
