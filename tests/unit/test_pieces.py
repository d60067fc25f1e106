# SPDX-License-Identifier: Apache-2.0
"""A package in pieces costs the plugin, and never signs in its place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.pieces import MODULES, broken
from tests.unit.conftest import Home, answering
from tests.unit.names import KEYS, SERIAL

ROOT = Path(__file__).parents[2]

# Forks for each line of its input, with botocore loaded, and prints what a
# command of either profile is signed with.
COMMANDS = """
import argparse, json, logging, os, sys
import botocore.session
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import create_loader
import awscli_mfa_plugin.program, awscli_mfa_plugin.host.native_threads
for name in [name for name in sys.modules if 'mfa_plugin' in name]:
    del sys.modules[name]
sys.path.insert(0, sys.argv[1])
loader = create_loader()

def signer(profile):
    import awscli_mfa_plugin
    emitter = HierarchicalEmitter()
    awscli_mfa_plugin.awscli_initialize(emitter)
    session = botocore.session.Session(profile=profile, event_hooks=emitter)
    session.register_component('data_loader', loader)
    emitter.emit(
        'building-command-table.main', command_table={}, session=session)
    logging.getLogger('awscli.clidriver').debug('%s', ['s3'])
    emitter.emit(
        'session-initialized',
        session=session,
        parsed_args=argparse.Namespace(
            command='s3', region=None, verify_ssl=None))
    try:
        credentials = session.get_credentials()
        return credentials.get_frozen_credentials().access_key
    except Exception as error:
        return f'{type(error).__name__}: {error}'

for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            print(json.dumps([signer('plain'), signer('work')]), flush=True)
        except BaseException as error:
            print(json.dumps([repr(error), '']), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_every_module(home: Home, tmp_path: Path) -> None:
    """A profile without MFA sees nothing, one with it is not signed for."""
    home.write(
        f'[profile work]\nmfa_serial = {SERIAL}\n[profile plain]\n',
        f'[work]\n{KEYS}[plain]\naws_access_key_id = AKIAPLAINEXAMPLE\n'
        'aws_secret_access_key = plain-EXAMPLE\n',
    )
    package = tmp_path / 'installed' / 'awscli_mfa_plugin'
    shutil.copytree(ROOT / 'awscli_mfa_plugin', package)
    with answering(COMMANDS, str(package.parent)) as answer:
        for module in MODULES:
            with broken(package, module, 'emptied'):
                plain, work = json.loads(answer())
            assert plain == 'AKIAPLAINEXAMPLE', (module, plain)
            # Not every module is needed to find that nobody can be asked.
            assert work.startswith('NoMFASessionError: ') or work.endswith(
                'Install it again.'
            ), (module, work)
