"""/handoff import, and files that people share: a form, a few clicks, and a message that says how it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, Respond

from bot.domain.imports.fields import FIELDS
from bot.domain.imports.job import ImportJob
from bot.domain.imports.report import ImportKind
from bot.domain.money import UnknownCurrency, currency_of
from bot.domain.refusals import Refusal
from bot.errors import FieldErrors
from bot.slack.shared_file import FileUnusable, SharedFile
from bot.usecases.desk import Actor
from handlers.answering import Answer, answering
from handlers.events import heard
from handlers.payloads import Body, Form, StaleButton, clicked, number, team_of
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

COLUMNS = 60
"""As many columns as a form shows: first those that are used."""
LEFT_ALONE = "-"
ENCODINGS = ("UTF-8", "Windows-1252", "Latin-1", "Mac Roman", "UTF-16 LE", "UTF-16 BE")
"""By the names that `Choices.encoding` takes."""


class NoFile(Refusal):
    sentence = "There is no file in that message."


class TwoColumns(Refusal):
    sentence = "Another column fills that already. Leave one of them alone."


def register(routes: Routes, bot: Bot) -> None:
    desk = bot.imports.desk

    @routes.view("import.read")
    def read(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            file = _file_of(form)
            try:
                desk.begin(answer.actor, _kind(form.chosen("kind")), file)
            except FileUnusable as problem:
                raise FieldErrors({"file": problem}) from problem
            answer.fill("views/import/reading", file=file.name)

    heard(routes, "file_shared", lambda body: _shared(bot, body))

    @routes.shortcut("import.file")
    def of_message(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            listed = (body.get("message") or {}).get("files") or []
            if not listed or not isinstance(listed[0], dict) or not listed[0].get("id"):
                raise NoFile()
            desk.require(answer.actor)
            desk.arrived(answer.actor, str(listed[0]["id"]), again=True)

    _clicks(routes, bot)
    _forms(routes, bot)


def _clicks(routes: Routes, bot: Bot) -> None:
    desk = bot.imports.desk

    def click(action: str, do: Callable[[Answer, int], None]) -> None:
        @routes.action(action)
        def clicked_on(ack: Ack, respond: Respond, body: Body) -> None:
            with answering(bot, ack, respond, body) as answer:
                do(answer, number(clicked(body), "job"))

    for kind in ImportKind:
        click(f"import.{kind}", partial(_say_kind, kind))
    click("import.leave_out", lambda answer, job: desk.say(answer.actor, job, leave_out_bad=True))
    click("import.confirm", lambda answer, job: desk.confirm(answer.actor, job))
    click("import.discard", lambda answer, job: desk.discard(answer.actor, job))
    click("import.encode", lambda answer, job: _encode(answer, desk.job(answer.actor, job)))
    click("import.again", lambda answer, job: desk.read_again(answer.actor, job))
    click("import.answer", lambda answer, job: _open(answer, "answers", desk.checked(answer.actor, job)))
    click("import.people", lambda answer, job: _open(answer, "people", desk.checked(answer.actor, job)))
    click("import.columns", lambda answer, job: _columns(answer, desk.checked(answer.actor, job)))


def _forms(routes: Routes, bot: Bot) -> None:
    desk = bot.imports.desk

    def sent(callback: str, read: Callable[[Form, ImportJob], Mapping[str, Any]]) -> None:
        @routes.view(callback)
        def submitted(ack: Ack, respond: Respond, body: Body) -> None:
            with answering(bot, ack, respond, body) as answer:
                form = Form.of(body)
                job = desk.checked(answer.actor, number(form.data, "job"))
                desk.say(answer.actor, job.id, **read(form, job))

    @routes.view("import.encoding")
    def encoded(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            desk.read_again(answer.actor, number(form.data, "job"), _encoding(form))

    sent("import.answers", _answers)
    sent("import.columns", _mapping)
    sent("import.people", _people)


def ask(answer: Answer, _rest: str = "") -> None:
    """`/handoff import`."""
    answer.bot.imports.desk.require(answer.actor)
    answer.open("views/import/start")


def _say_kind(kind: ImportKind, answer: Answer, job_id: int) -> None:
    answer.bot.imports.desk.say_kind(answer.actor, job_id, kind)


def _open(answer: Answer, view: str, job: ImportJob) -> None:
    answer.open(f"views/import/{view}", job=job)


def _columns(answer: Answer, job: ImportJob) -> None:
    listed = list(enumerate(job.report["columns"]))
    shown = sorted(sorted(listed, key=lambda one: not one[1]["field"])[:COLUMNS])
    fields = [one.name for one in FIELDS[job.kind or ImportKind.ACCOUNTS]]
    answer.open("views/import/columns", job=job, columns=shown, fields=fields, encodings=ENCODINGS)


def _encode(answer: Answer, job: ImportJob) -> None:
    answer.open("views/import/encoding", job=job, encodings=ENCODINGS)


def _shared(bot: Bot, body: Body) -> None:
    """A file shared with Baton alone. What people share among themselves is none of its business."""
    event = body["event"]
    if str(event.get("channel_id") or "").startswith("D") and event.get("user_id"):
        bot.imports.desk.arrived(Actor(team_of(body), str(event["user_id"])), str(event["file_id"]))


def _file_of(form: Form) -> SharedFile:
    listed = form.values.get("file", {}).get("files") or []
    if not listed or not isinstance(listed[0], dict):
        raise StaleButton()
    return SharedFile.read(listed[0])


def _kind(chosen: str | None) -> ImportKind:
    try:
        return ImportKind(chosen or "")
    except ValueError:
        raise StaleButton() from None


def _answers(form: Form, job: ImportJob) -> Mapping[str, Any]:
    said: dict[str, Any] = {"dates": form.chosen("dates"), "decimal": form.chosen("decimal")}
    if form.text("currency").strip():
        try:
            said["currency"] = currency_of(form.text("currency"))
        except UnknownCurrency as problem:
            raise FieldErrors({"currency": problem}) from problem
    columns = {one["field"]: one["options"] for one in job.report["questions"] if one["field"]}
    chosen = {field: form.number(f"column.{field}") for field in columns}
    picked = {columns[field][at]: field for field, at in chosen.items() if at is not None and at < len(columns[field])}
    return {**said, "mapping": picked or None}


def _mapping(form: Form, job: ImportJob) -> Mapping[str, Any]:
    mapping: dict[str, str] = {}
    known = {one.name for one in FIELDS[job.kind or ImportKind.ACCOUNTS]}
    for place, column in enumerate(job.report["columns"]):
        chosen = form.chosen(f"column.{place}")
        if chosen is None:
            continue
        field = "" if chosen == LEFT_ALONE else chosen
        if field and field not in known:
            raise StaleButton()
        if field and field in mapping.values():
            raise FieldErrors({f"column.{place}": TwoColumns()})
        mapping[column["name"]] = field
    return {"mapping": mapping, "encoding": _encoding(form) or None}


def _encoding(form: Form) -> str:
    chosen = form.chosen("encoding") or ""
    if chosen not in ("", *ENCODINGS):
        raise StaleButton()
    return chosen


def _people(form: Form, job: ImportJob) -> Mapping[str, Any]:
    listed = enumerate(job.report["unmatched"])
    return {"people": {one["name"]: form.person(f"person.{place}") or "" for place, one in listed}}
