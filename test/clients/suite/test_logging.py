"""What a training script logs by hand arrives, and reads back as it was sent."""

import hashlib
import math
import os
import sys
import time

import matplotlib.pyplot as plt
import mlflow
import numpy as np
import pandas as pd
import pytest
from conftest import artifact_paths
from mlflow.entities import Metric, Param, RunTag


def test_params_metrics_and_tags(experiment):
    before = int(time.time() * 1000)
    with mlflow.start_run(run_name="first", description="says *why*", tags={"team": "vision"}) as active:
        mlflow.log_param("optimizer", "adam")
        mlflow.log_params({"lr": 0.001, "layers": [64, 32], "note": "naïve 模型 🚀", "empty": ""})
        mlflow.log_metric("loss", 0.5)
        for step in range(5):
            mlflow.log_metrics({"train/loss": 1 / (step + 1), "acc": step / 10}, step=step)
        mlflow.set_tag("stage", "dev")
        mlflow.set_tags({"stage": "prod", "n": 3})
    after = int(time.time() * 1000)

    run = mlflow.get_run(active.info.run_id)
    assert run.info.run_name == "first"
    assert run.info.status == "FINISHED"
    assert run.info.lifecycle_stage == "active"
    assert run.info.experiment_id == experiment.experiment_id
    assert before <= run.info.start_time <= run.info.end_time <= after
    assert run.data.params == {"optimizer": "adam", "lr": "0.001", "layers": "[64, 32]", "note": "naïve 模型 🚀", "empty": ""}
    assert run.data.metrics == {"loss": 0.5, "train/loss": 0.2, "acc": 0.4}
    assert run.data.tags["team"] == "vision"
    assert run.data.tags["stage"] == "prod"
    assert run.data.tags["n"] == "3"
    assert run.data.tags["mlflow.note.content"] == "says *why*"
    assert run.data.tags["mlflow.runName"] == "first"


def test_metric_history_keeps_order_steps_and_times(client):
    with mlflow.start_run() as active:
        run_id = active.info.run_id
        points = [Metric("loss", math.sin(i), 1_700_000_000_000 + i, i) for i in range(2500)]
        for start in range(0, 2500, 1000):
            client.log_batch(run_id, metrics=points[start : start + 1000])
        client.log_batch(run_id, metrics=points[:10])  # the same points again are kept once
        client.log_metric(run_id, "loss", 7.0, timestamp=1_700_000_000_001, step=-5)

    history = client.get_metric_history(run_id, "loss")
    assert len(history) == 2501
    by_step = sorted(history, key=lambda point: point.step)
    assert (by_step[0].step, by_step[0].value) == (-5, 7.0)
    assert [(p.step, p.timestamp, p.value) for p in by_step[1:]] == [(p.step, p.timestamp, p.value) for p in points]
    assert mlflow.get_run(run_id).data.metrics["loss"] == points[-1].value, "the last metric is that of the highest step"
    assert client.get_metric_history(run_id, "never logged") == []


def test_not_a_number_and_infinity(client):
    with mlflow.start_run() as active:
        mlflow.log_metric("nan", float("nan"), step=1)
        mlflow.log_metric("up", float("inf"))
        mlflow.log_metrics({"down": float("-inf"), "tiny": 5e-324, "big": 2.0**60})
    run_id = active.info.run_id
    metrics = mlflow.get_run(run_id).data.metrics
    assert math.isnan(metrics["nan"])
    # MLflow's own server clips infinity to the largest number.
    assert metrics["up"] in (math.inf, sys.float_info.max)
    assert metrics["down"] in (-math.inf, -sys.float_info.max)
    assert metrics["tiny"] == 5e-324
    assert metrics["big"] == 2.0**60
    [point] = client.get_metric_history(run_id, "nan")
    assert math.isnan(point.value) and point.step == 1


def test_batches_beyond_the_clients_chunks(client):
    with mlflow.start_run() as active:
        mlflow.log_params({f"p{i}": i for i in range(250)})
        mlflow.log_metrics({f"m{i}": i / 7 for i in range(250)})
        mlflow.set_tags({f"t{i}": i for i in range(250)})
        client.log_batch(active.info.run_id, [Metric("one", 1, 5, 0)], [Param("one", "1")], [RunTag("one", "1")])
    data = mlflow.get_run(active.info.run_id).data
    assert {k: v for k, v in data.params.items() if k != "one"} == {f"p{i}": str(i) for i in range(250)}
    assert {k: v for k, v in data.metrics.items() if k != "one"} == {f"m{i}": i / 7 for i in range(250)}
    assert data.tags["t249"] == "249"
    assert (data.params["one"], data.metrics["one"], data.tags["one"]) == ("1", 1.0, "1")


