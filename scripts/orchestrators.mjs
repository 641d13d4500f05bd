// Airflow, Dagster and Prefect for test/orchestrators, each in a virtual environment of its own below .cache
import { ensureEnvironment } from './python-environment.mjs'

/** @typedef {'airflow' | 'dagster' | 'prefect'} Orchestrator */

const versions = /** @type {Record<Orchestrator, string>} */ ({
  airflow: '3.3',
  dagster: '1.13',
  prefect: '3.9',
})

/**
 * Installs one of them on the first call, finds it on later ones.
 *
 * @param {Orchestrator} name
 * @returns {Promise<{ available: true, path: string } | { available: false, reason: string }>} path of its Python
 */
export const ensureOrchestrator = (name) =>
  ensureEnvironment({
    name: `${name}-${versions[name]}`,
    label: `${name} ${versions[name]}`,
    requirements: `requirements-${name}.txt`,
    program: 'python',
    oldestPython: [3, 10],
  })
