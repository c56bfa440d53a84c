// What `postern dev` adds is for the browser and the programs of this machine only.

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)

/** A foreign name that leads here (DNS rebinding) and the scripts, images and frames of foreign pages are refused. */
export function isForeign(request: Request): boolean {
  const { headers } = request
  const host = headers.get('host') ?? new URL(request.url).host
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site') ?? 'none'
  const isVisit = headers.get('sec-fetch-mode') === 'navigate' && headers.get('sec-fetch-dest') === 'document'
  const isOwn = site === 'none' || site === 'same-origin' || isVisit
  return !isLoopback(host) || (origin !== null && origin !== `http://${host}`) || !isOwn
}
