import { z } from 'zod'
import { didYouMean } from '../suggest.ts'
import type { Manifest, Model, Sync, SyncGate } from '../types.ts'
import { upstreamOf } from '../upstream.ts'
import type { Finding } from './check.ts'
import { key, nonEmpty } from './values-schema.ts'

const CHOICE = 'must be one of tests, build and off'

/** `off` without quotes is false to dbt. */
const choices = [z.enum(['tests', 'build', 'off']), z.literal(false)] as const

/** The value of `gate:`. */
export const syncGate = z.union([
  ...choices,
  z.strictObject({
    check: key(z.union(choices, { error: CHOICE }).default('tests'), {
      description: 'The short form, where `upstream` is said, too.',
      examples: ['build'],
    }),
    upstream: key(
      z
        .union([z.literal('all'), z.array(nonEmpty).min(1)], {
          error: 'must be `all` or a list of names',
        })
        .optional(),
      {
        description:
          'What the model is made of and that has to be well, too, with its tests as `check` says: `all`, or names of models, seeds, snapshots and sources (`source.table`).',
        defaultText: 'nothing but the model itself',
        examples: ['all', ['stg_customers', 'shop.orders']],
      },
    ),
  }),
])

type GateInput = z.output<typeof syncGate>

/** The gate of a sync, as far as it says one, and names that the model is not made of. */
export function gateOf(
  input: GateInput | undefined,
  model: Model,
  manifest: Manifest,
): { readonly found: Pick<Sync, 'gate'>; readonly findings: readonly Finding[] } {
  if (input === undefined) return { found: {}, findings: [] }
  const given = typeof input === 'object' ? input : { check: input }
  const { upstream, findings } = upstreamIn(given, model, manifest)
  const gate: SyncGate = { check: given.check === false ? 'off' : given.check, upstream }
  return { found: { gate }, findings }
}

function upstreamIn(
  { upstream = [] }: Exclude<GateInput, string | false>,
  model: Model,
  manifest: Manifest,
) {
  const ids = upstream.length === 0 ? [] : upstreamOf(model.uniqueId, manifest)
  if (upstream === 'all') return { upstream: ids, findings: [] }
  const named = new Map(ids.flatMap((id) => namesOf(id).map((name) => [name, id] as const)))
  const short = ids.flatMap((id) => namesOf(id).slice(0, 1))
  const unknown = upstream.flatMap((name, index) => (named.has(name) ? [] : [{ name, index }]))
  return {
    upstream: upstream.flatMap((name) => named.get(name) ?? []),
    findings: unknown.map(({ name, index }) => ({
      path: ['gate', 'upstream', index],
      message: `${model.name} is not made of \`${name}\``,
      hint: didYouMean(name, short),
    })),
  }
}

/** `stg_orders`, `shop.stg_orders` and the id; of a source `raw.orders`; of a version `orders.v2`. */
function namesOf(id: string): readonly string[] {
  const [, packageName, ...name] = id.split('.')
  return [name.join('.'), `${packageName}.${name.join('.')}`, id]
}
