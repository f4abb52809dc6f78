"""One client as MLflow's is: requests.Session, one call after the other. Reads a plan from stdin, prints what it measured as JSON.

Times are until the last byte is read; reading the JSON is left out, since it costs the same whoever answers
(except for pages, where it holds the token of the next).
"""

import json
import sys
import time

import requests

plan = json.load(sys.stdin)
session = requests.Session()
session.headers.update(plan["headers"])
url = plan["url"]


def checked(response):
    if response.status_code != 200:
        raise SystemExit(f"{response.status_code} {response.text[:300]}")
    return response


def repeat():
    """The same call again and again; @n is a number that never comes twice, @run a run in turn."""
    runs, body, n = plan.get("runs") or [""], plan.get("body"), plan["offset"]
    headers = {"Content-Type": "application/json"} if body is not None else {}
    times, sent, begin = [], 0, time.perf_counter()
    while len(times) < plan["max"] and (not times or time.perf_counter() - begin < plan["seconds"]):
        data = body.replace("@n", str(n)).replace("@run", runs[n % len(runs)]).encode() if body is not None else None
        start = time.perf_counter()
        checked(session.request(plan["method"], url, data=data, headers=headers)).content
        took = time.perf_counter() - start
        n, sent = n + 1, sent + 1
        # The first calls open the connection and warm both sides up, unless they are slow themselves.
        if sent > plan["warm"] or took > 1:
            times.append(took * 1000)
    return {"ms": times, "sent": sent}


def pages():
    """All pages of a search up to a number of them."""
    request = json.loads(plan["body"])
    start = time.perf_counter()
    for _ in range(plan["pages"]):
        answer = checked(session.post(url, json=request)).json()
        request["page_token"] = answer.get("next_page_token")
        if not request["page_token"]:
            break
    return {"ms": [(time.perf_counter() - start) * 1000], "sent": 1}


def upload():
    start = time.perf_counter()
    with open(plan["file"], "rb") as file:
        checked(session.put(url, data=file))
    return {"ms": [(time.perf_counter() - start) * 1000], "sent": 1}


def download():
    start = time.perf_counter()
    with checked(session.get(url, stream=True)) as response, open(plan["file"], "wb") as file:
        for chunk in response.iter_content(1 << 20):
            file.write(chunk)
    return {"ms": [(time.perf_counter() - start) * 1000], "sent": 1}


json.dump({"repeat": repeat, "pages": pages, "upload": upload, "download": download}[plan["mode"]](), sys.stdout)
