"""Everything about importing from Slack, put together: what `bot/app.py` would else have to know one by one."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import Unavailable
from bot.files.downloads import Downloads
from bot.files.signed_links import SignedLinks
from bot.running.import_worker import ImportWorker
from bot.settings import Settings
from bot.slack.downloading import Files
from bot.slack.gateway import Gateway
from bot.slack.mail_addresses import MailAddresses
from bot.slack.shared_file import NotFetched
from bot.usecases.desk import Desk
from bot.usecases.imports.import_desk import BAD_ROWS, ImportDesk
from bot.usecases.imports.importing import Importing
from bot.usecases.imports.work import ImportWork


@dataclass(frozen=True)
class Imports:
    desk: ImportDesk
    importing: Importing
    work: ImportWork
    worker: ImportWorker

    def offer(self, downloads: Downloads) -> None:
        """The rows that cannot be imported are among what can be downloaded."""
        downloads.offer(BAD_ROWS, self.desk.file)


def imports(desk: Desk, gateway: Gateway, settings: Settings) -> Imports:
    """For one process."""
    files = Files(gateway, settings.bot_token, settings.api_url)
    links = SignedLinks(settings.signing_secret, settings.public_url, desk.now)
    importing = Importing(desk, by_mail=MailAddresses(gateway, desk.clock))
    work = ImportWork(desk, files, importing, (NotFetched, Unavailable))
    return Imports(ImportDesk(desk, files, links), importing, work, ImportWorker(desk.db, desk.clock, work))


def small_files(quick: Gateway, settings: Settings) -> Files:
    """For a list that somebody gives in a form, and waits for: one megabyte, within the time that Slack waits."""
    return Files(quick, settings.bot_token, settings.api_url, limit=1024**2, seconds=1.5, stall=1.0)
