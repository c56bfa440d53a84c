// A person: the account with identities, factors, passkeys, sessions, metadata and what happened to it.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import type { Html, OperatorCtx, PageReply } from '../page.ts'
import { deviceName, placeName } from '../parts/device-name.ts'
import { button, buttonLink, postForm, textField } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { auditTable } from './audit-page.ts'
import { ago, ask, consoleView, facts, objectOf, panel, pathOf, refusedView, tag, textOf } from './console-view.ts'
import { nameOf, personPath, statesOf } from './people-page.ts'
import { personActions } from './person-actions.ts'
import { type Row, table } from './tables.ts'

/** What was filled in for the metadata, with what is wrong there. */
export interface MetadataDraft {
  user_metadata: string
  app_metadata: string
  errors: readonly FormError[]
}

/** GET /console/people/:id. */
export const personPage = (ctx: OperatorCtx): Promise<PageReply> => showPerson(ctx)

/** The page, with a draft of metadata that could not be saved. */
export async function showPerson(ctx: OperatorCtx, draft?: MetadataDraft): Promise<PageReply> {
  const { words } = ctx
  const id = ctx.path_params.id ?? ''
  const path = `/admin/users/${encodeURIComponent(id)}`
  const answer = await ask(ctx, 'GET', path)
  if (!answer.ok) return refusedView(ctx, 'people', words('console.nav_people'), answer)
  const user = objectOf(answer)
  const [sessions, passkeys, audit] = await Promise.all([
    ask(ctx, 'GET', `${path}/sessions`),
    ctx.config.passkey_enabled ? ask(ctx, 'GET', `${path}/passkeys`) : null,
    ask(ctx, 'GET', `/admin/audit?user=${encodeURIComponent(id)}&cursor=&limit=20`),
  ])
  const shown = personActions.filter(({ applies }) => applies(ctx, user))
  const links = shown.map(({ name, danger }) => {
    const label = words(`console.action_${name}`)
    return html`<li><a${danger ? html` class="danger"` : ''} href="${ctx.address(personPath(id, `/${name}`))}">${label}</a></li>`
  })
  return consoleView(ctx, {
    section: 'people',
    title: nameOf(user),
    lead: html`${statesOf(ctx, user)} <code>${textOf(user.id)}</code>`,
    actions: buttonLink(ctx.address(personPath(id, '/edit')), words('console.edit')),
    errors: draft?.errors ?? [],
    body: html`<div class="columns"><div>
${accountPanel(ctx, user)}
${identitiesPanel(ctx, user)}
${factorsPanel(ctx, user, passkeys ? listOf(passkeys.body) : [])}
${sessionsPanel(ctx, id, listOf(Object(sessions.body).sessions ?? sessions.body))}
${metadataPanel(ctx, user, draft)}
${panel(words('console.history'), html`${auditTable(ctx, listOf(audit.body), { short: true })}<p><a href="${ctx.address(`${pathOf('audit')}?user=${id}`)}">${words('console.history_all')}</a></p>`)}
</div><aside>${panel(words('console.actions'), html`<ul class="links">${links}</ul>`)}</aside></div>`,
  })
}

const accountPanel = (ctx: OperatorCtx, user: Row): Html => {
  const { words } = ctx
  const proved = (time: unknown) =>
    time
      ? html`${tag(words('console.confirmed'), 'good')} ${ago(ctx, time)}`
      : tag(words('console.state_unconfirmed'), 'warn')
  return panel(
    words('console.account'),
    facts([
      [words('console.email'), user.email ? html`${textOf(user.email)} ${proved(user.email_confirmed_at)}` : ''],
      [words('console.new_email'), textOf(user.new_email)],
      [words('console.phone'), user.phone ? html`${textOf(user.phone)} ${proved(user.phone_confirmed_at)}` : ''],
      [words('console.role'), textOf(user.role)],
      [words('console.audience'), textOf(user.aud)],
      [words('console.column_created'), ago(ctx, user.created_at)],
      [words('console.column_last_sign_in'), ago(ctx, user.last_sign_in_at)],
      [words('console.invited'), ago(ctx, user.invited_at)],
      [words('console.banned_until'), user.banned_until ? words.time(new Date(textOf(user.banned_until))) : ''],
      [words('console.ban_reason'), textOf(Object(user.app_metadata).ban_reason)],
    ]),
  )
}

