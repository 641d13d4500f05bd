import { parseTemplate } from '../template/parse-template.ts'
import type { Guards, Mapping, MappingSource, Model, Origin, Sync, Threshold } from '../types.ts'
import type { Finding, Path } from './check.ts'
import { normaliseAssociations } from './normalise-associations.ts'
import type { ObjectSync } from './object-schema.ts'
import type { ColumnMapping, PropertyInput, PropertyObject } from './property-schema.ts'
import { wireText } from './wire-text.ts'

/** A mapping that was declared on a column of the model. */
export interface ColumnDeclaration {
  readonly column: string
  readonly mapping: ColumnMapping
  readonly origin: Origin
}

/** A parsed sync with all that is needed to build the final one. */
export interface Parsed {
  readonly name: string
  readonly model: Model
  readonly input: ObjectSync
  readonly columns: readonly ColumnDeclaration[]
  readonly origin: Origin
  readonly originOf: (path: Path) => Origin
  /** A sync of events may map no property at all. */
  readonly mayMapNothing?: true
}

/** The sync, as far as it can be told, and what is wrong with it; it is valid when that is nothing. */
export interface Normalised {
  readonly sync: Sync
  readonly findings: readonly (Finding & { readonly origin?: Origin })[]
}

/** Properties that people take for a user token; HubSpot matches contact records by none. */
const USER_TOKENS: readonly string[] = ['utk', 'hubspotutk', 'hutk', 'user_token', 'usertoken']

/** `match: {id: column}`, and HubSpot's own name for it. */
const RECORD_ID = 'hs_object_id'
const RECORD_ID_KEYS: readonly string[] = ['id', RECORD_ID]

/** Fills in defaults and applies the rules that concern one sync alone. */
export function normalise(parsed: Parsed): Normalised {
  const { input, model } = parsed
  const findings: (Finding & { origin?: Origin })[] = [...rules(parsed)]
  const match = matchOf(input)
  if ('finding' in match) findings.push(match.finding)
  const mappings = mappingsOf(parsed, 'finding' in match ? undefined : match.match, findings)
  const links = normaliseAssociations(input.associations, parsed.originOf)
  findings.push(...links.findings)
  return {
    findings,
    sync: {
      name: parsed.name,
      type: 'object',
      model,
      object: input.object,
      mode: input.mode,
      primaryKey: keyOf(parsed) ?? [],
      isKeyInferred: input.primary_key === undefined,
      ...('match' in match && match.match !== undefined ? { match: match.match } : {}),
      ...startOf(parsed),
      ...(input.tracking_property === undefined
        ? {}
        : { trackingProperty: input.tracking_property }),
      ...(input.where === undefined ? {} : { where: input.where }),
      mappings,
      associations: links.associations,
      onDelete: input.on_delete,
      deletesAdopted: input.delete_adopted,
      guards: guardsOf(input.guards),
      maxAttempts: input.max_attempts,
      maxRejected: input.max_rejected,
      ...(input.previous_name === undefined ? {} : { previousName: input.previous_name }),
      enabled: input.enabled,
      origin: parsed.origin,
      keyOrigins: {
        primary_key: parsed.originOf(['primary_key']),
        match: parsed.originOf(['match']),
        object: parsed.originOf(['object']),
        where: parsed.originOf(['where']),
      },
    },
  }
}

function keyOf({ input, model }: Parsed): readonly string[] | undefined {
  if (typeof input.primary_key === 'string') return [input.primary_key]
  if (input.primary_key !== undefined) return input.primary_key
  return model.primaryKey.length === 1 ? model.primaryKey : undefined
}

function* rules(parsed: Parsed): Generator<Finding> {
  const { input, model } = parsed
  if (model.relationName === undefined) {
    yield {
      path: [],
      message: `the model ${model.name} has no table: it is ${model.materialized}`,
      hint: 'Give it `materialized: table`, `view` or `incremental`.',
    }
  }
  if (keyOf(parsed) === undefined) yield missingKey(model)
  const key = keyOf(parsed) ?? []
  if (new Set(key).size < key.length) {
    yield { path: ['primary_key'], message: 'names a column twice' }
  }
  if (input.mode !== 'upsert' && input.on_delete === 'delete') {
    yield {
      path: ['on_delete'],
      message: `\`delete\` needs mode upsert, not ${input.mode}`,
      hint: 'Only records that a sync creates and updates are its own to delete.',
    }
  }
  if (input.mode === 'insert' && input.on_delete === 'clear') {
    yield {
      path: ['on_delete'],
      message: '`clear` does not go with mode insert, which never touches a record again',
    }
  }
  if (input.delete_adopted && input.on_delete !== 'delete') {
    yield { path: ['delete_adopted'], message: 'only goes with `on_delete: delete`' }
  }
  if (input.start !== 'all' && input.mode !== 'insert') {
    yield { path: ['start'], message: `only goes with mode insert, not ${input.mode}` }
  }
  if (typeof input.start === 'object' && momentOf(input.start.from) === undefined) {
    yield {
      path: ['start', 'from'],
      message: `must be a date or a moment, not \`${input.start.from}\``,
      hint: 'Write `2026-01-01` or `2026-01-01T08:00:00Z`; without a zone it is UTC.',
    }
  }
  yield* trackingRules(parsed)
  if (input.previous_name === parsed.name) {
    yield { path: ['previous_name'], message: "is the sync's present name" }
  }
}

