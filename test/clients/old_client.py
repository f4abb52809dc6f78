"""One script for every MLflow client from 1.30 on: it logs, searches, registers, moves and downloads, and checks what it reads back.
Uses only what all those versions have; newer abilities are tried where the client has them. Ends with "N passed, N failed".

    MLFLOW_TRACKING_URI=… MLFLOW_TRACKING_TOKEN=… python old_client.py
"""

import json
import logging
import math
import os
import sys
import tempfile
import traceback
import uuid
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("SETUPTOOLS_USE_DISTUTILS", "stdlib")  # 2.10's autolog imports setuptools after distutils, which setuptools refuses

import mlflow
import mlflow.sklearn
import numpy as np
import sklearn
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from sklearn.linear_model import Ridge

logging.getLogger("mlflow").setLevel(logging.ERROR)

SUFFIX = uuid.uuid4().hex[:12]
MAJOR = int(mlflow.__version__.split(".")[0])
client = MlflowClient()
X = np.random.RandomState(0).rand(50, 3)
y = X @ [1.0, -2.0, 3.0] + 0.5


def unique(name):
    return f"{name} {mlflow.__version__} {SUFFIX}"


def refusal(call, *arguments, **keywords):
    """The error code with which the call is refused."""
    try:
        call(*arguments, **keywords)
    except MlflowException as error:
        return error.error_code
    raise AssertionError(f"{call.__name__} was not refused")


def log_model(model, registered_model_name=None):
    mlflow.sklearn.log_model(
        model,
        "model",
        serialization_format="cloudpickle",
        pip_requirements=[f"scikit-learn=={sklearn.__version__}", "cloudpickle"],
        registered_model_name=registered_model_name,
    )


def fluent_logging(experiment_id):
    with mlflow.start_run(run_name="fluent", tags={"team": "vision"}) as active:
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"depth": 3, "note": "naïve 模型"})
        for step in range(5):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"acc": 0.5, "nan": float("nan"), "inf": float("inf")})
        mlflow.set_tags({"a": 1, "b": "two"})
        with mlflow.start_run(nested=True) as child:
            mlflow.log_metric("loss", 2)
        assert refusal(mlflow.log_param, "lr", 0.2) == "INVALID_PARAMETER_VALUE"
    run = mlflow.get_run(active.info.run_id)
    assert (run.info.status, run.info.experiment_id) == ("FINISHED", experiment_id)
    assert 0 < run.info.start_time <= run.info.end_time
    assert run.data.params == {"lr": "0.1", "depth": "3", "note": "naïve 模型"}
    assert run.data.metrics["loss"] == 0.2 and run.data.metrics["acc"] == 0.5
    assert math.isnan(run.data.metrics["nan"])
    assert run.data.metrics["inf"] in (math.inf, sys.float_info.max), "MLflow's own server clips infinity to the largest number"
    tags = run.data.tags
    assert (tags["team"], tags["a"], tags["b"], tags["mlflow.runName"]) == ("vision", "1", "two", "fluent")
    assert tags["mlflow.source.name"].endswith("old_client.py") and tags["mlflow.source.type"] == "LOCAL" and tags["mlflow.user"]
    assert mlflow.get_run(child.info.run_id).data.tags["mlflow.parentRunId"] == active.info.run_id
    history = client.get_metric_history(active.info.run_id, "loss")
    assert [(p.step, p.value) for p in sorted(history, key=lambda p: p.step)] == [(s, 1 / (s + 1)) for s in range(5)]


def a_script_that_throws(experiment_id):
    try:
        with mlflow.start_run() as active:
            raise RuntimeError("out of memory")
    except RuntimeError:
        pass
    assert mlflow.get_run(active.info.run_id).info.status == "FAILED"


def searching(experiment_id):
    ids = []
    for i in range(23):
        run = client.create_run(experiment_id, start_time=1_700_000_000_000 + i)
        client.log_batch(run.info.run_id, [Metric("score", i, 1, 0)], [Param("parity", str(i % 2))], [RunTag("kind", "searched")])
        client.set_terminated(run.info.run_id)
        ids.append(run.info.run_id)
    found, token = [], None
    while True:
        page = client.search_runs([experiment_id], "tags.kind = 'searched'", order_by=["metrics.score DESC"], max_results=10, page_token=token)
        found += page
        token = page.token
        if not token:
            break
    assert [run.info.run_id for run in found] == ids[::-1]
    best = client.search_runs([experiment_id], "metrics.score < 20 and params.parity = '1'", ViewType.ACTIVE_ONLY, 1, ["metrics.score DESC"])
    assert [run.data.metrics["score"] for run in best] == [19]
    frame = mlflow.search_runs([experiment_id], "tags.kind = 'searched' and metrics.score >= 20")
    assert sorted(frame["metrics.score"]) == [20, 21, 22]
    names = [e.name for e in client.search_experiments(filter_string=f"name = '{unique('experiment')}'")]
    assert names == [unique("experiment")]
    assert refusal(client.search_runs, [experiment_id], "metrics.score > 'x'") == "INVALID_PARAMETER_VALUE"


