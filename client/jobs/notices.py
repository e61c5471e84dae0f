# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job says while it is worked on, and when it has ended."""

from __future__ import annotations

from ..notices import N_, Code

_CAUSE = "{cause}"
_GENERATE = N_("press Generate for a new one")
_ASK_SUPPORT = N_("try again later, or give 3D AI Studio's support the task id")
_ASKING = N_("asking again")
_RETRY_SENDS = N_("press Retry to send it")
_UNCERTAIN = N_(
    "The request was sent and no clear answer came: it may have been charged, so look on 3D AI Studio's dashboard"
    " before you send it again"
)


class JobNotice(Code):
    """What happens to a job. ``cause`` is what went wrong, without its advice."""

    SENDING = N_("Sending the request")
    QUEUED = N_("Waiting in the queue")
    REMAINING = N_("About {seconds} s left")
    REMAINING_MINUTES = N_("About {minutes} min left")
    FLATTENING = N_("Flattening the image")
    PREPARING_MESH = N_("Preparing the mesh")
    UPLOADING = N_("Uploading, {done:,.0f} of {whole:,.0f} MB")
    WAITING_FOR = N_("Waiting for '{name}'")
    DOWNLOADING = N_("Downloading")
    DOWNLOADED = N_("Downloading, {done:,.1f} MB")
    DOWNLOADED_OF = N_("Downloading, {done:,.1f} of {whole:,.1f} MB")
    CONVERTING = N_("Making it ready for Blender")
    TRANSFERRING = N_("Baking the look onto the object")
    READY = N_("Ready to import")
    RETRYING = N_("Retrying")
    RECOVERING = N_("Looking for the task")
    CANCELLED_UNSENT = N_("Cancelled before it was sent: nothing was charged")
    CANCELLED_TRANSFER = N_("Cancelled: both models are as they were")
    CANCELLED = N_("Cancelled here; 3D AI Studio cannot cancel a task, so the credits stay spent")

    RATE_LIMIT = N_("Rate limit reached: the next request goes out in {seconds} s")
    OFFLINE = (
        N_("Online access is switched off in Blender"),
        N_("switch it on in the preferences, and the job goes on"),
    )
    ASLEEP = N_("The computer was asleep"), N_("the request is sent when the work goes on")
    WAITED = N_("This job has waited for more than a day"), _RETRY_SENDS
    COPIED = (N_("This job waited in another copy of the job list and may have been sent there"), _RETRY_SENDS)
    MOVED = N_("This job is now in the job list that all Blender versions share")
    MOVED_WHILE_SENT = (
        N_("This job was being sent when the job list moved, and may have been charged"),
        N_("look on 3D AI Studio's dashboard before you send it again"),
    )
    OTHER_KEY = (
        N_("This job belongs to another API key"),
        N_("enter that key in the preferences, or press Retry if the new key is of the same account"),
    )
    OTHER_SANDBOX = N_("This job belongs to a sandbox that has ended"), N_("cancel it")

    UNCERTAIN = _UNCERTAIN
    UNCERTAIN_BALANCE = N_("{uncertain}; the balance was {before} credits before and is {now} now")
    CHARGED_OTHERWISE = (
        N_("3D AI Studio charged {charged} instead of {expected} credits for a model"),
        N_("check its prices before the next one"),
    )
    DAMAGED_REQUEST = N_("The request of this job cannot be read"), _GENERATE
    NO_TASK = N_("This job has no task at 3D AI Studio"), _GENERATE
    NOT_FLATTENED = (
        N_("The image could not be flattened"),
        N_("save it without transparency, or generate with Keep Transparency switched on"),
    )
    NOT_EXPORTED = (
        N_("The mesh could not be prepared{reason}"),
        N_("nothing was charged, change the selection and press again"),
    )
    COPY_GONE = N_("The copy of the objects is gone"), N_("press Transfer Texture again")
    SELECTION_GONE = N_("The copy of the selected objects is gone"), N_("select them and press again")
    SOURCE_GONE = (
        N_("The model that this works on is no longer there"),
        N_("import it again, then press again"),
    )
    SOURCE_FAILED = (
        N_("'{name}' has no result ({cause}), and nothing was charged for this"),
        N_("retry that job, then this one"),
    )
    UNKNOWN_REQUEST = (
        N_("3D AI Studio does not know this kind of request"),
        N_("check the API URL in the preferences"),
    )
    FAILED_AT_SERVICE = (
        N_("This model could not be made{said}"),
        N_("the credits are given back, change the input and try again"),
    )
    EXPIRED = N_("The result expired on {when}"), N_("generate it again")
    STUCK = N_("3D AI Studio has not finished this for two days"), _ASK_SUPPORT

    NOT_THE_SERVICE = (
        N_("Something else answers in place of 3D AI Studio"),
        N_("check the network's login page and the API URL"),
    )
    UNREADABLE = N_("3D AI Studio's answer cannot be understood"), _ASKING
    UNKNOWN_NOW = N_("3D AI Studio does not know this task at the moment"), _ASKING
    FORBIDDEN_NOW = (N_("3D AI Studio does not let this account see this task at the moment"), _ASKING)
    ASKING_AGAIN = _CAUSE, _ASKING
    OTHER_ACCOUNT = (
        N_("3D AI Studio says that this task is another account's"),
        N_("check the task id, or enter the API key that made it"),
    )
    UNKNOWN_TO_KEY = (
        N_("The account of the API key does not know this task"),
        N_("enter the key that it was sent with, then press Retry"),
    )
    UNKNOWN = (N_("3D AI Studio does not know this task"), N_("check the task id and the API URL"))
    GIVEN_UP = _CAUSE, _ASK_SUPPORT
    NO_MODEL_YET = (N_("3D AI Studio has finished this task but shows no model yet"), _ASKING)

    SANDBOX_LEFT = N_("The Sandbox was left before this was finished")
    FETCHING = N_("Fetching it again")
    LOST = N_("The model is no longer in the cache"), N_("it is fetched again, for free")
    FETCHING_AGAIN = _CAUSE, N_("fetching it again")
    ONCE_MORE = _CAUSE, N_("fetching it once more, to be sure")
    ANOTHER_FILE = _CAUSE, N_("trying another file that 3D AI Studio offers")
    NOT_A_MODEL = (_CAUSE, N_("it is kept in the add-on's folder, try again or ask 3D AI Studio's support"))
    CANNOT_READ = (
        N_("Blender cannot read this result{reason}"),
        N_("the file and a log are kept in the add-on's quarantine folder"),
    )
    NOT_TRANSFERRED = (
        N_("The look could not be baked{reason}"),
        N_("both models are as they were, press Retry or change them"),
    )
    NO_CONVERTER = (
        N_("No background Blender could be started to prepare the model"),
        N_("press Import to try again, or Open Folder to use the file as it is"),
    )
    HELD = N_("Another program holds the model's file, a virus scanner perhaps"), N_("retrying")
    DISK_FULL = N_("The disk is full"), N_("free some space, and the conversion goes on")
    INSIDE = N_("Something went wrong inside the add-on"), N_("see agent.log in its folder")

    SAVING = N_("Saving the file")
    SAVED = N_("Saved as {file}")
    NO_FOLDER = N_("The folder {folder} is not there"), N_("make it and press Import")
    NOT_SAVED = N_("The file cannot be saved in {folder} ({reason})"), N_("press Import to try again")
    INCOMPLETE = N_("Incomplete: {losses}")
    JOINED = (
        N_("Joined {before:,} objects into {after:,}"),
        N_("Import Again with Separate Objects leaves them as they are"),
    )
    JOINED_TOO = N_("{before:,} objects are joined into {after:,}")
    LOST_IMAGE = N_("a texture is not in the download{names}")
    LOST_UNREADABLE = N_("a texture cannot be read{names}")
    LOST_MATERIALS = N_("the materials are not in the download{names}")
    LOST_ANIMATION = N_("the animation cannot be kept{names}")
    LOST_FILE = N_("a file that it uses cannot be kept{names}")
    LOST_MODEL = N_("another model in the download is left out{names}")
    OVER_BUDGET = N_("Over its budget: {reason}")
    UNREDUCED_MOVES = N_("a model that moves or has shape keys keeps its full detail")
    UNREDUCED_PARTS = N_("it has too many separate parts for fewer triangles")
    UNREDUCED_FAILED = N_("it could not be reduced and keeps its full detail")
    LOST_LOOK = N_("the look could not be baked{names}")
