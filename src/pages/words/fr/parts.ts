// French words of the parts of pages.
import type { Translation } from '../english.ts'

/** Words of the parts of pages. */
export const parts: Translation<'parts'> = {
  language: 'Langue',
  skip_to_content: 'Aller au contenu',
  menu: 'Menu',
  sign_out: 'Se déconnecter',
  signed_in_as: 'Connecté en tant que {name}',
  error_prefix: 'Erreur : {title}',
  error_summary: 'Il y a un problème',
  notice_success: 'C’est fait',
  notice_error: 'Il y a un problème',
  notice_info: 'Remarque',
  show_password: 'Afficher',
  hide_password: 'Masquer',
  copy: 'Copier',
  copied: 'Copié',
  cancel: 'Annuler',
  not_found_title: 'Page introuvable',
  not_found_text: 'Vérifiez l’adresse ou allez à votre compte.',
  go_to_account: 'Aller à votre compte',
  forbidden_title: 'Vous ne pouvez pas voir cette page',
  forbidden_text: 'Elle est réservée aux opérateurs. Connectez-vous avec un compte d’opérateur.',
  stale_form_title: 'Veuillez recommencer',
  stale_form_text:
    'Cette page est restée ouverte trop longtemps, ou vous vous êtes connecté ou déconnecté entre-temps. Rien n’a été modifié.',
  foreign_form_title: 'Ce formulaire vient d’un autre site',
  foreign_form_text: 'Pour votre sécurité, rien n’a été modifié. Ouvrez la page et remplissez-y le formulaire.',
  try_again: 'Rouvrir la page',
  failed_title: 'Désolé, un problème est survenu',
  failed_text: 'Rien n’a été modifié. Réessayez dans un instant.',
  failed_id: 'Si cela continue, donnez ce numéro au support : {id}',
  too_large_title: 'C’est trop volumineux',
  too_large_text: 'Envoyez-en moins à la fois.',
}
