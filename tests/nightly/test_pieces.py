# SPDX-License-Identifier: Apache-2.0
"""Real AWS CLIs, with each module of the package broken in each way."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.e2e.person import REGION, Person
from tests.e2e.test_packaging import use_plugin_in
from tests.nightly.conftest import Search
from tests.pieces import MODULES, WAYS, broken

WHO_AM_I = ('sts', 'get-caller-identity', '--profile')


def test_pieces(
    search: Search, person: Person, plugin_folder: Path, tmp_path: Path
) -> None:
    """A profile without MFA sees nothing, one with it says the remedy."""
    folder = tmp_path / 'broken'
    shutil.copytree(plugin_folder, folder)
    use_plugin_in(person, folder)
    with person.config_file.open('a') as file:
        file.write(f'[profile plain]\nregion = {REGION}\n')
    person.write_credentials(
        {person.profile: person.user, 'plain': person.user}
    )
    person.login()
    cache = person.cache.rename(tmp_path / 'cache')
    cases = [(module, way) for module in MODULES for way in WAYS]
    search.random.shuffle(cases)
    for number in search.cases(len(cases)):
        module, way = cases[number]
        case = f'{module} {way}'
        has_session = search.random.random() < 0.5
        more = ['--debug'] if search.random.random() < 0.2 else []
        shutil.rmtree(person.cache, ignore_errors=True)
        if has_session:
            shutil.copytree(cache, person.cache)
        with broken(folder / 'awscli_mfa_plugin', module, way):
            plain = person.run(*WHO_AM_I, 'plain', *more)
            assert plain.code == 0, (case, plain)
            assert more or plain.stderr == '', (case, plain)
            assert 'Logging error' not in plain.stderr, (case, plain)
            person.aws.clear_requests()
            result = person.run(*WHO_AM_I, person.profile, *more)
        kinds = {call.key_kind for call in person.aws.requests()}
        assert kinds <= {'mfa-session'}, (case, result)
        if result.code == 0:
            search.counts['signed with the session'] += 1
        elif 'Install it again.' in result.stderr:
            search.counts['refused, and the remedy named'] += 1
        else:
            assert 'has no valid MFA session' in result.stderr, (case, result)
            search.counts['nobody to ask'] += 1
