# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences that a job shows while it is worked on."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from .. import errors
from ..formats.handover import Converted, Loss
from ..service import exceptions
from ..service.responses import reason_in_words

SENDING = "Sending the request"
QUEUED = "Waiting in the service's queue"
FLATTENING = "Flattening the image"
NOT_FLATTENED = (
    "The image could not be flattened: save it without transparency, or generate with Keep Transparency switched on"
)
PREPARING_MESH = "Preparing the mesh"
SELECTION_GONE = "The copy of the selected objects is gone: select them and press again"
SOURCE_GONE = "The model that this works on is no longer there: import it again, then press again"
DOWNLOADING = "Downloading"
CONVERTING = "Making it ready for Blender"
READY = "Ready to import"
UNCERTAIN = (
    "The request was sent and no clear answer came: it may have been charged, so look on the service's dashboard"
    " before you send it again"
)
OFFLINE = "Online access is switched off in Blender: switch it on in the preferences, and the job goes on"
NO_TASK = "This job has no task at the service: press Generate for a new one"
NO_MODEL_YET = "The service has finished this task but shows no model yet: looking again by itself"
STUCK = "The service has not finished this for two days: try again later, or ask its support with the task id"
NO_CONVERTER = (
    "No background Blender could be started to prepare the model: press Import to try again, or Open Folder to use the"
    " file as it is"
)
HELD = "Another program holds the model's file, a virus scanner perhaps: it is tried again by itself"
DAMAGED_REQUEST = "The request of this job cannot be read: press Generate for a new one"


_LOST: Mapping[Loss, str] = {
    Loss.IMAGE: "a texture is not in the download",
    Loss.UNREADABLE: "a texture cannot be read",
    Loss.MATERIALS: "the materials are not in the download",
    Loss.ANIMATION: "the animation cannot be kept",
    Loss.FILE: "a file that it uses cannot be kept",
    Loss.MODEL: "another model in the download is left out",
}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_OURS = ("The model file ", "The downloaded file ", "The compressed model ")
"""How the sentences about a file begin that the checks of its format make."""
_NO_WORDS = re.compile(r"[\\/<>{}=]|\w(Error|Exception)\b|\b(None|null|JSON)\b|\b(NoneType|bpy)|0x|__", re.IGNORECASE)
"""What shows that an importer speaks to programmers: a path, code, an exception. A name such as
``KHR_texture_basisu`` may be the one word that matters."""


def uncertain(before: str, now: str) -> str:
    """Return what an uncertain job says once the balance is known again, in credits."""
    return f"{UNCERTAIN}; the balance was {before} credits before and is {now} now"


def charged_otherwise(charged: int, expected: int) -> str:
    """Return what to say when a job took other credits than its price says."""
    return f"The service charged {charged} instead of {expected} credits for a model: check its prices before the next"


def waiting(seconds: float) -> str:
    """Return why nothing is sent for now."""
    return f"Waiting for the service's rate limit, {max(1, math.ceil(seconds))} s"


def remaining(seconds: float) -> str:
    """Return how long a running job may still take."""
    if seconds < 120:
        return f"About {max(5, round(seconds / 5) * 5)} s left"
    return f"About {round(seconds / 60)} min left"


def downloading(done: int, whole: int | None) -> str:
    """Return how far a download is."""
    if whole is None:
        return f"Downloading, {done / 2**20:,.1f} MB"
    return f"Downloading, {done / 2**20:,.1f} of {whole / 2**20:,.1f} MB"


def uploading(done: int, whole: int) -> str:
    """Return how far the upload of a model is."""
    return f"Uploading, {done / 2**20:,.0f} of {whole / 2**20:,.0f} MB"


def waiting_for(name: str) -> str:
    """Return what a later step of a chain waits for."""
    return f"Waiting for {name!r}"


def source_failed(name: str, reason: str) -> str:
    """Return what to say of a later step of a chain when an earlier one made nothing."""
    said = _first(reason) or "no reason given"
    return f"{name!r} has no result ({said}), and nothing was charged for this: retry that job, then this one"


def not_exported(reason: str) -> str:
    """Return what to say when the selected objects could not be made a file; ``reason`` is the converter's."""
    said = reason if " " in reason and not _NO_WORDS.search(reason) else "see converter.log in the add-on's folder"
    return f"The mesh could not be prepared ({said}): nothing was charged, change the selection and press again"


