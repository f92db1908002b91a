"""docs/crm.md is right: its examples are run against the app, its signatures are computed again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from far_end import SECRET, listening

from bot.crm.hook import LARGEST
from bot.crm.schema import EVENTS_AT_MOST, Delivery, HandoffRequested, read_delivery
from bot.hooks import queue
from bot.hooks.events import EVENTS, ping
from bot.hooks.signing import OLDEST, signature
from tests.served import ROOT
from tests.town import Town

TEXT = (ROOT / "docs" / "crm.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The examples in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Town]:
    """A town of today, because the shell knows no other time."""
    place = Town(sqlite_url, datetime.now(UTC).replace(microsecond=0))
    place.close_bot()
    place.settings = replace(place.settings, crm_secret=SECRET)
    place.open_bot()
    yield place
    place.close()


def run(town: Town, command: list[str], given: str) -> str:
    base = town.request_url.removesuffix("/slack/events")
    environment = {**os.environ, "BATON_URL": base, "BATON_CRM_SECRET": SECRET, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(command, input=given, env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="needs curl and openssl")
def test_the_shell_example_stores_an_account_and_answers_as_it_says(town: Town) -> None:
    (example,) = blocks("bash")
    answer = json.loads(run(town, ["bash", "-eu"], example))
    promised = re.search(r"It answers `(\{.*?\})`", TEXT)
    assert promised is not None
    assert answer == json.loads(promised[1])
    assert town.rows("SELECT name, region, crm FROM accounts") == [("Acme", "North", "salesforce")]


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js")
def test_the_hubspot_example_stores_a_company_with_its_owner(town: Town) -> None:
    (example,) = blocks("javascript")
    event = {"inputFields": {"name": "Bolt", "hubspot_owner_id": "1001"}, "object": {"objectId": 77}}
    script = f"{example}\nexports.main({json.dumps(event)}, told => console.log(JSON.stringify(told)));\n"
    told = json.loads(run(town, ["node"], script))["outputFields"]
    assert told["status"] == 200, told
    assert json.loads(told["told"])["changed"] == 1
    assert town.rows("SELECT name, crm, crm_id FROM accounts") == [("Bolt", "hubspot", "77")]


def test_the_example_of_a_prospect_that_goes_to_an_executive_is_taken(town: Town) -> None:
    (example,) = (one for one in blocks("json") if "handoff.requested" in one)
    (event,) = read_delivery(example.encode()).events
    assert isinstance(event, HandoffRequested)
    assert event.reason == "stage_move"


def test_the_signature_to_try_ones_own_code_with_is_right() -> None:
    secret, timestamp, body = re.search(
        r"secret `([^`]+)`, the timestamp `(\d+)` and the body\s+`([^`]+)`", TEXT
    ).groups()  # type: ignore[union-attr]
    assert f"X-Baton-Signature: {signature(secret, timestamp, body.encode())}\n" in TEXT


def test_the_apex_example_signs_what_the_others_sign() -> None:
    sends, _trigger = blocks("apex")
    assert "Crypto.generateMac('hmacSHA256', Blob.valueOf('v1:' + timestamp + ':' + body), key)" in sends
    assert "'v1=' + EncodingUtil.convertToHex(mac)" in sends
    assert "Datetime.now().getTime() / 1000" in sends


def test_the_python_example_knows_a_webhook_of_ours(town: Town) -> None:
    names: dict[str, Any] = {}
    exec(blocks("python")[0], names)
    with listening() as far_end:
        town.close_bot()
        town.settings = replace(town.settings, hook_urls=(far_end.url,), hook_secret=SECRET, hook_private=True)
        town.open_bot()
        (post,) = town.bot.crm.hooks.posts
        with town.bot.db.write() as session:
            ping(session, [post.far_end.name], 1, town.clock.now())
        assert post.send_next()
        (heard,) = far_end.heard
    assert names["is_from_baton"](SECRET, heard.headers, heard.body)
    assert not names["is_from_baton"](SECRET, heard.headers, heard.body + b" ")
    assert not names["is_from_baton"]("another secret altogether", heard.headers, heard.body)


def test_every_event_and_field_stands_in_the_document() -> None:
    for event in EVENTS:
        assert f"`{event}`" in TEXT, event
    schema = Delivery.model_json_schema()
    for part in schema["$defs"].values():
        for field in part.get("properties", {}):
            assert f"`{field}`" in TEXT or f"{field}`" in TEXT or f'"{field}"' in TEXT, field
    assert f"{LARGEST // 1024} KB" in TEXT
    assert f"1 to {EVENTS_AT_MOST}" in TEXT
    assert (OLDEST, queue.TRIES) == (300, 10)  # "five minutes", "ten times"
    assert 15.5 < sum(queue.WAITS) / 3600 < 18.5  # "about seventeen hours"
