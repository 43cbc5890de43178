"""The description of the API (OpenAPI 3.1), written from the route table and from the types of its answers."""

from collections.abc import Sequence
from typing import Any

import msgspec

from walkaway_edge.http.answers import ProblemDetails
from walkaway_edge.http.approvals import Wanted
from walkaway_edge.http.jobs import JobView
from walkaway_edge.http.table import Route
from walkaway_edge.http.told import DealView, DecisionView

_TYPES = (ProblemDetails, DealView, DecisionView, JobView, Wanted)


def document(routes: Sequence[Route]) -> bytes:
    """Return the description as JSON."""
    _, components = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "walkaway", "version": "1", "summary": "A policy decision point for negotiation"},
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
                "responses": {"problem": _response("What is wrong, with every finding", "ProblemDetails")},
            },
        }
    )


def _operation(route: Route) -> dict[str, Any]:
    named = [s[1:-1] for s in route.segments if s.startswith("{")]
    parameters = [
        *({"name": n, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for n in named),
        *({"name": n, "in": "query", "required": False, "schema": {"type": "string"}} for n in route.query),
    ]
    if route.writes in ("deal", "body"):
        parameters.append({"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}})
    if route.key:
        named_by = {"type": "string", "minLength": 1, "maxLength": 202}
        is_wanted = route.key == "wanted"
        parameters.append({"name": "Idempotency-Key", "in": "header", "required": is_wanted, "schema": named_by})
    operation: dict[str, Any] = {
        "summary": route.summary,
        "description": f"For {', '.join(sorted(route.roles))}.",
        "parameters": parameters,
        "responses": {
            "200": {"description": "The answer"} if route.path != "/v1/jobs/{id}" else _job("The job"),
            **({"201": {"description": "Recorded"}} if route.writes or route.method == "POST" else {}),
            **({"202": _job("It waits")} if route.work and route.method == "POST" else {}),
            "default": {"$ref": "#/components/responses/problem"},
        },
    }
    if route.lines is not None:
        content = {"application/x-ndjson": {"schema": {"type": "string"}}}
        operation["requestBody"] = {"required": True, "content": content}
    if route.body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    return operation


def _job(description: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/JobView"}}}
    return {"description": description, "content": content}


def _response(description: str, schema: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}
