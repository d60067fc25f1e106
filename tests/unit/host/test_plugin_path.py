# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.plugin_path."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

# As the plugin loader of v1 imports a value of the config file.
_V1 = """
import sys
sys.path.insert(0, sys.argv[1])
sys.modules['awscli'] = type(sys)('awscli')
sys.modules['awscli'].__version__ = sys.argv[2]
import awscli_mfa_plugin
name = sys.argv[3]
try:
    if '.' in name:
        module = __import__(name, fromlist=[name.rsplit('.', 1)[1]])
    else:
        module = __import__(name)
    module.awscli_initialize(None)
except ModuleNotFoundError:
    print('not found')
"""


@pytest.mark.parametrize(
    ('version', 'name', 'shown'),
    [
        ('1.46.3', '/home/you/.aws/cli/mfa-plugin/current', ''),
        ('1.46.3', '/opt/plugins', ''),
        ('1.46.3', '/opt/a:/opt/b.c/d.e', ''),
        ('1.46.3', 'no_such_module', 'not found\n'),
        ('1.46.3', 'awscli_mfa_plugin.no_such_module', 'not found\n'),
        ('2.38.1', '/opt/plugins', 'not found\n'),
    ],
)
def test_path_for_a_module(version: str, name: str, shown: str) -> None:
    """Only v1, and only for a path, is given a plugin that does nothing."""
    command = [sys.executable, '-IS', '-c', _V1, str(ROOT), version, name]
    completed = subprocess.run(
        command, check=True, capture_output=True, text=True
    )
    assert completed.stdout == shown
