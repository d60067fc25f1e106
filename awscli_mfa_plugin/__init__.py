# SPDX-License-Identifier: Apache-2.0
"""MFA sessions for native AWS CLI commands.

``aws mfa login --profile P`` asks for one token code; from then on every
``aws`` command under ``P`` is signed with the session that code bought.

An ``aws`` command meets the package in this order:

1. ``awscli_initialize`` has ``hooks`` register its handlers.
2. ``hooks`` has ``chain`` put two providers into the credential chain,
   and tells them through ``needs`` what the command can do without.
3. Each provider of ``chain`` takes one look at the profile's settings.
   Only where an MFA device is named, the rooms below are loaded.

Each room is a folder and answers one question. A room imports only the
rooms below it:

================  ======================================================
``commands``      ``aws mfa ...``; alone in importing ``awscli``
``diagnosis``     what keeps a person from a session: ``aws mfa doctor``
``installation``  how AWS CLIs come to load the plugin
``credentials``   how credentials are had: from the cache, else from STS
``config_files``  what is written into a person's own files
``cache``         what is on disk: sessions, role sessions, notes, locks
``profiles``      what the person's config files say about MFA
``host``          whose process this is: logs, threads, terminal
================  ======================================================

At the bottom are ``temporary_credentials`` (the one type of them),
``exceptions`` (what can go wrong: one tree, one fact and one remedy),
``duration`` (lengths of time in words), ``needs``, and ``no_botocore`` for
a Python that has none. ``standalone`` is
``awscli-mfa``, the program for SDKs and shell prompts;
``standalone_fallback`` is the part of it that they seldom need, and
``program`` runs the commands there without the AWS CLI.

Every ``aws`` command imports this module, so it imports nothing itself.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['__version__', 'awscli_initialize', 'register']
__version__ = '0.1.0'


def awscli_initialize(event_hooks: 'Any') -> None:
    """Register the plugin's handlers with the AWS CLI.

    The CLI calls this once at its start, because of the line
    ``mfa = awscli_mfa_plugin`` under ``[plugins]`` in its config file.
    Whatever a plugin raises here ends every ``aws`` command, so nothing
    is: a broken installation costs profiles with MFA and nothing else.
    """
    try:
        _stay_with_this_copy()
        from awscli_mfa_plugin import hooks

        hooks.CLIHooks().register(event_hooks)
    except Exception as error:
        import contextlib
        import logging

        logging.getLogger(__name__).debug(
            'The MFA plugin is not available', exc_info=True
        )
        reason = str(error)
        with contextlib.suppress(Exception):
            event_hooks.register_last(
                'session-initialized',
                lambda session, **_: refuse_to_sign(session, reason),
            )


# Python raises these where a module of ours is missing, empty or cut off.
BROKEN_PART = (ImportError, SyntaxError, AttributeError, NameError)

# Either setting names an MFA device; the second is aws-mfa's.
_DEVICE_SETTINGS = ('mfa_serial', 'aws_mfa_device')

# Names what a coding agent's commands are signed with, and nothing else.
AGENT_ROLE = 'mfa_agent_role'


def broken(reason: object) -> Exception:
    """Return the error of a command that needs a module that is broken."""
    from botocore.exceptions import CredentialRetrievalError

    error: Exception = CredentialRetrievalError(
        provider='mfa-session',
        error_msg=(
            f'The installation of awscli-mfa-plugin is broken ({reason}). '
            'Install it again.'
        ),
    )
    return error


def names_mfa_device(profile_name: str, profiles: 'Any') -> bool:
    """Tell whether an MFA device is named anywhere on a profile's way.

    The way leads over ``source_profile`` and over names with
    ``-long-term``. The answer is yes too often rather than too seldom:
    the rules of ``profiles`` decide what a device there means.

    :param profiles: What botocore's ``full_config['profiles']`` gives.
    """
    names = [profile_name]
    for name in names:
        # The list grows while it is walked through.
        settings = profiles.get(name, {})
        if any(settings.get(setting) for setting in _DEVICE_SETTINGS):
            return True
        for other in (settings.get('source_profile'), f'{name}-long-term'):
            if (
                isinstance(other, str)
                and other not in names
                # A long-term profile may be all there is of a source.
                and (other in profiles or f'{other}-long-term' in profiles)
            ):
                names.append(other)
    return False


def may_take_part(profile_name: str, profiles: 'Any') -> bool:
    """Tell whether the plugin may have a say in what signs for a profile."""
    return names_mfa_device(profile_name, profiles) or bool(
        profiles.get(profile_name, {}).get(AGENT_ROLE)
    )


def refuse_to_sign(session: 'Any', reason: object) -> None:
    """Have a command fail that would do without its MFA session.

    Without the module that puts the providers into the chain, a profile
    with MFA would be signed for with its long-term key, and AccessDenied
    would be all that is seen. Other profiles see nothing, and nothing is
    raised here.

    :param session: A ``botocore.session.Session``.
    """
    import logging

    try:
        from botocore.credentials import CredentialProvider

        class Refusal(CredentialProvider):
            METHOD = 'mfa-session'

            def load(self) -> None:
                profile = session.get_config_variable('profile') or 'default'
                if may_take_part(profile, session.full_config['profiles']):
                    raise broken(reason)

        session.get_component('credential_provider').insert_before(
            'assume-role', Refusal()
        )
    except Exception:
        logging.getLogger(__name__).debug('Nothing is refused', exc_info=True)


def _stay_with_this_copy() -> None:
    """Load the rest of the package from the copy it began with.

    ``awscli-mfa enable`` lets the link in v2's plugin path lead to a newer
    copy, while a command that runs for hours still loads modules.
    """
    import os

    __path__[:] = [os.path.realpath(folder) for folder in __path__]


def _pass_over_plugin_path() -> None:
    """Let the AWS CLI v1 share a config file with v2.

    v1 takes the path of v2's plugins for a module's name, and ends with
    ``ModuleNotFoundError`` unless it finds one. It imports the values
    under ``[plugins]`` in their order: this package, then that path.
    """
    try:
        import sys

        awscli = sys.modules.get('awscli')
        if getattr(awscli, '__version__', '').startswith('1.'):
            sys.meta_path.append(_PluginPathFinder)
    except Exception:
        import logging

        logging.getLogger(__name__).debug(
            'The plugin path is not passed over', exc_info=True
        )


class _PluginPathFinder:
    """Finds an empty plugin for each name that has a path separator.

    No name of a module can have one.
    """

    @staticmethod
    def find_spec(name: str, *_: 'Any') -> 'Any':
        """Return how to import a name, or ``None`` for other finders."""
        if '/' not in name and '\\' not in name:
            return None
        from awscli_mfa_plugin.host.plugin_path import spec_of

        return spec_of(name)


def register(session: 'Any') -> None:
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

    session = chain.botocore_session(session)
    # A profile that does not exist is an error now, and not at first use.
    session.get_scoped_config()
    chain.insert_providers_later(session)


# Before v1 imports the next line of the config file.
_pass_over_plugin_path()
