// The kinds of things that operators manage, as data: providers of their own, companies, and applications.
import { html } from 'hono/html'
import type { OperatorCtx } from '../page.ts'
import { postForm } from '../parts/form.ts'
import { ago, tag, textOf } from './console-view.ts'
import type { Resource } from './resource-pages.ts'
import type { Row } from './tables.ts'

const state = ({ words }: OperatorCtx, isOn: boolean) =>
  isOn ? tag(words('console.on'), 'good') : tag(words('console.off'))

/** Providers that administrators add. */
export const customProviders: Resource = {
  section: 'providers',
  path: '/console/providers/custom',
  api: '/admin/custom-providers',
  title: ({ words }) => words('console.custom_providers'),
  rows: ({ providers }) => providers,
  id: (row) => textOf(row.identifier),
  name: (row) => textOf(row.name) || textOf(row.identifier),
  columns: (ctx) => [
    { label: ctx.words('console.column_name'), value: (row) => textOf(row.name) },
    { label: ctx.words('console.identifier'), value: (row) => html`<code>${textOf(row.identifier)}</code>` },
    { label: ctx.words('console.column_kind'), value: (row) => textOf(row.provider_type), minor: true },
    { label: ctx.words('console.column_state'), value: (row) => state(ctx, row.enabled === true) },
  ],
  fields: ({ words }) => [
    {
      name: 'provider_type',
      label: words('console.column_kind'),
      kind: 'choice',
      options: ['oidc', 'oauth2'],
      only_new: true,
      hint: words('console.provider_type_hint'),
    },
    {
      name: 'identifier',
      label: words('console.identifier'),
      kind: 'text',
      only_new: true,
      initial: 'custom:',
      hint: words('console.identifier_hint'),
    },
    { name: 'name', label: words('console.column_name'), kind: 'text' },
    { name: 'enabled', label: words('console.enabled'), kind: 'check', initial: true },
    { name: 'client_id', label: 'client_id', kind: 'text' },
    { name: 'client_secret', label: 'client_secret', kind: 'secret', hint: words('console.secret_hint') },
    { name: 'scopes', label: 'scopes', kind: 'lines', initial: ['openid', 'email', 'profile'] },
    { name: 'issuer', label: 'issuer', kind: 'text', hint: words('console.issuer_hint') },
    { name: 'discovery_url', label: 'discovery_url', kind: 'text' },
    { name: 'authorization_url', label: 'authorization_url', kind: 'text', hint: words('console.oauth2_hint') },
    { name: 'token_url', label: 'token_url', kind: 'text' },
    { name: 'userinfo_url', label: 'userinfo_url', kind: 'text' },
    { name: 'jwks_uri', label: 'jwks_uri', kind: 'text' },
    { name: 'pkce_enabled', label: 'PKCE', kind: 'check', initial: true },
    { name: 'email_optional', label: words('console.email_optional'), kind: 'check' },
    { name: 'acceptable_client_ids', label: 'acceptable_client_ids', kind: 'lines' },
    { name: 'attribute_mapping', label: 'attribute_mapping', kind: 'json' },
    { name: 'authorization_params', label: 'authorization_params', kind: 'json' },
  ],
  extras: (ctx, row) => testForm(ctx, textOf(row.identifier)),
}

/** A button that tries whether a provider answers and knows us. */
export const testForm = (ctx: OperatorCtx, name: string) =>
  postForm(
    ctx,
    `/console/providers/test/${encodeURIComponent(name)}`,
    html`<button class="quiet small">${ctx.words('console.test')}<span class="hidden"> ${name}</span></button>`,
  )

const samlOf = (row: Row): Row => Object(row.saml)

