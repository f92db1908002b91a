"""What a handoff decides: its gate, acceptance and return, its phase. Pure values, no database."""

from datetime import UTC, date, datetime

import pytest

from bot.domain.accounts import Account
from bot.domain.checklist import ChecklistItem, ItemState
from bot.domain.dossier import Fact
from bot.domain.feedback import FeedbackRequest, RequestState
from bot.domain.gate import missing as keeps_shut
from bot.domain.gate import wants_facts
from bot.domain.handoff import Acceptance, Handoff, HandoffState, Passed, StageRun
from bot.domain.people import Person
from bot.domain.refusals import (
    AlreadyAccepted,
    AlreadyAsked,
    AlreadyDone,
    AlreadySkipped,
    HandoffClosed,
    NameTheIncoming,
    NoGaps,
    NothingToAccept,
    NotSkippedNorDone,
    RefuseDate,
    StageMoved,
    Unreachable,
)
from bot.domain.vocabulary import Phase, Reason, Role, SalesChannel, Tier

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = NOW.date()


def person(number: int, name: str) -> Person:
    made = Person(workspace_id=1, slack_id=f"U{name.upper()}", name=name)
    made.id = number
    return made


MIA, OLAF, INES, CARL = person(1, "mia"), person(2, "olaf"), person(3, "ines"), person(4, "carl")


def stage(number: int, title: str, hands_over: bool = False) -> StageRun:
    made = StageRun(1, number, title.lower(), title, hands_over=hands_over)
    made.id = number + 10
    return made


def item(handoff: Handoff, number: int, title: str, stage_id: int = 10, **values: object) -> ChecklistItem:
    made = ChecklistItem(1, 1, stage_id, number, title, **{"owner_role": Role.OUTGOING, "due_on": TODAY, **values})
    made.id = number
    handoff.items.append(made)
    return made


@pytest.fixture
def handoff() -> Handoff:
    made = Handoff(
        workspace_id=1,
        account_id=1,
        playbook_id=1,
        reason=Reason.RETIREMENT,
        sales_channel=SalesChannel.DIRECT,
        tier=Tier.KEY,
        benefit="Nearer",
        channel_id="C1",
        start_on=TODAY,
        started_at=NOW,
        started_by_id=1,
        outgoing_id=2,
        incoming_id=3,
        manager_id=1,
        outgoing=OLAF,
        incoming=INES,
        manager=MIA,
        last_day=date(2026, 12, 18),
        stages=[stage(0, "Prepare", hands_over=True), stage(1, "Introduce"), stage(2, "Support")],
    )
    made.id = 1
    made.account = Account(1, "Acme")
    return made


def test_the_gate_names_each_missing_thing_and_who_owns_it(handoff):
    item(handoff, 1, "Warn the customer")
    item(handoff, 2, "Note birthdays", necessary=False)
    item(handoff, 3, "Meet the customer", stage_id=11)
    handoff.requests.append(FeedbackRequest(1, 1, "credit", {}, asked_id=4, asked=CARL))
    assert [(one.kind, one.title, one.owner) for one in keeps_shut(handoff, ())] == [
        ("item", "Warn the customer", OLAF),
        ("answer", "credit", CARL),
    ]


def test_a_question_nobody_answers_for_is_the_managers(handoff):
    handoff.requests.append(FeedbackRequest(1, 1, "credit", {}))
    assert [one.owner for one in keeps_shut(handoff, ())] == [MIA]


def test_without_an_incoming_rep_the_first_gate_stays_shut_whatever_the_reason(handoff):
    handoff.incoming_id, handoff.incoming = None, None
    assert [one.kind for one in keeps_shut(handoff, ())] == ["role"]
    with pytest.raises(NameTheIncoming):
        handoff.pass_gate(NOW, MIA, override="now!")


def test_the_incoming_rep_is_asked_once_and_accepts_once(handoff):
    assert handoff.pass_gate(NOW, MIA) is Passed.ASKED_TO_ACCEPT
    with pytest.raises(AlreadyAsked):
        handoff.pass_gate(NOW, MIA)
    assert handoff.accept(NOW, TODAY, INES) is Passed.NEXT_STAGE
    assert (handoff.stage.title, handoff.transfer_on) == ("Introduce", TODAY)
    with pytest.raises(AlreadyAccepted):
        handoff.accept(NOW, TODAY, INES)


def test_accepting_what_was_never_asked_is_refused(handoff):
    with pytest.raises(NothingToAccept):
        handoff.accept(NOW, TODAY, INES)


def test_a_return_names_gaps_which_reopen(handoff):
    done = item(handoff, 1, "Send the org chart", necessary=False)
    done.complete(OLAF, NOW)
    handoff.pass_gate(NOW, MIA)
    handoff.send_back([done], [])
    assert (done.state, done.necessary) == (ItemState.OPEN, True)
    assert handoff.acceptance is Acceptance.NOT_ASKED
    assert [one.title for one in keeps_shut(handoff, ())] == ["Send the org chart"]


def test_a_return_without_a_gap_is_refused(handoff):
    handoff.pass_gate(NOW, MIA)
    with pytest.raises(NoGaps):
        handoff.send_back([], [])


