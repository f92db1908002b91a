"""`POST /hooks/crm` over HTTP: what is not signed, late, huge or malformed gets a sentence and changes nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from far_end import SECRET

from bot.crm import hook as crm_hook
from bot.crm.hook import LARGEST
from bot.hooks.signing import SIGNATURE, TIMESTAMP, signature
from tests.town import Town

TABLES = ("accounts", "deals", "contacts", "coverage", "owner_changes", "crm_deliveries", "audit", "outbox")


def linked(town: Town, secret: str | None = SECRET) -> Town:
    town.close_bot()
    town.settings = replace(town.settings, crm_secret=secret)
    town.open_bot()
    return town


def upsert(**facts: Any) -> dict[str, Any]:
    account = {"id": "001A", "name": "Acme", **facts}
    return {"type": "account.upsert", "at": "2026-11-23T08:00:00Z", "account": account}


def delivery(*events: dict[str, Any], number: str = "d-1") -> dict[str, Any]:
    return {"id": number, "system": "salesforce", "events": list(events or [upsert()])}


def send(town: Town, body: Any, **headers: str | None) -> httpx.Response:
    """Sent as the CRM sends it; `headers` replace some, None leaves one out."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = headers.pop("timestamp", None) or str(int(town.clock.now().timestamp()))
    usual: dict[str, str | None] = {
        "Content-Type": "application/json", TIMESTAMP: timestamp, SIGNATURE: signature(SECRET, timestamp, text),
    }  # fmt: skip
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in {**usual, **named}.items() if value is not None}
    return httpx.post(address(town), content=text, headers=sent, timeout=10)


def address(town: Town) -> str:
    return town.request_url.replace("/slack/events", "/hooks/crm")


def everything(town: Town) -> list[Any]:
    return [town.rows(f"SELECT * FROM {table} ORDER BY id") for table in TABLES]


