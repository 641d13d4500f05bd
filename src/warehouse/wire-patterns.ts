/**
 * What text may look like to count as a number or a moment, as regular expressions that PostgreSQL and RE2 read alike.
 * They decide completely: text that matches can be cast without an error on either engine.
 */

/** Longest text that is read as a number. */
export const maxNumberLength = 400

/** Plain or scientific decimal; at most three significant digits of exponent. */
export const numberPattern = '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$'

const commonDays =
  '([0-9]{4})-(((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))|((0[469]|11)-(0[1-9]|[12][0-9]|30))|(02-(0[1-9]|1[0-9]|2[0-8])))'
const leapDays = '(([0-9]{2}(0[48]|[2468][048]|[13579][26]))|(([02468][048]|[13579][26])00))-02-29'
const timeOfDay = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?'
const zone = ' ?(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)'

/** ISO 8601 date, or date and time with or without an offset. Days that do not exist do not match. */
export const momentPattern = `^((${commonDays})|(${leapDays}))([T ]${timeOfDay}(${zone})?)?$`

/** Tells a moment with an offset from one without, given that it matches `momentPattern`. */
export const zonePattern = ':.*(Z|[+-][0-9:]+)$'

/** Digits of a second beyond milliseconds. */
export const excessDigitsPattern = '([.][0-9]{3})[0-9]+'

export const trueWords = ['true', 't', 'yes', 'y', 'on', '1'] as const
export const falseWords = ['false', 'f', 'no', 'n', 'off', '0'] as const

/** Bounds of moments, in seconds since 1970: years 1 to 9999. */
export const epochSeconds = { first: -62_135_596_800, afterLast: 253_402_300_800 } as const
