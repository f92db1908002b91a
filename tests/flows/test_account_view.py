"""The view of an account: seen, added to, changed by two at once, taken away and brought back; who may, who may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.domain.deals import DealClosed
from bot.domain.dossier import Fact
from bot.domain.refusals import NoSuchThing, NotAllowed
from bot.errors import FieldErrors
from bot.store import schema as t
from bot.usecases.accounts.dossier_details import Part
from bot.usecases.accounts.dossier_forms import ThingSent
from bot.usecases.accounts.dossier_things import ChangedMeanwhile, KeptInCrm, ThereAreSome
from bot.usecases.accounts.view import Where
from bot.usecases.deals.deals import DealForm
from bot.usecases.deals.settling import CloseForm
from bot.usecases.handoffs.editing import Edit
from tests.town import Town


@pytest.fixture
def acme(lite_town: Town) -> Town:
    """Mia's team hands Acme from Olaf to Ines."""
    return lite_town.begun("Acme")


def _view(town: Town, who: str = "ines", account: str = "acme"):
    person = town.sandbox.person(who)
    assert person.types(f"/handoff account {account}", in_="#accounts").ok
    assert person.modal is not None
    return person.modal


def _sent(days: dict | None = None, role: str | None = None, ticked: frozenset[str] = frozenset(), **texts: str):
    return ThingSent(texts, days or {}, {"role": role}, ticked)


def _saves(town: Town, who: str, noun: str, sent: ThingSent, *which: int) -> int:
    return town.bot.dossier.things.save(town.actor(who), 1, noun, sent, *which)


def test_what_is_missing_opens_just_its_form_and_the_view_shows_what_was_said(acme):
    view = _view(acme)
    assert "0 % known" in view.text
    assert "Necessary, and missing:" in view.text
    assert view.click("A contact").ok
    form = acme.ines.modal
    assert form.title == "Contact"
    form.fill("Name", "Ada Lind")
    form.choose("Role in decisions", "Decision maker")
    form.fill("Mail", "not an address")
    assert "mail address" in form.submit().errors["Mail"]
    form.fill("Mail", "ada@acme.example")
    assert form.submit().ok
    assert acme.ines.modal.title == "Account"
    assert "Ada Lind · decides" in acme.ines.modal.text
    assert "A contact" not in acme.ines.modal.buttons
    assert "Who decides" not in acme.ines.modal.buttons
    assert "0 % known" not in acme.ines.modal.text


def test_every_missing_fact_has_a_form_of_its_own(acme):
    for fact in Fact:
        where = acme.bot.dossier.views.where(acme.actor("ines"), 1, fact)
        assert where.noun in {"contact", "deal", "agreement", "key_date", "order", "note", *Part}, fact


def test_a_list_adds_changes_removes_and_brings_back_and_the_view_below_follows(acme):
    order = _saves(acme, "olaf", "order", _sent(what="Filters", quantity="40 boxes a month"))
    view = _view(acme)
    assert "Filters · 40 boxes a month" in view.text
    assert view.click("Open", near="Regular orders").ok
    listed = acme.ines.modal
    assert listed.menu("Change", near="Filters").ok
    form = acme.ines.modal
    form.fill("What do they order?", "Filter cartridges")
    assert form.submit().ok
    assert "Filter cartridges" in acme.ines.modal.text
    assert acme.ines.modal.menu("Remove", near="Filter cartridges").ok
    assert "“Filter cartridges” is removed." in acme.ines.modal.text
    assert acme.rows("SELECT removed_at FROM regular_orders WHERE id = :id", id=order)[0][0] is not None
    assert acme.ines.modal.click("Undo").ok
    assert "is removed" not in acme.ines.modal.text
    assert acme.ines.modal.close().ok
    assert "Filter cartridges" in acme.ines.modal.text
    verbs = [row[0] for row in acme.rows("SELECT verb FROM audit WHERE verb LIKE 'order.%' ORDER BY id")]
    assert verbs == ["order.added", "order.changed", "order.removed", "order.restored"]


