// The document around a page, in three kinds: a card for sign-in, an account with sections, and the wide console.
import { html } from 'hono/html'
import { siteName } from '../../config/site-name.ts'
import type { Html, NavItem, PageCtx, PageView } from '../page.ts'
import type { Assets } from './assets.ts'
import { csrfField } from './form.ts'
import { languageLinks } from './language-links.ts'
import { noticePart } from './notice.ts'

/** A whole document. */
export function layout(ctx: PageCtx, view: PageView, assets: Assets): Html {
  const { words } = ctx
  const title = view.has_errors ? words('parts.error_prefix', { title: view.title }) : view.title
  const scripts = view.scripts ?? []
  return html`<!doctype html>
<html lang="${words.locale}" dir="${words.dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${siteName(ctx.config)}</title>
${view.refresh_s === undefined ? '' : html`<noscript><meta http-equiv="refresh" content="${view.refresh_s}"></noscript>`}
<link rel="icon" href="${ctx.config.pages_logo_url || ctx.address(assets.path('icon.svg'))}">
<link rel="stylesheet" href="${ctx.address(assets.path('pages.css'))}">
${scripts.map((name) => html`<script defer src="${ctx.address(assets.path(name))}"></script>`)}
</head>
<body class="${view.layout}">
<a class="skip" href="#main">${words('parts.skip_to_content')}</a>
${view.layout === 'card' ? cardBody(ctx, view) : sectionsBody(ctx, view)}
</body>
</html>
`
}

const brand = (ctx: PageCtx): Html => {
  const { pages_logo_url } = ctx.config
  return html`<p class="brand">${pages_logo_url === '' ? '' : html`<img src="${pages_logo_url}" alt="" width="28" height="28">`}<span><bdi>${siteName(ctx.config)}</bdi></span></p>`
}

const cardBody = (ctx: PageCtx, view: PageView): Html => html`<header class="top">${brand(ctx)}</header>
<main id="main" tabindex="-1">${ctx.notice ? noticePart(ctx, ctx.notice, undoForm(ctx)) : ''}
${view.body}
</main>
<footer>${languageLinks(ctx)}</footer>`

const sectionsBody = (ctx: PageCtx, view: PageView): Html => html`<header class="bar">
${brand(ctx)}
${whoIsThere(ctx)}
</header>
${view.nav && view.nav.length > 0 ? html`<nav class="side" aria-label="${ctx.words('parts.menu')}"><ul>${view.nav.map(navItem)}</ul></nav>` : ''}
<main id="main" tabindex="-1">${ctx.notice ? noticePart(ctx, ctx.notice, undoForm(ctx)) : ''}
${view.body}
</main>`

/** The button that takes back what was done. */
function undoForm(ctx: PageCtx): Html | '' {
  const undo = ctx.notice?.undo
  if (!undo) return ''
  return html` <form class="undo" method="post" action="${ctx.address(undo.path)}">${csrfField(ctx)}<button class="link">${undo.label}</button></form>`
}

const navItem = ({ href, label, current }: NavItem): Html =>
  html`<li><a href="${href}"${current ? html` aria-current="page"` : ''}>${label}</a></li>`

/** Who came to the console by a link has a session there and no account. */
function whoIsThere(ctx: PageCtx): Html | '' {
  const { operator, person } = ctx
  if ('token' in operator)
    return signOut(ctx, operator.name, operator.id === null ? '/console/sign-out' : '/pages/sign-out')
  return person ? signOut(ctx, person.user.email || person.user.phone || '', '/pages/sign-out') : ''
}

const signOut = (ctx: PageCtx, name: string, path: string): Html =>
  html`<form class="who" method="post" action="${ctx.address(path)}">${csrfField(ctx)}<span title="${ctx.words('parts.signed_in_as', { name })}">${name}</span><button class="quiet small">${ctx.words('parts.sign_out')}</button></form>`
