import { UserError } from '../errors.ts'
import { readJsonSections } from './json-sections.ts'
import { record, text } from './loose.ts'

/**
 * When the newest row of each source was loaded, in milliseconds, by dbt's `sources.json`; a source that could not be
 * asked is left out.
 *
 * @returns undefined when there is no such file
 * @throws UserError when the file is damaged
 */
export async function readFreshness(
  path: string,
): Promise<ReadonlyMap<string, number> | undefined> {
  const loaded = new Map<string, number>()
  try {
    await readJsonSections(path, { whole: ['results'], entries: [] }, (_section, _key, results) => {
      for (const entry of Array.isArray(results) ? results : []) {
        const uniqueId = text(record(entry)['unique_id'])
        const at = Date.parse(text(record(entry)['max_loaded_at']) ?? '')
        if (uniqueId !== undefined && !Number.isNaN(at)) loaded.set(uniqueId, at)
      }
    })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new UserError(
      {
        message: 'The file is damaged or was not written to its end',
        where: { file: path },
        hint: 'Run `dbt source freshness` again.',
      },
      { cause },
    )
  }
  return loaded
}

/** Sources whose newest row is newer than before, or that were not known before. */
export function fresherSources(
  current: ReadonlyMap<string, number>,
  previous: ReadonlyMap<string, number>,
): ReadonlySet<string> {
  const isFresher = ([id, at]: readonly [string, number]) =>
    at > (previous.get(id) ?? Number.NEGATIVE_INFINITY)
  return new Set([...current].filter(isFresher).map(([id]) => id))
}
