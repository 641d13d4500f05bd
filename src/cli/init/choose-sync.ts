import { DestinationError, type Problem, UserError } from '../../errors.ts'
import { freeName, guessKey, guessObject } from '../../init/guesses.ts'
import {
  type LeftOut,
  type Proposal,
  type ProposedMapping,
  proposeMapping,
  proposeMatch,
} from '../../init/propose-mapping.ts'
import { type MatchAnswer, readMatch, uniqueNames } from '../../init/read-match.ts'
import type { NewSync } from '../../init/sync-block.ts'
import { likelyObject } from '../../object-types.ts'
import { findColumn, isColumn } from '../../plan/columns.ts'
import { retried } from '../../run/asking.ts'
import { holdsPipeline, withPipelines } from '../../run/prepare/pipelines.ts'
import type { ObjectSchema, Sync } from '../../types.ts'
import type { Column } from '../../warehouse/dialect.ts'
import type { Arguments } from '../command-line/option.ts'
import type { Questions } from '../command-line/questions.ts'
import { checkOptionValues } from './option-values.ts'
import type { Portal } from './portal.ts'
import { lackingOf, nameOf, type SyncPlace, tryOut } from './try-out.ts'

/** What a sync is chosen from. */
interface Choice extends SyncPlace {
  readonly args: Arguments
  readonly questions: Questions
}

/** A sync that model, portal and the other syncs have nothing against, as far as `problems` do not say so. */
export interface ChosenSync {
  readonly sync: NewSync
  readonly schema: ObjectSchema
  readonly leftOut: readonly LeftOut[]
  /** What is worth knowing about it. */
  readonly notes: readonly string[]
  readonly problems: readonly Problem[]
}

/** Asks for object, key and match, and proposes the mapping. */
export async function chooseSync(choice: Choice): Promise<ChosenSync> {
  const { portal } = choice
  const asked = await askFor(choice, await columnsOf(choice))
  const { columns, schema, primaryKey, match } = asked
  const { mappings, leftOut } = await fittingMappings(choice, asked)
  const required = lackingOf(schema, [match.property, ...mappings.map(nameOf)])
  const isUpdate = match.by === 'id' || required !== undefined
  const draft: NewSync = {
    name: nameOfSync(choice, schema),
    object: schema.name,
    primaryKey: primaryKey.map(({ name }) => name),
    match: {
      property: match.property === 'hs_object_id' ? 'id' : match.property,
      column: match.column.name,
    },
    ...(isUpdate ? { mode: 'update' as const } : {}),
    mappings,
    hasFoldedNames: columns.every(({ name }) => name === name.toUpperCase()),
    ...(portal.isOwn
      ? {
          comment:
            " Proposed from HubSpot's standard properties; not checked against an account yet.",
        }
      : {}),
  }
  const tried = await tryOut(choice, draft, schema)
  // Nobody expects a key to be a property, too.
  const mapped = new Set([
    ...primaryKey,
    match.column,
    ...tried.sync.mappings.map(({ column }) => column),
  ])
  return {
    schema,
    notes: notesOf(match, schema, required),
    sync: tried.sync,
    problems: tried.problems,
    leftOut: [...leftOut, ...tried.leftOut].filter(({ column }) => !mapped.has(column)),
  }
}

/** What was answered, and the mapping that its columns and properties propose. */
interface Asked {
  readonly columns: readonly Column[]
  readonly schema: ObjectSchema
  readonly primaryKey: readonly Column[]
  readonly match: MatchAnswer
  readonly proposal: Proposal
}

async function askFor(choice: Choice, columns: readonly Column[]): Promise<Asked> {
  const { args, questions, portal, model } = choice
  const names = columns.map(({ name }) => name)
  const schema = await questions.ask({
    text: 'Which HubSpot object?',
    flag: 'object',
    given: args['object'],
    proposed: guessObject(model.name, names),
    read: (answer) => readObject(answer, portal),
  })
  const primaryKey = await questions.ask({
    text: 'Which column is its primary key (several: a, b)?',
    flag: 'key',
    given: args['key'],
    proposed: guessKey(model, schema.name, names)?.join(', '),
    read: (answer) => readKey(answer, columns),
  })
  const proposal = proposeMapping(columns, schema, [model.name])
  const likely = proposeMatch(proposal, schema)
  const match = await questions
    .ask({
      text: 'Which property finds the record (property: column)?',
      flag: 'match',
      given: args['match'],
      proposed: likely === undefined ? undefined : `${likely.property.name}: ${likely.column.name}`,
      read: (answer) => readMatch(answer, columns, schema, proposal.mappings),
    })
    .catch((error: unknown) => {
      throw withUnique(error, schema)
    })
  return { columns, schema, primaryKey, match, proposal }
}

