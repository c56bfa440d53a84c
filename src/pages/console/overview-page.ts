// Overview: the numbers of the last thirty days, how the server fares, and what doctor would say.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import type { Html, OperatorCtx, PageReply } from '../page.ts'
import { dayChart } from '../parts/chart.ts'
import { ask, consoleView, facts, objectOf, panel, pathOf, refusedView, tag, textOf } from './console-view.ts'
import type { Row } from './tables.ts'

/** Ways that are told apart in a chart; the rest is one. */
const mostWays = 5

/** GET /console. */
export async function overviewPage(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const [answer, health] = await Promise.all([ask(ctx, 'GET', '/console/overview'), ask(ctx, 'GET', '/console/health')])
  if (!answer.ok) return refusedView(ctx, 'overview', words('console.nav_overview'), answer)
  const body = objectOf(answer)
  const daily = listOf(body.daily)
  const days = lastDays(textOf(body.today), Number(body.days))
  return consoleView(ctx, {
    section: 'overview',
    title: words('console.nav_overview'),
    body: html`${numbersPart(ctx, body, daily)}
<div class="charts">${chartOf(ctx, words('console.chart_sign_ups'), days, daily, 'sign_up')}
${chartOf(ctx, words('console.chart_sign_ins'), days, daily, 'sign_in')}
${chartOf(ctx, words('console.chart_failures'), days, daily, 'failure')}</div>
${health.ok ? healthPanel(ctx, objectOf(health)) : ''}`,
  })
}

function lastDays(today: string, count: number): string[] {
  const end = Date.parse(`${today}T00:00:00Z`)
  return Array.from({ length: count }, (_, at) =>
    new Date(end - (count - 1 - at) * 86_400_000).toISOString().slice(0, 10),
  )
}

