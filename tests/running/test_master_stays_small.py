"""gunicorn's master only holds the port and the lock: whatever it loads besides is memory for nothing."""

import sys

from tests.running.real_processes import SECRETS, a_free_port, outcome

UNTIL_THE_FORK = """
import os, sys
from bot.__main__ import main

def tell():
    heavy = "sqlalchemy flask slack_bolt slack_sdk jinja2 holidays yaml typer pydantic babel bot.domain".split()
    print("the master:", *(name for name in heavy if name in sys.modules), flush=True)
    os._exit(0)

os.register_at_fork(before=tell)
sys.argv = ["baton", "run"]
main()
"""


def test_the_master_loads_nothing_of_what_the_worker_needs(tmp_path):
    more = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'baton.db'}",
        "PORT": str(a_free_port()),
        "BATON_LOG_LEVEL": "ERROR",
    }
    assert outcome(sys.executable, "-c", UNTIL_THE_FORK, **SECRETS, **more) == (0, "the master:\n")
