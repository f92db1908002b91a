"""`baton run`, `baton web` and `baton worker`, from the environment on. Imports only what gunicorn's master needs."""

import os
import sys

from bot.errors import BotError
from bot.running.logs import configure
from bot.running.server import CANNOT_START, CannotStart, serve, work
from bot.settings import Role, Settings, SettingsError

INTERRUPTED = 130
"""What a shell calls the end by Ctrl-C, as the other commands do."""


def begin(role: Role) -> None:
    """Serve until told to stop. Ends by SystemExit; what the operator can mend is said in words."""
    try:
        settings = Settings.from_env(os.environ)
        configure(settings)
        if role is Role.WORKER:
            work(settings)
        else:
            serve(settings, role)
    except (SettingsError, CannotStart, BotError) as problem:
        sys.stderr.write(f"{problem}\n")
        raise SystemExit(CANNOT_START) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
