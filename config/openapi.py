"""What the schema of the API says of every operation alike: how it refuses."""

from typing import Any

from config.problems import CONTENT_TYPE, ProblemType

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. What each type means is listed at /api/problems/.",
    "properties": {
        "type": {"type": "string", "enum": sorted(problem.uri for problem in ProblemType)},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
                "required": ["field", "reason"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "additionalProperties": False,
}


def document_problems(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Add the problem as the answer of every operation wherever it names no other one.

    A hook of drf-spectacular; its parameters are the library's.
    """
    result["components"]["schemas"]["Problem"] = PROBLEM
    answer = {
        "description": "A problem: nothing was applied.",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", answer)
    return result
