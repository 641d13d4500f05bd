import { versionSuite } from './version-suite.ts'

versionSuite('1.9')
