"""Every block and element has a form that people and programs can read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from page_sights import READER

from sandbox.page.blocks import BLOCKS, render_blocks
from sandbox.page.elements import ELEMENTS
from sandbox.page.fields import FIELDS
from sandbox.page.selects import SELECTS
from sandbox.page.surface import Choice, Surface

SURFACE = Surface(
    reader=READER,
    container="message:C1:1.0",
    people=[Choice("U1", "Mia"), Choice("U2", "Lee")],
    channels=[Choice("C1", "#accounts")],
    conversations=[Choice("C1", "#accounts", "public"), Choice("D1", "Lee", "im")],
    here="C1",
)
HOSTILE = '"><script>alert(1)</script>'


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(text: str, value: str = "") -> dict[str, Any]:
    return {"text": plain(text), "value": value or text.lower()}


OPTIONS = [option("One"), option("Two")]
SAMPLES: dict[str, dict[str, Any]] = {
    "button": {"text": plain("Go"), "value": "1"},
    "overflow": {"options": OPTIONS},
    "static_select": {"options": OPTIONS},
    "multi_static_select": {"option_groups": [{"label": plain("G"), "options": OPTIONS}]},
    "checkboxes": {"options": OPTIONS},
    "radio_buttons": {"options": OPTIONS},
    "image": {"image_url": "https://a.example/x.png", "alt_text": "a picture"},
    "workflow_button": {"text": plain("Go")},
    "feedback_buttons": {
        "positive_button": {"text": plain("Good"), "value": "+"},
        "negative_button": {"text": plain("Bad"), "value": "-"},
    },
    "icon_button": {"text": plain("Delete"), "icon": "trash"},
}


def draw(*blocks: dict[str, Any], surface: Surface = SURFACE) -> str:
    return str(render_blocks(blocks, surface))


def actions(kind: str, **more: Any) -> str:
    element = {"type": kind, "action_id": "a", **SAMPLES.get(kind, {}), **more}
    return draw({"type": "actions", "block_id": "b", "elements": [element]})


def entry(kind: str, surface: Surface = SURFACE, block: dict[str, Any] | None = None, **more: Any) -> str:
    element = {"type": kind, "action_id": "a", **SAMPLES.get(kind, {}), **more}
    return draw(
        {"type": "input", "block_id": "b", "label": plain("Reason"), "element": element, **(block or {})},
        surface=surface,
    )


@pytest.mark.parametrize("kind", sorted((ELEMENTS | SELECTS | FIELDS).keys() - {"image", "workflow_button"}))
def test_every_element_says_where_its_action_goes(kind: str) -> None:
    shown = actions(kind)
    assert 'data-block-id="b"' in shown
    assert 'data-action-id="a"' in shown
    assert f'data-type="{kind}"' in shown
    assert "data-speaks" in shown


@pytest.mark.parametrize("kind", sorted(SELECTS.keys() | FIELDS.keys()))
def test_every_input_is_named_by_its_label_and_tells_its_error(kind: str) -> None:
    shown = entry(kind, replace(SURFACE, errors={"b": "Too short."}), {"hint": plain("One sentence"), "optional": True})
    assert "Reason" in shown
    assert "(optional)" in shown
    error_id = shown.split('class="error" id="')[1].split('"')[0]
    label_id = shown.split('<span id="')[1].split('"')[0]
    assert f'aria-labelledby="{label_id}"' in shown
    assert f'aria-describedby="{error_id} ' in shown
    assert "data-speaks" not in shown, "an input speaks only when it dispatches"
    assert "data-speaks" in entry(kind, block={"dispatch_action": True})


@pytest.mark.parametrize("kind", sorted(ELEMENTS | SELECTS | FIELDS))
def test_hostile_words_break_out_of_nothing(kind: str) -> None:
    hostile = [{"text": plain(HOSTILE), "value": HOSTILE, "description": plain(HOSTILE)}]
    shown = actions(
        kind, text=plain(HOSTILE), placeholder=plain(HOSTILE), options=hostile,
        initial_value={"elements": [{"text": HOSTILE}]} if kind == "rich_text_input" else HOSTILE,
        accessibility_label=HOSTILE, image_url="javascript:alert(1)", url="javascript:alert(1)", alt_text=HOSTILE,
        confirm={"title": plain(HOSTILE), "text": {"type": "mrkdwn", "text": HOSTILE}},
        initial_date=HOSTILE, initial_time=HOSTILE,
    )  # fmt: skip
    assert "<script" not in shown
    assert 'href="javascript' not in shown
    assert 'src="javascript' not in shown


def test_buttons() -> None:
    assert 'class="button primary"' in actions("button", style="primary")
    assert 'class="button danger"' in actions("button", style="danger")
    assert 'href="https://a.example"' in actions("button", url="https://a.example")
    assert 'aria-label="Go: to the account"' in actions("button", accessibility_label="to the account")
    assert 'aria-label="Go to Acme"' in actions("button", accessibility_label="Go to Acme")


def test_a_confirm_dialog_travels_as_json() -> None:
    confirm = {
        "title": plain("Sure?"),
        "text": {"type": "mrkdwn", "text": "*Really*"},
        "confirm": plain("Yes"),
        "deny": plain("No"),
    }
    shown = actions("button", confirm=confirm)
    carried = json.loads(
        shown.split('data-confirm="')[1].split('"')[0].replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">")
    )
    assert carried == {
        "title": "Sure?",
        "html": "<strong>Really</strong>",
        "confirm": "Yes",
        "deny": "No",
        "danger": False,
    }


def test_an_accessory_is_described_by_its_section() -> None:
    section = {
        "type": "section",
        "block_id": "b",
        "text": plain("Read the history"),
        "accessory": {"type": "button", "action_id": "a", "text": plain("Done")},
    }
    shown = draw(section)
    text_id = shown.split('class="words" id="')[1].split('"')[0]
    assert f'aria-describedby="{text_id}"' in shown


def test_what_was_chosen_before_is_shown() -> None:
    chosen = {
        "static_select": ({"selected_option": OPTIONS[1]}, '<option value="two" selected>'),
        "checkboxes": ({"selected_options": [OPTIONS[1]]}, 'value="two" checked'),
        "radio_buttons": ({"selected_option": OPTIONS[0]}, 'value="one" checked'),
        "users_select": ({"selected_user": "U2"}, '<option value="U2" selected>'),
        "multi_users_select": ({"selected_users": ["U2"]}, 'value="U2" checked'),
        "datepicker": ({"selected_date": "2025-12-03"}, 'value="2025-12-03"'),
        "timepicker": ({"selected_time": "09:30"}, 'value="09:30"'),
        "datetimepicker": ({"selected_date_time": 1763640000}, 'value="2025-11-20T13:00"'),
        "plain_text_input": ({"value": "typed"}, 'value="typed"'),
        "external_select": ({"selected_option": OPTIONS[0]}, 'value="One"'),
        "multi_external_select": ({"selected_options": OPTIONS}, 'aria-label="Remove Two"'),
    }
    for kind, (state, expected) in chosen.items():
        shown = entry(kind, replace(SURFACE, choices={"b": {"a": {"type": kind, **state}}}))
        assert expected in shown, kind


def test_conversations_are_filtered_and_default_to_here() -> None:
    assert "Lee" not in actions("conversations_select", filter={"include": ["public", "private"]})
    assert '<option value="C1" selected>' in actions("conversations_select", default_to_current_conversation=True)


def test_ids_stay_as_long_as_block_and_action_stay() -> None:
    assert actions("static_select") == actions("static_select")
    other = draw(
        {
            "type": "actions",
            "block_id": "b2",
            "elements": [{"type": "static_select", "action_id": "a", "options": OPTIONS}],
        }
    )
    first_id = actions("static_select").split('<select id="')[1].split('"')[0]
    assert first_id not in other


RAW = [[{"type": "raw_text", "text": "H"}], [{"type": "raw_text", "text": "<c>"}]]
PICTURE = {"type": "image", "image_url": "https://a.example/i.png", "alt_text": "icon"}
FEEDBACK = {"type": "feedback_buttons", "action_id": "f", **SAMPLES["feedback_buttons"]}
GO = {"type": "button", "action_id": "a", "text": plain("Go")}
SECTION = {"type": "rich_text_section", "elements": [{"type": "text", "text": "rich"}]}
BLOCK_SAMPLES: dict[str, tuple[dict[str, Any], str]] = {
    "section": ({"text": plain("Hello"), "fields": [plain("a"), plain("b")]}, "fields"),
    "header": ({"text": plain("Acme")}, 'role="heading"'),
    "context": ({"elements": [plain("small"), PICTURE]}, 'alt="icon"'),
    "divider": ({}, "<hr>"),
    "image": ({"image_url": "https://a.example/i.png", "alt_text": "chart", "title": plain("T")}, 'alt="chart"'),
    "actions": ({"elements": [GO]}, "Go"),
    "context_actions": ({"elements": [FEEDBACK]}, "Good"),
    "input": ({"label": plain("L"), "element": {"type": "plain_text_input", "action_id": "a"}}, "<label"),
    "rich_text": ({"elements": [SECTION]}, "rich"),
    "markdown": ({"text": "**bold** <b>"}, "<strong>bold</strong> &lt;b&gt;"),
    "table": ({"rows": RAW, "column_settings": [{"align": "right"}]}, 'class="right">&lt;c&gt;'),
    "data_table": ({"caption": plain("Cap"), "rows": RAW}, "<caption>Cap"),
    "alert": ({"text": plain("Careful"), "level": "warning"}, "alert warning"),
    "video": ({"title": plain("Film"), "video_url": "https://a.example/v"}, "Film"),
    "card": ({"title": plain("Card"), "actions": [GO]}, "Go"),
    "container": ({"title": plain("Box"), "child_blocks": [{"type": "divider"}]}, "<hr>"),
    "carousel": ({"elements": [{"type": "card", "title": plain("One"), "actions": [GO]}]}, "Go"),
}


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_every_block(kind: str) -> None:
    content, expected = BLOCK_SAMPLES[kind]
    assert expected in draw({"type": kind, "block_id": "b", **content})


def test_an_unknown_block_says_so() -> None:
    assert "cannot show" in draw({"type": "hologram"})
    assert "cannot be shown" in actions("levitation")
