export async function handle(): Promise<number> {
  return 0
}
