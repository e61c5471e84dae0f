"""Run several pytest suites, each in its own Python, and end with one summary.

    python tools/run_tests.py --suite unit .venv/bin/python tests/unit --suite … [-- pytest arguments]

Every suite runs even after one failed. A suite without tests is a failure, as is one that a crash cut short.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time

CLOSING = re.compile(r"\b\d+ (passed|failed|errors?|skipped|deselected|xfailed|xpassed) ?.* in [\d.]+s")


def run(python: str, folder: str, extra: list[str]) -> tuple[bool, str]:
    """Whether the suite passed, and pytest's own closing line (or how it ended without one)."""
    command = [python, "-B", "-u", "-m", "pytest", folder, *extra]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    closing = ""
    with subprocess.Popen(
        command,
        env=environment,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if CLOSING.search(line):
                closing = line.strip().strip("= ")
    if process.returncode == 5:
        return False, "no tests were collected"
    if not closing:
        return False, f"ended without a result, exit status {process.returncode}"
    return process.returncode == 0 and "passed" in closing, closing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    suite = ("NAME", "PYTHON", "FOLDER")
    parser.add_argument("--suite", nargs=3, action="append", required=True, metavar=suite)
    parser.add_argument("extra", nargs="*", help="arguments for every pytest")
    arguments = parser.parse_args()
    rows: list[tuple[bool, str]] = []
    for name, python, folder in arguments.suite:
        print(f"\n# {name}", flush=True)
        began = time.monotonic()
        passed, closing = run(python, folder, arguments.extra)
        word = "ok  " if passed else "FAIL"
        rows.append((passed, f"{word}  {name}: {closing} ({time.monotonic() - began:.0f} s in all)"))
    print("\n# summary")
    for _, row in rows:
        print(row)
    sys.exit(0 if all(passed for passed, _ in rows) else 1)


if __name__ == "__main__":
    main()
