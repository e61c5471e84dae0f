"""The style line joins the prompt."""

from __future__ import annotations

import pytest

from client.jobs.request import GenerationRequest, body, problems
from client.schema import TEXT


@pytest.mark.parametrize(
    ("prompt", "style", "sent"),
    [
        ("a cup ", " low poly", "a cup, low poly"),
        ("a cup", "", "a cup"),
        ("x" * 1000, "y" * 22, "x" * 1000 + ", " + "y" * 22),
        ("x" * 1000, "y" * 23, None),
        (" ", "low poly", None),
    ],
)
def test_a_style_line_is_sent_as_part_of_the_prompt_and_counts(prompt: str, style: str, sent: str | None) -> None:
    request = GenerationRequest(TEXT, parameters={"prompt": prompt, "style": style})
    assert (not problems(request)) == (sent is not None)
    if sent is not None:
        assert body(request)["prompt"] == sent and "style" not in body(request)
