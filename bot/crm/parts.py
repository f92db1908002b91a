"""Everything that links Baton with a CRM and other systems, put together for `bot/app.py`."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.crm.hook import CrmHook
from bot.files.downloads import Downloads
from bot.hooks.calling import Caller
from bot.hooks.events import Telling
from bot.hooks.far_ends import FarEnd
from bot.hooks.sending import Post, Sending
from bot.settings import Settings
from bot.store.database import Database
from bot.store.journal import Listener
from bot.usecases.crm.crm import Crm
from bot.usecases.crm.handoffs import Requests
from bot.usecases.crm.owner_changes import OwnerChanges
from bot.usecases.crm.records import Records
from bot.usecases.deals.settling import Settling
from bot.usecases.desk import Desk
from bot.usecases.handoffs.start import Start


@dataclass(frozen=True)
class CrmLink:
    """`inbound` takes what a CRM sends, `changes` are the owners it changed, `hooks` tells other systems."""

    inbound: Crm
    changes: OwnerChanges
    hooks: Sending


def crm_link(
    desk: Desk,
    settings: Settings,
    settling: Settling,
    start: Start,
    downloads: Downloads,
    chance: Callable[[], float] = random.random,
) -> CrmLink:
    """For one process. From now on, what is recorded in the journal is heard, and the CRM has a page to send to."""
    changes, posts = OwnerChanges(desk), _posts(desk.db, desk.clock, settings, chance)
    told: list[Listener] = [Telling(tuple(post.far_end.name for post in posts))] if posts else []
    desk.db.about["journal"] = (changes.heard, *told)
    records = Records(desk, settling)
    requests = Requests(desk, start, records, settings.crm_manager, settings.crm_channel)
    inbound = Crm(desk, changes, records, requests)
    downloads.beside(CrmHook(inbound, desk.clock, settings.crm_secret))
    return CrmLink(inbound, changes, Sending(desk.db, desk.clock, posts))


def _posts(db: Database, clock: Clock, settings: Settings, chance: Callable[[], float]) -> list[Post]:
    private = settings.hook_private
    far_ends = [FarEnd.read(url, private=private) for url in settings.hook_urls]
    secret = settings.hook_secret
    return [Post(db, clock, one, Caller(one, secret, private=private), chance) for one in far_ends]
