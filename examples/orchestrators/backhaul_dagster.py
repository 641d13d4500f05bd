"""Dagster: each sync is an asset downstream of its dbt model. Tested with Dagster 1.13. backhaul_cli.py goes beside this file."""

import os

from dagster import AssetExecutionContext, AssetKey, AssetsDefinition, Definitions, Failure, MaterializeResult, asset

from backhaul_cli import BackhaulFailed, BackhaulUnusable, run_backhaul

# Said by the machine that this runs on, never assumed: a laptop does not write to production because nobody said otherwise.
TARGET = os.environ["DBT_TARGET"]


def hubspot_asset(sync: str, model: str) -> AssetsDefinition:
    """What a sync leaves in HubSpot. `model` is the asset key of its dbt model, as dagster-dbt names it."""

    @asset(
        key=AssetKey(["hubspot", sync]),
        deps=[AssetKey(model)],
        kinds={"hubspot"},
        # One run at a time: limit this pool to 1.
        pool="backhaul",
        description=f"The records in HubSpot that the sync {sync} writes.",
    )
    def hubspot(context: AssetExecutionContext) -> MaterializeResult:
        try:
            run = run_backhaul("--select", f"sync:{sync}", "--target", TARGET, log=context.log.info)
        except BackhaulFailed as failed:
            raise Failure(
                description=failed.run.why,
                metadata={"exit_code": failed.run.exit_code, **failed.run.counts},
                allow_retries=not isinstance(failed, BackhaulUnusable),
            ) from failed
        return MaterializeResult(metadata={"exit_code": run.exit_code, **run.counts})

    return hubspot


defs = Definitions(
    assets=[
        hubspot_asset("contacts", model="hubspot_contacts"),
    ],
)
