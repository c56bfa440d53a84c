// French words of the account page.
import type { Translation } from '../english.ts'

/** Words of the account page. */
export const account: Translation<'account'> = {
  continue_title: 'Se connecter à {application}',
  continue_text:
    'Continuez avec votre compte. {application} apprend votre nom, votre adresse et comment vous vous êtes connecté.',
  continue_as: 'Continuer en tant que {name}',
  continue: 'Continuer',
  continue_other: 'Utiliser un autre compte',
  continue_over_title: 'Cette connexion est terminée',
  continue_over_text:
    'Elle a déjà servi ou est restée ouverte trop longtemps. Retournez à l’application et recommencez.',
}
