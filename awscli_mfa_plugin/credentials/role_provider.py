# SPDX-License-Identifier: Apache-2.0
"""The provider of roles behind an MFA session."""

from __future__ import annotations

import logging
from typing import Any

from botocore.credentials import AssumeRoleProvider

from awscli_mfa_plugin import AGENT_ROLE
from awscli_mfa_plugin.cache.login_roles import LoginRole
from awscli_mfa_plugin.cache.roles import RoleSessionCache
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.credentials.refreshing import (
    ServingNote,
    login_role_credentials,
    session_credentials,
    warn_of_end,
    warn_of_role_end,
)
from awscli_mfa_plugin.credentials.role_clients import (
    ClientCreator,
    SourceOnly,
    clients_from_session,
    clients_with_token_code,
    clients_without_token_code,
)
from awscli_mfa_plugin.exceptions import (
    MFAConfigurationError,
    NoLongTermCredentialsError,
    NotMFAProfileError,
    UnknownProfileError,
    as_argument,
)
from awscli_mfa_plugin.exceptions.profiles import AgentRoleError
from awscli_mfa_plugin.exceptions.token_codes import (
    NoMFASessionError,
    NoTerminalError,
    NoTokenCodeForRoleError,
    RunByAgentError,
)
from awscli_mfa_plugin.host.agents import is_run_by_agent
from awscli_mfa_plugin.needs import Needs
from awscli_mfa_plugin.profiles.aws_mfa import has_aws_mfa_session, profiles_of
from awscli_mfa_plugin.profiles.long_term import load_credentials, same_keys
from awscli_mfa_plugin.profiles.roles import (
    MFARole,
    is_role,
    read_agent_role,
    read_mfa_role,
)
from awscli_mfa_plugin.profiles.settings import Profiles
from awscli_mfa_plugin.temporary_credentials import MIN_REMAINING_SECONDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from awscli_mfa_plugin.credentials.sts import STSConnection
    from awscli_mfa_plugin.credentials.token_code import TokenCodeSource

logger = logging.getLogger(__name__)

# Tells the way to a role that needs a code of its own from others.
_DIRECT = 'direct'


