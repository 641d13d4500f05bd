import { UserError } from '../../errors.ts'
import { didYouMean } from '../../suggest.ts'
import type { EventSchema, PropertySchema } from '../../types.ts'
import type { Arguments } from '../command-line/option.ts'
import type { Asking, View } from './view.ts'

/** Kinds of behavioural events; one of them with its properties. */
export async function eventsView(context: Asking, args: Arguments): Promise<View> {
  const { ask, destination, drain } = context
  const all = await ask(() => destination.listEvents(drain))
  const asked = args['OBJECT']
  const shown = all.filter(
    ({ name, fullName }) => asked === undefined || [name, fullName].includes(String(asked)),
  )
  if (asked !== undefined && shown.length === 0) {
    throw new UserError({
      message: `HubSpot has no event ${asked}`,
      hint: didYouMean(
        String(asked),
        all.map(({ name }) => name),
      ),
    })
  }
  const objects = new Map(
    (await ask(() => destination.listObjects(drain))).objects.map(({ objectTypeId, name }) => [
      objectTypeId,
      name,
    ]),
  )
  const aboutOf = ({ about }: EventSchema): string =>
    about === undefined ? '' : (objects.get(about) ?? about)
  return {
    document: {
      events: shown.map((event) => ({
        ...event,
        about: event.about ?? null,
        trackingType: event.trackingType ?? null,
        isSendable: isSendable(event),
        properties: [...event.properties.values()],
      })),
    },
    tables: [
      {
        rows: shown.map((event) => ({
          event: event.name,
          'full name': event.fullName,
          label: event.label,
          about: aboutOf(event),
          properties: String(event.properties.size),
          notes: isSendable(event) ? '' : `recorded by HubSpot (${event.trackingType})`,
        })),
      },
      ...(asked === undefined ? [] : shown.map(propertiesTable)),
    ],
    notes:
      asked === undefined && shown.length > 0
        ? ['With properties: backhaul inspect events EVENT']
        : [],
  }
}

const isSendable = ({ trackingType }: EventSchema): boolean =>
  trackingType === undefined || trackingType === 'MANUAL'

const propertiesTable = ({ name, properties }: EventSchema) => ({
  title: `Properties of ${name}`,
  rows: [...properties.values()]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((property) => ({
      property: property.name,
      label: property.label,
      type: property.type,
      options: optionsText(property),
    })),
  widest: 100,
})

const optionsText = ({ options }: PropertySchema): string =>
  options.map(({ value, label }) => (value === label ? value : `${value} (${label})`)).join(', ')