/** Identity providers of companies. */
export const organizations: Resource = {
  section: 'organizations',
  path: '/console/organizations',
  api: '/admin/sso/providers',
  title: ({ words }) => words('console.nav_organizations'),
  lead: ({ words, config }) => words(config.saml_enabled ? 'console.organizations_text' : 'console.organizations_off'),
  rows: ({ items }) => items,
  id: (row) => textOf(row.id),
  name: (row) => textOf(row.resource_id) || textOf(samlOf(row).entity_id),
  columns: (ctx) => [
    { label: ctx.words('console.entity'), value: (row) => textOf(samlOf(row).entity_id) },
    {
      label: ctx.words('console.domains'),
      value: (row) =>
        Array.isArray(row.domains) ? row.domains.map((one) => textOf(Object(one).domain)).join(', ') : '',
    },
    { label: ctx.words('console.resource_id'), value: (row) => textOf(row.resource_id), minor: true },
    { label: ctx.words('console.column_state'), value: (row) => state(ctx, row.disabled !== true) },
    { label: ctx.words('console.column_created'), value: (row) => ago(ctx, row.created_at), minor: true },
  ],
  fields: ({ words }) => [
    { name: 'type', label: words('console.column_kind'), kind: 'choice', options: ['saml'], only_new: true },
    {
      name: 'metadata_url',
      label: 'metadata_url',
      kind: 'text',
      read: (row) => samlOf(row).metadata_url,
      hint: words('console.metadata_url_hint'),
    },
    {
      name: 'metadata_xml',
      label: 'metadata_xml',
      kind: 'long',
      read: (row) => (samlOf(row).metadata_url ? '' : samlOf(row).metadata_xml),
      hint: words('console.metadata_xml_hint'),
    },
    {
      name: 'domains',
      label: words('console.domains'),
      kind: 'lines',
      read: (row) => (Array.isArray(row.domains) ? row.domains.map((one) => textOf(Object(one).domain)) : []),
      hint: words('console.domains_hint'),
    },
    { name: 'resource_id', label: words('console.resource_id'), kind: 'text' },
    {
      name: 'attribute_mapping',
      label: 'attribute_mapping',
      kind: 'json',
      read: (row) => samlOf(row).attribute_mapping,
    },
    { name: 'name_id_format', label: 'name_id_format', kind: 'text', read: (row) => samlOf(row).name_id_format },
    { name: 'disabled', label: words('console.disabled'), kind: 'check' },
  ],
  extras: ({ words, config, address }, row) =>
    config.scim_enabled
      ? html`<p><a href="${address(`/console/organizations/${encodeURIComponent(textOf(row.id))}/scim`)}">${words('console.scim_link')}</a></p>`
      : '',
}

/** Applications that sign people in through this server. */
export const applications: Resource = {
  section: 'applications',
  path: '/console/applications',
  api: '/admin/oauth/clients',
  title: ({ words }) => words('console.nav_applications'),
  lead: ({ words }) => words('console.applications_text'),
  rows: ({ clients }) => clients,
  id: (row) => textOf(row.client_id),
  name: (row) => textOf(row.client_name) || textOf(row.client_id),
  columns: (ctx) => [
    { label: ctx.words('console.column_name'), value: (row) => textOf(row.client_name) || textOf(row.client_id) },
    { label: 'client_id', value: (row) => html`<code>${textOf(row.client_id)}</code>` },
    { label: ctx.words('console.column_kind'), value: (row) => textOf(row.client_type), minor: true },
    { label: ctx.words('console.registration'), value: (row) => textOf(row.registration_type), minor: true },
    { label: ctx.words('console.column_created'), value: (row) => ago(ctx, row.created_at), minor: true },
  ],
  fields: ({ words }) => [
    { name: 'client_name', label: words('console.column_name'), kind: 'text' },
    { name: 'redirect_uris', label: 'redirect_uris', kind: 'lines', hint: words('console.redirect_uris_hint') },
    {
      name: 'client_type',
      label: words('console.column_kind'),
      kind: 'choice',
      options: ['confidential', 'public'],
      only_new: true,
      hint: words('console.client_type_hint'),
    },
    { name: 'client_uri', label: 'client_uri', kind: 'text' },
    { name: 'logo_uri', label: 'logo_uri', kind: 'text' },
  ],
  made: ({ words }, row) =>
    row.client_secret
      ? html`<p>${words('console.secret_once')}</p><div class="field"><label for="client-id">client_id</label><input id="client-id" class="code" readonly value="${textOf(row.client_id)}"></div><div class="field"><label for="client-secret">client_secret</label><input id="client-secret" class="code" readonly value="${textOf(row.client_secret)}"></div>`
      : null,
  extras: (ctx, row) =>
    row.client_type === 'confidential'
      ? postForm(
          ctx,
          `/console/applications/${textOf(row.client_id)}/secret`,
          html`<button class="quiet small">${ctx.words('console.new_secret')}</button>`,
        )
      : '',
}
