"""gunicorn's master only holds the port and the lock: whatever it loads besides is memory for nothing."""

import sys

from tests.running.real_processes import SECRETS, outcome

AS_THE_MASTER_DOES = """
import os, sys
from bot import cli
from bot.running import server
from bot.settings import Role
with cli._in_words():
    settings = cli._settings()
    with server._alone(settings):
        server._Server(settings, Role.RUN, server.bound_socket("127.0.0.1", 0), server.the_bot)
print(*sorted({"sqlalchemy", "flask", "slack_bolt", "slack_sdk", "jinja2", "holidays", "yaml"} & set(sys.modules)))
"""


def test_the_master_loads_nothing_of_what_the_worker_needs(tmp_path):
    database = f"sqlite:///{tmp_path / 'baton.db'}"
    code, said = outcome(sys.executable, "-c", AS_THE_MASTER_DOES, **SECRETS, DATABASE_URL=database)
    assert (code, said.strip()) == (0, "")