def test_of_two_who_change_the_same_thing_the_second_is_told(acme):
    number = _saves(acme, "olaf", "agreement", _sent(title="Frame contract"))
    view = _view(acme)
    view.click("Open", near="Agreements")
    acme.ines.modal.menu("Change", near="Frame contract")
    form = acme.ines.modal
    _saves(acme, "olaf", "agreement", _sent(title="Frame contract 2027"), number, 0)
    form.fill("What was agreed?", "Something else")
    assert "has changed meanwhile" in form.submit().errors["What was agreed?"]
    assert acme.rows("SELECT title FROM agreements") == [("Frame contract 2027",)]
    with pytest.raises(ChangedMeanwhile):
        acme.bot.dossier.things.remove(acme.actor("ines"), 1, "agreement", number, 0)
    acme.bot.dossier.details.save(acme.actor("ines"), 1, Part.NEEDS, _sent(needs="Quiet machines"), 0)
    with pytest.raises(ChangedMeanwhile):
        acme.bot.dossier.details.save(acme.actor("olaf"), 1, Part.NEEDS, _sent(needs="Loud ones"), 0)


def test_who_makes_trouble_is_known_to_a_few_and_to_nobody_else(acme):
    _saves(acme, "olaf", "contact", _sent(name="Bo Ek", role="trouble_maker"))
    for who, told in (("olaf", True), ("ines", True), ("mia", True), ("ida", False), ("carl", False)):
        assert ("trouble" in _view(acme, who).text) is told, who
        assert "Bo Ek" in acme.sandbox.person(who).modal.text
    for who, told in (("ines", True), ("ida", False)):
        lines = acme.bot.history(acme.actor(who), "acme").lines
        said = [str(field.after.what) for line in lines for field in line.fields.values()]
        assert ("trouble_maker" in said) is told, who
        assert any(line.verb == "contact.added" for line in lines)


def test_whoever_may_not_know_who_makes_trouble_neither_says_it_nor_takes_it_away(acme):
    number = _saves(acme, "olaf", "contact", _sent(name="Bo Ek", role="trouble_maker"))
    with acme.bot.db.write() as session:
        ida = session.execute(t.people.select().where(t.people.c.slack_id == acme.ida.id)).one().id
        session.execute(update(t.handoffs).values(inside_id=ida))
    form = acme.bot.dossier.things.form(acme.actor("ida"), 1, "contact", number)
    assert form.role == ""
    assert "trouble_maker" not in form.roles
    _saves(acme, "ida", "contact", _sent(name="Bo Ek", phone="123"), number, 0)
    assert acme.rows("SELECT role, phone FROM contacts") == [("trouble_maker", "123")]
    other = _saves(acme, "ida", "contact", _sent(name="Cy Dahl", role="trouble_maker"))
    assert acme.rows("SELECT role FROM contacts WHERE id = :id", id=other) == [("",)]