def test_the_last_gate_completes_and_nothing_moves_after_that(handoff):
    handoff.pass_gate(NOW, MIA)
    handoff.accept(NOW, TODAY, INES)
    assert handoff.pass_gate(NOW, MIA) is Passed.NEXT_STAGE
    assert handoff.pass_gate(NOW, MIA) is Passed.COMPLETED
    assert handoff.state is HandoffState.COMPLETED
    with pytest.raises(HandoffClosed):
        handoff.pass_gate(NOW, MIA)


def test_a_click_on_an_old_card_does_not_skip_a_stage(handoff):
    handoff.pass_gate(NOW, MIA, expected_stage=0)
    handoff.accept(NOW, TODAY, INES)
    with pytest.raises(StageMoved):
        handoff.pass_gate(NOW, MIA, expected_stage=0)


def test_an_override_keeps_its_reason_until_the_handoff_comes_back(handoff):
    item(handoff, 1, "Warn the customer")
    handoff.pass_gate(NOW, MIA, override="they know")
    assert handoff.stages[0].override_reason == "they know"
    handoff.send_back([handoff.items[0]], [])
    assert handoff.stages[0].override_reason == ""


def test_cancelling_withdraws_open_questions_and_keeps_answers(handoff):
    waiting = FeedbackRequest(1, 1, "credit", {})
    answered = FeedbackRequest(1, 1, "warranty", {}, state=RequestState.ANSWERED)
    handoff.requests += [waiting, answered]
    handoff.cancel(NOW, "sold")
    assert (waiting.state, answered.state) == (RequestState.WITHDRAWN, RequestState.ANSWERED)


@pytest.mark.parametrize(
    ("last_day", "incoming", "accepted", "phase"),
    [
        (date(2026, 12, 18), True, False, Phase.WITHDRAWAL),
        (TODAY, True, False, Phase.WITHDRAWAL),
        (date(2026, 11, 20), False, False, Phase.WITHOUT),
        (date(2026, 11, 20), True, False, Phase.WITHIN_REACH),
        (date(2026, 12, 18), True, True, Phase.WITHIN_REACH),
        (None, False, False, Phase.WITHDRAWAL),
    ],
)
def test_the_phase_follows_from_dates_roles_and_acceptance(handoff, last_day, incoming, accepted, phase):
    handoff.last_day = last_day
    handoff.incoming = INES if incoming else None
    handoff.acceptance = Acceptance.ACCEPTED if accepted else Acceptance.NOT_ASKED
    assert handoff.phase(TODAY) is phase


def test_an_item_belongs_to_the_assigned_then_to_its_role_then_to_the_manager(handoff):
    mine = item(handoff, 1, "Warn the customer")
    assert handoff.owner_of(mine) is OLAF
    mine.owner, mine.owner_id = CARL, CARL.id
    assert handoff.owner_of(mine) is CARL
    mine.owner = person(5, "gone")
    mine.owner.deactivated = True
    handoff.outgoing = None
    assert handoff.owner_of(mine) is MIA


def test_done_twice_names_who_was_first(handoff):
    one = item(handoff, 1, "Read the purchase history")
    one.complete(OLAF, NOW)
    one.closed_by = OLAF
    with pytest.raises(AlreadyDone, match="UOLAF"):
        one.complete(INES, NOW)


def test_what_was_skipped_is_reopened_before_it_is_done(handoff):
    one = item(handoff, 1, "Read the purchase history")
    one.skip(OLAF, NOW, "no history")
    with pytest.raises(AlreadySkipped):
        one.complete(INES, NOW)
    one.reopen()
    assert (one.skip_reason, one.closed_by_id) == ("", None)
    with pytest.raises(NotSkippedNorDone):
        one.reopen()


def test_items_go_to_people_who_are_there_and_days_that_come(handoff):
    one = item(handoff, 1, "Read the purchase history")
    gone = person(9, "gone")
    gone.deactivated = True
    with pytest.raises(Unreachable):
        one.assign(gone)
    with pytest.raises(RefuseDate):
        one.reschedule(date(2026, 11, 22), TODAY)
    version = one.version
    one.reschedule(TODAY, TODAY)
    assert one.version == version + 1


def test_what_is_unknown_holds_the_gate_that_hands_over_and_whoever_served_the_account_is_to_say_it(handoff):
    held = [(one.kind, one.title, one.ref, one.owner) for one in keeps_shut(handoff, (Fact.CONTACT, Fact.NEEDS))]
    assert held == [("fact", "contact", 1, OLAF), ("fact", "needs", 1, OLAF)]
    handoff.outgoing, handoff.outgoing_id = None, None
    assert [one.owner for one in keeps_shut(handoff, (Fact.NEEDS,))] == [MIA]


def test_no_other_gate_waits_for_facts_nor_does_an_acceptance(handoff):
    assert wants_facts(handoff, hands_over=True)
    assert not wants_facts(handoff, hands_over=False)
    handoff.pass_gate(NOW, MIA, override="now!")
    assert [one.kind for one in keeps_shut(handoff, tuple(Fact))] == ["acceptance"]
    assert not wants_facts(handoff, hands_over=True)
    handoff.send_back([], ["Who decides?"])
    assert [one.kind for one in keeps_shut(handoff, (Fact.NEEDS,))] == ["fact"]
    handoff.pass_gate(NOW, MIA, override="now!")
    handoff.accept(NOW, TODAY, INES)
    assert keeps_shut(handoff, tuple(Fact)) == []


def test_nothing_is_wanted_of_a_handoff_that_is_closed(handoff):
    handoff.cancel(NOW, "They stay with Olaf")
    assert not wants_facts(handoff, hands_over=True)
