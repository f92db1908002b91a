"""The account is not handed over before what the playbook wants to be known is said: each in its field, by anybody."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import text

from bot.domain.imports.report import ImportKind
from bot.domain.refusals import NotAllowed
from bot.usecases.accounts.dossier_details import Part
from bot.usecases.accounts.dossier_forms import ThingSent
from bot.usecases.accounts.dossier_things import ChangedMeanwhile
from bot.usecases.desk import Actor
from bot.usecases.handoffs.editing import Edit
from bot.usecases.imports.importing import Request
from tests.account_steps import thing_sent
from tests.crm_steps import crm
from tests.databases import from_json
from tests.town import Town

ACME = 1
NEEDED = "Not known yet, and necessary: A contact, What they need (@olaf)"


def _does_the_rest(town: Town, handoff: int = 1) -> None:
    """Every step of the stage is done and every question is answered."""
    found = town.bot.overview.handoff(town.actor("mia"), handoff)
    for item in found.items_of(found.stage):
        town.finishes("mia", item.id)
    for request in found.requests:
        if request.asked is not None:
            town.bot.feedback.nothing_to_report(Actor(town.actor("mia").team_id, request.asked.slack_id), request.id)
    town.settle()


@pytest.fixture
def acme(lite_town: Town) -> Town:
    """Mia's team hands Acme from Olaf to Ines; all is done, but nobody has said anything about the account."""

    def ready() -> None:
        lite_town.begun("Acme")
        _does_the_rest(lite_town)

    lite_town.once("all but facts", ready)
    return lite_town


def _drawn(town: Town, key: str = "card:1") -> int:
    """How often that message was marked for another delivery."""
    return town.rows("SELECT wanted FROM outbox WHERE key = :key", key=key)[0][0]


def test_the_card_names_what_is_unknown_and_each_button_opens_just_that_field(acme):
    card = acme.card(who="olaf")
    assert NEEDED in card.text
    assert "Missing:" not in card.text
    assert "Nice to know: Who decides, Mail or phone, Deals with dates, Source of the lead, Agreements" in card.text
    assert card.click("A contact").ok
    form = acme.olaf.modal
    assert form.title == "Contact"
    form.fill("Name", "Ada Lind")
    assert form.submit().ok
    acme.settle()
    assert "Not known yet, and necessary: What they need (@olaf)" in acme.card(who="olaf").text
    assert acme.card(who="olaf").click("What they need").ok
    acme.olaf.modal.fill("What do they need", "Filters that last a year")
    assert acme.olaf.modal.submit().ok
    acme.settle()
    assert "Nothing is missing: it is ready to move on." in acme.card().text
    assert acme.card(who="olaf").choose("Nice to know", "Who decides").ok
    assert acme.olaf.modal.title == "Contact"  # the only one there is, to be said who decides
    acme.olaf.modal.close()
    assert acme.card().click("Hand over").ok
    assert acme.mia.modal is None
    assert "Waits for @ines to accept it" in acme.card().text
    assert "Nice to know" not in acme.card().text


def test_the_gate_lists_facts_and_follows_what_is_said_on_top_of_it(acme):
    assert acme.card().click("Hand over").ok
    gate = acme.mia.modal
    assert "2 things are missing" in gate.text
    assert "A contact · @olaf" in gate.text
    assert "Nice to know, and nothing waits for it:" in gate.text
    for button, field, words in (("A contact", "Name", "Ada Lind"), ("What they need", "What do they need", "Pumps")):
        assert acme.mia.modal.click(button).ok
        acme.mia.modal.fill(field, words)
        assert acme.mia.modal.submit().ok
        assert acme.mia.modal.title == "Not yet"
        assert button not in acme.mia.modal.buttons
    assert "Nothing is missing any more" in acme.mia.modal.text
    assert "Who decides" in acme.mia.modal.buttons
    acme.mia.modal.close()
    assert acme.card().click("Hand over").ok
    assert "Waits for @ines to accept it" in acme.card().text


