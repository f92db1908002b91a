"""A territory run in which not everything goes as planned: managers who go, reps who may not, what others may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from bot.domain.accounts import Account
from bot.domain.refusals import NoSuchThing
from bot.domain.vocabulary import Reason
from bot.errors import FieldErrors
from bot.files.signed_links import Ticket
from bot.usecases.accounts.accounts import give_account
from bot.usecases.territory.form import PlanIsOld, RunForm
from bot.usecases.workspace.privacy import StillNeeded
from bot.usecases.workspace.setup import SetupView
from tests.town import Town


@pytest.fixture
def planned(lite_town) -> Iterator[object]:
    """Olaf's five accounts go to Ines, two at a time; Cora, a manager as Mia is, has set it going."""
    lite_town.once("two managers and a book", lambda: _book(lite_town))
    return lite_town


def _book(town) -> None:
    town.bot.setup.save(town.actor("mia"), SetupView({}, (town.mia.id, town.cora.id), None))
    with town.bot.db.write() as session:
        olaf = town.bot.desk.person(session, 1, town.olaf.id)
        for number in range(5):
            account = Account(1, f"Account {number}")
            session.add(account)
            session.flush()
            give_account(session, account, olaf, town.clock.now().date(), None)
    town.settle()


def _plans(town, who="cora", **changes):
    fields = {
        "title": "South", "book": town.olaf.id, "reason": Reason.RETIREMENT, "benefit": "Nearby.", "last_day": None,
        "assign": "load", "reps": [town.ines.id], "channel": "C0ACCOUNTS0", "first_on": town.clock.now().date(),
        "per_wave": "2", "every": "2", **changes,
    }  # fmt: skip
    return town.bot.territory.plans.draft(town.actor(who), RunForm(**fields)).run


def _goes(town):
    run = _plans(town)
    town.bot.territory.plans.confirm(town.actor("cora"), run.id, run.version)
    town.passes(hours=1)
    assert len(town.rows("SELECT 1 FROM handoffs")) == 2
    return run.id


def _board(town):
    return next(m for m in town.mia.messages("#accounts") if "accounts handed over" in m.text)


def _waiting(town):
    return len(town.rows("SELECT 1 FROM run_lines WHERE state = 'waiting'"))


@pytest.mark.parametrize("how", ["right", "company"])
def test_a_run_waits_for_another_manager_when_its_own_is_one_no_more(planned, how):
    _goes(planned)
    if how == "right":
        planned.bot.setup.save(planned.actor("mia"), SetupView({}, (planned.mia.id,), None))
    else:
        planned.sandbox.actions.deactivate(planned.cora.id)
    planned.settle()
    planned.passes(days=3)
    assert _waiting(planned) == 3
    assert "takes it over" in _board(planned).text
    assert "0 of 5" in _board(planned).text
    assert _board(planned).click("Go on").ok
    planned.passes(days=1)
    mia = planned.rows("SELECT id FROM people WHERE slack_id = :m", m=planned.mia.id)[0].id
    assert {row.manager_id for row in planned.rows("SELECT manager_id FROM handoffs WHERE id > 2")} == {mia}
    assert "takes it over" not in _board(planned).text


def test_who_is_to_get_accounts_by_a_run_is_not_erased_before(planned):
    run = _plans(
        planned, assign="load", reps=[planned.otto.id], first_on=planned.clock.now().date() + timedelta(days=9)
    )
    planned.bot.territory.plans.confirm(planned.actor("cora"), run.id, run.version)
    with pytest.raises(StillNeeded, match="Account 0"):
        planned.bot.privacy.erase(planned.actor("mia"), planned.otto.id)
    with pytest.raises(StillNeeded, match="Account 0"):
        planned.bot.privacy.erase(planned.actor("mia"), planned.cora.id)


def test_nobody_gets_what_they_give_or_what_they_are_to_get_already(planned):
    run, reassign = _goes(planned), planned.bot.territory.runs.reassign
    with pytest.raises(FieldErrors) as same:
        reassign(planned.actor("mia"), run, planned.ines.id, planned.ines.id)
    assert "to get these accounts already" in str(same.value.errors["to"])
    assert reassign(planned.actor("mia"), run, planned.ines.id, planned.olaf.id)[1] == 0
    assert reassign(planned.actor("mia"), run, planned.ines.id, planned.otto.id)[1] == 5


def test_what_was_cancelled_is_not_said_to_be_handed_over_and_what_failed_is_said(planned):
    run = _goes(planned)
    planned.starts("Account 4")  # somebody is quicker than the run
    planned.passes(days=7)
    assert "0 of 4 accounts handed over" in _board(planned).text
    assert "1 account is left out" in _board(planned).text
    planned.bot.territory.runs.cancel(planned.actor("mia"), run, "The merger is off.", open_ones=True)
    planned.passes(hours=1)
    assert "0 of 4 accounts handed over" in _board(planned).text
    planned.mia.types("/handoff territory", in_="#accounts")
    assert "0 of 4 handed over · 4 cancelled" in planned.mia.modal.text


