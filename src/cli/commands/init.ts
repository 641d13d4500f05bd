import { formatProblem, UserError } from '../../errors.ts'
import { addedLines } from '../../init/added-lines.ts'
import { syncsIn } from '../../init/insert-sync.ts'
import { byteOrderMark, readTextFile } from '../../project/environment.ts'
import type { Model } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { Questions } from '../command-line/questions.ts'
import { connectWarehouse } from '../connect-warehouse.ts'
import { type ChosenSync, chooseSync } from '../init/choose-sync.ts'
import { type DbtProgram, dbtProgram } from '../init/dbt.ts'
import {
  type Advice,
  allOf,
  attachChange,
  editorChanges,
  type FileChange,
  homeOf,
  ignoreChanges,
  pipelineChange,
  propertiesFile,
  settingsChange,
  syncChange,
  unsharedFiles,
} from '../init/files.ts'
import { ensureManifest, lastLines, modelQuestion } from '../init/find-models.ts'
import { unignored } from '../init/ignored-files.ts'
import { openPortal, type Portal } from '../init/portal.ts'
import { renderProposal } from '../init/render-proposal.ts'
import { lookAround, pathFrom, pipelineFacts } from '../init/surroundings.ts'
import { loadSyncs } from '../load-syncs.ts'
import { connectionOptions, logOptions, projectOptions } from '../options.ts'
import { writeOwnFile } from '../own-file.ts'
import { openSession, type Session } from '../session.ts'
import { handle as handlePlan } from './plan.ts'

/** Sets a dbt project up: a first sync, settings, CI and editor. Ends with its plan. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const questions = new Questions(io, args['yes'] === true)
  let portal: Portal | undefined
  try {
    const session = openSession(args, io)
    const dbt = dbtProgram(args, io, session)
    await ensureManifest(session, dbt)
    portal = await openPortal(args, io, session, questions)
    const setup = await prepare(args, io, portal, questions)
    if (setup === undefined) return 0
    questions.close()
    for (const change of setup.changes) write(change, io)
    tellAdvice(setup.advice, io)
    return await finish(args, setup, portal, dbt)
  } finally {
    questions.close()
    await portal?.close()
  }
}

/** What is written, and what is planned then. */
interface Setup {
  readonly changes: readonly FileChange[]
  readonly advice: readonly Advice[]
  readonly syncName: string
  /** dbt has to read the project again before a plan knows the sync. */
  readonly isNew: boolean
}

/** Everything that is asked and shown. @returns undefined when nothing is to be written */
async function prepare(
  args: Arguments,
  io: Io,
  portal: Portal,
  questions: Questions,
): Promise<Setup | undefined> {
  const { session } = portal
  const { project } = session
  const loaded = await loadSyncs(session)
  const model = await questions.ask(modelQuestion(loaded, args['model'], io))
  const file = propertiesFile(project, model)
  const shown = pathFrom(io.cwd, file)
  const existing = existingSync(model, file, shown)
  const isAdding = existing === undefined || (await wantsAnother(args, questions, model, existing))
  const around = lookAround(project)
  const warehouse = await connectWarehouse(session)
  let chosen: ChosenSync | undefined
  try {
    if (isAdding)
      chosen = await chooseSync({
        args,
        questions,
        portal,
        warehouse,
        loaded,
        model,
        existing: existing?.value,
      })
  } finally {
    await warehouse.close()
  }
  const { stateFile } = warehouse
  const facts = pipelineFacts(project, around, loaded.manifest, stateFile)
  const isReal =
    !portal.isOwn && !['SANDBOX', 'DEVELOPER_TEST'].includes(portal.account.accountType)
  const { changes, advice } = allOf([
    {
      changes: chosen === undefined ? [] : [syncChange(file, shown, model, chosen.sync)],
      advice: [],
    },
    settingsChange(project, around, isReal ? portal.account : undefined),
    pipelineChange(args, around.root, facts),
    editorChanges(args, project, around.root, file),
    ignoreChanges(await unignored(session, unsharedFiles(project, around.root, stateFile))),
    attachChange(args, project, around, stateFile),
  ])
  if (chosen !== undefined) io.stdout(renderProposal(model, chosen))
  for (const problem of chosen?.problems ?? []) session.log.warn(formatProblem(problem))
  if (existing !== undefined && chosen === undefined)
    session.log.info(`${model.name} has the sync ${existing.names.join(', ')}: it stays as it is`)
  showChanges(changes, io)
  const syncName = chosen?.sync.name ?? existing?.names[0] ?? model.name
  const isNew = chosen !== undefined || !loaded.definedNames.has(syncName)
  const setup: Setup = { changes, advice, syncName, isNew }
  if (args['dry-run'] === true) {
    tellAdvice(advice, io)
    session.log.info('Nothing was written (--dry-run)')
    return undefined
  }
  if (changes.length === 0 || (await questions.confirm('Write this?', true, true))) return setup
  session.log.info('Nothing was written')
  return undefined
}

