import type { Column, Dialect } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { floatKey, foreignKey, heldText } from '../diff/model-keys.ts'
import type { DiffLink, DiffSpec } from '../diff-spec.ts'
import { quoted } from '../values/bad-value.ts'
import { emailForm } from '../values/email-form.ts'

/** Rows with a key (`row_id`) whose columns say which links they ask for. */
export interface LinkSource {
  /** A relation with an alias, as it stands after FROM. */
  readonly from: Sql
  readonly rowId: Sql
  readonly columnSql: (column: string) => Sql
}

type Context = Pick<DiffSpec, 'auditValues'> & {
  readonly dialect: Dialect
  readonly link: DiffLink
}

/** Stands for what cannot be read: a list within a list is neither a target nor a label. */
const unreadable = "'[[]]'"

const trimmed = (text: Sql): Sql => sql`nullif(trim(${text}, ' '), '')`

/** Text within a JSON string. */
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1)

/** A text cut up by the separator, as it stands in JSON. */
const splitText = (json: Sql, split: string | undefined): Sql =>
  split === undefined ? json : sql`replace(${json}, ${escaped(split)}, '","')`

/** What a column holds as JSON list text, NULL for nothing, and as a message may quote it. */
function listOf(
  { dialect, link: { split } }: Pick<Context, 'dialect' | 'link'>,
  { name, family }: Column,
  columnSql: (column: string) => Sql,
): { readonly list: Sql; readonly shown: Sql } {
  const value = columnSql(name)
  const asList = (text: Sql, otherwise: Sql) => {
    const first = sql`substr(trim(${text}), 1, 1)`
    return sql`case when ${text} is null then null when ${first} not in ('[', '{') then ${otherwise}
      when not ${dialect.isJson(text)} then ${raw(unreadable)} when ${first} = '[' then ${text} else '[' || ${text} || ']' end`
  }
  if (family === 'array' || family === 'json') {
    const text = dialect.jsonText(value, family)
    return { list: asList(text, sql`'[' || ${text} || ']'`), shown: text }
  }
  const { value: text } = dialect.render(value, family, { kind: 'text' })
  const scalar = dialect.keyList([text])
  const isPlain = family !== 'text' || split !== undefined
  return { list: isPlain ? splitText(scalar, split) : asList(text, scalar), shown: text }
}

/** Families whose keys go by the text that another sync has for them. */
const readsElements = ({ family }: Column): boolean =>
  family === 'text' || family === 'array' || family === 'json'

function targetsOf(
  context: Context,
  columnSql: (column: string) => Sql,
): { readonly list: Sql; readonly shown: Sql } {
  const { dialect, link } = context
  const { target } = link
  const columns = target.kind === 'sync' ? target.columns : [target.column]
  const [column] = columns
  const isKey = column === undefined || columns.length > 1 || !readsElements(column)
  if (target.kind === 'sync' && isKey) {
    const key = foreignKey(dialect, columns, columnSql)
    return { list: dialect.keyList([key]), shown: key }
  }
  return column === undefined
    ? { list: raw('null'), shown: raw('null') }
    : listOf(context, column, columnSql)
}

/** Labels of all links of a row, as JSON list text; NULL for none. */
function labelsOf({ dialect, link }: Context, columnSql: (column: string) => Sql): Sql {
  if (link.labels.kind === 'types') {
    const { types } = link.labels
    return types.length === 0
      ? sql`cast(null as ${raw(dialect.type('text'))})`
      : sql`${JSON.stringify(types)}`
  }
  return listOf({ dialect, link }, link.labels.column, columnSql).list
}

/** A target as it is looked for. */
function keyOf({ target, split }: DiffLink, key: Sql): Sql {
  if (target.kind === 'match') return target.foldsCase ? emailForm(key) : trimmed(key)
  if (target.kind === 'id') return trimmed(key)
  return split === undefined ? heldText(key) : trimmed(key)
}

