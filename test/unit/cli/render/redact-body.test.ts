import { expect, test } from 'vitest'
import { redactBody } from '../../../../src/cli/render/redact-body.ts'

const redact = (body: unknown) => redactBody(JSON.stringify(body))

test('keys stay, values of properties go, and the first of a list stands for all', () => {
  const input = (id: string, email: string) => ({
    idProperty: 'email',
    id,
    objectWriteTraceId: '7',
    properties: { email, score: 12, is_paying: true, note: null },
  })
  expect(
    redact({ inputs: [input('ada@shop.example', 'ada@shop.example'), input('b@c.example', 'x')] }),
  ).toBe(
    '{"inputs": [{"idProperty": "email", "id": …, "objectWriteTraceId": "7", "properties": {"email": …, "score": …, "is_paying": …, "note": null}}, 1 more]}',
  )
})

test('record ids are shown, ids that are values are not', () => {
  expect(redact({ inputs: [{ id: '151', properties: {} }] })).toBe(
    '{"inputs": [{"id": "151", "properties": {}}]}',
  )
  expect(redact({ id: '4711', idProperty: 'customer_no' })).toContain('"id": …')
  expect(redact({ id: '4711', idProperty: 'hs_object_id' })).toContain('"id": "4711"')
  expect(redact({ from: { id: 'ada@shop.example' } })).toBe('{"from": {"id": …}}')
})

test('a property that is named like a key of HubSpot’s keeps its value to itself', () => {
  expect(redact({ properties: { status: 'secret', category: 'secret', id: '12' } })).toBe(
    '{"properties": {"status": …, "category": …, "id": …}}',
  )
})

test('messages of errors lose the values that they quote, and what is no JSON is told by its length', () => {
  expect(
    redact({ status: 'error', message: 'Email address "ada@x.example" is invalid', errors: [] }),
  ).toBe('{"status": "error", "message": "Email address … is invalid", "errors": []}')
  expect(redactBody('<html>ada</html>')).toBe('(16 characters that are not JSON)')
})
