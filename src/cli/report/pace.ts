/** Lines of one kind that are told as often as is nice to watch; the next as many half as often, and so on. */
const linesPerPace = 1_000

/**
 * How long to wait before the next line of a kind, so that what a run of a day tells stays small.
 *
 * @param told lines of that kind so far
 * @param firstMs between the first ones
 * @param mostMs longer than that nobody who watches waits
 */
export const paceMs = (told: number, firstMs: number, mostMs: number): number =>
  Math.min(mostMs, firstMs * 2 ** Math.floor(told / linesPerPace))
