"""Prefect: dbt build, then what it built to HubSpot. Tested with Prefect 3.9. backhaul_cli.py goes beside this file."""

import os
import subprocess

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact

from backhaul_cli import BackhaulUnusable, run_backhaul

# Said by the machine that this runs on, never assumed: a laptop does not write to production because nobody said otherwise.
TARGET = os.environ["DBT_TARGET"]


def may_help(_task, _task_run, state) -> bool:
    """Whether running again can help: not after wrong usage or a defect."""
    return not isinstance(state.result(raise_on_failure=False), BackhaulUnusable)


@task
def dbt_build() -> int:
    return subprocess.run(["dbt", "build", "--target", TARGET], check=False).returncode


@task(retries=2, retry_delay_seconds=300, retry_condition_fn=may_help)
def backhaul_run() -> dict[str, int]:
    run = run_backhaul("--target", TARGET, "--gate", "require", log=get_run_logger().info)
    create_table_artifact(
        key="backhaul",
        description=f"Target {TARGET}",
        table=[{"sync": result["sync"], "status": result["status"], **result["counts"]} for result in run.results],
    )
    return run.counts


@flow(name="dbt to HubSpot")
def dbt_to_hubspot() -> dict[str, int]:
    built = dbt_build()
    # After a build that failed in part, too: what did not come out well is held.
    counts = backhaul_run()
    if built != 0:
        raise RuntimeError(f"dbt build ended with exit code {built}")
    return counts


if __name__ == "__main__":
    # One run at a time; the next one waits.
    dbt_to_hubspot.serve(name="hourly", cron="7 * * * *", limit=1)
