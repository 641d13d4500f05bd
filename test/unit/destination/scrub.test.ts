import { describe, expect, it } from 'vitest'
import { scrubMessage } from '../../../src/destination/hubspot/scrub.ts'

describe('scrubbing', () => {
  it.each([
    [
      'Property values were not valid: [{"isValid":false,"message":"Ada was not one of the allowed options","name":"x"}]',
      'Property values were not valid: …',
    ],
    ['Property "secret" does not exist', 'Property … does not exist'],
    [
      'Golden Fleece was not one of the allowed options: [a, b]',
      '… was not one of the allowed options: …',
    ],
    ['ada@example is not a valid ID', '… is not a valid ID'],
    ['Email address ada@example.com is invalid', 'Email address … is invalid'],
    ["Value 'top secret' is wrong", 'Value … is wrong'],
    [
      "This app hasn't been granted all required scopes",
      "This app hasn't been granted all required scopes",
    ],
    [
      'Contact already exists. Existing ID: 171591000198',
      'Contact already exists. Existing ID: 171591000198',
    ],
    ['Could not reach +49 170 1234567 today', 'Could not reach … today'],
  ])('%s', (message, expected) => {
    expect(scrubMessage(message)).toBe(expected)
  })

  it('takes known values out wherever they stand', () => {
    expect(scrubMessage('The name Ada Lovelace is taken by Ada', ['Ada', 'Ada Lovelace'])).toBe(
      'The name … is taken by …',
    )
  })
})
