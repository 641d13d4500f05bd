import type { Dialect, Rendered } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { departedValue, removes } from '../diff/departed.ts'
import { isStepBack } from '../diff/stages.ts'
import { names } from '../diff/step-columns.ts'
import type { DiffProperty, DiffSpec } from '../diff-spec.ts'
import { balanced, isQuoted, isUnrenderable, lookupTrouble } from './bad-value.ts'
import { emailForm } from './email-form.ts'
import type { Lookup } from './lookups.ts'

/** A property's value in SQL. */
export interface RenderedProperty {
  readonly value: Sql
  /** What the column holds has no such value; absent where it always has one. */
  readonly isInvalid: Sql | undefined
  /** What the column holds, where it is not the value but stands for it. */
  readonly term?: Sql
}

/**
 * The property's value in the step `candidates`, and where it has none, when. What only a create sends has none once the row is
 * bound.
 */
export function renderedProperty(
  dialect: Dialect,
  property: DiffProperty,
  index: number,
  columnSql: (column: string) => Sql,
): RenderedProperty {
  const rendered = wireValue(dialect, property, index, columnSql)
  if (property.write !== 'create_only') return rendered
  const { value, isInvalid } = rendered
  return {
    ...rendered,
    value: sql`case when record_id is null then ${value} end`,
    isInvalid: isInvalid === undefined ? undefined : sql`(record_id is null and ${isInvalid})`,
  }
}

/** The property's wire value, and where it has none, when. @param columnSql SQL for a column of the model */
export function wireValue(
  dialect: Dialect,
  property: DiffProperty,
  index: number,
  columnSql: (column: string) => Sql,
): RenderedProperty {
  if (property.source.kind === 'row_id') return { value: raw('row_id'), isInvalid: undefined }
  if (property.source.kind === 'value') {
    const literal = property.source.value
    return {
      value:
        literal === ''
          ? sql`cast(null as ${raw(dialect.type('text'))})`
          : sql`cast(${literal} as ${raw(dialect.type('text'))})`,
      isInvalid: undefined,
    }
  }
  const { column, wire, lookup } = property.source
  const held = columnSql(column.name)
  const rendered = property.isRendered
    ? templateText(dialect.render(held, column.family, wire), held)
    : dialect.render(held, column.family, wire)
  if (lookup !== undefined && wire.kind !== 'multi') {
    return oneMeaning(rendered.value, lookup, index)
  }
  const value = property.isEmail ? emailForm(rendered.value) : rendered.value
  return { value, isInvalid: rendered.isInvalid }
}

/** A template that failed for a row has no value there. */
function templateText({ value, isInvalid }: Rendered, text: Sql): Rendered {
  const failed = isUnrenderable(text)
  return {
    value: sql`case when not ${failed} then ${value} end`,
    isInvalid: isInvalid === undefined ? failed : sql`(${failed} or ${isInvalid})`,
  }
}

/** Joined to the rows by `lookupJoins`. */
function oneMeaning(text: Sql, lookup: Lookup, index: number): RenderedProperty {
  const term = lookupTerm(text, lookup)
  return {
    value: names.meaning(index),
    isInvalid: sql`(${term} is not null and ${names.meaning(index)} is null)`,
    term,
  }
}

/** The term as the lookup has it: an address in HubSpot's form, a label without spaces around it. */
const lookupTerm = (text: Sql, { kind }: Lookup): Sql =>
  kind === 'owner' ? emailForm(text) : sql`nullif(trim(${text}, ' '), '')`

/** Several labels of one value, and the options they mean. */
export interface SeveralLabels {
  /** A label means nothing, or several options. */
  readonly isUnknown: Sql
  readonly meanings: Sql
}

/**
 * A `;`-joined list of labels as one of options, in the order that HubSpot shows them in: another order of the labels is no
 * change. Undefined where the property has no lookup of that kind.
 */
export function severalLabels(
  dialect: Dialect,
  { source }: DiffProperty,
  joined: Sql,
): SeveralLabels | undefined {
  if (source.kind !== 'column' || source.lookup === undefined) return undefined
  if (source.wire.kind !== 'multi') return undefined
  const known = source.lookup.entries.filter(({ meaning }) => meaning !== undefined)
  const chosen = known.map(
    ({ term, meaning }) =>
      sql`case when replace(';' || ${joined} || ';', ${`;${term};`}, '') <> ';' || ${joined} || ';' then ${`;${meaning}`} else '' end`,
  )
  return {
    isUnknown: dialect.hasElementOutside(
      joined,
      known.map(({ term }) => term),
    ),
    meanings: sql`nullif(substr(${balanced(chosen)}, 2), '')`,
  }
}

