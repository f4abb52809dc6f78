"""Models: logged, registered, described, staged, aliased, and loaded back to predict the same numbers."""

import json

import mlflow
import numpy as np
import pytest
import sklearn
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor

X, y = load_diabetes(return_X_y=True, as_frame=True)


def fit(seed):
    return RandomForestRegressor(n_estimators=4, max_depth=3, random_state=seed).fit(X, y)


def log(forest, registered_model_name=None):
    """Logs the forest as "model" in the active run. The given requirements spare the client a slow guess."""
    return mlflow.sklearn.log_model(
        forest,
        name="model",
        signature=infer_signature(X, forest.predict(X)),
        serialization_format="cloudpickle",
        pip_requirements=[f"scikit-learn=={sklearn.__version__}", "cloudpickle"],
        registered_model_name=registered_model_name,
    )


@pytest.fixture
def registered(unique):
    """A registered model with two versions, each of a run of its own; yields (name, forests, run ids)."""
    name, forests, run_ids = unique("forest"), [fit(1), fit(2)], []
    for forest in forests:
        with mlflow.start_run() as active:
            log(forest)
        run_ids.append(active.info.run_id)
        mlflow.register_model(f"runs:/{active.info.run_id}/model", name)
    return name, forests, run_ids


def test_every_address_of_a_model_predicts_the_same(registered, client):
    name, forests, run_ids = registered
    assert not np.array_equal(forests[0].predict(X), forests[1].predict(X))
    client.set_registered_model_alias(name, "champion", "1")
    client.transition_model_version_stage(name, "2", "Production")
    model_id = mlflow.get_run(run_ids[0]).outputs.model_outputs[0].model_id
    addresses = {
        f"models:/{name}@champion": 0,
        f"models:/{name}/1": 0,
        f"models:/{name}/2": 1,
        f"models:/{name}/latest": 1,
        f"models:/{name}/Production": 1,
        f"models:/{model_id}": 0,
        f"runs:/{run_ids[0]}/model": 0,
        f"runs:/{run_ids[1]}/model": 1,
    }
    for address, index in addresses.items():
        np.testing.assert_array_equal(mlflow.pyfunc.load_model(address).predict(X), forests[index].predict(X), address)
    np.testing.assert_array_equal(mlflow.sklearn.load_model(f"models:/{name}@champion").predict(X), forests[0].predict(X))


def test_versions_know_where_they_come_from(registered, client):
    name, _, run_ids = registered
    for number, run_id in enumerate(run_ids, start=1):
        version = client.get_model_version(name, str(number))
        [output] = mlflow.get_run(run_id).outputs.model_outputs
        assert (version.name, str(version.version), version.run_id, version.status) == (name, str(number), run_id, "READY")
        assert version.source == f"models:/{output.model_id}"
        assert version.current_stage == "None"
        assert version.creation_timestamp <= version.last_updated_timestamp
        uri = client.get_model_version_download_uri(name, str(number))
        assert uri.startswith("mlflow-artifacts:/")
        assert "MLmodel" in {item.path.rsplit("/")[-1] for item in mlflow.artifacts.list_artifacts(uri)}
        logged = mlflow.get_logged_model(output.model_id)
        registrations = json.loads(logged.tags["mlflow.modelVersions"])
        assert {(entry["name"], str(entry["version"])) for entry in registrations} == {(name, str(number))}
    assert client.get_registered_model(name).creation_timestamp > 0


def test_descriptions_tags_and_aliases(registered, client):
    name, _, _ = registered
    client.update_registered_model(name, "Forests, *small* ones.")
    client.update_model_version(name, "1", "The first")
    client.set_registered_model_tag(name, "task", "regression")
    client.set_registered_model_tag(name, "old", "x")
    client.delete_registered_model_tag(name, "old")
    client.set_model_version_tag(name, "1", "checked", "no")
    client.set_model_version_tag(name, "1", "checked", "yes")
    client.set_model_version_tag(name, "2", "old", "x")
    client.delete_model_version_tag(name, "2", "old")
    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_alias(name, "first", "1")
    client.set_registered_model_alias(name, "champion", "2")

    model, first, second = client.get_registered_model(name), client.get_model_version(name, "1"), client.get_model_version(name, "2")
    assert (model.description, model.tags) == ("Forests, *small* ones.", {"task": "regression"})
    assert {alias: str(version) for alias, version in model.aliases.items()} == {"champion": "2", "first": "1"}
    assert (first.description, first.tags, first.aliases) == ("The first", {"checked": "yes"}, ["first"])
    assert (second.tags, second.aliases) == ({}, ["champion"])
    assert str(client.get_model_version_by_alias(name, "champion").version) == "2"
    client.delete_registered_model_alias(name, "first")
    with pytest.raises(MlflowException):
        client.get_model_version_by_alias(name, "first")
    with pytest.raises(MlflowException) as caught:
        client.set_registered_model_alias(name, "v3", "1")
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"


