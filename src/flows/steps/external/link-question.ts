// The question whether an identity is linked, sealed in the address of the page that asks it.
import type { Ctx } from '../../../context.ts'

/** What is asked, and what agrees or declines. */
export interface LinkQuestion {
  /** The identity and the account, as people know them. */
  identity: string
  provider: string
  account: string
  state: string
  secret: string
  /** Where somebody goes who does not agree. */
  decline: string
}

/** Seals a question, so that nobody else can put names of theirs on the page. */
export const sealLinkQuestion = ({ sealer }: Pick<Ctx, 'sealer'>, link_question: LinkQuestion): string =>
  sealer.seal(JSON.stringify({ link_question }))

/** A question that was sealed here; null for anything else. */
export function openLinkQuestion({ sealer }: Pick<Ctx, 'sealer'>, sealed: string): LinkQuestion | null {
  try {
    return Object(JSON.parse(sealer.open(sealed))).link_question ?? null
  } catch {
    return null
  }
}
