/** The sandbox was asked, past its API, for something it cannot do. */
export class SandboxUsageError extends Error {
  override readonly name = 'SandboxUsageError'
}