/** What is wrong with a target that is there; undefined where nothing can be. */
function wrongTarget({
  target,
}: DiffLink): { readonly when: Sql; readonly words: string } | undefined {
  if (target.kind === 'id') {
    return {
      when: raw("translate(target_key, '0123456789', '') <> ''"),
      words: 'is no record id, which is a whole number',
    }
  }
  if (target.kind === 'match' && target.isDomain) {
    return {
      when: raw("translate(target_key, 'abcdefghijklmnopqrstuvwxyz0123456789.-', '') <> ''"),
      words: 'holds more than a domain, such as https:// or a path; HubSpot keeps the bare domain',
    }
  }
  return undefined
}

/** Some engines match the whole text, and a dot is no line break. */
const anything = '([^a]|a)*'

/** A number of JSON text as a column of numbers would have it: engines write `1.0` and `1e+15`. NULL for all else, and for what needs no change. */
const plainNumber = (dialect: Dialect, json: Sql): Sql =>
  sql`case when ${dialect.matches(json, '^-?[0-9]+[.][0-9]+$')} then rtrim(rtrim(${json}, '0'), '.')
      when ${dialect.matches(json, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$')} then ${floatKey(dialect, dialect.numberOf(json))} end`

/** The element, an object, names this member, be it null. A quote within a text is escaped. */
const hasMember = (dialect: Dialect, name: string): Sql =>
  dialect.matches(raw('element'), `^${anything}"${name}"[[:space:]]*:${anything}$`)

/** Labels that a message lists. */
const listedLabels = 10

/** Column that messages name. */
const columnOf = ({ target }: DiffLink): string =>
  target.kind === 'sync' ? target.columns.map(({ name }) => name).join(', ') : target.column.name

/** Why a link cannot be asked for, in words; NULL where it can. Over the step of labels. */
function troubleOf({ dialect, link, auditValues }: Context): Sql {
  const says = (column: string, fragment: Sql, words: Sql) =>
    auditValues === 'full'
      ? sql`${`${column}: `} || ${quoted(fragment)} || ${words}`
      : sql`${`${column}: the value`} || ${words}`
  const labelColumn = link.labels.kind === 'column' ? link.labels.column.name : columnOf(link)
  const known = labelsOfLookup(link)
  const listed = known.slice(0, listedLabels).join(', ')
  const noLabel = ` is no label of ${link.object}${known.length === 0 ? ', which have none' : ` (labels: ${listed}${known.length > listedLabels ? ', …' : ''})`}`
  const wrong = wrongTarget(link)
  const malformed = sql`${' is neither a target nor an object of "value" and "label"'}`
  const meansNothing = sql`' ' || coalesce(trouble, ${noLabel.slice(1)})`
  return sql`case when is_malformed = 1 then ${says(columnOf(link), raw('shown'), malformed)}${
    wrong === undefined
      ? raw('')
      : sql`
    when ${wrong.when} then ${says(columnOf(link), raw('target_key'), sql`${` ${wrong.words}`}`)}`
  }
    when substr(label, 1, 1) in ('[', '{') then ${says(labelColumn, raw('label'), sql`' is no label'`)}
    when ${labelText(dialect)} is not null and meaning is null then ${says(labelColumn, labelText(dialect), meansNothing)} end`
}

/** Labels as HubSpot shows them: neither the same again in lower case nor internal names. */
function labelsOfLookup({ lookup: { entries } }: DiffLink): readonly string[] {
  const folded = new Map<string, string>()
  for (const { term } of entries) {
    const key = term.toLowerCase()
    if (!folded.has(key) || term !== key) folded.set(key, term)
  }
  return entries.flatMap(({ term, trouble = '' }) =>
    folded.get(term.toLowerCase()) === term && !trouble.includes('internal name') ? [term] : [],
  )
}

const labelText = (dialect: Dialect): Sql => trimmed(dialect.jsonScalar(raw('label')))

/**
 * The links that rows ask for, as steps; the last is `name`: `row_id`, `association`, `target_key`, `link_type` (NULL for the
 * unlabelled one), one row per label, and `trouble` in words where a target or label is bad.
 */
