// What every page of the console shares: its sections, calls of the API as the operator, and what a refusal is told as.
import { html } from 'hono/html'
import {
  type ApiAnswer,
  goTo,
  type Html,
  type NavItem,
  type OperatorCtx,
  type PageReply,
  type PageView,
} from '../page.ts'
import { errorSummary, type FormError } from '../parts/notice.ts'
import { wordOfError } from '../words/word-of-error.ts'

const paths = {
  overview: '/console',
  people: '/console/people',
  audit: '/console/audit',
  imports: '/console/imports',
  providers: '/console/providers',
  organizations: '/console/organizations',
  applications: '/console/applications',
  mails: '/console/mails',
  hooks: '/console/hooks',
  keys: '/console/keys',
  settings: '/console/settings',
} as const

/** A section of the console. */
export type Section = keyof typeof paths

/** The path of a section. */
export const pathOf = (section: Section): string => paths[section]

function navOf({ config, words, address }: OperatorCtx, current: Section): NavItem[] {
  const shown = (Object.keys(paths) as Section[]).filter(
    (section) => section !== 'applications' || config.oauth_server_enabled,
  )
  return shown.map((section) => ({
    href: address(paths[section]),
    label: words(`console.nav_${section}`),
    current: section === current,
  }))
}

/** What a page of the console shows. */
export interface ConsoleView {
  section: Section
  title: string
  /** Beneath the heading. */
  lead?: unknown
  /** Beside the heading. */
  actions?: unknown
  body: unknown
  errors?: readonly FormError[]
  status?: number
  /** Seconds after which a browser without scripts asks again. */
  refresh_s?: number
  /** Whether it shows a page of ours within. */
  frames?: boolean
}

/** A page of the console. */
export function consoleView(ctx: OperatorCtx, shown: ConsoleView): PageView {
  const { section, title, lead, actions, body, errors = [], status = errors.length > 0 ? 400 : 200 } = shown
  return {
    kind: 'view',
    status,
    title,
    layout: 'console',
    nav: navOf(ctx, section),
    scripts: ['console.js'],
    has_errors: errors.length > 0,
    ...(shown.refresh_s !== undefined && { refresh_s: shown.refresh_s }),
    ...(shown.frames && { frames: true }),
    body: html`${errorSummary(ctx, errors)}<div class="head"><h1>${title}</h1>${actions ? html`<div class="actions">${actions}</div>` : ''}</div>${lead ? html`<p class="lead dim">${lead}</p>` : ''}${body}`,
  }
}

/** Asks the API as the operator. */
export const ask = (ctx: OperatorCtx, method: string, path: string, body?: object): Promise<ApiAnswer> =>
  ctx.api(method, path, { as: ctx.operator.token, ...(body && { body }) })

/** The body of an answer as an object, whatever it is. */
export const objectOf = (answer: ApiAnswer): Record<string, unknown> => Object(answer.body)

/** A value as text; `''` for none. */
export const textOf = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

/** Why the API refused, for somebody who reads its messages too. */
export function refusalOf({ words }: OperatorCtx, { code, message, status }: ApiAnswer): string {
  const said = words(wordOfError(code))
  return message === '' ? `${said} (${status})` : `${said} (${message})`
}

/** The page of a section that cannot be shown. */
export const refusedView = (ctx: OperatorCtx, section: Section, title: string, answer: ApiAnswer): PageView =>
  consoleView(ctx, {
    section,
    title,
    status: answer.status,
    errors: [{ text: refusalOf(ctx, answer) }],
    body: '',
  })

/** Goes on after an action: with what was done, or why not. */
export const afterAction = (ctx: OperatorCtx, answer: ApiAnswer, path: string, text: string): PageReply =>
  goTo(path, answer.ok ? { kind: 'success', text } : { kind: 'error', text: refusalOf(ctx, answer) })

/** A box with a heading. */
export const panel = (title: unknown, body: unknown, id = ''): Html =>
  html`<section class="panel"${id === '' ? '' : html` id="${id}"`}><h2>${title}</h2>${body}</section>`

/** Names and values beneath each other; empty values are left out. */
export const facts = (rows: readonly (readonly [name: string, value: unknown])[]): Html =>
  html`<dl class="facts">${rows.map(([name, value]) =>
    value === '' || value === null || value === undefined ? '' : html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`

/** A small label. */
export const tag = (text: string, kind: '' | 'good' | 'bad' | 'warn' = ''): Html =>
  html`<span class="tag ${kind}">${text}</span>`

/** A time (RFC 3339) as how long ago it was, with the moment in its tooltip. */
export function ago({ words }: OperatorCtx, time: unknown): Html | '' {
  const date = new Date(textOf(time))
  if (textOf(time) === '' || Number.isNaN(date.getTime())) return ''
  return html`<time datetime="${date.toISOString()}" title="${words.time(date)}">${words.ago(date, new Date())}</time>`
}
