# SPDX-License-Identifier: Apache-2.0
"""The page that ``doctor`` prints."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from awscli_mfa_plugin import __version__
from awscli_mfa_plugin.diagnosis.aws_clis import check_clis
from awscli_mfa_plugin.diagnosis.checks import (
    PROBLEM,
    WARNING,
    Check,
    fit_to_show,
)
from awscli_mfa_plugin.diagnosis.files import check_files, find_secrets
from awscli_mfa_plugin.diagnosis.surroundings import check_surroundings

_WIDTH = 79
_INDENT = 9

# In the place of the checks that need botocore.
PROFILE_NOT_CHECKED = Check(
    WARNING,
    'profile',
    'No profile was looked at, because no aws loads the plugin and this '
    'Python has no botocore.',
    'awscli-mfa enable; then: awscli-mfa doctor',
)


def all_checks(profile_checks: Iterable[Check]) -> list[Check]:
    """Return all checks, fit to be shown to others.

    :param profile_checks: Those of a profile, which need botocore.
    """
    return list(fit_to_show(_checks(profile_checks), find_secrets()))


def _checks(profile_checks: Iterable[Check]) -> Iterator[Check]:
    files = list(check_files())
    yield from files
    yield from check_clis(all(check.status != PROBLEM for check in files))
    yield from check_surroundings()
    yield from profile_checks


def format_page(checks: Sequence[Check]) -> str:
    """Return a page for people: a line for each check, and its remedy."""
    lines = [
        f'awscli-mfa-plugin {__version__}, Python '
        f'{sys.version.split()[0]}, {sys.platform}'
    ]
    subject = ''
    for check in checks:
        if check.subject != subject:
            subject = check.subject
            lines += ['', f'{subject}:']
        lines += textwrap.wrap(
            f'{check.status:<{_INDENT}}{check.message}',
            width=_WIDTH,
            subsequent_indent=' ' * _INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )
        if check.remedy:
            # A command is one line, to be copied.
            first, *others = check.remedy.split('; then: ')
            lines.append(f'{" " * _INDENT}-> {first}')
            lines += [f'{" " * _INDENT}   then: {other}' for other in others]
    problems = sum(check.status == PROBLEM for check in checks)
    lines += ['', _sum(problems)]
    return '\n'.join(lines) + '\n'


def as_response(checks: Sequence[Check]) -> dict[str, object]:
    """Return the checks under the names that the JSON document has."""
    return {
        'Version': __version__,
        'Checks': [
            {
                'Status': check.status,
                'Subject': check.subject,
                'Message': check.message,
                **({'Remedy': check.remedy} if check.remedy else {}),
            }
            for check in checks
        ],
    }


def exit_code(checks: Iterable[Check]) -> int:
    """Return 1 if there is a problem."""
    return int(any(check.status == PROBLEM for check in checks))


def _sum(problems: int) -> str:
    if not problems:
        return 'No problem was found.'
    return f'{problems} problem{"s" if problems > 1 else ""} found.'