const removeLink = (ctx: OperatorCtx, path: string, about: string): Html =>
  html`<a href="${ctx.address(path)}">${ctx.words('console.remove')}<span class="hidden"> ${about}</span></a>`

function identitiesPanel(ctx: OperatorCtx, user: Row): Html {
  const { words } = ctx
  const id = textOf(user.id)
  const columns = [
    { label: words('console.column_provider'), value: (row: Row) => textOf(row.provider) },
    { label: words('console.column_identity'), value: (row: Row) => textOf(row.email) || textOf(row.id) },
    { label: words('console.column_last_sign_in'), value: (row: Row) => ago(ctx, row.last_sign_in_at), minor: true },
    {
      label: words('console.actions'),
      value: (row: Row) =>
        removeLink(ctx, personPath(id, `/identities/${textOf(row.identity_id)}`), textOf(row.provider)),
    },
  ]
  const rows = listOf(user.identities)
  return panel(
    words('console.identities'),
    table(ctx, { caption: words('console.identities'), columns, rows, none: words('console.none') }),
  )
}

function factorsPanel(ctx: OperatorCtx, user: Row, passkeys: Row[]): Html {
  const { words } = ctx
  const id = textOf(user.id)
  const factors = listOf(user.factors).map(
    (row): Row => ({ ...row, kind: textOf(row.factor_type), at: `/factors/${textOf(row.id)}` }),
  )
  const keys = passkeys.map(
    (row): Row => ({ ...row, kind: 'passkey', status: 'verified', at: `/passkeys/${textOf(row.id)}` }),
  )
  const columns = [
    { label: words('console.column_kind'), value: (row: Row) => textOf(row.kind) },
    { label: words('console.column_name'), value: (row: Row) => textOf(row.friendly_name) || textOf(row.phone) },
    {
      label: words('console.column_state'),
      value: (row: Row) =>
        row.status === 'verified'
          ? tag(words('console.confirmed'), 'good')
          : tag(words('console.state_unconfirmed'), 'warn'),
    },
    { label: words('console.column_created'), value: (row: Row) => ago(ctx, row.created_at), minor: true },
    {
      label: words('console.actions'),
      value: (row: Row) => removeLink(ctx, personPath(id, textOf(row.at)), textOf(row.kind)),
    },
  ]
  const rows = [...factors, ...keys]
  return panel(
    words('console.factors'),
    table(ctx, { caption: words('console.factors'), columns, rows, none: words('console.none') }),
  )
}

function sessionsPanel(ctx: OperatorCtx, id: string, rows: Row[]): Html {
  const { words } = ctx
  const columns = [
    { label: words('console.column_device'), value: (row: Row) => deviceName(ctx, textOf(row.user_agent)) },
    { label: words('console.column_place'), value: (row: Row) => placeName(ctx, textOf(row.ip)) },
    { label: words('console.column_level'), value: (row: Row) => textOf(row.aal), minor: true },
    { label: words('console.column_created'), value: (row: Row) => ago(ctx, row.created_at), minor: true },
    { label: words('console.column_used'), value: (row: Row) => ago(ctx, row.refreshed_at ?? row.updated_at) },
    {
      label: words('console.actions'),
      value: (row: Row) =>
        removeLink(ctx, personPath(id, `/sessions/${textOf(row.id)}`), deviceName(ctx, textOf(row.user_agent))),
    },
  ]
  return panel(
    words('console.sessions'),
    table(ctx, { caption: words('console.sessions'), columns, rows, none: words('console.none') }),
  )
}

const pretty = (value: unknown): string => JSON.stringify(value ?? {}, null, 2)

function metadataPanel(ctx: OperatorCtx, user: Row, draft: MetadataDraft | undefined): Html {
  const { words } = ctx
  const errors = draft?.errors ?? []
  const field = (name: 'user_metadata' | 'app_metadata') =>
    textField(
      {
        name,
        label: name,
        value: draft?.[name] ?? pretty(user[name]),
        hint: words(`console.${name}_hint`),
        rows: Math.min(20, pretty(user[name]).split('\n').length + 1),
        code: true,
      },
      errors,
    )
  const form = postForm(
    ctx,
    personPath(textOf(user.id), '/metadata'),
    html`<div class="pair">${field('user_metadata')}${field('app_metadata')}</div>${button(words('console.save_metadata'))}`,
  )
  return panel(words('console.metadata'), form, 'metadata')
}
