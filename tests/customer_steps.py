"""What the stories of the customer's side have in common: steps with a form, links, stages passed."""

from __future__ import annotations

from datetime import UTC, datetime
from http.client import HTTPResponse
from urllib.parse import urlsplit
from urllib.request import urlopen

WARN, INTRO = "Warn the customer", "Meet the customer together"
BERLIN_10 = datetime(2026, 12, 9, 9, tzinfo=UTC)


def opens(town, who, near, label="Done"):
    """Press Done on a step and look at its form."""
    person = town.sandbox.person(who)
    assert town.checklist(who).click(label, near=near).ok
    assert person.modal is not None
    return person.modal


def links_of(shown):
    """The addresses of the buttons, by their words."""
    rows = [block for block in shown.blocks if block["type"] == "actions"]
    return {e["text"]["text"]: e["url"] for row in rows for e in row["elements"] if e.get("url")}


def fetch(town, url) -> HTTPResponse:
    """Open a link of the bot's as a phone would."""
    base = town.request_url.removesuffix("/slack/events")
    assert url.startswith("https://baton.example/files/")
    return urlopen(base + urlsplit(url).path, timeout=10)


def on_to(town, stage):
    """Pass gates until the handoff is in that stage."""
    while f"Stage {stage} of" not in town.card().text:
        go = next(one for one in town.card().buttons if one in ("Hand over", "Finish") or one.startswith("Next: "))
        town.card().click(go)
        if town.mia.modal is not None:
            town.mia.modal.fill("Say why", "Hurry")
            assert town.mia.modal.submit().ok
        asked = [m for m in town.ines.dms("baton") if "Accept" in m.buttons]
        if asked:
            asked[-1].click("Accept")


def plan(form, at, how="Video call", **fields):
    form.choose("When?", at)
    form.choose("How?", how)
    for label, words in fields.items():
        form.fill(label, words)
    return form.submit()


def warned(town):
    opens(town, "olaf", WARN)
    town.says_the_customer_knows("olaf")
    on_to(town, 2)
