// German words of the parts of pages.
import type { Translation } from '../english.ts'

/** Words of the parts of pages. */
export const parts: Translation<'parts'> = {
  language: 'Sprache',
  skip_to_content: 'Zum Inhalt springen',
  menu: 'Menü',
  sign_out: 'Abmelden',
  signed_in_as: 'Angemeldet als {name}',
  error_prefix: 'Fehler: {title}',
  error_summary: 'Es gibt ein Problem',
  notice_success: 'Erledigt',
  notice_error: 'Es gibt ein Problem',
  notice_info: 'Hinweis',
  show_password: 'Anzeigen',
  hide_password: 'Verbergen',
  copy: 'Kopieren',
  copied: 'Kopiert',
  cancel: 'Abbrechen',
  not_found_title: 'Seite nicht gefunden',
  not_found_text: 'Prüfen Sie die Adresse oder gehen Sie zu Ihrem Konto.',
  go_to_account: 'Zu Ihrem Konto',
  forbidden_title: 'Sie können diese Seite nicht sehen',
  forbidden_text: 'Sie ist für Operatoren. Melden Sie sich mit einem Operatorkonto an.',
  stale_form_title: 'Bitte noch einmal',
  stale_form_text:
    'Diese Seite war zu lange offen, oder Sie haben sich zwischendurch an- oder abgemeldet. Es wurde nichts geändert.',
  foreign_form_title: 'Dieses Formular kam von einer anderen Website',
  foreign_form_text:
    'Zu Ihrem Schutz wurde nichts geändert. Öffnen Sie die Seite und füllen Sie das Formular dort aus.',
  try_again: 'Seite neu öffnen',
  failed_title: 'Leider ist etwas schiefgegangen',
  failed_text: 'Es wurde nichts geändert. Versuchen Sie es gleich noch einmal.',
  failed_id: 'Wenn es weiter auftritt, nennen Sie dem Support diese Nummer: {id}',
  too_large_title: 'Das ist zu groß',
  too_large_text: 'Senden Sie weniger auf einmal.',
}