function* trackingRules({ input, columns }: Parsed): Generator<Finding> {
  const name = input.tracking_property
  if (name === undefined) return
  const path = ['tracking_property']
  if (input.mode === 'update') {
    yield { path, message: 'does not go with mode update, which creates nothing' }
  }
  if (Object.hasOwn(input.match ?? {}, name)) {
    yield {
      path,
      message: `${name} is the match property, too`,
      hint: 'Leave `tracking_property` out: upserts by a unique property are safe to repeat as they are.',
    }
  } else if (
    Object.hasOwn(input.properties, name) ||
    columns.some(({ mapping: { property } }) => property === name)
  ) {
    yield {
      path,
      message: `${name} is mapped, too`,
      hint: "Take it out of the mapping: it holds the row's id.",
    }
  }
}

/** ISO 8601 in UTC; a date is its midnight. Undefined when the text is neither. */
function momentOf(text: string): string | undefined {
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/i.exec(
      text.trim(),
    )
  if (match === null) return undefined
  const [, day, time = '00:00', zone = 'Z'] = match
  const moment = new Date(`${day}T${time}${zone.toUpperCase()}`)
  const isReal =
    !Number.isNaN(moment.getTime()) && new Date(`${day}T00:00Z`).toISOString().startsWith(day ?? '')
  return isReal ? moment.toISOString() : undefined
}

function startOf({ input, originOf }: Parsed): Pick<Sync, 'start'> {
  const { start, timezone } = input
  if (start === 'all') return {}
  if (start === 'now') return { start: { kind: 'now' } }
  return {
    start: {
      kind: 'from',
      column: start.column,
      from: momentOf(start.from) ?? start.from,
      ...(timezone === undefined ? {} : { timezone }),
      origin: originOf(['start', 'column']),
    },
  }
}

function missingKey(model: Model): Finding {
  const path = ['primary_key']
  if (model.primaryKey.length === 0) {
    return {
      path,
      message: `is required: dbt inferred none for ${model.name}`,
      hint: 'Write `primary_key: <column>`, or give the column the dbt tests `unique` and `not_null`: dbt 1.9 and later infer the key from them.',
    }
  }
  return {
    path,
    message: `is required: dbt inferred ${model.primaryKey.join(', ')}, which may be one key or several`,
    hint: `Write \`primary_key: ${model.primaryKey[0]}\`, or \`primary_key: [${model.primaryKey.join(', ')}]\` when only all together identify a row.`,
  }
}

type Match = { readonly property: string; readonly column: string }

function matchOf(input: ObjectSync): { match: Match | undefined } | { finding: Finding } {
  const path = ['match']
  const entries = Object.entries(input.match ?? {})
  const [first] = entries
  if (first === undefined) {
    if (input.mode === 'insert' && input.match === undefined) return { match: undefined }
    const message = `is required in mode ${input.mode}: it says how a row finds its record`
    return {
      finding: {
        path,
        message,
        hint: 'For example `match: {email: email}` (HubSpot property: column).',
      },
    }
  }
  if (entries.length > 1) {
    const names = entries.map(([property]) => property).join(', ')
    return {
      finding: {
        path,
        message: `names ${entries.length} properties (${names}); records are found by exactly one`,
      },
    }
  }
  const [property, column] = first
  if (USER_TOKENS.includes(property.toLowerCase())) {
    return {
      finding: {
        path: ['match', property],
        message: 'HubSpot cannot find contact records by the user token',
        hint: 'Match by `email`, or send events (`type: event`), where `contact: {utk: column}` works.',
      },
    }
  }
  if (!RECORD_ID_KEYS.includes(property)) return { match: { property, column } }
  if (input.mode === 'update') return { match: { property: RECORD_ID, column } }
  return {
    finding: {
      path: ['match', property],
      message: `record ids find records in mode update only, not ${input.mode}: HubSpot gives the ids of new records itself`,
      hint: 'Use `mode: update`, or match by a property.',
    },
  }
}

