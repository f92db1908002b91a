"""People see what Slack would show them, and nothing else."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient
from tiny_bolt import ACCOUNTS, MIA, actions, button, option, section

from sandbox.server import Sandbox


def shown(sandbox: Sandbox, client: WebClient, who: str, *blocks: dict, text: str = "fallback") -> str:
    client.chat_postMessage(channel=ACCOUNTS, text=text, blocks=list(blocks))
    return sandbox.person(who).messages("#accounts")[-1].text


@pytest.mark.parametrize(
    ("mrkdwn", "words"),
    [
        ("*bold* _it_ ~gone~ `code`", "bold it gone code"),
        ("5 * 3 * 2 and snake_case_name", "5 * 3 * 2 and snake_case_name"),
        ("<@U0OLAF00000> in <#C0GENERAL00> for <!subteam^S0SALESMANAGERS>", "@olaf in #general for @sales-managers"),
        ("<https://acme.example|Acme> <https://acme.example>", "Acme https://acme.example"),
        ("<!here> a &lt;b&gt; &amp; c", "@here a <b> & c"),
        ("&lt;@U0OLAF00000&gt;", "<@U0OLAF00000>"),
        ("<!date^1772442000^{date_num} {time}|soon>", "2026-03-02 10:00"),
    ],
)
def test_markup_is_read_as_words(sandbox: Sandbox, client: WebClient, mrkdwn: str, words: str) -> None:
    assert shown(sandbox, client, "mia", section(mrkdwn)) == words


def test_dates_are_on_the_readers_wall_clock(sandbox: Sandbox, client: WebClient) -> None:
    assert shown(sandbox, client, "carl", section("<!date^1772442000^{time}|x>")) == "03:00"


def test_private_channels_stay_unnamed(sandbox: Sandbox, client: WebClient) -> None:
    private = sandbox.workspace.find_channel("leadership")
    assert private
    assert shown(sandbox, client, "olaf", section(f"<#{private.id}>")) == "private channel"
    assert sandbox.person("mia").messages("#accounts")[-1].text == "#leadership"
    with pytest.raises(AssertionError, match=r"olaf sees no channel '#leadership', but #general, #accounts"):
        sandbox.person("olaf").messages("#leadership")


def test_blocks_hide_the_fallback_text(sandbox: Sandbox, client: WebClient) -> None:
    rich = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [{"type": "text", "text": "Hi "}, {"type": "user", "user_id": MIA}],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": word}]}
                    for word in ("one", "two")
                ],
            },
        ],
    }
    select = {
        "type": "static_select",
        "action_id": "s",
        "options": [option("One")],
        "placeholder": {"type": "plain_text", "text": "Choose"},
    }
    text = shown(sandbox, client, "mia", rich, actions(button("a", "Go"), select))
    assert text == "Hi @mia\none\ntwo\n[Go] [Choose]"
    assert not sandbox.person("mia").sees("fallback")


def test_people_talk(sandbox: Sandbox) -> None:
    mia, olaf = sandbox.person("mia"), sandbox.person("olaf")
    root = mia.says("hello @olaf & <all>", in_="#accounts")
    olaf.says("hello back", in_="#accounts", thread=root)
    assert root.text == "hello @olaf & <all>"
    assert [(s.author, s.text) for s in mia.thread(root)] == [("olaf", "hello back")]
    mia.says("between us", in_="@olaf")
    assert olaf.dms("mia")[-1].text == "between us"
    assert olaf.sees("BETWEEN us")
    assert not sandbox.person("ines").sees("between us")
    assert not sandbox.person("otto").sees("hello back")
    assert sandbox.person("otto").sees("hello back", in_="#accounts")
    assert not sandbox.person("otto").types("let me in", in_="#accounts").ok
    with pytest.raises(LookupError, match="nobody is called 'zoe'"):
        sandbox.person("zoe")
