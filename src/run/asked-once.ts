/** Asks each question once: whoever asks again gets the same answer, or the same failure. */
export function askedOnce<Question extends readonly string[], Answer>(
  ask: (...question: Question) => Promise<Answer>,
): (...question: Question) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>()
  return (...question) => {
    const key = JSON.stringify(question)
    const known = answers.get(key)
    if (known !== undefined) return known
    const answer = ask(...question)
    answers.set(key, answer)
    return answer
  }
}