/** The lookups as steps of their own, and how rows find their entries in them. */
export function lookupSteps(
  dialect: Dialect,
  properties: readonly DiffProperty[],
  columnSql: (column: string) => Sql,
): { readonly steps: readonly Sql[]; readonly joins: Sql } {
  const used = properties.flatMap((property, index) => {
    const { source } = property
    const isJoined =
      source.kind === 'column' && source.lookup !== undefined && source.wire.kind !== 'multi'
    if (!isJoined || source.lookup === undefined) return []
    const rows = source.lookup.entries.map(({ term, meaning, trouble }) => [
      term,
      meaning ?? null,
      trouble ?? null,
    ])
    const { term = raw('null') } = wireValue(dialect, property, index, columnSql)
    const name = raw(`lookup${index}`)
    return [
      {
        step: sql`${name} as (
  select term as ${names.term(index)}, meaning as ${names.meaning(index)}, trouble as ${names.trouble(index)}
  from (${dialect.textRows(rows)}) as entries
)`,
        join: sql`\n  left join ${name} on ${names.term(index)} = ${term}`,
      },
    ]
  })
  return {
    steps: used.map(({ step }) => step),
    joins: join(
      used.map((one) => one.join),
      '',
    ),
  }
}

/** The column as it is, for a message that may quote it; else an empty text. */
export function heldValue(
  dialect: Dialect,
  property: DiffProperty,
  index: number,
  {
    auditValues,
    columnSql,
  }: Pick<DiffSpec, 'auditValues'> & { readonly columnSql: (column: string) => Sql },
): Sql {
  if (property.source.kind !== 'column') return raw("''")
  const { lookup } = property.source
  if (lookup !== undefined && property.source.wire.kind !== 'multi') {
    const { term = raw("''") } = wireValue(dialect, property, index, columnSql)
    return lookupTrouble(lookup, term, names.trouble(index), auditValues)
  }
  const { name, family } = property.source.column
  const held = columnSql(name)
  if (!isQuoted(property, auditValues)) {
    return property.isRendered
      ? sql`case when ${isUnrenderable(held)} then ${held} else '' end`
      : raw("''")
  }
  const text =
    family === 'text'
      ? dialect.render(held, family, { kind: 'text' }).value
      : sql`cast(${held} as ${raw(dialect.type('text'))})`
  return sql`coalesce(${text}, '')`
}

/** Options that are bound one by one; more travel as one text. */
const boundOptions = 200

/** True where the value is none of the options; multi-value text is checked element by element by the caller. */
export function isNoOption(dialect: Dialect, property: DiffProperty, value: Sql): Sql | undefined {
  if (property.options === undefined) return undefined
  const wire = property.source.kind === 'column' ? property.source.wire.kind : 'text'
  const options = property.options
  if (options.length === 0) return sql`${value} is not null`
  if (wire !== 'multi' && options.length > boundOptions) {
    return sql`(${dialect.hasElementOutside(value, options)} or ${value} like '%;%')`
  }
  if (wire === 'multi') return dialect.hasElementOutside(value, options)
  return sql`(${value} is not null and ${value} not in (${join(options.map((option) => sql`${option}`))}))`
}

/** What HubSpot holds after the operation, by the property's NULL policy. Never NULL once something was sent. */
export function afterValue(
  property: DiffProperty,
  index: number,
  isChecked: boolean,
  spec: DiffSpec,
): Sql {
  const { isFullRefresh } = spec
  const value = names.value(index)
  // What the model says nothing about is not sent by a full refresh, either.
  const kept = isFullRefresh ? sql`null` : names.old(index)
  const old = names.old(index)
  if (property.isDeparting === true) {
    return sql`case when is_present is null then ${departedValue(spec, property, old)} end`
  }
  const byPolicy =
    property.nulls === 'clear_always'
      ? sql`coalesce(${value}, '')`
      : property.nulls === 'keep'
        ? sql`coalesce(${value}, ${kept})`
        : sql`case when ${value} is not null then ${value} when ${old} is not null then '' end`
  // HubSpot would ignore an earlier stage: the later one is what it keeps.
  const taken =
    property.stages === undefined || property.clearsFirst === true
      ? byPolicy
      : sql`case when ${isStepBack(property, index)} then ${kept} else ${byPolicy} end`
  const present =
    isChecked && property.onInvalid === 'drop_property'
      ? sql`case when ${names.isBad(index)} then ${kept} else ${taken} end`
      : taken
  return removes(spec)
    ? sql`case when is_present is null then ${departedValue(spec, property, old)} else ${present} end`
    : present
}
