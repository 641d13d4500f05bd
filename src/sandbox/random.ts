/** A seeded source of randomness: the same seed gives the same run, so that a failing test can be repeated. */
export interface Random {
  /** A number in [0, 1). */
  readonly next: () => number
  /** A whole number in [0, bound). */
  readonly below: (bound: number) => number
  /** A UUID (version 4 in form), for correlation ids. */
  readonly uuid: () => string
}

/**
 * Starts a stream of pseudo-random numbers (mulberry32: small, fast, good enough to shuffle).
 *
 * @param seed any number; only its low 32 bits count
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const word = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const hex = () => word().toString(16).padStart(8, '0')
  return {
    next: () => word() / 2 ** 32,
    below: (bound) => word() % bound,
    uuid: () => {
      const digits = hex() + hex() + hex() + hex()
      const variant = '89ab'.charAt(Number.parseInt(digits.charAt(16), 16) & 3)
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`
    },
  }
}

/** Puts the entries of a list into a random order, in place. HubSpot promises no order of results. */
export function shuffle(entries: unknown[], random: Random): void {
  for (let last = entries.length - 1; last > 0; last--) {
    const other = random.below(last + 1)
    const moved = entries[last]
    entries[last] = entries[other]
    entries[other] = moved
  }
}
