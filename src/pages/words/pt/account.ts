// Portuguese words of the account page.
import type { Translation } from '../english.ts'

/** Words of the account page. */
export const account: Translation<'account'> = {
  continue_title: 'Entrar em {application}',
  continue_text: 'Continue com sua conta. {application} saberá seu nome, seu endereço e como você entrou.',
  continue_as: 'Continuar como {name}',
  continue: 'Continuar',
  continue_other: 'Usar outra conta',
  continue_over_title: 'Este acesso terminou',
  continue_over_text: 'Ele já foi usado ou ficou aberto por tempo demais. Volte ao aplicativo e comece novamente.',
}
