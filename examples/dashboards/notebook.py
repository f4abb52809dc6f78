"""Runs of an experiment as a pandas DataFrame, from one query.

    pip install pandas requests
    export RUNLEDGER_URL=http://127.0.0.1:5000 RUNLEDGER_TOKEN=...
    python notebook.py rings rmse model lr

In a notebook: `from notebook import runs_frame`.
"""
import os
import sys

import pandas as pd
import requests

QUERY = """
query Frame($team: String!, $experiments: [String!], $filter: String, $columns: [String!]!, $after: String) {
  team(slug: $team) {
    runTable(experimentIds: $experiments, filter: $filter, columns: $columns, first: 1000, after: $after) {
      runIds
      columns { name type values }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
BY_NAME = "query ($team: String!, $name: String!) { team(slug: $team) { experiment(name: $name) { experimentId } } }"


def ask(query, **variables):
    """The data of a query. Raises RuntimeError with the server's words when it is refused."""
    answer = requests.post(
        os.environ["RUNLEDGER_URL"] + "/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": "Bearer " + os.environ["RUNLEDGER_TOKEN"]},
        timeout=60,
    )
    body = answer.json()
    if body.get("errors"):
        raise RuntimeError(body["errors"][0]["message"])
    return body["data"]


def runs_frame(columns, team="default", experiment=None, filter=None):
    """One row a run, indexed by its id: numbers as float64 (NaN and infinities too) or Int64, times as UTC timestamps.

    `columns` as in `runTable`: "run_name", "status", "start_time", "params.lr", "metrics.rmse", "metrics.rmse.min", "tags.owner", ...
    """
    experiments = None
    if experiment is not None:
        found = ask(BY_NAME, team=team, name=experiment)["team"]["experiment"]
        if found is None:
            raise LookupError(f"There is no experiment named {experiment!r}.")
        experiments = [found["experimentId"]]
    pages, after = [], None
    while True:
        table = ask(QUERY, team=team, experiments=experiments, filter=filter, columns=columns, after=after)["team"]["runTable"]
        index = pd.Index(table["runIds"], name="run_id")
        pages.append(pd.DataFrame({one["name"]: series(one, index) for one in table["columns"]}, index=index))
        if not table["pageInfo"]["hasNextPage"]:
            return pd.concat(pages)
        after = table["pageInfo"]["endCursor"]


def series(column, index):
    values, kind = column["values"], column["type"]
    if kind == "NUMBER":
        # JSON has no NaN and no infinities: they come as strings, which float() reads.
        return pd.Series([None if value is None else float(value) for value in values], index=index, dtype="float64")
    if kind == "INTEGER":
        return pd.Series([None if value is None else int(value) for value in values], index=index, dtype="Int64")
    if kind == "TIME":
        return pd.Series(pd.to_datetime(pd.array(values, dtype="Int64"), unit="ms", utc=True, errors="coerce"), index=index)
    return pd.Series(values, index=index, dtype="object")


if __name__ == "__main__":
    experiment, metric, *params = sys.argv[1:]
    wanted = ["run_name", "status", "start_time", "metrics." + metric, *("params." + param for param in params)]
    frame = runs_frame(wanted, team=os.environ.get("RUNLEDGER_TEAM", "default"), experiment=experiment)
    print(frame.sort_values("metrics." + metric).to_string())
    for param in params:
        print(frame.groupby("params." + param)["metrics." + metric].agg(["count", "min", "median"]).to_string())
