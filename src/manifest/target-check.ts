import type { Manifest, Model } from '../types.ts'
import type { GateMode } from './gate.ts'
import type { RunResults } from './run-results.ts'

/** What is compared with the manifest, of the target that a command works on. */
export interface TargetFacts {
  readonly name: string
  /** dbt's choice when no target is asked for. */
  readonly defaultName: string
  /** Other targets that build in the same place: what dbt built for them is there for this one, too. */
  readonly samePlace: readonly string[]
  /** The adapter's name, as in the profile's `type`. */
  readonly adapter: string
  readonly schema: string
  /** Undefined: unknown, or not to be compared. */
  readonly database: string | undefined
  /** Folder of the profiles.yml that says so. */
  readonly profilesDir?: string
}

export interface TargetCheckRequest {
  readonly manifest: Manifest
  readonly runResults: RunResults | undefined
  /** Models of the syncs that were selected. */
  readonly models: readonly Model[]
  readonly target: TargetFacts
  readonly mode: GateMode
  readonly nowMs: number
  /** Results older than this speak only for a manifest of the same invocation. */
  readonly maxAgeMs: number
}

/**
 * `refused`: nothing of the manifest can be in this target. `held`: dbt built another target, or seems to have, and the
 * gate asks to be sure. `warning`: it seems to have. `fine`: nothing speaks against it.
 */
export type TargetVerdict =
  | { readonly kind: 'fine' }
  | { readonly kind: 'warning' | 'held'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string; readonly hint: string }

/** Decides whether the manifest's relations are those of the target: dbt writes each target's manifest to the same path. */
export function checkTarget(request: TargetCheckRequest): TargetVerdict {
  const { manifest, target, mode } = request
  const { adapterType } = manifest
  if (adapterType !== undefined && adapterType.toLowerCase() !== target.adapter.toLowerCase()) {
    return {
      kind: 'refused',
      why: `dbt built this manifest for ${adapterType}, target ${target.name} is ${target.adapter}`,
      hint: `Run dbt build --target ${target.name}, or choose the target that dbt built with --target.`,
    }
  }
  const built = builtTarget(request)
  if (built !== undefined && built !== target.name && !target.samePlace.includes(built)) {
    const why = `the last dbt build was of target ${built}, and this is target ${target.name}: ${advice(target)}`
    return { kind: mode === 'off' ? 'warning' : 'held', why }
  }
  const isProven = built !== undefined && isSameInvocation(request)
  const elsewhere = isProven ? undefined : placeElsewhere(request)
  if (elsewhere === undefined) return { kind: 'fine' }
  const why = `dbt's manifest has the models in ${elsewhere}, target ${target.name} builds in ${placeOf(target)}: ${advice(target)}`
  return { kind: mode === 'require' ? 'held' : 'warning', why }
}

const advice = ({ name }: TargetFacts): string => `run dbt build --target ${name}`

/** The target of the last build; undefined when nobody says, or when the results are another build's from long ago. */
function builtTarget(request: TargetCheckRequest): string | undefined {
  const { runResults, target, nowMs, maxAgeMs } = request
  if (runResults === undefined) return undefined
  const ageMs = nowMs - Date.parse(runResults.generatedAt ?? '')
  if (!isSameInvocation(request) && !(ageMs <= maxAgeMs)) return undefined
  if (typeof runResults.target === 'string') return runResults.target
  return isDefaultTarget(runResults, target) ? target.defaultName : undefined
}

/** dbt Core leaves a target out that nobody asked for: it is the default of the profile, if that is the one read here. */
const isDefaultTarget = (
  { target, profilesDir }: RunResults,
  { profilesDir: own }: TargetFacts,
): boolean => target === null || (profilesDir !== undefined && profilesDir === own)

function isSameInvocation({ manifest, runResults }: TargetCheckRequest): boolean {
  return manifest.invocationId !== undefined && manifest.invocationId === runResults?.invocationId
}

/** Where the models are, when every one that follows the target is somewhere else. */
function placeElsewhere({ models, target }: TargetCheckRequest): string | undefined {
  const following = models.filter(
    ({ hasOwnSchema, schema }) => hasOwnSchema !== true && schema !== '',
  )
  const [first] = following
  if (first === undefined || following.some((model) => isAt(model, target))) return undefined
  return placeOf({ schema: first.schema, database: target.database && first.database })
}

/** A `generate_schema_name` of the project's own mostly adds to the target's schema. */
function isAt({ schema, database }: Model, target: TargetFacts): boolean {
  if (!schema.toLowerCase().startsWith(target.schema.toLowerCase())) return false
  if (target.database === undefined || database === undefined) return true
  return database.toLowerCase() === target.database.toLowerCase()
}

const placeOf = (place: { schema: string; database: string | undefined }): string =>
  [place.database, place.schema].filter((part) => part !== undefined).join('.')
