# SPDX-License-Identifier: Apache-2.0
"""How the AWS CLIs of this computer come to load the plugin, and stop.

``clis`` finds every ``aws`` and tries it, ``copy`` keeps the package where
no upgrade takes it away, ``plugin_lines`` knows the lines in the config
file, and ``enable`` is ``awscli-mfa enable`` and ``awscli-mfa disable``.
Nothing but the standard library and filelock need be there. This room
imports ``config_files``, ``cache`` and ``host``.
"""