def again(error: errors.TripoError) -> str:
    """Return what to say while a look at a paid task is tried again."""
    if isinstance(error, exceptions.ServiceError) and 300 <= error.status < 400:
        return "Something else answers in the service's place: check the network's login page and the service URL"
    if isinstance(error, exceptions.KeyRefused | exceptions.RateLimited | exceptions.NotSent | exceptions.NoAnswer):
        return error.user_message
    if isinstance(error, exceptions.UnreadableAnswer):
        return "The service's answer cannot be understood: asking again by itself"
    if isinstance(error, exceptions.NotFound):
        return "The service does not know this task at the moment: asking again by itself"
    if isinstance(error, exceptions.Forbidden):
        return "The service does not let this account see this task at the moment: asking again by itself"
    return f"{cause(error)}: asking again by itself"


def given_up(error: errors.TripoError) -> str:
    """Return what to say when a paid task cannot be asked about any more; retrying it is free."""
    if isinstance(error, exceptions.Forbidden):
        return (
            "The service says that this task is another account's: check the task id, or enter the API key that made it"
        )
    if isinstance(error, exceptions.NotFound):
        return "The service does not know this task: check the task id and the service URL"
    if isinstance(error, exceptions.RequestRefused):
        return f"{cause(error)}: try again later, or ask its support with the task id"
    return error.user_message


def not_accepted(error: errors.TripoError) -> str:
    """Return what to say when a request was not accepted."""
    if isinstance(error, errors.InvalidRequest) and error.problems:
        return error.problems[0].message
    if isinstance(error, exceptions.NotFound):
        return "The service does not know this kind of request: check the service URL in the preferences"
    return error.user_message


def failed_at_service(reason: str) -> str:
    """Return what to say when the service gave up on a task."""
    said = f" ({reason_in_words(reason).rstrip('. ').replace('. ', ', ')})" if reason else ""
    return f"The service could not make this model{said}: the credits are given back, change the input and try again"


def expired(when: str) -> str:
    """Return what to say when the service has deleted a result."""
    return f"The result expired at the service on {when}: generate it again"


def fetching_again(reason: str) -> str:
    """Return what to say while a file that is not as it should be is fetched again."""
    return f"{reason.rstrip('. ')}: it is fetched again by itself"


def once_more(reason: str) -> str:
    """Return what to say while a file that was refused is fetched a second time, in case it was not as it was made."""
    return f"{_first(reason)}: it is fetched once more, to be sure"


def another_file(reason: str) -> str:
    """Return what to say while the next of several files is fetched."""
    return f"{_first(reason)}: trying another file that the service offers"


def converted(found: Converted) -> str:
    """Return what to say of a model that is not as its file has it; nothing if it is."""
    lost, joined = found
    losses = list(dict.fromkeys(one.loss for one in lost))
    phrases = [_phrase(loss, [one.name for one in lost if one.loss is loss]) for loss in losses]
    if joined is not None and phrases:
        phrases.append(f"{joined.before:,} objects are joined into {joined.after:,}")
    elif joined is not None:
        return f"Joined {joined.before:,} objects into {joined.after:,}: Keep Objects Separate leaves them as they are"
    return f"Incomplete: {'; '.join(phrases)}" if phrases else ""


def _phrase(loss: Loss, names: Sequence[str]) -> str:
    shown = list(dict.fromkeys(_UNPRINTABLE.sub(" ", name)[:60] for name in names if name))
    named = f" ({', '.join([*shown[:3], *['…'][: len(shown) - 3]])})" if shown else ""
    return f"{_LOST[loss]}{named}"


def not_a_model(reason: str) -> str:
    """Return what to say when a downloaded file is not one that may be opened."""
    said = reason.rstrip(". ")
    return f"{said}: it is kept in the add-on's folder, try again or ask the service's support"


def refused(reason: str) -> str:
    """Return what to say when a file cannot be converted.

    ``reason`` is a sentence of ours about the file, or what Blender's importers say, which is shown if it is words.
    """
    if reason.startswith(_OURS):
        return not_a_model(reason)
    lines = reason.strip().splitlines()
    said = lines[0].partition(". ")[0].rstrip(". ")[:90] if lines else ""
    if " " not in said or _NO_WORDS.search(said):
        said = ""
    because = f" ({said})" if said else ""
    return f"Blender cannot read this result{because}: the file and a log are kept in the add-on's quarantine folder"


def cause(error: errors.TripoError) -> str:
    """Return an error's sentence without its advice."""
    return _first(error.user_message)


def _first(sentence: str) -> str:
    return sentence.rpartition(": ")[0] or sentence.rstrip(". ")
