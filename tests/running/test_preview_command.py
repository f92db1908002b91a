"""`baton playbooks preview`: a manager sees the whole calendar of a handoff before anybody gets it."""

import csv
import io
import json
from collections import Counter
from datetime import date, datetime, time
from functools import cache
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.calendars import holidays_of, week_of
from bot.domain.reminding import DAILY_CAP
from bot.playbooks.files import SHIPPED

BOOKS = sorted((SHIPPED / "playbooks").glob("*.yaml"))
FULLEST = SHIPPED / "playbooks" / "retirement_or_promotion.yaml"
STARTS = {"US": "2026-11-23", "DE": "2026-12-17", "EG": "2026-03-15", "JP": "2026-04-27"}
"""Each just before holidays: Thanksgiving, Christmas, the end of Ramadan, Golden Week."""


def preview(*options: str, file: Path = FULLEST, start: str = "2026-11-23", country: str = "US") -> Result:
    words = ["playbooks", "preview", str(file), "--start", start, "--country", country, *options]
    return CliRunner().invoke(app, words, env={"COLUMNS": "80"})


@cache
def as_json(*options: str, **which: object) -> dict:
    result = preview("--json", *options, **which)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def reminders(found: dict) -> list[dict]:
    return [one for one in found["messages"] if one["kind"] in ("reminder", "digest")]


@pytest.mark.parametrize("country", STARTS)
@pytest.mark.parametrize("file", BOOKS, ids=lambda path: path.stem)
def test_every_reminder_of_every_shipped_playbook_lies_in_its_reader_s_hours(file, country):
    """Four days late, so that the whole ladder is climbed and every stage comes."""
    sent = reminders(as_json("--done", "4", file=file, start=STARTS[country], country=country))
    assert {"repeat", "manager"} <= {said["because"] for one in sent for said in one["says"]}
    for one in sent:
        at = datetime.fromisoformat(one["at"])
        assert at.date().weekday() in week_of(country), one
        assert not holidays_of(country)(at.date()), one
        assert time(9) <= at.time() < time(17), one
    days = Counter((one["to"], one["at"][:10]) for one in sent)
    digests = Counter((one["to"], one["at"][:10]) for one in sent if one["kind"] == "digest")
    assert max(days.values()) <= DAILY_CAP
    assert max(digests.values(), default=1) == 1


def test_on_time_every_step_and_question_is_told_of_and_nobody_above_hears_anything():
    found = as_json()
    told = {said["because"] for one in reminders(found) for said in one["says"]}
    titles = {said["title"] for one in reminders(found) for said in one["says"]}
    kinds = Counter(one["kind"] for one in found["messages"])
    assert told == {"heads_up", "due"}
    assert "manager’s manager" not in {one["to"] for one in found["messages"]}
    assert {"Warn the customer", "Answer of Credit", "Accept or return the account", "Say how it went (1/3)"} <= titles
    assert (kinds["card"], kinds["checklist"], kinds["gate"], kinds["acceptance"]) == (1, 3, 3, 1)
    assert found["messages"][-1]["kind"] == "completed"


def test_never_done_climbs_to_the_manager_s_manager_and_the_first_stage_never_ends():
    found = as_json("--done", "never")
    told = {said["because"] for one in reminders(found) for said in one["says"]}
    chiefs = [one for one in found["messages"] if one["to"] == "manager’s manager"]
    assert told == {"heads_up", "due", "repeat", "manager", "managers_manager"}
    assert chiefs
    assert {said["late_days"] for one in chiefs for said in one["says"]} == {8}
    assert [one for one in found["messages"] if one["kind"] == "gate"] == []


def test_done_late_repeats_and_tells_the_manager():
    found = as_json("--done", "4")
    told = {said["because"] for one in reminders(found) for said in one["says"]}
    assert {"repeat", "manager"} <= told
    assert [one["kind"] for one in found["messages"]][-1] == "completed"


def test_the_start_posts_card_checklist_and_questions_in_that_order():
    first = as_json()["messages"][:6]
    assert [one["kind"] for one in first] == ["card", "question", "question", "question", "question", "checklist"]
    assert {one["at"] for one in first} == {"2026-11-23T10:00:00-05:00"}
    assert {one["to"] for one in first} == {"channel", "thread", "credit", "warranty", "marketing", "inside sales"}


def test_a_holiday_moves_dates_and_says_which():
    found = as_json()
    thanksgiving = next(one for one in found["holidays"] if one["day"] == "2026-11-26")
    assert thanksgiving["name"] == "Thanksgiving Day"
    assert thanksgiving["reminders"] > 0
    dues = {said["title"]: said["due_on"] for one in reminders(found) for said in one["says"]}
    moved = [one for note in found["holidays"] for one in note["dates"]]
    assert moved
    for title, without, having in moved:
        assert (without != having, dues[title]) == (True, having)
    assert [one for one in reminders(found) if one["at"].startswith("2026-11-26")] == []


