# SPDX-License-Identifier: Apache-2.0
"""Which commands are compared, and how much they may take at most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.measure import Command
from benchmarks.scene import MFA, STATIC, Scene


@dataclass(frozen=True)
class Case:
    """A command of ours, one to compare it with, and the goal.

    :ivar goal: The most that ours may take, as a multiple of the other.
    """

    what: str
    against: str
    goal: float
    ours: Callable[[Scene], Command]
    others: Callable[[Scene], Command]


_LIST = ('configure', 'list', '--profile', STATIC)
_LS = ('s3', 'ls', '--profile', STATIC)
_LS_WITH_MFA = ('s3', 'ls', '--profile', MFA)

WITHOUT = 'the same without the plugin'
STATIC_KEYS = 'the same keys, static, without the plugin'

#: Measured on every AWS CLI.
OF_AWS = (
    Case(
        'aws --version',
        WITHOUT,
        1.005,
        lambda scene: scene.aws('--version'),
        lambda scene: scene.aws('--version', plugin=False),
    ),
    Case(
        'aws configure list, no MFA',
        WITHOUT,
        1.01,
        lambda scene: scene.aws(*_LIST),
        lambda scene: scene.aws(*_LIST, plugin=False),
    ),
    Case(
        'aws s3 ls, no MFA',
        WITHOUT,
        1.005,
        lambda scene: scene.aws(*_LS),
        lambda scene: scene.aws(*_LS, plugin=False),
    ),
    Case(
        'aws s3 ls with a cached session',
        STATIC_KEYS,
        1.015,
        lambda scene: scene.aws(*_LS_WITH_MFA),
        lambda scene: scene.aws(*_LS, plugin=False),
    ),
    Case(
        'aws mfa login --token-code',
        'aws sts get-session-token',
        1.03,
        Scene.login,
        Scene.get_session_token,
    ),
)

#: Their peak memory is compared, on every AWS CLI.
OF_MEMORY = (OF_AWS[2], OF_AWS[3])
#: In MiB.
MEMORY_GOAL = 1.0


def _credentials(scene: Scene) -> Command:
    return scene.with_launcher('credentials')


PYTHON = 'python -c pass'

#: Measured once: no AWS CLI is started, but for v2's in the last one.
OF_PROGRAMS = (
    Case(
        'awscli-mfa credentials, our launcher',
        PYTHON,
        1.1,
        _credentials,
        Scene.bare_python,
    ),
    Case(
        'awscli-mfa status --short, our launcher',
        PYTHON,
        1.1,
        lambda scene: scene.with_launcher('status', '--short'),
        Scene.bare_python,
    ),
    Case(
        "awscli-mfa credentials, pip's script",
        PYTHON,
        1.8,
        lambda scene: scene.with_script('credentials'),
        Scene.bare_python,
    ),
    Case(
        "awscli-mfa status --short, pip's script",
        PYTHON,
        1.8,
        lambda scene: scene.with_script('status', '--short'),
        Scene.bare_python,
    ),
    Case(
        'awscli-mfa credentials',
        'aws-mfa\'s "still valid"',
        0.07,
        _credentials,
        Scene.aws_mfa,
    ),
    Case(
        'awscli-mfa credentials',
        "awsume's cached answer",
        0.07,
        _credentials,
        Scene.awsume,
    ),
    Case(
        'awscli-mfa credentials',
        "v2's aws configure export-credentials",
        0.07,
        _credentials,
        Scene.export_credentials,
    ),
)

#: Measured with 10 and with 10,000 profiles, then with as many sessions.
#: What our command takes more may grow by so many milliseconds.
OF_GROWTH = (
    OF_AWS[3],
    OF_PROGRAMS[0],
)
GROWTH_GOAL = 2.0

#: What shows all sessions: ten times as many take ten times as much.
LINEAR_GOAL = 10.0


def status(scene: Scene) -> Command:
    """Return the command that reads every session."""
    return scene.aws('mfa', 'status')


#: In kB.
WHEEL_GOAL = 200.0
FOLDER_GOAL = 700.0
