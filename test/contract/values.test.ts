import { describe } from 'vitest'
import { testEngines } from '../support/warehouses.ts'
import { valuesSuite } from './values-suite.ts'

describe.each(testEngines())('values on $name', valuesSuite)
