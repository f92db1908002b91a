"""What is known of an account: who reads which part of it, who changes it, and what nobody changes here."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.domain.refusals import NoSuchThing, NotAllowed
from bot.errors import FieldErrors
from bot.store import schema as t
from bot.usecases.accounts.dossier_details import Part
from bot.usecases.accounts.dossier_things import KeptInCrm
from bot.usecases.deals.deals import DealForm
from tests.account_steps import opens_account, saves, thing_sent


def test_who_makes_trouble_is_known_to_a_few_and_to_nobody_else(begun):
    saves(begun, "olaf", "contact", thing_sent(name="Bo Ek", role="trouble_maker"))
    for who, told in (("olaf", True), ("ines", True), ("mia", True), ("ida", False), ("carl", False)):
        assert ("trouble" in opens_account(begun, who).text) is told, who
        assert "Bo Ek" in begun.sandbox.person(who).modal.text
    for who, told in (("ines", True), ("ida", False)):
        lines = begun.bot.history(begun.actor(who), "acme").lines
        said = [str(field.after.what) for line in lines for field in line.fields.values()]
        assert ("trouble_maker" in said) is told, who
        assert any(line.verb == "contact.added" for line in lines)


def test_whoever_may_not_know_who_makes_trouble_neither_says_it_nor_takes_it_away(begun):
    number = saves(begun, "olaf", "contact", thing_sent(name="Bo Ek", role="trouble_maker"))
    with begun.bot.db.write() as session:
        ida = session.execute(t.people.select().where(t.people.c.slack_id == begun.ida.id)).one().id
        session.execute(update(t.handoffs).values(inside_id=ida))
    form = begun.bot.dossier.things.form(begun.actor("ida"), 1, "contact", number)
    assert form.role == ""
    assert "trouble_maker" not in form.roles
    saves(begun, "ida", "contact", thing_sent(name="Bo Ek", phone="123"), number, 0)
    assert begun.rows("SELECT role, phone FROM contacts") == [("trouble_maker", "123")]
    other = saves(begun, "ida", "contact", thing_sent(name="Cy Dahl", role="trouble_maker"))
    assert begun.rows("SELECT role FROM contacts WHERE id = :id", id=other) == [("",)]


def test_others_read_and_are_told_who_can_change(begun):
    text = opens_account(begun, "carl").text
    assert "The owner, whoever covers" in text
    assert "Add" not in begun.carl.modal.buttons
    assert "No deal is under way" not in text
    with pytest.raises(NotAllowed):
        saves(begun, "carl", "order", thing_sent(what="Filters"))
    with pytest.raises(NotAllowed):
        begun.bot.dossier.details.attest(begun.actor("ines"), 1)
    with pytest.raises(NotAllowed):
        begun.bot.dossier.deals.form(begun.actor("carl"), 1)


def test_what_the_crm_is_the_record_of_is_read_only_here(begun):
    number = saves(begun, "olaf", "contact", thing_sent(name="Ada Lind", mail="ada@acme.example"))
    today = begun.clock.now().date()
    typed = DealForm("Packing line", "12500", "EUR", today + timedelta(days=9), "Offer")
    begun.bot.dossier.deals.save(begun.actor("olaf"), 1, typed)
    with begun.bot.db.write() as session:
        session.execute(
            update(t.accounts).values(crm="salesforce", crm_at=begun.clock.now(), crm_link="https://crm.x/1")
        )
        session.execute(update(t.contacts).values(crm_id="C-1"))
        session.execute(update(t.deals).values(crm_id="D-1"))
    assert "is the record of this account" in opens_account(begun).text
    begun.ines.modal.click("Open", near="Contacts")
    begun.ines.modal.menu("Change", near="Ada Lind")
    form = begun.ines.modal
    assert "come from the CRM" in form.text
    assert form.labels == ["Role in decisions", "Note"]
    form.choose("Role in decisions", "Influencer")
    assert form.submit().ok
    saves(begun, "ines", "contact", thing_sent(name="Somebody Else", mail="x@y.example", role="user"), number, 1)
    assert begun.rows("SELECT name, mail, role FROM contacts") == [("Ada Lind", "ada@acme.example", "user")]
    with pytest.raises(KeptInCrm):
        begun.bot.dossier.things.remove(begun.actor("ines"), 1, "contact", number, 2)
    other = DealForm("Another", "1", "USD", None, "Won", source="Fair")
    begun.bot.dossier.deals.save(begun.actor("ines"), 1, other, 1, 0)
    assert begun.rows("SELECT name, amount_minor, stage, source FROM deals") == [
        ("Packing line", 1250000, "Offer", "Fair")
    ]
    begun.bot.dossier.details.save(
        begun.actor("ines"), 1, Part.LINKS, thing_sent(crm_link="https://evil.x", org_chart="Ada > Bo")
    )
    assert begun.rows("SELECT crm_link, org_chart FROM accounts") == [("https://crm.x/1", "Ada > Bo")]


def test_of_a_quiet_account_nobody_else_knows(lite_town):
    town = lite_town.begun("Acme")
    with town.bot.db.write() as session:
        session.execute(update(t.handoffs).values(quiet=True))
        session.execute(update(t.accounts).values(quiet=True))
    assert "Acme" in opens_account(town, "ines").text
    town.olaf.types("/handoff account acme", in_="#accounts")
    assert town.olaf.sees("I do not know an account like")
    for work in (
        lambda: town.bot.dossier.views.view(town.actor("olaf"), 1),
        lambda: town.bot.dossier.things.form(town.actor("olaf"), 1, "contact"),
        lambda: saves(town, "olaf", "order", thing_sent(what="Filters")),
        lambda: town.bot.dossier.details.attest(town.actor("olaf"), 1),
    ):
        with pytest.raises(NoSuchThing):
            work()


def test_whom_the_handoff_names_at_the_customer_overwrites_neither_another_contact_nor_the_crms(begun):
    customers, mia = begun.bot.customers, begun.actor("mia")
    saves(begun, "olaf", "contact", thing_sent(name="Ada Lind", mail="ada@acme.example", role="decision_maker"))
    saves(begun, "olaf", "contact", thing_sent(name="Bo Ek"))
    customers.edit_contact(mia, 1, "bo ek", "bo@acme.example", ["Ada Lind", "ada@acme.example"])
    people = "SELECT name, mail, version FROM contacts ORDER BY id"
    assert begun.rows(people) == [("Ada Lind", "ada@acme.example", 0), ("bo ek", "bo@acme.example", 1)]
    with begun.bot.db.write() as session:
        session.execute(update(t.accounts).values(crm="salesforce"))
        session.execute(update(t.contacts).where(t.contacts.c.name == "Ada Lind").values(crm_id="C-1"))
    for name, mail in (("Ada Lind", "other@acme.example"), ("", "")):
        with pytest.raises(FieldErrors):
            customers.edit_contact(mia, 1, name, mail, ["Ada Lind", "ada@acme.example"])
    customers.edit_contact(mia, 1, "Cy Dahl", "", ["Ada Lind", "ada@acme.example"])
    assert [row[0] for row in begun.rows(people)] == ["Ada Lind", "bo ek", "Cy Dahl"]