class MFARoleProvider:
    """Gives a role's credentials, assumed from an MFA session.

    It stands before botocore's own provider of roles, which goes on with
    whatever this one leaves alone.

    :param profile_name: The profile whose chain this stands in.
    :param needs: What the command at hand needs.
    :param client_creator: Makes clients as botocore's own provider does.
    :param source: Where a token code comes from if one is needed; by
        default from where the profile says.
    """

    def __init__(
        self,
        profile_name: str,
        connection: STSConnection,
        needs: Needs,
        client_creator: ClientCreator,
        source: TokenCodeSource | None = None,
    ) -> None:
        self._profile_name = profile_name
        self._connection = connection
        self._needs = needs
        self._client_creator = client_creator
        self._source = source

    def load(self) -> Any:
        """Return the credentials, or ``None`` when this is not for us.

        :raises MFAConfigurationError: The role takes part and its
            settings, or those it leads to, are wrong.
        """
        if self._is_for_agent():
            return self._load_for_agent()
        return self._load_for_person()

    def _load_for_person(self) -> Any:
        """Return the credentials, or ``None``, as ``load`` does.

        :raises MFAConfigurationError: As ``load``.
        """
        # A role of aws-mfa's layout has long-term credentials to give.
        profiles = profiles_of(
            self._connection.session, with_roles=not self._needs.long_term
        )
        if not is_role(self._profile_name, profiles):
            return None
        try:
            with same_keys(self._connection.session):
                role = read_mfa_role(self._profile_name, profiles)
                credentials = load_credentials(
                    self._connection.session, role.base.long_term_profile
                )
        except (
            NotMFAProfileError,
            NoLongTermCredentialsError,
            UnknownProfileError,
        ) as reason:
            logger.debug('No MFA session for a role: %s', reason)
            return None
        except MFAConfigurationError:
            if self._needs.prompt:
                raise
            return None
        if credentials.token:
            logger.debug('No MFA session for a role: its source is temporary')
            return None
        fetcher = MFASessionFetcher(
            self._connection,
            role.base,
            credentials,
            self._source,
        )
        login_role = LoginRole(
            fetcher.key, role.name, _role_arn(role.name, profiles)
        )
        note = ServingNote(role.base, login_role)
        in_role = login_role_credentials(role.name, login_role, note)
        if in_role is not None:
            warn_of_role_end(self._needs, role.base, login_role)
            return in_role
        mfa_session = fetcher.cached()
        if mfa_session is None and not self._may_make_session(role):
            return None
        hops = _Hops(profiles, fetcher, note)
        if role.direct is not None:
            logger.debug(
                'Role %s is assumed directly: %s', role.hops[-1], role.direct
            )
            return self._assume_directly(role, hops)
        if mfa_session is not None:
            warn_of_end(self._needs, fetcher, mfa_session)
        return self._assume_from_session(role, hops)

    def _is_for_agent(self) -> bool:
        """Tell whether a coding agent is to have a role of its own."""
        files = self._connection.session.full_config['profiles']
        settings = files.get(self._profile_name, {})
        return bool(settings.get(AGENT_ROLE)) and is_run_by_agent()

    def _load_for_agent(self) -> Any:
        """Return the credentials of the role that a coding agent has.

        Nothing else may sign its commands, whatever they need: what keeps
        the role from being assumed is raised.

        :raises MFAConfigurationError: There is no such role.
        """
        session = self._connection.session
        profiles = profiles_of(session)
        role = read_agent_role(self._profile_name, profiles)
        credentials = load_credentials(session, role.base.long_term_profile)
        if credentials.token:
            raise AgentRoleError(
                profile=self._profile_name,
                role=role.name,
                reason=(
                    f'profile {role.base.long_term_profile} has temporary '
                    'credentials'
                ),
            )
        fetcher = MFASessionFetcher(
            self._connection,
            role.base,
            credentials,
            self._source,
        )
        if not self._needs.prompt and fetcher.cached() is None:
            raise NoMFASessionError(
                profile=self._profile_name,
                why=RunByAgentError.why,
                where=RunByAgentError.where,
            )
        return self._assume_from_session(role, _Hops(profiles, fetcher))

    def _may_make_session(self, role: MFARole) -> bool:
        """Tell whether the command at hand is worth a code.

        A session that aws-mfa wrote for the role is used until it expires.
        aws-mfa never assumed a role that the profile itself names.
        """
        files = self._connection.session.full_config['profiles']
        settings = files[self._profile_name]
        if 'role_arn' not in settings and has_aws_mfa_session(settings):
            return False
        return self._needs.prompt or role.direct is not None

    def _assume_from_session(self, role: MFARole, hops: _Hops) -> Any:
        if self._needs.prompt and (
            role.base.min_remaining > MIN_REMAINING_SECONDS
        ):
            # A cached role would hide how little its session has left.
            hops.fetcher.fetch()
        return hops.assume(
            role.hops,
            session_credentials(hops.fetcher),
            clients_from_session(
                self._client_creator,
                hops.fetcher,
                role,
                _device_to_set(role, hops.profiles),
            ),
        )

    def _assume_directly(self, role: MFARole, hops: _Hops) -> Any:
        """Assume the last hop with a code, and the others from it.

        Without an ``mfa_serial`` of its own, and asked for with
        ``mfa_role_sessions``, the role is left to botocore: its old
        behaviour knows no code then. So is one that a command without
        questions has no session of.
        """
        if not self._needs.prompt:
            base = role.base._replace(may_prompt=False)
            role = role._replace(base=base)
        last = role.hops[-1]
        serial_number = own_device = hops.profiles[last].get('mfa_serial')
        if serial_number is None:
            if role.asked_for_direct:
                return None
            serial_number = role.base.serial_number
        found = hops.assume_from_key(
            last,
            {**hops.profiles[last], 'mfa_serial': serial_number},
            clients_with_token_code(
                self._client_creator, role, hops.fetcher.source
            ),
        )
        # A role that names a device of its own is known to need a code.
        may_do_without = not self._needs.prompt or own_device is None
        if may_do_without and not _can_give_code(role, hops.fetcher.source):
            try:
                found.get_frozen_credentials()
            except NoTokenCodeForRoleError as reason:
                logger.debug('No session of a role: %s', reason)
                if not self._needs.prompt:
                    return None
                found = self._assume_without_code(role, hops)
        return hops.assume(
            role.hops[:-1],
            found,
            self._client_creator,
            source_roles=(_DIRECT, _role_arn(last, hops.profiles)),
        )

    def _assume_without_code(self, role: MFARole, hops: _Hops) -> Any:
        """Assume the last hop as the CLI does without the plugin.

        Its profile names no MFA device, so the role may need no code: a job
        that has run without a terminal goes on.
        """
        last = role.hops[-1]
        return hops.assume_from_key(
            last,
            dict(hops.profiles[last]),
            clients_without_token_code(self._client_creator, role),
        )