def test_asynchronous_logging():
    with mlflow.start_run() as active:
        for step in range(200):
            mlflow.log_metric("loss", step, step=step, synchronous=False)
        mlflow.log_param("mode", "async", synchronous=False)
    mlflow.flush_async_logging()
    data = mlflow.get_run(active.info.run_id).data
    assert data.metrics["loss"] == 199
    assert data.params["mode"] == "async"


def test_nested_runs(experiment):
    with mlflow.start_run(run_name="parent") as parent:
        with mlflow.start_run(run_name="child", nested=True) as child:
            with mlflow.start_run(nested=True) as grandchild:
                mlflow.log_metric("depth", 2)
    assert mlflow.get_parent_run(child.info.run_id).info.run_id == parent.info.run_id
    assert mlflow.get_parent_run(grandchild.info.run_id).info.run_id == child.info.run_id
    children = mlflow.search_runs(
        [experiment.experiment_id], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'", output_format="list"
    )
    assert [run.info.run_id for run in children] == [child.info.run_id]
    assert mlflow.get_run(grandchild.info.run_id).info.run_name, "a run without a name is given one"


def test_a_run_can_be_resumed_and_renamed(client):
    with mlflow.start_run(run_name="before") as active:
        mlflow.log_metric("loss", 1.0, step=0)
    run_id = active.info.run_id
    with mlflow.start_run(run_id=run_id):
        assert mlflow.get_run(run_id).info.status == "RUNNING"
        mlflow.log_metric("loss", 0.5, step=1)
    client.update_run(run_id, name="after")
    run = mlflow.get_run(run_id)
    assert (run.info.status, run.info.run_name, run.data.tags["mlflow.runName"]) == ("FINISHED", "after", "after")
    assert [p.value for p in client.get_metric_history(run_id, "loss")] == [1.0, 0.5]
    client.set_tag(run_id, "mlflow.runName", "by tag")
    assert mlflow.get_run(run_id).info.run_name == "by tag"
    client.set_tag(run_id, "gone", "soon")
    client.delete_tag(run_id, "gone")
    assert "gone" not in mlflow.get_run(run_id).data.tags


def test_data_sets_as_inputs(experiment):
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": ["a", "b"]})
    data = mlflow.data.from_pandas(frame, source="https://example.com/data.csv", name="tiny")
    with mlflow.start_run() as active:
        mlflow.log_input(data, context="training", tags={"split": "first"})
    [item] = mlflow.get_run(active.info.run_id).inputs.dataset_inputs
    assert (item.dataset.name, item.dataset.digest, item.dataset.source_type) == ("tiny", data.digest, "http")
    assert '"https://example.com/data.csv"' in item.dataset.source
    assert '"num_rows": 2' in item.dataset.profile
    assert {tag.key: tag.value for tag in item.tags} == {"mlflow.data.context": "training", "split": "first"}
    for filter_string in ("dataset.name = 'tiny'", f"datasets.digest = '{data.digest}'", "dataset.context = 'training'"):
        found = mlflow.search_runs([experiment.experiment_id], filter_string, output_format="list")
        assert [run.info.run_id for run in found] == [active.info.run_id], filter_string
    assert mlflow.search_runs([experiment.experiment_id], "dataset.name = 'other'", output_format="list") == []


