// What is seen from outside: metrics for Prometheus and OpenTelemetry, traces, profiles, slow statements.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { counters, gauges, timers } from '../../src/meter.ts'
import { sectionOf } from '../support/documentation.ts'
import { startMailSink } from '../support/mail-sink.ts'
import { startOtlpCollector } from '../support/otlp-collector.ts'
import { type ServerProcess, startCommand, until } from '../support/process.ts'
import { mint } from '../support/server.ts'
import { startServing } from '../support/serving.ts'

const signUp = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ email: 'seen@example.com', password: 'correct horse battery staple' }),
  })

const portOf = ({ output }: ServerProcess, what: string): Promise<string> =>
  until(`${what} can be fetched`, () => new RegExp(`"port":(\\d+),"msg":"${what} can be fetched"`).exec(output())?.[1])

/** Samples of the text format of Prometheus, each with its labels as they are written. */
function readSamples(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || /^# (HELP|TYPE) [a-zA-Z_:][\w:]* .+$/.test(line)) continue
    const [, name, value] =
      /^([a-zA-Z_:][\w:]*(?:\{(?:[a-z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})?) (\S+)$/.exec(line) ?? []
    assert.ok(name !== undefined && value !== undefined, `"${line}" is no line of the format`)
    samples.set(name, Number(value))
  }
  return samples
}

const prometheus = {
  GOTRUE_METRICS_ENABLED: 'true',
  GOTRUE_METRICS_EXPORTER: 'prometheus',
  OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
  OTEL_EXPORTER_PROMETHEUS_PORT: '0',
}

for (const workers of ['1', '2'])
  test(`Prometheus reads what ${workers === '1' ? 'a server' : 'two workers'} did, on any path`, async () => {
    const serving = await startServing(prometheus, () => ['--workers', workers])
    try {
      assert.equal((await signUp(serving.server.url)).status, 200)
      for (let i = 0; i < 6; i++) await fetch(`${serving.server.url}/nowhere`, { headers: { connection: 'close' } })
      const port = await portOf(serving.server, 'metrics')
      // A worker that does not say in time what it has measured is left out.
      const samples = await until('all workers have answered', async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
        assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
        const found = readSamples(await answer.text())
        return found.get('gotrue_running') === Number(workers) ? found : null
      })
      assert.equal(samples.get('http_status_codes_total{code="200",method="POST",route="/signup"}'), 1)
      assert.equal(samples.get('http_status_codes_total{code="404",method="GET",route="none"}'), 6)
      assert.equal(
        samples.get('postern_http_request_duration_seconds_count{method="POST",route="/signup",status="200"}'),
        1,
      )
      assert.equal(samples.get('gotrue_generate_from_password_submitted_total'), 1)
      assert.equal(samples.get('postern_sign_ups_total{way="email"}'), 1)
      assert.equal(samples.get('postern_sign_ins_total{way="email",outcome="ok"}'), 1)
      assert.equal(samples.get('gotrue_generate_from_password_completed_total'), 1)
      assert.ok((samples.get('postern_db_connections') ?? 0) >= 1)
    } finally {
      await serving.close()
    }
  })

