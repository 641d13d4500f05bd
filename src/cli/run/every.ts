/** Node.js takes a longer time for one millisecond. */
const longestMs = 2 ** 31 - 1

/** Does work again and again until it is stopped; keeps no process alive. @returns stops it */
export function every(ms: number, work: () => void): () => void {
  const timer = setInterval(work, Math.min(ms, longestMs)).unref()
  return () => clearInterval(timer)
}
