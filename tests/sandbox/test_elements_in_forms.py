"""Every kind of element reaches the app with what was chosen; options are asked for, and only what fits is offered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from tiny_bolt import ACCOUNTS, TinyApp, modal, option, post_to, text_input

from sandbox.choices import NotPossible
from sandbox.model import Json, ViewAt
from sandbox.person import Person
from sandbox.server import Sandbox

OPTIONS = [option("First thing", "1"), option("Second thing", "2")]
KINDS: list[tuple[Json, Any, str, Any]] = [
    ({"type": "static_select", "options": OPTIONS}, "second", "selected_option", "2"),
    ({"type": "radio_buttons", "options": OPTIONS}, "First", "selected_option", "1"),
    ({"type": "checkboxes", "options": OPTIONS}, ["first", "second"], "selected_options", ["1", "2"]),
    ({"type": "multi_static_select", "options": OPTIONS}, "second", "selected_options", ["2"]),
    ({"type": "external_select"}, "Acme", "selected_option", "acme"),
    ({"type": "multi_external_select"}, ["Acme", "Bolt"], "selected_options", ["acme", "bolt"]),
    ({"type": "users_select"}, "@olaf", "selected_user", "U0OLAF00000"),
    ({"type": "multi_users_select"}, ["olaf", "ines"], "selected_users", ["U0OLAF00000", "U0INES00000"]),
    ({"type": "channels_select"}, "#general", "selected_channel", "C0GENERAL00"),
    ({"type": "conversations_select"}, "#accounts", "selected_conversation", "C0ACCOUNTS0"),
    ({"type": "multi_conversations_select"}, ["#accounts"], "selected_conversations", ["C0ACCOUNTS0"]),
    ({"type": "datepicker"}, date(2026, 3, 9), "selected_date", "2026-03-09"),
    ({"type": "timepicker"}, "09:30", "selected_time", "09:30"),
    ({"type": "datetimepicker"}, datetime.fromisoformat("2026-03-09T10:00:00+00:00"), "selected_date_time", 1773050400),
    ({"type": "plain_text_input"}, "typed", "value", "typed"),
    ({"type": "number_input", "is_decimal_allowed": True}, "1.5", "value", "1.5"),
]


def offer(ack: Any, body: Json, **_: Any) -> None:
    names = ["Acme", "Acme East", "Bolt Works"]
    ack(
        options=[
            option(n, n.split()[0].lower() if n != "Acme East" else "east")
            for n in names
            if body["value"].lower() in n.lower()
        ]
    )


@pytest.mark.parametrize(("element", "wanted", "field", "value"), KINDS, ids=[k[0]["type"] for k in KINDS])
def test_every_element_reaches_the_state(
    app: TinyApp, mia: Person, element: Json, wanted: Any, field: str, value: Any
) -> None:
    app.on("options", offer)
    app.opens("shortcut", modal(text_input("b", "Field", element=element)))
    mia.shortcut("Start")
    form = mia.modal
    assert form
    assert form.choose("Field", wanted).ok
    assert form.value("Field")
    assert form.submit().ok
    found = app.last["view"]["state"]["values"]["b"]["typed"][field]
    got = [f["value"] if isinstance(f, dict) else f for f in found] if isinstance(found, list) else found
    assert (got["value"] if isinstance(got, dict) else got) == value


def test_options_are_asked_for_after_enough_characters(app: TinyApp, mia: Person, sandbox: Sandbox) -> None:
    app.on("options", offer)
    app.opens("shortcut", modal(text_input("b", "Account", element={"type": "external_select"}), private_metadata="7"))
    mia.shortcut("Start")
    form = mia.modal
    assert form
    before = len(app.bodies)
    assert form.options("Account", typed="Ac") == []
    assert len(app.bodies) == before
    assert form.options("Account", typed="acm") == ["Acme", "Acme East"]
    assert (app.last["type"], app.last["value"], app.last["view"]["private_metadata"]) == (
        "block_suggestion",
        "acm",
        "7",
    )
    app.answers("options", options=[option("x" * 76, "v")])
    with pytest.raises(AssertionError, match=r"must be less than 76 characters"):
        form.options("Account", typed="acme")
    with pytest.raises(NotPossible, match="not among those offered"):
        sandbox.actions.enter(mia.id, ViewAt(form.view_id), "b", "typed", "zzz")


def test_the_current_conversation_is_chosen_and_answered(app: TinyApp, mia: Person) -> None:
    where = {"type": "conversations_select", "default_to_current_conversation": True, "response_url_enabled": True}
    app.opens("command", modal(text_input("b", "Where", element=where)))
    mia.types("/tiny", in_="#accounts")
    form = mia.modal
    assert form
    assert form.value("Where") == "#accounts"
    assert form.submit().ok
    answer = app.last["response_urls"][0]
    assert (answer["block_id"], answer["channel_id"]) == ("b", ACCOUNTS)
    assert post_to(answer["response_url"], text="done here", response_type="in_channel").text == "ok"
    assert mia.messages("#accounts")[-1].text == "done here"


@pytest.mark.parametrize(
    ("kind", "more", "name"),
    [
        ("channels_select", {}, "#leadership"),
        ("conversations_select", {}, "#nowhere"),
        ("conversations_select", {"filter": {"include": ["private"]}}, "#general"),
        ("users_select", {}, "#general"),
    ],
)
def test_a_select_offers_only_what_fits(app: TinyApp, mia: Person, kind: str, more: Json, name: str) -> None:
    app.opens("shortcut", modal(text_input("b", "Where", element={"type": kind, **more})))
    mia.shortcut("Start")
    form = mia.modal
    assert form
    with pytest.raises(AssertionError, match="offers no"):
        form.choose("Where", name)


def test_a_dispatching_input_tells_the_app_at_once(app: TinyApp, mia: Person) -> None:
    app.opens("shortcut", modal(text_input("a", "Quiet"), text_input("b", "Loud", dispatch_action=True)))
    mia.shortcut("Start")
    form = mia.modal
    assert form
    form.fill("Quiet", "one")
    assert app.last["type"] == "shortcut"
    form.fill("Loud", "two")
    assert (app.last["type"], app.last["actions"][0]["value"]) == ("block_actions", "two")
    assert app.last["view"]["state"]["values"]["a"]["typed"]["value"] == "one"