def test_a_manager_goes_on_without_and_it_stays_written_what_was_unknown(acme):
    acme.bot.dossier.things.save(acme.actor("olaf"), ACME, "contact", thing_sent(name="Ada Lind"))
    acme.settle()
    acme.card(who="olaf").click("Hand over")
    assert "A manager can go on all the same" in acme.olaf.modal.text
    with pytest.raises(NotAllowed):
        acme.bot.handoffs.override(acme.actor("olaf"), 1, "I know them", 0)
    acme.card().click("Hand over")
    acme.mia.modal.fill("Say why", "They are moving house")
    assert acme.mia.modal.submit().ok
    assert "left early by @mia: They are moving house" in acme.card().text
    assert any("Not known yet: What they need" in one.text for one in acme.mia.thread(acme.card()))
    (event,) = acme.rows("SELECT after FROM audit WHERE verb = 'gate.overridden'")
    assert from_json(event[0])["facts"] == ["needs"]
    assert acme.mia.types("/handoff history Acme", in_="#accounts").ok
    assert "They are moving house”; not known then: What they need" in acme.mia.ephemerals()[-1].text
    acme.ines.dms("baton")[-1].click("Return")  # whoever returns it brings the facts back with the gate
    assert "Not known yet, and necessary: What they need. Once you return it" in acme.ines.modal.text
    acme.ines.modal.fill("What is missing", "Their plant manager")
    assert acme.ines.modal.submit().ok
    assert "Not known yet, and necessary: What they need" in acme.card().text


def test_what_is_taken_away_again_holds_the_gate_again(acme):
    acme.knows()
    acme.settle()
    assert "ready to move on" in acme.card().text
    acme.bot.dossier.things.remove(acme.actor("ines"), ACME, "contact", 1)
    acme.settle()
    assert "Not known yet, and necessary: A contact" in acme.card().text
    assert acme.card().click("Hand over").ok
    assert "A contact · @olaf" in acme.mia.modal.text
    acme.bot.dossier.things.restore(acme.actor("ines"), ACME, "contact", 1)
    acme.settle()
    assert "ready to move on" in acme.card().text


def test_two_say_it_at_once_and_the_second_is_told(acme):
    version = acme.rows("SELECT version FROM accounts")[0][0]
    together = Barrier(2)

    def say(who: str) -> str:
        together.wait(10)
        sent = ThingSent({"needs": f"As {who} says"}, {}, {})
        try:
            acme.bot.dossier.details.save(acme.actor(who), ACME, Part.NEEDS, sent, version)
        except ChangedMeanwhile:
            return "told"
        return "kept"

    with ThreadPoolExecutor(2) as hands:
        assert sorted(hands.map(say, ("olaf", "ines"))) == ["kept", "told"]
    acme.settle()
    assert "Not known yet, and necessary: A contact (@olaf)" in acme.card().text


def test_home_shows_whoever_served_the_account_what_is_theirs_to_say(acme):
    acme.olaf.opens_home()
    acme.ines.opens_home()
    acme.settle()
    assert "Not known yet, and yours to say" in acme.olaf.home.text
    assert acme.olaf.home.buttons.count("Say it") == 2
    assert "You wait for" in acme.ines.home.text
    assert "A contact · @olaf" in acme.ines.home.text
    assert acme.ines.home.click("Say it", near="A contact").ok
    acme.ines.modal.fill("Name", "Ada Lind")
    assert acme.ines.modal.submit().ok
    acme.settle()
    assert "A contact" not in acme.ines.home.text
    assert acme.olaf.home.buttons.count("Say it") == 1


def test_only_the_gate_that_hands_over_asks_for_facts(acme):
    acme.knows()
    acme.settle()
    assert acme.card().click("Hand over").ok
    acme.bot.handoffs.accept(acme.actor("ines"), 1)
    acme.settle()
    before = _drawn(acme)
    acme.bot.dossier.things.remove(acme.actor("ines"), ACME, "contact", 1)
    acme.settle()
    assert "Not known yet" not in acme.card().text
    assert _drawn(acme) == before


