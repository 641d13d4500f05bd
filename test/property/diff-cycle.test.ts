import { diffCycleSuite } from '../contract/diff-cycle-suite.ts'
import { duckdbEngine } from '../support/warehouses.ts'

diffCycleSuite(duckdbEngine, 20)
