# SPDX-License-Identifier: Apache-2.0
"""``aws mfa import-aws-mfa``: from aws-mfa's layout to ``mfa_serial``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from awscli.customizations.utils import uni_print

from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.profile_writer import section_of, write_profile
from awscli_mfa_plugin.profiles import (
    AWS_MFA_ROLE,
    CARRIED_OVER,
    LONG_TERM_SUFFIX,
    Profiles,
    profiles_of,
)


@dataclass(frozen=True)
class Change:
    """What one profile of the config file lacks.

    :ivar values: The settings to add, by name.
    """

    profile: str
    values: dict[str, str]


class ImportAWSMFACommand(MFABasicCommand):
    """Turn aws-mfa's profiles into profiles with ``mfa_serial``."""

    NAME = 'import-aws-mfa'
    DESCRIPTION = from_file('mfa', 'import-aws-mfa', '_description.rst')
    EXAMPLES = from_file('mfa', 'import-aws-mfa', '_examples.rst')
    ARG_TABLE = [
        {
            'name': 'apply',
            'action': 'store_true',
            'help_text': (
                'Make the changes. Without it they are only printed.'
            ),
        },
    ]

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        changes = find_changes(profiles_of(self._session, with_roles=False))
        path = self._session.get_config_variable('config_file')
        if not changes:
            uni_print('There is nothing to change.\n')
            return 0
        for change in changes:
            if parsed_args.apply:
                write_profile(self._session, change.profile, change.values)
        verb = 'Added to' if parsed_args.apply else 'To be added to'
        uni_print(f'# {verb} {path}\n')
        for change in changes:
            uni_print(_as_text(change))
        if not parsed_args.apply:
            uni_print('# To make these changes: add --apply\n')
        return 0


def find_changes(profiles: Profiles) -> list[Change]:
    """Return what the profiles of aws-mfa's layout lack.

    :param profiles: Those of both files, with ``aws_mfa_device``
        understood as ``mfa_serial``.
    """
    changes = []
    for name, long_term in profiles.items():
        serial_number = long_term.get('mfa_serial')
        if not name.endswith(LONG_TERM_SUFFIX) or not serial_number:
            continue
        profile = name[: -len(LONG_TERM_SUFFIX)]
        present = profiles.get(profile, {})
        values = {'mfa_serial': serial_number}
        for setting in CARRIED_OVER:
            if setting in long_term:
                values[setting] = long_term[setting]
        # With a role of its own, a source would change what it means.
        if AWS_MFA_ROLE in long_term and 'role_arn' not in present:
            values['role_arn'] = long_term[AWS_MFA_ROLE]
            values['source_profile'] = name
        missing = {
            setting: value
            for setting, value in values.items()
            if setting not in present
        }
        if missing:
            changes.append(Change(profile, missing))
    return changes


def _as_text(change: Change) -> str:
    header = section_of(change.profile)
    lines = ''.join(
        f'{name} = {value}\n' for name, value in change.values.items()
    )
    return f'[{header}]\n{lines}'
