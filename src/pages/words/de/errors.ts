// German words of error codes.
import type { Translation } from '../english.ts'

/** Words of error codes. */
export const errors: Translation<'errors'> = {
  anonymous_off: 'Ohne Konto fortzufahren ist hier abgeschaltet.',
  attempt_gone:
    'Diese Anmeldung wurde in einem anderen Browser oder vor zu langer Zeit begonnen. Bitte beginnen Sie neu.',
  bad_input: 'Eine Ihrer Angaben kann nicht verwendet werden. Prüfen Sie sie und versuchen Sie es noch einmal.',
  bad_request:
    'Die Seite hat etwas gesendet, das nicht verwendet werden kann. Gehen Sie zurück und versuchen Sie es noch einmal.',
  captcha_failed: 'Wir konnten nicht bestätigen, dass Sie ein Mensch sind. Bitte versuchen Sie es noch einmal.',
  client_unknown: 'Diese Anwendung ist hier nicht bekannt.',
  code_wrong: 'Dieser Code stimmt nicht. Prüfen Sie ihn und versuchen Sie es noch einmal.',
  conflict:
    'Das wurde zur selben Zeit von jemand anderem geändert. Laden Sie die Seite neu und versuchen Sie es noch einmal.',
  connection_gone: 'Diese Anwendung ist nicht mit Ihrem Konto verbunden.',
  current_password_missing: 'Geben Sie Ihr aktuelles Passwort ein.',
  current_password_wrong: 'Ihr aktuelles Passwort stimmt nicht.',
  email_invalid: 'Geben Sie eine E-Mail-Adresse im richtigen Format ein, etwa name@example.com.',
  email_not_allowed: 'An diese Adresse können wir keine E-Mails senden. Geben Sie eine andere ein.',
  email_not_confirmed:
    'Bestätigen Sie zuerst Ihre E-Mail-Adresse. Verwenden Sie den Link in der E-Mail, die wir Ihnen gesendet haben.',
  email_off: 'Die Anmeldung mit einer E-Mail-Adresse ist hier abgeschaltet.',
  email_taken: 'Mit dieser E-Mail-Adresse gibt es schon ein Konto. Melden Sie sich stattdessen an.',
  factor_gone: 'Diese Bestätigungsmethode gibt es nicht mehr.',
  factor_limit: 'Sie haben so viele Bestätigungsmethoden, wie ein Konto haben kann. Entfernen Sie zuerst eine.',
  factor_name_taken: 'Sie haben schon eine Bestätigungsmethode mit diesem Namen. Wählen Sie einen anderen.',
  factor_off: 'Diese Bestätigungsmethode ist hier abgeschaltet.',
  factor_phone_taken: 'Diese Telefonnummer ist schon eine Ihrer Bestätigungsmethoden.',
  failed: 'Leider ist etwas schiefgegangen. Bitte versuchen Sie es noch einmal.',
  feature_off: 'Das ist hier abgeschaltet.',
  identity_gone: 'Diese Anmeldemöglichkeit ist nicht mit Ihrem Konto verbunden.',
  identity_needed:
    'Diese Anmeldemöglichkeit kann nicht entfernt werden: Ihre E-Mail-Adresse wird gebraucht, und die anderen gehören zu einem anderen Konto.',
  identity_only: 'Das ist Ihre einzige Anmeldemöglichkeit, deshalb kann sie nicht entfernt werden.',
  identity_taken: 'Diese Anmeldemöglichkeit gehört schon zu einem Konto.',
  invite_gone: 'Diese Einladung ist nicht mehr gültig. Bitten Sie um eine neue.',
  link_or_code_gone:
    'Dieser Link oder Code stimmt nicht, wurde schon verwendet oder ist zu alt. Fordern Sie einen neuen an.',
  linking_off: 'Weitere Anmeldemöglichkeiten zu verbinden ist hier abgeschaltet.',
  network_changed:
    'Der Code wurde schon verwendet, oder Ihr Netzwerk hat gewechselt. Bitte versuchen Sie es noch einmal.',
  not_allowed: 'Sie dürfen das nicht tun.',
  organization_no_email:
    'Ihre Organisation hat uns Ihre E-Mail-Adresse nicht mitgeteilt. Fragen Sie, wer dort die Konten betreut.',
  organization_no_user_id:
    'Ihre Organisation hat uns nicht mitgeteilt, wer Sie sind. Fragen Sie, wer dort die Konten betreut.',
  organization_paused:
    'Die Anmeldung über diese Organisation ist unterbrochen. Fragen Sie, wer dort die Konten betreut.',
  organization_unknown: 'Für diese Adresse ist keine Organisation eingerichtet.',
  organization_domain_taken: 'Diese Domain gehört schon zu einer anderen Organisation.',
  organization_managed: 'Das verwaltet Ihre Organisation, deshalb kann es hier nicht geändert werden.',
  organization_off: 'Die Anmeldung über eine Organisation ist hier abgeschaltet.',
  organization_entity_taken: 'Es gibt schon einen Anbieter mit dieser Entity-ID.',
  organization_entity_changed: 'Die Entity-ID der Metadaten ist nicht die dieses Anbieters.',
  organization_metadata_unreachable: 'Die Metadaten konnten von dieser Adresse nicht geladen werden.',
  other_account: 'Sie sind mit einem anderen Konto angemeldet als dem, für das dies gedacht ist.',
  passkey_limit: 'Sie haben so viele Passkeys, wie ein Konto haben kann. Entfernen Sie zuerst einen.',
  passkey_off: 'Passkeys sind hier abgeschaltet.',
  passkey_taken: 'Dieser Passkey ist schon registriert.',
  passkey_wrong: 'Der Passkey konnte nicht geprüft werden. Bitte versuchen Sie es noch einmal.',
  password_same: 'Wählen Sie ein anderes Passwort als das alte.',
  password_weak:
    'Dieses Passwort ist zu leicht zu erraten. Wählen Sie ein längeres oder eines, das Sie nirgends sonst verwenden.',
  phone_not_confirmed:
    'Bestätigen Sie zuerst Ihre Telefonnummer. Verwenden Sie den Code, den wir Ihnen gesendet haben.',
  phone_off: 'Die Anmeldung mit einer Telefonnummer ist hier abgeschaltet.',
  phone_taken: 'Mit dieser Telefonnummer gibt es schon ein Konto. Melden Sie sich stattdessen an.',
  provider_gone: 'Diesen Anbieter gibt es nicht mehr.',
  provider_limit: 'Es können keine weiteren Anbieter hinzugefügt werden. Entfernen Sie zuerst einen.',
  provider_off: 'Diese Anmeldemöglichkeit ist hier abgeschaltet.',
  provider_permission_gone:
    'Wir dürfen diesen Anbieter nicht mehr für Sie nutzen. Melden Sie sich dort noch einmal an.',
  provider_unconfirmed:
    'Bestätigen Sie zuerst Ihre E-Mail-Adresse. Wir haben Ihnen eine E-Mail mit einem Link gesendet.',
  reauthentication_needed: 'Bestätigen Sie, dass Sie es sind: Geben Sie den Code ein, den wir Ihnen gesendet haben.',
  recovery_codes_alone:
    'Wiederherstellungscodes brauchen eine andere Bestätigungsmethode neben sich. Richten Sie zuerst eine ein.',
  recovery_codes_locked: 'Zu viele falsche Wiederherstellungscodes. Bitte versuchen Sie es später noch einmal.',
  request_gone:
    'Diese Anfrage der Anwendung ist nicht mehr gültig. Gehen Sie zur Anwendung zurück und beginnen Sie neu.',
  second_step_needed: 'Dafür ist Ihr zweiter Schritt nötig. Melden Sie sich zuerst damit an.',
  session_gone: 'Sie sind nicht mehr angemeldet. Bitte melden Sie sich noch einmal an.',
  sign_in_interrupted: 'Die Anmeldung konnte nicht beendet werden. Bitte beginnen Sie neu.',
  sign_in_wrong: 'Diese Anmeldedaten stimmen nicht. Prüfen Sie sie und versuchen Sie es noch einmal.',
  sign_up_off: 'Hier können keine neuen Konten angelegt werden.',
  sms_failed:
    'Die Nachricht konnte nicht gesendet werden. Prüfen Sie die Telefonnummer und versuchen Sie es noch einmal.',
  token_gone: 'Dieses Token gibt es nicht mehr.',
  too_large: 'Was Sie gesendet haben, ist zu groß.',
  too_late: 'Das hat zu lange gedauert. Bitte versuchen Sie es noch einmal.',
  too_many_attempts: 'Zu viele Versuche. Warten Sie einige Minuten und versuchen Sie es dann noch einmal.',
  too_many_mails: 'Es wurden zu viele E-Mails gesendet. Warten Sie eine Weile, bevor Sie eine weitere anfordern.',
  too_many_messages:
    'Es wurden zu viele Nachrichten gesendet. Warten Sie eine Weile, bevor Sie eine weitere anfordern.',
  unavailable: 'Der Dienst ist gerade nicht erreichbar. Bitte versuchen Sie es gleich noch einmal.',
  user_banned: 'Dieses Konto ist gesperrt.',
  user_gone: 'Dieses Konto gibt es nicht mehr.',
  wallet_chain_unknown: 'Diese Art von Wallet kann hier nicht verwendet werden.',
  wallet_off: 'Die Anmeldung mit einer Wallet ist hier abgeschaltet.',
}