function linkSteps(
  dialect: Dialect,
  spec: Pick<DiffSpec, 'auditValues'>,
  link: DiffLink,
  name: string,
  source: LinkSource,
): readonly Sql[] {
  const context = { dialect, link, auditValues: spec.auditValues }
  const { list, shown } = targetsOf(context, source.columnSql)
  const step = (part: string) => raw(`${name}_${part}`)
  const elements = dialect.eachElement(raw('l.targets'), 'e')
  const labels = dialect.eachElement(raw('t.labels'), 'b')
  const own = {
    has: hasMember(dialect, 'label'),
    value: hasMember(dialect, 'value'),
    text: dialect.jsonMember(raw('element'), 'label'),
  }
  const isObject = raw("substr(element, 1, 1) = '{'")
  const key = sql`case when ${isObject} then ${dialect.jsonScalar(raw('element'), 'value')}
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else ${dialect.jsonScalar(raw('element'))} end`
  const member = dialect.jsonMember(raw('element'), 'value')
  const isMalformed = sql`case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when ${isObject} then case when not ${own.value} or substr(${member}, 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end`
  const ownLabels = sql`case when substr(own_label, 1, 1) = '[' then own_label else '[' || ${splitText(raw('own_label'), link.split)} || ']' end`
  return [
    sql`${step('lists')} as (
  select row_id, targets, labels, shown from (
    select ${source.rowId} as row_id, ${list} as targets, ${labelsOf(context, source.columnSql)} as labels, ${shown} as shown
    from ${source.from}
  ) as r where targets is not null and row_id is not null
)`,
    sql`${step('elements')} as (
  select l.row_id, l.labels, case when l.targets = ${raw(unreadable)} then l.shown else ${elements.element} end as shown, ${elements.element} as element
  from ${step('lists')} as l${elements.join}
)`,
    sql`${step('targets')} as (
  select row_id, shown, is_malformed, ${keyOf(link, raw('target_key'))} as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as ${raw(dialect.type('text'))}) else ${ownLabels} end as labels
  from (
    select row_id, shown, labels, coalesce(${plainNumber(dialect, raw('held'))}, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, ${key} as target_key, case when ${isObject} then ${member} else element end as held, ${isMalformed} as is_malformed,
        case when ${isObject} and ${own.has} then 1 else 0 end as has_label, case when ${isObject} then ${own.text} end as own_label
      from ${step('elements')}
    ) as e
  ) as r
)`,
    sql`${step('labels')} as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, ${labels.element} as label
  from (${labelLists(step('targets'))}) as t${labels.join}
)`,
    sql`${step('terms')} as (${dialect.textRows(termsOf(link))})`,
    sql`${raw(name)} as (
  select row_id, ${link.association} as association, target_key, meaning as link_type,
    ${troubleOf(context)} as trouble
  from ${step('labels')}
  left join ${step('terms')} on term = ${labelText(dialect)}
)`,
  ]
}

/** No label, or a list of none, is the link without one. */
const labelLists = (targets: Sql): Sql =>
  sql`select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from ${targets} where target_key is not null or is_malformed = 1`

/** Types stand for themselves: static labels are types already. */
function termsOf({ lookup, labels }: DiffLink): readonly (readonly (string | null)[])[] {
  const types = labels.kind === 'types' ? labels.types : []
  const entries = lookup.entries.filter(({ term }) => !types.some((type) => type === term))
  const terms = [
    ...types.map((type) => [type, type, null]),
    ...entries.map(({ term, meaning, trouble }) => [term, meaning ?? null, trouble ?? null]),
  ]
  // A list of none has no columns for some engines.
  return terms.length === 0 ? [['', null, null]] : terms
}

/** All links that a source's rows ask for, each label a row, as the step `asked_links`. */
export function askedLinkSteps(
  dialect: Dialect,
  spec: Pick<DiffSpec, 'auditValues'>,
  links: readonly DiffLink[],
  source: LinkSource,
): readonly Sql[] {
  const name = (index: number) => `link${index}`
  return [
    ...links.flatMap((link, index) => linkSteps(dialect, spec, link, name(index), source)),
    sql`asked_links as (
  ${join(
    links.map((_, index) => sql`select * from ${raw(name(index))}`),
    '\n  union all\n  ',
  )}
)`,
  ]
}
