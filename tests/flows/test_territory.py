"""A territory moves: a plan that is shown first, waves, one board, and nobody flooded."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from bot.domain.accounts import Account
from bot.domain.vocabulary import Tier
from bot.usecases.accounts.accounts import give_account

TIERS = (Tier.STANDARD, Tier.KEY, Tier.STRATEGIC)


def _book(town, count=7):
    """Olaf looks after so many accounts."""
    with town.bot.db.write() as session:
        olaf = town.bot.desk.person(session, 1, town.olaf.id)
        for number in range(count):
            account = Account(1, f"Account {number:03}", tier=TIERS[number % 3], region=("North", "South")[number % 2])
            session.add(account)
            session.flush()
            give_account(session, account, olaf, town.clock.now().date(), None)


@pytest.fixture
def set_up(lite_town):
    def begin():
        lite_town.set_up()
        _book(lite_town)
        lite_town.settle()

    lite_town.once("a book", begin)
    return lite_town


def _fills(town, **changes):
    assert town.mia.types("/handoff territory", in_="#accounts").ok
    if town.mia.modal.title == "Territories":
        assert town.mia.modal.click("Plan a territory").ok
    form = town.mia.modal
    monday = town.clock.now().date()
    values = {
        "Whose accounts": "@olaf",
        "Reason": "Retirement",
        "Last day": (monday + timedelta(days=30)).isoformat(),
        "Who gets which account": "Whoever has least to look after",
        "Who may get them": ["@ines", "@cora"],
        "Channel": "#accounts",
        "First wave begins": monday.isoformat(),
        **changes,
    }
    texts = {
        "Name": "South",
        "Benefit to the customers": "Nearby.",
        "Accounts in a wave": "3",
        "Working days between waves": "2",
    }
    for label, text in texts.items():
        form.fill(label, values.pop(label, text))
    for label, value in values.items():
        if value is not None:
            form.choose(label, value)
    return form


def _begun(town, **changes):
    form = _fills(town, **changes)
    outcome = form.submit()
    assert outcome.ok, outcome
    assert not outcome.errors, outcome.errors
    assert town.mia.modal.submit().ok
    town.passes(minutes=30)


def _board(town, who="ines"):
    return next(m for m in town.sandbox.person(who).messages("#accounts") if "accounts handed over" in m.text)


def test_the_plan_is_shown_before_anything_happens(set_up):
    assert _fills(set_up).submit().ok
    plan = set_up.mia.modal
    assert plan.title == "The plan"
    assert "South: 7 accounts" in plan.text.replace("*", "")
    assert "Account 002" in plan.text.split("Account 001")[0]  # strategic before key
    assert "gets 4" in plan.text
    assert not set_up.rows("SELECT 1 FROM handoffs")
    link = next(b["url"] for block in plan.view.blocks for b in block.get("elements", []) if b.get("url"))
    with urlopen(set_up.request_url.removesuffix("/slack/events") + urlsplit(link).path) as answer:
        rows = list(csv.DictReader(io.StringIO(answer.read().decode("utf-8-sig"))))
    assert [row["wave"] for row in rows] == ["1", "1", "1", "2", "2", "2", "3"]
    assert [row["tier"] for row in rows[:4]] == ["strategic", "strategic", "key", "key"]


def test_waves_begin_on_their_days_and_the_board_says_how_it_goes(set_up):
    _begun(set_up)
    assert "Under way" in set_up.mia.modal.title
    assert len(set_up.rows("SELECT 1 FROM handoffs")) == 3
    assert "0 of 7 accounts handed over" in _board(set_up).text
    assert "Wave 1" in _board(set_up).text
    assert len([m for m in set_up.mia.messages("#accounts") if "Account" in m.text and m.buttons]) == 3
    set_up.passes(days=2)
    assert len(set_up.rows("SELECT 1 FROM handoffs")) == 6
    boards = [m for m in set_up.mia.messages("#accounts") if "accounts handed over" in m.text]
    assert len(boards) == 1
    set_up.passes(days=3)
    assert len(set_up.rows("SELECT 1 FROM handoffs WHERE run_id = 1")) == 7


def test_nobody_is_flooded_and_questions_can_be_answered_all_the_same(set_up):
    _begun(set_up, **{"Accounts in a wave": "7"})
    for _ in range(12):
        set_up.passes(hours=1)
    for who in ("carl", "ines", "olaf"):
        person = set_up.sandbox.person(who)
        mine = person.dms("Baton")
        assert 1 <= len(mine) <= 5, who
        assert "South today: " in mine[0].text.replace("*", ""), who
    carl = set_up.carl
    home = carl.opens_home()
    assert home.click("Answer", near="Account 002").ok
    assert carl.modal is not None


def test_pause_keeps_the_next_wave_back_and_cancel_ends_all_of_it(set_up):
    _begun(set_up)
    assert _board(set_up, "mia").click("Pause").ok
    set_up.passes(days=3)
    assert len(set_up.rows("SELECT 1 FROM handoffs")) == 3
    assert _board(set_up, "mia").click("Go on").ok
    set_up.passes(hours=1)
    assert len(set_up.rows("SELECT 1 FROM handoffs")) == 6
    assert _board(set_up, "mia").menu("Cancel…").ok
    form = set_up.mia.modal
    form.fill("Reason", "The merger is off.")
    form.choose("Open handoffs", ["Cancel 6 open handoffs too"])
    assert form.submit().ok
    set_up.passes(hours=1)
    assert not set_up.rows("SELECT 1 FROM handoffs WHERE state = 'open'")
    assert not set_up.rows("SELECT 1 FROM run_lines WHERE state = 'waiting'")
    assert "Cancelled" in _board(set_up).text


def test_accounts_go_to_another_rep_in_bulk(set_up):
    _begun(set_up)
    assert _board(set_up, "mia").menu("Give accounts to another rep…").ok
    form = set_up.mia.modal
    form.choose("From", "@ines")
    form.choose("To", "@ida")
    assert form.submit().ok
    set_up.passes(hours=1)
    assert not set_up.rows(
        "SELECT 1 FROM handoffs h JOIN people p ON p.id = h.incoming_id WHERE p.slack_id = :i", i=set_up.ines.id
    )
    assert set_up.rows(
        "SELECT 1 FROM handoffs h JOIN people p ON p.id = h.incoming_id WHERE p.slack_id = :i", i=set_up.ida.id
    )
    assert _board(set_up, "mia").click("Expected and done").ok
    assert "Account 002" in set_up.mia.modal.text


def test_what_is_wrong_stands_under_its_field_and_nothing_is_kept(set_up):
    form = _fills(set_up, **{
        "Who may get them": None, "Accounts in a wave": "0", "Whose accounts": "@otto",
        "First wave begins": "2026-11-02",
    })  # fmt: skip
    errors = form.submit().errors
    assert "Choose who may get the accounts" in str(errors)
    assert "from 1 to 5000" in str(errors)
    assert "That day has passed" in str(errors)
    assert not set_up.rows("SELECT 1 FROM runs")


def test_a_plan_is_confirmed_once_and_only_by_those_who_may_start(set_up):
    assert _fills(set_up).submit().ok
    plan = set_up.mia.modal
    assert plan.submit().ok
    set_up.ines.types("/handoff territory", in_="#accounts")
    assert set_up.ines.sees("can do that here")
    assert set_up.rows("SELECT count(*) AS n FROM audit WHERE verb = 'run.confirmed'")[0].n == 1


def test_two_workers_start_each_account_once(set_up):
    assert _fills(set_up, **{"Accounts in a wave": "7"}).submit().ok
    assert set_up.mia.modal.submit().ok
    set_up.passes(minutes=1)
    set_up.bot.territory.runs.advance()
    assert len(set_up.rows("SELECT 1 FROM handoffs")) == 7


def test_the_board_counts_what_is_handed_over_and_the_run_ends_when_all_is(set_up):
    _begun(set_up, **{"Accounts in a wave": "7"})
    first = set_up.rows("SELECT id FROM handoffs ORDER BY id")[0].id
    set_up.bot.handoffs.override(set_up.actor("mia"), first, "They know each other.")
    set_up.settle()
    set_up.bot.handoffs.accept(set_up.actor(_name_of(set_up, first)), first)
    set_up.settle()
    assert "1 of 7 accounts handed over" in _board(set_up).text
    for row in set_up.rows("SELECT id FROM handoffs WHERE state = 'open' ORDER BY id"):
        set_up.bot.handoffs.cancel(set_up.actor("mia"), row.id, "Enough.")
    set_up.passes(hours=1)
    assert "0 of 7 accounts handed over" in _board(set_up).text
    assert "Finished" in _board(set_up).text
    assert set_up.rows("SELECT state FROM runs")[0].state == "done"


def _name_of(town, handoff_id):
    slack_id = town.rows(
        "SELECT slack_id FROM people p JOIN handoffs h ON h.incoming_id = p.id WHERE h.id = :n", n=handoff_id
    )[0].slack_id
    return next(name for name in ("ines", "cora") if town.sandbox.person(name).id == slack_id)


def test_a_list_says_who_gets_what_and_what_is_not_found_is_shown(set_up):
    for rep in (set_up.ines, set_up.cora):  # known by name from the first time they do anything
        rep.opens_home()
    set_up.settle()
    who = {"Account 001": "Ines", "account 002": "@Cora", "Nobody Ltd": "Ines", "Account 003": "Ann"}
    said = [*who.items(), ("ACCOUNT 001", "Cora"), ("Account 001", "Ines")]
    rows = "\r\n".join(["Account;Outgoing;Incoming", *(f"{account};;{rep}" for account, rep in said)])
    named = {"Whose accounts": None, "Who may get them": None, "Who gets which account": "As the list says"}
    form = _fills(set_up, **named)
    assert form.upload("Or a list (CSV)", "south.csv", rows.encode()).ok
    outcome = form.submit()
    assert not outcome.errors, outcome.errors
    plan = set_up.mia.modal
    assert "2 accounts" in plan.text
    assert "Nobody Ltd" in plan.text
    assert "Ann" in plan.text.split("Not found")[1]
    assert "more than once, differently: Account 001. What" in plan.text.replace("*", "")
    assert plan.submit().ok
    set_up.passes(minutes=30)
    found = set_up.rows("SELECT a.name, p.slack_id FROM handoffs h JOIN accounts a ON a.id = h.account_id "
                        "JOIN people p ON p.id = h.incoming_id ORDER BY a.name")  # fmt: skip
    assert [tuple(row) for row in found] == [("Account 001", set_up.ines.id), ("Account 002", set_up.cora.id)]


def test_reps_that_a_list_names_and_nobody_uses_are_said_before_it_is_confirmed(set_up):
    for rep in (set_up.ines, set_up.cora):
        rep.opens_home()
    set_up.settle()

    def plan(list_: str, way: str) -> str:
        form = _fills(set_up, **{"Whose accounts": None, "Who gets which account": way})
        assert form.upload("Or a list (CSV)", "south.csv", list_.encode()).ok
        outcome = form.submit()
        assert not outcome.errors, outcome.errors
        shown = set_up.mia.modal
        assert shown.title == "The plan"
        text = shown.text
        shown.close()
        return text

    several = (
        "Account,Incoming\nAccount 001,Ines\nAccount 002,@Cora\nAccount 003,Cora\nAccount 004,Ann\nNobody Ltd,Bea\n"
    )
    least, region = "Whoever has least to look after", "Whoever knows the region, then who has least"
    for way in (least, region):
        said = f"Your list names 4 incoming reps; you chose “{way}”, so they are not used."
        assert said in plan(several, way)
    one = "Account,Incoming\nAccount 001,Ines\n"
    assert f"Your list names 1 incoming rep; you chose “{least}”, so they are not used." in plan(one, least)
    assert "not used" not in plan(several, "As the list says")
    assert "not used" not in plan("Account,Outgoing\nAccount 001,Ines\n", least)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04" + b"\0" * 200, "compressed archive"),
        (b"who,what\nA,B\n", "no column for the account"),
        (b'account\n"Acme, and no end\n', "Line 2"),
    ],
)
def test_a_file_that_is_no_list_is_said_under_its_field(set_up, content, said):
    form = _fills(set_up)
    assert form.upload("Or a list (CSV)", "south.csv", content).ok
    assert said in str(form.submit().errors)
