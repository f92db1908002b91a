"""Whatever people type and however long a list is, what is sent is within Slack's limits."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import Item, card

from bot.slack.checking import problems
from bot.slack.fitting import fit, total
from bot.slack.limits import MESSAGE_TOTAL, Surface
from bot.slack.render import Rendered, Renderer
from bot.slack.rendered import Fold
from bot.slack.text import esc, length, link, quiet, short, unringing
from sandbox.blocks import check_message_blocks

NOTE = {"account": "Acme", "handoff": 7, "me": "U0LEE"}


def test_the_samples_have_no_problem(renderer: Renderer) -> None:
    assert problems(renderer.message("messages/card", **card()), Surface.MESSAGE) == []
    assert problems(renderer.modal("views/note", **NOTE), Surface.MODAL) == []
    assert problems(renderer.home("views/home", lines=["one"]), Surface.HOME) == []


hostile = st.text(max_size=60) | st.sampled_from(
    [
        "<!channel> " * 400,
        "&" * 2999,
        "<@U0MIA>" * 500,
        "👩‍👩‍👧‍👦" * 900,
        "e\u0301\u0302" * 2000,
        " ",
        "\x00",
        "a" * 5000,
    ]
)


@settings(max_examples=60, deadline=None)
@given(text=hostile, rows=st.integers(0, 120))
def test_a_card_is_within_limits_for_any_text_and_any_length(renderer: Renderer, text: str, rows: int) -> None:
    items = [Item(number, text, date(2025, 12, 3)) for number in range(rows)]
    message = renderer.message("messages/card", **card(account=text, benefit=text, tier=text, items=items))
    assert problems(message, Surface.MESSAGE) == []
    assert check_message_blocks(message["blocks"]) == [], "the sandbox agrees"
    assert message["blocks"][-1]["type"] == "actions", "the buttons stay"
    json.loads(json.dumps(message))
    for block in message["blocks"]:
        words = json.dumps(block.get("text", ""))
        assert "<!channel>" not in words
        assert "&am…" not in words


@settings(max_examples=60)
@given(text=hostile | st.text(), limit=st.integers(1, 200))
def test_short_keeps_to_the_limit_and_to_whole_characters(text: str, limit: int) -> None:
    cut = short(esc(text), limit)
    assert length(cut) <= limit
    assert unringing(cut) == cut
    cut.encode()
    rest = cut.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert "&" not in rest


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("as it is", 8, "as it is"),
        ("a long name", 7, "a long…"),
        ("Smith &amp; Sons", 9, "Smith…"),
        ("by <@U0MIA> today", 8, "by…"),
        ("on <!date^1^{date}|x> it", 22, "on <!date^1^{date}|x>…"),
        ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 15, "👩‍👩‍👧‍👦…"),
        ("🇩🇪🇫🇷", 6, "🇩🇪…"),
        ("cafe\u0301s", 5, "caf…"),
        (None, 3, "–"),
    ],
)
def test_short_cuts_at_safe_places(text: Any, limit: int, expected: str) -> None:
    assert short(text, limit) == expected


def test_typed_text_is_escaped_quieted_and_linked_only_on_purpose() -> None:
    assert esc("<!here> R&D") == "&lt;!here&gt; R&amp;D"
    assert type(esc("x")) is str
    assert quiet("*now*\n> so").replace("\u2060", "|") == "|*|now|*|\n|&gt; so"
    assert (
        link("https://example.com/?a=1&b=<2>", "the <page>|")
        == "<https://example.com/?a=1&amp;b=%3C2%3E|the &lt;page&gt;¦>"
    )
    assert link("javascript:alert(1)", "here") == "here"


def rows(number: int, text: str = "row") -> list[dict[str, Any]]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": f"{text} {index}"}} for index in range(number)]


def test_the_longest_list_is_folded_and_says_so() -> None:
    buttons = {"type": "divider"}
    rendered = Rendered(
        {"text": "x"}, [*rows(20), *rows(60), buttons], (Fold(20, "short"), Fold(80, "all in the list"))
    )
    fitted = fit(rendered, Surface.MESSAGE).blocks
    assert len(fitted) == 50
    assert fitted[20]["text"]["text"] == "row 0", "the short list is whole"
    assert fitted[-2]["elements"][0]["text"] == "all in the list"
    assert fitted[-1] == buttons


def test_without_a_fold_the_end_goes() -> None:
    fitted = fit(Rendered({"text": "x"}, rows(60)), Surface.MESSAGE, more="and more").blocks
    assert len(fitted) == 50
    assert fitted[-1]["elements"][0]["text"] == "and more"


def test_long_texts_shrink_before_rows_go() -> None:
    fitted = fit(Rendered({"text": "x"}, rows(8, "word " * 800)), Surface.MESSAGE).blocks
    assert len(fitted) == 8
    assert total(fitted) < MESSAGE_TOTAL


def test_what_a_person_typed_in_plain_places_stays_as_typed() -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "<!here>"}, "action_id": "a.b"}
    fitted = fit(Rendered({"text": "<!here>"}, [{"type": "actions", "elements": [button]}]), Surface.MESSAGE)
    assert fitted.blocks[0]["elements"][0]["text"]["text"] == "<!here>"
    assert fitted.envelope["text"] == "&lt;!here>"


def test_a_first_choice_that_was_cut_goes_with_it() -> None:
    options = [{"text": {"type": "plain_text", "text": str(n)}, "value": str(n)} for n in range(12)]
    radio = {"type": "radio_buttons", "action_id": "a.b", "options": options, "initial_option": options[11]}
    block = {"type": "actions", "elements": [radio]}
    element = fit(Rendered({}, [block]), Surface.HOME).blocks[0]["elements"][0]
    assert len(element["options"]) == 10
    assert "initial_option" not in element
    assert len(radio["options"]) == 12, "works on a copy"


def text_of(words: str, kind: str = "plain_text") -> dict[str, str]:
    return {"type": kind, "text": words}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": text_of("Done"), "action_id": "item.done", **more}


@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        ([{"type": "sectoin"}], "/blocks/0/type: no block is called 'sectoin'"),
        ([{"type": "section"}], "/blocks/0: a section needs text or fields"),
        ([{"type": "section", "text": text_of("x" * 3001)}], "/blocks/0/text: 3001 characters, at most 3000"),
        ([{"type": "section", "text": text_of(" ")}], "/blocks/0/text: empty"),
        ([{"type": "section", "text": text_of("<!here>", "mrkdwn")}], "/blocks/0/text: rings everyone"),
        ([{"type": "section", "fields": [text_of("x" * 2001)]}], "/blocks/0/fields/0: 2001 characters"),
        ([{"type": "header", "text": text_of("x", "mrkdwn")}], "/blocks/0/text: mrkdwn where Slack wants plain_text"),
        ([{"type": "context", "elements": []}], "/blocks/0/elements: 0 items, 1 to 10"),
        ([{"type": "divider", "colour": "red"}], "/blocks/0/colour: Slack knows no such part"),
        ([{"type": "divider", "block_id": "a"}] * 2, "/blocks: 2 blocks have the block_id 'a'"),
        (
            [{"type": "actions", "elements": [button(), button()]}],
            "/blocks/0: 2 elements have the action_id 'item.done'",
        ),
        ([{"type": "actions", "elements": [button(style="red")]}], "/blocks/0/elements/0/style: 'red'"),
        ([{"type": "actions", "elements": [button(value="x" * 2001)]}], "/blocks/0/elements/0/value: 2001 characters"),
        ([{"type": "actions", "elements": [{"type": "overflow", "action_id": "a"}]}], "needs options"),
        ([{"type": "image", "image_url": "https://example.com/a.png"}], "/blocks/0/alt_text: missing"),
        ([{"type": "alert", "text": text_of("x")}], "/blocks/0/type: alert does not stand in a message"),
        ([{"type": "divider"}] * 51, "/blocks: 51 blocks, at most 50"),
        (rows(4, "x" * 2990) + rows(1, "y" * 100), "characters in all"),
    ],
)
def test_each_problem_is_found_and_placed(blocks: list[Any], problem: str) -> None:
    found = problems({"text": "fallback", "blocks": blocks}, Surface.MESSAGE)
    assert any(problem in one for one in found), found


def test_a_view_is_checked_as_a_whole() -> None:
    field = {"type": "text", "action_id": "a"}
    number = {"type": "number_input", "action_id": "a", "is_decimal_allowed": False}
    view = {
        "type": "modal",
        "title": text_of("x" * 25),
        "private_metadata": "x" * 3001,
        "blocks": [{"type": "input", "label": text_of("x"), "element": field}],
    }
    found = problems(view, Surface.MODAL)
    assert "/title: 25 characters, at most 24" in found
    assert "/private_metadata: 3001 characters, at most 3000" in found
    assert "/submit: missing, though there is something to fill in" in found
    assert "/blocks/0/element/type: no element is called 'text'" in found
    home = {
        "type": "home",
        "submit": text_of("Go"),
        "blocks": [{"type": "input", "label": text_of("x"), "element": number}],
    }
    found = problems(home, Surface.HOME)
    assert "/submit: App Home takes none" in found
    assert "/blocks/0/element/type: number_input does not stand in a home" in found


def test_options_are_checked() -> None:
    same = [{"text": text_of("x"), "value": "1"}, {"text": text_of("y" * 76), "value": "1"}]
    select = {"type": "static_select", "action_id": "a", "options": same, "initial_option": {**same[0], "value": "2"}}
    block = {"type": "section", "text": text_of("x"), "accessory": select}
    found = problems({"text": "x", "blocks": [block]}, Surface.MESSAGE)
    assert found == [
        "/blocks/0/accessory/options/1/text: 76 characters, at most 75",
        "/blocks/0/accessory: 2 options have the value '1'",
        "/blocks/0/accessory/initial_option: not one of the options",
    ]
