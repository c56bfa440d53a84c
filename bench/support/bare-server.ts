// The least that a server can do: node:http with an answer that lies ready, as the bound that requests are compared with.
import { createServer } from 'node:http'

const [, , ...answers] = process.argv
const server = createServer((request, response) => {
  const text = answers[Number(request.url?.slice(1))] ?? ''
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.(typeof address === 'object' && address ? address.port : 0)
})
