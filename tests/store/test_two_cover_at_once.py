"""Two people offer to cover, two managers confirm, at the same moment: one is first, the others are told."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.errors import BotError
from bot.usecases.coverage.cover_refusals import ConfirmedAlready, OfferedAlready, YouConfirmed
from bot.usecases.coverage.coverage import Coverages
from bot.usecases.workspace.setup import SetupView


@pytest.fixture
def covers(office):
    """An account with nobody named from the last day on; Mia and Ida are managers."""
    office.set_up()
    office.started(incoming=None)
    view = office.setup.view(office.who("mia"))
    office.setup.save(office.who("mia"), SetupView(view.stakeholders, ("UMIA", "UIDA"), None))
    return Coverages(office.desk, office.handoffs, office.checklist)


def _attempt(act, *arguments):
    try:
        act(*arguments)
    except BotError as refusal:
        return refusal
    return None


def _line(office):
    return [tuple(row) for row in office.rows("SELECT kind, confirmed FROM coverage ORDER BY from_on")]


def test_six_people_offer_and_five_hear_who_was_first(office, covers):
    ((account_id,),) = office.rows("SELECT id FROM accounts")
    names = ["cora", "carl", "wanda", "marek", "otto", "ines"]
    with ThreadPoolExecutor(6) as people:
        said = list(people.map(lambda name: _attempt(covers.claim, office.who(name), account_id), names))
    refused = [one for one in said if one is not None]
    assert [type(one) for one in refused] == [OfferedAlready] * 5
    first = names[said.index(None)].upper()
    assert {one.values["person"] for one in refused} == {f"U{first}"}
    assert [(kind, bool(confirmed)) for kind, confirmed in _line(office)] == [
        ("owner", True), ("cover", False), ("vacant", True),
    ]  # fmt: skip


def test_two_managers_confirm_and_the_second_is_told(office, covers):
    ((account_id,),) = office.rows("SELECT id FROM accounts")
    covers.claim(office.who("cora"), account_id)
    ((cora,),) = office.rows("SELECT id FROM people WHERE slack_id = 'UCORA'")
    managers = ["mia", "ida"] * 3
    with ThreadPoolExecutor(6) as people:
        said = list(people.map(lambda name: _attempt(covers.confirm, office.who(name), account_id, cora), managers))
    refused = [one for one in said if one is not None]
    assert len(refused) == 5
    assert {type(one) for one in refused} == {ConfirmedAlready, YouConfirmed}
    assert len(office.rows("SELECT id FROM audit WHERE verb = 'coverage.confirmed'")) == 1
    assert office.rows("SELECT id FROM handoffs WHERE cover_id = :cora", cora=cora)
