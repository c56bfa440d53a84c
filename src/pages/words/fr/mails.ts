// French words of mails that look like the pages.
import type { Translation } from '../english.ts'

/** Words of mails that look like the pages. */
export const mails: Translation<'mails'> = {
  'invite.subject': 'Vous avez reçu une invitation',
  'invite.text': 'Vous êtes invité à créer un compte chez {name}.',
  'invite.button': 'Accepter l’invitation',
  'confirmation.subject': 'Confirmez votre adresse e-mail',
  'confirmation.text': 'Confirmez votre adresse e-mail pour terminer la création de votre compte.',
  'confirmation.button': 'Confirmer l’adresse e-mail',
  'recovery.subject': 'Réinitialisez votre mot de passe',
  'recovery.text':
    'Un nouveau mot de passe a été demandé pour votre compte {email}. Utilisez le bouton pour en choisir un.',
  'recovery.button': 'Choisir un nouveau mot de passe',
  'magic_link.subject': 'Votre lien de connexion',
  'magic_link.text': 'Utilisez le bouton pour vous connecter à votre compte {email}.',
  'magic_link.button': 'Se connecter',
  'email_change.subject': 'Confirmez votre nouvelle adresse e-mail',
  'email_change.text': 'Confirmez que l’adresse e-mail de votre compte devient {new_email}.',
  'email_change.button': 'Confirmer la modification',
  'reauthentication.subject': '{code} est votre code de vérification',
  'reauthentication.title': 'Confirmez que c’est bien vous',
  'reauthentication.text': 'Saisissez ce code pour continuer :',
  'password_changed_notification.subject': 'Votre mot de passe a été modifié',
  'password_changed_notification.text': 'Le mot de passe de votre compte {email} a été modifié.',
  'email_changed_notification.subject': 'Votre adresse e-mail a été modifiée',
  'email_changed_notification.text': 'L’adresse e-mail de votre compte est passée de {old_email} à {email}.',
  'phone_changed_notification.subject': 'Votre numéro de téléphone a été modifié',
  'phone_changed_notification.text':
    'Le numéro de téléphone de votre compte {email} est passé de {old_phone} à {phone}.',
  'identity_linked_notification.subject': 'Un nouveau moyen de connexion a été ajouté à votre compte',
  'identity_linked_notification.text': 'Vous pouvez maintenant vous connecter à votre compte {email} avec {provider}.',
  'identity_unlinked_notification.subject': 'Un moyen de connexion a été retiré de votre compte',
  'identity_unlinked_notification.text': 'Vous ne pouvez plus vous connecter à votre compte {email} avec {provider}.',
  'mfa_factor_enrolled_notification.subject': 'Une méthode de vérification a été ajoutée à votre compte',
  'mfa_factor_enrolled_notification.text':
    'La méthode de vérification « {factor} » a été ajoutée à votre compte {email}.',
  'mfa_factor_unenrolled_notification.subject': 'Une méthode de vérification a été retirée de votre compte',
  'mfa_factor_unenrolled_notification.text':
    'La méthode de vérification « {factor} » a été retirée de votre compte {email}.',
  'passkey_added_notification.subject': 'Une clé d’accès a été ajoutée à votre compte',
  'passkey_added_notification.text':
    'Une clé d’accès a été ajoutée à votre compte {email}. Elle permet de se connecter sans mot de passe.',
  'passkey_removed_notification.subject': 'Une clé d’accès a été retirée de votre compte',
  'passkey_removed_notification.text': 'Une clé d’accès a été retirée de votre compte {email}.',
  'factor.totp': 'application d’authentification',
  'factor.phone': 'téléphone',
  'factor.webauthn': 'clé de sécurité',
  code: 'Ou saisissez ce code :',
  life: 'Valable une seule fois, pendant {duration}.',
  ignore: 'Si vous n’avez rien demandé, vous pouvez ignorer cet e-mail.',
  warn: 'Si ce n’était pas vous, contactez-nous immédiatement.',
}
