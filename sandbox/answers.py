"""How the app's answers to commands and option requests are read."""

from __future__ import annotations

import json

from sandbox.blocks.composition import OPTION_GROUP, PLAIN_OPTION
from sandbox.blocks.report import MESSAGE, Report, array
from sandbox.choices import NotPossible
from sandbox.model import Json
from sandbox.transport import Answer


def said(body: str) -> Json:
    """The message in the answer to a slash command: JSON, or plain text; {} when there is none."""
    if not body.strip():
        return {}
    try:
        parsed = json.loads(body)
    except ValueError:
        return {"text": body}
    return parsed if isinstance(parsed, dict) else {"text": body}


def offered(answer: Answer) -> list[Json]:
    """The options in the answer to block_suggestion, groups flattened. Raises NotPossible when Slack would fail."""
    if not answer.ok:
        raise NotPossible(f"the options could not be loaded: {answer.detail}")
    try:
        body = answer.parsed()
    except ValueError as problem:
        raise NotPossible(f"the options could not be loaded: {problem}") from problem
    if not isinstance(body, dict) or not ({"options", "option_groups"} & set(body)):
        raise NotPossible(f"the options could not be loaded: neither options nor option_groups in {answer.body[:200]}")
    _refuse_bad(body)
    grouped = [option for group in body.get("option_groups") or [] for option in group["options"]]
    return [*(body.get("options") or []), *grouped]


def _refuse_bad(body: Json) -> None:
    report = Report(MESSAGE)
    array(PLAIN_OPTION, 0, 100)(report, "/options", body.get("options") or [])
    array(OPTION_GROUP, 0, 100)(report, "/option_groups", body.get("option_groups") or [])
    if report.problems:
        raise NotPossible("the options could not be loaded: " + "; ".join(report.problems))
