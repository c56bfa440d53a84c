// What is taken away from a person: an identity, a factor, a passkey, a session; each asks first.
import { formRows, type OperatorCtx, type Page } from '../page.ts'
import { type Action, actionDone, actionView } from './action-page.ts'
import { ask } from './console-view.ts'
import { personPath } from './people-page.ts'

/** Kinds of parts, by the name of their path, which is that of the API too. */
const kinds = ['identities', 'factors', 'passkeys', 'sessions'] as const

const actionOf = (ctx: OperatorCtx, kind: (typeof kinds)[number]): Action => ({
  section: 'people',
  title: ctx.words(`console.remove_${kind}`),
  text: ctx.words(`console.remove_${kind}_text`),
  label: ctx.words('console.remove'),
  danger: true,
  back: personPath(ctx.path_params.id ?? ''),
})

/** Their rows. */
export const personPartPages: readonly Page[] = kinds.flatMap((kind) =>
  formRows(
    'operator',
    personPath(':id', `/${kind}/:part`),
    (ctx) => actionView(ctx, actionOf(ctx, kind)),
    async (ctx) => {
      const { id = '', part = '' } = ctx.path_params
      const path = `/admin/users/${encodeURIComponent(id)}/${kind}/${encodeURIComponent(part)}`
      return actionDone(ctx, actionOf(ctx, kind), await ask(ctx, 'DELETE', path), ctx.words(`console.removed_${kind}`))
    },
  ),
)
