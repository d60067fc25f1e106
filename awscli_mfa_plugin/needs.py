# SPDX-License-Identifier: Apache-2.0
"""What a command needs of its credentials."""

from __future__ import annotations


class Needs:
    """What the command at hand needs of its credentials.

    The providers of one chain share it, and it may change until they are
    asked.

    :ivar long_term: Only long-term credentials will do.
    :ivar session: The command is worth a new session. Without one it
        goes on with the long-term credentials.
    :ivar prompt: The command is worth a question. Without one the next
        provider is asked where there is no session.
    :ivar warning: A person at the command's terminal is to know that the
        session ends soon.
    """

    def __init__(self) -> None:
        self.long_term = False
        self.session = True
        self.prompt = True
        self.warning = False
