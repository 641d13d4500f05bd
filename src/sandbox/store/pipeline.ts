/** A stage of a pipeline. */
export interface PipelineStage {
  readonly id: string
  readonly label: string
  readonly displayOrder: number
  readonly metadata: Readonly<Record<string, string>>
}

/** A pipeline of deals, tickets, … */
export interface Pipeline {
  readonly id: string
  readonly label: string
  readonly displayOrder: number
  readonly stages: readonly PipelineStage[]
}