def test_of_two_contacts_one_who_makes_trouble_looks_to_others_like_the_one_of_whom_nothing_is_known(acme):
    """Bo makes trouble, of Cy nothing is said: whoever may not know reads and may do the same with both."""
    bo = _saves(acme, "olaf", "contact", _sent(name="Bo Ek", role="trouble_maker", note="Shouts"))
    cy = _saves(acme, "olaf", "contact", _sent(name="Cy Dahl"))
    acme.bot.editing(acme.actor("mia"), 1, Edit({"inside": acme.ida.id}))

    def role_and_note(number: int) -> tuple:
        return tuple(acme.rows("SELECT role, note FROM contacts WHERE id = :id", id=number)[0])

    seen = []
    for called, number in (("Bo Ek", bo), ("Cy Dahl", cy)):
        before, told = role_and_note(number), []
        # a form of before, in which a role could be chosen, and one of now
        _saves(acme, "ida", "contact", _sent(name=called, role="decision_maker", note="Decides"), number, 0)
        _view(acme, "ida").click("Open", near="Contacts")
        acme.ida.modal.menu("Change", near=called)
        form = acme.ida.modal
        told += [form.text, form.labels]
        form.fill("Phone", "123")
        form.fill("Name", f"{called} jr.")
        assert form.submit().ok
        told += [one for one in acme.ida.modal.text.splitlines() if called in one]
        assert acme.ida.modal.menu("Remove", near=called).ok
        told += [one for one in acme.ida.modal.text.splitlines() if called in one]
        assert "confidential" in acme.ida.modal.text
        assert role_and_note(number) == before
        assert acme.rows("SELECT name, phone, removed_at FROM contacts WHERE id = :id", id=number) == [
            (f"{called} jr.", "123", None)
        ]
        lines = acme.bot.history(acme.actor("ida"), "acme").lines
        mine = [one for one in lines if one.verb.startswith("contact.") and one.by and one.by.slack_id == acme.ida.id]
        told.append([(one.verb, str(one.fields)) for one in mine[:2]])
        told.append(acme.bot.dossier.views.where(acme.actor("ida"), 1, Fact.DECISION_MAKER).number)
        seen.append(str(told).replace(called, "Somebody"))
        acme.ida.modal.close()
        acme.ida.modal.close()
    assert seen[0] == seen[1]
    assert "Role in decisions" not in seen[0]
    # whoever may know changes both as before, and of what is said openly everybody who may change the account
    _saves(acme, "olaf", "contact", _sent(name="Cy Dahl", role="user"), cy, 2)
    _saves(acme, "ida", "contact", _sent(name="Cy Dahl", role="influencer", note="Likes tea"), cy, 3)
    assert role_and_note(cy) == ("influencer", "Likes tea")
    _saves(acme, "olaf", "contact", _sent(name="Bo Ek", role="user"), bo, 2)
    assert role_and_note(bo) == ("user", "")


def test_whoever_had_the_form_open_while_somebody_said_who_makes_trouble_is_told_of_a_change_and_takes_nothing_away(
    acme,
):
    number = _saves(acme, "olaf", "contact", _sent(name="Bo Ek", role="user"))
    acme.bot.editing(acme.actor("mia"), 1, Edit({"inside": acme.ida.id}))
    _view(acme, "ida").click("Open", near="Contacts")
    acme.ida.modal.menu("Change", near="Bo Ek")
    form = acme.ida.modal
    _saves(acme, "olaf", "contact", _sent(name="Bo Ek", role="trouble_maker"), number, 0)
    form.fill("Phone", "123")
    assert "has changed meanwhile" in form.submit().errors["Name"]
    assert acme.rows("SELECT role, phone FROM contacts") == [("trouble_maker", "")]


def test_where_the_only_contact_is_not_theirs_to_describe_who_decides_is_somebody_new(acme):
    number = _saves(acme, "olaf", "contact", _sent(name="Bo Ek", role="trouble_maker"))
    acme.bot.editing(acme.actor("mia"), 1, Edit({"inside": acme.ida.id}))
    where = acme.bot.dossier.views.where
    assert where(acme.actor("ida"), 1, Fact.DECISION_MAKER) == Where("contact", None, "decision_maker")
    assert where(acme.actor("olaf"), 1, Fact.DECISION_MAKER).number == number


def test_others_read_and_are_told_who_can_change(acme):
    text = _view(acme, "carl").text
    assert "The owner, whoever covers" in text
    assert "Add" not in acme.carl.modal.buttons
    assert "No deal is under way" not in text
    with pytest.raises(NotAllowed):
        _saves(acme, "carl", "order", _sent(what="Filters"))
    with pytest.raises(NotAllowed):
        acme.bot.dossier.details.attest(acme.actor("ines"), 1)
    with pytest.raises(NotAllowed):
        acme.bot.dossier.deals.form(acme.actor("carl"), 1)


