"""Slack's texts become HTML, and no text becomes more than that."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_sights import READER

from sandbox.page import markdown, mrkdwn, rich_text

ALLOWED = {"strong", "em", "s", "u", "code", "pre", "blockquote", "a", "br", "span", "bdi", "time", "div", "p", "ul",
           "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "hr"}  # fmt: skip
ATTRIBUTES = {"href", "target", "rel", "class", "datetime", "title", "data-nav", "role", "aria-level", "start", "style"}


class Seen(HTMLParser):
    """The tags, links and words of a piece of HTML, and whether every tag is closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.words = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in ("br", "hr", "img", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        assert tag in ("br", "hr")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def html(text: str, verbatim: bool = False) -> str:
    return str(mrkdwn.render(text, READER, verbatim=verbatim))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*bold* _it_ ~no~", "<strong>bold</strong> <em>it</em> <s>no</s>"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("2*3*4 snake_case_name ~ ~", "2*3*4 snake_case_name ~ ~"),
        ("* not bold *", "* not bold *"),
        ("`*code*`", "<code>*code*</code>"),
        ("```\na <b>\n```", "<pre>a &lt;b&gt;</pre>"),
        ("&gt; said\n&gt; he\nthen", "<blockquote>said<br>he</blockquote>then"),
        ("&gt;&gt;&gt;all\nof it", "<blockquote>all<br>of it</blockquote>"),
        ("• one\n• two", '<div class="hanging">• one</div><div class="hanging">• two</div>'),
        ("AT&amp;T &lt;ok&gt; &amp;lt;", "AT&amp;T &lt;ok&gt; &amp;lt;"),
        (":tada: :no_such_emoji:", "🎉 :no_such_emoji:"),
        (":wave::skin-tone-3:", "👋🏼"),
        ("<@U1>", '<span class="mention me"><bdi>@Mia</bdi></span>'),
        ("<@U9|old>", '<span class="mention"><bdi>@unknown person</bdi></span>'),
        ("<#C9|hidden>", '<span class="mention">private channel</span>'),
        ("<!subteam^S1>", '<span class="mention"><bdi>@credit</bdi></span>'),
        ("<!here|here>", '<span class="mention me">@here</span>'),
        ("<!date^oops^{time}^|soon>", "soon"),
        ("<!date^1763640000^{date} {time}|x>", None),
    ],
)
def test_each_form(text: str, expected: str | None) -> None:
    if expected is None:
        assert "November 20th, 2025 13:00" in html(text), "a date is shown on the reader's wall clock"
    else:
        assert html(text) == expected


def test_a_channel_links_to_the_persons_own_page() -> None:
    assert 'href="/as/mia?at=C1"' in html("<#C1|anything>")
    assert "#accounts" in html("<#C1|anything>")


def test_links_tell_the_other_side_nothing() -> None:
    attributes = 'href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer nofollow"'
    assert html("<https://a.example/?x=1&amp;y=2|*Look*>") == f"<a {attributes}><strong>Look</strong></a>"


def test_verbatim_leaves_addresses_and_names_alone() -> None:
    text = "see https://a.example and #accounts"
    assert "<a " not in html(text, verbatim=True)
    assert html(text).count("<a ") == 2


@pytest.mark.parametrize("day", ["yesterday", "today", "tomorrow"])
def test_near_days_have_names(day: str) -> None:
    seconds = int(READER.now.timestamp()) + {"yesterday": -86400, "today": 0, "tomorrow": 86400}[day]
    assert day in html(f"<!date^{seconds}^{{date_short_pretty}}|x>")


HOSTILE = [
    "<script>alert(1)</script>",
    "<javascript:alert(1)|click>",
    "<data:text/html,<script>x</script>|click>",
    "<https://a.example/\"onmouseover=alert(1)|x>",
    "<https://a.example|</a><img src=x onerror=alert(1)>>",
    "*<b>*_<i>_~</s>~`</code>`",
    "```</pre><script>x</script>```",
    "\ufdd00\ufdd1\ufdd099\ufdd1\x00",
    "<@U2> <@\"><script>> <#C1|\"><script>>",
    "<!date^1^{time}^javascript:alert(1)|<b>>",
    "<!date^99999999999^{date}|late>",
    "<!subteam^x|@\"><svg onload=alert(1)>>",
    "&lt;script&gt; &#60;script&#62; &quot;",
    "\u202egnp.exe<https://a.example|\u202eb>",
    "`" * 9 + "<" * 9 + "*_~" * 9,
    ":" + "a" * 70 + ":",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(text: str) -> None:
    for shown in (html(text), html(text, verbatim=True), str(markdown.render(text)), str(mrkdwn.render_plain(text))):
        _harmless(shown)


@given(st.text(alphabet="<>&|*_~`@#!^:/.\"'= \nhtps@UC1xjavscrip\ufdd0\ufdd10", max_size=80))
def test_any_text_gives_whole_harmless_html(text: str) -> None:
    _harmless(html(text))
    _harmless(str(markdown.render(text)))


@given(st.text(alphabet=st.characters(exclude_characters="\ufdd0\ufdd1\x00:", exclude_categories=["Cs"]), max_size=60))
def test_escaped_words_are_shown_as_they_were_typed(text: str) -> None:
    typed = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = Seen(str(mrkdwn.render_plain(typed)).replace("<br>", "\n")).words
    assert plain.split() == text.split()


def _harmless(shown: str) -> None:
    seen = Seen(shown)
    assert set(seen.tags) <= ALLOWED
    assert seen.attributes <= ATTRIBUTES
    assert all(re.match(r"(https?://|mailto:|tel:|/as/mia)", link) for link in seen.links)


@pytest.mark.parametrize(
    "text", ["*a " * 9000, "<" * 30000, "`a" * 15000, "_*~" * 9000, "```" * 9001, ":a" * 15000, "> " * 9000]
)
def test_long_texts_take_no_time_to_speak_of(text: str) -> None:
    started = datetime.now(UTC)
    html(text)
    assert (datetime.now(UTC) - started).total_seconds() < 2


def test_markdown() -> None:
    shown = str(
        markdown.render(
            "# Title\n**bold** ~~gone~~ [x](https://a.example) ![pic](https://a.example/p.png)\n\n|a|b|\n|-|-|\n|1|2|"
        )
    )
    assert 'role="heading"' in shown
    assert "<strong>bold</strong> <s>gone</s>" in shown
    assert "<td>1</td>" in shown
    assert "<img" not in shown, "a picture of a text is never loaded, only linked"


def test_rich_text() -> None:
    block = {"type": "rich_text", "elements": [
        {"type": "rich_text_section", "elements": [
            {"type": "text", "text": "<b>*x*", "style": {"bold": True, "code": True}},
            {"type": "user", "user_id": "U1"}, {"type": "channel", "channel_id": "C9"},
            {"type": "broadcast", "range": "here"},
            {"type": "emoji", "name": "tada"}, {"type": "link", "url": "javascript:alert(1)", "text": "no"},
            {"type": "date", "timestamp": 1763640000, "format": "{date_num}", "fallback": "x"}]},
        {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "q"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "p\nq"}]},
    ]}  # fmt: skip
    shown = str(rich_text.render(block, READER))
    _harmless(shown)
    assert "<strong><code>&lt;b&gt;*x*</code></strong>" in shown
    for part in (
        "@Mia",
        "private channel",
        "@here",
        "🎉",
        "2025-11-20",
        "<li>one</li>",
        "<blockquote>q",
        "<pre>p<br>q",
    ):
        assert part in shown
