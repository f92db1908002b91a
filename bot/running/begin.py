"""`baton run`, `baton web` and `baton worker`, from the environment on."""

import os

from bot.running.logs import configure
from bot.running.mending import in_words
from bot.running.server import serve, work
from bot.settings import Role, Settings

INTERRUPTED = 130
"""What a shell calls the end by Ctrl-C, as the other commands do."""


def begin(role: Role) -> None:
    """Serve until told to stop. Ends by SystemExit; what the operator can mend is said in words."""
    try:
        with in_words():
            settings = Settings.from_env(os.environ)
            configure(settings)
            if role is Role.WORKER:
                work(settings)
            else:
                serve(settings, role)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
