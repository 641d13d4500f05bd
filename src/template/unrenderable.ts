/** Why a template gives no text for a row, in words that hold none of the row's values. */
export class Unrenderable extends Error {
  override readonly name = 'Unrenderable'
}
