# SPDX-License-Identifier: Apache-2.0
"""Whether this computer's clock was set back after a file was written.

By a clock that is hours behind the one that the end of a session was told
by, the session would be used for hours after its end.

``awscli-mfa`` imports this module at each shell prompt, so it imports next
to nothing.
"""

import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials

# The name under which a file has the stamp.
CLOCK = 'Clock'

# Linux gives each start of the system a name. The clock that runs from there
# is nobody's to set.
_BOOT_ID = '/proc/sys/kernel/random/boot_id'
_BOOT_CLOCK = 'CLOCK_BOOTTIME'

# Less than that is made up for by the minute that a session must last.
_NOTICED_SECONDS = 60


def clock_stamp() -> str:
    """Return which start of the system this is, and when that was.

    The second part is told by the clock that people set, in seconds since
    the epoch. Other systems than Linux have an empty stamp.
    """
    if sys.platform == 'win32':
        return ''
    try:
        # It is read as bytes: Python has not loaded what decodes ASCII.
        with open(_BOOT_ID, 'rb') as file:
            boot_id = file.read().decode().strip()
        running = time.clock_gettime(getattr(time, _BOOT_CLOCK))
    except (OSError, ValueError, AttributeError):
        return ''
    return f'{boot_id} {time.time() - running:.0f}'


def seconds_set_back(stamp: str) -> int:
    """Return by how much the clock was set back since; 0 if not known.

    A clock that was set forward counts as right: that is what happens
    after a virtual machine has slept.
    """
    boot_id, _, then = stamp.partition(' ')
    this_boot_id, _, now = clock_stamp().partition(' ')
    if boot_id != this_boot_id or not (
        then.isdigit() and now.isdigit() and len(then) < 12
    ):
        return 0
    seconds = int(then) - int(now)
    return seconds if seconds > _NOTICED_SECONDS else 0


def credentials_in(entry: 'dict[str, Any]') -> 'TemporaryCredentials':
    """Return the credentials of a file, with their end by today's clock.

    :raises ValueError: There are none.
    """
    from datetime import timedelta

    from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials

    found = TemporaryCredentials.from_json(entry.get('Credentials'))
    stamp = entry.get(CLOCK, '')
    if not isinstance(stamp, str):
        raise ValueError('no stamp of a clock')
    seconds = seconds_set_back(stamp)
    try:
        end = found.expiration - timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError('a time out of reach') from None
    return found._replace(expiration=end)
