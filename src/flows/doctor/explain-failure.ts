// Why something could not be reached, in words that say what to do; never with an address, which may hold half a password.

const network: Record<string, string> = {
  ENOTFOUND: 'its host cannot be found: check the name (within a password / ? # @ must be percent-encoded)',
  EAI_AGAIN: 'its host cannot be looked up: check the name server of this machine',
  ECONNREFUSED: 'nothing listens there: check host and port, and that it runs',
  ECONNRESET: 'it hangs up: check the port, and whether it wants TLS',
  EHOSTUNREACH: 'no route leads to its host: check the network',
  ENETUNREACH: 'no route leads to its network: check the network',
  ETIMEDOUT: 'it does not answer in time: check host, port and firewalls',
  CONNECT_TIMEOUT: 'it does not answer in time: check host, port and firewalls',
  CONNECTION_CLOSED: 'it hangs up: check the port, and whether it wants TLS',
  ENOENT: 'its socket is not there: check the path, and that it runs',
}

const certificates: Record<string, string> = {
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it there',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: check the clock of this machine',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is signed by itself: trust it (NODE_EXTRA_CA_CERTS), or get one of an authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of an authority that is not trusted: name that in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is of an authority that is not trusted: name that in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is of an authority that is not trusted: name that in NODE_EXTRA_CA_CERTS',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: check the name of the host',
  EPROTO: 'it speaks no TLS there: check scheme and port',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks no TLS there: check scheme and port',
}

const database: Record<string, string> = {
  '28P01': 'the password is wrong: set the one of the role',
  '28000': 'the role may not log in this way: check the name, and pg_hba.conf (some servers want sslmode=require)',
  '3D000': 'there is no database of that name: create it, or correct the last part of the address',
  '53300': 'all its connections are taken: raise max_connections there, or lower GOTRUE_DB_MAX_POOL_SIZE',
  '57P03': 'it is starting or stopping: try again in a moment',
  '42501': 'the role lacks a right',
}

/** Codes of failures that some libraries tell by their message alone. */
const told: [RegExp, string][] = [
  [/certificate has expired/i, 'CERT_HAS_EXPIRED'],
  [/self-signed certificate in certificate chain/i, 'SELF_SIGNED_CERT_IN_CHAIN'],
  [/self-signed certificate/i, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [/unable to (verify the first certificate|get local issuer certificate)/i, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  [/does not match certificate|altnames/i, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [/wrong version number|packet length too long/i, 'EPROTO'],
]

/** Fields of an error and of what caused it, outermost first. */
function chainOf(error: unknown): { code: string; message: string }[] {
  if (typeof error !== 'object' || error === null) return []
  const code = Reflect.get(error, 'code')
  const message = Reflect.get(error, 'message')
  const inner = Reflect.get(error, 'errors')
  return [
    { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message : '' },
    ...chainOf(Array.isArray(inner) ? inner[0] : undefined),
    ...chainOf(Reflect.get(error, 'cause')),
  ]
}

/** The code of an error, and those that its message names. */
const codesOf = ({ code, message }: { code: string; message: string }): string[] => [
  code,
  ...told.filter(([form]) => form.test(message)).map(([, named]) => named),
  ...(message.match(/\bE[A-Z]{4,}\b/g) ?? []),
]

/** What a failure to reach something means, as the end of a sentence. */
export function explainFailure(error: unknown): string {
  const chain = chainOf(error)
  const known = { ...network, ...certificates, ...database }
  const found = chain.flatMap(codesOf).find((code) => Object.hasOwn(known, code))
  if (found !== undefined) return known[found] ?? found
  if (chain.some(({ message }) => /timed? ?out|timeout/i.test(message))) return network.ETIMEDOUT ?? ''
  // Only what PostgreSQL says is shown: the messages of others may name a host, or what was taken for one.
  const last = chain.findLast(({ code }) => code !== '')
  const said = last && /^[0-9A-Z]{5}$/.test(last.code) ? `: ${last.message.slice(0, 200)}` : ''
  return `it cannot be used (${last?.code ?? 'no reason given'}${said})`
}
