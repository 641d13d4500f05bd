import { standardObject } from '../object-types.ts'
import type { Association, LinkLabels, LinkTarget, Origin } from '../types.ts'
import type { Finding, Path } from './check.ts'
import type { AssociationInput } from './object-schema.ts'

/** Links that a sync asks for, as far as they can be told, and what is wrong with them. */
export interface NormalisedAssociations {
  readonly associations: readonly Association[]
  readonly findings: readonly Finding[]
}

/** Ways to say the record id where a property belongs. */
const recordIdNames: readonly string[] = ['id', 'hs_object_id']

/** Reads `associations:`. No two entries of the result find the same records of one object in the same way. */
export function normaliseAssociations(
  inputs: readonly AssociationInput[],
  originOf: (path: Path) => Origin,
): NormalisedAssociations {
  const findings: Finding[] = []
  const earlier = new Map<string, number>()
  const associations = inputs.flatMap((input, index): readonly Association[] => {
    const path = ['associations', index]
    const at = ({ path: inner, ...rest }: Finding): Finding => ({
      ...rest,
      path: [...path, ...inner],
    })
    const target = targetOf(input)
    const labels = labelsOf(input)
    findings.push(...[...rules(input), ...problems(target), ...problems(labels)].map(at))
    if ('finding' in target || 'finding' in labels) return []
    const same = sameness(input.to, target)
    const first = earlier.get(same)
    if (first !== undefined) {
      findings.push(
        at({
          path: [],
          message: `finds the same records as associations[${first}]`,
          hint: 'Write one entry; several labels go in one, too: `label: [first, second]`.',
        }),
      )
      return []
    }
    earlier.set(same, index)
    return [
      {
        to: input.to,
        target,
        ...(input.split === undefined ? {} : { split: input.split }),
        ...labels,
        ...(input.type === undefined ? {} : { type: input.type }),
        onRemoved: input.on_removed,
        key: `associations[${index}]`,
        origin: originOf(path),
      },
    ]
  })
  return { associations, findings }
}

type Wrong = { readonly finding: Finding }

const problems = (read: object | Wrong): readonly Finding[] =>
  'finding' in read ? [read.finding] : []

const ways = ['sync', 'match', 'id'] as const

function targetOf(input: AssociationInput): LinkTarget | Wrong {
  const given = ways.filter((way) => input[way] !== undefined)
  const [way] = given
  if (way === undefined || given.length > 1) {
    const message =
      way === undefined
        ? 'needs one of sync, match and id: it says how the other record is found'
        : `has ${given.join(' and ')}; the other record is found in one way`
    return { finding: { path: [], message } }
  }
  if (input.id !== undefined) return { kind: 'id', column: input.id }
  if (input.match !== undefined) return matchOf(input.match)
  if (input.key === undefined) {
    const message = 'needs `key`, the column that holds the primary key of that sync'
    return { finding: { path: ['sync'], message } }
  }
  const key = typeof input.key === 'string' ? [input.key] : input.key
  return { kind: 'sync', sync: input.sync ?? '', key }
}

function matchOf(match: Readonly<Record<string, string>>): LinkTarget | Wrong {
  const path = ['match']
  const [first, ...others] = Object.entries(match)
  if (first === undefined) {
    const message = 'is empty: it names a property of the other object and a column'
    return { finding: { path, message, hint: 'For example `match: {domain: company_domain}`.' } }
  }
  if (others.length > 0) {
    const message = `names ${others.length + 1} properties (${Object.keys(match).join(', ')}); records are found by exactly one`
    return { finding: { path, message } }
  }
  const [property, column] = first
  if (recordIdNames.includes(property)) {
    const message = 'the record id is no property to look up'
    return { finding: { path: [...path, property], message, hint: `Write \`id: ${column}\`.` } }
  }
  return { kind: 'match', property, column }
}

function labelsOf({ label }: AssociationInput): { readonly labels?: LinkLabels } | Wrong {
  if (label === undefined) return {}
  if (typeof label === 'string') return { labels: { kind: 'either', text: label } }
  if (Array.isArray(label)) return staticLabels(label, ['label'])
  const { column, value } = label
  if ((column === undefined) === (value === undefined)) {
    const message =
      column === undefined
        ? 'needs one of column and value'
        : 'has column and value; only one of them can be the label'
    return { finding: { path: ['label'], message } }
  }
  if (column !== undefined) return { labels: { kind: 'column', column } }
  const values = typeof value === 'string' ? [value] : (value ?? [])
  return staticLabels(values, ['label', 'value'])
}

function staticLabels(
  labels: readonly string[],
  path: Path,
): { readonly labels: LinkLabels } | Wrong {
  const twice = labels.find((label, index) => labels.indexOf(label) < index)
  return twice === undefined
    ? { labels: { kind: 'static', labels } }
    : { finding: { path, message: `names ${twice} twice` } }
}

function* rules(input: AssociationInput): Generator<Finding> {
  if (input.key !== undefined && input.sync === undefined) {
    yield { path: ['key'], message: 'only goes with `sync`' }
  }
  if (input.split !== undefined && Array.isArray(input.key) && input.key.length > 1) {
    yield {
      path: ['split'],
      message: `does not go with a key of ${input.key.length} columns: which parts belong together cannot be told`,
      hint: 'Give the model a row for each link, or a column that holds the record ids (`id:`).',
    }
  }
  if (input.type !== undefined && input.label !== undefined) {
    yield {
      path: ['type'],
      message: 'does not go with `label`: either says of which type the links are',
      hint: 'Leave one of them out.',
    }
  }
}

function sameness(to: string, target: LinkTarget): string {
  const object = standardObject(to)?.objectTypeId ?? to.toLowerCase()
  return JSON.stringify([object, target])
}
