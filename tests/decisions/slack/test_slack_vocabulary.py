"""Every block and element that templates can name is one that Slack takes."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from samples import NOW

from bot.slack.checking import problems
from bot.slack.limits import Surface
from bot.slack.render import Renderer, TemplateFault
from bot.slack.vocabulary import VOCABULARY
from sandbox.blocks import check_view

EVERYTHING = """
{"title": "All", "submit": "Keep"}
{{ header("Words") }}
{{ section("*bold*", fields=["one", "two"], block_id="s") }}
{{ section("with a picture", image("https://example.com/a.png", "a plant")) }}
{{ context("grey", image("https://example.com/a.png", "a plant")) }}
{{ divider() }}
{{ picture("https://example.com/a.png", "a plant", title="Plant") }}
{{ typed("as typed") }}{{ typed("as typed", style="plain") }}{{ typed("as typed", style="pre") }}
{{ actions(
    button("Go", "a.go", 7, style="danger", confirm=confirm("Sure?", "It stays.", "Yes", "No", style="danger")),
    none,
    overflow("a.more", [("One", 1), option("Two", "2", "the second"), none]),
    select("a.pick", [group("Group", [("One", 1)]), group("Other", [("Two", 2)])], "Choose", initial=2),
    search_select("a.search", "Type", initial=option("Acme", 1), least=2),
    checkboxes("a.tick", [("One", 1), ("Two", 2)], initial=[1, 3]),
    radio("a.radio", [("One", {"id": 1}), ("Two", {"id": 2})], initial={"id": 2}),
    date_picker("a.date", day), time_picker("a.time", time, timezone="Europe/Berlin"), moment_picker("a.at", at),
    person_select("a.who", "U0MIA"), channel_select("a.where", "C0ACC"),
    conversation_select("a.talk", default_to_current_conversation=true),
) }}
{{ field("Several", multi_select("a", [("One", 1), ("Two", 2)], "Choose", initial=[1], most=2), "several") }}
{{ field("People", people_select("a", ["U0MIA", "U0LEE"]), "people", optional=true) }}
{{ field("Text", text_input("a", "so far", "Type", multiline=true, max_length=300, focus_on_load=true), "text") }}
{{ field("Mail", email_input("a"), "mail", hint="The customer's") }}{{ field("Page", url_input("a"), "page") }}
{{ field("Number", number_input("a", 3, min_value=1), "number", dispatch=true) }}
{{ field("File", file_input("a", ["csv"]), "file") }}
"""


def view_of(folder: Path, source: str, **context: Any) -> dict[str, Any]:
    (folder / "one.j2").write_text(source, encoding="utf-8")
    return Renderer([folder], reload=True).modal("one", **context)


@pytest.fixture
def view(tmp_path: Path) -> dict[str, Any]:
    return view_of(tmp_path, EVERYTHING, day=date(2025, 12, 3), time=time(9, 5), at=NOW)


def test_slack_takes_every_word_of_the_vocabulary(view: dict[str, Any]) -> None:
    assert problems(view, Surface.MODAL) == []
    assert check_view(view, "modal") == [], "and so does the sandbox, which checks on its own"
    assert [name for name in VOCABULARY if f"{name}(" not in EVERYTHING] == ["fold", "plain", "mrkdwn"]


def test_first_choices_are_options_and_dates_are_written(view: dict[str, Any]) -> None:
    elements = {one["action_id"]: one for one in view["blocks"][9]["elements"]}
    assert elements["a.pick"]["initial_option"]["value"] == "2"
    assert [one["value"] for one in elements["a.tick"]["initial_options"]] == ["1"]
    assert elements["a.radio"]["initial_option"]["value"] == '{"id":2}'
    assert elements["a.date"]["initial_date"] == "2025-12-03"
    assert elements["a.time"]["initial_time"] == "09:05"
    assert elements["a.at"]["initial_date_time"] == int(datetime(2025, 12, 1, 9, 30, tzinfo=NOW.tzinfo).timestamp())
    assert len(elements["a.more"]["options"]) == 2


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ context(when|moment) }}", "<!date^1764581400^{date_short_pretty} {time}|Mon 1 Dec 2025, 09:30 UTC>"),
        ("{{ context(when|moment('{time}')) }}", "<!date^1764581400^{time}|Mon 1 Dec 2025, 09:30 UTC>"),
        ("{{ context('C0ACC'|mention) }}", "<#C0ACC>"),
        ("{{ context('S0CREDIT'|mention) }}", "<!subteam^S0CREDIT>"),
        ("{{ context(none|mention('Lee <L>')) }}", "Lee &lt;L&gt;"),
        ("{{ context('not an id'|mention) }}", "not an id"),
        ("{{ context(_('%(n)d %% of %(what)s', n=5, what=none)) }}", "5 % of –"),
        ("{{ context(ngettext('%(num)d day', '%(num)d days', 2)) }}", "2 days"),
        ("{{ context(none|day) }}", "–"),
    ],
)
def test_what_filters_write(tmp_path: Path, source: str, expected: str) -> None:
    view = view_of(tmp_path, '{"title": "x"}' + source, when=NOW)
    assert view["blocks"][0]["elements"][0]["text"] == expected


def test_macros_compose_also_inside_lists(tmp_path: Path) -> None:
    source = """{"title": "x"}
    {% macro done(id) %}{{ button(_("Done"), "item.done", id) }}{% endmacro %}
    {{ actions(done(1)) }}{{ section("x", done(2)) }}
    {% for id in [3] %}{"type": "actions", "elements": [{{ done(id) }}]}{% endfor %}
    """
    blocks = view_of(tmp_path, source)["blocks"]
    assert [blocks[0]["elements"][0]["value"], blocks[1]["accessory"]["value"], blocks[2]["elements"][0]["value"]] == [
        *"123"
    ]


def test_data_that_would_be_cut_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateFault, match="Slack takes 3000"):
        view_of(tmp_path, '{"title": "x", "private_metadata": {{ {"a": "x" * 3000} }}}')
    with pytest.raises(TemplateFault, match="Slack takes 150"):
        view_of(tmp_path, '{"title": "x"}{{ actions(overflow("a", [("x", "y" * 151)])) }}')
