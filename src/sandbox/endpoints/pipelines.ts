import { answer, refuseMissing } from '../answers.ts'
import type { Pipeline, PipelineStage } from '../store/pipeline.ts'
import type { Portal } from '../store/portal.ts'
import { onType, param } from './request.ts'

/** `GET /crm/v3/pipelines/{type}`: where the options of pipeline and stage properties are. */
export const listPipelines = onType((type, _request, { portal }) => {
  const pipelines = portal.pipelines.get(type.objectTypeId) ?? []
  return answer(200, { results: pipelines.map((pipeline) => render(pipeline, portal)) })
})

/** `GET …/{pipelineId}`. */
export const getPipeline = onType((type, request, { portal }) => {
  const pipeline = pipelineOf(portal, type.objectTypeId, param(request, 'pipelineId'))
  return pipeline === undefined ? MISSING : answer(200, render(pipeline, portal))
})

/** `GET …/{pipelineId}/stages`. */
export const listStages = onType((type, request, { portal }) => {
  const pipeline = pipelineOf(portal, type.objectTypeId, param(request, 'pipelineId'))
  if (pipeline === undefined) return MISSING
  return answer(200, { results: pipeline.stages.map((stage) => renderStage(stage, portal)) })
})

const MISSING = refuseMissing('Pipeline not found')

function pipelineOf(portal: Portal, objectTypeId: string, id: string): Pipeline | undefined {
  return portal.pipelines.get(objectTypeId)?.find((pipeline) => pipeline.id === id)
}

function render(pipeline: Pipeline, portal: Portal) {
  const stages = pipeline.stages.map((stage) => renderStage(stage, portal))
  return { ...dated(pipeline, portal), stages }
}

function renderStage(stage: PipelineStage, portal: Portal) {
  return { ...dated(stage, portal), writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT' }
}

function dated<Part extends Pipeline | PipelineStage>(part: Part, portal: Portal) {
  const time = new Date(portal.createdAt).toISOString()
  return { ...part, createdAt: time, updatedAt: time, archived: false }
}
