// A QR code (ISO/IEC 18004) as an SVG within the page.
import { html } from 'hono/html'
import encodeQr from 'qr'
import type { Html } from '../page.ts'

/** The code of a text; always dark on light, as cameras want it. */
export function qrCode(text: string, label: string): Html {
  const rows = encodeQr(text, 'raw', { ecc: 'medium', border: 3 })
  const path = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${rows.length} ${rows.length}" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/><path d="${path}" fill="#000"/></svg>`
}
