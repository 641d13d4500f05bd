import { distance } from 'fastest-levenshtein'

/** Letters of a beginning that may stand for a whole word. */
const shortestBeginning = 3

/** The known word that was probably meant: at most a third of its letters differ, case aside, or only it begins that way. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  const wanted = fold(word)
  let best: { readonly word: string; readonly distance: number } | undefined
  for (const candidate of known) {
    const far = distance(wanted, fold(candidate))
    if (far > Math.max(1, Math.floor(candidate.length / 3))) continue
    if (best === undefined || far < best.distance) best = { word: candidate, distance: far }
  }
  if (best !== undefined || wanted.length < shortestBeginning) return best?.word
  const [only, other] = [...known].filter((candidate) => fold(candidate).startsWith(wanted))
  return other === undefined ? only : undefined
}

/** "Did you mean x?", or the words that are known. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = suggest(word, known)
  if (meant !== undefined) return `Did you mean \`${meant}\`?`
  return known.length === 0 ? 'No names are known here.' : `Known are: ${known.join(', ')}.`
}

const fold = (word: string): string => word.toLowerCase().replaceAll(/[-\s]/g, '_')
