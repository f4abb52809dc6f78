"""What the client records by itself about a script arrives: source file, commit, user, times, and how the script ended."""

import getpass
import time

import mlflow
import pytest
from conftest import REPOSITORY, latest_run

FINE = """
import mlflow
with mlflow.start_run():
    mlflow.log_metric("loss", 1)
"""
THROWS = """
import mlflow
with mlflow.start_run():
    mlflow.log_metric("loss", 1)
    raise RuntimeError("out of memory")
"""
NEVER_ENDS_ITS_RUN = """
import mlflow
mlflow.start_run()
mlflow.log_metric("loss", 1)
"""


@pytest.mark.parametrize(
    ("script", "status", "exit_code"),
    [(FINE, "FINISHED", 0), (THROWS, "FAILED", 1), (NEVER_ENDS_ITS_RUN, "FINISHED", 0)],
    ids=["finishes", "throws", "never ends its run"],
)
def test_a_script_is_described_by_its_run(script, status, exit_code, run_python, git_repository, tmp_path, experiment):
    (tmp_path / "train.py").write_text(script)
    commit = git_repository(tmp_path)
    before = int(time.time() * 1000)
    result = run_python(tmp_path / "train.py")
    assert result.returncode == exit_code, result.stderr

    run = latest_run(experiment)
    assert run.info.status == status
    assert before <= run.info.start_time <= run.info.end_time <= int(time.time() * 1000)
    assert run.data.metrics == {"loss": 1}
    tags = run.data.tags
    assert tags["mlflow.source.name"] == str(tmp_path / "train.py")
    assert tags["mlflow.source.type"] == "LOCAL"
    assert tags["mlflow.source.git.commit"] == commit
    assert tags["mlflow.user"] == getpass.getuser()
    assert run.info.user_id == getpass.getuser()


def test_a_project_run_shows_its_entry_point(run_python, git_repository, tmp_path, experiment):
    for file in (REPOSITORY / "examples" / "mlproject").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    commit = git_repository(tmp_path)
    result = run_python("-m", "mlflow", "run", tmp_path, "--env-manager", "local", "-P", "epochs=4", "--experiment-id", experiment.experiment_id)
    assert result.returncode == 0, result.stderr

    run = latest_run(experiment)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"alpha": "0.1", "epochs": "4"}
    tags = run.data.tags
    assert tags["mlflow.source.type"] == "PROJECT"
    assert tags["mlflow.source.name"].removeprefix("file://") == str(tmp_path)
    assert tags["mlflow.project.entryPoint"] == "main"
    assert tags["mlflow.project.backend"] == "local"
    assert tags["mlflow.source.git.commit"] == commit
    assert [p.step for p in mlflow.MlflowClient().get_metric_history(run.info.run_id, "rmse")] == [0, 1, 2, 3]


def test_a_project_that_fails_leaves_a_failed_run(run_python, tmp_path, experiment):
    (tmp_path / "MLproject").write_text("name: broken\nentry_points:\n  check:\n    command: python -c 'raise SystemExit(3)'\n")
    result = run_python(
        "-m", "mlflow", "run", tmp_path, "-e", "check", "--env-manager", "local", "--experiment-id", experiment.experiment_id
    )
    assert result.returncode != 0
    run = latest_run(experiment)
    assert (run.info.status, run.data.tags["mlflow.project.entryPoint"]) == ("FAILED", "check")
