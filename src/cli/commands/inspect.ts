import { UserError } from '../../errors.ts'
import { retried } from '../../run/asking.ts'
import { holdsPipeline, withPipelines } from '../../run/prepare/pipelines.ts'
import { didYouMean } from '../../suggest.ts'
import type { ObjectSchema, PropertySchema } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectHubspot } from '../connect-hubspot.ts'
import { associationsView } from '../inspect/associations.ts'
import { eventsView } from '../inspect/events.ts'
import { listsView } from '../inspect/lists.ts'
import { scopesView } from '../inspect/scopes.ts'
import type { Asking, View } from '../inspect/view.ts'
import { asksForJson } from '../options.ts'
import { renderTable } from '../render/render-table.ts'
import { countOf, numberOf } from '../render/words.ts'
import { askingOf } from '../run/asking.ts'
import { openSession } from '../session.ts'

/** Shows the portal as whoever writes a mapping needs it. Writes nothing. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const { destination } = await connectHubspot(session)
  const asking = askingOf(session, destination)
  const context: Asking = {
    ...asking,
    ask: (question) => retried(asking, question),
    describe: (object) => retried(asking, () => destination.describe(object, session.drain)),
  }
  const account = await context.ask(() => destination.account(session.drain))
  const views: Readonly<Record<string, () => Promise<View>>> = {
    objects: () => objectsView(context, args),
    properties: () => propertiesView(context, args),
    associations: () => associationsView(context, args),
    events: () => eventsView(context, args),
    lists: () => listsView(context, args),
    owners: () => ownersView(context, args),
    limits: () => limitsView(context),
    scopes: () => scopesView(context, args),
  }
  const view = await views[String(args['WHAT'])]?.()
  if (view === undefined) return 2
  if (asksForJson(args)) {
    const document = {
      kind: args['WHAT'],
      version: 1,
      portalId: account.portalId,
      ...view.document,
    }
    io.stdout(`${JSON.stringify(document)}\n`)
  } else {
    const lines = view.tables.flatMap(({ title, rows, widest = 60 }) => [
      ...(title === undefined ? [] : [title]),
      ...(rows.length === 0 ? ['  none'] : renderTable(rows, widest)),
      '',
    ])
    io.stdout([...lines, ...(view.notes ?? []), ''].join('\n'))
  }
  return view.exitCode ?? 0
}

async function objectsView({ ask, destination, drain }: Asking, args: Arguments): Promise<View> {
  const { objects, isCustomHidden } = await ask(() => destination.listObjects(drain))
  const asked = args['OBJECT']
  const shown = objects.filter(
    ({ name, objectTypeId }) => asked === undefined || [name, objectTypeId].includes(String(asked)),
  )
  if (shown.length === 0)
    throw noObject(
      String(asked),
      objects.map(({ name }) => name),
    )
  return {
    document: { objects: shown, isCustomHidden },
    tables: [
      {
        rows: shown.map(({ name, objectTypeId, label, isCustom, requiredProperties }) => ({
          object: name,
          'type id': objectTypeId,
          label: label ?? '',
          kind: isCustom ? 'custom' : 'standard',
          'a create needs': requiredProperties.join(', '),
        })),
      },
    ],
    notes: isCustomHidden
      ? ['Custom objects are not shown: the token lacks crm.schemas.custom.read.']
      : [],
  }
}

const noObject = (asked: string, known: readonly string[]): UserError =>
  new UserError({
    message: `HubSpot has no object type ${asked} that this token may see`,
    hint: didYouMean(asked, known),
  })

/** What stands in the way of a property, or is worth knowing, in words. */
function notesOf(property: PropertySchema, schema: ObjectSchema): readonly string[] {
  const readOnly = whyReadOnly(property)
  return [
    ...(schema.requiredProperties.includes(property.name) ? ['required'] : []),
    ...(property.isUnique ? ['unique'] : []),
    ...(readOnly === null ? [] : [`read-only: ${readOnly}`]),
    ...(property.isArchived ? ['archived'] : []),
    ...(property.isHidden ? ['hidden'] : []),
    ...(property.hasExternalOptions ? ['options elsewhere (owners, pipelines)'] : []),
    ...(property.options.length > 0 ? [countOf(property.options.length, 'option')] : []),
  ]
}

function whyReadOnly(property: PropertySchema): string | null {
  if (property.isCalculated) return 'calculated'
  return property.isReadOnly ? 'set by HubSpot' : null
}