def test_a_stage_transition_archives_the_version_before(registered, client):
    name, _, _ = registered

    def stages():
        return {str(v.version): v.current_stage for v in client.search_model_versions(f"name = '{name}'")}

    client.transition_model_version_stage(name, "1", "staging")
    assert stages() == {"1": "Staging", "2": "None"}
    client.transition_model_version_stage(name, "1", "Production")
    moved = client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    assert moved.current_stage == "Production"
    assert stages() == {"1": "Archived", "2": "Production"}
    latest = {v.current_stage: str(v.version) for v in client.get_latest_versions(name)}
    assert latest == {"Archived": "1", "Production": "2"}
    assert [str(v.version) for v in client.get_latest_versions(name, ["Production"])] == ["2"]
    with pytest.raises(MlflowException) as caught:
        client.transition_model_version_stage(name, "1", "Live")
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"


def test_log_model_can_register_at_once(unique, client, experiment):
    name, forest = unique("direct"), fit(3)
    with mlflow.start_run() as active:
        info = log(forest, registered_model_name=name)
        mlflow.log_metric("rmse", 12.5, model_id=info.model_id)
    assert str(info.registered_model_version) == "1"
    version = client.get_model_version(name, "1")
    assert (version.run_id, version.source) == (active.info.run_id, f"models:/{info.model_id}")
    np.testing.assert_array_equal(mlflow.pyfunc.load_model(f"models:/{name}/1").predict(X), forest.predict(X))
    again = mlflow.models.get_model_info(f"models:/{name}/1")
    assert again.run_id == active.info.run_id
    assert again.signature.inputs.input_names() == list(X.columns)

    logged = mlflow.get_logged_model(info.model_id)
    assert (logged.name, str(logged.status), logged.source_run_id) == ("model", "READY", active.info.run_id)
    assert [(m.key, m.value, m.model_id) for m in logged.metrics] == [("rmse", 12.5, info.model_id)]
    found = mlflow.search_logged_models([experiment.experiment_id], "metrics.rmse < 13 AND name = 'model'", output_format="list")
    assert [model.model_id for model in found] == [info.model_id]
    assert mlflow.search_logged_models([experiment.experiment_id], "metrics.rmse > 13", output_format="list") == []
    mlflow.set_logged_model_tags(info.model_id, {"reviewed": "yes"})
    assert mlflow.get_logged_model(info.model_id).tags["reviewed"] == "yes"


def test_a_model_of_another_kind_and_code_of_its_own(unique):
    class AddN(mlflow.pyfunc.PythonModel):
        def __init__(self, n):
            self.n = n

        def predict(self, context, model_input, params=None):
            return [value + self.n for value in model_input]

    name = unique("adder")
    with mlflow.start_run():
        mlflow.pyfunc.log_model(name="adder", python_model=AddN(5), registered_model_name=name, pip_requirements=["cloudpickle"])
    assert mlflow.pyfunc.load_model(f"models:/{name}/1").predict([1, 2]) == [6, 7]


def test_renaming_and_deleting(registered, client, unique):
    name, _, run_ids = registered
    client.rename_registered_model(name, unique("renamed"))
    renamed = unique("renamed")
    assert {str(v.version) for v in client.search_model_versions(f"name = '{renamed}'")} == {"1", "2"}
    with pytest.raises(MlflowException) as caught:
        client.get_registered_model(name)
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    with pytest.raises(MlflowException) as caught:
        client.create_registered_model(renamed)
    assert caught.value.error_code == "RESOURCE_ALREADY_EXISTS"

    client.delete_model_version(renamed, "1")
    with pytest.raises(MlflowException) as caught:
        client.get_model_version(renamed, "1")
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    third = mlflow.register_model(f"runs:/{run_ids[0]}/model", renamed)
    assert int(third.version) == 3, "numbers of deleted versions are not used again"
    client.delete_registered_model(renamed)
    assert client.search_registered_models(f"name = '{renamed}'") == []
    assert mlflow.pyfunc.load_model(f"runs:/{run_ids[0]}/model"), "the run keeps its model"
