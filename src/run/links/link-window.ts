/** Links that are sent between two checkpoints: whole requests. */
export const linkWindow = (windowRows: number, batchSize: number): number =>
  Math.max(1, Math.floor(windowRows / batchSize)) * batchSize