interface Existing {
  /** As it is written. */
  readonly value: unknown
  readonly names: readonly string[]
  /** Not in the YAML of the model. */
  readonly isElsewhere: boolean
}

function existingSync(model: Model, file: string, shown: string): Existing | undefined {
  const text = readTextFile(file)
  const inFile = text === undefined ? undefined : syncsIn({ shown, text }, homeOf(model))
  const value = inFile ?? model.meta['hubspot']
  if (value === undefined) return undefined
  const names = [value].flat().map((one) => {
    const name = (one as { readonly sync?: unknown } | null)?.sync
    return typeof name === 'string' ? name : model.name
  })
  return { value, names, isElsewhere: inFile === undefined }
}

async function wantsAnother(
  args: Arguments,
  questions: Questions,
  model: Model,
  { names, isElsewhere }: Existing,
): Promise<boolean> {
  const text = `${model.name} has the sync ${names.join(', ')} already. Add another?`
  const isWanted = args['another'] === true || (await questions.confirm(text, false, false))
  if (!isWanted || !isElsewhere) return isWanted
  throw new UserError({
    message: `the sync of ${model.name} is not in its YAML but in \`config()\` of its SQL, or in dbt_project.yml`,
    hint: 'Add the other one there: the value of `hubspot` may be a list.',
  })
}

/** What comes into files that are there; of new ones the name, and the sync. */
function showChanges(changes: readonly FileChange[], io: Io): void {
  for (const change of changes) {
    const { path, before, about } = change
    io.stdout(`${before === undefined ? 'New' : 'Changed'}: ${pathFrom(io.cwd, path)} (${about})\n`)
    for (const line of shownLines(change)) io.stdout(`  ${line}\n`)
  }
}

function shownLines({ path, before, after, about, shown }: FileChange): readonly string[] {
  if (shown !== undefined) return shown.map((line) => `+ ${line}`)
  if (path.endsWith('.schema.json')) return []
  if (before !== undefined) return addedLines(before, after)
  return about.startsWith('the sync ') ? addedLines('', after.trimEnd()) : []
}

function write({ path, before, after }: FileChange, io: Io): void {
  const shown = pathFrom(io.cwd, path)
  if (readTextFile(path) !== before) {
    throw new UserError({
      message: 'was changed while you were asked',
      where: { file: shown },
      hint: 'Run the command again.',
    })
  }
  const mark = before === undefined ? '' : byteOrderMark(path)
  writeOwnFile({ path, shown }, `${mark}${after}`)
}

function tellAdvice(advice: readonly Advice[], io: Io): void {
  for (const { text, lines = [] } of advice) {
    io.stdout(`${[text, ...lines.map((line) => `    ${line}`.trimEnd())].join('\n')}\n`)
  }
}

/** Lets dbt read the sync, and plans it. */
async function finish(
  args: Arguments,
  { syncName, isNew }: Setup,
  portal: Portal,
  dbt: DbtProgram,
): Promise<number> {
  const { session, isOwn } = portal
  const { log } = session
  const plan = ['backhaul plan', dbt.options, '--select', syncName].filter(Boolean).join(' ')
  if (isNew) {
    log.info(dbt.typed)
    const parsed = await dbt.parse()
    if (parsed === undefined) {
      log.info(`There is no dbt on PATH. Now run: ${dbt.typed}, then ${plan}`)
      if (isOwn) log.info(tokenAdvice)
      return 0
    }
    if (!parsed.isDone) {
      log.error(`dbt could not read the project:\n${lastLines(parsed.output)}`)
      return 1
    }
  }
  log.info(plan)
  const code = await planSync(args, session, syncName)
  if (code === 0) tellNext(portal, syncName)
  return code
}

/** `backhaul plan --select` of the one sync, in the same project. */
function planSync(args: Arguments, { io }: Session, syncName: string): Promise<number> {
  const shared = [...projectOptions, ...connectionOptions, ...logOptions]
  const given = shared.flatMap(({ name }) =>
    args[name] === undefined ? [] : [[name, args[name]] as const],
  )
  const ofPlan = { select: [syncName], gate: 'auto', output: 'text' }
  return handlePlan({ ...Object.fromEntries(given), ...ofPlan }, { ...io, command: 'plan' })
}

function tellNext({ session, isOwn }: Portal, syncName: string): void {
  const { log } = session
  if (!isOwn) {
    log.info(`Next: look at the plan, then backhaul run --select ${syncName} --limit 10`)
    return
  }
  log.info('That was planned against an empty HubSpot, which ends with this command')
  log.info(tokenAdvice)
}

const tokenAdvice =
  'For your account set HUBSPOT_ACCESS_TOKEN, and check the mapping with backhaul validate; for a local one that stays, start backhaul sandbox'
