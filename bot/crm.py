"""Everything that links Baton with a CRM and other systems, put together for `bot/app.py`."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.hooks.calling import Caller
from bot.hooks.events import Telling
from bot.hooks.far_ends import FarEnd
from bot.hooks.sending import Post, Sending
from bot.settings import Settings
from bot.store.database import Database
from bot.usecases.desk import Desk


@dataclass(frozen=True)
class CrmLink:
    """`hooks` tells other systems."""

    hooks: Sending


def crm_link(desk: Desk, settings: Settings, chance: Callable[[], float] = random.random) -> CrmLink:
    """For one process. From now on, what is recorded in the journal is heard."""
    posts = _posts(desk.db, desk.clock, settings, chance)
    listeners = [Telling(tuple(post.far_end.name for post in posts))] if posts else []
    desk.db.about["journal"] = tuple(listeners)
    return CrmLink(hooks=Sending(desk.db, desk.clock, posts))


def _posts(db: Database, clock: Clock, settings: Settings, chance: Callable[[], float]) -> list[Post]:
    private = settings.hook_private
    far_ends = [FarEnd.read(url, private=private) for url in settings.hook_urls]
    secret = settings.hook_secret
    return [Post(db, clock, one, Caller(one, secret, private=private), chance) for one in far_ends]
