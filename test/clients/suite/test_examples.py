"""The committed example does what its last lines say."""

import re

import mlflow
from conftest import REPOSITORY


def test_quickstart(run_python, client):
    result = run_python(REPOSITORY / "examples" / "quickstart.py")
    assert result.returncode == 0, result.stderr
    baseline = mlflow.get_run(re.search(r"^baseline .* run (\w{32})$", result.stdout, re.M)[1])
    best = mlflow.get_run(re.search(r"^best run .* run (\w{32})$", result.stdout, re.M)[1])
    version = client.get_model_version("diabetes-forest", re.search(r"^champion .* version (\d+),", result.stdout, re.M)[1])

    assert baseline.data.params["n_estimators"] == "50"
    assert [item.tags[0].value for item in baseline.inputs.dataset_inputs] == ["train"]
    assert baseline.data.tags["mlflow.source.name"].endswith("examples/quickstart.py")
    assert version.run_id == best.info.run_id
    assert version.tags == {"dataset": "load_diabetes"}
    trials = mlflow.search_runs(
        [best.info.experiment_id], f"tags.search = '{best.data.tags['search']}'", order_by=["metrics.rmse"], output_format="list"
    )
    assert len(trials) == 30
    assert trials[0].data.metrics["rmse"] == best.data.metrics["rmse"]
    assert best.data.tags["mlflow.parentRunId"] == best.data.tags["search"]
