import type { Problem } from '../errors.ts'
import type { Selectable } from '../selection/selectable.ts'
import { didYouMean } from '../suggest.ts'
import type { Origin } from '../types.ts'
import {
  check,
  type Finding,
  findJinja,
  findLostKeys,
  overlaps,
  type Path,
  prune,
  valueAt,
} from './check.ts'
import {
  type Context,
  type Declaration,
  holderOfModel,
  locate,
  locateDefault,
  metaPath,
  pathText,
} from './declaration.ts'
import { eventSync } from './event-schema.ts'
import { listSync } from './list-schema.ts'
import { type Block, deepMerge } from './merge.ts'
import { type Normalised, normalise } from './normalise.ts'
import { normaliseEvent } from './normalise-event.ts'
import { normaliseList } from './normalise-list.ts'
import { objectSync } from './object-schema.ts'
import type { ColumnDeclaration, LocatedFinding, Parsed } from './parsed-sync.ts'
import type { Candidate } from './rules.ts'
import { defaultsFor, type SyncType, syncSchemas } from './sync-schema.ts'

/** The name of a sync: said in it or in the defaults, else that of its model or exposure. */
export function nameOf({ block, defaults, holder }: Declaration): string {
  const name = block['sync'] ?? defaults['sync']
  return typeof name === 'string' ? name : holder.name
}

/** Checks and normalises one declared sync. What is wrong goes to the context's problems. */
export function resolveOne(
  declaration: Declaration,
  columns: readonly ColumnDeclaration[],
  context: Context,
): Candidate | undefined {
  const type = declaration.block['type'] ?? declaration.defaults['type'] ?? 'object'
  const defaults = isSyncType(type) ? defaultsFor(type, declaration.defaults) : declaration.defaults
  const document = deepMerge(defaults, declaration.block)
  const name = nameOf(declaration)
  const originOf = (path: Path) => originIn(declaration, path, context)
  const about = selectableOf(declaration, name, document)
  const enabled = context.overrides[name]?.enabled ?? document['enabled'] !== false
  if (!isSyncType(type)) {
    report([unknownType(type)], about, originOf, context)
    return undefined
  }
  const forgotten = forgottenType(document)
  if (forgotten !== undefined) {
    report([forgotten], about, originOf, context)
    return undefined
  }
  const checked = check(syncSchemas[type], document)
  const misshapen = checked.ok ? [] : checked.findings.map(withHint)
  const findings: LocatedFinding[] = [
    ...findJinja(document),
    ...misshapen,
    ...findLostKeys(document),
  ]
  // What is misshapen is left out, so that one mistake does not hide the others.
  const whole = prune(document, misshapen)
  const { model } = declaration
  const { manifest } = context
  const facts = { name, model, manifest, columns, origin: originOf([]), originOf }
  const normalised = normalisedOf(type, whole, facts)
  if (normalised === undefined) {
    report(findings, about, originOf, context)
    return undefined
  }
  const more = normalised.findings.filter(
    ({ path }) => !misshapen.some((other) => overlaps(path, other.path)),
  )
  report([...findings, ...more], about, originOf, context)
  const isValid = findings.length + normalised.findings.length === 0
  return {
    sync: { ...normalised.sync, ...exposureOf(declaration), enabled },
    isValid,
    previousNameOrigin: originOf(['previous_name']),
  }
}

/** What selects a sync that may turn out to be invalid. */
function selectableOf(declaration: Declaration, name: string, document: Block): Selectable {
  const { object, mode = document['type'] === 'event' ? 'insert' : 'upsert' } = document
  return {
    name,
    model: declaration.model,
    ...exposureOf(declaration),
    ...(typeof object === 'string' ? { object } : {}),
    ...(typeof mode === 'string' ? { mode } : {}),
  }
}

const exposureOf = ({ holder }: Declaration): { readonly exposure?: string } =>
  holder.section === 'exposures' ? { exposure: holder.uniqueId } : {}

/** The rest of a sync, if its shape is right by now. */
function normalisedOf(
  type: SyncType,
  document: unknown,
  facts: Omit<Parsed, 'input'>,
): Normalised | undefined {
  if (type === 'event') {
    const read = check(eventSync, document)
    return read.ok ? normaliseEvent({ ...facts, input: read.value }) : undefined
  }
  if (type === 'list') {
    const read = check(listSync, document)
    return read.ok ? normaliseList({ ...facts, input: read.value }) : undefined
  }
  const read = check(objectSync, document)
  return read.ok ? normalise({ ...facts, input: read.value }) : undefined
}

function report(
  findings: readonly LocatedFinding[],
  about: Selectable,
  originOf: (path: Path) => Origin,
  { problems }: Context,
): void {
  for (const { path, message, hint, origin } of findings) {
    const key = pathText(path)
    const problem: Problem = {
      message,
      where: origin ?? originOf(path),
      sync: about.name,
      ...(key === '' ? {} : { key }),
      ...(hint === undefined ? {} : { hint }),
    }
    problems.push({ problem, about: [about] })
  }
}

function isSyncType(type: unknown): type is SyncType {
  return typeof type === 'string' && Object.hasOwn(syncSchemas, type)
}

/** A sync of records has neither key: it is one of another type, and nothing else that is said of it would help. */
function forgottenType(document: Block): Finding | undefined {
  if (document['type'] !== undefined) return undefined
  const key = ['list', 'event'].find((name) => document[name] !== undefined)
  if (key === undefined) return undefined
  return {
    path: [key],
    message: `belongs to syncs of \`type: ${key}\``,
    hint: `Add \`type: ${key}\`.`,
  }
}

function unknownType(type: unknown): Finding {
  const known = Object.keys(syncSchemas)
  const message = `must be one of ${known.join(', ')}`
  return { path: ['type'], message, hint: didYouMean(typeof type === 'string' ? type : '', known) }
}

/** What to write where a shape is often got wrong. */
const HINTS: Readonly<Record<string, string>> = {
  match: 'Write `match: {email: email}` (HubSpot property: column).',
  properties: 'Write one line per property: `firstname: first_name` (HubSpot property: column).',
  object: 'For example `object: contacts`.',
  associations: 'Write a list, one line per link: `- {to: companies, id: company_id}`.',
  'associations.*':
    'For example `{to: companies, sync: companies, key: account_id}`, `{to: companies, match: {domain: domain}}` or `{to: companies, id: company_id}`.',
}

function withHint(finding: Finding): Finding {
  const place = finding.path.map((step) => (typeof step === 'number' ? '*' : step)).join('.')
  const hint = finding.hint ?? HINTS[place]
  return hint === undefined ? finding : { ...finding, hint }
}

function originIn(declaration: Declaration, path: Path, { files, manifest }: Context): Origin {
  const { holder, model, block, defaults } = declaration
  const isDefault =
    path.length > 0 && valueAt(block, path) === undefined && valueAt(defaults, path) !== undefined
  return isDefault
    ? locateDefault(files, [holder, holderOfModel(model)], path, manifest.projectName)
    : locate(files, holder, metaPath(declaration, path), manifest.projectName)
}
