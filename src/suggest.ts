import { distance } from 'fastest-levenshtein'

/** The known word that was probably meant: at most a third of its letters differ, case aside. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  const wanted = fold(word)
  let best: { readonly word: string; readonly distance: number } | undefined
  for (const candidate of known) {
    const far = farBetween(wanted, fold(candidate))
    if (far > Math.max(1, Math.floor(candidate.length / 3))) continue
    if (best === undefined || far < best.distance) best = { word: candidate, distance: far }
  }
  return best?.word
}

/** Edits between two words; two neighbouring letters in each other's place are one. */
const farBetween = (one: string, other: string): number =>
  areSwapped(one, other) ? 1 : distance(one, other)

function areSwapped(one: string, other: string): boolean {
  const at = [...one].findIndex((letter, index) => letter !== other[index])
  return (
    at >= 0 && one.slice(0, at) + one.charAt(at + 1) + one.charAt(at) + one.slice(at + 2) === other
  )
}

/** Letters of a beginning that may stand for a whole word. */
const shortestBeginning = 3

/** The one word that begins so: `bool` is `boolean`. */
function continued(word: string, known: readonly string[]): string | undefined {
  if (word.length < shortestBeginning) return undefined
  const [only, other] = known.filter((candidate) => fold(candidate).startsWith(fold(word)))
  return other === undefined ? only : undefined
}

/** The word that was probably meant, by its letters or its beginning. */
export const meantBy = (word: string, known: readonly string[]): string | undefined =>
  suggest(word, known) ?? continued(word, known)

/** "Did you mean x?", or the words that are known. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = meantBy(word, known)
  if (meant !== undefined) return `Did you mean \`${meant}\`?`
  return known.length === 0 ? 'No names are known here.' : `Known are: ${known.join(', ')}.`
}

const fold = (word: string): string => word.toLowerCase().replaceAll(/[-\s]/g, '_')
