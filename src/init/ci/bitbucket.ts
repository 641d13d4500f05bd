import {
  commandText,
  dbtPackages,
  lockNote,
  type PipelineFacts,
  type PipelineFile,
  pipelineNotes,
  readToken,
  variablesNote,
  word,
  yamlText,
} from './pipeline.ts'

/** A pipeline of Bitbucket. Variables of the repository are in the environment of every step. */
export const bitbucketPipeline = (facts: PipelineFacts): PipelineFile => ({
  path: 'bitbucket-pipelines.yml',
  text: pipeline(facts),
})

function pipeline(facts: PipelineFacts): string {
  const { branch, folder, profilesFolder, version } = facts
  const target = word(facts.target)
  const setup = (pad: string) =>
    [
      ...(profilesFolder === undefined
        ? []
        : [
            `export DBT_PROFILES_DIR="$BITBUCKET_CLONE_DIR"${profilesFolder === '' ? '' : `/${word(profilesFolder)}`}`,
          ]),
      ...(folder === '' ? [] : [`cd ${word(folder)}`]),
      `pip install ${dbtPackages(facts)}`,
      `npm install --global backhaul@${version}`,
      'dbt deps',
    ].map((command) => `${pad}- ${commandText(command)}`)
  const pad = '            '
  return [
    '# Shows on a pull request what it would change in HubSpot, and sends after a merge.',
    variablesNote(facts, 'these variables, secured, in the settings of the repository'),
    ...pipelineNotes(facts),
    'image: nikolaik/python-nodejs:python3.12-nodejs24',
    '',
    'pipelines:',
    '  pull-requests:',
    "    '**':",
    '      - step:',
    '          name: Plan',
    '          script:',
    ...setup(pad),
    `${pad}- export HUBSPOT_ACCESS_TOKEN="$${readToken}"`,
    `${pad}- ${commandText(`dbt parse --target ${target}`)}`,
    `${pad}# ${lockNote}`,
    `${pad}- ${commandText(`backhaul validate --target ${target} --offline`)}`,
    `${pad}# Reads only. Prints values of some rows, unless backhaul.yml says \`audit: {values: none}\`.`,
    `${pad}- ${commandText(`backhaul plan --target ${target} --gate off`)}`,
    '  branches:',
    `    ${yamlText(branch)}:`,
    '      - step:',
    '          name: Run',
    '          script:',
    ...setup(pad),
    `${pad}# After a build that failed in part, too: what did not come out well is held.`,
    `${pad}- built=0`,
    `${pad}- ${commandText(`dbt build --target ${target} || built=$?`)}`,
    `${pad}- ${commandText(`backhaul run --target ${target} --gate require`)}`,
    `${pad}- exit $built`,
    '',
  ].join('\n')
}
