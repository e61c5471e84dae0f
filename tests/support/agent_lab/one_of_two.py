"""One of two Blenders of a person, in an ordinary profile below HOME: presses Generate again and again.

    <a bpy wheel's Python> one_of_two.py <the ZIP> <presses> <requests a minute> <daily cap>

Writes one line of JSON: which jobs it pressed, how often the cap refused, and where the store is. It waits for "go"
before it presses, and for the end of its jobs after that.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from typing import Any

import bpy

MODULE = "bl_ext.user_default.tripo_generator"
SECONDS = 400.0


def say(**words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def package(name: str) -> Any:
    return importlib.import_module(f"{MODULE}.{name}")


def main(zip_path: str, presses: int, per_minute: int, cap: int) -> None:
    bpy.context.preferences.system.use_online_access = True
    bpy.ops.extensions.package_install_files(repo="user_default", filepath=zip_path, enable_on_install=True)
    preferences: Any = bpy.context.preferences.addons[MODULE].preferences
    preferences.requests_per_minute = per_minute
    preferences.use_daily_cap, preferences.daily_cap = True, cap
    session = package("session.current").session()
    errors = package("client.errors")
    account = package("properties.account").get_account(bpy.context)
    request = package("client.jobs.request").GenerationRequest(
        package("client.schema").TEXT, parameters={"prompt": "a mug", "texture": False, "pbr": False}
    )
    say(ready=bpy.app.version_string, root=str(session.home.root), price=request.price.total)
    sys.stdin.readline()
    pressed: list[str] = []
    refused = 0
    while len(pressed) + refused < presses:
        try:
            pressed.append(session.submit(account, request, "{}", ""))
        except errors.InvalidSetting:
            refused += 1
        except errors.StoreUnavailable:
            pass  # the other one is writing: an artist presses once more
        session.tick(deliver=False)
    deadline = time.monotonic() + SECONDS
    ended = package("client.jobs.states").ENDED
    while time.monotonic() < deadline:
        session.tick(deliver=False)
        if all(session.jobs.get(job_id).status in ended for job_id in pressed):
            break
        time.sleep(0.1)
    say(states=[session.jobs.get(job_id).status.value for job_id in pressed], refused=refused)
    package("session.current").close(stop_agent=True)
    sys.stdin.readline()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
