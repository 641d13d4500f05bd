import type { BatchApi as LinksApi } from '@hubspot/api-client/lib/codegen/crm/associations/v4/index.js'
import type { DefinitionsApi as LinkTypesApi } from '@hubspot/api-client/lib/codegen/crm/associations/v4/schema/index.js'
import type { BatchApi, SearchApi } from '@hubspot/api-client/lib/codegen/crm/objects/index.js'
import type { CoreApi as PropertiesApi } from '@hubspot/api-client/lib/codegen/crm/properties/index.js'
import type { CoreApi as SchemasApi } from '@hubspot/api-client/lib/codegen/crm/schemas/index.js'
import type { Answer, HttpRequest } from './transport.ts'

/**
 * HubSpot's SDK as the writer of requests: addresses and bodies are its, tokens and sending are ours. Its API
 * classes are taken one by one: the `Client` around them has no time-outs, retries creates, keeps its settings in a
 * singleton of the process, and ignores a transport given per call (14.0.1 sends through `this.configuration.httpApi`,
 * whatever the call's options say), so each call gets an API object with a configuration of its own.
 */
export interface SdkServer {
  readonly baseUrl: string
}

/** Makes one request and gives its answer; throws when none came. */
export type Send = (request: HttpRequest) => Promise<Answer>

/** `/crm/v3/objects/{objectType}/batch/…`, for every object type. */
export async function objectsApi(server: SdkServer, send: Send): Promise<BatchApi> {
  const sdk = await import('@hubspot/api-client/lib/codegen/crm/objects/index.js')
  return new sdk.BatchApi(configured(sdk, server, send))
}

/** `/crm/v3/objects/{objectType}/search`. */
export async function searchApi(server: SdkServer, send: Send): Promise<SearchApi> {
  const sdk = await import('@hubspot/api-client/lib/codegen/crm/objects/index.js')
  return new sdk.SearchApi(configured(sdk, server, send))
}

/** `/crm/v3/properties/{objectType}`. */
export async function propertiesApi(server: SdkServer, send: Send): Promise<PropertiesApi> {
  const sdk = await import('@hubspot/api-client/lib/codegen/crm/properties/index.js')
  return new sdk.CoreApi(configured(sdk, server, send))
}

/** `/crm-object-schemas/v3/schemas`. */
export async function schemasApi(server: SdkServer, send: Send): Promise<SchemasApi> {
  const sdk = await import('@hubspot/api-client/lib/codegen/crm/schemas/index.js')
  return new sdk.CoreApi(configured(sdk, server, send))
}

/** `/crm/v4/associations/{from}/{to}/batch/…`. */
export async function linksApi(server: SdkServer, send: Send): Promise<LinksApi> {
  const sdk = await import('@hubspot/api-client/lib/codegen/crm/associations/v4/index.js')
  return new sdk.BatchApi(configured(sdk, server, send))
}

/** `/crm/v4/associations/{from}/{to}/labels`. */
export async function linkTypesApi(server: SdkServer, send: Send): Promise<LinkTypesApi> {
  const sdk = await import('@hubspot/api-client/lib/codegen/crm/associations/v4/schema/index.js')
  return new sdk.DefinitionsApi(configured(sdk, server, send))
}

/** What the SDK's request contexts have in common; each API module has a class of its own. */
interface RequestContext {
  getUrl(): string
  getHttpMethod(): string
  getHeaders(): Record<string, string>
  getBody(): unknown
}

interface ResponseBody {
  text(): Promise<string>
  binary(): Promise<Buffer>
}

type ResponseContextClass<Response> = new (
  status: number,
  headers: Record<string, string>,
  body: ResponseBody,
) => Response

/** What each API module has of its own, under the same names. */
interface SdkModule<Server, Http, Response, Configuration> {
  readonly ServerConfiguration: new (url: string, variables: Record<string, never>) => Server
  readonly ResponseContext: ResponseContextClass<Response>
  wrapHttpLibrary(library: { send(request: RequestContext): Promise<Response> }): Http
  createConfiguration(given: { readonly baseServer: Server; readonly httpApi: Http }): Configuration
}

/** A configuration whose requests go through ours. */
const configured = <Server, Http, Response, Configuration>(
  sdk: SdkModule<Server, Http, Response, Configuration>,
  server: SdkServer,
  send: Send,
): Configuration =>
  sdk.createConfiguration({
    baseServer: new sdk.ServerConfiguration(server.baseUrl, {}),
    httpApi: sdk.wrapHttpLibrary(throughOurs(sdk.ResponseContext, send)),
  })

function throughOurs<Response>(
  ResponseContext: ResponseContextClass<Response>,
  send: Send,
): { send(request: RequestContext): Promise<Response> } {
  return {
    async send(context) {
      const body = context.getBody()
      const answer = await send({
        method: context.getHttpMethod(),
        url: context.getUrl(),
        headers: context.getHeaders(),
        ...(typeof body === 'string' ? { body } : {}),
      })
      return new ResponseContext(
        answer.status,
        { ...answer.headers },
        {
          text: () => Promise.resolve(answer.text),
          binary: () => Promise.resolve(Buffer.from(answer.text)),
        },
      )
    },
  }
}
