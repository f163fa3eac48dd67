"""What a registry that has one case's schemas answers, by path. Pure."""

from typing import Any

from support.foreign.case import Case, Referenced

NOT_FOUND = 404, {"error_code": 40403, "message": "not found"}


def answers(case: Case, schema_id: int) -> dict[str, tuple[int, dict[str, Any]]]:
    """Return status and JSON by path."""
    if not case.registered:
        return {f"/schemas/ids/{schema_id}": NOT_FOUND}
    found = {f"/schemas/ids/{schema_id}": (200, _registered(case.text, case.kind, case.references))}
    for reference in case.references:
        found |= _referenced(reference)
    return found


def _referenced(reference: Referenced) -> dict[str, tuple[int, dict[str, Any]]]:
    path = f"/subjects/{reference.subject}/versions/1"
    if not reference.is_there:
        return {path: NOT_FOUND}
    found = {
        path: (
            200,
            _registered(reference.text, "AVRO", reference.references) | {"subject": reference.subject, "version": 1},
        )
    }
    for each in reference.references:
        found |= _referenced(each)
    return found


def _registered(text: str, kind: str, references: tuple[Referenced, ...]) -> dict[str, Any]:
    answer: dict[str, Any] = {"schema": text}
    if kind != "AVRO":
        answer["schemaType"] = kind
    if references:
        answer["references"] = [{"name": each.name, "subject": each.subject, "version": 1} for each in references]
    return answer
