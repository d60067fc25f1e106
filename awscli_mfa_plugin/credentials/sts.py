# SPDX-License-Identifier: Apache-2.0
"""The calls to STS that carry a token code or bring credentials."""

from __future__ import annotations

import logging
import os
from typing import Any

from botocore.config import Config

from awscli_mfa_plugin.profiles.settings import MFAProfile
from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials

logger = logging.getLogger(__name__)

# STS is called here when neither person, profile nor partition names a
# region.
_LAST_RESORT_REGION = 'us-east-1'

# How long a connection may take. An answer has a profile's mfa_timeout.
_CONNECT_SECONDS = 10


class STSConnection:
    """How STS is reached for the profiles of one session.

    :param session: A ``botocore.session.Session``.
    :param region_name: Goes before every other region.
    :param endpoint_url: A URL in the place of the region's endpoint.
    :param verify: A CA bundle's path, or ``False`` to check nothing.
    """

    def __init__(
        self,
        session: Any,
        region_name: str | None = None,
        endpoint_url: str | None = None,
        verify: str | bool | None = None,
    ) -> None:
        self.session = session
        self._region_name = region_name
        self._endpoint_url = endpoint_url
        self._verify = verify

    def get_session_token(
        self, profile: MFAProfile, credentials: Any, token_code: str
    ) -> TemporaryCredentials:
        """Ask STS for an MFA session, once.

        :param credentials: Long-term ``botocore.credentials.Credentials``.
        :raises STSRefusedError: STS refused; the class says what is known.
        :raises ExpiredOnArrivalError: The session is over already.
        :raises BotoCoreError: STS could not be reached.
        """
        given = self._call(
            'GetSessionToken',
            profile,
            credentials,
            SerialNumber=profile.serial_number,
            TokenCode=token_code,
            DurationSeconds=profile.duration_seconds,
        )
        if given.seconds_left() <= 0:
            from awscli_mfa_plugin.exceptions.answers import (
                ExpiredOnArrivalError,
            )

            raise ExpiredOnArrivalError(
                expiration=f'{given.expiration:%Y-%m-%d %H:%M UTC}'
            )
        return given

    def assume_role(
        self, profile: MFAProfile, credentials: Any, **parameters: Any
    ) -> TemporaryCredentials:
        """Assume a role, once.

        :param credentials: ``botocore.credentials.Credentials``.
        :param parameters: Those of AssumeRole.
        :raises STSRefusedError: STS refused; the class says what is known.
        :raises BotoCoreError: STS could not be reached.
        """
        return self._call('AssumeRole', profile, credentials, **parameters)

    def _call(
        self,
        operation_name: str,
        profile: MFAProfile,
        credentials: Any,
        **parameters: Any,
    ) -> TemporaryCredentials:
        """Call STS with nothing of it in a log or the CLI's history."""
        # Imported here: a command that has a session calls nothing.
        from botocore import xform_name
        from botocore.exceptions import ClientError

        from awscli_mfa_plugin.credentials.clock import clock_error, now
        from awscli_mfa_plugin.credentials.refusals import explain_refusal
        from awscli_mfa_plugin.credentials.secret_calls import (
            call_in_time,
            one_attempt,
            read_credentials,
            times_as_text,
            warn_of_clock,
        )
        from awscli_mfa_plugin.host.secrecy import unrecorded

        logger.debug(
            'Calling %s in %s for %s (its parameters and answer hold '
            'secrets and are not logged)',
            operation_name,
            self.region_for(profile),
            profile.serial_number,
        )
        with unrecorded():
            with times_as_text(self.session):
                client = self.create_client(
                    'sts',
                    profile,
                    credentials,
                    one_attempt().merge(self._connect_limit()),
                )
            method = getattr(client, xform_name(operation_name))
            asked_at = now()
            try:
                response = call_in_time(
                    lambda: method(**parameters), profile.timeout_seconds
                )
                warn_of_clock(clock_error(response, asked_at))
                return read_credentials(response, asked_at)
            except ClientError as error:
                raise explain_refusal(error, profile) from None

    def _connect_limit(self) -> Config:
        """Return a limit for connecting, or what the person has set."""
        config = self.session.get_default_client_config()
        seconds = getattr(config, 'connect_timeout', None) or _CONNECT_SECONDS
        return Config(connect_timeout=min(seconds, _CONNECT_SECONDS))

    def create_client(
        self,
        service_name: str,
        profile: MFAProfile,
        credentials: Any,
        config: Config | None = None,
    ) -> Any:
        """Return a client that signs with these credentials.

        :param credentials: ``botocore.credentials.Credentials``.
        """
        frozen = credentials.get_frozen_credentials()
        # --no-sign-request may be the session's default.
        signed = Config(signature_version='v4')
        return self.session.create_client(
            service_name,
            region_name=self.region_for(profile),
            endpoint_url=self._endpoint_url,
            verify=self._verify,
            aws_access_key_id=frozen.access_key,
            aws_secret_access_key=frozen.secret_key,
            aws_session_token=frozen.token,
            config=signed if config is None else config.merge(signed),
        )

    def region_for(self, profile: MFAProfile) -> str:
        """Return the region whose STS is to be called.

        The first that is named: by the person, by the environment, by the
        profiles, and by the partition of the MFA device, for a session is
        good in every region of its partition.
        ``session.get_config_variable('region')`` is not asked, because
        without a region v2 looks for one in the instance metadata, which
        on a laptop takes seconds to fail.
        """
        return (
            self._region_name
            or self.session.instance_variables().get('region')
            or os.environ.get('AWS_REGION')
            or os.environ.get('AWS_DEFAULT_REGION')
            or profile.region
            or _partition_region(self.session, profile.serial_number)
        )


def _partition_region(session: Any, serial_number: str) -> str:
    """Return the region that stands for the partition of an MFA device.

    ``implicitGlobalRegion`` in botocore's own ``partitions`` data, which
    its endpoint rules are made from.
    """
    from awscli_mfa_plugin.profiles.devices import partition_of

    loader = session.get_component('data_loader')
    regions = {
        known['id']: known['outputs'].get('implicitGlobalRegion')
        for known in loader.load_data('partitions')['partitions']
    }
    return regions.get(partition_of(serial_number)) or _LAST_RESORT_REGION
