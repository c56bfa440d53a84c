// A browser as far as redirects go: it keeps cookies by host, follows redirects, and sends forms.

/** Where a visit ended. */
export interface Visit {
  url: URL
  response: Response
}

/** A browser; `leaves` says which addresses end a visit before they are asked for, as those of an application. */
export function openBrowser(leaves: (url: URL) => boolean, call: typeof fetch = fetch) {
  const jars = new Map<string, Map<string, string>>()

  async function send(url: URL, init: RequestInit): Promise<Response> {
    const jar = jars.get(url.host) ?? new Map<string, string>()
    jars.set(url.host, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(init.headers as Record<string, string>), ...(cookie !== '' && { cookie }) }
    const response = await call(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }

  async function visit(address: string | URL, init: RequestInit = {}): Promise<Visit> {
    let url = new URL(address)
    let response = await send(url, init)
    for (let turn = 0; turn < 10; turn++) {
      const location = response.headers.get('location')
      if (location === null) return { url, response }
      url = new URL(location, url)
      if (leaves(url)) return { url, response }
      response = await send(url, {})
    }
    throw new Error(`too many redirects, last to ${url}`)
  }

  return {
    visit,
    /** Sends the form of a page with its hidden fields and some of the person's. */
    async submit({ url, response }: Visit, fields: Record<string, string>): Promise<Visit> {
      const page = await response.text()
      const hidden = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)]
      const text = (value: string) => value.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
      const body = new URLSearchParams(hidden.map(([, name = '', value = '']): [string, string] => [name, text(value)]))
      for (const [name, value] of Object.entries(fields)) body.set(name, value)
      const [, action = ''] = /<form method="post" action="([^"]*)"/.exec(page) ?? []
      return visit(new URL(text(action), url), { method: 'POST', body, headers: { origin: url.origin } })
    },
  }
}
