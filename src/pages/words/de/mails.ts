// German words of mails that look like the pages.
import type { Translation } from '../english.ts'

/** Words of mails that look like the pages. */
export const mails: Translation<'mails'> = {
  'invite.subject': 'Sie wurden eingeladen',
  'invite.text': 'Sie wurden eingeladen, bei {name} ein Konto anzulegen.',
  'invite.button': 'Einladung annehmen',
  'confirmation.subject': 'Bestätigen Sie Ihre E-Mail-Adresse',
  'confirmation.text': 'Bestätigen Sie Ihre E-Mail-Adresse, um Ihr Konto fertig anzulegen.',
  'confirmation.button': 'E-Mail-Adresse bestätigen',
  'recovery.subject': 'Setzen Sie Ihr Passwort zurück',
  'recovery.text':
    'Für Ihr Konto {email} wurde ein neues Passwort angefordert. Mit der Schaltfläche können Sie eines wählen.',
  'recovery.button': 'Neues Passwort wählen',
  'magic_link.subject': 'Ihr Anmeldelink',
  'magic_link.text': 'Melden Sie sich mit der Schaltfläche bei Ihrem Konto {email} an.',
  'magic_link.button': 'Anmelden',
  'email_change.subject': 'Bestätigen Sie Ihre neue E-Mail-Adresse',
  'email_change.text': 'Bestätigen Sie, dass die E-Mail-Adresse Ihres Kontos künftig {new_email} ist.',
  'email_change.button': 'Änderung bestätigen',
  'reauthentication.subject': '{code} ist Ihr Bestätigungscode',
  'reauthentication.title': 'Bestätigen Sie, dass Sie es sind',
  'reauthentication.text': 'Geben Sie diesen Code ein, um fortzufahren:',
  'password_changed_notification.subject': 'Ihr Passwort wurde geändert',
  'password_changed_notification.text': 'Das Passwort Ihres Kontos {email} wurde geändert.',
  'email_changed_notification.subject': 'Ihre E-Mail-Adresse wurde geändert',
  'email_changed_notification.text': 'Die E-Mail-Adresse Ihres Kontos wurde von {old_email} zu {email} geändert.',
  'phone_changed_notification.subject': 'Ihre Telefonnummer wurde geändert',
  'phone_changed_notification.text':
    'Die Telefonnummer Ihres Kontos {email} wurde von {old_phone} zu {phone} geändert.',
  'identity_linked_notification.subject': 'Ihrem Konto wurde eine neue Anmeldemöglichkeit hinzugefügt',
  'identity_linked_notification.text': 'Sie können sich jetzt mit {provider} bei Ihrem Konto {email} anmelden.',
  'identity_unlinked_notification.subject': 'Eine Anmeldemöglichkeit wurde aus Ihrem Konto entfernt',
  'identity_unlinked_notification.text': 'Sie können sich nicht mehr mit {provider} bei Ihrem Konto {email} anmelden.',
  'mfa_factor_enrolled_notification.subject': 'Ihrem Konto wurde eine Bestätigungsmethode hinzugefügt',
  'mfa_factor_enrolled_notification.text': 'Ihrem Konto {email} wurde die Bestätigungsmethode „{factor}“ hinzugefügt.',
  'mfa_factor_unenrolled_notification.subject': 'Eine Bestätigungsmethode wurde aus Ihrem Konto entfernt',
  'mfa_factor_unenrolled_notification.text':
    'Aus Ihrem Konto {email} wurde die Bestätigungsmethode „{factor}“ entfernt.',
  'passkey_added_notification.subject': 'Ihrem Konto wurde ein Passkey hinzugefügt',
  'passkey_added_notification.text':
    'Ihrem Konto {email} wurde ein Passkey hinzugefügt. Damit kann man sich ohne Passwort anmelden.',
  'passkey_removed_notification.subject': 'Ein Passkey wurde aus Ihrem Konto entfernt',
  'passkey_removed_notification.text': 'Aus Ihrem Konto {email} wurde ein Passkey entfernt.',
  'factor.totp': 'Authenticator-App',
  'factor.phone': 'Telefon',
  'factor.webauthn': 'Sicherheitsschlüssel',
  code: 'Oder geben Sie diesen Code ein:',
  life: 'Das funktioniert einmal und {duration} lang.',
  ignore: 'Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren.',
  warn: 'Wenn Sie das nicht waren, melden Sie sich bitte sofort bei uns.',
}
