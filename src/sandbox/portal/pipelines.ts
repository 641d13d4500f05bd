import type { Pipeline } from '../store/pipeline.ts'

/** The pipelines every account starts with, by object type id. */
export const DEFAULT_PIPELINES: Readonly<Record<string, readonly Pipeline[]>> = {
  '0-3': [
    pipeline('default', 'Sales Pipeline', [
      ['appointmentscheduled', 'Appointment Scheduled', { isClosed: 'false', probability: '0.2' }],
      ['qualifiedtobuy', 'Qualified To Buy', { isClosed: 'false', probability: '0.4' }],
      [
        'presentationscheduled',
        'Presentation Scheduled',
        { isClosed: 'false', probability: '0.6' },
      ],
      [
        'decisionmakerboughtin',
        'Decision Maker Bought-In',
        { isClosed: 'false', probability: '0.8' },
      ],
      ['contractsent', 'Contract Sent', { isClosed: 'false', probability: '0.9' }],
      ['closedwon', 'Closed Won', { isClosed: 'true', probability: '1.0' }],
      ['closedlost', 'Closed Lost', { isClosed: 'true', probability: '0.0' }],
    ]),
  ],
  '0-5': [
    pipeline('0', 'Support Pipeline', [
      ['1', 'New', { ticketState: 'OPEN', isClosed: 'false' }],
      ['2', 'Waiting on contact', { ticketState: 'OPEN', isClosed: 'false' }],
      ['3', 'Waiting on us', { ticketState: 'OPEN', isClosed: 'false' }],
      ['4', 'Closed', { ticketState: 'CLOSED', isClosed: 'true' }],
    ]),
  ],
  '0-162': [
    pipeline('service-pipeline', 'Service Pipeline', [
      ['service-new', 'New', { ticketState: 'OPEN' }],
      ['service-closed', 'Closed', { ticketState: 'CLOSED' }],
    ]),
  ],
}

function pipeline(
  id: string,
  label: string,
  stages: readonly (readonly [string, string, Readonly<Record<string, string>>])[],
): Pipeline {
  return {
    id,
    label,
    displayOrder: 0,
    stages: stages.map(([stageId, stageLabel, metadata], displayOrder) => ({
      id: stageId,
      label: stageLabel,
      displayOrder,
      metadata,
    })),
  }
}
