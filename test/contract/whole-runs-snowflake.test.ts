import { wholeRunsOn } from './whole-runs-suite.ts'

wholeRunsOn('snowflake')
