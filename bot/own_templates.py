"""The shipped templates and the customer's own over them: looked through before anything is started with them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from bot.errors import BotError
from bot.playbooks.files import SHIPPED
from bot.slack.template_check import check_templates

log = logging.getLogger(__name__)


class BadTemplates(BotError):
    """Templates of the customer's own that cannot be used; the text names file, line and reason of each."""


def folders_of(own: Path | None) -> Sequence[Path]:
    """Where templates lie, the customer's own folder last, because it wins. Raises BadTemplates.

    What cannot work stops the start; what merely looks like a slip is logged.
    """
    if own is None:
        return [SHIPPED]
    problems = check_templates(SHIPPED, [own])
    for problem in problems:
        if not problem.certain:
            log.warning("%s: %s", own, problem)
    certain = [str(problem) for problem in problems if problem.certain]
    if certain:
        raise BadTemplates(
            "Templates in %(folder)s cannot be used:\n%(problems)s", folder=own, problems="\n".join(certain)
        )
    return [SHIPPED, own]
