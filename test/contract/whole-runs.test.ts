import { describe } from 'vitest'
import { testEngines } from '../support/warehouses.ts'
import { wholeRunsSuite } from './whole-runs-suite.ts'

describe.each(testEngines())('whole runs on $name', wholeRunsSuite)
