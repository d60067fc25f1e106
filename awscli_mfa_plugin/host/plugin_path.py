# SPDX-License-Identifier: Apache-2.0
"""The path of v2's plugins, which v1 takes for the name of a module."""

from __future__ import annotations

from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def spec_of(name: str) -> ModuleSpec:
    """Return how to import a path, and each part of it that v1 asks for.

    The AWS CLI v1 imports every value under ``[plugins]``, that of
    ``cli_legacy_plugin_path`` too, and takes dots in it for those between
    packages.
    """
    return ModuleSpec(name, _EmptyPlugin(), is_package=True)


class _EmptyPlugin(Loader):
    """Makes a module a plugin that does nothing."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Have Python make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Give the module what the AWS CLI calls in a plugin."""
        vars(module)['awscli_initialize'] = _do_nothing


def _do_nothing(event_hooks: Any) -> None:
    del event_hooks
