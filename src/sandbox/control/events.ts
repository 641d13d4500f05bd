import type { SandboxState } from '../state.ts'
import type { EventOccurrence } from '../store/event.ts'
import { defineEvent as addDefinition, findEvent } from '../store/event-definitions.ts'
import { SandboxUsageError } from '../usage-error.ts'

/** Behavioural events. */
export interface EventControl {
  /** Creates kinds of events, from the bodies their endpoint takes, that outlive a reset. */
  readonly defineEvents: (definitions: readonly Readonly<Record<string, unknown>>[]) => void
  /** Refuses a value of an event's property although its definition does not say so. */
  readonly refuseEventValue: (eventName: string, property: string, value: string) => void
  /** Events that are stored, oldest first. */
  readonly events: () => readonly EventOccurrence[]
}

export const eventControl = (state: SandboxState): EventControl => ({
  defineEvents: (definitions) => {
    for (const definition of definitions) defineEvent(state, definition)
    state.keptEvents.push(...definitions)
  },
  refuseEventValue: (eventName, property, value) => {
    const stored = findEvent(state.portal, eventName)?.properties
    const own = stored?.get(property)
    if (stored === undefined || own === undefined)
      throw new SandboxUsageError(`There is no property ${property} of ${eventName}.`)
    const message = `${value} is not accepted.`
    stored.set(property, {
      ...own,
      accept: (given, before) =>
        given === value
          ? { message, error: 'INVALID_VALUE', name: property }
          : own.accept(given, before),
    })
  },
  events: () => state.portal.events.occurrences,
})

/** Creates a kind of event from the body its endpoint takes. */
export function defineEvent(
  { portal, options }: SandboxState,
  definition: Readonly<Record<string, unknown>>,
): void {
  const body = { includeDefaultProperties: true, label: definition['name'], ...definition }
  const made = addDefinition(portal, body, options.clock())
  if ('refusal' in made) throw new SandboxUsageError(JSON.stringify(made.refusal.body))
}
