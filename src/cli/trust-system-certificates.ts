// Certificates of the system's store are trusted beside Node's own, as `node --use-system-ca` does.
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

/**
 * For mail servers, hooks, providers and the database of this process; SSL_CERT_FILE and SSL_CERT_DIR name another store, and
 * NODE_EXTRA_CA_CERTS adds to it. Before Node 22.19 only the switch of Node itself does.
 */
export function trustSystemCertificates(): void {
  if (typeof setDefaultCACertificates !== 'function') return
  setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system')])])
}
