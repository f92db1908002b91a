"""Credit, warranty, marketing and inside sales are asked, answer with one tap, and can say more or pass it on."""

import pytest

from bot.domain.refusals import NotAllowed
from bot.usecases.desk import Actor
from tests.databases import mostly_sqlite


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


def _asked(person):
    """The question a person was asked last."""
    return person.dms("baton")[-1]


def _thread(town):
    return "\n".join(m.text for m in town.mia.thread(town.card()))


def test_one_tap_lands_in_the_thread_and_on_the_card(town):
    town.set_up()
    town.handoff("Acme")
    question = _asked(town.carl)
    assert "How do they pay?" in question.text
    assert "answer by Wed 25 Nov" in question.text
    assert question.buttons == ["On time", "Late", "Disputes", "Nothing to report", "Add a note", "Ask someone else"]
    assert question.click("Late").ok
    assert "answered by @carl" in question.text
    assert "How do they pay? Late" in _thread(town)
    assert "1 of 4 answers in" in town.card().text


def test_corrected_the_new_answer_stands(started):
    _asked(started.carl).click("Late")
    assert _asked(started.carl).click("Correct").ok
    form = started.carl.modal
    assert form.value("How do they pay?") == "Late"
    form.choose("How do they pay?", "On time")
    assert form.submit().ok
    assert "How do they pay? On time" in _thread(started)
    assert "How do they pay? Late" not in _thread(started)


def test_a_confidential_answer_is_for_the_manager_and_the_two_reps(started):
    _asked(started.carl).click("Add a note")
    form = started.carl.modal
    assert "Confidential" in form.text
    form.choose("How do they pay?", "On time")
    form.fill("credit limit", "250,000 and half of it used")
    form.fill("Note", "Ask for *Frau Weiß* <!channel>")
    assert form.submit().ok
    assert "250,000" not in _thread(started)
    assert "1 confidential answer, for the manager and the two reps" in _thread(started)
    assert "<!channel>" in _thread(started)
    for name, sees in (("mia", True), ("olaf", True), ("ines", True), ("ida", False)):
        person = started.sandbox.person(name)
        started.card(who=name).click("Brief")
        assert ("250,000" in person.modal.text) is sees, name
        person.modal.close()


def test_nothing_to_report_is_an_answer_too(started):
    assert _asked(started.wanda).click("Nothing to report").ok
    assert "Nothing to report." in _asked(started.wanda).text
    assert "Warranty, from @wanda" in _thread(started)
    assert "1 of 4 answers in" in started.card().text


def test_a_form_with_nothing_in_it_asks_for_a_few_words(started):
    _asked(started.carl).click("Add a note")
    assert "Write a few words" in started.carl.modal.submit().errors["Note"]


def test_asked_of_somebody_else(started):
    first = _asked(started.carl)
    first.click("Ask someone else")
    form = started.carl.modal
    form.choose("Who knows it?", "@carl")
    assert "Choose somebody else" in form.submit().errors["Who knows it?"]
    form.choose("Who knows it?", "@ida")
    assert form.submit().ok
    assert "@ida has the Credit question now" in first.text
    assert first.buttons == []
    assert "@carl passed the Credit question on to @ida" in _thread(started)
    second = next(m for m in started.ida.dms("baton") if "How do they pay?" in m.text)
    assert second.click("On time").ok
    assert "Credit, from @ida" in _thread(started)


def test_somebody_else_s_question_cannot_be_answered(started):
    request = started.rows("SELECT id FROM feedback_requests WHERE function = 'credit'")[0].id
    with pytest.raises(NotAllowed):
        started.bot.feedback.answer(Actor("T0SANDBOX01", started.otto.id), request, "payment", "late")


@mostly_sqlite
def test_while_nobody_answers_for_a_function_the_manager_names_somebody(town):
    town.handoff("Acme")
    question = next(m for m in town.mia.dms("baton") if "nobody answers for Credit yet" in m.text)
    question.click("Ask someone else")
    form = town.mia.modal
    form.choose("Who knows it?", "@carl")
    assert form.submit().ok
    assert "How do they pay?" in _asked(town.carl).text


@mostly_sqlite
def test_a_user_group_answers_once_for_all(town):
    town.mia.types("/handoff setup", in_="#accounts")
    form = town.mia.modal
    assert form.options("Warranty: or a user group", typed="field") == ["@field-sales"]
    form.choose("Warranty: or a user group", "@field-sales")
    assert form.submit().ok
    town.handoff("Acme")
    asked = [_warranty(person) for person in (town.olaf, town.cora)]
    assert asked[0].click(asked[0].buttons[0]).ok
    assert all("answered by @olaf" in message.text for message in asked)
    town.mia.types("/handoff setup", in_="#accounts")
    assert town.mia.modal.value("Warranty: or a user group") == "@field-sales"


def _mentions(town):
    return [m for m in town.mia.thread(town.card()) if "@field-sales" in m.text and "answer" in m.text]


@mostly_sqlite
def test_a_user_group_that_owes_an_answer_is_named_and_mentioned_in_the_thread(town):
    town.mia.types("/handoff setup", in_="#accounts")
    town.mia.modal.choose("Warranty: or a user group", "@field-sales")
    assert town.mia.modal.submit().ok
    town.handoff("Acme")
    town.card().click("Hand over")
    assert "Warranty’s answer · @field-sales" in town.mia.modal.text
    town.mia.modal.close()
    assert not _mentions(town)
    town.passes(days=3)
    (due,) = _mentions(town)
    assert "@field-sales, warranty’s answer about Acme is due" in due.text
    asked = _warranty(town.cora)
    assert asked.click(asked.buttons[0]).ok
    town.passes(days=10)
    assert len(_mentions(town)) == 1


def _warranty(person):
    return next(m for m in person.dms("baton") if "Warranty" in m.text)


def test_nobody_else_sees_an_answer_by_opening_the_form(started):
    _asked(started.carl).click("Late")
    [credit] = started.rows("SELECT id FROM feedback_requests WHERE function = 'credit'")
    with pytest.raises(NotAllowed):
        started.bot.feedback.request(Actor("T0SANDBOX01", started.otto.id), credit.id)
