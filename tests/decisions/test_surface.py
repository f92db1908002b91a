"""Every template and every button: within Slack's limits for any text, and with somebody who listens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import App

from bot.app import build
from bot.clock import SystemClock
from bot.domain.refusals import AlreadyDone, AlreadyOpen, NotAllowed
from bot.settings import Settings
from bot.slack.checking import problems
from bot.slack.rendered import TemplateFault
from bot.slack.text import length
from bot.slack.wording import choices, offered, plainly_worded, worded
from handlers import routes_of
from handlers.routes import Kind, Routes
from tests.decisions import samples as s
from tests.decisions.shown import RENDERER
from tests.decisions.surface_cases import MAKERS, PARTS, TEXTS


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__.strip("_"))
@pytest.mark.parametrize("name", TEXTS)
def test_whatever_people_type_slack_takes_it_and_nobody_is_rung(name, maker):
    for case in maker(TEXTS[name]):
        try:
            shown = case.shown()
        except TemplateFault as fault:
            pytest.fail(f"{case.template}: {fault}")
        assert problems(shown, case.surface) == [], case.template
        for text in _marked_up(shown):
            assert not re.search(r"<!(channel|here|everyone)|<https://evil", text), case.template


def _marked_up(shown: Any) -> Iterator[str]:
    """Every text in which Slack looks for mentions and links."""
    if isinstance(shown, dict):
        if shown.get("type") == "mrkdwn" or ("blocks" in shown and "text" in shown):
            yield shown["text"]
        for part in shown.values():
            yield from _marked_up(part)
    elif isinstance(shown, list):
        for part in shown:
            yield from _marked_up(part)


def test_every_template_is_shown_here():
    shown = {case.template for maker in MAKERS for case in maker("")}
    assert shown == set(RENDERER.names()) - PARTS


def _elements(shown: Any, listening: bool = False) -> Iterator[dict[str, Any]]:
    """Every element that sends something when it is used."""
    if isinstance(shown, list):
        for part in shown:
            yield from _elements(part)
    elif isinstance(shown, dict):
        quiet = shown.get("type") == "input" and not shown.get("dispatch_action")
        if "action_id" in shown:
            yield shown
        for name, part in shown.items():
            if not (quiet and name == "element"):
                yield from _elements(part)


def _fields(shown: Any) -> Iterator[dict[str, Any]]:
    for block in shown["blocks"]:
        if block["type"] == "input":
            yield block["element"]


@pytest.fixture(scope="module")
def routes():
    settings = Settings(
        bot_token="xoxb-1", signing_secret="s", api_url="http://127.0.0.1:9/api/", database_url="sqlite://"
    )
    bot = build(settings, SystemClock())
    return routes_of(App(token="xoxb-1", signing_secret="s", token_verification_enabled=False), bot)


def _listener(routes: Routes, kind: Kind, name: str) -> str:
    """The name of the function that would answer."""
    found = routes.found(kind, name)
    return found.__name__ if found is not None else ""


UNHEARD = ("", "stale", "no_options")


def test_every_button_menu_and_form_has_a_listener_of_its_own(routes):
    for case in (case for maker in MAKERS for case in maker("")):
        shown = case.shown()
        for element in _elements(shown["blocks"]):
            heard = _listener(routes, Kind.ACTION, element["action_id"])
            assert heard not in UNHEARD, (case.template, element["action_id"])
        for element in _fields(shown):
            if element["type"] == "external_select":
                heard = _listener(routes, Kind.OPTIONS, element["action_id"])
                assert heard not in UNHEARD, (case.template, element["action_id"])
        if "submit" in shown:
            heard = _listener(routes, Kind.VIEW, shown["callback_id"])
            assert heard not in UNHEARD, (case.template, shown["callback_id"])


def test_a_refusal_mentions_people_in_messages_and_names_nobody_under_a_field():
    refusal = AlreadyDone(title="<!channel> *x*", person=s.OLAF.slack_id)
    assert f"<@{s.OLAF.slack_id}>" in worded(refusal, str)
    assert "<!channel>" not in worded(refusal, str)
    assert "this person" in plainly_worded(refusal, str)
    link = AlreadyOpen(account="Acme", link="https://x.example/c")
    assert "<https://x.example/c|open it>" in worded(link, str)
    assert "https://x.example/c" in plainly_worded(link, str)
    assert worded(NotAllowed(people=["UMIA000000", "UCORA00000"]), str, "fr") == (
        "Only <@UMIA000000> or <@UCORA00000> can do that here."
    ), "names are joined in the language of the sentence"
    assert worded(NotAllowed(people=["UMIA000000", "!S0SALES", "a manager"]), str) == (
        "Only <@UMIA000000>, <!subteam^S0SALES>, or a manager can do that here."
    )


@pytest.mark.parametrize("name", ["Acme", "x" * 120, "🧑‍🚀" * 40, '"\\' * 60, "é" * 120])
def test_a_new_account_of_any_name_fits_an_option(name):
    text, data = offered(name[:120])
    (option,) = choices([(text, data)])
    assert length(option["text"]["text"]) <= 75
    assert length(option["value"]) <= 150
    assert name.startswith(data["n"])
