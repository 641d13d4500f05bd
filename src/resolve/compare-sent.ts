import type { LatestWrite } from '../destination/destination.ts'
import { type ComparedProperty, isSameValue } from './adopt-values.ts'

/** A property of which HubSpot holds something else than it was sent. */
export interface HeldOtherwise {
  readonly property: string
  /** `''` is no value, here and there. */
  readonly expected: string
  readonly held: string
}

/**
 * What a record holds otherwise than it was sent, in the sense in which adopting compares. What HubSpot owns after the first write
 * (`create_only`, `if_empty`) is left out, and so is a value of which nobody knows whether it was sent.
 *
 * @param sent by property; what was never sent is absent
 * @param held of the record, as HubSpot answers
 * @param doubt the mark of a value in doubt
 */
export function compareSent(
  sent: Readonly<Record<string, string>>,
  held: Readonly<Record<string, string | null>>,
  properties: readonly ComparedProperty[],
  doubt: string,
): readonly HeldOtherwise[] {
  return properties.flatMap((property) => {
    const expected = sent[property.name]
    if (expected === undefined || expected === doubt || property.write !== 'always') return []
    const found = held[property.name] ?? ''
    return isSameValue(property, expected, found)
      ? []
      : [{ property: property.name, expected, held: found }]
  })
}

/** HubSpot's words for what an app wrote by the API. */
const appSources: ReadonlySet<string> = new Set(['INTEGRATION', 'API'])

/**
 * True when the app that asks wrote a value itself: HubSpot spells what was sent its own way, or another sync sent something else.
 *
 * That `sourceId` of such a write is the id of the app is nowhere documented. Answers of real accounts have a number there that is the
 * same for all writes of one app, and that its records have as `hs_object_source_id`, too (checked 2026-11-26). Were it another one, our
 * own spellings would count as drift, and nothing of others as ours.
 */
export const isOwnWrite = (write: LatestWrite | undefined, appId: string | undefined): boolean =>
  write !== undefined &&
  appId !== undefined &&
  write.sourceId === appId &&
  appSources.has(write.sourceType)

/** Types that a sync set on a link and that are not there any more, where the two records are still linked. */
export const lackingTypes = (
  expected: readonly string[],
  held: readonly string[],
): readonly string[] => expected.filter((type) => !held.includes(type))