def test_the_manager_attests_and_it_is_fresh_until_the_days_have_passed(acme):
    assert "nobody has confirmed it yet" in _view(acme, "mia").text
    assert acme.mia.modal.click("All this is right").ok
    assert "100 % fresh" in acme.mia.modal.text
    assert "said on" in acme.mia.modal.text
    acme.clock.jump_to(acme.clock.now() + timedelta(days=200))
    assert "stale" in _view(acme, "mia").text


def test_a_deal_is_added_in_the_view_with_the_source_of_its_lead(acme):
    view = _view(acme)
    assert view.click("Add", near="Deals").ok
    form = acme.ines.modal
    for label, words in (("Deal", "Packing line"), ("Amount", "12500"), ("Currency", "EUR"), ("Stage", "Offer")):
        form.fill(label, words)
    form.fill("Where did the lead come from?", "Trade fair")
    assert form.submit().ok
    assert "Packing line · €12,500.00 · Offer" in acme.ines.modal.text
    assert "Source of the lead" not in acme.ines.modal.buttons
    assert acme.ines.modal.click("Deals with dates").ok
    assert acme.ines.modal.value("Deal") == "Packing line"


@pytest.mark.parametrize(("ended", "kept"), [("Won", ("won", 1_200_050)), ("Lost", ("lost", None))])
def test_a_deal_of_an_account_without_a_handoff_is_closed_in_the_view(acme, ended, kept):
    acme.bot.handoffs.cancel(acme.actor("mia"), 1, "Not now")
    today = acme.clock.now().date()
    acme.bot.dossier.deals.save(acme.actor("olaf"), 1, DealForm("Packing line", "12500", "EUR", today, "Offer"))
    assert _view(acme, "olaf").click("Open", near="Deals").ok
    assert acme.olaf.modal.menu("Close the deal", near="Packing line").ok
    form = acme.olaf.modal
    assert "commission" not in form.text
    form.choose("How did it end?", ended)
    form.fill("Amount in EUR", "a lot" if ended == "Won" else "")
    form.choose("Closed on", (today + timedelta(days=2)).isoformat())
    assert form.submit().errors["Closed on"] == "That day has not come yet. Choose today or earlier."
    form.fill("Amount in EUR", "12000.50")
    form.choose("Closed on", (today - timedelta(days=400)).isoformat())
    outcome = form.submit()
    assert (outcome.ok, outcome.errors) == (True, {})
    assert "No deal is under way" in acme.olaf.modal.text
    [row] = acme.rows("SELECT state, closed_minor, closed_on FROM deals")
    assert ((row.state, row.closed_minor), str(row.closed_on)) == (kept, (today - timedelta(days=400)).isoformat())
    [told] = acme.rows("SELECT verb FROM audit WHERE verb LIKE 'deal.closed'")
    assert told.verb == "deal.closed"
    with pytest.raises(DealClosed):
        acme.bot.dossier.deals.close(acme.actor("olaf"), 1, 1, CloseForm(True, "1", today), 1)
    with pytest.raises(NotAllowed):
        acme.bot.dossier.deals.close(acme.actor("carl"), 1, 1, CloseForm(True, "1", today), 1)


def test_there_is_none_is_known_too_until_there_is_one(acme):
    view = _view(acme)
    assert view.click("Add", near="Agreements").ok
    acme.ines.modal.choose("Is there any?", ["No, there is none"])
    assert acme.ines.modal.submit().ok
    assert "There is none, somebody said." in acme.ines.modal.text
    assert "Agreements" not in acme.ines.modal.buttons
    _saves(acme, "ines", "agreement", _sent(title="Frame contract"))
    assert acme.rows("SELECT none_of FROM accounts") in ([(None,)], [("null",)])
    with pytest.raises(ThereAreSome):
        acme.bot.dossier.things.deny(acme.actor("ines"), 1, Fact.AGREEMENTS)


