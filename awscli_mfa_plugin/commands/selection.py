# SPDX-License-Identifier: Apache-2.0
"""Which sessions in the cache belong to which profiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError

from awscli_mfa_plugin.cache.inventory import SessionEntry
from awscli_mfa_plugin.cache.layout import session_key
from awscli_mfa_plugin.exceptions import NotMFAProfileError
from awscli_mfa_plugin.profiles.aws_mfa import profiles_of
from awscli_mfa_plugin.profiles.roles import is_role, read_mfa_role
from awscli_mfa_plugin.profiles.settings import (
    MFAProfile,
    Profiles,
    read_mfa_profile,
)

# The profiles that use a session, with their settings, by its key and by
# their names.
ProfilesByKey = Mapping[str, Mapping[str, MFAProfile]]


def profiles_by_key(session: Any) -> ProfilesByKey:
    """Return the profiles by the key of the session they use.

    Those whose access key a ``credential_process`` gives are not among
    them.

    :param session: A ``botocore.session.Session``.
    """
    found: dict[str, dict[str, MFAProfile]] = {}
    for name, profile in mfa_profiles(session).items():
        if profile.access_key_id is not None:
            key = session_key(profile.access_key_id)
            found.setdefault(key, {})[name] = profile
    return found


def mfa_profiles(session: Any) -> Mapping[str, MFAProfile]:
    """Return the profiles that use an MFA session, with their settings.

    :param session: A ``botocore.session.Session``.
    """
    profiles = profiles_of(session)
    found = {}
    for name in profiles:
        try:
            found[name] = _profile_on_session(name, profiles)
        except BotoCoreError:
            continue
    return found


def _profile_on_session(name: str, profiles: Profiles) -> MFAProfile:
    if not is_role(name, profiles):
        return read_mfa_profile(name, profiles)
    role = read_mfa_role(name, profiles)
    if role.direct is not None:
        raise NotMFAProfileError(profile=name, reason=role.direct)
    return role.base


def users_of(entry: SessionEntry, profiles: ProfilesByKey) -> set[str]:
    """Return the names of the profiles that use a session.

    A profile that it was made for is not among them when its access key
    is another one now.
    """
    elsewhere = {
        name
        for key, names in profiles.items()
        if key != entry.key
        for name in names
    }
    users = made_for(entry) - elsewhere
    if _is_used_by_all(entry):
        users |= set(profiles.get(entry.key, {}))
    return users


def part_of(
    entry: SessionEntry, name: str, profiles: ProfilesByKey
) -> SessionEntry:
    """Return what of an entry is one profile's.

    Role sessions that were made with a code of their own are the profile's
    that they were made for, and of nobody who shares its access key.
    """
    sharing = {
        role.profile_name
        for role in entry.roles
        if not role.is_of_profile_alone
    }
    if entry.mfa_session is not None:
        sharing.add(entry.mfa_session.profile_name)
    if _is_used_by_all(entry):
        sharing |= set(profiles.get(entry.key, {}))
    return entry.part_of(name, name in sharing)


def _is_used_by_all(entry: SessionEntry) -> bool:
    """Tell whether there is what all profiles of the access key share.

    Files that cannot be read may be that.
    """
    return (
        entry.mfa_session is not None
        or not entry.roles
        or not all(role.is_of_profile_alone for role in entry.roles)
    )


def made_for(entry: SessionEntry) -> set[str]:
    """Return the names of the profiles that a session was made for."""
    names = {role.profile_name for role in entry.roles}
    if entry.mfa_session is not None:
        names.add(entry.mfa_session.profile_name)
    return names


def serial_number_of(
    entry: SessionEntry, profiles: ProfilesByKey
) -> str | None:
    """Return the MFA device of a session, or of what is left of one.

    Where only role sessions are left, the profiles that have the session's
    key tell, if they name the same device.
    """
    if entry.mfa_session is not None:
        return entry.mfa_session.serial_number
    devices = {
        profile.serial_number
        for profile in profiles.get(entry.key, {}).values()
    }
    return devices.pop() if len(devices) == 1 else None
