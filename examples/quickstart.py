"""Runledger in one file: train, tune, find the best run, register it, load it back.

    pip install -r requirements.txt
    export MLFLOW_TRACKING_URI=http://127.0.0.1:5000   # both lines are printed when the server starts
    export MLFLOW_TRACKING_TOKEN=...
    python quickstart.py

The client is MLflow's own, unchanged. Nothing below mentions Runledger: the two variables are all it takes.
"""

import logging
import os

import mlflow
import numpy as np
import optuna
import sklearn
from mlflow import MlflowClient
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split

EXPERIMENT = "diabetes"
MODEL = "diabetes-forest"
TRIALS = 30

os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"  # else two lines for each of the runs
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
logging.getLogger("mlflow").setLevel(logging.ERROR)

X, y = load_diabetes(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0)


def train_baseline():
    """One line, autolog(), records parameters, metrics, the data's fingerprint, and the model with its signature."""
    mlflow.sklearn.autolog(log_input_examples=True, serialization_format="cloudpickle")
    with mlflow.start_run(run_name="baseline forest") as run:
        forest = RandomForestRegressor(n_estimators=50, max_depth=6, random_state=0).fit(X_train, y_train)
        forest.score(X_test, y_test)  # autolog records this as a metric too
    mlflow.sklearn.autolog(disable=True)
    return run


def tune():
    """A search of 30 runs, nested under one parent; only trials that improve on the best so far keep their model."""
    best = np.inf

    def objective(trial):
        nonlocal best
        params = {
            "n_estimators": trial.suggest_int("n_estimators", 10, 60),
            "max_depth": trial.suggest_int("max_depth", 2, 12),
            "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 20),
        }
        with mlflow.start_run(run_name=f"trial {trial.number}", nested=True, tags={"search": parent.info.run_id}):
            mlflow.log_params(params)
            forest = RandomForestRegressor(**params, random_state=0).fit(X_train, y_train)
            rmse = root_mean_squared_error(y_test, forest.predict(X_test))
            mlflow.log_metric("rmse", rmse)
            if rmse < best:
                best = rmse
                mlflow.sklearn.log_model(
                    forest,
                    name="model",
                    input_example=X_test.head(3),
                    serialization_format="cloudpickle",
                    pip_requirements=[f"scikit-learn=={sklearn.__version__}", "cloudpickle"],
                )
        return rmse

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with mlflow.start_run(run_name="search") as parent:
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
        study.optimize(objective, n_trials=TRIALS)
        mlflow.log_params(study.best_params)
        mlflow.log_metric("rmse", study.best_value)
    return parent


def find_best(parent):
    """The server filters and sorts: of this search's trials, the one with the lowest error."""
    [best] = mlflow.search_runs(
        experiment_names=[EXPERIMENT],
        filter_string=f"tags.search = '{parent.info.run_id}'",
        order_by=["metrics.rmse ASC"],
        max_results=1,
        output_format="list",
    )
    return best


def register(run):
    """A version of the registered model, and the alias that programs load it by."""
    version = mlflow.register_model(f"runs:/{run.info.run_id}/model", MODEL, tags={"dataset": "load_diabetes"})
    client = MlflowClient()
    client.update_model_version(MODEL, version.version, description=f"Best of {TRIALS} trials, by RMSE on the held-out quarter.")
    client.set_registered_model_alias(MODEL, "champion", version.version)
    return version


def main():
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        raise SystemExit("Set MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN to the two values the server printed.")
    mlflow.set_experiment(EXPERIMENT)

    baseline = mlflow.get_run(train_baseline().info.run_id)
    print(f"baseline   R² on the training data {baseline.data.metrics['training_r2_score']:.3f}   run {baseline.info.run_id}")

    search = tune()
    best = find_best(search)
    print(f"best run   RMSE {best.data.metrics['rmse']:.2f} with {best.data.params}   run {best.info.run_id}")

    version = register(best)
    champion = mlflow.pyfunc.load_model(f"models:/{MODEL}@champion")
    predicted = champion.predict(X_test)
    rmse = root_mean_squared_error(y_test, predicted)
    assert np.isclose(rmse, best.data.metrics["rmse"]), "the model that was loaded is not the one that was logged"
    print(f"champion   {MODEL} version {version.version}, loaded back, RMSE {rmse:.2f}; first patients {predicted[:3].round(1)}")

    print(f"""
Look at {mlflow.get_tracking_uri()}
  experiment "{EXPERIMENT}", run "baseline forest": parameters, metrics, data set, model with signature, source file and commit
  experiment "{EXPERIMENT}", run "search": its {TRIALS} trials nested below; sort them by rmse
  model "{MODEL}": version {version.version}, its alias "champion", and the run it came from""")


if __name__ == "__main__":
    main()