def test_people_elsewhere_are_written_to_in_their_own_morning():
    found = as_json("--country", "incoming=JP", "--zone", "manager=America/Los_Angeles")
    shown = {one["to"]: one["at"][11:] for one in reminders(found) if "2026-11-24" < one["at"] < "2027"}
    assert shown["incoming"] == "09:00:00+09:00"
    assert shown["manager"] == "09:00:00-08:00"
    assert shown["outgoing"] == "09:00:00-05:00"
    assert found["assumed"]["people"]["incoming"] == {"country": "JP", "zone": "Asia/Tokyo"}


def test_a_cap_of_one_leaves_one_message_a_day():
    sent = reminders(as_json("--done", "never", "--cap", "1"))
    assert max(Counter((one["to"], one["at"][:10]) for one in sent).values()) == 1


def test_the_account_decides_which_steps_there_are():
    plain = {said["title"] for one in as_json()["messages"] for said in one["says"]}
    special = as_json("--tier", "strategic", "--channel", "partner", "--overseas")
    assert len({said["title"] for one in special["messages"] for said in one["says"]} - plain) > 2
    assert special["assumed"]["tier"] == "strategic"


def test_the_last_day_is_reckoned_or_said():
    assert as_json()["assumed"]["last_day"] == "2026-12-22"
    assert as_json("--last-day", "2027-01-29")["assumed"]["last_day"] == "2027-01-29"
    assert as_json(file=SHIPPED / "playbooks" / "stage_move.yaml")["assumed"]["last_day"] is None


def test_until_ends_the_look_ahead():
    found = as_json("--until", "2026-11-27")
    assert {one["at"][:10] <= "2026-11-27" for one in found["messages"]} == {True}
    assert len(reminders(found)) < len(reminders(as_json()))


def test_the_table_fits_eighty_columns_and_says_everything_without_colours():
    result = preview()
    assert result.exit_code == 0
    assert max(len(line) for line in result.stdout.splitlines()) <= 80
    assert "\x1b" not in result.stdout
    assert "…" not in result.stdout
    shown = " ".join(result.stdout.split())
    assert "Retirement or promotion" in shown
    assert "everything is done on the last possible day" in shown
    assert "the outgoing rep’s last day is Tue 22 Dec 2026" in shown
    assert "Warn the customer: due today" in shown
    assert "Thanksgiving Day" in shown
    for role in ("outgoing", "incoming", "manager", "credit", "warranty", "marketing", "inside sales"):
        assert role in shown


def test_csv_has_one_line_for_each_thing_said():
    result = preview("--csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(rows) == sum(len(one["says"]) for one in as_json()["messages"])
    assert (rows[0]["kind"], rows[0]["weekday"]) == ("card", "Monday")
    assert all(date.fromisoformat(row["due_on"]) for row in rows if row["kind"] in ("reminder", "digest"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"country": "Germony"}, "did you mean DE, Germany?"),
        ({"country": "XX"}, "'XX' is no country"),
        ({"start": "23.11.2026"}, "'23.11.2026' is no date for the start. Write it as in 2026-11-23."),
        ({"start": "2026-02-30"}, "'2026-02-30' is no date"),
        ({"start": "9999-12-31"}, "out of sight"),
        ({"start": "2026-11-26"}, "the next working day is Fri 27 Nov 2026: --start 2026-11-27"),
        ({"start": "2026-11-22"}, "Nobody works on Sun 22 Nov 2026 in United States"),
        ({"file": Path("missing.yaml")}, "missing.yaml: cannot be read"),
        ({"file": SHIPPED / "feedback" / "credit.yaml"}, "this is a feedback pack"),
        ({"options": ["--zone", "Berlin"]}, "did you mean Europe/Berlin?"),
        ({"options": ["--zone", "boss=Europe/Berlin"]}, "Nobody is called 'boss' here"),
        ({"options": ["--tier", "strategik"]}, "Did you mean strategic?"),
        ({"options": ["--reason", "voluntary"]}, "This playbook is not for the reason 'voluntary'"),
        ({"options": ["--channel", "nobody"]}, "is no sales channel"),
        ({"options": ["--last-day", "2026-11-02"]}, "is before the start"),
        ({"options": ["--until", "2020-01-01"]}, "is before the start"),
        ({"options": ["--cap", "0"]}, "1 or more"),
        ({"options": ["--done", "soon"]}, "'soon' does not say when things get done"),
        ({"options": ["--until", "later"]}, "'later' is no date for the end"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_and_ends_with_code_2(words, sentence):
    options = words.pop("options", [])
    result = preview(*options, **words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_file_with_problems_is_told_as_check_tells_it(tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("titel: Acme\n", encoding="utf-8")
    checked = CliRunner().invoke(app, ["playbooks", "check", str(broken)])
    result = preview(file=broken)
    assert result.exit_code == 2
    assert result.stderr == checked.stdout


def test_names_of_countries_and_usual_slips_are_understood():
    assert as_json(country="germany", start="2026-11-24")["assumed"]["people"]["manager"]["country"] == "DE"
    assert as_json(country="uk", start="2026-11-24")["assumed"]["people"]["manager"]["zone"] == "Europe/London"
