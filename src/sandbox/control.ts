import { type DefinitionControl, defineProperty, definitionControl } from './control/definitions.ts'
import { defineEvent, type EventControl, eventControl } from './control/events.ts'
import { defineLabel, type LinkControl, linkControl } from './control/links.ts'
import { type ListControl, listControl } from './control/lists.ts'
import { defineOwner, type OwnerControl, ownerControl } from './control/owners.ts'
import { type RecordControl, recordControl } from './control/records.ts'
import { type TrafficControl, trafficControl } from './control/traffic.ts'
import { resetState, type SandboxState } from './state.ts'

/** Direct access to a sandbox, past its API: nothing here counts as a request. */
export interface Control
  extends RecordControl,
    DefinitionControl,
    OwnerControl,
    EventControl,
    LinkControl,
    ListControl,
    TrafficControl {
  /** Forgets everything since the start, but for `defineProperties`, `defineOwner`, `defineEvents` and `defineLabel`. */
  readonly reset: () => void
}

/** Gives direct access to a state. */
export const createControl = (state: SandboxState): Control => ({
  ...recordControl(state),
  ...definitionControl(state),
  ...ownerControl(state),
  ...eventControl(state),
  ...linkControl(state),
  ...listControl(state),
  ...trafficControl(state),
  reset: () => {
    resetState(state)
    for (const [name, definition] of state.keptProperties) defineProperty(state, name, definition)
    for (const email of state.keptOwners) defineOwner(state, email)
    for (const definition of state.keptEvents) defineEvent(state, definition)
    for (const [from, to, label] of state.keptLabels) defineLabel(state, from, to, label)
  },
})
