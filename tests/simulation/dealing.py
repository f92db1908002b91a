"""What people do about deals in flight: enter, share, sign, record work, close, correct; one thing at a visit."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from bot.domain.commission import Decision
from bot.domain.rules import PayMode
from bot.usecases.deals.commission import TermsForm
from bot.usecases.deals.deals import DealForm
from bot.usecases.deals.settling import CloseForm

if TYPE_CHECKING:
    from tests.simulation.acts import Acts

CURRENCIES = (("EUR", 2), ("JPY", 0), ("KWD", 3))


def visit(acts: Acts, handoff: sqlite3.Row, rng: Random) -> None:
    """Somebody does something about the deals of a handoff's account, if it has any."""
    if handoff["id"] % 10 >= acts.deals * 10:
        return
    found = acts.books.deals(handoff["account_id"])
    if not found:
        _enter(acts, handoff, rng)
        return
    deal = found[0]
    if deal["state"] != "open":
        _afterwards(acts, handoff, deal, rng)
    elif handoff["quiet"] and rng.random() < 0.9:
        return  # both would have to sign, and one of them is not to know
    elif deal["agreed"] is None:
        _share(acts, handoff, deal, rng)
    elif deal["outgoing_signed_at"] is None or deal["incoming_signed_at"] is None:
        _sign(acts, handoff, deal, rng)
    else:
        _work(acts, handoff, deal, rng)


def _enter(acts: Acts, handoff: sqlite3.Row, rng: Random) -> None:
    currency, _ = rng.choice(CURRENCIES)
    closes = acts.clock.now().date() + timedelta(days=rng.randint(1, 40))
    form = DealForm("Packing line", str(rng.randint(1, 10**6)), currency, closes)
    acts.attempt("deal", acts.bot.deals.save, acts.actor(handoff["manager_id"]), handoff["id"], form)


def _share(acts: Acts, handoff: sqlite3.Row, deal: sqlite3.Row, rng: Random) -> None:
    part = rng.randint(0, 10_000)
    days = rng.choice((None, None, rng.randint(0, 30)))
    until = acts.clock.now().date() + timedelta(days=days) if days is not None else None
    mode = rng.choice((PayMode.SHARED, PayMode.SHARED, PayMode.DOUBLE))
    percent = [f"{bp / 100:.2f}" for bp in (rng.randint(1, 3000), part, 10_000 - part)]
    form = TermsForm(mode, *percent, until)
    manager = acts.actor(handoff["manager_id"])
    acts.attempt("terms", acts.bot.terms.propose, manager, handoff["id"], deal["id"], form, deal["terms"])


def _sign(acts: Acts, handoff: sqlite3.Row, deal: sqlite3.Row, rng: Random) -> None:
    roll = rng.random()
    if roll < 0.05:
        _share(acts, handoff, deal, rng)
    elif roll < 0.2:
        _close(acts, handoff, deal, rng)
    else:
        for who in ("outgoing_id", "incoming_id"):
            version = deal["terms"] - (rng.random() < 0.05)
            by = acts.actor(handoff["manager_id"] if rng.random() < 0.05 else deal[who])
            acts.attempt("sign", acts.bot.terms.sign, by, deal["agreed"], version)


def _work(acts: Acts, handoff: sqlite3.Row, deal: sqlite3.Row, rng: Random) -> None:
    roll = rng.random()
    if roll < 0.5:
        who, day = acts.actor(rng.choice((deal["outgoing_id"], deal["incoming_id"]))), acts.clock.now().date()
        acts.attempt("work", acts.bot.log.write, who, handoff["id"], [deal["id"]], day, "Met them.")
    elif roll < 0.55:
        _share(acts, handoff, deal, rng)
    else:
        _close(acts, handoff, deal, rng)


def _close(acts: Acts, handoff: sqlite3.Row, deal: sqlite3.Row, rng: Random) -> None:
    places = dict(CURRENCIES)[deal["currency"]]
    minor = rng.randint(0, 10**8)
    amount = f"{minor // 10**places}.{minor % 10**places:0{places}}" if places else str(minor)
    on = acts.clock.now().date() - timedelta(days=rng.choice((0, 0, 1, 4)))
    form = CloseForm(won=rng.random() < 0.85, amount=amount, on=on)
    who = acts.actor(rng.choice((handoff["manager_id"], handoff["outgoing_id"], handoff["incoming_id"])))
    acts.attempt("close", acts.bot.settling.close, who, handoff["id"], deal["id"], form, deal["version"])


def _afterwards(acts: Acts, handoff: sqlite3.Row, deal: sqlite3.Row, rng: Random) -> None:
    manager, roll = acts.actor(handoff["manager_id"]), rng.random()
    if deal["held_minor"] and roll < 0.5:
        decision = rng.choice(list(Decision))
        acts.attempt("decide", acts.bot.settling.decide, manager, handoff["id"], deal["id"], decision, "They met them.")
    elif roll < 0.15:
        acts.attempt("reopen deal", acts.bot.settling.reopen, manager, handoff["id"], deal["id"])
    elif roll < 0.25:
        _close(acts, handoff, deal, rng)