function mappingsOf(
  parsed: Parsed,
  match: Match | undefined,
  findings: (Finding & { origin?: Origin })[],
): readonly Mapping[] {
  const mappings = new Map<string, Mapping>()
  for (const [property, input] of Object.entries(parsed.input.properties)) {
    const path = ['properties', property]
    const source = sourceOf(parsed.input, input)
    if ('problems' in source) {
      const at = source.key === undefined ? path : [...path, source.key]
      findings.push(...source.problems.map((problem) => ({ ...problem, path: at })))
    } else {
      const treatment = typeof input === 'string' ? {} : input
      findings.push(...treatmentRules(property, path, treatment))
      mappings.set(property, mapping(parsed, property, source, treatment, parsed.originOf(path)))
    }
  }
  for (const { column, mapping: input, origin } of parsed.columns) {
    if (mappings.has(input.property)) {
      findings.push({
        path: ['properties', input.property],
        message: `is mapped twice: column ${column} maps to it, too`,
        origin,
      })
      continue
    }
    for (const { message } of treatmentRules(input.property, [], input)) {
      findings.push({ path: ['properties', input.property], message, origin })
    }
    const source = columnSource(parsed.input, column, input)
    mappings.set(input.property, mapping(parsed, input.property, source, input, origin))
  }
  if (match !== undefined && match.property !== RECORD_ID) {
    addMatch(parsed, match, mappings, findings)
  }
  addTracking(parsed, mappings)
  for (const { property, write, origin } of mappings.values()) {
    if (write !== 'create_only' || parsed.input.mode !== 'update') continue
    findings.push({
      path: ['properties', property, 'write'],
      message: '`create_only` does not go with mode update, which never creates',
      origin,
    })
  }
  if (mappings.size === 0 && findings.length === 0 && parsed.mayMapNothing !== true) {
    findings.push({ path: ['properties'], message: 'is empty: the sync would write nothing' })
  }
  return [...mappings.values()].sort((a, b) => (a.property < b.property ? -1 : 1))
}

/** The match value is written like any other, and never cleared. */
function addMatch(
  parsed: Parsed,
  match: Match,
  mappings: Map<string, Mapping>,
  findings: Finding[],
): void {
  const mapped = mappings.get(match.property)
  if (mapped === undefined) {
    const origin = parsed.originOf(['match', match.property])
    const source = columnSource(parsed.input, match.column, {})
    const own = mapping(parsed, match.property, source, { nulls: 'keep' }, origin)
    mappings.set(match.property, { ...own, key: 'match' })
    return
  }
  mappings.set(match.property, { ...mapped, nulls: 'keep' })
  if (mapped.write !== 'always') {
    findings.push({
      path: ['properties', match.property, 'write'],
      message: `is always written: ${match.property} is the match property`,
    })
  }
  const { source } = mapped
  if (source.kind !== 'column' || source.column !== match.column) {
    findings.push({
      path: ['properties', match.property],
      message: `is also the match property, there filled by column ${match.column}`,
      hint: 'Leave it out of `properties`: the match value is written anyway.',
    })
  }
}

/** Filled with the row id, and never cleared. */
function addTracking(parsed: Parsed, mappings: Map<string, Mapping>): void {
  const property = parsed.input.tracking_property
  if (property === undefined || mappings.has(property)) return
  const origin = parsed.originOf(['tracking_property'])
  const own = mapping(parsed, property, { kind: 'row_id' }, { nulls: 'keep' }, origin)
  mappings.set(property, { ...own, key: 'tracking_property' })
}

type Treatment = Partial<
  Pick<
    PropertyObject,
    | 'as'
    | 'timezone'
    | 'nulls'
    | 'write'
    | 'on_invalid'
    | 'allow_backwards'
    | 'create_missing'
    | 'type'
    | 'options'
    | 'unique'
    | 'shared'
  >
>

function mapping(
  { input }: Parsed,
  property: string,
  source: MappingSource,
  treatment: Treatment,
  origin: Origin,
): Mapping {
  return {
    property,
    source,
    nulls: treatment.nulls ?? input.nulls,
    write: treatment.write ?? 'always',
    onInvalid: treatment.on_invalid ?? input.on_invalid,
    ...draftOf(treatment),
    ...(treatment.allow_backwards === true ? { allowsBackwards: true as const } : {}),
    ...(input.shared || treatment.shared === true ? { isShared: true as const } : {}),
    key: `properties.${property}`,
    origin,
  }
}

