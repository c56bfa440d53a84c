// postern doctor and the ports of a server: that of the API, of metrics and of profiles.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { examine } from '../../src/cli/doctor/run-doctor.ts'
import { ownPort } from '../support/own-port.ts'
import { until } from '../support/process.ts'
import { type Serving, startServing } from '../support/serving.ts'

const taken = createServer()
let port: string
let serving: Serving
let metrics_port: string
const metrics = {
  GOTRUE_METRICS_ENABLED: 'true',
  GOTRUE_METRICS_EXPORTER: 'prometheus',
  OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
  OTEL_EXPORTER_PROMETHEUS_PORT: '0',
}
before(async () => {
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  port = String(Object(taken.address()).port)
  serving = await startServing(metrics)
  const { output } = serving.server
  metrics_port = await until('metrics can be fetched', () => /"port":(\d+),"msg":"metrics can/.exec(output())?.[1])
})
after(async () => {
  await serving.close()
  taken.close()
})

/** What doctor says of ports. */
async function findings(env: Record<string, string>): Promise<string[]> {
  const found = await examine({ ...serving.env, GOTRUE_API_HOST: '127.0.0.1', PORT: '0', ...env })
  return found.flatMap(({ problems }) => problems).filter((problem) => /\bport|_PORT/i.test(problem))
}

test('a port of metrics or profiles that another program has is found; one that is free, or our own, is fine', async () => {
  assert.deepEqual(await findings(metrics), [])
  assert.deepEqual(await findings({ ...metrics, OTEL_EXPORTER_PROMETHEUS_PORT: metrics_port }), [])
  assert.deepEqual(await findings({ ...metrics, OTEL_EXPORTER_PROMETHEUS_PORT: port }), [
    `OTEL_EXPORTER_PROMETHEUS_PORT: port ${port} is taken by another program: end it, or set another`,
  ])
  const profiler = { GOTRUE_PROFILER_ENABLED: 'true', GOTRUE_PROFILER_HOST: '127.0.0.1', GOTRUE_PROFILER_PORT: port }
  assert.deepEqual(await findings(profiler), [
    `GOTRUE_PROFILER_PORT: port ${port} is taken by another program: end it, or set another`,
  ])
})

test('a host that is none of this machine is told by the variable that sets it', async () => {
  const found = await examine({ ...serving.env, PORT: '0', ...metrics, OTEL_EXPORTER_PROMETHEUS_HOST: '192.0.2.1' })
  assert.deepEqual(
    found.flatMap(({ problems }) => problems).filter((problem) => problem.includes('192.0.2.1')),
    [
      'OTEL_EXPORTER_PROMETHEUS_HOST is no address of this machine (192.0.2.1): leave it empty, or set 127.0.0.1 or 0.0.0.0',
    ],
  )
})

test('metrics and profiles on the port of the API, or on one another, are a fault of the configuration', async () => {
  const free = String(await ownPort())
  const same = { ...metrics, PORT: free, GOTRUE_API_HOST: '', OTEL_EXPORTER_PROMETHEUS_PORT: free }
  assert.deepEqual(await findings(same), [
    `OTEL_EXPORTER_PROMETHEUS_PORT is ${free}, which is the port of API: set another`,
  ])
  const both = { ...metrics, GOTRUE_PROFILER_ENABLED: 'true', GOTRUE_PROFILER_HOST: '127.0.0.1' }
  assert.deepEqual(await findings({ ...both, GOTRUE_PROFILER_PORT: free, OTEL_EXPORTER_PROMETHEUS_PORT: free }), [
    `GOTRUE_PROFILER_PORT is ${free}, which is the port of metrics: set another`,
  ])
  const apart = { ...same, GOTRUE_API_HOST: '127.0.0.2', OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.3' }
  assert.deepEqual(await findings(apart), [])
})
