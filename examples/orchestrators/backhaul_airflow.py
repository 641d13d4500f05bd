"""Airflow: an operator, and a DAG that uses it. Tested with Airflow 3.3. backhaul_cli.py goes beside this file, into the folder of DAGs."""

import os
import subprocess
from typing import Any

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from backhaul_cli import BackhaulFailed, BackhaulUnusable, run_backhaul

# Said by the machine that this runs on, never assumed: a laptop does not write to production because nobody said otherwise.
TARGET = os.environ["DBT_TARGET"]


class BackhaulOperator(BaseOperator):
    """Runs Backhaul. Counts go to XCom; exit code 1 fails the task and may be retried, 2 fails it for good."""

    template_fields = ("args",)

    def __init__(self, *, args: list[str], env: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.args = args
        self.env = env
        self.process: subprocess.Popen[str] | None = None

    def execute(self, context: Any) -> dict[str, int]:
        try:
            env = None if self.env is None else {**os.environ, **self.env}
            return run_backhaul(*self.args, env=env, log=self.log.info, started=self.note).counts
        except BackhaulUnusable as failed:
            raise AirflowFailException(failed.run.why) from failed
        except BackhaulFailed as failed:
            raise AirflowException(failed.run.why) from failed

    def note(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def on_kill(self) -> None:
        # Backhaul finishes what is under way and records it.
        if self.process is not None:
            self.process.terminate()


with DAG(
    dag_id="dbt_to_hubspot",
    schedule="7 * * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    # One run at a time; the next one waits.
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": pendulum.duration(minutes=5)},
) as dag:
    dbt_build = BashOperator(task_id="dbt_build", bash_command=f"dbt build --target {TARGET}", retries=0)
    backhaul_run = BackhaulOperator(
        task_id="backhaul_run",
        args=["--target", TARGET, "--gate", "require"],
        # After a build that failed in part, too: what did not come out well is held.
        trigger_rule="all_done",
    )
    # A run of the DAG is as good as its last tasks: without this one, a failed build would not show.
    done = EmptyOperator(task_id="done")
    dbt_build >> backhaul_run >> done
    dbt_build >> done
