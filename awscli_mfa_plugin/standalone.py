# SPDX-License-Identifier: Apache-2.0
"""``awscli-mfa``: sessions for programs other than the AWS CLI.

An SDK runs ``awscli-mfa credentials`` for every process that needs
credentials, and a shell runs ``awscli-mfa status`` for every prompt. Both
read a note and a session, and import nothing that Python's own start has
not imported. Where that is no answer, ``standalone_fallback`` is imported:
it has ``--help``, the errors, and the start of ``aws``.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: 'Sequence[str] | None' = None) -> int:
    """Run ``awscli-mfa`` and return its exit code."""
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        return 130


def _run(arguments: 'Sequence[str]') -> int:
    request = _read_plain(arguments)
    if request is None:
        from awscli_mfa_plugin.standalone_fallback import run

        return run(arguments, _answer)
    return _answer(*request)


def _answer(command: str, profile: 'str | None', is_short: bool) -> int:
    if not profile:
        first = os.environ.get('AWS_PROFILE')
        second = os.environ.get('AWS_DEFAULT_PROFILE')
        if first and second and first != second:
            if is_short:
                return 1
            from awscli_mfa_plugin.standalone_fallback import fail_between

            return fail_between(first, second, command)
        profile = first or second or 'default'
    if command == 'status':
        return _print_status(profile, is_short)
    return _print_credentials(profile)


def _read_plain(
    arguments: 'Sequence[str]',
) -> 'tuple[str, str | None, bool] | None':
    """Return command, profile and whether ``--short`` was given.

    A command line that is not of the plain form is ``None``.
    """
    words = list(arguments)
    command = words.pop(0) if words else ''
    if command not in {'credentials', 'status'}:
        return None
    profile = None
    is_short = False
    while words:
        word = words.pop(0)
        if word == '--short' and command == 'status':
            is_short = True
        elif word == '--profile' and words and words[0][:1] != '-':
            profile = words.pop(0)
        elif word.startswith('--profile='):
            profile = word[len('--profile=') :]
        else:
            return None
    if command == 'status' and not is_short:
        # With botocore, "status" shows what "aws mfa status" does.
        return None
    return command, profile, is_short


def _print_credentials(profile: str) -> int:
    """Print a session of the profile as JSON and return an exit code."""
    from awscli_mfa_plugin.cache.notes import find_credentials

    credentials = find_credentials(profile)
    if credentials is None:
        from awscli_mfa_plugin.standalone_fallback import get_session

        return get_session(profile)
    # find_credentials() gives no text that JSON would have to escape.
    members = [f'"{key}": "{value}"' for key, value in credentials.items()]
    return _print('{"Version": 1, ' + ', '.join(members) + '}')


def _print_status(profile: str, is_short: bool) -> int:
    """Print how long the profile's session lasts; 1 when it has none."""
    from awscli_mfa_plugin.cache.notes import find_credentials, seconds_left

    # A shell prompt shows a session although a config file has changed
    # since: mostly another profile was edited, and the next command of
    # this profile finds out.
    credentials = find_credentials(profile, even_if_changed=True)
    if credentials is None:
        if not is_short:
            _print(f'{profile}: no session')
        return 1
    from awscli_mfa_plugin.duration import format_time_left

    left = format_time_left(int(seconds_left(credentials['Expiration'])))
    return _print(
        f'{profile} {left}' if is_short else f'{profile}: {left} left'
    )


def _print(text: str) -> int:
    """Write a line to standard output and return an exit code.

    print() says nothing where standard output is closed, and fails for a
    profile's name that is not of the terminal's encoding.
    """
    line = os.fsencode(text) + b'\n'
    try:
        while line:
            line = line[os.write(1, line) :]
    except BrokenPipeError:
        return 1
    except OSError as error:
        from awscli_mfa_plugin.standalone_fallback import fail

        return fail(f'Standard output cannot be written: {error.strerror}.')
    return 0
