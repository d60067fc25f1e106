# SPDX-License-Identifier: Apache-2.0
"""What is compared: the scenarios, and where the outcomes may differ.

In flags, variables and settings ``{device}`` is the serial number of the
user's MFA device, ``{role}`` and ``{other_role}`` are ARNs of roles.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PROFILE = 'work'

#: What of an outcome is to agree.
FIELDS = (
    'asked',
    'code',
    'exit',
    'section',
    'keys',
    'lasts',
    'comments',
)


@dataclass(frozen=True)
class Difference:
    """A way in which aws-mfa and ``aws mfa login`` differ, and why.

    :ivar fields: The fields of the outcome that differ by it.
    """

    fields: frozenset[str]
    why: str


_NO_SESSION = frozenset({'exit', 'section', 'keys', 'lasts'})

DIFFERENCES = {
    'comments': Difference(
        frozenset({'comments'}),
        'aws-mfa writes the whole file anew and loses its comments.',
    ),
    'code': Difference(
        frozenset({'code'}),
        'aws-mfa shows the code on the screen while it is typed.',
    ),
    'file': Difference(
        _NO_SESSION | {'asked', 'code'},
        'aws-mfa knows one file, ~/.aws/credentials, and ignores '
        'AWS_SHARED_CREDENTIALS_FILE.',
    ),
    'device': Difference(
        _NO_SESSION | {'asked', 'code'},
        "aws-mfa asks for no code without a device's name; aws mfa login asks "
        'IAM which device the user has.',
    ),
    'client': Difference(
        _NO_SESSION,
        'aws-mfa spends no code but asks for one: its own client takes '
        'AWS_PROFILE for a profile that must exist already, and no region '
        "from the files but the default profile's.",
    ),
    'role': Difference(
        frozenset({'asked', 'code'}),
        'aws-mfa asks for a code for every role; a valid MFA session gives '
        'the role without one.',
    ),
}

#: Every login that asks and writes.
_LOGIN = frozenset({'comments', 'code'})


@dataclass(frozen=True)
class Scenario:
    """One thing a person does.

    :ivar flags: Those of the command that is compared.
    :ivar before: The flags of logins before it.
    :ivar expires: Whether the session before it has ended by then.
    :ivar settings: What the long-term section holds besides the keys.
    :ivar short_term: The section that the session is to be in.
    :ivar config: The config file.
    :ivar elsewhere: Whether the credentials file is in another place.
    :ivar region: Whether a region is in the environment.
    :ivar code: ``right`` or ``wrong``, or ``malformed`` when it is neither.
    :ivar on_every_host: Whether it is run on more than one AWS CLI.
    :ivar differs: The keys of ``DIFFERENCES`` that are to be seen.
    """

    name: str
    flags: str = ''
    before: tuple[str, ...] = ()
    expires: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    settings: str = 'aws_mfa_device = {device}\n'
    profile: str | None = PROFILE
    long_term: str | None = f'{PROFILE}-long-term'
    short_term: str = PROFILE
    config: str = f'[profile {PROFILE}]\nregion = eu-central-1\n'
    elsewhere: bool = False
    region: bool = True
    code: str = 'right'
    on_every_host: bool = False
    differs: frozenset[str] = _LOGIN


SCENARIOS = (
    Scenario('first login', on_every_host=True),
    Scenario('still valid', before=('',), differs=frozenset({'comments'})),
    Scenario('expired', before=('',), expires=True),
    Scenario('forced', '--force', before=('',)),
    Scenario('duration', '--duration 7200'),
    Scenario(
        'duration from the environment',
        variables={'MFA_STS_DURATION': '10800'},
    ),
    Scenario(
        'duration from both',
        '--duration 7200',
        variables={'MFA_STS_DURATION': '10800'},
    ),
    Scenario('role', '--assume-role {role}'),
    Scenario(
        'role, other name',
        '--assume {role} --role-session-name anna --duration 7200',
    ),
    Scenario(
        'role from the environment', variables={'MFA_ASSUME_ROLE': '{role}'}
    ),
    Scenario(
        'role from the file',
        '--role-session-name anna',
        on_every_host=True,
        settings='aws_mfa_device = {device}\nassume_role = {role}\n',
    ),
    Scenario(
        'role still valid',
        '--assume-role {role}',
        before=('--assume-role {role}',),
        differs=frozenset({'comments'}),
    ),
    Scenario(
        'role expired',
        '--assume-role {role}',
        before=('--assume-role {role}',),
        expires=True,
    ),
    Scenario(
        'changed role',
        '--assume-role {other_role}',
        on_every_host=True,
        before=('--assume-role {role}',),
    ),
    Scenario('role to no role', before=('--assume-role {role}',)),
    Scenario(
        'no role to role',
        '--assume-role {role}',
        before=('',),
        differs=frozenset({'comments', 'role'}),
    ),
    Scenario('session name without a role', '--role-session-name anna'),
    Scenario(
        'long-term suffix none',
        '--long-term-suffix none --short-term-suffix mfa',
        long_term='work',
        short_term='work-mfa',
    ),
    Scenario(
        'both suffixes',
        '--long-term-suffix keys --short-term-suffix mfa',
        on_every_host=True,
        long_term='work-keys',
        short_term='work-mfa',
    ),
    Scenario(
        'both suffixes, other names',
        '--long-suffix keys --short-suffix mfa',
        long_term='work-keys',
        short_term='work-mfa',
    ),
    Scenario('short-term suffix None', '--short-term-suffix None'),
    Scenario(
        'both suffixes none',
        '--long-term-suffix none --short-term-suffix none',
        long_term='work',
        differs=frozenset(),
    ),
    Scenario(
        'same suffix twice',
        '--long-term-suffix x --short-term-suffix x',
        long_term='work-x',
        short_term='work-x',
        differs=frozenset(),
    ),
    Scenario(
        'default profile',
        on_every_host=True,
        profile=None,
        long_term='default-long-term',
        short_term='default',
    ),
    Scenario('device from the flag', '--device {device}', settings=''),
    Scenario(
        'device from the environment',
        variables={'MFA_DEVICE': '{device}'},
        settings='',
    ),
    Scenario(
        'device from all, the flag right',
        '--device {device}',
        variables={'MFA_DEVICE': 'GAHT00000001'},
        settings='aws_mfa_device = GAHT00000002\n',
    ),
    Scenario(
        'device from two, the environment right',
        variables={'MFA_DEVICE': '{device}'},
        settings='aws_mfa_device = GAHT00000002\n',
    ),
    Scenario('missing section', long_term=None, differs=frozenset()),
    Scenario('missing device', settings='', differs=frozenset({'device'})),
    Scenario(
        'wrong code',
        code='wrong',
        on_every_host=True,
        differs=frozenset({'code'}),
    ),
    Scenario('malformed code', code='malformed', differs=frozenset({'code'})),
    Scenario(
        'wrong code, session there',
        '--force',
        before=('',),
        code='wrong',
        differs=_LOGIN,
    ),
    Scenario(
        'unknown flag',
        '--no-such-flag',
        on_every_host=True,
        differs=frozenset(),
    ),
    Scenario(
        'file elsewhere',
        elsewhere=True,
        differs=frozenset({'file'}),
    ),
    Scenario(
        'profile from the environment',
        profile=None,
        variables={'AWS_PROFILE': PROFILE},
    ),
    Scenario(
        'new profile from the environment',
        on_every_host=True,
        profile=None,
        variables={'AWS_PROFILE': PROFILE},
        config='',
        differs=frozenset({'code', 'client'}),
    ),
    Scenario(
        'region of the profile alone',
        region=False,
        differs=frozenset({'code', 'client'}),
    ),
)
