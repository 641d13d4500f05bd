import { wholeRunsOn } from '../contract/whole-runs-suite.ts'

wholeRunsOn('snowflake')
