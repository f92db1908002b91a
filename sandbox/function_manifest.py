"""The functions of an app manifest (version 2), and why Slack would not take them.

Sources: the manifest schema (slackapi/manifest-schema 2.0.0) and docs.slack.dev/workflows/workflow-steps.
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.model import AppConfig, Function, Json, Parameter

MOST = 50
CALLBACK, TITLE = 100, 255
TYPES = frozenset(
    {
        *("integer", "number", "boolean", "string", "object", "array"),
        *(
            f"slack#/types/{name}"
            for name in (
                *("user_context", "user_permission", "user_id", "channel_id", "usergroup_id", "timestamp", "blocks"),
                *("credential/oauth2", "date", "interactivity", "rich_text", "form_input", "form_input_object"),
                *("message_ts", "message_context"),
            )
        ),
    }
)
PARAMETER_KEYS = frozenset({"type", "title", "description", "hint", "is_required", "is_hidden", "enum", "choices"})


def read_functions(manifest: Json) -> tuple[Function, ...]:
    """The functions, in their order. Raises KeyError, TypeError or AttributeError for what has another shape."""
    listed = manifest.get("functions", {})
    return tuple(
        Function(
            callback_id,
            one["title"],
            one["description"],
            _parameters(one["input_parameters"]),
            _parameters(one["output_parameters"]),
        )
        for callback_id, one in listed.items()
    )


def _parameters(described: Json) -> tuple[Parameter, ...]:
    required = described.get("required", [])
    return tuple(
        Parameter(
            name,
            one["type"],
            one.get("title", name),
            one.get("description", ""),
            name in required or bool(one.get("is_required")),
            tuple(one.get("enum", ())),
        )
        for name, one in described["properties"].items()
    )


def refused_functions(app: AppConfig, manifest: Json) -> Iterator[str]:
    """What Slack would not install, a sentence each."""
    if not app.functions:
        return
    settings = manifest.get("settings", {})
    if manifest.get("_metadata", {}).get("major_version") != 2:
        yield "functions that are a mapping need _metadata.major_version: 2"
    if settings.get("function_runtime") != "remote":
        yield "functions need settings.function_runtime: remote"
    if settings.get("org_deploy_enabled") is not True:
        yield "functions need settings.org_deploy_enabled: true"
    if "function_executed" not in app.events:
        yield "functions need the bot event function_executed"
    if len(app.functions) > MOST:
        yield f"there are more than {MOST} functions"
    for function in app.functions:
        described = manifest["functions"][function.callback_id]
        yield from (f"functions.{function.callback_id}: {problem}" for problem in _problems(function, described))


def _problems(function: Function, described: Json) -> Iterator[str]:
    if len(function.callback_id) > CALLBACK or len(function.title) > TITLE:
        yield f"its name has more than {CALLBACK} characters, or its title more than {TITLE}"
    unknown = set(described) - {"title", "description", "input_parameters", "output_parameters"}
    if unknown:
        yield f"it has no {', '.join(sorted(unknown))}"
    for side in ("input_parameters", "output_parameters"):
        properties = described[side]["properties"]
        missing = set(described[side].get("required", [])) - set(properties)
        if missing:
            yield f"{side}.required names {', '.join(sorted(missing))}, which is no parameter"
        for name, one in properties.items():
            if one["type"] not in TYPES:
                yield f"{side}.{name}: {one['type']} is no type"
            if set(one) - PARAMETER_KEYS:
                yield f"{side}.{name}: {', '.join(sorted(set(one) - PARAMETER_KEYS))} is not known"
            if [choice["value"] for choice in one.get("choices", [])] != one.get("enum", []):
                yield f"{side}.{name}: its choices are not those of its enum"
