"""`POST /hooks/crm`: what a CRM sends, checked before anything of it is believed (docs/crm.md).

Every refusal is a 4xx with a sentence; what is refused changes nothing. No body and no secret is ever logged.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from bot.clock import Clock
from bot.crm.schema import NotRead, read_delivery
from bot.errors import Unavailable
from bot.hooks.signing import SIGNATURE, TIMESTAMP, Unsigned, check
from bot.store.patience import hurried
from bot.usecases.crm.crm import Ahead, AnotherContent, Crm
from bot.usecases.crm.work import Receipt
from bot.usecases.desk import NotInstalled

log = logging.getLogger(__name__)

PATH = "/hooks/crm"
LARGEST = 256 * 1024
"""Bytes: a hundred accounts with everything are a fifth of it."""
RETRY_SECONDS = 30
SECONDS = 8.0
"""For the database: callers usually wait ten."""
JSON = "application/json"


class CrmHook:
    """`secret` None: there is no CRM, and nothing to be found here."""

    def __init__(self, crm: Crm, clock: Clock, secret: str | None) -> None:
        self._crm, self._clock, self._secret = crm, clock, secret

    def show_on(self, web: Flask) -> None:
        """Answer under the address."""

        @web.post(PATH)
        def deliver() -> Response:
            if self._secret is None:
                return _refused(404, "No CRM is linked here: set BATON_CRM_SECRET.")
            if request.mimetype != JSON:
                return _refused(415, f"Send JSON, with the header Content-Type: {JSON}.")
            request.max_content_length = LARGEST
            try:
                body = request.get_data()
            except RequestEntityTooLarge:
                return _refused(413, f"Send {LARGEST // 1024} KB at most; split it into several deliveries.")
            return self._answer(self._secret, body)

    def _answer(self, secret: str, body: bytes) -> Response:
        headers = request.headers
        try:
            now = self._clock.now().timestamp()
            check(secret, headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, ""), body, now)
            delivery = read_delivery(body)
            with hurried(time.monotonic() + SECONDS):
                receipt = self._crm.take(delivery, hashlib.sha256(body).hexdigest())
        except Unsigned as problem:
            return _refused(401, f"This is not signed as it should be: {problem}.")
        except NotRead as problem:
            return _refused(422, "Nothing was stored: this cannot be read.", problems=_listed(problem))
        except Ahead as problem:
            place = [{"field": f"events[{problem.event}].at", "reason": str(problem)}]
            return _refused(422, "Nothing was stored: this cannot be read.", problems=place)
        except AnotherContent:
            return _refused(409, "Nothing was stored: this id was used for a delivery with another content.")
        except (Unavailable, NotInstalled):
            return _later()
        log.info("a delivery of %d events from %s: %s", len(delivery.events), delivery.system, _counted(receipt))
        status = "already done" if receipt.repeated else "done"
        return _json(200, {"status": status, "id": delivery.id, **receipt.facts()})


def _later() -> Response:
    answer = _refused(503, "Nothing was stored, because the database does not answer. Send it again.")
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _refused(status: int, sentence: str, **more: Any) -> Response:
    log.info("a delivery from a CRM was refused with %d", status)
    return _json(status, {"error": sentence, **more})


def _json(status: int, body: Mapping[str, Any]) -> Response:
    answer = Response(json.dumps(body, ensure_ascii=False) + "\n", status, mimetype=JSON)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _listed(problem: NotRead) -> list[dict[str, str]]:
    return [{"field": field, "reason": reason} for field, reason in problem.problems]


def _counted(receipt: Receipt) -> str:
    counts = f"{receipt.changed} changed, {receipt.unchanged} unchanged, {receipt.older} older"
    return f"{counts}, {len(receipt.skipped)} skipped, {len(receipt.unknown_owners)} owners unknown"