test('a collector gets the metrics and the trace of a sign-up, with its statements, hook and mail', async () => {
  const collector = await startOtlpCollector()
  const sink = await startMailSink()
  const hook = createServer((request, response) => {
    seen.push(request.headers.traceparent)
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{}'))
  })
  const seen: unknown[] = []
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  const serving = await startServing({
    GOTRUE_MAILER_AUTOCONFIRM: 'false',
    GOTRUE_SMTP_HOST: '127.0.0.1',
    GOTRUE_SMTP_PORT: String(sink.port),
    GOTRUE_SMTP_ADMIN_EMAIL: 'no-reply@example.com',
    GOTRUE_HOOK_BEFORE_USER_CREATED_ENABLED: 'true',
    GOTRUE_HOOK_BEFORE_USER_CREATED_URI: `http://localhost:${(hook.address() as AddressInfo).port}`,
    GOTRUE_HOOK_BEFORE_USER_CREATED_SECRETS:
      'v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    GOTRUE_METRICS_ENABLED: 'true',
    GOTRUE_TRACING_ENABLED: 'true',
    GOTRUE_TRACING_TAGS: 'region:eu',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=abc',
    OTEL_METRIC_EXPORT_INTERVAL: '300',
    OTEL_SERVICE_NAME: 'auth',
  })
  try {
    const trace_id = '0af7651916cd43dd8448eb211c80319c'
    const answer = await signUp(serving.server.url, { traceparent: `00-${trace_id}-b7ad6b7169203331-01` })
    assert.equal(answer.status, 200)
    await until('the mail is sent', () => sink.mails.length === 1)
    const metric = (name: string, route?: string) =>
      collector.points().find((one) => one.name === name && (route === undefined || one.attributes.route === route))
    await until('the metrics arrive', () => metric('http_status_codes', '/signup'))
    assert.equal(metric('http_status_codes', '/signup')?.value, 1)
    await until('the sent mail is measured', () => metric('global_auth_email_send_operations')?.value === 1)
    // What waits is sent when the server ends.
    await serving.server.stop()
    const spans = collector.spans.filter((span) => span.trace_id === trace_id)
    const root = spans.find((span) => span.name === 'POST /signup')
    assert.equal(root?.parent_span_id, 'b7ad6b7169203331')
    assert.equal(root?.attributes['http.response.status_code'], 200)
    assert.equal(root?.resource['service.name'], 'auth')
    assert.equal(root?.resource.region, 'eu')
    const names = spans.filter((span) => span.parent_span_id === root?.span_id).map(({ name }) => name)
    for (const name of ['insert auth.users', 'hook before_user_created', 'mail confirmation'])
      assert.ok(names.includes(name), `${name} is among ${names}`)
    const call = spans.find((span) => span.name.startsWith('POST localhost'))
    assert.deepEqual(seen, [`00-${trace_id}-${call?.span_id}-01`])
    assert.ok(collector.headers.every((one) => one['x-key'] === 'abc'))
    assert.doesNotMatch(JSON.stringify(collector.spans), /seen@example/)
  } finally {
    await serving.close()
    await sink.stop()
    await collector.close()
    hook.close()
  }
})

test('a caller who wants a trace recorded gets no more than the part that is recorded, one who does not gets none', async () => {
  for (const [part, flags, isRecorded] of [
    ['0', '01', false],
    ['1', '01', true],
    ['1', '00', false],
  ] as const) {
    const collector = await startOtlpCollector()
    const serving = await startServing({
      GOTRUE_TRACING_ENABLED: 'true',
      OTEL_TRACES_SAMPLER_ARG: part,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    })
    try {
      // Any ratio would take this id, if the id were what decides.
      const trace_id = '00000000000000000000000000000001'
      const traceparent = `00-${trace_id}-b7ad6b7169203331-${flags}`
      await fetch(`${serving.server.url}/settings`, { headers: { traceparent } })
      // What waits is sent when the server ends.
      await serving.server.stop()
      const found = collector.spans.filter((span) => span.trace_id === trace_id)
      assert.equal(found.length > 0, isRecorded, `${part} ${flags}`)
    } finally {
      await serving.close()
      await collector.close()
    }
  }
})

test('calls to addresses that others chose are measured under one name, whatever their hosts are called', async () => {
  const serving = await startServing({
    ...prometheus,
    GOTRUE_CUSTOM_OAUTH_ENABLED: 'true',
    POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true',
  })
  try {
    const authorization = `Bearer ${mint({ role: 'service_role' })}`
    for (const host of ['one.localhost', 'two.localhost'])
      await fetch(`${serving.server.url}/admin/custom-providers`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({
          provider_type: 'oidc',
          identifier: `custom:${host.slice(0, 3)}`,
          name: 'One',
          client_id: 'a',
          client_secret: 'b',
          issuer: `https://${host}:1`,
        }),
      })
    const port = await portOf(serving.server, 'metrics')
    const samples = readSamples(await (await fetch(`http://127.0.0.1:${port}/`)).text())
    const called = Array.from(samples.keys()).filter((name) =>
      name.startsWith('postern_outbound_call_duration_seconds_count'),
    )
    assert.deepEqual(called, ['postern_outbound_call_duration_seconds_count{host="other",outcome="failed"}'])
    assert.ok((samples.get(called[0] ?? '') ?? 0) >= 2)
  } finally {
    await serving.close()
  }
})

