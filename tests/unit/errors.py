# SPDX-License-Identifier: Apache-2.0
"""All errors of the package, in whichever module they are."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from awscli_mfa_plugin import exceptions

MODULES = (
    exceptions,
    *(
        importlib.import_module(f'{exceptions.__name__}.{module.name}')
        for module in pkgutil.iter_modules(exceptions.__path__)
    ),
)

CLASSES = [
    kind
    for module in MODULES
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if kind.__module__ == module.__name__
]
