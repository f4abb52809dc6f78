"""What a user's script does, with the real client: logs a finished run with everything that the page shows, then one that goes on until it is told to stop."""
import sys
import time

import mlflow

mlflow.set_experiment(f"page-clients-{time.time_ns()}")
with mlflow.start_run(run_name="finished", description="Logged by **the real client**.") as run:
    mlflow.log_params({"model": "xgb", "lr": 0.1})
    mlflow.set_tag("stage", "baseline")
    for step in range(50):
        mlflow.log_metrics({"train/loss": 2 / (step + 1), "val/loss": 2.2 / (step + 1)}, step=step)
    mlflow.log_text("# Report\n\nAll **good**.\n", "report.md")
    mlflow.log_dict({"lr": 0.1}, "config.json")
    print(f"finished {run.info.experiment_id} {run.info.run_id}", flush=True)

# A line on stdin is a step; its end is the end of the run.
with mlflow.start_run(run_name="going-on") as run:
    mlflow.log_param("model", "mlp")
    print(f"running {run.info.run_id}", flush=True)
    for step, line in enumerate(sys.stdin):
        mlflow.log_metric("train/loss", float(line), step=step)
        print(f"logged {step}", flush=True)
        time.sleep(0.05)