@pytest.fixture(scope="module")
def crm_town(migrated_sqlite: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One town for all attacks: none of them may change it."""
    file = tmp_path_factory.mktemp("crm") / "baton.db"
    file.write_bytes(migrated_sqlite.read_bytes())
    town = linked(Town(f"sqlite:///{file}"))
    yield town
    town.close()


@pytest.fixture
def untouched(crm_town: Town) -> Iterator[Town]:
    before = everything(crm_town)
    yield crm_town
    assert everything(crm_town) == before


def test_nothing_is_heard_without_a_secret(lite_town: Town) -> None:
    answer = send(linked(lite_town, None), delivery())
    assert answer.status_code == 404
    assert "BATON_CRM_SECRET" in answer.json()["error"]


@pytest.mark.parametrize(
    "headers",
    [
        {TIMESTAMP: None},
        {SIGNATURE: None},
        {SIGNATURE: ""},
        {SIGNATURE: "v1=" + "0" * 64},
        {SIGNATURE: "v0=" + "0" * 64},
        {TIMESTAMP: "soon"},
        {TIMESTAMP: "٣"},
        {TIMESTAMP: "-1"},
        {TIMESTAMP: "9" * 400},
        {TIMESTAMP: "1764000000000"},
    ],
    ids=str,
)
def test_what_is_not_signed_is_refused(untouched: Town, headers: dict[str, str | None]) -> None:
    encoded: Any = {name: value.encode() if value is not None else None for name, value in headers.items()}
    assert send(untouched, delivery(), **encoded).status_code == 401


@pytest.mark.parametrize("seconds", [-301, 301, -86400])
def test_what_is_late_or_comes_from_the_future_is_refused(untouched: Town, seconds: int) -> None:
    moment = str(int(untouched.clock.now().timestamp()) + seconds)
    answer = send(untouched, delivery(), timestamp=moment)
    assert answer.status_code == 401
    assert "5 minutes" in answer.json()["error"]


def test_a_signature_is_of_that_body_only(untouched: Town) -> None:
    moment = str(int(untouched.clock.now().timestamp()))
    signed = signature(SECRET, moment, json.dumps(delivery()).encode())
    assert send(untouched, delivery(number="d-2"), **{SIGNATURE: signed}).status_code == 401


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx", None])
def test_anything_but_json_is_refused(untouched: Town, kind: str | None) -> None:
    assert send(untouched, delivery(), Content_Type=kind).status_code == 415


def test_more_than_is_read_is_refused(untouched: Town) -> None:
    assert send(untouched, b" " * (LARGEST + 1)).status_code == 413
    assert httpx.get(address(untouched)).status_code == 405


def test_a_body_that_breaks_off_is_refused(untouched: Town) -> None:
    body = json.dumps(delivery()).encode()
    moment = str(int(untouched.clock.now().timestamp()))
    host, port = address(untouched).split("/")[2].split(":")
    head = (
        f"POST /hooks/crm HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"{TIMESTAMP}: {moment}\r\n{SIGNATURE}: {signature(SECRET, moment, body)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(head.encode() + body[:-5])
        line.shutdown(socket.SHUT_WR)
        answer = line.recv(1000)
    assert answer.split()[1] in (b"400", b"401"), answer


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"null", "body"),
        (b"[" * 100_000, "body"),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "body"),
        (b"\xff\xfe", "body"),
        (b'{"id": NaN}', "body"),
        (json.dumps(delivery()).replace('"name": "Acme"', '"name": "Acme", "name": "Bolt"').encode(), "body"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "body"),
        (delivery(upsert(name="\ud800")), "body"),
        ({"id": "x", "system": "salesforce", "events": []}, "events"),
        ({"id": "x", "system": "salesforce", "events": [upsert()] * 101}, "events"),
        ({"id": "x" * 129, "system": "salesforce", "events": [upsert()]}, "id"),
        ({"id": "x\u0000y", "system": "salesforce", "events": [upsert()]}, "id"),
        ({"id": "x", "system": "Salesforce; DROP TABLE", "events": [upsert()]}, "system"),
        (delivery(upsert(), {"type": "account.delete", "at": "2026-11-23T08:00:00Z"}), "events[1]"),
        (delivery(upsert(name="\u200b \u2060")), "events[0].account.name"),
        (delivery(upsert(name=7)), "events[0].account.name"),
        (delivery(upsert(nmae="Acme")), "events[0].account.nmae"),
        (delivery(upsert(link="javascript:alert(1)")), "events[0].account.link"),
        (delivery(upsert(tier="gold")), "events[0].account.tier"),
        (delivery(upsert(owner={})), "events[0].account.owner"),
        (delivery({**upsert(), "at": "2026-11-23T08:00:00"}), "events[0].at"),
        (delivery({**upsert(), "at": "0001-01-01T00:00:00+23:59"}), "events[0].at"),
        (delivery({**upsert(), "at": "2026-11-24T08:00:00Z"}), "events[0].at"),
    ],
)
def test_what_cannot_be_read_is_named_by_field_and_reason(untouched: Town, body: Any, field: str) -> None:
    answer = send(untouched, body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["problems"][0]["field"] == field, answer.text
    assert answer.json()["problems"][0]["reason"]


def test_one_bad_event_of_many_and_nothing_of_the_delivery_is_stored(untouched: Town) -> None:
    bad = {"type": "deal.upsert", "at": "2026-11-23T08:00:00Z"}
    deal = {"id": "006", "account_id": "001A", "name": "Pumps", "amount": "10.005", "currency": "EUR"}
    answer = send(untouched, delivery(upsert(), {**bad, "deal": deal}))
    assert answer.status_code == 422
    assert answer.json()["problems"] == [{"field": "events[1].deal", "reason": "EUR has 2 decimals"}]


def test_a_delivery_that_comes_again_is_done_once(lite_town: Town) -> None:
    town = linked(lite_town)
    first = send(town, delivery())
    assert (first.status_code, first.json()["status"], first.json()["changed"]) == (200, "done", 1)
    before = everything(town)
    town.clock.jump_to(town.clock.now() + timedelta(minutes=1))  # so that it is signed anew
    again = send(town, delivery())
    assert (again.status_code, again.json()["status"], again.json()["changed"]) == (200, "already done", 1)
    assert send(town, delivery(upsert(name="Bolt"))).status_code == 409
    assert everything(town) == before


def test_a_database_that_is_away_is_said_with_when_to_come_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crm_hook, "SECONDS", 0.3)
    town = linked(Town(postgres_url))
    try:
        with town.bot.db.engine.connect() as holding:
            holding.exec_driver_sql("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
            answer = send(town, delivery())
            holding.rollback()
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert send(town, delivery()).json()["changed"] == 1
    finally:
        town.close()


def test_no_secret_and_no_body_stands_in_the_log(lite_town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    town = linked(lite_town)
    send(town, delivery(upsert(name="Very Secret Ltd")))
    send(town, delivery(upsert(name="Very Secret Ltd")), **{SIGNATURE: "v1=" + "0" * 64})
    assert SECRET in town.settings.secrets
    assert SECRET not in repr(town.settings)
    ours = [record for record in caplog.records if record.name.startswith("bot")]
    assert ours
    assert not any("Very Secret" in record.getMessage() or SECRET in record.getMessage() for record in ours)


def test_the_same_delivery_ten_times_at_once_is_done_once_and_others_wait_their_turn(database_url: str) -> None:
    town = linked(Town(database_url))
    try:
        same = [delivery(upsert(), number="same")] * 6
        others = [delivery(upsert(name=f"Acme {n}", id=f"00{n}"), number=f"d-{n}") for n in range(6)]
        clash = [delivery(upsert(name="Bolt", id=f"B{n}"), number=f"b-{n}") for n in range(3)]
        with ThreadPoolExecutor(15) as pool:
            answers = list(pool.map(lambda body: send(town, body), [*same, *others, *clash]))
        assert {answer.status_code for answer in answers} == {200}
        assert sorted(answer.json()["status"] for answer in answers[:6]) == ["already done"] * 5 + ["done"]
        assert [answer.json()["changed"] for answer in answers[6:12]] == [1] * 6
        assert sum(len(answer.json()["skipped"]) for answer in answers[12:]) == 2  # a name is one account's
        assert len(town.rows("SELECT id FROM accounts")) == 8
        assert len(town.rows("SELECT id FROM crm_deliveries")) == 10
    finally:
        town.close()
