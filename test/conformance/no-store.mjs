// Every answer of ours says no-store unless it may be kept (security REV-23), which none was recorded to say: loaded before
// the runner, which is a copy and stays one, this takes the header away again. test/security/answers.test.ts checks it.
const send = globalThis.fetch

globalThis.fetch = async (...request) => {
  const { status, statusText, headers, body } = await send(...request)
  const kept = [...headers].filter(([name, value]) => name !== 'cache-control' || value !== 'no-store')
  return new Response(body, { status, statusText, headers: kept })
}
