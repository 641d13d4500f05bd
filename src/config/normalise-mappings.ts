import type { Mapping, MappingSource, Origin } from '../types.ts'
import { columnSource, sourceOf } from './mapping-source.ts'
import { isRecordId, type Match } from './normalise-match.ts'
import type { LocatedFinding, Parsed } from './parsed-sync.ts'
import { type Treatment, treatmentRules } from './treatment-rules.ts'

/** Mappings by property, and what is wrong with them; filled step by step. */
interface Collected {
  readonly mappings: Map<string, Mapping>
  readonly findings: LocatedFinding[]
}

/** All mappings of a sync, sorted by property: its own, those of columns, and the properties that are written in any case. */
export function mappingsOf(
  parsed: Parsed,
  match: Match | undefined,
): { readonly mappings: readonly Mapping[]; readonly findings: readonly LocatedFinding[] } {
  const collected: Collected = { mappings: new Map(), findings: [] }
  addProperties(parsed, collected)
  addColumns(parsed, collected)
  if (match !== undefined && !isRecordId(match)) addMatch(parsed, match, collected)
  addTracking(parsed, collected.mappings)
  const mappings = [...collected.mappings.values()]
  return {
    mappings: mappings.toSorted((a, b) => (a.property < b.property ? -1 : 1)),
    findings: [...collected.findings, ...createOnlyRules(parsed, mappings)],
  }
}

/** Those of `properties:`. */
function addProperties(parsed: Parsed, { mappings, findings }: Collected): void {
  for (const [property, input] of Object.entries(parsed.input.properties)) {
    const path = ['properties', property]
    const source = sourceOf(parsed.input, input)
    if ('problems' in source) {
      const at = source.key === undefined ? path : [...path, source.key]
      findings.push(...source.problems.map((problem) => ({ ...problem, path: at })))
    } else {
      const treatment = typeof input === 'string' ? {} : input
      findings.push(...treatmentRules(property, path, treatment))
      const origin = parsed.originOf(path)
      mappings.set(property, mapping(parsed, property, { source, treatment, origin }))
    }
  }
}

/** Those that were declared on columns of the model. */
function addColumns(parsed: Parsed, { mappings, findings }: Collected): void {
  for (const { column, mapping: input, origin } of parsed.columns) {
    const { property } = input
    const path = ['properties', property]
    if (mappings.has(property)) {
      findings.push({ path, message: `is mapped twice: column ${column} maps to it, too`, origin })
      continue
    }
    for (const { message } of treatmentRules(property, [], input)) {
      findings.push({ path, message, origin })
    }
    const source = columnSource(parsed.input, column, input)
    mappings.set(property, mapping(parsed, property, { source, treatment: input, origin }))
  }
}

function* createOnlyRules(
  { input }: Parsed,
  mappings: readonly Mapping[],
): Generator<LocatedFinding> {
  for (const { property, write, origin } of mappings) {
    if (write !== 'create_only' || input.mode !== 'update') continue
    yield {
      path: ['properties', property, 'write'],
      message: '`create_only` does not go with mode update, which never creates',
      origin,
    }
  }
}

/** The match value is written like any other, and never cleared. */
function addMatch(parsed: Parsed, match: Match, { mappings, findings }: Collected): void {
  const mapped = mappings.get(match.property)
  if (mapped === undefined) {
    const origin = parsed.originOf(['match', match.property])
    const source = columnSource(parsed.input, match.column, {})
    const own = mapping(parsed, match.property, { source, treatment: { nulls: 'keep' }, origin })
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
  const own = mapping(parsed, property, {
    source: { kind: 'row_id' },
    treatment: { nulls: 'keep' },
    origin,
  })
  mappings.set(property, { ...own, key: 'tracking_property' })
}

/** What is said of a property in one place. */
interface Declared {
  readonly source: MappingSource
  readonly treatment: Treatment
  readonly origin: Origin
}

function mapping(
  { input }: Parsed,
  property: string,
  { source, treatment, origin }: Declared,
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
