"""Prints the best run of a git branch as Markdown, beside the best of the branch that it goes into. Python 3.9 or newer, nothing else.

    export RUNLEDGER_URL=https://runs.example.com RUNLEDGER_TOKEN=... RUNLEDGER_TEAM=default
    python best_run.py --experiment rings --metric rmse --branch faster --base main [--largest] [--param lr ...]

Finds runs by the tag `mlflow.source.git.branch`; jobs set it with `mlflow.set_tag("mlflow.source.git.branch", ...)`.
"""
import argparse
import json
import os
import sys
import urllib.error
import urllib.request

QUERY = """
query Best($team: String!, $experiment: String!, $branch: RunWhere!, $base: RunWhere!, $order: [RunOrder!], $key: String!, $params: [String!]) {
  team(slug: $team) {
    experiment(name: $experiment) {
      branch: runs(where: $branch, orderBy: $order, first: 1) { totalCount nodes { ...best } }
      base: runs(where: $base, orderBy: $order, first: 1) { totalCount nodes { ...best } }
    }
  }
}
fragment best on Run {
  runId name metric(key: $key) { last } params(keys: $params) { key value } source { gitCommit }
}
"""


def ask(url, token, query, variables):
    request = urllib.request.Request(
        url.rstrip("/") + "/graphql",
        data=json.dumps({"query": query, "variables": variables}).encode(),
        headers={"Authorization": "Bearer " + token, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            body = json.load(answer)
    except urllib.error.HTTPError as refusal:
        body = json.load(refusal)
    if body.get("errors"):
        sys.exit("Runledger: " + body["errors"][0]["message"])
    return body["data"]


def finished_on(branch, metric):
    return {
        "and": [
            {"tag": {"key": "mlflow.source.git.branch", "op": "EQ", "value": branch}},
            {"attribute": {"key": "status", "op": "EQ", "value": "FINISHED"}},
            {"metric": {"key": metric, "op": "IS_NOT_NULL"}},
        ]
    }


def cell(text):
    """Text that neither ends a table's cell nor becomes markup."""
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, "\\" + sign)
    return " ".join(text.split())


def markdown(found, asked, url, team):
    branch, base = found["branch"], found["base"]
    if not branch["nodes"]:
        return f"No finished run of `{asked.experiment}` on `{asked.branch}` has a value of `{asked.metric}` yet.\n"
    shown = [(asked.branch, branch)] + [(asked.base, base)] * bool(base["nodes"])
    names = sorted({param["key"] for _, side in shown for param in side["nodes"][0]["params"]})
    lines = [
        "| | run | " + " | ".join([f"`{asked.metric}`", *(f"`{name}`" for name in names), "commit", "runs"]) + " |",
        "|" + "---|" * (len(names) + 5),
    ]
    for name, side in shown:
        run = side["nodes"][0]
        params = {param["key"]: param["value"] for param in run["params"]}
        link = f"[{cell(run['name'])}]({url.rstrip('/')}/#/t/{team}/runs/{run['runId']})"
        commit = (run["source"]["gitCommit"] or "")[:10]
        cells = [cell(name), link, str(run["metric"]["last"]), *(cell(params.get(one, "")) for one in names), commit, str(side["totalCount"])]
        lines.append("| " + " | ".join(cells) + " |")
    verdict = ""
    if base["nodes"]:
        ours, theirs = (float(side["nodes"][0]["metric"]["last"]) for side in (branch, base))
        better = ours > theirs if asked.largest else ours < theirs
        verdict = f"**{'Better' if better else 'The same' if ours == theirs else 'Worse'}** than the best of `{asked.base}`: {ours - theirs:+g}.\n\n"
    return f"### Best run of `{asked.branch}`\n\n{verdict}" + "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiment", required=True)
    parser.add_argument("--metric", required=True)
    parser.add_argument("--branch", required=True)
    parser.add_argument("--base", default="main")
    parser.add_argument("--largest", action="store_true", help="the largest value is the best")
    parser.add_argument("--param", action="append", default=[], help="show this param; repeatable")
    asked = parser.parse_args()
    url, token = os.environ["RUNLEDGER_URL"], os.environ["RUNLEDGER_TOKEN"]
    team = os.environ.get("RUNLEDGER_TEAM", "default")
    data = ask(url, token, QUERY, {
        "team": team,
        "experiment": asked.experiment,
        "branch": finished_on(asked.branch, asked.metric),
        "base": finished_on(asked.base, asked.metric),
        "order": [{"by": f"metrics.`{asked.metric}`", "direction": "DESC" if asked.largest else "ASC"}],
        "key": asked.metric,
        "params": asked.param,
    })
    if data["team"] is None or data["team"]["experiment"] is None:
        sys.exit(f"Runledger: there is no experiment {asked.experiment!r} in the team {team!r}, or the token isn't for it.")
    sys.stdout.write(markdown(data["team"]["experiment"], asked, url, team))


if __name__ == "__main__":
    main()
