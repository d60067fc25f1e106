# SPDX-License-Identifier: Apache-2.0
"""What every forked command would load anew, loaded before all of them."""

from __future__ import annotations

import importlib
import pkgutil

import botocore.session

import awscli_mfa_plugin
from tests.e2e.person import REGION

for _module in pkgutil.walk_packages(
    awscli_mfa_plugin.__path__, 'awscli_mfa_plugin.'
):
    if not _module.name.endswith('__main__'):
        importlib.import_module(_module.name)

# A loader reads botocore's data once, in a thousand system calls and more.
_SESSION = botocore.session.Session()
_LOADER = _SESSION.get_component('data_loader')
_SESSION.get_available_services()
_LOADER.list_available_services('waiters-2')
for _service in ('iam', 's3', 'sts'):
    _SESSION.create_client(_service, REGION)
    _LOADER.load_service_model(_service, 'paginators-1')
botocore.session.create_loader = lambda search_path: _LOADER
