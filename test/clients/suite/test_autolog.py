"""Autologging around real fits: parameters, metrics, data sets, plots, and a model with signature, example and environment."""

import json

import joblib
import mlflow
import numpy as np
import pytest
import xgboost
import yaml
from conftest import artifact_paths
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mean_squared_error, r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

ENVIRONMENT = {"MLmodel", "conda.yaml", "requirements.txt", "python_env.yaml"}


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    return train_test_split(X, y, test_size=0.25, random_state=0)


def model_files(run_id):
    """The run's one logged model, and a folder with its files."""
    [output] = mlflow.get_run(run_id).outputs.model_outputs
    logged = mlflow.get_logged_model(output.model_id)
    folder = mlflow.artifacts.download_artifacts(f"models:/{logged.model_id}")
    return logged, folder.rstrip("/")


def read(folder, name):
    with open(f"{folder}/{name}") as file:
        return file.read()


def test_sklearn_forest(diabetes, experiment, tmp_path):
    X_train, X_test, y_train, y_test = diabetes
    scaler = StandardScaler().set_output(transform="pandas").fit(X_train)
    joblib.dump(scaler, tmp_path / "scaler.joblib")
    mlflow.sklearn.autolog(log_input_examples=True, serialization_format="cloudpickle")
    with mlflow.start_run() as active:
        forest = RandomForestRegressor(n_estimators=15, max_depth=4, random_state=0).fit(scaler.transform(X_train), y_train)
        score = forest.score(scaler.transform(X_test), y_test)
        mlflow.log_artifact(str(tmp_path / "scaler.joblib"), "preprocessor")
    run = mlflow.get_run(active.info.run_id)

    assert run.info.status == "FINISHED"
    assert run.data.params["n_estimators"] == "15"
    assert run.data.params["max_depth"] == "4"
    assert run.data.params["min_samples_split"] == "2", "defaults are recorded too"
    predicted = forest.predict(scaler.transform(X_train))
    assert run.data.metrics["training_mean_squared_error"] == pytest.approx(mean_squared_error(y_train, predicted))
    assert run.data.metrics["training_r2_score"] == pytest.approx(r2_score(y_train, predicted))
    assert score in [pytest.approx(value) for key, value in run.data.metrics.items() if key.startswith("RandomForestRegressor_score")]
    assert run.data.tags["estimator_name"] == "RandomForestRegressor"
    assert run.data.tags["estimator_class"] == "sklearn.ensemble._forest.RandomForestRegressor"

    [train] = run.inputs.dataset_inputs
    assert {tag.key: tag.value for tag in train.tags} == {"mlflow.data.context": "train"}
    assert json.loads(train.dataset.profile)["num_rows"] == len(X_train)
    assert "bmi" in train.dataset.schema
    assert train.dataset.source_type == "code"

    logged, folder = model_files(run.info.run_id)
    assert (str(logged.status), logged.source_run_id, logged.experiment_id) == ("READY", run.info.run_id, experiment.experiment_id)
    assert logged.params["n_estimators"] == "15"
    names = artifact_paths(run.info.run_id, logged.name)
    assert {f"{logged.name}/{name}" for name in ENVIRONMENT | {"model.pkl", "input_example.json", "serving_input_example.json"}} <= names

    described = yaml.safe_load(read(folder, "MLmodel"))
    assert described["model_id"] == logged.model_id
    assert described["run_id"] == run.info.run_id
    assert {"python_function", "sklearn"} <= described["flavors"].keys()
    assert [column["name"] for column in json.loads(described["signature"]["inputs"])] == list(X_train.columns)
    assert json.loads(read(folder, "input_example.json"))["columns"] == list(X_train.columns)
    assert "scikit-learn" in read(folder, "requirements.txt")
    assert any("mlflow" in str(entry) for entry in yaml.safe_load(read(folder, "conda.yaml"))["dependencies"])
    assert "requirements.txt" in read(folder, "python_env.yaml")

    path = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="preprocessor/scaler.joblib")
    restored = joblib.load(path)
    for uri in (f"models:/{logged.model_id}", f"runs:/{run.info.run_id}/{logged.name}"):
        again = mlflow.pyfunc.load_model(uri).predict(restored.transform(X_test))
        np.testing.assert_array_equal(again, forest.predict(scaler.transform(X_test)))


