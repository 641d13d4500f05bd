/** HubSpot's wire text of a value written in YAML. Numbers are plain decimals without exponent. */
export function wireText(value: string | number | boolean): string {
  if (typeof value !== 'number') return String(value)
  const text = String(value)
  return /e/i.test(text) ? plainDecimal(text) : text
}

/** `1.5e+3` → `1500`, `1e-7` → `0.0000001`. */
function plainDecimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/i.exec(text) ?? []
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length)
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}
