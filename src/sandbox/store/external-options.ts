import type { Owner } from './owner.ts'
import type { Pipeline } from './pipeline.ts'
import type { ExternalOptions, Property } from './property.ts'

const PIPELINE_PROPERTIES: ReadonlySet<string> = new Set(['pipeline', 'hs_pipeline'])
const STAGE_PROPERTIES: ReadonlySet<string> = new Set(['dealstage', 'hs_pipeline_stage'])

/**
 * Values allowed by properties whose options live elsewhere: owner ids, pipeline ids, stage ids.
 * Read at each write, so that later owners and pipelines count.
 */
export function externalOptionsOf(
  owners: readonly Owner[],
  pipelines: () => readonly Pipeline[] | undefined,
): ExternalOptions {
  return (property: Property) => {
    if (PIPELINE_PROPERTIES.has(property.name)) {
      return new Set(pipelines()?.map((pipeline) => pipeline.id))
    }
    if (STAGE_PROPERTIES.has(property.name)) {
      return new Set(pipelines()?.flatMap((pipeline) => pipeline.stages.map((stage) => stage.id)))
    }
    return new Set(owners.map((owner) => owner.id))
  }
}
