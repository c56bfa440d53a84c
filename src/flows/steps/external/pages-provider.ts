// `provider=postern`: the pages of this server, opened like those of others, so that an application needs no form of its own.
import type { Config } from '../../../config/keys.ts'
import { pageAddress } from '../../../config/pages-address.ts'
import type { SignInProvider } from '../../../providers/engine.ts'

/** What applications call it; the second is what the types of clients allow for providers that they do not know. */
const names: readonly string[] = ['postern', 'custom:postern']

/** The identifier that no provider of an administrator may have. */
export const reservedIdentifier = 'custom:postern'

/** Whether a name is that of the pages, where they are on. */
export const isPagesProvider = ({ pages }: Pick<Config, 'pages'>, name: string): boolean =>
  pages && names.includes(name.toLowerCase())

/** Nothing comes back from the pages by GET /callback: they hand a session on themselves. */
const noCallback = async (): Promise<never> => {
  throw new Error('the pages of this server answer no callback')
}

/** The pages as a provider: the state of an attempt is its id on every page. */
export const pagesProvider = (config: Config): SignInProvider => ({
  email_optional: true,
  async begin({ state, parameters }) {
    const { ui_locales } = parameters
    const query = new URLSearchParams({ attempt: state, ...(ui_locales && { ui_locales }) })
    return { location: pageAddress(config, `/pages/continue?${query}`), secret: null }
  },
  exchange: noCallback,
  profile: noCallback,
  refresh: noCallback,
})
