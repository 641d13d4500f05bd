import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { loadOpenApiValidator } from './openapi.ts'

// A strict sandbox in a process of its own: `node test/support/sandbox-process.ts '{"tokens": ["…"]}'` prints its address; what
// HubSpot's specs refuse is at /_sandbox/violations. It ends with its standard input, so never outlives who started it.
const validateRequest = loadOpenApiValidator()
const { url } = await startSandbox({
  ...JSON.parse(process.argv[2] ?? '{}'),
  ...(validateRequest === undefined ? {} : { validateRequest }),
})
process.stdout.write(`${url}\n`)
process.stdin.resume().once('end', () => process.exit(0))
