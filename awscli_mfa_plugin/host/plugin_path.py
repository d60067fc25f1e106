# SPDX-License-Identifier: Apache-2.0
"""The path of v2's plugins, which v1 takes for the name of a module."""

from __future__ import annotations

import os
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class PluginPathFinder(Loader):
    """Finds an empty plugin for each name that has a path separator.

    The AWS CLI v1 imports every value under ``[plugins]``, that of
    ``cli_legacy_plugin_path`` too, and takes dots in it for those between
    packages. No other name of a module can have a path separator.
    """

    @classmethod
    def find_spec(
        cls, name: str, path: Any = None, target: Any = None
    ) -> ModuleSpec | None:
        """Return how to import a name, or ``None`` for other finders."""
        del path, target
        if os.sep not in name and (os.altsep or os.sep) not in name:
            return None
        return ModuleSpec(name, cls(), is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Have Python make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Make the module a plugin that does nothing."""
        vars(module)['awscli_initialize'] = _do_nothing


def _do_nothing(event_hooks: Any) -> None:
    del event_hooks
