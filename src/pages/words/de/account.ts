// German words of the account page.
import type { Translation } from '../english.ts'

/** Words of the account page. */
export const account: Translation<'account'> = {
  continue_title: 'Bei {application} anmelden',
  continue_text:
    'Machen Sie mit Ihrem Konto weiter. {application} erfährt Ihren Namen, Ihre Adresse und wie Sie sich angemeldet haben.',
  continue_as: 'Weiter als {name}',
  continue: 'Weiter',
  continue_other: 'Anderes Konto verwenden',
  continue_over_title: 'Diese Anmeldung ist vorbei',
  continue_over_text:
    'Sie wurde schon verwendet oder war zu lange offen. Gehen Sie zur Anwendung zurück und beginnen Sie neu.',
}
