"""Every limit of Block Kit, as `check_message_blocks` and `check_view` report it (and the API passes on)."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_bolt import actions, button, modal, option, section, text_input

from sandbox.blocks import HOME, MODAL, check_message_blocks, check_view
from sandbox.model import Json


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def select(kind: str = "static_select", **more: Any) -> Json:
    return {"type": kind, "action_id": "s", **more}


def options(count: int) -> list[Json]:
    return [option(f"Option {n}") for n in range(count)]


def accessory(element: Json) -> list[Json]:
    return [section("x", accessory=element)]


def text_of(kind: str, **more: Any) -> Json:
    return {"type": kind, **more}


IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A picture"}
CONFIRM = {"title": plain("t"), "text": plain("t"), "confirm": plain("c"), "deny": plain("d")}
RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "hello", "style": {"bold": True}},
                {"type": "user", "user_id": "U1"},
                {"type": "date", "timestamp": 1720710212, "format": "{date}"},
            ],
        }
    ],
}

GOOD: dict[str, list[Json]] = {
    "section at its limit": [section("x" * 3000)],
    "ten fields": [{"type": "section", "fields": [plain("x" * 2000)] * 5 + [plain("y")] * 5}],
    "header 150": [{"type": "header", "text": plain("x" * 150)}],
    "context 10": [{"type": "context", "elements": [plain("x")] * 9 + [IMAGE]}],
    "25 buttons": [actions(*(button(f"a{n}", "x" * 75, value="v" * 2000) for n in range(25)))],
    "select 100": accessory(select(options=options(100), initial_option=option("Option 3"))),
    "groups": accessory(select(option_groups=[{"label": plain("g"), "options": options(2)}])),
    "overflow 1": accessory({"type": "overflow", "action_id": "o", "options": options(1)}),
    "input in a message": [text_input("b", "Label")],
    "rich text": [RICH],
    "markdown": [text_of("markdown", text="# hi")],
    "divider": [text_of("divider")],
    "image": [IMAGE],
    "table": [text_of("table", rows=[[text_of("raw_text", text="a")], [RICH]])],
    "confirm": [actions(button("a", "x", confirm=CONFIRM, style="danger"))],
    "50 blocks": [text_of("divider")] * 50,
}

BAD: list[tuple[str, list[Any], str]] = [
    ("not an object", ["x"], "must provide an object [json-pointer:/blocks/0]"),
    ("no type", [{}], "missing required field: type [json-pointer:/blocks/0]"),
    ("unknown type", [text_of("sectoin")], "unsupported type: sectoin [json-pointer:/blocks/0/type]"),
    ("unknown field", [section("x", colour="red")], "invalid additional property: colour [json-pointer:/blocks/0]"),
    ("51 blocks", [text_of("divider")] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ("section long", [section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ("section empty", [section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ("section bare", [text_of("section")], "must provide one of: text, fields [json-pointer:/blocks/0]"),
    ("11 fields", [text_of("section", fields=[plain("x")] * 11)], "no more than 10 items"),
    ("field long", [text_of("section", fields=[plain("x" * 2001)])], "[json-pointer:/blocks/0/fields/0/text]"),
    ("text number", [section(3)], "must provide a string"),  # type: ignore[arg-type]
    ("mrkdwn emoji", [text_of("section", text={"type": "mrkdwn", "text": "x", "emoji": True})], "property: emoji"),
    ("plain verbatim", [text_of("section", text={**plain("x"), "verbatim": True})], "property: verbatim"),
    ("header long", [text_of("header", text=plain("x" * 151))], "must be less than 151"),
    ("header mrkdwn", [text_of("header", text={"type": "mrkdwn", "text": "x"})], "unsupported type: mrkdwn"),
    ("context 11", [text_of("context", elements=[plain("x")] * 11)], "no more than 10"),
    ("context button", [text_of("context", elements=[button("a", "x")])], "unsupported type: button"),
    ("context long", [text_of("context", elements=[plain("x" * 3001)])], "must be less than 3001"),
    ("26 actions", [actions(*(button(f"a{n}", "x") for n in range(26)))], "no more than 25"),
    ("no actions", [actions()], "no fewer than 1"),
    (
        "button long",
        [actions(button("a", "ok"), button("b", "x" * 76))],
        "must be less than 76 characters [json-pointer:/blocks/0/elements/1/text/text]",
    ),
    ("button value", [actions(button("a", "x", value="v" * 2001))], "/value]"),
    ("button url", [actions(button("a", "x", url="nowhere"))], "must match"),
    ("button style", [actions(button("a", "x", style="warning"))], "valid enum value: primary, danger"),
    ("button mrkdwn", [actions({**button("a", "x"), "text": {"type": "mrkdwn", "text": "x"}})], "unsupported type"),
    ("button label", [actions(button("a", "x", accessibility_label="x" * 76))], "accessibility_label]"),
    ("confirm bare", [actions(button("a", "x", confirm={"title": plain("t")}))], "missing required field: deny"),
    ("confirm long", [actions(button("a", "x", confirm={**CONFIRM, "text": plain("x" * 301)}))], "less than 301"),
    ("confirm ok", [actions(button("a", "x", confirm={**CONFIRM, "confirm": plain("x" * 31)}))], "less than 31"),
    ("action_id", [actions(button("a" * 256, "x"))], "must be less than 256 characters"),
    ("block_id", [section("x", block_id="b" * 256)], "must be less than 256 characters"),
    ("same block_id", [section("x", block_id="b"), section("y", block_id="b")], "block_id b already exists"),
    ("same action_id", [actions(button("a", "x"), button("a", "y"))], "action_id a already exists"),
    ("no options", accessory(select(options=[])), "no fewer than 1"),
    ("101 options", accessory(select(options=options(101))), "no more than 100"),
    ("neither", accessory(select()), "exactly one of: options, option_groups"),
    ("option text", accessory(select(options=[option("x" * 76, "v")])), "/options/0/text/text]"),
    ("option value", accessory(select(options=[option("x", "v" * 151)])), "/options/0/value]"),
    ("description", accessory(select(options=[{**option("x"), "description": plain("d" * 76)}])), "/description/text]"),
    ("option mrkdwn", accessory(select(options=[{"text": {"type": "mrkdwn", "text": "x"}, "value": "v"}])), "mrkdwn"),
    ("option url", accessory(select(options=[{**option("x"), "url": "https://a.example"}])), "property: url"),
    ("initial", accessory(select(options=options(2), initial_option=option("Other"))), "one of the options"),
    ("same values", accessory(select(options=[option("a", "v"), option("b", "v")])), "must be unique"),
    ("placeholder", accessory(select(options=options(1), placeholder=plain("x" * 151))), "less than 151"),
    ("11 checkboxes", accessory(select("checkboxes", options=options(11))), "no more than 10"),
    ("0 radio", accessory(select("radio_buttons", options=[])), "no fewer than 1"),
    ("6 overflow", accessory(select("overflow", options=options(6))), "no more than 5"),
    ("multi in actions", [actions(select("multi_static_select", options=options(1)))], "is not allowed here"),
    ("typing outside an input", accessory(select("plain_text_input")), "is not allowed here"),
    ("datetimepicker as accessory", accessory(select("datetimepicker")), "is not allowed here"),
    ("unknown element", [actions({"type": "slider", "action_id": "s"})], "unsupported type: slider"),
    ("element field", [actions(button("a", "x", size="big"))], "invalid additional property: size"),
    ("date", accessory(select("datepicker", initial_date="3.3.2026")), "must match"),
    ("time", accessory(select("timepicker", initial_time="25:00")), "must match"),
    ("max_length", [text_input("b", "L", element={"max_length": 3001})], "less than or equal to 3000"),
    ("min above max", [text_input("b", "L", element={"min_length": 9, "max_length": 2})], "must not be greater"),
    ("no label", [{"type": "input", "element": {"type": "plain_text_input"}}], "missing required field: label"),
    ("label long", [text_input("b", "x" * 2001)], "less than 2001"),
    ("button in an input", [text_input("b", "L", element=button("a", "x"))], "is not allowed here"),
    (
        "number in a message",
        [text_input("b", "L", element={"type": "number_input", "is_decimal_allowed": False})],
        "not supported in a message",
    ),
    ("no alt_text", [{"type": "image", "image_url": "https://example.com/a.png"}], "missing required field: alt_text"),
    ("no image", [{"type": "image", "alt_text": "x"}], "exactly one of: image_url, slack_file"),
    ("markdown sum", [text_of("markdown", text="x" * 7000)] * 2, "less than 12001 characters in total"),
    ("two tables", [text_of("table", rows=[[text_of("raw_text", text="a")]])] * 2, "only one table"),
    ("table wide", [text_of("table", rows=[[text_of("raw_text", text="a")] * 21])], "no more than 20"),
    ("alert in a message", [text_of("alert", text=plain("x"))], "block of type alert is not supported in a message"),
    ("rich part", [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}], "unsupported type: text"),
    (
        "rich style",
        [
            {
                "type": "rich_text",
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": "bold"}]}
                ],
            }
        ],
        "must provide an object",
    ),
    ("response_url", accessory(select("conversations_select", response_url_enabled=True)), "only allowed in modals"),
    (
        "focus",
        [text_input("a", "L", element={"focus_on_load": True}), text_input("b", "L", element={"focus_on_load": True})],
        "only one element may have focus_on_load",
    ),
]


@pytest.mark.parametrize("blocks", GOOD.values(), ids=GOOD)
def test_slack_takes(blocks: list[Json]) -> None:
    assert check_message_blocks(blocks) == []


@pytest.mark.parametrize(("blocks", "problem"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_slack_refuses(blocks: list[Any], problem: str) -> None:
    found = check_message_blocks(blocks)
    assert any(problem in one for one in found), found


NUMBER = text_input("n", "N", element={"type": "number_input", "is_decimal_allowed": True})

BAD_MODALS: list[tuple[str, Json, str]] = [
    (
        "no title",
        {k: v for k, v in modal().items() if k != "title"},
        "missing required field: title [json-pointer:/view]",
    ),
    ("title", modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
    ("submit", modal(submit=plain("x" * 25)), "/view/submit/text]"),
    ("close", modal(close=plain("x" * 25)), "/view/close/text]"),
    ("metadata", modal(private_metadata="x" * 3001), "must be less than 3001"),
    ("callback", modal(callback_id="x" * 256), "must be less than 256"),
    ("101 blocks", modal(*[text_of("divider")] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
    ("no submit", {k: v for k, v in modal(text_input("b", "L")).items() if k != "submit"}, "submit is required"),
    ("unknown field", modal(colour="red"), "invalid additional property: colour [json-pointer:/view]"),
    ("markdown", modal(text_of("markdown", text="x")), "not supported in a modal"),
    ("a home", {"type": "home", "blocks": []}, "must be a valid enum value: modal [json-pointer:/view/type]"),
    ("same block_id", modal(text_input("b", "L"), text_input("b", "M")), "[json-pointer:/view/blocks/1/block_id]"),
]


@pytest.mark.parametrize(("view", "problem"), [b[1:] for b in BAD_MODALS], ids=[b[0] for b in BAD_MODALS])
def test_a_modal_is_refused(view: Json, problem: str) -> None:
    found = check_view(view, MODAL)
    assert any(problem in one for one in found), found


def test_a_modal_and_a_home_are_taken() -> None:
    assert check_view(modal(NUMBER, text_of("alert", text=plain("x"), level="warning")), MODAL) == []
    assert check_view({"type": "home", "blocks": [section("x"), text_input("b", "L")]}, HOME) == []


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        ({"type": "home", "blocks": [NUMBER]}, "not supported in a home"),
        ({"type": "home", "blocks": [], "submit": plain("x")}, "invalid additional property: submit"),
        ({"type": "home", "blocks": [text_of("divider")] * 101}, "no more than 100"),
        ({"type": "home", "blocks": [actions(select("datetimepicker"))]}, "not supported in a home"),
    ],
)
def test_a_home_is_refused(view: Json, problem: str) -> None:
    assert any(problem in one for one in check_view(view, HOME))
