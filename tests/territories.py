"""A territory run without clicks, for tests that look at what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.accounts import Account
from bot.domain.vocabulary import Reason
from bot.usecases.accounts.accounts import give_account
from bot.usecases.territory.form import RunForm
from tests.town import Town


def look_after(town: Town, *names: str) -> None:
    """These accounts are Olaf's from today on."""
    with town.bot.db.write() as session:
        olaf = town.bot.desk.person(session, 1, town.olaf.id)
        for name in names:
            account = Account(1, name)
            session.add(account)
            session.flush()
            give_account(session, account, olaf, town.clock.now().date(), None)


def confirm(town: Town, **changes: Any) -> int:
    """Mia plans that all of Olaf's accounts go to Ines, from today on, and confirms it. Returns the run's number."""
    today, mia, plans = town.clock.now().date(), town.actor("mia"), town.bot.territory.plans
    form = RunForm(
        title="South",
        book=town.olaf.id,
        reason=Reason.RETIREMENT,
        benefit="Nearby.",
        last_day=today + timedelta(days=30),
        assign="load",
        reps=[town.ines.id],
        channel="C0ACCOUNTS0",
        first_on=today,
    )
    run = plans.draft(mia, replace(form, **changes)).run
    plans.confirm(mia, run.id, run.version)
    return run.id