def test_whoever_is_asked_to_accept_reads_what_is_known_now(acme):
    acme.knows()
    acme.settle()
    assert acme.card().click("Hand over").ok
    acme.settle()
    mia = acme.actor("mia")
    [asked] = acme.rows("SELECT key FROM outbox WHERE kind = 'acceptance'")

    def shown() -> str:
        found = [one for one in acme.ines.dms("baton") if "Read the brief, then accept or return it" in one.text]
        assert len(found) == 1
        return found[0].text

    assert "Cy Dahl" not in shown()
    number = acme.bot.dossier.things.save(acme.actor("olaf"), ACME, "contact", thing_sent(name="Cy Dahl"))
    acme.settle()
    assert "Cy Dahl" in shown()
    acme.bot.dossier.things.remove(acme.actor("olaf"), ACME, "contact", number)
    acme.settle()
    assert "Cy Dahl" not in shown()
    brought = b"Account,Name\nAcme,Bo Berg\n"
    acme.bot.imports.importing.apply(mia, Request(ImportKind.CONTACTS, "people.csv", brought))
    acme.settle()
    assert "Bo Berg" in shown()
    acme.bot.editing(mia, 1, Edit({"benefit": "Half the way to each visit"}))
    acme.settle()
    assert "Half the way to each visit" in shown()
    # once it is accepted, the message tells nothing that could change
    acme.bot.handoffs.accept(acme.actor("ines"), 1)
    acme.settle()
    before = _drawn(acme, asked.key)
    acme.bot.dossier.things.save(acme.actor("ines"), ACME, "contact", thing_sent(name="Cy Dahl"))
    assert _drawn(acme, asked.key) == before


def test_a_playbook_of_before_facts_asks_for_none(acme):
    with acme.bot.db.write() as session:
        (body,) = session.scalars(text("SELECT body FROM playbooks")).all()
        older = {key: value for key, value in from_json(body)["rules"].items() if key != "dossier"}
        said = json.dumps({**from_json(body), "rules": older})
        session.execute(text("UPDATE playbooks SET body = :body, version = 'older'"), {"body": said})
    acme.bot.dossier.details.save(acme.actor("olaf"), ACME, Part.LINKS, ThingSent({"org_chart": "Ask Ada"}, {}, {}))
    acme.settle()
    assert "ready to move on" in acme.card().text
    assert acme.card().click("Hand over").ok
    assert "Waits for @ines" in acme.card().text


def test_a_test_run_holds_by_the_same_rule_and_writes_nothing_from_there(lite_town):
    town = lite_town
    town.set_up()
    town.bot.start(town.actor("mia"), replace(town.form("Acme"), test_run=True))
    _does_the_rest(town)
    assert NEEDED in town.card().text
    assert "A contact" not in town.card().buttons
    assert town.card().click("Hand over").ok
    assert "This is a test run, so nothing about the account is written from here." in town.mia.modal.text
    assert "A contact" not in town.mia.modal.buttons
    town.mia.modal.fill("Say why", "Only played")
    assert town.mia.modal.submit().ok
    assert "Waits for @ines" in town.card().text


def test_a_file_and_a_delivery_of_the_crm_tell_the_card_once_each(acme):
    before = _drawn(acme)
    brought = b"Account,Name,Title\nAcme,Ada Lind,Buyer\nAcme,Bo Berg,Engineer\nAcme,Cy Dahl,Plant manager\n"
    acme.bot.imports.importing.apply(acme.actor("mia"), Request(ImportKind.CONTACTS, "people.csv", brought))
    acme.settle()
    assert "Not known yet, and necessary: What they need (@olaf)" in acme.card().text
    assert _drawn(acme) == before + 1
    people = [
        {"id": f"003{name}", "account_id": "001A", "name": name, "mail": f"{name}@acme.example"} for name in "DEF"
    ]
    sent = [{"type": "contact.upsert", "contact": one} for one in people]
    assert crm(acme, {"type": "account.upsert", "account": {"id": "001A", "name": "Acme"}}, *sent).changed == 4
    assert "Mail or phone" not in acme.card().text.split("Nice to know")[1]
    assert _drawn(acme) <= before + 3  # its own facts, and that it is linked