def test_artifacts_of_every_kind(tmp_path):
    from PIL import Image

    folder = tmp_path / "folder"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "a.txt").write_text("alpha")
    (folder / "deep" / "er" / "b.bin").write_bytes(bytes(range(256)))
    pixels = np.zeros((8, 9, 3), dtype=np.uint8)
    pixels[2, 3] = (255, 128, 7)
    figure = plt.figure()
    figure.gca().plot([1, 2, 3])
    table = pd.DataFrame({"name": ["x", "y"], "score": [0.25, 0.75]})

    with mlflow.start_run() as active:
        run_id = active.info.run_id
        mlflow.log_artifact(str(folder / "a.txt"))
        mlflow.log_artifact(str(folder / "a.txt"), "notes/of today")
        mlflow.log_artifacts(str(folder), "tree")
        mlflow.log_text("grüße\n", "text/hello.txt")
        mlflow.log_dict({"a": [1, 2], "b": {"c": None}}, "dicts/config.json")
        mlflow.log_dict({"a": [1, 2]}, "dicts/config.yaml")
        mlflow.log_figure(figure, "plots/line.png")
        mlflow.log_image(pixels, "images/dot.png")
        mlflow.log_image(pixels, key="frames", step=3)
        mlflow.log_table(table, "tables/scores.json")
        mlflow.log_table(pd.DataFrame({"name": ["z"], "score": [1.0]}), "tables/scores.json")
    plt.close(figure)

    paths = artifact_paths(run_id)
    frames = {path for path in paths if path.startswith("images/frames")}
    assert len(frames) == 2, "an image with a key and a step is kept with its thumbnail"
    assert paths - frames == {
        "a.txt",
        "notes/of today/a.txt",
        "tree/a.txt",
        "tree/deep/er/b.bin",
        "text/hello.txt",
        "dicts/config.json",
        "dicts/config.yaml",
        "plots/line.png",
        "images/dot.png",
        "tables/scores.json",
    }
    uri = active.info.artifact_uri
    assert mlflow.artifacts.load_text(f"{uri}/text/hello.txt") == "grüße\n"
    assert mlflow.artifacts.load_dict(f"{uri}/dicts/config.json") == {"a": [1, 2], "b": {"c": None}}
    assert mlflow.artifacts.load_image(f"{uri}/images/dot.png").getpixel((3, 2)) == (255, 128, 7)
    assert Image.open(mlflow.artifacts.download_artifacts(f"runs:/{run_id}/plots/line.png")).format == "PNG"
    loaded = mlflow.load_table("tables/scores.json", run_ids=[run_id])
    assert loaded.to_dict("list") == {"name": ["x", "y", "z"], "score": [0.25, 0.75, 1.0]}
    assert "tables/scores.json" in mlflow.get_run(run_id).data.tags["mlflow.loggedArtifacts"]

    target = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="tree", dst_path=str(tmp_path / "down"))
    assert open(os.path.join(target, "deep/er/b.bin"), "rb").read() == bytes(range(256))
    assert open(os.path.join(target, "a.txt")).read() == "alpha"


def test_listing_artifacts_tells_sizes_and_folders(client, tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    with mlflow.start_run() as active:
        run_id = active.info.run_id
        mlflow.log_artifact(str(tmp_path / "empty"), "d")
        mlflow.log_text("12345", "d/five.txt")
        mlflow.log_text("x", "top.txt")
    assert [(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(run_id)] == [("d", True, None), ("top.txt", False, 1)]
    listed = {f.path: (f.is_dir, f.file_size) for f in client.list_artifacts(run_id, "d")}
    assert listed["d/five.txt"] == (False, 5)
    assert listed["d/empty"][0] is False and not listed["d/empty"][1]
    assert client.list_artifacts(run_id, "d/five.txt") == []
    assert client.list_artifacts(run_id, "nothing/here") == []
    assert open(client.download_artifacts(run_id, "d/empty", str(tmp_path / ".")), "rb").read() == b""


@pytest.mark.parametrize(
    "name",
    [
        "with space.txt",
        "plus+and&amp.txt",
        "100% sure.txt",
        "semi;colon=.txt",
        'quote".txt',
        "UPPER.TXT",
        pytest.param("ünïcode-模型.txt", id="unicode", marks=pytest.mark.ours),
    ],
)
def test_artifact_names_that_need_quoting(name, tmp_path):
    (tmp_path / name).write_text(f"inside {name}")
    with mlflow.start_run() as active:
        mlflow.log_artifact(str(tmp_path / name), "odd")
    assert artifact_paths(active.info.run_id) == {f"odd/{name}"}
    path = mlflow.artifacts.download_artifacts(run_id=active.info.run_id, artifact_path=f"odd/{name}")
    assert open(path).read() == f"inside {name}"


def test_a_larger_file_arrives_byte_for_byte(client, tmp_path):
    content = np.random.default_rng(0).bytes(24 * 1024 * 1024 + 13)
    (tmp_path / "weights.bin").write_bytes(content)
    with mlflow.start_run() as active:
        mlflow.log_artifact(str(tmp_path / "weights.bin"))
    [item] = client.list_artifacts(active.info.run_id)
    assert item.file_size == len(content)
    path = mlflow.artifacts.download_artifacts(run_id=active.info.run_id, artifact_path="weights.bin", dst_path=str(tmp_path / "down"))
    assert hashlib.sha256(open(path, "rb").read()).digest() == hashlib.sha256(content).digest()
    (tmp_path / "weights.bin").write_bytes(b"again")
    mlflow.MlflowClient().log_artifact(active.info.run_id, str(tmp_path / "weights.bin"))
    assert mlflow.artifacts.load_text(f"runs:/{active.info.run_id}/weights.bin") == "again"
