// Spanish words of the account page.
import type { Translation } from '../english.ts'

/** Words of the account page. */
export const account: Translation<'account'> = {
  continue_title: 'Iniciar sesión en {application}',
  continue_text: 'Continúa con tu cuenta. {application} conocerá tu nombre, tu dirección y cómo has iniciado sesión.',
  continue_as: 'Continuar como {name}',
  continue: 'Continuar',
  continue_other: 'Usar otra cuenta',
  continue_over_title: 'Este inicio de sesión ha terminado',
  continue_over_text: 'Ya se usó o estuvo abierto demasiado tiempo. Vuelve a la aplicación y empieza de nuevo.',
}
