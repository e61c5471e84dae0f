"""What helps with a job that failed, told from its state and the service's words."""

from __future__ import annotations

import pytest

from client.errors import ErrorCode
from client.jobs.failures import Remedy, is_about_image, remedy_of
from client.jobs.images import ImageSource
from client.jobs.request import GenerationRequest
from client.jobs.states import Status
from client.notices import read, text
from client.schema import Kind

PLAIN = GenerationRequest(Kind.IMAGE, images=(ImageSource("image", path="/a.png"),)).to_json()
FLAT = GenerationRequest(Kind.IMAGE, images=(ImageSource("image", path="/a.png", flatten=True),)).to_json()


@pytest.mark.parametrize(
    ("status", "error", "said", "request_text", "remedy"),
    [
        (Status.UNCERTAIN, ErrorCode.NO_ANSWER, "It may have been charged", PLAIN, Remedy.TASK_ID),
        (Status.FAILED, ErrorCode.NOT_ENOUGH_CREDITS, "There are not enough credits", PLAIN, Remedy.CREDITS),
        (Status.FAILED, ErrorCode.TASK_FAILED, "the prompt violates our content policy", PLAIN, Remedy.OTHER_REQUEST),
        (Status.FAILED, ErrorCode.TASK_FAILED, "the image violates our content policy", PLAIN, Remedy.OTHER_REQUEST),
        (Status.FAILED, ErrorCode.TASK_FAILED, "the image has an alpha channel", PLAIN, Remedy.FLATTENING),
        (Status.FAILED, ErrorCode.TASK_FAILED, "the image has an alpha channel", FLAT, None),
        (Status.FAILED, ErrorCode.TASK_FAILED, "the image has an alpha channel", "no request", None),
        (Status.FAILED, ErrorCode.TASK_FAILED, "out of memory", PLAIN, None),
        (Status.FAILED, ErrorCode.NO_MODEL, "the image was not found", PLAIN, None),
        (Status.EXPIRED, ErrorCode.TASK_FAILED, "the image has an alpha channel", PLAIN, None),
    ],
)
def test_what_helps(status: Status, error: ErrorCode, said: str, request_text: str, remedy: Remedy | None) -> None:
    assert remedy_of(status, error, read(said), request_text) is remedy


@pytest.mark.parametrize(("code", "message", "expected"), [
    ("TASK_FAILED", "This model could not be made (an error occurred while processing the input image)", True),
    ("REQUEST_REFUSED", "3D AI Studio refused the request (Image: alpha channel is not supported)", True),
    ("TASK_FAILED", "This model could not be made (unsupported transparency)", True),
    ("TASK_FAILED", "This model could not be made: the credits are given back, change the input", False),
    ("TASK_FAILED", "This model could not be made (imagery of violence)", False),
    ("INVALID_REQUEST", "The image 'a.png' is not there: choose another file", False),
    ("", "", False),
])  # fmt: skip
def test_words_about_the_image(code: str, message: str, expected: bool) -> None:
    assert is_about_image(code, text(message)) is expected