/** The proposed lines that neither other syncs nor the rows' values speak against. */
async function fittingMappings(choice: Choice, { schema, match, proposal }: Asked) {
  const { asking, isOwn } = choice.portal
  const others = choice.loaded.all.filter((sync) => isOfObject(sync, schema))
  const free = proposal.mappings.filter(
    ({ property, column }) =>
      property.name !== match.property && !(match.by === 'id' && column === match.column),
  )
  const { kept, rivals } = withoutRivals(free, others)
  const readOwners = isOwn
    ? undefined
    : () => retried(asking, () => asking.destination.owners(asking.drain))
  const relation = choice.model.relationName ?? ''
  const checked = await checkOptionValues(choice.warehouse, relation, kept, readOwners)
  return {
    mappings: checked.mappings,
    leftOut: [...proposal.leftOut, ...rivals, ...checked.leftOut],
  }
}

function notesOf(
  match: MatchAnswer,
  schema: ObjectSchema,
  required: string | undefined,
): readonly string[] {
  const notes: string[] = []
  if (match.by === 'search')
    notes.push(
      `${match.property} is not unique in HubSpot: records are found by search, and a row that finds several is rejected`,
    )
  if (match.by === 'id') notes.push('Record ids find records that exist: mode update')
  else if (required !== undefined)
    notes.push(
      `HubSpot creates no ${schema.name} without ${required}: mode update, until it is mapped`,
    )
  return notes
}

async function columnsOf({ warehouse, model }: Choice): Promise<readonly Column[]> {
  const columns = await warehouse.columns(model.relationName ?? '')
  if (columns !== undefined) return columns
  throw new UserError({
    message: `${model.relationName} does not exist in the warehouse`,
    hint: `Build it first: dbt build --select ${model.name}`,
  })
}

/** @throws UserError where HubSpot has no such object */
async function readObject(answer: string, { asking }: Portal): Promise<ObjectSchema> {
  const name = likelyObject(answer)?.name ?? answer
  const { destination, drain } = asking
  try {
    const schema = await retried(asking, () => destination.describe(name, drain))
    if (![...schema.properties.values()].some(holdsPipeline)) return schema
    const pipelines = await retried(asking, () => destination.pipelines(schema.name, drain))
    return pipelines === undefined ? schema : withPipelines(schema, pipelines)
  } catch (error) {
    if (!(error instanceof DestinationError) || error.category !== 'OBJECT_TYPE_UNKNOWN')
      throw error
    throw new UserError(
      {
        message: `HubSpot has no object ${answer} that this token may see`,
        hint: error.hint ?? '`backhaul inspect objects` lists those that there are.',
      },
      { cause: error },
    )
  }
}

function readKey(answer: string, columns: readonly Column[]): readonly Column[] {
  return answer
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => {
      const found = findColumn(name, columns)
      if (isColumn(found)) return found
      throw new UserError(found)
    })
}

/** Where nothing could be proposed: what there is to choose from. */
function withUnique(error: unknown, schema: ObjectSchema): unknown {
  if (!(error instanceof UserError) || error.exitCode !== 2) return error
  const [problem] = error.problems
  const names = uniqueNames(schema)
  const known = names.length === 0 ? 'none' : names.join(', ')
  return new UserError(
    {
      message: problem?.message ?? error.message,
      hint: `Unique properties of ${schema.name}: ${known}. For example --match "${names[0] ?? 'my_id'}: column".`,
    },
    { cause: error, exitCode: 2 },
  )
}

function isOfObject(sync: Sync, schema: ObjectSchema): boolean {
  const theirs = sync.object.toLowerCase()
  return sync.enabled && [schema.name.toLowerCase(), schema.objectTypeId].includes(theirs)
}

/** Two syncs must not write one property without saying so. */
function withoutRivals(mappings: readonly ProposedMapping[], others: readonly Sync[]) {
  const rivalOf = (name: string) =>
    others.find((sync) => sync.mappings.some(({ property }) => property === name))
  return {
    kept: mappings.filter((mapping) => rivalOf(nameOf(mapping)) === undefined),
    rivals: mappings.flatMap((mapping) => {
      const rival = rivalOf(nameOf(mapping))
      const why = `the sync ${rival?.name} writes ${nameOf(mapping)} already`
      return rival === undefined ? [] : [{ column: mapping.column, why }]
    }),
  }
}

function nameOfSync({ args, loaded, model }: Choice, schema: ObjectSchema): string {
  const given = args['name']
  if (given === undefined) return freeName(schema.name, model.name, loaded.definedNames)
  const name = String(given)
  if (!/^[A-Za-z_][A-Za-z0-9_-]{0,49}$/.test(name)) {
    throw new UserError(
      {
        message: `--name ${name} is no name of a sync`,
        hint: 'Use letters, digits, - and _, at most 50, and begin with a letter.',
      },
      { exitCode: 2 },
    )
  }
  if (loaded.definedNames.has(name)) {
    throw new UserError({ message: `there is a sync ${name} already` }, { exitCode: 2 })
  }
  return name
}
