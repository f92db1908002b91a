"""A test run becomes a real handoff, or a real one a test run: the account's line of time follows (D18)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.domain.handoff import Acceptance, Handoff
from bot.domain.people import Person
from bot.store import lines as store
from bot.store import loading
from bot.usecases.accounts.accounts import give_account
from bot.usecases.coverage import covering


def follow_test_run(session: Session, handoff: Handoff, was: bool, by: Person, today: date) -> None:
    """Whether it is a test run was `was` before somebody changed it. What has happened on the line stays."""
    if handoff.test_run and not was:
        covering.take_back(session, handoff, today)
    elif was and not handoff.test_run:
        covering.begin(session, handoff, handoff.outgoing, by)
        if handoff.acceptance is Acceptance.ACCEPTED and handoff.incoming is not None:
            account = loading.account(session, handoff.workspace_id, handoff.account_id)
            give_account(session, account, handoff.incoming, today, handoff.id)
        else:
            before = store.line_of(session, handoff.account_id, lock=True)
            after = covering.last_day_passed(handoff, before, today)
            store.write(session, handoff.workspace_id, handoff.account_id, before, after)
