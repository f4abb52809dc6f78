"""Fixtures for the black-box tests: an unmodified MLflow client against the server in MLFLOW_TRACKING_URI.
Every test makes its own experiment and model names, so the suite can run any number of times against the same server."""

import logging
import os
import subprocess
import sys
import uuid
from pathlib import Path

import matplotlib
import mlflow
import mlflow.sklearn
import mlflow.xgboost
import pytest
from mlflow import MlflowClient

matplotlib.use("Agg")
logging.getLogger("mlflow").setLevel(logging.ERROR)

REPOSITORY = Path(__file__).resolve().parents[3]


def pytest_configure(config):
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        pytest.exit("Set MLFLOW_TRACKING_URI (and MLFLOW_TRACKING_TOKEN) to a running server.", returncode=2)


@pytest.fixture
def unique():
    """unique("name") → "name-3f2a9c…": a name no other test or run uses."""
    suffix = uuid.uuid4().hex[:12]
    return lambda name: f"{name}-{suffix}"


@pytest.fixture
def client():
    return MlflowClient()


@pytest.fixture(autouse=True)
def experiment(unique, request):
    """A fresh active experiment for each test; closes runs and autologging that a failed test leaves behind."""
    yield mlflow.set_experiment(unique(request.node.name.removeprefix("test_")[:60]))
    while mlflow.active_run():
        mlflow.end_run("KILLED")
    for flavor in (mlflow.sklearn, mlflow.xgboost):
        flavor.autolog(disable=True, silent=True)


@pytest.fixture
def run_python(tmp_path, experiment):
    """run_python(path, *args) → CompletedProcess: a script in a process of its own, logging to this test's experiment."""

    def run(*arguments, cwd=tmp_path):
        env = {**os.environ, "MLFLOW_EXPERIMENT_ID": experiment.experiment_id, "MPLBACKEND": "Agg"}
        env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
        return subprocess.run([sys.executable, *map(str, arguments)], cwd=cwd, env=env, capture_output=True, text=True, timeout=900)

    return run


@pytest.fixture
def git_repository(tmp_path):
    """git_repository(folder) commits everything in the folder and returns the commit's id."""

    def commit(folder):
        git = ["git", "-C", str(folder), "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run([*git, "init", "-q"], check=True)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "first"], check=True)
        return subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()

    return commit


def latest_run(experiment):
    """The newest run of an experiment, whatever made it."""
    [run] = mlflow.search_runs([experiment.experiment_id], order_by=["start_time DESC"], max_results=1, output_format="list")
    return mlflow.get_run(run.info.run_id)


def artifact_paths(run_id, path=None):
    """Every file below a path of a run, recursively, as a set of run-relative paths."""
    found = set()
    for item in MlflowClient().list_artifacts(run_id, path):
        found |= artifact_paths(run_id, item.path) if item.is_dir else {item.path}
    return found
