/** What a rejection or skip means and what to do about it, by category. One place for plan, run, status and docs. */
export interface ReasonText {
  readonly meaning: string
  readonly advice: string
}