def test_sklearn_classifier_has_plots():
    from PIL import Image

    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    mlflow.sklearn.autolog(log_models=False)
    with mlflow.start_run() as active:
        LogisticRegression(max_iter=5000).fit(X.iloc[:, :5], y)
    run = mlflow.get_run(active.info.run_id)
    assert 0.8 < run.data.metrics["training_accuracy_score"] <= 1
    plots = {"training_confusion_matrix.png", "training_roc_curve.png", "training_precision_recall_curve.png"}
    assert plots | {"estimator.html"} <= artifact_paths(run.info.run_id)
    for plot in plots:
        image = Image.open(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path=plot))
        assert image.format == "PNG" and image.size[0] > 100


def test_xgboost(diabetes, client):
    X_train, X_test, y_train, y_test = diabetes
    mlflow.xgboost.autolog(log_input_examples=True)
    train, test = xgboost.DMatrix(X_train, label=y_train), xgboost.DMatrix(X_test, label=y_test)
    curve = {}
    with mlflow.start_run() as active:
        booster = xgboost.train(
            {"max_depth": 3, "eta": 0.3, "seed": 0, "nthread": 1},
            train,
            num_boost_round=12,
            evals=[(train, "train"), (test, "test")],
            evals_result=curve,
            verbose_eval=False,
        )
    run = mlflow.get_run(active.info.run_id)
    assert {"max_depth": "3", "eta": "0.3", "num_boost_round": "12"}.items() <= run.data.params.items()
    for name in ("train", "test"):
        history = client.get_metric_history(run.info.run_id, f"{name}-rmse")
        assert [point.step for point in history] == list(range(12))
        assert [point.value for point in history] == pytest.approx(curve[name]["rmse"])
    assert run.data.metrics["test-rmse"] == pytest.approx(curve["test"]["rmse"][-1])
    assert {"feature_importance_weight.png", "feature_importance_weight.json"} <= artifact_paths(run.info.run_id)
    importance = mlflow.artifacts.load_dict(f"runs:/{run.info.run_id}/feature_importance_weight.json")
    assert importance == booster.get_score(importance_type="weight")

    logged, folder = model_files(run.info.run_id)
    described = yaml.safe_load(read(folder, "MLmodel"))
    assert {"python_function", "xgboost"} <= described["flavors"].keys()
    assert [column["name"] for column in json.loads(described["signature"]["inputs"])] == list(X_train.columns)
    assert "xgboost" in read(folder, "requirements.txt")
    assert {f"{logged.name}/{name}" for name in ENVIRONMENT} <= artifact_paths(run.info.run_id, logged.name)
    np.testing.assert_allclose(mlflow.pyfunc.load_model(f"models:/{logged.model_id}").predict(X_test), booster.predict(test), rtol=1e-6)


def test_xgboost_scikit_learn_estimator(diabetes):
    X_train, _, y_train, _ = diabetes
    mlflow.xgboost.autolog(log_models=False)
    with mlflow.start_run() as active:
        xgboost.XGBRegressor(n_estimators=5, max_depth=2, n_jobs=1).fit(X_train, y_train, eval_set=[(X_train, y_train)], verbose=False)
    run = mlflow.get_run(active.info.run_id)
    assert run.data.params["max_depth"] == "2"
    assert run.data.metrics["validation_0-rmse"] > 0
    contexts = {tag.value for item in run.inputs.dataset_inputs for tag in item.tags if tag.key == "mlflow.data.context"}
    assert "train" in contexts
