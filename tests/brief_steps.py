"""What the stories of briefs have in common: a dossier that is filled, the brief in Slack, and its page."""

from __future__ import annotations

from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

from tests.town import Town


def writes_down(town: Town, *statements: str) -> None:
    """Into the database, as if people had said it."""
    with town.bot.db.engine.begin() as connection:
        for one in statements:
            connection.exec_driver_sql(one)


ENTRY = (
    "INSERT INTO entries (workspace_id, account_id, kind, happened_on, text, link, by_id, created_at, version) "
    "VALUES (1, 1, '{kind}', '{day}', '{text}', '', {by}, '2026-11-23 09:00:00', 0)"
)
CONTACT = (
    "INSERT INTO contacts (workspace_id, account_id, name, role, title, mail, phone, note) VALUES (1, 1, {values})"
)


def filled(town: Town) -> None:
    """Something of everything is known about Acme."""
    writes_down(
        town,
        CONTACT.format(values="'Ada Lind', 'decision_maker', 'Head of buying', 'ada@acme.example', '', ''"),
        CONTACT.format(values="'Rolf Stone', 'trouble_maker', '', '', '', 'Blocks every order'"),
        ENTRY.format(kind="call", day="2026-11-20", text="Wants a quote by Friday", by=2),
        ENTRY.format(kind="complaint", day="2026-10-02", text="Two pumps came late", by=2),
        "INSERT INTO regular_orders (workspace_id, account_id, what, quantity, note, version) "
        "VALUES (1, 1, 'Seals', '40 boxes a month', '', 0)",
        "INSERT INTO agreements (workspace_id, account_id, title, terms, expires_on, version) "
        "VALUES (1, 1, 'Framework 2026', '3 % at 100 boxes', '2027-03-31', 0)",
        "INSERT INTO key_dates (workspace_id, account_id, title, day, yearly, ahead_days, version) "
        "VALUES (1, 1, 'Founder''s day', '2020-12-12', true, 7, 0)",
        "UPDATE accounts SET next_order_on = '2026-12-15', order_every_days = 30 WHERE id = 1",
    )


def opens_brief(town: Town, who: str):
    """The brief of Acme in a window of Slack."""
    person = town.sandbox.person(who)
    if person.modal is not None:
        person.modal.close()
    assert person.types("/handoff brief Acme", in_="#accounts").ok
    return person.modal


def link_of(town: Town, who: str) -> str:
    """The address of the brief as a page, made for that person."""
    return str(town.bot.briefs.look(town.actor(who), query="Acme").link)


def opens_page(town: Town, link: str, more: str = ""):
    """Status, headers and text of what the browser gets."""
    address = town.request_url.replace("/slack/events", urlsplit(link).path + more)
    try:
        with urlopen(address, timeout=10) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except HTTPError as problem:
        return problem.code, problem.headers, problem.read().decode()
