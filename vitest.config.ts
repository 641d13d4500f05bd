import { defineConfig } from 'vitest/config'

const project = (name: string, options: Record<string, unknown> = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
})

export default defineConfig({
  test: {
    projects: [
      project('unit'),
      project('arch'),
      project('sql'),
      project('property'),
      project('contract', { testTimeout: 60_000, hookTimeout: 120_000 }),
      project('engine', { testTimeout: 60_000, hookTimeout: 120_000 }),
      project('e2e', { testTimeout: 180_000, hookTimeout: 180_000 }),
      project('fault', { testTimeout: 180_000, hookTimeout: 180_000 }),
    ],
  },
})
