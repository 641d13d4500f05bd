import { type Block, isBlock } from '../config/merge.ts'
import { UserError } from '../errors.ts'
import { toYaml } from './sync-block.ts'
import { YamlEditor } from './yaml-editor.ts'
import { isSameValue, parseYaml, plainValue, type YamlText } from './yaml-text.ts'

/** The node of dbt that gets the sync. */
export interface SyncHome {
  readonly section: 'models' | 'seeds' | 'snapshots'
  readonly name: string
}

type Path = readonly string[]

/**
 * The file with the sync in it. Only lines are added; all others stay as they are, byte for byte. What was written is read
 * again: where anything but the sync would differ, nothing is written.
 *
 * @param comment above the sync
 * @throws UserError where the file cannot take it, with the lines to add by hand
 */
export function insertSync(file: YamlText, home: SyncHome, sync: Block, comment?: string): string {
  const document = parseYaml(file)
  const before = plainValue(document)
  const wanted = withSync(before, home, sync)
  const editor = new YamlEditor(file.text, document, comment)
  const entry = { name: home.name, config: { meta: { hubspot: sync } } }
  const hasOwnMeta = 'meta' in (entryOf(before, home) ?? {})
  const edited = editor.addToEntry(home, [...metaPath(hasOwnMeta), 'hubspot'], sync, entry)
  if (edited !== undefined && isSameValue(edited, file.shown, wanted)) return edited
  throw new UserError({
    message: `is written in a way that a sync cannot be added to without changing the rest`,
    where: { file: file.shown },
    hint: `Add it by hand, below \`${home.name}\`:\n${toYaml({ config: { meta: { hubspot: sync } } }, { step: 2 })}`,
  })
}

/** A file that describes the one node. */
export function newFile(home: SyncHome, sync: Block, comment?: string): string {
  const entry = { name: home.name, config: { meta: { hubspot: sync } } }
  return `version: 2\n\n${toYaml({ [home.section]: [entry] }, { step: 2 }, comment)}`
}

/** What the file says of syncs of the node; undefined for nothing. */
export function syncsIn(file: YamlText, home: SyncHome): unknown {
  const value = entryOf(plainValue(parseYaml(file)), home)
  if (value === undefined) return undefined
  const ofConfig = isBlock(value['config']) ? value['config']['meta'] : undefined
  for (const meta of [ofConfig, value['meta']]) {
    if (isBlock(meta) && meta['hubspot'] !== undefined) return meta['hubspot']
  }
  return undefined
}

function entryOf(value: Block, { section, name }: SyncHome): Block | undefined {
  const list = value[section]
  const entries = Array.isArray(list) ? list : []
  return entries.find((entry): entry is Block => isBlock(entry) && String(entry['name']) === name)
}

/** dbt refuses `meta` in both places, so that an old-style one is continued. */
const metaPath = (hasOwnMeta: boolean): Path => (hasOwnMeta ? ['meta'] : ['config', 'meta'])

/** What the file has to say in the end. */
function withSync(value: Block, home: SyncHome, sync: Block): Block {
  const copy = structuredClone(value) as Record<string, unknown>
  const entry = entryOf(copy, home) as Record<string, unknown> | undefined
  if (entry === undefined) {
    const list = Array.isArray(copy[home.section]) ? (copy[home.section] as unknown[]) : []
    copy[home.section] = [...list, { name: home.name, config: { meta: { hubspot: sync } } }]
    return copy
  }
  let at = entry
  for (const key of metaPath('meta' in entry)) {
    const next = isBlock(at[key]) ? { ...at[key] } : {}
    at[key] = next
    at = next
  }
  const before = at['hubspot']
  at['hubspot'] =
    before === undefined ? sync : [...(Array.isArray(before) ? before : [before]), sync]
  return copy
}
