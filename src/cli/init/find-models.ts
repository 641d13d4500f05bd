import { existsSync } from 'node:fs'
import { UserError } from '../../errors.ts'
import { inOrderOfLikelihood } from '../../init/guesses.ts'
import { didYouMean } from '../../suggest.ts'
import type { Model, Sync } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import type { Question } from '../command-line/questions.ts'
import type { LoadedSyncs } from '../load-syncs.ts'
import type { Session } from '../session.ts'
import type { DbtProgram } from './dbt.ts'

/** Lets dbt write its manifest where there is none. @throws UserError where that cannot be */
export async function ensureManifest(session: Session, dbt: DbtProgram): Promise<void> {
  const { manifestPath } = session.project
  if (existsSync(manifestPath)) return
  session.log.info(`dbt has not read the project yet: ${dbt.typed}`)
  const parsed = await dbt.parse()
  if (parsed?.isDone === true) return
  throw new UserError({
    message:
      parsed === undefined
        ? `there is no ${manifestPath}, and no dbt on PATH to write it`
        : `dbt could not read the project:\n${lastLines(parsed.output)}`,
    hint: `Run \`${dbt.typed}\` (and \`dbt build\` if the model was never built), then this command again.`,
  })
}

/** The end of what a program said. */
export const lastLines = (output: string): string => output.trim().split('\n').slice(-12).join('\n')

/** Longer lists are cut: a name can be typed all the same. */
const longestList = 20

/** Asks which model; shows those that can be synced. */
export function modelQuestion(
  { manifest, all: syncs }: Pick<LoadedSyncs, 'manifest' | 'all'>,
  given: unknown,
  io: Pick<Io, 'stderr'>,
): Question<Model> {
  const all = [...manifest.models.values()]
  const own = all.filter(
    (model) => model.packageName === manifest.projectName && model.isLatestVersion,
  )
  const usable = inOrderOfLikelihood(own.filter(({ relationName }) => relationName !== undefined))
  if (usable.length === 0) {
    throw new UserError({
      message: 'the project has no model, seed or snapshot that could be synced',
      hint: 'Make one, materialized as a table or a view, then run dbt parse.',
    })
  }
  if (given === undefined) io.stderr(listOf(usable, syncs))
  const [first, second] = usable
  const isSure = second === undefined || (isMadeForHubspot(first) && !isMadeForHubspot(second))
  return {
    text: 'Which model (name or number)?',
    flag: 'model',
    given,
    proposed: isSure ? first?.name : undefined,
    read: (answer) => readModel(answer, usable, all),
  }
}

const isMadeForHubspot = (model: Model | undefined): boolean =>
  /(^|_)(hubspot|crm|hs)(_|$)/i.test(model?.name ?? '')

function listOf(models: readonly Model[], syncs: readonly Sync[]): string {
  const shown = models.slice(0, longestList)
  const width = Math.max(...shown.map(({ name }) => name.length))
  const lines = shown.map(
    (model, index) =>
      `${String(index + 1).padStart(4)}  ${model.name.padEnd(width)}  ${model.originalFilePath}${syncMark(model, syncs)}\n`,
  )
  const more = models.length - shown.length
  return [...lines, ...(more > 0 ? [`      and ${more} more, by name\n`] : [])].join('')
}

/** A sync may stand on the model, or on an exposure of it; one that cannot be read has no name. */
function syncMark({ uniqueId, meta }: Model, syncs: readonly Sync[]): string {
  const exposed = syncs.find(({ model, exposure }) => model.uniqueId === uniqueId && exposure)
  if ('hubspot' in meta) return ' (has a sync)'
  return exposed === undefined
    ? ''
    : ` (has a sync, on ${exposed.exposure?.replace(/^exposure\.[^.]+\./, 'exposure ')})`
}

function readModel(answer: string, usable: readonly Model[], all: readonly Model[]): Model {
  const byNumber = /^\d+$/.test(answer) ? usable[Number(answer) - 1] : undefined
  const fold = (name: string) => name.toLowerCase()
  const found =
    usable.find(({ name }) => name === answer) ??
    usable.find(({ name }) => fold(name) === fold(answer)) ??
    byNumber
  if (found !== undefined) return found
  const other = all.find(({ name }) => name === answer)
  if (other === undefined) {
    throw new UserError({
      message: `there is no model ${answer}`,
      hint: didYouMean(answer, usable.map(({ name }) => name).slice(0, longestList)),
    })
  }
  if (other.relationName === undefined) {
    throw new UserError({
      message: `${answer} is ephemeral: there is nothing of it in the warehouse`,
      hint: 'Set `materialized` to view or table, or choose a model that selects from it.',
    })
  }
  throw new UserError({
    message: `${answer} belongs to the package ${other.packageName}, whose files are not yours`,
    hint: 'Choose a model of your own that selects from it, or write the sync on an exposure.',
  })
}
