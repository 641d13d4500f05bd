import {
  commandText,
  dbtPackages,
  lockNote,
  type PipelineFacts,
  type PipelineFile,
  pipelineNotes,
  profilesBelow,
  readToken,
  variablesNote,
  word,
  yamlText,
} from './pipeline.ts'

/** A pipeline of GitLab CI/CD. Variables of the project are in the environment of every job. */
export const gitlabPipeline = (facts: PipelineFacts): PipelineFile => ({
  path: '.gitlab-ci.yml',
  text: pipeline(facts),
})

function pipeline(facts: PipelineFacts): string {
  const { folder, profilesFolder, version } = facts
  const target = word(facts.target)
  const profiles =
    profilesFolder === undefined
      ? []
      : [
          '  variables:',
          `    DBT_PROFILES_DIR: ${yamlText(profilesBelow('$CI_PROJECT_DIR', facts))}`,
        ]
  return [
    '# Shows on a merge request what it would change in HubSpot, and sends after a merge.',
    variablesNote(facts, 'these variables, masked, in the settings of CI/CD'),
    ...pipelineNotes(facts),
    '.backhaul:',
    '  image: nikolaik/python-nodejs:python3.12-nodejs24',
    ...profiles,
    '  before_script:',
    ...(folder === '' ? [] : [`    - ${commandText(`cd ${word(folder)}`)}`]),
    `    - pip install ${dbtPackages(facts)}`,
    `    - npm install --global backhaul@${version}`,
    '    - dbt deps',
    '',
    'backhaul-plan:',
    '  extends: .backhaul',
    '  rules:',
    '    - if: $CI_PIPELINE_SOURCE == "merge_request_event"',
    '  script:',
    `    - export HUBSPOT_ACCESS_TOKEN="$${readToken}"`,
    `    - ${commandText(`dbt parse --target ${target}`)}`,
    `    # ${lockNote}`,
    `    - ${commandText(`backhaul validate --target ${target} --offline`)}`,
    '    # Reads only. Prints values of some rows, unless backhaul.yml says `audit: {values: none}`.',
    `    - ${commandText(`backhaul plan --target ${target} --gate off`)}`,
    '',
    'backhaul-run:',
    '  extends: .backhaul',
    '  resource_group: backhaul',
    '  rules:',
    '    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
    '  script:',
    '    # After a build that failed in part, too: what did not come out well is held.',
    '    - built=0',
    `    - ${commandText(`dbt build --target ${target} || built=$?`)}`,
    `    - ${commandText(`backhaul run --target ${target} --gate require`)}`,
    '    - exit $built',
    '',
  ].join('\n')
}
