import type { RunContext } from './context.ts'

/** Asks for rows batch by batch, as many at once as a run sends; answers come in order. */
export async function byBatches<Row, Answer>(
  { destination, settings }: Pick<RunContext, 'destination' | 'settings'>,
  rows: readonly Row[],
  ask: (some: readonly Row[]) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const { maxBatchSize } = destination
  const answers: Answer[] = []
  for (let from = 0; from < rows.length; from += maxBatchSize * settings.concurrency) {
    const starts = Array.from(
      { length: settings.concurrency },
      (_, index) => from + index * maxBatchSize,
    ).filter((start) => start < rows.length)
    answers.push(...(await Promise.all(starts.map((at) => ask(rows.slice(at, at + maxBatchSize))))))
  }
  return answers
}
