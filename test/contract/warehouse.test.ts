import { testEngines } from '../support/warehouses.ts'
import { warehouseSuite } from './warehouse-suite.ts'

for (const engine of testEngines()) warehouseSuite(engine)
