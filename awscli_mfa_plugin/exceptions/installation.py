# SPDX-License-Identifier: Apache-2.0
"""What keeps AWS CLIs from loading the plugin."""

from __future__ import annotations

from awscli_mfa_plugin.exceptions import MFAConfigurationError


class NoCLIError(MFAConfigurationError):
    """There is no AWS CLI that could load the plugin."""

    fmt = (
        'There is no AWS CLI on PATH. Install one, or name it: '
        'awscli-mfa enable --aws PATH'
    )


class PluginCopyError(MFAConfigurationError):
    """The package could not be copied to where AWS CLIs load it."""

    fmt = 'The plugin could not be copied to {directory}: {reason}.'


class PluginCopyRemoveError(MFAConfigurationError):
    """The copy of the package could not be removed."""

    fmt = '{directory} could not be removed: {reason}.'


class CLIStoppedError(MFAConfigurationError):
    """An AWS CLI that worked does not work with the plugin."""

    fmt = (
        'Nothing was changed: with the plugin this AWS CLI would stop.\n'
        '  {path}\n'
        '  {reason}\n'
        'Remove what it names from [plugins] and run this again.{others}'
    )


class NoPackageInV1Error(MFAConfigurationError):
    """An AWS CLI v1 on the same config file has no such package."""

    fmt = (
        'Nothing was changed: this AWS CLI v1 has not got the plugin and '
        'would stop.\n'
        '  {path}\n'
        'Install it there and run this again:\n'
        '  {command}{others}'
    )


class NoCLIEnabledError(MFAConfigurationError):
    """No AWS CLI loads the plugin, whatever the config file says."""

    fmt = (
        'Nothing was changed: no AWS CLI loads the plugin by {path}.\n'
        '{reasons}\n'
        'Mend that, then run this again.'
    )
