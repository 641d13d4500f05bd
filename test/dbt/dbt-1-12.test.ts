import { versionSuite } from './version-suite.ts'

versionSuite('1.12', { postgres: true })