test('profiles of processor and heap can be fetched, and slow statements stand in the log without their values', async () => {
  const serving = await startServing({
    GOTRUE_PROFILER_ENABLED: 'true',
    GOTRUE_PROFILER_HOST: '127.0.0.1',
    GOTRUE_PROFILER_PORT: '0',
    POSTERN_LOG_SLOW_STATEMENTS: '1ns',
  })
  try {
    const port = await portOf(serving.server, 'profiles')
    const cpu = await fetch(`http://127.0.0.1:${port}/debug/pprof/profile?seconds=1`)
    assert.match(cpu.headers.get('content-disposition') ?? '', /postern\.cpuprofile/)
    assert.ok(Array.isArray(Reflect.get(Object(await cpu.json()), 'nodes')))
    const heap = await fetch(`http://127.0.0.1:${port}/debug/pprof/heap?seconds=1`)
    assert.ok(Reflect.get(Object(await heap.json()), 'head'))
    assert.equal((await fetch(`http://127.0.0.1:${port}/debug/pprof/`)).status, 404)
    await signUp(serving.server.url)
    await until('the statement stands in the log', () =>
      /"statement":"insert auth\.users".*"msg":"a slow statement"/.test(serving.server.output()),
    )
    const slow = serving.server
      .output()
      .split('\n')
      .filter((line) => line.includes('a slow statement'))
    assert.doesNotMatch(slow.join(), /seen@example/)
  } finally {
    await serving.close()
  }
})

test('a server whose metrics have no port ends with the reason, and serves nothing', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as AddressInfo
  const first = await startServing()
  try {
    const env = {
      ...first.env,
      ...prometheus,
      PORT: '0',
      POSTERN_CONTROL_SOCKET: '',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    }
    const { ended, output } = startCommand(['serve'], env)
    assert.equal(await ended, 1)
    const says = `OTEL_EXPORTER_PROMETHEUS_PORT: port ${port} is taken by another program: end it, or set another`
    assert.ok(output().includes(says), output())
  } finally {
    await first.close()
    taken.close()
  }
})

test('the dashboard and the alert rules name metrics that are there', () => {
  const names = new Set([
    ...Object.values(counters).map(({ name }) => `${name}_total`),
    ...Object.values(timers).flatMap(({ name }) => ['bucket', 'sum', 'count'].map((part) => `${name}_seconds_${part}`)),
    ...Object.values(gauges).map(({ name }) => name),
  ])
  for (const file of ['dashboard.json', 'alerts.yaml']) {
    const text = readFileSync(new URL(`../../docs/operations/${file}`, import.meta.url), 'utf8')
    const used = new Set(text.match(/\b(postern|gotrue|http_status|global_auth)_[a-z_]+/g))
    assert.ok(used.size > 4, `${file} uses metrics`)
    for (const name of used) assert.ok(names.has(name), `${name} of ${file} is measured`)
  }
})

test('what to do about each alert stands in the incidents of docs/operations.md, which name no other', async () => {
  const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
  const named = (text: string, form: RegExp) => Array.from(text.matchAll(form), ([, name]) => name).sort()
  const incidents = sectionOf(read('operations.md'), 'Incidents')
  assert.deepEqual(
    named(incidents, /`(Postern[A-Z]\w+)`/g).filter((name, i, all) => all.indexOf(name) === i),
    named(read('operations/alerts.yaml'), /alert: (\w+)/g),
  )
})
