# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said when a request or a download fails."""

from __future__ import annotations

from ..notices import N_, Code, Notice

_PASTE = N_("make a new one on 3D AI Studio's dashboard and paste it in the preferences")
_FREE_SPACE = N_("free some space, and the download goes on")
_STARTS_AGAIN = N_("the download starts again")
_NEW_CONNECTION = N_("it goes on with a new connection")
_RETRYING = N_("retrying")
_LATER = N_("try again later")


class ServiceNotice(Code):
    """What went wrong on the way to the service or to its storage."""

    SAYS = N_(" (3D AI Studio says: {words})")
    ASIDE = N_(" ({words})")

    KEY_REFUSED = (
        N_("3D AI Studio does not accept the API key"),
        N_("copy it again from the dashboard into the preferences"),
    )
    KEY_FOREIGN = (
        N_("3D AI Studio does not accept the API key, which looks like {owner}"),
        N_("paste one from its dashboard"),
    )
    KEY_EXPIRED = N_("The API key has expired"), _PASTE
    KEY_REVOKED = N_("The API key was revoked"), _PASTE
    NO_CREDITS = (
        N_("The API wallet does not have enough credits, and those of a website subscription do not count{said}"),
        N_("buy API credits, or choose cheaper options"),
    )
    FORBIDDEN = (N_("3D AI Studio does not allow this{said}"), N_("check on its dashboard what the API key may do"))
    NOT_FOUND = (
        N_("3D AI Studio does not know this task or address{said}"),
        N_("check the task id and the API URL"),
    )
    RATE_LIMITED = N_("Rate limit reached"), N_("waiting before the next request")
    UNAVAILABLE = N_("3D AI Studio is unavailable (error {status}){said}"), _LATER
    ELSEWHERE = N_("The API URL leads somewhere else"), N_("check it in the preferences")
    REFUSED = (N_("3D AI Studio refused the request (error {status}){said}"), N_("change the input or the options"))

    PROXY_LOGIN = (
        N_("The proxy asks for a login"),
        N_("enter its user name and password in the network's proxy settings"),
    )
    PROXY = N_("The proxy refuses the connection"), N_("check the network's proxy settings")
    CERTIFICATE = (
        N_("3D AI Studio's certificate is not trusted on this machine"),
        N_("check this machine's date, or ask whoever runs the network"),
    )
    TLS = (
        N_("No secure connection to 3D AI Studio is possible"),
        N_("check the API URL, or ask whoever runs the network"),
    )
    URL = N_("The API URL is not usable"), N_("correct it in the preferences")
    NETWORK = N_("3D AI Studio cannot be reached"), N_("check the internet connection")
    BROKE = N_("The connection broke before 3D AI Studio answered"), N_("check the internet connection")

    BROKE_SENDING = N_("The connection broke while the model was sent"), N_("check the internet connection")

    TOO_LARGE_ANSWER = N_("3D AI Studio's answer is far too large")
    UNREADABLE = N_("3D AI Studio's answer cannot be read"), _LATER
    UNDOCUMENTED = N_("3D AI Studio's answer is not what its API describes")
    NO_STATUS = N_("3D AI Studio's answer holds no status")
    NO_BALANCE = N_("3D AI Studio's answer holds no balance")
    NO_TASK_ID = N_("3D AI Studio's answer holds no task id")
    UNCLEAR = (N_("3D AI Studio gave no clear answer ({answer})"), N_("the request may have been charged"))
    NOT_A_TASK_ID = N_("This is not a task id"), N_("copy it again from the dashboard")

    MEANS = N_("{reason}, which means: {meaning}")
    MANY_TASKS = N_("too many tasks at once")
    POLICY = N_("the content policy forbids this input")
    SERVICE_CREDITS = N_("3D AI Studio itself has run out of credits")
    NO_QUADS = N_("a quad mesh could probably not be made")
    BEHIND = N_("an error in the request, or on a server behind 3D AI Studio")

    FILE_CHANGED = N_("The file changed at the storage"), _STARTS_AGAIN
    LINK_EXPIRED = (N_("The link to the result no longer works"), N_("asking 3D AI Studio for a new one"))
    STORAGE_ERROR = N_("The storage answers with error {status}"), _RETRYING
    WRONG_PART = N_("The storage sent a wrong part of the file"), _STARTS_AGAIN
    EMPTY_FILE = N_("The storage sent an empty file"), _RETRYING
    REDIRECTS = N_("Too many redirects while downloading"), _RETRYING
    LOGIN_PAGE = (
        N_("The network leads the download to a page of its own"),
        N_("log in there with a web browser, and the download goes on"),
    )
    NOT_HTTPS = (
        N_("The result is offered at an address that is not https"),
        N_("it was not fetched, ask 3D AI Studio why"),
    )
    BROKE_OFF = N_("The download broke off"), N_("it goes on when the connection is back")
    CANNOT_BEGIN = N_("The download cannot begin ({cause})"), _RETRYING
    TOO_LONG = N_("The download takes very long"), _NEW_CONNECTION
    TOO_SLOW = N_("The download has become too slow"), _NEW_CONNECTION
    TOO_LARGE = (N_("The result is larger than {limit:,.0f} MB"), N_("raise the limit in the preferences to fetch it"))
    DISK_FULL = N_("The disk is full"), _FREE_SPACE
    DISK_SHORT = (N_("The result needs {needed:,.0f} MB and the disk has {free:,.0f} MB left"), _FREE_SPACE)
    NOT_WRITTEN = (N_("The result cannot be written{reason}"), N_("make sure that the add-on's folder can be written"))


def aside(words: str | None, code: ServiceNotice = ServiceNotice.ASIDE) -> Notice | None:
    """Return words in parentheses for the middle of a sentence; nothing for nothing."""
    return Notice(code.code, {"words": words}) if words else None
