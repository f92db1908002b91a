"""The database hides what the domain's rule hides: of a quiet handoff, from everybody who is not named in it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.domain.accounts import Account
from bot.domain.handoff import Acceptance, Handoff
from bot.domain.people import Person
from bot.domain.permissions import sees
from bot.domain.vocabulary import Reason, Role
from bot.store import known, loading
from bot.store import schema as t
from bot.store.visibility import involves_reader, known_to, known_to_reader, of_reader, visible, visible_to_reader
from tests.town import MONDAY

ROLES = [role.value for role in Role]


@pytest.fixture
def handoffs(town):
    """One handoff for each role, in which only the manager and that role are held; quiet ones and open ones."""
    mia, account = town.actor("mia"), itertools.count(1)
    with town.bot.db.write() as session:
        town.bot.desk.actor(session, mia)
        session.flush()
    for quiet in (True, False):
        for _ in ROLES:
            town.bot.start(mia, _form(town, f"Account {next(account)}", quiet))
    with town.bot.db.write() as session:
        cora = town.bot.desk.person(session, 1, town.cora.id)
        for number, one in enumerate(session.scalars(select(Handoff).order_by(t.handoffs.c.id))):
            for role in ROLES:
                held = cora.id if role == ROLES[number % len(ROLES)] else None
                setattr(one, f"{role}_id", held if role != "manager" or held else one.manager_id)
    return town


def _form(town, account, quiet):
    return replace(town.form(account), quiet=quiet)


def test_the_query_and_the_rule_agree(handoffs):
    with handoffs.bot.db.read() as session:
        nobody = Person(workspace_id=1, slack_id="UNEW000000")
        everybody = [*session.scalars(select(Person)), nobody]
        all_of_them = loading.whole_handoffs(session, session.scalars(select(t.handoffs.c.id)).all())
        assert len(all_of_them) == 2 * len(ROLES)
        for person in everybody:
            found = set(session.scalars(select(t.handoffs.c.id).where(visible(person))))
            assert found == {one.id for one in all_of_them if sees(person, one)}, person.slack_id
            same = select(t.handoffs.c.id).where(visible_to_reader())
            assert set(session.scalars(same, of_reader(person))) == found, "built once, and run for one reader"
            for one in all_of_them:
                assert known.is_known(session, person, one.account) == sees(person, one)
                assert (known.account_by_name(session, person, one.account.name) is not None) == sees(person, one)
            names = {one.name for one in session.scalars(select(Account).where(known_to(person)))}
            assert names == {one.account.name for one in all_of_them if sees(person, one)}
            same = select(t.accounts.c.name).where(known_to_reader())
            assert set(session.scalars(same, of_reader(person))) == names


def test_which_are_theirs_is_the_same_by_query_and_by_rule(handoffs):
    asked, acceptances = itertools.cycle([None, MONDAY]), itertools.cycle([one for one in Acceptance for _ in range(2)])
    with handoffs.bot.db.write() as session:
        for one in session.scalars(select(Handoff).order_by(t.handoffs.c.id)):
            one.reason, one.acceptance, one.incoming_id = Reason.STAGE_MOVE, next(acceptances), one.manager_id
            one.manager_id, one.acceptance_asked_at = None, next(asked)
    with handoffs.bot.db.read() as session:
        everybody = [*session.scalars(select(Person)), Person(workspace_id=1, slack_id="UNEW000000")]
        all_of_them = loading.whole_handoffs(session, session.scalars(select(t.handoffs.c.id)).all())
        waiting = [one.id for one in all_of_them if one.receiver_waits]
        assert 0 < len(waiting) < len(all_of_them)
        for person in everybody:
            found = set(session.scalars(select(t.handoffs.c.id).where(involves_reader()), of_reader(person)))
            assert found == {one.id for one in all_of_them if one.involves(person.id)}, person.slack_id


def test_rows_that_point_to_a_hidden_handoff_are_hidden_too(handoffs):
    column = t.phases.c.handoff_id
    with handoffs.bot.db.read() as session:
        stranger = Person(workspace_id=1, slack_id="UNEW000000")
        seen = session.scalars(select(column).where(visible(stranger, column))).all()
        assert len(seen) == len(ROLES)
        same = select(column).where(visible_to_reader(column))
        assert session.scalars(same, of_reader(stranger)).all() == seen