/** What the sync says of a property that HubSpot may not have. */
function draftOf({
  create_missing,
  type,
  options,
  unique,
}: Treatment): Pick<Mapping, 'definition'> {
  const isCreated = create_missing === true
  const isUnique = unique === true
  if (!isCreated && !isUnique && type === undefined && options === undefined) return {}
  const listed = options?.map((option) =>
    typeof option === 'string'
      ? { value: option, label: option }
      : { value: option.value, label: option.label ?? option.value },
  )
  return {
    definition: {
      isCreated,
      isUnique,
      ...(type === undefined ? {} : { type }),
      ...(listed === undefined ? {} : { options: listed }),
    },
  }
}

/** What does not go together in what a mapping says of its property. */
function* treatmentRules(property: string, path: Path, treatment: Treatment): Generator<Finding> {
  const { allow_backwards, type, options, unique } = treatment
  if (allow_backwards === true && property !== 'lifecyclestage') {
    yield {
      path: [...path, 'allow_backwards'],
      message: 'only goes with `lifecyclestage`: other properties move freely',
    }
  }
  if (options !== undefined && type !== undefined && type !== 'enumeration') {
    yield { path: [...path, 'options'], message: `only go with type enumeration, not ${type}` }
  }
  const values = (options ?? []).map((option) =>
    typeof option === 'string' ? option : option.value,
  )
  const twice = values.find((value, index) => values.indexOf(value) < index)
  if (twice !== undefined) {
    yield { path: [...path, 'options'], message: `name the value ${twice} twice` }
  }
  const separated = values.find((value) => value.includes(';'))
  if (separated !== undefined) {
    yield {
      path: [...path, 'options'],
      message: `hold ${separated}; a semicolon separates the values of a multi-checkbox`,
    }
  }
  if (unique === true && type !== undefined && type !== 'string' && type !== 'number') {
    yield { path: [...path, 'unique'], message: `only goes with text and numbers, not ${type}` }
  }
}

/** What is wrong with where a value comes from, and with which key of the mapping where it is one. */
interface Unusable {
  readonly problems: readonly Omit<Finding, 'path'>[]
  readonly key?: string
}

function sourceOf(sync: ObjectSync, input: PropertyInput): MappingSource | Unusable {
  if (typeof input === 'string') return columnSource(sync, input, {})
  const given = (['column', 'value', 'template'] as const).filter((key) => input[key] !== undefined)
  if (given.length !== 1) {
    const message =
      given.length === 0
        ? 'needs one of column, value and template'
        : `has ${given.join(' and ')}; only one of them can be the value`
    return { problems: [{ message }] }
  }
  if (input.column !== undefined) return columnSource(sync, input.column, input)
  if (input.as !== undefined || input.timezone !== undefined) {
    return { problems: [{ message: '`as` and `timezone` only go with `column`' }] }
  }
  if (input.template !== undefined) return templateSource(sync, input.template)
  return { kind: 'value', value: wireText(input.value ?? '') }
}

/** The columns that a template reads are looked for when the model is known. */
function templateSource({ timezone }: ObjectSync, template: string): MappingSource | Unusable {
  const parsed = parseTemplate(template)
  if (!parsed.ok) return { problems: parsed.problems, key: 'template' }
  return { kind: 'template', template, ...(timezone === undefined ? {} : { timezone }) }
}

function columnSource(sync: ObjectSync, column: string, treatment: Treatment): MappingSource {
  const timezone = treatment.timezone ?? sync.timezone
  return {
    kind: 'column',
    column,
    ...(treatment.as === undefined ? {} : { as: treatment.as }),
    ...(timezone === undefined ? {} : { timezone }),
  }
}

function guardsOf(input: ObjectSync['guards']): Guards {
  return {
    ...(input?.max_deletes === undefined ? {} : { maxDeletes: thresholdOf(input.max_deletes) }),
    ...(input?.max_changes === undefined ? {} : { maxChanges: thresholdOf(input.max_changes) }),
    ...(input?.min_rows === undefined ? {} : { minRows: input.min_rows }),
  }
}

/** `500` → rows, `10%` → a share. */
function thresholdOf(value: number | string): Threshold {
  if (typeof value === 'number') return { rows: value }
  return { share: Number(value.replace('%', '').trim()) / 100 }
}