def test_what_the_crm_is_the_record_of_is_read_only_here(acme):
    number = _saves(acme, "olaf", "contact", _sent(name="Ada Lind", mail="ada@acme.example"))
    today = acme.clock.now().date()
    typed = DealForm("Packing line", "12500", "EUR", today + timedelta(days=9), "Offer")
    acme.bot.dossier.deals.save(acme.actor("olaf"), 1, typed)
    with acme.bot.db.write() as session:
        session.execute(
            update(t.accounts).values(crm="salesforce", crm_at=acme.clock.now(), crm_link="https://crm.x/1")
        )
        session.execute(update(t.contacts).values(crm_id="C-1"))
        session.execute(update(t.deals).values(crm_id="D-1"))
    assert "is the record of this account" in _view(acme).text
    acme.ines.modal.click("Open", near="Contacts")
    acme.ines.modal.menu("Change", near="Ada Lind")
    form = acme.ines.modal
    assert "come from the CRM" in form.text
    assert form.labels == ["Role in decisions", "Note"]
    form.choose("Role in decisions", "Influencer")
    assert form.submit().ok
    _saves(acme, "ines", "contact", _sent(name="Somebody Else", mail="x@y.example", role="user"), number, 1)
    assert acme.rows("SELECT name, mail, role FROM contacts") == [("Ada Lind", "ada@acme.example", "user")]
    with pytest.raises(KeptInCrm):
        acme.bot.dossier.things.remove(acme.actor("ines"), 1, "contact", number, 2)
    other = DealForm("Another", "1", "USD", None, "Won", source="Fair")
    acme.bot.dossier.deals.save(acme.actor("ines"), 1, other, 1, 0)
    assert acme.rows("SELECT name, amount_minor, stage, source FROM deals") == [
        ("Packing line", 1250000, "Offer", "Fair")
    ]
    acme.bot.dossier.details.save(
        acme.actor("ines"), 1, Part.LINKS, _sent(crm_link="https://evil.x", org_chart="Ada > Bo")
    )
    assert acme.rows("SELECT crm_link, org_chart FROM accounts") == [("https://crm.x/1", "Ada > Bo")]


def test_the_accounts_own_fields_are_changed_and_what_cannot_be_is_said_under_its_field(acme):
    details, ines = acme.bot.dossier.details, acme.actor("ines")
    yesterday = acme.clock.now().date() - timedelta(days=1)
    wrong = [
        (Part.LINKS, _sent(crm_link="javascript:alert(1)"), "crm_link"),
        (Part.NEXT_ORDER, _sent({"next_order_on": yesterday}), "next_order_on"),
        (Part.NEXT_ORDER, _sent(order_every_days="0"), "order_every_days"),
        (Part.PLACE, ThingSent({}, {}, {"tier": "key", "sales_channel": "direct"}), "tier"),
    ]
    for part, sent, field in wrong:
        with pytest.raises(FieldErrors) as refused:
            details.save(ines, 1, part, sent)
        assert field in refused.value.errors
    assert _view(acme).click("Change", near="Next order").ok
    form = acme.ines.modal
    form.choose("When do they order next?", (yesterday + timedelta(days=30)).isoformat())
    form.fill("Days between two orders", "30")
    assert form.submit().ok
    assert "every 30 days" in acme.ines.modal.text
    details.save(ines, 1, Part.ACCESS, _sent(ticked=frozenset({"ordering_site", "nonsense"})))
    assert "Ordering site" in _view(acme).text


def test_dates_that_cannot_be_are_refused(acme):
    day = acme.clock.now().date()
    for noun, sent, field in (
        ("agreement", _sent({"starts_on": day, "expires_on": day - timedelta(days=1)}, title="Frame"), "starts_on"),
        ("key_date", _sent(title="Fair"), "day"),
        ("key_date", _sent({"day": day}, title="Fair", ahead_days="91"), "ahead_days"),
        ("order", _sent(what="\u200b"), "what"),
        ("contact", _sent(name="x" * 121), "name"),
    ):
        with pytest.raises(FieldErrors) as refused:
            _saves(acme, "ines", noun, sent)
        assert field in refused.value.errors, noun


