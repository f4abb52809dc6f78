"""Searches: filters, orders and pages over runs, experiments, registered models and versions."""

import math

import mlflow
import optuna
import pytest
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import cross_val_score


def every_page(search, page_size):
    """All pages of a search as a list of lists; fails if a page is larger than asked for or the pages never end."""
    pages, token = [], None
    while True:
        page = search(max_results=page_size, page_token=token)
        assert len(page) <= page_size
        pages.append(list(page))
        token = page.token
        if not token:
            return pages
        assert len(pages) < 100


@pytest.fixture
def twelve_runs(client, experiment):
    """Runs 0…11: metric m = i (nan for 11), param parity, tag group a/b/c; run 5 has none of them."""
    ids = []
    for i in range(12):
        run = client.create_run(experiment.experiment_id, run_name=f"run {i}", start_time=1_700_000_000_000 + i)
        if i != 5:
            value = math.nan if i == 11 else float(i)
            tags = [RunTag("group", "abc"[i % 3]), RunTag("dash-ed/key", str(i))]
            client.log_batch(run.info.run_id, [Metric("m", value, 1, 0), Metric("val/acc", i / 10, 1, 0)], [Param("parity", "odd" if i % 2 else "even")], tags)
        client.set_terminated(run.info.run_id, "FAILED" if i % 4 == 3 else "FINISHED", end_time=1_700_000_100_000 + i)
        ids.append(run.info.run_id)
    return ids


FILTERS = [
    ("", range(12)),
    ("metrics.m > 7", [8, 9, 10]),
    ("metrics.m >= 3 and metrics.m < 6", [3, 4]),
    ("metrics.m = 2", [2]),
    ("metrics.m != 2 AND params.parity = 'even'", [0, 4, 6, 8, 10]),
    ("metrics.`val/acc` <= 0.2", [0, 1, 2]),
    ('metric."val/acc" > 1', [11]),
    ("params.parity = 'odd' and tags.group = 'b'", [1, 7]),
    ("params.parity LIKE 'e%'", [0, 2, 4, 6, 8, 10]),
    ("params.parity ILIKE 'E_EN'", [0, 2, 4, 6, 8, 10]),
    ("params.parity != 'even'", [1, 3, 7, 9, 11]),
    ("tags.group IS NULL", [5]),
    ("params.parity is not null and tags.group = 'c'", [2, 8, 11]),
    ("tags.`dash-ed/key` = '4'", [4]),
    ("attributes.status = 'FAILED'", [3, 7, 11]),
    ("status != 'FAILED' and metrics.m < 3", [0, 1, 2]),
    ("run_name = 'run 6'", [6]),
    ("attributes.run_name LIKE 'run 1%'", [1, 10, 11]),
    ("start_time >= 1700000000009", [9, 10, 11]),
    ("attributes.end_time < 1700000100002", [0, 1]),
    ("tags.group = 'nobody'", []),
]


@pytest.mark.parametrize(("filter_string", "expected"), FILTERS, ids=[text or "empty" for text, _ in FILTERS])
def test_filters_on_runs(filter_string, expected, client, twelve_runs, experiment):
    found = client.search_runs([experiment.experiment_id], filter_string, order_by=["attributes.start_time ASC"])
    assert [run.info.run_name for run in found] == [f"run {i}" for i in expected]


def test_run_ids_can_be_listed(client, twelve_runs, experiment):
    ids = ", ".join(f"'{run_id}'" for run_id in twelve_runs[2:5])
    found = client.search_runs([experiment.experiment_id], f"attributes.run_id IN ({ids})", order_by=["start_time"])
    assert [run.info.run_id for run in found] == twelve_runs[2:5]


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        ([], [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        (["metrics.m DESC"], [10, 9, 8, 7, 6, 4, 3, 2, 1, 0, 11, 5]),
        (["metrics.m ASC"], [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 5]),
        (["tags.group ASC", "metrics.`val/acc` DESC"], [9, 6, 3, 0, 10, 7, 4, 1, 11, 8, 2, 5]),
        (["params.parity DESC", "start_time ASC"], [1, 3, 7, 9, 11, 0, 2, 4, 6, 8, 10, 5]),
    ],
    ids=str,
)
def test_orders_of_runs(order_by, expected, client, twelve_runs, experiment):
    for size in (100, 5):
        pages = every_page(lambda **page: client.search_runs([experiment.experiment_id], order_by=order_by, **page), size)
        assert [run.info.run_name for page in pages for run in page] == [f"run {i}" for i in expected]


