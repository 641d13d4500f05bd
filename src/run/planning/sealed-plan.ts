import { createHash } from 'node:crypto'
import { allProperties } from '../../plan/diff-spec.ts'
import type { Plan } from '../../plan/plan.ts'
import { digestPlan, type OperationDigest, type SealedPlan } from '../../plan/plan-digest.ts'
import type { Ledger } from '../../record/ledger.ts'
import type { Sync } from '../../types.ts'
import type { TableRef } from '../../warehouse/dialect.ts'
import type { PreparedSync } from '../context.ts'

/**
 * Takes the counts and digests of a change set.
 *
 * @param table where it is
 * @param seal goes into each digest
 */
export async function sealPlan(
  { warehouse }: Ledger,
  { sync, definedName = sync.name, bound, runId }: PreparedSync,
  plan: Plan,
  table: TableRef,
  seal: string,
): Promise<SealedPlan> {
  return {
    sync: definedName,
    model: sync.model.uniqueId,
    relation: sync.model.relationName ?? '',
    definition: definitionDigest({ ...sync, name: definedName }),
    operations: await digestPlan(warehouse, {
      plan: table,
      runId,
      seal,
      ...(bound.event === undefined
        ? {}
        : { eventProperties: allProperties(bound).map(({ name }) => name) }),
    }),
    makes: [
      ...(plan.creates ?? []).map(({ name }) => `property ${name}`),
      ...(plan.createsEvent === undefined ? [] : [`event ${plan.createsEvent}`]),
      ...(plan.list?.id === null ? [`list ${plan.list.name}`] : []),
    ],
  }
}

/** Where a sync is written, and whether it runs at all, is no part of what it sends. */
const placeKeys: ReadonlySet<string> = new Set([
  'origin',
  'origins',
  'keyOrigins',
  'rivals',
  'exposure',
  'gate',
  'enabled',
  'previousName',
])

/** @returns equal for syncs that mean the same, in whatever order and file they are written */
export function definitionDigest({ model, ...sync }: Sync): string {
  const { uniqueId, relationName, currentRows } = model
  const text = JSON.stringify({ ...sync, model: { uniqueId, relationName, currentRows } }, ordered)
  return createHash('sha256').update(text).digest('hex')
}

function ordered(key: string, value: unknown): unknown {
  if (placeKeys.has(key)) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}

const number = (count: number): string => count.toLocaleString('en-US')

/** How a plan differs from the one that was sealed, a phrase each; empty where it does not. */
export function differencesOf(before: SealedPlan, now: SealedPlan): readonly string[] {
  const kinds = [...new Set([...before.operations, ...now.operations].map((one) => one.operation))]
  const of = (plan: SealedPlan, kind: OperationDigest['operation']) =>
    plan.operations.find(({ operation }) => operation === kind)
  const operations = kinds.flatMap((kind) => {
    const [old, next] = [of(before, kind), of(now, kind)]
    if (old?.digest === next?.digest && old?.rows === next?.rows) return []
    const [rows, rowsNow] = [old?.rows ?? 0, next?.rows ?? 0]
    return rows === rowsNow
      ? [`${kind} ${number(rows)} as planned, but other rows or values`]
      : [`${kind} ${number(rows)} → ${number(rowsNow)}`]
  })
  const added = now.makes.filter((one) => !before.makes.includes(one))
  return [
    ...(before.relation === now.relation ? [] : [`model ${before.relation} → ${now.relation}`]),
    ...(before.definition === now.definition ? [] : ['the sync is defined otherwise']),
    ...operations,
    ...added.map((one) => `a run would make ${one}`),
  ]
}
