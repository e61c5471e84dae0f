"""Whatever the bytes, a check answers or says no in one sentence.

Runs the checks without their last safety net, so that a mistake shows. TRIPO_FUZZ_SEED and TRIPO_FUZZ_FILES
choose other files and how many.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from dataclasses import replace

from client.formats import FormatError, Limits, inspection
from client.jobs.notices import JobNotice
from client.notices import notice
from support.checks.plain_words import complaint
from support.models.mutations import cut, flip, number, splice, twist

# Smaller than the defaults, so that a claim of gigabytes costs the test nothing.
LIMITS = replace(Limits(), archive_bytes=1 << 24)


MUTATIONS = (flip, cut, splice, number, twist, twist)


def test_no_bytes_break_the_checks(kit, tmp_path):
    seed = int(os.environ.get("TRIPO_FUZZ_SEED", "20241120"))
    files = int(os.environ.get("TRIPO_FUZZ_FILES", "1000"))
    random_ = random.Random(seed)
    samples = kit.samples()
    tally: Counter[str] = Counter()
    path, folder = tmp_path / "download", tmp_path / "out"
    for turn in range(files):
        name = random_.choice(list(samples))
        mutation = random_.choice(MUTATIONS)
        data = mutation(random_, samples[name], list(samples.values()))
        path.write_bytes(data)
        for question in (lambda: inspection._inspect(path, LIMITS), lambda: inspection._unpack(path, folder, LIMITS)):
            try:
                question()
            except FormatError as error:
                said = str(notice(JobNotice.NOT_A_MODEL, cause=error.notice))
                assert not complaint(said), said
                tally[type(error).__name__] += 1
            except Exception as error:
                raise AssertionError(f"seed {seed}, file {turn}: {name}, {mutation.__name__}") from error
            else:
                tally["accepted"] += 1
            shutil.rmtree(folder, ignore_errors=True)
    print(f"seed {seed}, {files} files, asked twice each: {dict(tally)}")

    assert sum(tally.values()) == 2 * files
    assert tally["UnsafeFile"] and tally["NotAModel"] and tally["accepted"]