async function propertiesView(context: Asking, args: Arguments): Promise<View> {
  const object = args['OBJECT']
  if (object === undefined) {
    throw new UserError(
      {
        message: 'backhaul inspect properties needs an object',
        hint: 'For example: backhaul inspect properties contacts',
      },
      { exitCode: 2 },
    )
  }
  const schema = await withTheirStages(context, await context.describe(String(object)))
  const all = [...schema.properties.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  const asked = args['PROPERTY']
  const shown = all.filter(({ name }) => asked === undefined || name === asked)
  if (shown.length === 0) {
    throw new UserError({
      message: `${schema.name} has no property ${asked}`,
      hint: didYouMean(
        String(asked),
        all.map(({ name }) => name),
      ),
    })
  }
  const document = {
    object: schema.name,
    objectTypeId: schema.objectTypeId,
    properties: shown.map((property) => ({
      ...property,
      isRequired: schema.requiredProperties.includes(property.name),
      readOnlyBecause: whyReadOnly(property),
    })),
  }
  const tables = [
    {
      rows: shown.map((property) => ({
        property: property.name,
        label: property.label,
        type: property.type,
        field: property.fieldType,
        group: property.groupName ?? '',
        notes: notesOf(property, schema).join(', '),
      })),
    },
    ...shown
      .filter(({ options }) => asked !== undefined && options.length > 0)
      .map(({ name, options }) => ({
        title: `Options of ${name}`,
        rows: options.map(({ value, label, isHidden }) => ({
          value,
          label,
          notes: isHidden ? 'hidden' : '',
        })),
        widest: 100,
      })),
  ]
  const hasOptions = asked === undefined && shown.some(({ options }) => options.length > 0)
  return {
    document,
    tables,
    notes: hasOptions
      ? [`Options with their labels: backhaul inspect properties ${schema.name} PROPERTY`]
      : [],
  }
}

/** Pipelines and stages are options that HubSpot does not list with their properties. */
async function withTheirStages(
  { ask, destination, drain }: Asking,
  schema: ObjectSchema,
): Promise<ObjectSchema> {
  if (![...schema.properties.values()].some(holdsPipeline)) return schema
  const pipelines = await ask(() => destination.pipelines(schema.name, drain))
  return pipelines === undefined ? schema : withPipelines(schema, pipelines)
}

async function ownersView({ ask, destination, drain }: Asking, args: Arguments): Promise<View> {
  const active = await ask(() => destination.listOwners(false, drain))
  const former = args['all'] === true ? await ask(() => destination.listOwners(true, drain)) : []
  const owners = [...active, ...former]
  return {
    document: { owners },
    tables: [
      {
        rows: owners.map(({ id, email, name, isDeactivated }) => ({
          id,
          email,
          name,
          notes: isDeactivated ? 'deactivated' : '',
        })),
      },
    ],
    notes: args['all'] === true ? [] : ['With deactivated ones: --all'],
  }
}

async function limitsView({ ask, destination, drain, project }: Asking): Promise<View> {
  const daily = await ask(() => destination.dailyUsage(drain))
  const learnt = destination.limits()
  const { maxCallsPerRun, requestsPer10Seconds, concurrency } = project.settings
  const perInterval = `${numberOf(learnt.maxPerInterval)} per ${learnt.intervalMs / 1000} s`
  const dailyText =
    daily === undefined
      ? 'HubSpot does not say'
      : `${numberOf(daily.used)} of ${numberOf(daily.limit)} used, ${numberOf(Math.max(0, daily.limit - daily.used))} left, resets ${daily.resetsAt ?? 'at midnight of the account'}`
  return {
    document: {
      daily: daily ?? null,
      burst: {
        requests: learnt.maxPerInterval,
        intervalMs: learnt.intervalMs,
        isLearnt: learnt.isLearnt,
      },
      searchesPerSecond,
      recordsPerBatch: destination.maxBatchSize,
      membersPerCall: destination.maxListBatchSize,
      settings: { maxCallsPerRun, requestsPer10Seconds: requestsPer10Seconds ?? null, concurrency },
    },
    tables: [
      {
        rows: [
          { limit: 'calls a day, all apps of the account', value: dailyText },
          {
            limit: 'requests of this app',
            value: `${perInterval}, ${learnt.isLearnt ? "as HubSpot's answers say" : 'taken as given: HubSpot does not say'}`,
          },
          { limit: 'searches, all apps of the account', value: `${searchesPerSecond} per s` },
          { limit: 'records in a call', value: String(destination.maxBatchSize) },
          { limit: 'members of a list in a call', value: numberOf(destination.maxListBatchSize) },
          { limit: 'max_calls_per_run', value: numberOf(maxCallsPerRun) },
          {
            limit: 'requests_per_10_seconds',
            value: requestsPer10Seconds === undefined ? 'learnt' : numberOf(requestsPer10Seconds),
          },
          { limit: 'requests at once', value: numberOf(concurrency) },
        ],
        widest: 100,
      },
    ],
  }
}

/** Of the whole account (developers.hubspot.com, "Usage guidelines", checked 2026-11-23). */
const searchesPerSecond = 5
