"""What counts as known: read from the whole dossier and with one statement, in quiet handoffs, from the gate itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from bot.domain.accounts import Account
from bot.domain.dossier import Entry, EntryKind, Fact
from bot.domain.facts import evidence_of
from bot.store import dossiers, loading
from bot.store.evidence import evidence_in
from bot.usecases.accounts.dossier_details import Part
from bot.usecases.accounts.dossier_forms import ThingSent
from bot.usecases.deals.deals import DealForm
from tests.account_steps import thing_sent
from tests.databases import from_json
from tests.town import Town

ACME = 1


def _wants(town: Town, *facts: str) -> None:
    """The playbook of the handoffs there are says that these facts are necessary."""
    with town.bot.db.write() as session:
        body = from_json(session.scalars(text("SELECT body FROM playbooks")).one())
        rule = body["rules"]["dossier"]
        rule |= {"necessary": facts, "nice": [one for one in rule["nice"] if one not in facts]}
        said = {"body": json.dumps(body), "version": f"wants {facts}"}
        session.execute(text("UPDATE playbooks SET body = :body, version = :version"), said)


def test_of_a_quiet_handoff_what_was_said_in_it_counts_and_nobody_else_learns_of_it(lite_town):
    town = lite_town
    town.set_up()
    town.bot.start(town.actor("mia"), replace(town.form("Acme"), quiet=True))
    _wants(town, "notes")
    now = town.clock.now()
    with town.bot.db.write() as session:
        there = loading.handoff(session, 1, 1)
        said = Entry(1, there.account_id, EntryKind.NOTE, now.date(), "They rebuild", now)
        said.handoff_id = there.id
        session.add(said)
    found = town.bot.handoffs.gate(town.actor("mia"), 1)
    assert "notes" not in [one.title for one in found.missing]
    with town.bot.db.write() as session:  # as if it had been said in another one that is quiet
        session.execute(text("UPDATE entries SET handoff_id = NULL, removed_at = created_at"))
    assert "notes" in [one.title for one in town.bot.handoffs.gate(town.actor("mia"), 1).missing]
    assert town.rows("SELECT key FROM outbox WHERE key = 'card:1'") == []


def test_facts_are_read_alike_with_one_statement_and_from_the_whole_dossier(lite_town):
    """Every fact by itself, said and taken back, read in both ways."""
    town = lite_town.begun("Acme")
    olaf, dossier = town.actor("olaf"), town.bot.dossier
    today = town.clock.now().date()

    def same() -> None:
        with town.bot.db.read() as session:
            account: Account = loading.account(session, 1, ACME)
            whole = evidence_of(dossiers.dossier_of(session, account))
            assert evidence_in(session, [1]) == {1: whole}
            seen.add(whole)

    seen: set[object] = set()
    same()
    dossier.things.save(olaf, ACME, "contact", thing_sent(name="Ada"))
    same()
    dossier.things.save(olaf, ACME, "contact", thing_sent(role="decision_maker", name="Bo", phone="+49 30 1"))
    same()
    for part, texts, days in (
        (Part.NEEDS, {"needs": "Pumps"}, {}),
        (Part.LINKS, {"crm_link": "https://crm.example/1", "org_chart": "Ask Ada"}, {}),
        (Part.NEXT_ORDER, {"order_every_days": ""}, {"next_order_on": today + timedelta(days=9)}),
        (Part.ACCESS, {}, {}),
    ):
        dossier.details.save(olaf, ACME, part, ThingSent(texts, days, {}))
        same()
    for fact in (Fact.DEALS, Fact.AGREEMENTS, Fact.KEY_DATES, Fact.REGULAR_ORDERS):
        dossier.things.deny(olaf, ACME, fact)
    same()
    dossier.deals.save(olaf, ACME, DealForm("Pumps", "100", "EUR", None, "", None, ""))
    same()
    full = DealForm("Pumps", "100", "EUR", today + timedelta(days=30), "Offer", None, "Fair")
    dossier.deals.save(olaf, ACME, full, 1)
    same()
    dossier.things.save(olaf, ACME, "agreement", thing_sent(title="Frame"))
    dossier.things.save(olaf, ACME, "order", thing_sent(what="Filters"))
    dossier.things.save(olaf, ACME, "key_date", ThingSent({"title": "Fair"}, {"day": today}, {}))
    same()
    town.bot.capture.notes.note_of(olaf, ACME, "They rebuild their plant", {})
    same()
    town.bot.dossier.things.remove(olaf, ACME, "contact", 2)
    same()
    assert len(seen) == 13


def test_a_note_that_is_wanted_is_written_from_the_gate(lite_town):
    town = lite_town.begun("Acme")
    _wants(town, "notes")
    town.card(who="olaf").click("Hand over")
    assert town.olaf.modal.click("A recent note").ok
    town.olaf.modal.fill("What was said?", "They rebuild their plant")
    assert town.olaf.modal.submit().ok
    town.olaf.modal.close()
    assert town.olaf.modal.title == "Not yet"
    assert "A recent note" not in town.olaf.modal.buttons