def test_of_a_quiet_account_nobody_else_knows(lite_town):
    town = lite_town.begun("Acme")
    with town.bot.db.write() as session:
        session.execute(update(t.handoffs).values(quiet=True))
        session.execute(update(t.accounts).values(quiet=True))
    assert "Acme" in _view(town, "ines").text
    town.olaf.types("/handoff account acme", in_="#accounts")
    assert town.olaf.sees("I do not know an account like")
    for work in (
        lambda: town.bot.dossier.views.view(town.actor("olaf"), 1),
        lambda: town.bot.dossier.things.form(town.actor("olaf"), 1, "contact"),
        lambda: _saves(town, "olaf", "order", _sent(what="Filters")),
        lambda: town.bot.dossier.details.attest(town.actor("olaf"), 1),
    ):
        with pytest.raises(NoSuchThing):
            work()


def test_the_handoff_leads_to_the_view(acme):
    acme.ines.types("/handoff show acme", in_="#accounts")
    assert acme.ines.ephemerals("#accounts")[-1].click("Account").ok
    assert acme.ines.modal.title == "Account"


def test_from_a_list_in_a_window_the_form_takes_its_place_because_slack_pushes_no_fourth(acme):
    """Who covers what, the view, a list: three windows. What is refused there stands where one looks."""
    number = _saves(acme, "olaf", "order", _sent(what="Filters"))
    olaf = acme.olaf
    olaf.opens_home().click("Who covers what")
    assert olaf.modal.click("Account", near="Acme").ok
    assert olaf.modal.click("Open", near="Regular orders").ok
    listed = olaf.modal
    _saves(acme, "ines", "order", _sent(what="Filters, small"), number, 0)
    assert listed.menu("Remove", near="Filters").ok
    assert "has changed meanwhile" in olaf.modal.text
    assert "Filters, small" in olaf.modal.text
    assert olaf.modal.menu("Change", near="Filters, small").ok
    form = olaf.modal
    form.fill("What do they order?", "Filters, large")
    _saves(acme, "ines", "order", _sent(what="Filters, tiny"), number, 1)
    assert "has changed meanwhile" in form.submit().errors["What do they order?"]
    assert form.close().ok
    assert olaf.modal.title == "Account"


def test_a_note_is_written_from_what_is_missing_and_stands_among_the_latest(acme):
    view = _view(acme)
    assert view.click("A recent note").ok
    acme.ines.modal.fill("What was said?", "They want a quote by Friday")
    assert acme.ines.modal.submit().ok
    assert acme.ines.modal.close(whole_stack=True).ok
    assert "They want a quote by Friday" in _view(acme).text
    assert "A recent note" not in acme.ines.modal.buttons


def test_whom_the_handoff_names_at_the_customer_overwrites_neither_another_contact_nor_the_crms(acme):
    customers, mia = acme.bot.customers, acme.actor("mia")
    _saves(acme, "olaf", "contact", _sent(name="Ada Lind", mail="ada@acme.example", role="decision_maker"))
    _saves(acme, "olaf", "contact", _sent(name="Bo Ek"))
    customers.edit_contact(mia, 1, "bo ek", "bo@acme.example", ["Ada Lind", "ada@acme.example"])
    people = "SELECT name, mail, version FROM contacts ORDER BY id"
    assert acme.rows(people) == [("Ada Lind", "ada@acme.example", 0), ("bo ek", "bo@acme.example", 1)]
    with acme.bot.db.write() as session:
        session.execute(update(t.accounts).values(crm="salesforce"))
        session.execute(update(t.contacts).where(t.contacts.c.name == "Ada Lind").values(crm_id="C-1"))
    for name, mail in (("Ada Lind", "other@acme.example"), ("", "")):
        with pytest.raises(FieldErrors):
            customers.edit_contact(mia, 1, name, mail, ["Ada Lind", "ada@acme.example"])
    customers.edit_contact(mia, 1, "Cy Dahl", "", ["Ada Lind", "ada@acme.example"])
    assert [row[0] for row in acme.rows(people)] == ["Ada Lind", "bo ek", "Cy Dahl"]