class _Hops:
    """The role profiles on the way from an MFA session to a role.

    :param note: Is written when the session of the first profile serves,
        if its role was assumed from the MFA session. A role of a coding
        agent has none: elsewhere its profile is served by something else.
    """

    def __init__(
        self,
        profiles: Profiles,
        fetcher: MFASessionFetcher,
        note: ServingNote | None = None,
    ) -> None:
        self.profiles = profiles
        self.fetcher = fetcher
        self._note = note

    def assume(
        self,
        hops: tuple[str, ...],
        source_credentials: Any,
        client_creator: ClientCreator,
        source_roles: tuple[str, ...] = (),
    ) -> Any:
        """Return botocore's credentials of the first of several roles.

        :param hops: Their profiles; the last one is assumed first.
        :param source_roles: What tells this way to it from others. A role
            that was assumed with a code of its own is not noted.
        """
        has_own_code = bool(source_roles)
        write = self._note.write if self._note and not has_own_code else None
        found = source_credentials
        for hop in reversed(hops):
            role_arn = _role_arn(hop, self.profiles)
            cache = RoleSessionCache(
                self.fetcher.key,
                hop,
                role_arn,
                source_roles,
                write if hop == hops[0] else None,
                has_own_code,
            )
            settings = dict(self.profiles[hop])
            # The MFA session stands for the device.
            settings.pop('mfa_serial', None)
            found = _assume_role(settings, found, cache, client_creator)
            source_roles = (*source_roles, role_arn)
        return found

    def assume_from_key(
        self,
        hop: str,
        settings: dict[str, Any],
        client_creator: ClientCreator,
    ) -> Any:
        """Return botocore's credentials of a role that needs no session.

        :param settings: Those of the role's profile.
        """
        # botocore's own cache does not tell which files are ours to end. The
        # name that botocore gives the role tells it from one that was had
        # from a session: it has the device in it, or more than an hour.
        cache = RoleSessionCache(
            self.fetcher.key,
            hop,
            _role_arn(hop, self.profiles),
            has_own_code=True,
        )
        return _assume_role(
            settings, self.fetcher.credentials, cache, client_creator
        )


def _assume_role(
    settings: dict[str, Any],
    source_credentials: Any,
    cache: Any,
    client_creator: ClientCreator,
) -> Any:
    """Return botocore's credentials of one role.

    All that is ours goes in through ``AssumeRoleProvider``'s constructor:
    a configuration in which the role is alone with its source, and a
    builder that gives that source our credentials. Another meaning of
    these arguments, or a source profile that is not asked for through the
    builder, would break it: roles would be refused or signed with the
    long-term key, and tests/e2e/test_roles.py would see it on every host
    version.

    :param settings: The role profile's.
    """
    view = {'role': {**settings, 'source_profile': 'source'}, 'source': {}}
    return AssumeRoleProvider(
        load_config=lambda: {'profiles': view},
        client_creator=client_creator,
        cache=cache,
        profile_name='role',
        # The code is asked for by the client, which can ask again.
        prompter=lambda _: '',
        profile_provider_builder=SourceOnly(source_credentials),
    ).load()


def _can_give_code(role: MFARole, source: TokenCodeSource) -> bool:
    try:
        source.check_available()
    except NoTerminalError:
        return False
    return role.base.may_prompt


def _role_arn(profile_name: str, profiles: Profiles) -> str:
    return str(profiles[profile_name]['role_arn'])


def _device_to_set(role: MFARole, profiles: Profiles) -> str:
    """Return what asking for a role directly takes besides."""
    last = role.hops[-1]
    if profiles[last].get('mfa_serial'):
        return ''
    return (
        f' and: aws configure set mfa_serial {role.base.serial_number} '
        f'--profile {as_argument(last)}'
    )
