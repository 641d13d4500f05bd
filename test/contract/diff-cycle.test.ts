import { describe } from 'vitest'
import { testEngines } from '../support/warehouses.ts'
import { diffCycleSuite } from './diff-cycle-suite.ts'

describe.each(testEngines())('the diff cycle on $name', (engine) => diffCycleSuite(engine, 3))
