import {
  commandText,
  dbtPackages,
  lockNote,
  type PipelineFacts,
  type PipelineFile,
  pipelineNotes,
  profilesBelow,
  profileVariables,
  readToken,
  variablesNote,
  word,
  yamlText,
} from './pipeline.ts'

/** A workflow of GitHub Actions. */
export const githubWorkflow = (facts: PipelineFacts): PipelineFile => ({
  path: '.github/workflows/backhaul.yml',
  text: workflow(facts),
})

const secret = (name: string): string => `\${{ secrets.${name} }}`

function workflow(facts: PipelineFacts): string {
  const { branch, folder, profilesFolder, version } = facts
  const target = word(facts.target)
  const env = [
    ...(profilesFolder === undefined
      ? []
      : [`  DBT_PROFILES_DIR: ${yamlText(profilesBelow(`\${{ github.workspace }}`, facts))}`]),
    ...profileVariables(facts).map((name) => `  ${name}: ${secret(name)}`),
  ]
  const defaults = ['defaults:', '  run:', `    working-directory: ${yamlText(folder)}`, '']
  const setup = [
    '      - uses: actions/checkout@v6',
    '        with: {persist-credentials: false}',
    '      - uses: actions/setup-python@v6',
    "        with: {python-version: '3.12'}",
    '      - uses: actions/setup-node@v6',
    '        with: {node-version: 24}',
    `      - run: pip install ${dbtPackages(facts)}`,
    `      - run: npm install --global backhaul@${version}`,
    '      - run: dbt deps',
  ]
  return [
    '# Shows on a pull request what it would change in HubSpot, and sends after a merge.',
    variablesNote(facts, 'these secrets of the repository'),
    ...pipelineNotes(facts),
    'name: Backhaul',
    '',
    'on:',
    '  pull_request:',
    '  push:',
    `    branches: [${yamlText(branch)}]`,
    '  workflow_dispatch:',
    '  # schedule:',
    "  #   - cron: '7 * * * *'",
    '',
    'permissions:',
    '  contents: read',
    '',
    ...(env.length === 0 ? [] : ['env:', ...env, '']),
    ...(folder === '' ? [] : defaults),
    'jobs:',
    '  validate:',
    '    # For pull requests from forks, too, which get no secrets.',
    "    if: github.event_name == 'pull_request'",
    '    runs-on: ubuntu-latest',
    '    timeout-minutes: 15',
    '    steps:',
    ...setup,
    `      - run: ${commandText(`dbt parse --target ${target}`)}`,
    `      # ${lockNote}`,
    `      - run: ${commandText(`backhaul validate --target ${target} --offline`)}`,
    '',
    '  plan:',
    '    # Pull requests from forks get no secrets.',
    "    if: github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository",
    '    runs-on: ubuntu-latest',
    '    timeout-minutes: 60',
    '    env:',
    `      HUBSPOT_ACCESS_TOKEN: ${secret(readToken)}`,
    '    steps:',
    ...setup,
    `      - run: ${commandText(`dbt parse --target ${target}`)}`,
    '      # Reads only. Prints values of some rows, unless backhaul.yml says `audit: {values: none}`.',
    `      - run: ${commandText(`backhaul plan --target ${target} --gate off`)}`,
    '',
    '  run:',
    '    # Started by hand on another branch it does nothing.',
    `    if: github.event_name != 'pull_request' && github.ref == 'refs/heads/${branch.replaceAll("'", "''")}'`,
    '    # Its secrets and its rules, once you set them: who may deploy, from which branch.',
    '    environment: production',
    '    runs-on: ubuntu-latest',
    '    timeout-minutes: 60',
    '    concurrency: backhaul',
    '    env:',
    `      HUBSPOT_ACCESS_TOKEN: ${secret('HUBSPOT_ACCESS_TOKEN')}`,
    '    steps:',
    ...setup,
    `      - run: ${commandText(`dbt build --target ${target}`)}`,
    '      # After a build that failed in part, too: what did not come out well is held.',
    `      - if: \${{ !cancelled() }}`,
    `        run: ${commandText(`backhaul run --target ${target} --gate require`)}`,
    '',
  ].join('\n')
}
