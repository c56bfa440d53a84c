// The least that a server can do: node:http with answers that lie ready, as the bound that requests are compared with.
import { createServer } from 'node:http'

const [, , port, ...answers] = process.argv
const server = createServer((request, response) => {
  const text = answers[Number(request.url?.slice(1))] ?? ''
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
})
server.listen(Number(port), '127.0.0.1')
process.once('SIGTERM', () => process.exit())
