"""A bot that waits for its database, and one that is told to stop before it has begun."""

from threading import Event

from slack_bolt import App
from small_bot import SmallBot
from sqlalchemy.exc import OperationalError

from bot.running.lifecycle import Lifecycle
from bot.settings import Role, Settings

SETTINGS = Settings(bot_token="xoxb-1", signing_secret="secret", api_url="http://127.0.0.1:9/api/")


class BotWithADatabase:
    """A bot whose database is away until it is brought back: only the edge to the network is simulated."""

    def __init__(self) -> None:
        self.database, self.asked, self.migrated, self.working = Event(), Event(), Event(), Event()
        self.bolt: App = SmallBot(SETTINGS).bolt

    metrics = None
    downloads = None

    def count_as(self, role: Role) -> None:
        """It counts nothing."""

    def migrate(self) -> None:
        self._ask()
        self.migrated.set()

    def _ask(self) -> None:
        self.asked.set()
        if not self.database.is_set():
            raise OperationalError("SELECT 1", {}, ConnectionRefusedError("refused"))

    def start_workers(self) -> None:
        self.working.set()

    def stop(self, timeout: float) -> None:
        self.working.clear()

    def ready(self) -> tuple[bool, str]:
        self._ask()
        return True, ""


def test_it_waits_for_the_database_and_says_so() -> None:
    bot = BotWithADatabase()
    lifecycle = Lifecycle(bot, Role.RUN)

    lifecycle.start()
    assert bot.asked.wait(5)
    assert lifecycle.ready()[0] is False

    bot.database.set()
    assert bot.working.wait(5)
    assert lifecycle.begun.wait(5)
    assert lifecycle.ready() == (True, "")

    bot.database.clear()
    assert lifecycle.ready() == (False, "the database does not answer (ConnectionRefusedError)")

    lifecycle.stop(1)
    assert not bot.working.is_set()


def test_a_web_process_neither_migrates_nor_works() -> None:
    bot = BotWithADatabase()
    bot.database.set()
    lifecycle = Lifecycle(bot, Role.WEB)

    lifecycle.start()
    assert lifecycle.begun.wait(5)
    lifecycle.stop(4)

    assert not bot.migrated.is_set()
    assert not bot.working.is_set()


def test_stopping_while_it_waits_starts_nothing() -> None:
    bot = BotWithADatabase()
    lifecycle = Lifecycle(bot, Role.RUN)
    lifecycle.start()
    assert bot.asked.wait(5)

    lifecycle.stop(4)
    bot.database.set()

    assert not bot.working.is_set()
    assert lifecycle.ready() == (False, "the database does not answer (ConnectionRefusedError)")
