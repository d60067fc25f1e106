# SPDX-License-Identifier: Apache-2.0
"""Which sessions in the cache belong to which profiles."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError

from awscli_mfa_plugin.cache import session_key
from awscli_mfa_plugin.profiles import profiles_of
from awscli_mfa_plugin.roles import read_base_profile


def named_profile(parsed_globals: Any) -> str | None:
    """Return the profile that ``--profile`` names, or ``None``."""
    name: str | None = parsed_globals.profile
    return name


def profiles_by_key(session: Any) -> dict[str, set[str]]:
    """Return the names of profiles by the key of the session they use.

    From the two files alone: no ``credential_process`` is run for it, so
    a profile whose access key comes from one is not among them.

    :param session: A ``botocore.session.Session``.
    """
    profiles = profiles_of(session)
    names: dict[str, set[str]] = {}
    for name in profiles:
        try:
            profile = read_base_profile(name, profiles)
        except BotoCoreError:
            continue
        access_key_id = profiles[profile.long_term_profile].get(
            'aws_access_key_id'
        )
        if isinstance(access_key_id, str):
            key = session_key(access_key_id, profile.serial_number)
            names.setdefault(key, set()).add(name)
    return names
