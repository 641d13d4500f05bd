import { DestinationError } from '../../errors.ts'
import type { Pipelines, PropertyOption } from '../../types.ts'
import type { CallContext } from './calls.ts'
import type { DefinitionEndpoints } from './endpoints/definitions.ts'
import { asArray, asRecord, asText } from './json.ts'
import { listOf } from './listed.ts'

/**
 * The pipelines of an object type and the stages of all of them, each once, archived ones left out. One call.
 *
 * @returns undefined where HubSpot does not tell: then it is the one to refuse a value
 */
export async function readPipelines(
  client: DefinitionEndpoints,
  objectType: string,
  context: CallContext,
): Promise<Pipelines | undefined> {
  try {
    const reply = await client.listPipelines(objectType, context)
    const pipelines = inUse(listOf(reply, `list the pipelines of ${objectType}`))
    return {
      pipelines: pipelines.flatMap(readOption),
      stages: distinct(pipelines.flatMap(({ stages }) => inUse(stages).flatMap(readOption))),
    }
  } catch (error) {
    const isUntold =
      error instanceof DestinationError && [400, 403, 404].includes(error.status ?? 0)
    if (isUntold) return undefined
    throw error
  }
}

const inUse = (entries: unknown): readonly Readonly<Record<string, unknown>>[] =>
  asArray(entries)
    .map(asRecord)
    .filter(({ archived }) => archived !== true)

function readOption(entry: Readonly<Record<string, unknown>>): readonly PropertyOption[] {
  const value = asText(entry['id'])
  if (value === undefined) return []
  return [{ value, label: asText(entry['label']) ?? value, isHidden: false }]
}

const distinct = (options: readonly PropertyOption[]): readonly PropertyOption[] => [
  ...new Map(options.map((option) => [option.value, option])).values(),
]
