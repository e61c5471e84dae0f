"""The job list as an artist sees it: every state, thumbnails, details, a narrow sidebar; Frame and the info log."""

from __future__ import annotations

import time

import bpy

from support.ui import artist, buttons, gallery
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 240, "sandbox": ("--requests-per-minute", "120", "--seconds", "4")}
STATES = ("UNCERTAIN", "FAILED", "EXPIRED", "CANCELLED", "RUNNING", "READY", "IMPORTED")


def fill() -> str:
    """Write a job in each state for another account, so that no agent works it; returns the id of a done one."""
    store, schema = artist.module("client.store"), artist.module("client.schema")
    request, states = artist.module("client.jobs.request"), artist.module("client.jobs.states")
    home = artist.module("session.paths").home()
    database = store.open_database(home, durable=False, busy_seconds=5)
    jobs = store.JobTable(database)
    job_id = ""
    for number, name in enumerate(STATES):
        kind = (schema.Kind.TEXT, schema.Kind.TEXT, schema.Kind.IMAGE)[number % 3]
        images = (artist.module("client.jobs.images").ImageSource("image", path="/tmp/lantern.png"),)
        wanted = request.GenerationRequest(
            kind,
            parameters={"prompt": "a weathered wooden treasure chest with iron bands", "texture_quality": "detailed"}
            if kind is schema.Kind.TEXT
            else {"pbr": True},
            images=images if kind is schema.Kind.IMAGE else (),
        )
        job_id = jobs.insert(store.NewJob("another", wanted), status=states.Status[name])
        folder = home.result_folder(job_id)
        folder.mkdir(parents=True)
        done = name in ("READY", "IMPORTED")
        if done:
            image = bpy.data.images.new("image", 256, 256, alpha=True)
            image.generated_type = "COLOR_GRID"
            image.file_format = "PNG"
            image.save(filepath=str(folder / "thumbnail.png"))
            bpy.data.images.remove(image)
        jobs.update(
            job_id,
            states.Status[name],
            progress=42 if name == "RUNNING" else 100,
            finishes_at=time.time() + 35 if name == "RUNNING" else None,
            finished_at=time.time() if done else None,
            message="This model could not be made: change the input and try again" if name == "FAILED" else "",
            error="TASK_FAILED" if name == "FAILED" else "",
            task_id=f"0198c5c2-{number}d3e-7a62",
            file=f"results/{job_id}/model.glb" if done else "",
            thumbnail=f"results/{job_id}/thumbnail.png" if done else "",
            sha256="5f2a9c" * 11 if done else "",
            size=5_400_000 if done else 0,
            faces={"READY": 1_446_212, "IMPORTED": 15_000}.get(name, 0),
            full_faces=1_446_212 if name == "IMPORTED" else 0,
        )
    database.close()
    return job_id


def info_log(ui: Ui) -> Steps:
    """Action: what the info log holds."""
    area = ui.area("PROPERTIES")
    kind, area.type = area.type, "INFO"
    yield 0.3
    with bpy.context.temp_override(window=ui.window, area=area, region=ui.region("WINDOW", area)):
        bpy.ops.info.select_all(action="SELECT")
        bpy.ops.info.report_copy()
    area.type = kind
    return bpy.context.window_manager.clipboard


def image_of_details(ui: Ui, sidebar: bpy.types.Region, job_id: str) -> Steps:
    """Action: choose a finished job, open its details, take the image of the documentation."""
    (number,) = [number for number, job in enumerate(artist.jobs()) if job.job_id == job_id]
    yield ui.wait_until(lambda: artist.jobs()[number].thumbnail, 60, "the model's own image")
    bpy.context.window_manager.tripo.active_job = number
    yield ui.redraw()
    _, y = yield from buttons.find(ui, sidebar, "tripo.remove_job", right=-60)
    yield ui.click(sidebar.x + 60, y - 26)  # the header below cannot be asked for
    yield gallery.sidebar_image(ui, sidebar, "job-list")


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    done = fill()
    sidebar = yield ui.open_sidebar("Tripo")
    yield ui.click(sidebar.x + 100, sidebar.y + sidebar.height - 16)  # the list needs the room
    yield lambda: len(artist.jobs()) == len(STATES)
    yield lambda: sum(bool(job.thumbnail) for job in artist.jobs()) == 2
    for number, job in enumerate(artist.jobs()):
        if job.status in ("IMPORTED", "READY", "FAILED", "UNCERTAIN"):
            bpy.context.window_manager.tripo.active_job = number
            yield ui.redraw()
            yield 0.5
            yield ui.screenshot(f"job-list-{job.status.lower()}")
        if job.status == "READY":
            yield from buttons.click(ui, sidebar, "tripo.reduce")
            yield 0.6
            yield ui.screenshot("job-list-reduce")
            yield ui.press("ESC")

    with ui.override():
        bpy.ops.tripo.text_to_3d("EXEC_DEFAULT", prompt="a green bottle")
    yield lambda: artist.collections()
    yield lambda: any(job.model_here for job in artist.jobs())
    (model,) = artist.collections()
    view = ui.area().spaces.active.region_3d
    view.view_location = (50.0, 50.0, 50.0)  # the first model of a file was framed when it came
    before = view.view_location.copy(), [one.name for one in bpy.context.selected_objects]
    with ui.override():
        assert bpy.ops.tripo.frame_job(job_id=model["tripo_job_id"]) == {"FINISHED"}
    yield ui.wait_until(lambda: view.view_location != before[0], 5, "Frame moves the view")
    yield ui.redraw()
    assert [one.name for one in bpy.context.selected_objects] == before[1]
    yield ui.screenshot("job-list-framed")
    yield from image_of_details(ui, sidebar, model["tripo_job_id"])
    log = yield info_log(ui)
    assert "The model has arrived: a green bottle" in log, log
    assert "arrived" not in done
    yield artist.pull_sidebar(ui, sidebar, 90)
    yield ui.screenshot("job-list-narrow")