def test_runs_come_with_all_their_data(client, twelve_runs, experiment):
    [run] = client.search_runs([experiment.experiment_id], "metrics.m = 4")
    assert run.data.metrics == {"m": 4.0, "val/acc": 0.4}
    assert run.data.params == {"parity": "even"}
    assert run.data.tags == {"group": "b", "dash-ed/key": "4", "mlflow.runName": "run 4"}
    frame = mlflow.search_runs([experiment.experiment_id], order_by=["start_time"])
    assert list(frame["metrics.val/acc"].dropna()) == [i / 10 for i in range(12) if i != 5]
    assert frame["params.parity"].isna().tolist() == [i == 5 for i in range(12)]
    assert frame["status"].tolist().count("FAILED") == 3


@pytest.mark.parametrize(
    "filter_string",
    ["metrics.m > 'x'", "params.parity = 1", "metrics.m >", "nonsense.m = 1", "metrics.m > 1 OR metrics.m < 0", "   ", "status IN ('FAILED')"],
)
def test_a_bad_filter_is_the_callers_mistake(filter_string, client, experiment):
    with pytest.raises(MlflowException) as caught:
        client.search_runs([experiment.experiment_id], filter_string)
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
    assert caught.value.get_http_status_code() == 400


def test_pages_of_experiments(client, unique):
    names = [unique(f"page {i:02}") for i in range(23)]
    for i, name in enumerate(names):
        client.create_experiment(name, tags={"mine": names[0], "parity": str(i % 2)})
    client.delete_experiment(client.get_experiment_by_name(names[3]).experiment_id)
    mine = f"tags.mine = '{names[0]}'"
    pages = every_page(lambda **page: client.search_experiments(filter_string=mine, order_by=["name ASC"], **page), 5)
    assert [e.name for page in pages for e in page] == names[:3] + names[4:]
    assert [len(page) for page in pages] == [5, 5, 5, 5, 2]
    newest = client.search_experiments(filter_string=mine, max_results=2)
    assert [e.name for e in newest] == [names[22], names[21]]
    odd = client.search_experiments(filter_string=f"{mine} and tags.parity = '1'", view_type=ViewType.DELETED_ONLY)
    assert [e.name for e in odd] == [names[3]]
    assert len(client.search_experiments(filter_string=mine, view_type=ViewType.ALL)) == 23
    assert [e.name for e in client.search_experiments(filter_string=f"name LIKE '{names[7][:7]}%{names[7][-12:]}'")] == [names[7]]


def test_pages_of_models_and_versions(client, experiment, unique):
    names = [unique(f"model {i}") for i in range(12)]
    suffix = names[0][-12:]
    for i, name in enumerate(names):
        client.create_registered_model(name, tags={"parity": str(i % 2)})
    pages = every_page(
        lambda **page: client.search_registered_models(f"name LIKE '%{suffix}'", order_by=["name DESC"], **page), 5
    )
    assert [m.name for page in pages for m in page] == sorted(names, reverse=True)
    even = client.search_registered_models(f"name ILIKE '%{suffix.upper()}' AND tags.parity = '0'")
    assert [m.name for m in even] == sorted(names[::2])

    run = client.create_run(experiment.experiment_id)
    for i in range(13):
        client.create_model_version(names[0], f"{run.info.artifact_uri}/model", run.info.run_id, tags={"i": str(i)})
    pages = every_page(
        lambda **page: client.search_model_versions(f"name = '{names[0]}'", order_by=["version_number ASC"], **page), 5
    )
    assert [int(v.version) for page in pages for v in page] == list(range(1, 14))
    assert [v.tags["i"] for page in pages for v in page] == [str(i) for i in range(13)]
    assert len(client.search_model_versions(f"run_id = '{run.info.run_id}'")) == 13
    assert [v.version for v in client.search_model_versions(f"name = '{names[0]}' and tags.i = '6'")] in (["7"], [7])


def test_tuning_with_thirty_nested_runs_and_finding_the_best(experiment):
    X, y = load_diabetes(return_X_y=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def objective(trial):
        params = {"max_depth": trial.suggest_int("max_depth", 1, 8), "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 20)}
        with mlflow.start_run(nested=True, run_name=f"trial {trial.number}"):
            mlflow.log_params(params)
            mlflow.set_tag("search", "forest")
            forest = RandomForestRegressor(n_estimators=5, random_state=0, **params)
            rmse = -cross_val_score(forest, X, y, cv=2, scoring="neg_root_mean_squared_error").mean()
            mlflow.log_metric("rmse", rmse)
        return rmse

    with mlflow.start_run(run_name="search") as parent:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
        study.optimize(objective, n_trials=30)

    found = mlflow.search_runs(
        [experiment.experiment_id], "tags.search = 'forest'", order_by=["metrics.rmse ASC"], output_format="list"
    )
    assert len(found) == 30
    errors = [run.data.metrics["rmse"] for run in found]
    assert errors == sorted(trial.value for trial in study.trials)
    best = found[0]
    assert best.data.metrics["rmse"] == study.best_value
    assert best.data.params == {key: str(value) for key, value in study.best_params.items()}
    assert {run.data.tags["mlflow.parentRunId"] for run in found} == {parent.info.run_id}
