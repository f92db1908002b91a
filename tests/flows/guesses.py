"""What the use cases behind buttons tell somebody who guesses the numbers that stand in them."""

from __future__ import annotations

from itertools import product

from bot.errors import BotError
from bot.usecases.accounts.dossier_details import Part

GUESSES = {
    "handoffs": [
        ("history", lambda bot, by, n: bot.history.of_handoff(by, n)),
        ("brief", lambda bot, by, n: bot.briefs.look(by, n)),
        ("keeping the brief", lambda bot, by, n: bot.briefs.keep(by, n)),
        ("handoff", lambda bot, by, n: bot.overview.handoff(by, n)),
        ("edit", lambda bot, by, n: bot.editing.look(by, n)),
        ("adopt", lambda bot, by, n: bot.adopting.look(by, n)),
        ("another rep", lambda bot, by, n: bot.rematch.form(by, n)),
        ("deals", lambda bot, by, n: bot.deal_desk.deals.view(by, n)),
        ("work log", lambda bot, by, n: bot.deal_desk.log.draft(by, n)),
    ],
    "accounts": [
        ("account", lambda bot, by, n: bot.dossier.views.view(by, n)),
        ("contact", lambda bot, by, n: bot.dossier.things.form(by, n, "contact")),
        ("needs", lambda bot, by, n: bot.dossier.details.form(by, n, Part.NEEDS)),
        ("its deals", lambda bot, by, n: bot.dossier.deals.form(by, n)),
        ("brief", lambda bot, by, n: bot.briefs.of_account(by, n)),
        ("history", lambda bot, by, n: bot.history.older(by, n)),
        ("special relationship", lambda bot, by, n: bot.specials.form(by, n)),
        ("cover", lambda bot, by, n: bot.coverage.views.form(by, n)),
        ("offer to cover", lambda bot, by, n: bot.coverage.changes.claim(by, n)),
    ],
    "checklist_items": [
        ("step", lambda bot, by, n: bot.checklist.item(by, n)),
        ("warning", lambda bot, by, n: bot.customers.warning_form(by, n)),
        ("meeting", lambda bot, by, n: bot.meetings.form(by, n)),
        ("special relationship", lambda bot, by, n: bot.specials.form_of_item(by, n)),
        ("special over", lambda bot, by, n: bot.specials.over_form(by, n)),
        ("support", lambda bot, by, n: bot.support.plan_form(by, n)),
        ("end of support", lambda bot, by, n: bot.support.end_form(by, n)),
    ],
    "nudges": [
        ("why", lambda bot, by, n: bot.explain(by, n)),
        ("give away", lambda bot, by, n: bot.passing.form(by, n)),
    ],
    "watched": [("watched", lambda bot, by, n: bot.watching.entry(by, n))],
    "bench": [("bench", lambda bot, by, n: bot.coverage.bench.entry(by, n))],
}
"""What a button's number leads to, by the table that it counts."""


def guessed(town, who):
    """What the use cases behind buttons tell somebody who guesses numbers: of each handoff the first."""
    said = []
    for table, asks in GUESSES.items():
        each = "handoff_id" if table in ("checklist_items", "nudges") else "id"
        numbers = [row[0] for row in town.rows(f"SELECT min(id) FROM {table} GROUP BY {each}")]
        for (name, ask), number in product(asks, numbers):
            try:
                said.append(f"{table}, {name}: {_names(ask(town.bot, town.actor(who), number))}")
            except BotError as refusal:
                said.append(f"{table}, {name}: {refusal} {refusal.values}")
    return "\n".join(said)


def _names(found):
    """Of what handoff or account it speaks."""
    named = [found, *(getattr(found, name, None) for name in ("handoff", "account", "card"))]
    account = [getattr(one, "account", None) or one for one in named]
    return " ".join(str(getattr(one, "name", "")) for one in account if one is not None)
