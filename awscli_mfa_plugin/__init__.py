# SPDX-License-Identifier: Apache-2.0
"""MFA sessions for native AWS CLI commands.

``aws mfa login --profile P`` asks for one token code; from then on every
``aws`` command under ``P`` is signed with the session that code bought.

How the package hangs together, in import order (each module imports only
from the lines above it):

=====================  =====================================================
``duration``           lengths of time, in words
``exceptions``         what can go wrong: one tree, one fact and one remedy
``terminal``           the only module that talks to a person's terminal
``token_code``         what a token code is and where one comes from
``private_files``      files of mode 0600, written whole or not at all
``cache_layout``       where sessions are on disk, and for how long
``config_lines``       the lines of a config file, by configparser's rules
``profile_index``      which session serves a profile, for quick readers
``host_cli``           how the AWS CLI that has the plugin is started
``standalone``         ``awscli-mfa``, for SDKs and shell prompts
``profiles``           one profile's MFA settings, read and checked once
``roles``              which roles are assumed from a session, which not
``long_term``          the access key a profile stands on
``cache``              MFA sessions on disk, and the lock between processes
``inventory``          what is in the cache: shown, and removed
``file_edit``          changing a person's files, and no more than asked
``secrecy``            what keeps a call out of logs and the CLI's history
``sts``                the GetSessionToken call, and AWS's refusals in words
``fetcher``            one MFA session: from the cache, else from STS
``role_cache``         role sessions on disk, beside their MFA session
``provider``           the credential provider for botocore's chain
``role_provider``      the credential provider for roles
``login``              what a login does, as the user or in a role
``credentials_file``   a session in the credentials file, as aws-mfa has it
``chain``              where the providers enter the chain of a session
``native_threads``     what an error does in a thread that is not Python's
``child_environment``  the environment for programs that are started
``commands``           ``aws mfa ...``; alone in importing ``awscli``
``hooks``              which events of the AWS CLI are listened to, and why
=====================  =====================================================

Every ``aws`` command imports this module, so it imports nothing itself.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['__version__', 'awscli_initialize', 'register']
__version__ = '0.1.0'


def awscli_initialize(event_hooks: Any) -> None:
    """Register the plugin's handlers with the AWS CLI.

    The CLI calls this once at its start, because of the line
    ``mfa = awscli_mfa_plugin`` under ``[plugins]`` in its config file.
    Whatever a plugin raises here ends every ``aws`` command, so nothing
    is: a broken installation costs ``aws mfa`` and nothing else.
    """
    try:
        from awscli_mfa_plugin import hooks

        hooks.CLIHooks().register(event_hooks)
    except Exception:
        import logging

        logging.getLogger(__name__).debug(
            'The MFA plugin is not available', exc_info=True
        )


def register(session: Any) -> None:
    """Give a botocore or boto3 session what ``aws`` commands have.

    Its profile's MFA session, made or found in the cache, and the roles
    behind it. Registering a session again changes nothing. Do it when the
    session has its profile, and before it makes its first client. One
    with a credential chain of its own stays as it is.

    :param session: A ``botocore.session.Session`` or a
        ``boto3.session.Session``.
    :raises botocore.exceptions.ProfileNotFound: The session's profile
        does not exist.
    """
    from awscli_mfa_plugin import chain

    chain.insert_providers_later(chain.botocore_session(session))
