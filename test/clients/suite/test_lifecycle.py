"""Deleting and restoring, what may not change, and the errors a client is told."""

import base64
import os

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from mlflow.entities import Param, ViewType
from mlflow.exceptions import MlflowException


def refused(code, status, call, *arguments, **keywords):
    """Asserts that the call is refused with this error code and HTTP status, and returns the message."""
    with pytest.raises(MlflowException) as caught:
        call(*arguments, **keywords)
    assert (caught.value.error_code, caught.value.get_http_status_code()) == (code, status), caught.value
    return caught.value.message


def test_a_parameter_keeps_its_value(client):
    with mlflow.start_run() as active:
        run_id = active.info.run_id
        mlflow.log_param("lr", 0.1)
        mlflow.log_param("lr", 0.1)
        with pytest.raises(MlflowException) as caught:
            mlflow.log_param("lr", 0.2)
        assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
        assert "Changing param values is not allowed" in caught.value.message
        assert "lr" in caught.value.message
    refused("INVALID_PARAMETER_VALUE", 400, client.log_batch, run_id, params=[Param("new", "1"), Param("lr", "0.3")])
    assert mlflow.get_run(run_id).data.params["lr"] == "0.1"


def test_deleted_and_restored_runs(client, experiment):
    run_ids = [client.create_run(experiment.experiment_id, run_name=name).info.run_id for name in ("keep", "drop")]
    client.log_metric(run_ids[1], "m", 1)
    client.delete_run(run_ids[1])
    assert client.get_run(run_ids[1]).info.lifecycle_stage == "deleted"
    assert client.get_run(run_ids[1]).data.metrics == {"m": 1}

    def names(view):
        return {run.info.run_name for run in client.search_runs([experiment.experiment_id], run_view_type=view)}

    assert names(ViewType.ACTIVE_ONLY) == {"keep"}
    assert names(ViewType.DELETED_ONLY) == {"drop"}
    assert names(ViewType.ALL) == {"keep", "drop"}
    message = refused("INVALID_PARAMETER_VALUE", 400, client.log_metric, run_ids[1], "m", 2)
    assert "must be in the 'active' state" in message
    refused("INVALID_PARAMETER_VALUE", 400, client.set_tag, run_ids[1], "t", "2")
    client.restore_run(run_ids[1])
    client.log_metric(run_ids[1], "m", 3, step=1)
    assert client.get_run(run_ids[1]).data.metrics == {"m": 3}
    assert names(ViewType.ACTIVE_ONLY) == {"keep", "drop"}


def test_deleted_and_restored_experiments(client, experiment):
    run_id = client.create_run(experiment.experiment_id).info.run_id
    client.delete_experiment(experiment.experiment_id)
    deleted = client.get_experiment_by_name(experiment.name)
    assert (deleted.experiment_id, deleted.lifecycle_stage) == (experiment.experiment_id, "deleted")
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    refused("INVALID_PARAMETER_VALUE", 400, client.create_run, experiment.experiment_id)
    refused("RESOURCE_ALREADY_EXISTS", 400, client.create_experiment, experiment.name)
    with pytest.raises(MlflowException, match="deleted"):
        mlflow.set_experiment(experiment.name)
    client.restore_experiment(experiment.experiment_id)
    assert client.get_experiment(experiment.experiment_id).lifecycle_stage == "active"
    assert client.get_run(run_id).info.lifecycle_stage == "active"
    assert mlflow.set_experiment(experiment.name).experiment_id == experiment.experiment_id


def test_experiments_have_tags_and_new_names(client, experiment, unique):
    client.set_experiment_tag(experiment.experiment_id, "owner", "ada")
    mlflow.set_experiment_tags({"mlflow.note.content": "# About"})
    client.rename_experiment(experiment.experiment_id, unique("renamed"))
    read = client.get_experiment(experiment.experiment_id)
    assert read.name == unique("renamed")
    assert {"owner": "ada", "mlflow.note.content": "# About"}.items() <= read.tags.items()
    assert read.creation_time <= read.last_update_time
    assert client.get_experiment_by_name(experiment.name) is None
    assert int(read.experiment_id) > 0
    assert client.get_experiment("0").name == "Default"


def test_what_does_not_exist(client, experiment, unique):
    nobody = "0123456789abcdef0123456789abcdef"
    assert client.get_experiment_by_name(unique("nothing")) is None
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.get_experiment, "987654321")
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.get_run, nobody)
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.log_metric, nobody, "m", 1)
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.get_registered_model, unique("nothing"))
    refused("RESOURCE_DOES_NOT_EXIST", 404, mlflow.get_logged_model, f"m-{nobody}")
    run_id = client.create_run(experiment.experiment_id).info.run_id
    with pytest.raises(MlflowException):
        mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="never/logged.txt")
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.delete_tag, run_id, "never set")


def test_a_run_can_be_killed(client, experiment):
    run_id = client.create_run(experiment.experiment_id).info.run_id
    assert client.get_run(run_id).info.status == "RUNNING"
    assert client.get_run(run_id).info.end_time is None
    client.set_terminated(run_id, "KILLED")
    assert client.get_run(run_id).info.status == "KILLED"
    assert client.get_run(run_id).info.end_time >= client.get_run(run_id).info.start_time


def test_no_workspace_is_named_unless_asked_for(monkeypatch, experiment):
    sent = []
    send = requests.Session.send
    monkeypatch.setattr(requests.Session, "send", lambda self, request, **kw: sent.append(request) or send(self, request, **kw))
    with mlflow.start_run() as active:
        mlflow.log_metric("m", 1)
        mlflow.log_text("x", "x.txt")
    assert len(sent) >= 4
    assert all("X-MLFLOW-WORKSPACE" not in request.headers for request in sent)
    assert mlflow.get_run(active.info.run_id).data.metrics == {"m": 1}


@pytest.mark.ours
def test_a_token_as_bearer_or_as_basic_password(monkeypatch, experiment):
    token = os.environ["MLFLOW_TRACKING_TOKEN"]
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "anyone")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", token)
    assert MlflowClient().get_experiment(experiment.experiment_id).name == experiment.name
    url = f"{mlflow.get_tracking_uri()}/api/2.0/mlflow/experiments/get?experiment_id={experiment.experiment_id}"
    basic = base64.b64encode(f"x:{token}".encode()).decode()
    assert requests.get(url, headers={"Authorization": f"Basic {basic}"}, timeout=120).status_code == 200


@pytest.mark.ours
@pytest.mark.parametrize("token", ["", "wrong", "a" * 40])
def test_without_a_token_nothing_is_told(token, monkeypatch, experiment):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token)
    with pytest.raises(MlflowException) as caught:
        MlflowClient().get_experiment(experiment.experiment_id)
    assert caught.value.get_http_status_code() == 401
    assert experiment.name not in caught.value.message
    with pytest.raises(Exception, match="401"):
        mlflow.artifacts.list_artifacts(f"mlflow-artifacts:/{experiment.experiment_id}")
