"""Errors as the service really words them become sentences that say what is wrong with what."""

from __future__ import annotations

from typing import Any

import pytest

from client import errors
from client.account import check_api_key
from client.service import exceptions
from client.service.http_errors import error_from
from support.checks.plain_words import complaint

TABLE: list[tuple[int, Any, type[exceptions.ServiceError], str]] = [
    (
        400,
        {"face_limit": ["Ensure this value is less than or equal to 20000."]},
        exceptions.RequestRefused,
        "face_limit: Ensure",
    ),
    (400, {"non_field_errors": ["Quad needs FBX."]}, exceptions.RequestRefused, "says: Quad needs FBX"),
    (400, {"images": [{}, {"image": ["Invalid."]}]}, exceptions.RequestRefused, "images image: Invalid"),
    (
        400,
        {"prompt": ["Blank."], "quad": ["Not a boolean."]},
        exceptions.RequestRefused,
        "prompt: Blank; quad: Not a boolean",
    ),
    (400, ["Nothing fits."], exceptions.RequestRefused, "Nothing fits"),
    (
        400,
        {"detail": [{"loc": ["body", "prompt"], "msg": "field required"}]},
        exceptions.RequestRefused,
        "prompt: field required",
    ),
    (
        400,
        {"error": {"code": "VALIDATION_FAILED", "details": {"prompt": ["Blank"]}}},
        exceptions.RequestRefused,
        "prompt: Blank",
    ),
    (400, {"errors": {"prompt": "Blank"}, "message": "Invalid"}, exceptions.RequestRefused, "Invalid: prompt: Blank"),
    (400, {"error": "validation_failed", "detail": "No."}, exceptions.RequestRefused, "says: No"),
    (401, {"detail": "Invalid token."}, exceptions.KeyRefused, "does not accept the API key"),
    (401, {"error": {"code": "API_KEY_EXPIRED"}}, exceptions.KeyRefused, "has expired"),
    (401, {"code": "Api_Key_Revoked"}, exceptions.KeyRefused, "was revoked"),
    (401, {"detail": "This API key has been revoked."}, exceptions.KeyRefused, "was revoked"),
    (
        403,
        {"detail": "Authentication credentials were not provided."},
        exceptions.KeyRefused,
        "does not accept the API key",
    ),
    (403, {"error": "INVALID_API_KEY"}, exceptions.KeyRefused, "does not accept the API key"),
    (403, {"detail": "You do not have permission."}, exceptions.Forbidden, "does not allow this"),
    (403, None, exceptions.Forbidden, "does not allow this"),
    (402, {"error": "insufficient_credits"}, exceptions.NotEnoughCredits, "API wallet.*subscription"),
    (404, {"detail": "No PublicAPIGenerationRequest matches the given query."}, exceptions.NotFound, "does not know"),
    (
        429,
        {"detail": "Request was throttled. Expected available in 47 seconds."},
        exceptions.RateLimited,
        "Rate limit reached",
    ),
    (500, {"detail": "Internal."}, exceptions.ServiceDown, "is unavailable"),
]


@pytest.mark.parametrize(("status", "document", "kind", "says"), TABLE)
def test_an_error_answer_is_understood(
    status: int, document: Any, kind: type[exceptions.ServiceError], says: str
) -> None:
    error = error_from(status, document, "", None)
    assert type(error) is kind and error.status == status
    with pytest.raises(exceptions.ServiceError, match=says):
        raise error
    assert not complaint(str(error)), str(error)


@pytest.mark.parametrize(
    ("header", "document", "seconds"),
    [
        (None, {"detail": "Request was throttled. Expected available in 47 seconds."}, 47.0),
        (None, {"detail": "Request was throttled. Expected available in 1 second."}, 1.0),
        (None, {"message": "Try again in 2 minutes"}, 120.0),
        (None, {"error": {"message": "slow", "retry_after": 12}}, 12.0),
        (None, {"retry_after": "9"}, 9.0),
        ("5", {"detail": "Expected available in 47 seconds."}, 5.0),
        ("soon", {"detail": "Expected available in 47 seconds."}, 47.0),
        ("Thu, 01 Jan 99999999999 00:00:00 GMT", {"retry_after": "9"}, 9.0),
        ("Thu, 01 Jan 2026 00:00:00 +9999999999999", {"retry_after": "9"}, 9.0),
        (None, {"detail": "Expected available in 99999999 seconds."}, 3600.0),
        (None, {"detail": "3 requests per minute"}, None),
        (None, None, None),
    ],
)
def test_how_long_to_wait_is_read_from_wherever_it_stands(
    header: str | None, document: Any, seconds: float | None
) -> None:
    error = error_from(429, document, "", header)
    assert isinstance(error, exceptions.RateLimited) and error.retry_after == seconds


def test_a_quote_is_bounded_whatever_the_answer() -> None:
    many = {f"field{n}": [["x" * 50] * 9] * 9 for n in range(500)}
    assert len(str(error_from(400, many, "", None))) < 330
    deep: Any = ["no"]
    for _ in range(500):
        deep = {"a": [deep]}
    assert "refused the request" in str(error_from(400, deep, "", None))


@pytest.mark.parametrize(
    ("key", "owner"), [("tsk_abcdefgh", "Tripo"), ("tcli_abcdefgh", "Tripo"), ("msy_abcdefgh", "Meshy")]
)
def test_a_key_of_another_service_is_named_before_anything_is_sent(key: str, owner: str) -> None:
    with pytest.raises(errors.InvalidSetting, match=owner) as caught:
        check_api_key(f" {key}\n")
    assert key not in str(caught.value) and not complaint(str(caught.value))
    said = str(error_from(401, {"detail": "Invalid token."}, "", None, key))
    assert owner in said and key not in said and not complaint(said)
