# SPDX-License-Identifier: Apache-2.0
"""``aws mfa import-aws-mfa``: from aws-mfa's layout to ``mfa_serial``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.config_files.config import section_of, write_profile
from awscli_mfa_plugin.exceptions import MFAConfigurationError, as_argument
from awscli_mfa_plugin.host.streams import print_text
from awscli_mfa_plugin.profiles.aws_mfa import (
    AWS_MFA_DEVICE,
    AWS_MFA_ROLE,
    profiles_of,
)
from awscli_mfa_plugin.profiles.devices import check_serial_number
from awscli_mfa_plugin.profiles.roles import is_role
from awscli_mfa_plugin.profiles.settings import (
    CARRIED_OVER,
    LONG_TERM_SUFFIX,
    Profiles,
    other_kind,
    text_of,
)


@dataclass(frozen=True)
class Change:
    """What one profile of the config file lacks.

    :ivar values: The settings to add, by name.
    """

    profile: str
    values: dict[str, str]


class ImportAWSMFACommand(MFABasicCommand):
    """Turn aws-mfa's profiles into ones with ``mfa_serial``."""

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
        changes, notes = find_changes(
            profiles_of(self._session, with_roles=False)
        )
        path = self._session.get_config_variable('config_file')
        if not changes and not notes:
            print_text('There is nothing to change.\n')
            return 0
        for change in changes:
            if parsed_args.apply:
                write_profile(self._session, change.profile, change.values)
        if changes:
            verb = 'Added to' if parsed_args.apply else 'To be added to'
            print_text(f'# {verb} {path}\n')
        for change in changes:
            print_text(_as_text(change))
        if changes and not parsed_args.apply:
            print_text('# To make these changes: add --apply\n')
        for note in notes:
            print_text(''.join(f'# {line}\n' for line in note.splitlines()))
        return 0


def find_changes(profiles: Profiles) -> tuple[list[Change], list[str]]:
    """Return what the profiles of aws-mfa's layouts lack.

    :param profiles: Those of both files, with ``aws_mfa_device``
        understood as ``mfa_serial``.
    :returns: The changes; and what has to be left to the person, in
        words.
    """
    changes: dict[str, Change] = {}
    notes = []
    for name in profiles:
        found = _look_at(name, profiles)
        if isinstance(found, Change):
            changes[found.profile] = found
        elif found is not None:
            notes.append(found)
    return list(changes.values()), notes


def _look_at(name: str, profiles: Profiles) -> Change | str | None:
    """Return what there is to do, or to say, about a profile's key."""
    settings = profiles[name]
    if name.endswith(LONG_TERM_SUFFIX):
        profile = name[: -len(LONG_TERM_SUFFIX)]
        if settings.get('mfa_serial'):
            return _change(profile, name, 'mfa_serial', profiles)
        return _without_device(profile, name, profiles)
    if not _has_device(settings) or _has_long_term_profile(name, profiles):
        return None
    if settings.get('mfa_serial') or _is_served(name, profiles):
        return None
    if '-' in name.strip('-'):
        # The name may end in a suffix of aws-mfa's, or be just a name.
        return _undecided(name, profiles)
    reason = other_kind(settings)
    if settings.get('source_profile'):
        reason = 'its source_profile names another key'
    if reason is not None:
        return (
            f'Profile {name} is left out, because {reason}: move its access '
            f'key and its {AWS_MFA_DEVICE} to a section of another name '
            f'that ends in {LONG_TERM_SUFFIX}, and run this again.'
        )
    return _change(name, name, AWS_MFA_DEVICE, profiles)


def _change(
    profile: str, name: str, device: str, profiles: Profiles
) -> Change | str | None:
    """Return what a profile lacks to use the access key of ``name``.

    :param device: The setting of ``name`` that names the MFA device.
    """
    long_term = profiles[name]
    present = profiles.get(profile, {})
    values = {'mfa_serial': long_term[device]}
    for setting in CARRIED_OVER:
        if setting in long_term:
            values[setting] = long_term[setting]
    # A source_profile would change the meaning of a role profile. A profile
    # that is its own source stays the user: a login heeds both.
    role_arn = long_term.get(AWS_MFA_ROLE)
    if role_arn and name != profile and 'role_arn' not in present:
        values['role_arn'] = role_arn
        values['source_profile'] = name
    missing = {
        setting: value
        for setting, value in values.items()
        if not present.get(setting)
    }
    if 'mfa_serial' in missing:
        reason = _why_not(name, device, profiles)
        if reason is not None:
            return reason
    return Change(profile, missing) if missing else None


def _why_not(name: str, device: str, profiles: Profiles) -> str | None:
    """Say why STS could not take the MFA device of a profile."""
    try:
        check_serial_number(text_of(name, profiles[name], device) or '')
    except MFAConfigurationError as error:
        return (
            f'Profile {name} is left out until it names another MFA device. '
            f'{error}'
        )
    return None


def _without_device(profile: str, name: str, profiles: Profiles) -> str | None:
    """Say how to save a device that no file names.

    aws-mfa was told of it with ``--device`` or ``MFA_DEVICE`` each time.
    """
    present = profiles.get(profile, {})
    if (
        not _has_long_term_key(profiles[name])
        or present.get('mfa_serial')
        or (present.get('source_profile') or name) != name
        or (other_kind(present) and not is_role(profile, profiles))
        or _is_served(name, profiles)
    ):
        return None
    return (
        f'Profile {name} names no MFA device. Save one with: aws mfa login '
        f'--profile {as_argument(profile)} --serial-number ARN'
    )


def _undecided(name: str, profiles: Profiles) -> str:
    """Say what can be done where only the person knows what is meant."""
    reason = _why_not(name, AWS_MFA_DEVICE, profiles)
    if reason is not None:
        return reason
    user, _, suffix = name.rpartition('-')
    return (
        f'Profile {name} names an MFA device, and whose it is cannot be told '
        'from the files.\n'
        f'If it is for {user}: aws mfa login --profile {as_argument(user)} '
        f'--long-term-suffix {as_argument(suffix)}\n'
        f'If it is for {name} itself: aws configure set mfa_serial '
        f'{profiles[name][AWS_MFA_DEVICE]} --profile {as_argument(name)}'
    )


def _has_device(settings: Mapping[str, Any]) -> bool:
    """Tell whether aws-mfa finds a key and its device in a profile."""
    return bool(settings.get(AWS_MFA_DEVICE) and _has_long_term_key(settings))


def _has_long_term_key(settings: Mapping[str, Any]) -> bool:
    return bool(
        settings.get('aws_access_key_id')
        and not settings.get('aws_session_token')
    )


def _has_long_term_profile(name: str, profiles: Profiles) -> bool:
    """Tell whether what is to be done for a profile is told by another."""
    settings = profiles.get(name + LONG_TERM_SUFFIX, {})
    return bool(settings.get('mfa_serial') or _has_long_term_key(settings))


def _is_served(name: str, profiles: Profiles) -> bool:
    """Tell whether the key of a profile is used with MFA as it is."""
    return any(
        settings.get('source_profile') == name and settings.get('mfa_serial')
        for settings in profiles.values()
    )


def _as_text(change: Change) -> str:
    header = section_of(change.profile)
    lines = ''.join(
        f'{name} = {value}\n' for name, value in change.values.items()
    )
    return f'[{header}]\n{lines}'