function numbersPart(ctx: OperatorCtx, body: Row, daily: readonly Row[]): Html {
  const { words } = ctx
  const kept = Object(body.accounts) as Row
  const numbers = Object(kept.numbers) as Row
  const shown = (value: unknown) => (value === undefined ? '–' : words.number(Number(value)))
  const total = (event: string, outcome: string) =>
    daily
      .filter((row) => row.event === event && row.outcome === outcome)
      .reduce((sum, row) => sum + Number(row.count), 0)
  const accounts =
    numbers.accounts === undefined && Number(body.estimate) > 0
      ? words('console.about', { count: Math.round(Number(body.estimate)) })
      : shown(numbers.accounts)
  const cards: [string, string][] = [
    [words('console.accounts'), accounts],
    [words('console.active_1'), shown(numbers.active_1)],
    [words('console.active_7'), shown(numbers.active_7)],
    [words('console.active_30'), shown(numbers.active_30)],
    [words('console.sign_ups_30'), words.number(total('sign_up', 'ok'))],
    [words('console.sign_ins_30'), words.number(total('sign_in', 'ok'))],
    [words('console.failed_30'), words.number(total('sign_in', 'failed'))],
  ]
  return html`<dl class="numbers">${cards.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

/** One chart of an event, by its most common ways; what failed has a colour of its own. */
function chartOf(ctx: OperatorCtx, title: string, days: readonly string[], daily: readonly Row[], event: string): Html {
  const { words } = ctx
  const rows = daily.filter((row) => row.event === event)
  const totals = new Map<string, number>()
  const isBad = (row: Row) => event === 'sign_in' && row.outcome === 'failed'
  for (const row of rows)
    if (!isBad(row)) totals.set(textOf(row.way), (totals.get(textOf(row.way)) ?? 0) + Number(row.count))
  const common = [...totals]
    .sort(([, a], [, b]) => b - a)
    .slice(0, mostWays)
    .map(([way]) => way)
  const countsOf = (belongs: (row: Row) => boolean) =>
    days.map((day) =>
      rows.filter((row) => row.day === day && belongs(row)).reduce((sum, row) => sum + Number(row.count), 0),
    )
  const series = common.map((way) => ({
    name: wayName(ctx, way),
    counts: countsOf((row) => !isBad(row) && row.way === way),
  }))
  if (totals.size > mostWays)
    series.push({
      name: words('console.other_ways'),
      counts: countsOf((row) => !isBad(row) && !common.includes(textOf(row.way))),
    })
  const bad = countsOf(isBad)
  const failed = bad.some((count) => count > 0) ? [{ name: words('console.failed'), counts: bad, is_bad: true }] : []
  return dayChart(words, { title, days, series: [...series, ...failed] })
}

/** Ways that are no names of providers or codes. */
const ways = ['email', 'phone', 'link', 'passkey', 'web3', 'application', 'anonymous'] as const

const wayName = ({ words }: OperatorCtx, way: string): string => {
  const known = ways.find((one) => one === way)
  return known ? words(`console.way_${known}`) : way
}

function healthPanel(ctx: OperatorCtx, health: Row): Html {
  const { words } = ctx
  const warnings = Array.isArray(health.warnings) ? health.warnings.map(textOf) : []
  const told =
    warnings.length > 0 ? html`<ul>${warnings.map((warning) => html`<li dir="auto">${warning}</li>`)}</ul>` : ''
  const doctor = html`${told}<p class="buttons"><a class="button quiet" href="${ctx.address('/console/doctor')}">${words('console.run_doctor')}</a></p>`
  return panel(words('console.health'), html`${healthFacts(ctx, health)}${doctor}`)
}

function healthFacts({ words }: OperatorCtx, health: Row): Html {
  const [database, hashing, mails, limits] = [health.database, health.hashing, health.mails, health.limits].map(
    (part) => Object(part) as Row,
  )
  const pool = Object(database?.pool) as Row
  const state = textOf(database?.state)
  const waiting = Number(mails?.waiting ?? 0)
  const failing = Number(mails?.failing ?? 0)
  return facts([
    [
      words('console.database'),
      html`${tag(state, state === 'ok' ? 'good' : 'bad')} ${textOf(database?.latency_ms)} ms`,
    ],
    [
      words('console.pool'),
      pool.open === undefined
        ? ''
        : words('console.pool_state', {
            busy: Number(pool.busy),
            open: Number(pool.open),
            most: Number(pool.most),
            waiting: Number(pool.waiting),
          }),
    ],
    [
      words('console.hashing'),
      words('console.hashing_state', {
        running: Number(hashing?.running),
        most: Number(hashing?.most),
        waiting: Number(hashing?.waiting),
      }),
    ],
    [words('console.limits'), textOf(limits?.store)],
    [
      words('console.mails_waiting'),
      mails?.configured
        ? html`${words('console.mails_state', { waiting, failing })} ${failing > 0 ? tag(textOf(mails.last_error).slice(0, 120), 'bad') : ''}`
        : tag(words('console.mails_off'), 'warn'),
    ],
    [
      words('console.process'),
      words('console.process_state', {
        version: textOf(health.version),
        memory: Number(health.memory_mb),
        hours: Math.floor(Number(health.uptime_s) / 3600),
      }),
    ],
  ])
}

/** GET /console/doctor. */
export async function doctorPage(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const answer = await ask(ctx, 'GET', '/console/doctor')
  if (!answer.ok) return refusedView(ctx, 'overview', words('console.doctor'), answer)
  const findings = listOf(objectOf(answer).findings)
  const items = findings.map((finding) => {
    const problems = Array.isArray(finding.problems) ? finding.problems.map(textOf) : []
    const note = textOf(finding.note)
    const state = finding.skipped
      ? tag(words('console.skipped'))
      : problems.length > 0
        ? tag(words('console.problem'), 'bad')
        : tag(words('console.fine'), 'good')
    return html`<li>${state} <strong>${textOf(finding.check)}</strong>${problems.length > 0 ? html`<ul>${problems.map((problem) => html`<li>${problem}</li>`)}</ul>` : ''}${note === '' ? '' : html`<ul><li>${note}</li></ul>`}</li>`
  })
  return consoleView(ctx, {
    section: 'overview',
    title: words('console.doctor'),
    lead: words('console.doctor_text'),
    actions: html`<a class="button quiet" href="${ctx.address(pathOf('overview'))}">${words('console.nav_overview')}</a>`,
    body: html`<div class="panel"><ul class="findings">${items}</ul></div>`,
  })
}
