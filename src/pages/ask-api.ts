// Asks the API in-process, as the browser whose request is answered.
import type { Config } from '../config/keys.ts'
import { jsonOrNull } from '../json-values.ts'
import type { ApiAnswer, ApiOptions } from './page.ts'

/** The `fetch` of a server that answers within this process. */
export type InnerFetch = (request: Request, connection: { client_address: string }) => Promise<Response>

/** Headers that say who the browser is; the API counts, records and limits by them. */
const handedOn = ['user-agent', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'sb-forwarded-for']

/** What a request of the API has of the browser's request. */
export interface Asking {
  request: Request
  client_address: string
  /** An Accept-Language header: mails that a page causes are in the language of the page. */
  languages: string
  device: TrustedDevice
}

/** The device that this browser is, where its person trusts it: its token, and what keeps the next one. */
export interface TrustedDevice {
  token: string
  renew(token: string): void
}

/** Makes the `api` and the `stream` of a page's context, and tells the seconds that an answer of 429 asked to wait. */
export function createAskApi(
  inner: InnerFetch,
  config: Config,
  { request, client_address, languages, device }: Asking,
) {
  const names = [...handedOn, config.rate_limit_header, config.api_request_id_header].filter((name) => name !== '')
  const same = names.flatMap((name): [string, string][] => {
    const value = request.headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  let waits: string | null = null
  const stream = async (
    method: string,
    path: string,
    { as, body, form, headers }: ApiOptions = {},
  ): Promise<Response> => {
    const asked = new Request(`http://postern.invalid${path}`, {
      method,
      headers: {
        ...Object.fromEntries(same),
        'accept-language': languages,
        ...(device.token !== '' && { 'x-trusted-device': device.token }),
        ...(as !== undefined && { authorization: `Bearer ${as}` }),
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
      // Its type is that of a form.
      ...(form && { body: new URLSearchParams(form) }),
    })
    const response = await inner(asked, { client_address })
    if (response.status === 429) waits = response.headers.get('retry-after')
    return response
  }
  const api = async (method: string, path: string, options?: ApiOptions): Promise<ApiAnswer> => {
    const answer = await readAnswer(await stream(method, path, options))
    const { token } = Object(Object(answer.body).trusted_device)
    if (typeof token === 'string') device.renew(token)
    return answer
  }
  return { api, stream, waits: () => waits }
}

async function readAnswer(response: Response): Promise<ApiAnswer> {
  const text = await response.text()
  const body = jsonOrNull(text) ?? {}
  const { error_code, code, msg, message, error_description } = Object(body)
  const { ok, status, headers } = response
  const isError = status >= 400
  return {
    ok,
    status,
    headers,
    body,
    code: isError ? String(error_code ?? (typeof code === 'string' ? code : '')) : '',
    message: isError ? String(msg ?? message ?? error_description ?? '') : '',
  }
}
