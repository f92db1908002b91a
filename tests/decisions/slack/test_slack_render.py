"""A template is a stream of JSON blocks in which no value can break out of its place."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import FOLDER, NOW, Item, card

from bot.slack.render import Renderer, TemplateFault


def test_a_message_reads_as_it_was_written(renderer: Renderer) -> None:
    message = renderer.message("messages/card", **card())
    head, said, roles, item, buttons = message["blocks"]
    assert message["text"] == "Acme &amp; Sons: 0 of 1 done"
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)
    assert head["text"] == {"type": "mrkdwn", "text": "*Acme &amp; Sons* · key", "verbatim": True}
    assert said["elements"][0]["elements"][0]["text"] == "A rep who lives *nearby*"
    assert roles["elements"][0]["text"] == "<@U0MIA> leaves Mon 12 Jan 2026 → nobody yet"
    assert item["block_id"] == "item-1-1"
    assert item["accessory"]["value"] == "1"
    assert item["accessory"]["accessibility_label"] == "Done: Read the purchase history"
    assert buttons["elements"][0]["value"] == '{"handoff":12}'
    assert [one["value"] for one in buttons["elements"][1]["options"]] == ["brief", "cancel"]


def test_an_option_that_is_none_is_left_out(renderer: Renderer) -> None:
    buttons = renderer.message("messages/card", **card(can_cancel=False))["blocks"][-1]
    assert [one["value"] for one in buttons["elements"][1]["options"]] == ["brief"]


def test_a_modal_wraps_its_title_and_packs_its_data(renderer: Renderer) -> None:
    view = renderer.modal("views/note", account="Acme Corporation", handoff=7, me="U0LEE")
    assert view["title"] == {"type": "plain_text", "text": "A note for Acme Corp…", "emoji": False}
    assert view["private_metadata"] == '{"handoff":7}'
    assert view["blocks"][1]["element"]["initial_user"] == "U0LEE"
    assert view["blocks"][2]["element"]["initial_option"]["value"] == "heard"


def test_a_home_takes_macros_and_plurals(renderer: Renderer) -> None:
    view = renderer.home("views/home", lines=['say "hi"', "<!channel>"])
    assert view["type"] == "home"
    assert view["blocks"][1]["elements"][0]["text"] == 'say "hi"'
    assert view["blocks"][2]["elements"][0]["text"] == "&lt;!channel&gt;"
    assert view["blocks"][3]["text"]["text"] == "2 things for you today."


def written(folder: Path, source: str, name: str = "one") -> Renderer:
    (folder / f"{name}.j2").write_text(source, encoding="utf-8")
    return Renderer([folder], reload=True)


@pytest.mark.parametrize(
    ("source", "line", "part"),
    [
        ("\n\n{{ section(nothing) }}", 3, "'nothing' is undefined"),
        ('{{ divider() }}\n{"type": "section", "text": {{ who.name }}}', 2, "has no attribute"),
        ('{{ divider() }}\n{{ divider() }}\n{"type": "header" "text": 1}', 3, "comma"),
        ("{{ divider() }},\n{{ divider() }}", 1, "remove it"),
        ('{"type": "section", "text": "*{{ word }}*"}', 1, "brings its own quotes"),
        ("{{ word }}", 1, "block is expected"),
        ("Good morning", 1, "words outside of a block"),
        ('{"type": "divider",}', 1, "comma before the closing"),
        ('{"titel": "x"}', 1, "names titel"),
        ("{{ divider() }}\n{% if %}", 2, ""),
        ("\n{{ section(day|day) }}", 2, "|moment"),
        ("{{ section(word|safe) }}", 1, "No filter named 'safe'"),
        ('{{ button("x", "a.b", "y" * 2001) }}', 1, "Slack takes 2000"),
        ("{{ section(word, colour=1) }}", 1, "unexpected keyword"),
        ("{{ who }}", 1, "cannot be shown"),
        ("{{ word.__class__.__mro__ }}", 1, "unsafe"),
    ],
)
def test_a_faulty_template_names_the_line_and_the_fix(tmp_path: Path, source: str, line: int, part: str) -> None:
    class Who:
        pass

    with pytest.raises(TemplateFault) as caught:
        written(tmp_path, source).render("one", word="secret words", who=Who(), day=NOW)
    assert (caught.value.template, caught.value.line) == ("one", line)
    assert part in str(caught.value)
    assert "secret words" not in str(caught.value)


@pytest.mark.parametrize(
    ("forbidden", "part"),
    [
        ("rows.append(word)", "unsafe"),
        ("rows['append'](word)", "unsafe"),
        ('"{0.__class__}".format(word)', "unsafe"),
        ('"{0.__class__}"["format"](word)', "unsafe"),
        ("word._secret", "unsafe"),
        ("look.__self__", "unsafe"),
        ("alter()", "not safely callable"),
    ],
)
def test_what_was_allowed_before_opens_nothing_else(tmp_path: Path, forbidden: str, part: str) -> None:
    """The sandbox remembers what it has allowed: of the same objects, in the same process."""

    class Word(str):
        _secret = "secret words"

    def alter() -> str:
        return "altered"

    alter.alters_data = True  # type: ignore[attr-defined]
    values = {"rows": ["a"], "word": Word("b"), "look": len, "alter": alter}
    allowed = '{{ section([rows.index("a"), rows|length, word.upper(), "{}".format(word), look(word)]|join("")) }}'
    renderer = written(tmp_path, f"{allowed}\n{{% if risky %}}{{{{ section({forbidden}) }}}}{{% endif %}}")
    for _ in range(2):
        (block,) = renderer.render("one", risky=False, **values).blocks
        assert block["text"]["text"] == "01Bb1"
    for _ in range(2):
        with pytest.raises(TemplateFault, match=part):
            renderer.render("one", risky=True, **values)
    assert values["rows"] == ["a"]


def test_a_missing_template_and_a_hidden_word_are_faults(renderer: Renderer) -> None:
    with pytest.raises(TemplateFault, match="no such template"):
        renderer.render("messages/nothing")
    with pytest.raises(TemplateFault, match="hides the block"):
        renderer.render("messages/card", section="East")
    with pytest.raises(TemplateFault, match="needs a text"):
        renderer.message("views/home", lines=[])


def test_a_later_folder_replaces_and_may_include_what_it_replaces(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages/card.j2").write_text(
        '{% include "shipped/messages/card.j2" %}\n{{ context(_("Questions? Ask sales ops.")) }}'
    )
    blocks = Renderer([FOLDER, tmp_path]).message("messages/card", **card())["blocks"]
    assert blocks[-1]["elements"][0]["text"] == "Questions? Ask sales ops."
    assert len(blocks) == 6


def test_a_catalogue_speaks_the_readers_language_and_falls_back(tmp_path: Path) -> None:
    words = tmp_path / "locale/de/LC_MESSAGES"
    words.mkdir(parents=True)
    (words / "baton.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "nobody yet"\nmsgstr "noch niemand"\n\n'
        'msgid "%(out)s leaves %(day)s → %(in_)s"\nmsgstr "%(out)s geht am %(day)s → %(in_)s"\n\n'
        'msgid "*%(account)s* · %(tier)s"\nmsgstr "*%(konto)s*"\n',
        encoding="utf-8",
    )
    renderer = Renderer([FOLDER, tmp_path])
    blocks = renderer.message("messages/card", "de-DE", **card())["blocks"]
    assert blocks[2]["elements"][0]["text"] == "<@U0MIA> geht am Mo., 12. Jan. 2026 → noch niemand"
    assert blocks[0]["text"]["text"] == "*Acme &amp; Sons* · key", "a wrong placeholder gives way to English"
    assert renderer.message("messages/card", "xx-YY", **card())["blocks"][3]["text"]["text"].endswith("Wed 3 Dec")


anything: st.SearchStrategy[Any] = st.text(max_size=300) | st.sampled_from(
    [
        "<!channel>",
        '", "type": "x',
        "{{ 7*7 }}",
        "<https://evil|bank>",
        "&lt;",
        "\u202e",
        '"}{"type":"divider"}',
        "\x00",
    ]
)


@given(text=anything)
def test_no_text_breaks_out_of_its_place(renderer: Renderer, text: str) -> None:
    plainly = renderer.message("messages/card", **card())
    message = renderer.message("messages/card", **card(account=text, benefit=text, tier=text, items=[Item(1, text)]))
    assert [block["type"] for block in message["blocks"]] == [block["type"] for block in plainly["blocks"]]
    assert json.loads(json.dumps(message)) == message
    for index in (0, 3):
        shown = message["blocks"][index]["text"]["text"]
        assert "<" not in shown
        assert ">" not in shown
        assert "&" not in shown.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")


def test_every_name_is_listed_once(renderer: Renderer) -> None:
    assert renderer.names() == ["messages/card", "views/home", "views/note"]
