# SPDX-License-Identifier: Apache-2.0
"""Every way in, from an empty home to a session and out again.

A computer has an old and a new AWS CLI v2, and a v1 of the way's own. The
lines are what a person types.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.e2e.person import Person
from tests.installers.computer import Computer
from tests.installers.conftest import Release

PACKAGE = 'awscli-mfa-plugin'
# As "python3 -m venv" does, in a tenth of the time.
V1 = 'uv venv ~/v1; uv pip install --python ~/v1 awscli pip'
PIP_V1 = '~/v1/bin/pip'


@dataclass(frozen=True)
class Way:
    """A way to install the package, and the AWS CLI v1 beside it.

    :ivar v1: The line that installs the AWS CLI v1.
    :ivar aws: Where that is, in the home folder.
    :ivar program: How ``awscli-mfa`` is called then.
    :ivar pythonpath: A folder for ``PYTHONPATH``, in the home folder.
    """

    name: str
    v1: str
    aws: str
    install: str
    upgrade: str
    uninstall: str
    program: str = 'awscli-mfa'
    pythonpath: str = ''


WAYS = [
    Way(
        'pipx install',
        v1='pipx install awscli',
        aws='.local/bin/aws',
        install=f'pipx install {PACKAGE}',
        upgrade=(
            f'pipx upgrade {PACKAGE}; pipx upgrade --include-injected awscli'
        ),
        uninstall=f'pipx uninject awscli {PACKAGE}; pipx uninstall {PACKAGE}',
    ),
    Way(
        'pipx inject',
        v1='pipx install awscli',
        aws='.local/bin/aws',
        install=f'pipx inject --include-apps awscli {PACKAGE}',
        upgrade='pipx upgrade --include-injected awscli',
        uninstall=f'pipx uninject awscli {PACKAGE}',
    ),
    Way(
        'uv tool install',
        v1='uv tool install awscli',
        aws='.local/bin/aws',
        install=f'uv tool install {PACKAGE}',
        upgrade=(
            f'uv tool upgrade {PACKAGE}; uv pip install --upgrade '
            f'--python ~/.local/share/uv/tools/awscli {PACKAGE}'
        ),
        uninstall=(
            f'uv tool uninstall {PACKAGE}; uv pip uninstall '
            f'--python ~/.local/share/uv/tools/awscli {PACKAGE}'
        ),
    ),
    Way(
        'pip install --user',
        # As that of a distribution, which sees the person's own packages.
        v1=V1.replace('venv', 'venv --system-site-packages', 1),
        aws='v1/bin/aws',
        install=f'pip --python "$UV_PYTHON" install --user {PACKAGE}',
        upgrade=f'pip --python "$UV_PYTHON" install --user -U {PACKAGE}',
        uninstall=f'pip --python "$UV_PYTHON" uninstall --yes {PACKAGE}',
    ),
    Way(
        'virtual environment',
        v1=V1,
        aws='v1/bin/aws',
        install=f'{PIP_V1} install {PACKAGE}',
        upgrade=f'{PIP_V1} install --upgrade {PACKAGE}',
        uninstall=f'{PIP_V1} uninstall --yes {PACKAGE}',
        program='~/v1/bin/awscli-mfa',
    ),
    Way(
        'pip install --target',
        v1=V1,
        aws='v1/bin/aws',
        install=f'pip install --target ~/plugin {PACKAGE}',
        upgrade=f'pip install --upgrade --target ~/plugin {PACKAGE}',
        uninstall='rm -r ~/plugin',
        program='python3 ~/plugin/awscli_mfa_plugin',
        pythonpath='plugin',
    ),
    Way(
        'one file',
        v1=V1,
        aws='v1/bin/aws',
        install='cp "$RELEASES"/awscli-mfa.pyz ~',
        upgrade=(
            'cp "$RELEASES"/awscli-mfa.pyz ~; '
            f'{PIP_V1} install --upgrade {PACKAGE}'
        ),
        uninstall=f'rm ~/awscli-mfa.pyz; {PIP_V1} uninstall --yes {PACKAGE}',
        program='python3 ~/awscli-mfa.pyz',
    ),
]


def enable(computer: Computer, program: str) -> None:
    """Let every ``aws`` load the plugin, as the program says."""
    enabled = computer.person.run(
        f'{program} enable', program=['/bin/sh', '-c']
    )
    if enabled.code:
        # v1 has not got the package: what is to be run is a line here.
        [line] = [
            line.strip()
            for line in enabled.stderr.splitlines()
            if line.endswith(f' {PACKAGE}')
        ]
        computer.sh(line)
        enabled = computer.sh(f'{program} enable')
    assert enabled.stderr == ''


@pytest.mark.parametrize('way', WAYS, ids=lambda way: way.name)
def test_way(
    way: Way, computer: Computer, releases: tuple[Release, Release]
) -> None:
    """Two commands and a code sign; upgraded it stays; removed it is gone."""
    release, newer = releases
    person = computer.person
    person.variables['RELEASES'] = str(computer.releases)
    if way.pythonpath:
        person.variables['PYTHONPATH'] = str(person.home / way.pythonpath)
    original = person.config_file.read_bytes()
    v1 = person.home / way.aws
    computer.use(person, v1.parent)
    every = [str(v1), *map(str, computer.v2)]
    fixed = person.home / '.aws' / 'cli' / 'mfa-plugin'

    with computer.timed('AWS CLI v1'):
        computer.sh(way.v1)
    computer.publish(release.wheel, release.one_file)
    with computer.timed('install'):
        computer.sh(way.install)
    with computer.timed('enable'):
        enable(computer, way.program)
    with computer.timed('login'):
        person.login()
    with computer.timed('three commands'):
        for aws in every:
            person.ok('s3', 'ls', '--profile', person.profile, program=[aws])
    assert [call.key_kind for call in person.aws.requests()] == [
        'long-term',
        *['mfa-session' for _ in every],
    ]

    computer.publish(newer.wheel, newer.one_file)
    with computer.timed('upgrade'):
        computer.sh(way.upgrade)
        enable(computer, way.program)
    copied = fixed / 'current' / 'awscli_mfa_plugin' / '__init__.py'
    assert f"__version__ = '{newer.version}'" in copied.read_text()
    status = person.ok('mfa', 'status', program=[str(v1)])
    assert person.profile in status.stdout

    with computer.timed('removal'):
        computer.sh(f'{way.program} disable')
        computer.sh(way.uninstall)
    assert person.config_file.read_bytes() == original
    assert not fixed.exists()
    for aws, code in zip(every, (2, 252, 252)):
        # They run, and know no such command.
        assert person.run('mfa', 'status', program=[aws]).code == code


def test_second_person(
    computer: Computer, releases: tuple[Release, Release]
) -> None:
    """What one person enables and removes is nothing to somebody else."""
    if not computer.v2:
        # CI has two: tests/hosts.py insists on them.
        pytest.skip('no AWS CLI v2')
    first, v2 = computer.person, computer.v2[-1]
    computer.publish(releases[0].wheel)
    computer.sh(f'pip install --target ~/plugin {PACKAGE}')
    program = f'python3 {first.home}/plugin/awscli_mfa_plugin'
    second = computer.second_person()
    untouched = second.config_file.read_bytes()

    def run(person: Person, command: str) -> None:
        line = f'{program} {command}'
        person.ok(line, program=['/bin/sh', '-c'])

    run(first, f'enable --aws {v2}')
    unknown = second.run('mfa', 'status', program=[str(v2)])
    assert unknown.code == second.exit_codes.usage
    assert second.config_file.read_bytes() == untouched
    assert sorted(path.name for path in second.home.glob('.aws/*')) == [
        'config',
        'credentials',
    ]
    run(second, f'enable --aws {v2}')
    run(first, 'disable')
    second.login()
    assert first.run('mfa', 'status', program=[str(v2)]).code == (
        first.exit_codes.usage
    )
    assert first.session_files() == []