def artifacts(experiment_id):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/tree/deep")
        with open(f"{folder}/tree/deep/b.bin", "wb") as file:
            file.write(bytes(range(256)) * 4000)
        with open(f"{folder}/tree/a file.txt", "w") as file:
            file.write("alpha")
        with mlflow.start_run() as active:
            mlflow.log_artifacts(f"{folder}/tree", "tree")
            mlflow.log_artifact(f"{folder}/tree/a file.txt")
            mlflow.log_text("hello", "text/hello.txt")
            mlflow.log_dict({"a": [1, None]}, "config.json")
        run_id = active.info.run_id
        assert sorted((f.path, f.is_dir) for f in client.list_artifacts(run_id)) == [
            ("a file.txt", False),
            ("config.json", False),
            ("text", True),
            ("tree", True),
        ]
        assert {f.path: f.file_size for f in client.list_artifacts(run_id, "tree/deep")} == {"tree/deep/b.bin": 1024000}
        tree = client.download_artifacts(run_id, "tree", folder)
        with open(os.path.join(tree, "deep/b.bin"), "rb") as file:
            assert file.read() == bytes(range(256)) * 4000
        with open(mlflow.artifacts.download_artifacts(artifact_uri=f"runs:/{run_id}/config.json")) as file:
            assert json.load(file) == {"a": [1, None]}


def models_and_registry(experiment_id):
    name, first, second = unique("ridge"), Ridge(0.1).fit(X, y), Ridge(10).fit(X, y)
    with mlflow.start_run() as run_1:
        log_model(first)
    with mlflow.start_run() as run_2:
        log_model(second, registered_model_name=name)
    version = mlflow.register_model(f"runs:/{run_1.info.run_id}/model", name)
    assert (str(version.version), version.status, version.run_id) == ("2", "READY", run_1.info.run_id)
    assert client.get_model_version(name, "1").run_id == run_2.info.run_id
    if MAJOR < 3:
        [entry] = json.loads(mlflow.get_run(run_1.info.run_id).data.tags["mlflow.log-model.history"])
        assert entry["artifact_path"] == "model" and "sklearn" in entry["flavors"]

    client.update_registered_model(name, "What it is for")
    client.update_model_version(name, "1", "The first")
    client.set_registered_model_tag(name, "task", "regression")
    client.set_model_version_tag(name, "1", "checked", "yes")
    model = client.get_registered_model(name)
    assert (model.description, model.tags) == ("What it is for", {"task": "regression"})
    assert client.get_model_version(name, "1").description == "The first"
    assert client.get_model_version(name, "1").tags == {"checked": "yes"}

    client.transition_model_version_stage(name, "1", "Production")
    client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    stages = {str(v.version): v.current_stage for v in client.search_model_versions(f"name = '{name}'")}
    assert stages == {"1": "Archived", "2": "Production"}
    assert [str(v.version) for v in client.get_latest_versions(name, ["Production"])] == ["2"]
    assert [m.name for m in client.search_registered_models(f"name = '{name}'")] == [name]
    assert client.get_model_version_download_uri(name, "1").startswith("mlflow-artifacts:/")

    expected = {f"models:/{name}/1": second, f"models:/{name}/2": first, f"models:/{name}/Production": first}
    expected[f"runs:/{run_2.info.run_id}/model"] = second
    if hasattr(client, "set_registered_model_alias"):
        client.set_registered_model_alias(name, "champion", "1")
        assert str(client.get_model_version_by_alias(name, "champion").version) == "1"
        expected[f"models:/{name}@champion"] = second
    for address, model in expected.items():
        np.testing.assert_array_equal(mlflow.pyfunc.load_model(address).predict(X), model.predict(X), address)

    assert refusal(client.create_registered_model, name) == "RESOURCE_ALREADY_EXISTS"
    client.delete_model_version(name, "1")
    assert refusal(client.get_model_version, name, "1") == "RESOURCE_DOES_NOT_EXIST"
    client.delete_registered_model(name)
    assert refusal(client.get_registered_model, name) == "RESOURCE_DOES_NOT_EXIST"


def autologging(experiment_id):
    mlflow.sklearn.autolog(log_models=False, silent=True)
    with mlflow.start_run() as active:
        Ridge(alpha=0.25).fit(X, y)
    mlflow.sklearn.autolog(disable=True)
    run = mlflow.get_run(active.info.run_id)
    assert run.data.params["alpha"] == "0.25"
    key = "training_r2_score"
    assert 0.5 < run.data.metrics[key] <= 1
    assert run.data.tags["estimator_name"] == "Ridge"


def deleting_and_restoring(experiment_id):
    other = client.create_experiment(unique("other"), tags={"k": "v"})
    run_id = client.create_run(other).info.run_id
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    assert refusal(client.log_metric, run_id, "m", 1) == "INVALID_PARAMETER_VALUE"
    client.restore_run(run_id)
    client.log_metric(run_id, "m", 1)
    client.rename_experiment(other, unique("renamed"))
    client.delete_experiment(other)
    assert client.get_experiment(other).lifecycle_stage == "deleted"
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    client.restore_experiment(other)
    assert client.get_experiment_by_name(unique("renamed")).tags["k"] == "v"
    assert client.get_run(run_id).data.metrics == {"m": 1}
    assert client.get_experiment_by_name(unique("nothing")) is None
    assert refusal(client.create_experiment, unique("renamed")) == "RESOURCE_ALREADY_EXISTS"
    assert refusal(client.get_run, "0123456789abcdef0123456789abcdef") == "RESOURCE_DOES_NOT_EXIST"


def main():
    experiment_id = mlflow.set_experiment(unique("experiment")).experiment_id
    checks = [fluent_logging, a_script_that_throws, searching, artifacts, models_and_registry, autologging, deleting_and_restoring]
    failed = 0
    for check in checks:
        try:
            check(experiment_id)
        except Exception:
            failed += 1
            print(f"FAILED {check.__name__} (mlflow {mlflow.__version__})")
            traceback.print_exc()
            while mlflow.active_run():
                mlflow.end_run("KILLED")
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