def test_a_plan_is_its_makers_until_it_is_confirmed(planned):
    run = _plans(planned)
    with pytest.raises(PlanIsOld):
        planned.bot.territory.plans.confirm(planned.actor("mia"), run.id, run.version)
    with pytest.raises(NoSuchThing):
        planned.bot.territory.runs.list(planned.actor("mia"), run.id)


def test_a_wish_that_is_overtaken_while_it_is_granted_is_not_lost(planned):
    run = _goes(planned)
    runs, mia = planned.bot.territory.runs, planned.actor("mia")
    runs.reassign(mia, run, planned.ines.id, planned.otto.id)
    real = runs.editing

    class Slow:
        def __call__(self, *told):
            real(*told)
            if planned.rows("SELECT 1 FROM runs WHERE state = 'running'"):
                runs.cancel(mia, run, "Enough.", open_ones=True)

    object.__setattr__(runs, "editing", Slow())
    planned.passes(hours=1)
    object.__setattr__(runs, "editing", real)
    planned.passes(hours=1)
    assert not planned.rows("SELECT 1 FROM handoffs WHERE state = 'open'")


def test_another_manager_does_not_read_of_an_account_that_is_quiet(planned):
    run = _goes(planned)
    with planned.bot.db.write() as session:
        session.get(Account, 5).quiet = True
    found = planned.bot.territory.runs.list(planned.actor("mia"), run)
    assert [one.account.name for one in found.lines] == [f"Account {n}" for n in range(4)]


def test_two_workers_who_begin_at_the_same_moment_leave_nothing_out(postgres_url):
    town = Town(postgres_url)
    try:
        _book(town)
        run = _plans(town, per_wave="5")
        town.bot.territory.plans.confirm(town.actor("cora"), run.id, run.version)
        together = Barrier(2)

        def works():
            together.wait()
            while town.bot.territory.runs.advance():
                pass
            town.bot.territory.runs.advance()

        workers = [Thread(target=works) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        town.bot.territory.runs.advance()
        assert {row.state for row in town.rows("SELECT state FROM run_lines")} == {"started"}
        assert len(town.rows("SELECT 1 FROM handoffs")) == 5
    finally:
        town.close()


def _hears(town):
    return [m.text for m in town.mia.dms("baton") + town.cora.dms("baton") if "is handed over" in m.text]


def test_of_an_archived_channel_the_manager_hears_once_and_the_run_goes_on_when_it_is_back(planned):
    _goes(planned)
    planned.passes(days=2)
    assert _waiting(planned) == 3
    planned.sandbox.actions.archive("C0ACCOUNTS0")
    first = "SELECT min(id) AS id FROM checklist_items WHERE form IS NULL AND state = 'open' GROUP BY handoff_id"
    for row in planned.rows(first):
        planned.bot.checklist.complete(planned.actor("cora"), row.id)
        planned.settle()
    planned.clock.jump_to(planned.clock.now() + timedelta(days=1))  # the second wave begins
    planned.passes(minutes=20)
    (told,) = _hears(planned)
    assert "#accounts, where the territory South is handed over, is archived" in told
    assert not [m for m in planned.cora.dms("baton") if "archived" in m.text and "South" not in m.text]
    assert (_waiting(planned), len(planned.rows("SELECT 1 FROM handoffs"))) == (3, 2)
    planned.cora.types("/handoff territory", in_="#general")
    assert "Paused · nothing more begins: I cannot write in #accounts" in planned.cora.modal.text
    assert "Cancel…" in planned.cora.modal.buttons
    planned.sandbox.actions.unarchive("C0ACCOUNTS0")
    planned.sandbox.wait_idle()
    planned.passes(minutes=20)
    assert (_waiting(planned), len(planned.rows("SELECT 1 FROM handoffs"))) == (1, 4)
    assert "Nothing more begins" not in _board(planned).text


def test_where_the_channel_is_archived_before_a_wave_nothing_begins_and_the_file_says_why(planned):
    tomorrow = planned.clock.now().date() + timedelta(days=1)
    run = _plans(planned, first_on=tomorrow)
    planned.bot.territory.plans.confirm(planned.actor("cora"), run.id, run.version)
    planned.passes(minutes=20)
    planned.sandbox.actions.archive("C0ACCOUNTS0")
    planned.clock.jump_to(planned.clock.now() + timedelta(days=2))
    planned.passes(minutes=20)
    assert not planned.rows("SELECT 1 FROM handoffs")
    (told,) = _hears(planned)
    assert "it is archived, or I am not in it any more" in told
    file = planned.bot.territory.file
    who = planned.rows("SELECT id FROM people WHERE slack_id = :c", c=planned.cora.id)[0].id
    lines = file.file(Ticket("run", (1, who, run.id))).content.decode().splitlines()[1:]
    assert [line.rpartition(",")[2] for line in lines] == ["channel"] * 5
    planned.cora.types("/handoff territory", in_="#general")
    planned.cora.modal.click("Go on")
    planned.passes(minutes=5)
    assert not planned.rows("SELECT 1 FROM handoffs")
    assert len(_hears(planned)) == 1
    planned.sandbox.actions.unarchive("C0ACCOUNTS0")
    planned.sandbox.wait_idle()
    planned.passes(minutes=20)
    assert len(planned.rows("SELECT 1 FROM handoffs")) == 2
