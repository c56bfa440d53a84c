// Every language but English, by area.
import type { Locale } from '../../locale.ts'
import { account as arAccount } from './ar/account.ts'
import { console as arConsole } from './ar/console.ts'
import { errors as arErrors } from './ar/errors.ts'
import { hosted as arHosted } from './ar/hosted.ts'
import { mails as arMails } from './ar/mails.ts'
import { parts as arParts } from './ar/parts.ts'
import { account as deAccount } from './de/account.ts'
import { console as deConsole } from './de/console.ts'
import { errors as deErrors } from './de/errors.ts'
import { hosted as deHosted } from './de/hosted.ts'
import { mails as deMails } from './de/mails.ts'
import { parts as deParts } from './de/parts.ts'
import type { Area, Translation } from './english.ts'
import { account as esAccount } from './es/account.ts'
import { console as esConsole } from './es/console.ts'
import { errors as esErrors } from './es/errors.ts'
import { hosted as esHosted } from './es/hosted.ts'
import { mails as esMails } from './es/mails.ts'
import { parts as esParts } from './es/parts.ts'
import { account as frAccount } from './fr/account.ts'
import { console as frConsole } from './fr/console.ts'
import { errors as frErrors } from './fr/errors.ts'
import { hosted as frHosted } from './fr/hosted.ts'
import { mails as frMails } from './fr/mails.ts'
import { parts as frParts } from './fr/parts.ts'
import { account as jaAccount } from './ja/account.ts'
import { console as jaConsole } from './ja/console.ts'
import { errors as jaErrors } from './ja/errors.ts'
import { hosted as jaHosted } from './ja/hosted.ts'
import { mails as jaMails } from './ja/mails.ts'
import { parts as jaParts } from './ja/parts.ts'
import { account as ptAccount } from './pt/account.ts'
import { console as ptConsole } from './pt/console.ts'
import { errors as ptErrors } from './pt/errors.ts'
import { hosted as ptHosted } from './pt/hosted.ts'
import { mails as ptMails } from './pt/mails.ts'
import { parts as ptParts } from './pt/parts.ts'
import { account as zhAccount } from './zh/account.ts'
import { console as zhConsole } from './zh/console.ts'
import { errors as zhErrors } from './zh/errors.ts'
import { hosted as zhHosted } from './zh/hosted.ts'
import { mails as zhMails } from './zh/mails.ts'
import { parts as zhParts } from './zh/parts.ts'

/** The words of each language. */
export const translations: Record<Exclude<Locale, 'en'>, { readonly [A in Area]: Translation<A> }> = {
  de: { parts: deParts, hosted: deHosted, account: deAccount, console: deConsole, mails: deMails, errors: deErrors },
  fr: { parts: frParts, hosted: frHosted, account: frAccount, console: frConsole, mails: frMails, errors: frErrors },
  es: { parts: esParts, hosted: esHosted, account: esAccount, console: esConsole, mails: esMails, errors: esErrors },
  pt: { parts: ptParts, hosted: ptHosted, account: ptAccount, console: ptConsole, mails: ptMails, errors: ptErrors },
  ja: { parts: jaParts, hosted: jaHosted, account: jaAccount, console: jaConsole, mails: jaMails, errors: jaErrors },
  zh: { parts: zhParts, hosted: zhHosted, account: zhAccount, console: zhConsole, mails: zhMails, errors: zhErrors },
  ar: { parts: arParts, hosted: arHosted, account: arAccount, console: arConsole, mails: arMails, errors: arErrors },
}
