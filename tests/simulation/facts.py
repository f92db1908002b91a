"""What the playbook wants to be known of an account: people write it down, or take it away; the gate waits for it."""

from __future__ import annotations

import sqlite3
from random import Random
from typing import TYPE_CHECKING

from bot.domain.dossier import Fact
from bot.usecases.accounts.dossier_forms import ThingSent
from tests.simulation.books import Books
from tests.simulation.violation import Violation

if TYPE_CHECKING:
    from tests.simulation.acts import Acts

LEARNED, LOST, DENIED = 0.8, 0.05, 0.4
"""At a visit, so often does somebody learn what is missing; so often does the contact leave; so many have no dates."""
HOLDING = ("not_asked", "returned")
"""While acceptance stands so, the gate that hands over is still ahead."""


def missing(books: Books, account_id: int) -> list[str]:
    """Which of the facts that `recipe/playbooks/short.yaml` wants are not known."""
    account = books.rows("SELECT none_of FROM accounts WHERE id = ?", account_id)[0]
    contacts = books.rows("SELECT 1 FROM contacts WHERE account_id = ? AND removed_at IS NULL LIMIT 1", account_id)
    dates = books.rows("SELECT 1 FROM key_dates WHERE account_id = ? AND removed_at IS NULL LIMIT 1", account_id)
    known = {"contact": bool(contacts), "key_dates": bool(dates) or "key_dates" in (account["none_of"] or "")}
    return [fact for fact, there in known.items() if not there]


def visit(acts: Acts, handoff: sqlite3.Row, rng: Random) -> None:
    """Somebody learns something about the account, or somebody there is gone."""
    by, account, things = acts.actor(handoff["manager_id"]), handoff["account_id"], acts.bot.things
    unknown = missing(acts.books, account)
    roll = rng.random()
    if unknown and roll < LEARNED:
        if rng.choice(unknown) == "contact":
            sent = ThingSent({"name": "Their buyer"}, {}, {})
            acts.attempt("contact", things.save, by, account, "contact", sent)
        elif rng.random() < DENIED:
            acts.attempt("no dates", things.deny, by, account, Fact.KEY_DATES)
        else:
            sent = ThingSent({"title": "Their anniversary", "ahead_days": "3"}, {"day": acts.clock.now().date()}, {})
            acts.attempt("key_date", things.save, by, account, "key_date", sent)
    elif "contact" not in unknown and roll < LOST:
        contacts = "SELECT id FROM contacts WHERE account_id = ? AND removed_at IS NULL ORDER BY id LIMIT 1"
        (contact,) = acts.books.rows(contacts, account)
        acts.attempt("contact left", things.remove, by, account, "contact", contact["id"])


def pass_gate(acts: Acts, handoff: sqlite3.Row) -> bool:
    """The manager tries the gate: it does not hand over an account of which something necessary is not known."""
    number, unknown = handoff["id"], missing(acts.books, handoff["account_id"])
    done = acts.attempt("gate", acts.bot.handoffs.gate, acts.actor(handoff["manager_id"]), number)
    asks = acts.books.handoff(number)["acceptance"] == "asked"
    if asks and unknown:
        raise Violation(f"the gate of handoff {number} passed, and nothing is known of {' and '.join(unknown)}")
    acts.done["gate waits for facts"] += bool(unknown) and not asks
    return done


def on_card(books: Books, handoff: sqlite3.Row) -> list[str]:
    """What the card has to say of it."""
    ahead = handoff["state"] == "open" and handoff["stage_position"] == 0 and handoff["acceptance"] in HOLDING
    return ["Not known yet, and necessary"] if ahead and missing(books, handoff["account_id"]) else []
