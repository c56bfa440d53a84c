// What every page of the account shares: its sections, panels with rows, and pages that ask before something ends.
import { html } from 'hono/html'
import type { Html, NavItem, PageView, PersonCtx } from '../page.ts'
import { button, buttonLink, postForm } from '../parts/form.ts'
import { errorSummary, type FormError } from '../parts/notice.ts'

/** A section of the account. */
export type Section = 'details' | 'sign_in' | 'factors' | 'devices' | 'applications'

const paths: Record<Section, string> = {
  details: '/pages/account',
  sign_in: '/pages/account/sign-in',
  factors: '/pages/account/factors',
  devices: '/pages/account/devices',
  applications: '/pages/account/applications',
}

/** The path of a section. */
const sectionPath = (section: Section): string => paths[section]

/** The sections that there are here, `current` being the one that is shown. */
function navOf({ config, person, words, address }: PersonCtx, current: Section): NavItem[] {
  // Guests have nothing to sign in with, and so nothing that a second step would protect.
  const hidden = new Set<Section>([
    ...(config.oauth_server_enabled ? [] : ['applications' as const]),
    ...(person.user.is_anonymous ? (['sign_in', 'factors'] as const) : []),
  ])
  const sections = (Object.keys(paths) as Section[]).filter((section) => !hidden.has(section))
  return sections.map((section) => ({
    href: address(paths[section]),
    label: words(`account.nav_${section}`),
    current: section === current,
  }))
}

/** What a page of the account shows. */
export interface AccountView {
  section: Section
  title: string
  /** Beneath the heading. */
  lead?: unknown
  body: unknown
  errors?: readonly FormError[]
  status?: number
  scripts?: readonly string[]
}

/** A page of the account. */
export function accountView(ctx: PersonCtx, shown: AccountView): PageView {
  const { section, title, lead, body, errors = [], status = 200, scripts = [] } = shown
  return {
    kind: 'view',
    status,
    title,
    layout: 'account',
    nav: navOf(ctx, section),
    scripts,
    has_errors: errors.length > 0,
    body: html`${errorSummary(ctx, errors)}<h1>${title}</h1>${lead ? html`<p class="lead">${lead}</p>` : ''}${body}`,
  }
}

/** A form on a page of its own, with a way back to its section. */
export const formPanel = (ctx: PersonCtx, path: string, back: string, fields: unknown, label: string): Html =>
  html`<div class="panel">${postForm(
    ctx,
    path,
    html`${fields}<div class="buttons">${button(label)}${buttonLink(ctx.address(back), ctx.words('parts.cancel'))}</div>`,
  )}</div>`

/** A box with a heading; `more` stands below its rows. */
export const panel = (title: string, text: unknown, rows: unknown, more: unknown = ''): Html =>
  html`<section class="panel"><h2>${title}</h2>${text ? html`<p class="dim">${text}</p>` : ''}${rows}${more ? html`<div class="buttons">${more}</div>` : ''}</section>`

/** A thing in a panel: what it is, lines about it, and what can be done with it. */
export interface Item {
  title: unknown
  tag?: string
  lines?: readonly unknown[]
  actions?: unknown
}

/** Things of a panel; words where there are none. */
export const itemList = (items: readonly Item[], none: string): Html =>
  items.length === 0
    ? html`<p class="dim">${none}</p>`
    : html`<ul class="items">${items.map(
        ({ title, tag, lines = [], actions }) =>
          html`<li><div class="what"><p><strong>${title}</strong>${tag ? html` <span class="tag good">${tag}</span>` : ''}</p>${lines.map((line) => html`<p class="dim small">${line}</p>`)}</div>${actions ? html`<div class="actions">${actions}</div>` : ''}</li>`,
      )}</ul>`

/** A small link or button beside a thing; its name says which thing it is about. */
export const smallLink = (href: string, label: string, about: unknown): Html =>
  html`<a class="button quiet small" href="${href}">${label}<span class="hidden"> ${about}</span></a>`

/** The same that posts. */
export const smallButton = (ctx: PersonCtx, path: string, label: string, about: unknown): Html =>
  postForm(ctx, path, html`<button class="quiet small">${label}<span class="hidden"> ${about}</span></button>`)

/** Asks before something ends. */
export function confirmView(
  ctx: PersonCtx,
  asked: { section: Section; title: string; text: unknown; label: string; back?: string },
): PageView {
  const { section, title, text, label, back = sectionPath(section) } = asked
  const buttons = html`<div class="buttons">${button(label, { kind: 'danger' })}${buttonLink(ctx.address(back), ctx.words('parts.cancel'))}</div>`
  return accountView(ctx, {
    section,
    title,
    body: html`<div class="panel"><p>${text}</p>${postForm(ctx, ctx.path, buttons)}</div>`,
  })
}
