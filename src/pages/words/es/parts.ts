// Spanish words of the parts of pages.
import type { Translation } from '../english.ts'

/** Words of the parts of pages. */
export const parts: Translation<'parts'> = {
  language: 'Idioma',
  skip_to_content: 'Ir al contenido',
  menu: 'Menú',
  sign_out: 'Cerrar sesión',
  signed_in_as: 'Sesión iniciada como {name}',
  error_prefix: 'Error: {title}',
  error_summary: 'Hay un problema',
  notice_success: 'Hecho',
  notice_error: 'Hay un problema',
  notice_info: 'Nota',
  show_password: 'Mostrar',
  hide_password: 'Ocultar',
  copy: 'Copiar',
  copied: 'Copiado',
  cancel: 'Cancelar',
  not_found_title: 'Página no encontrada',
  not_found_text: 'Comprueba la dirección o ve a tu cuenta.',
  go_to_account: 'Ir a tu cuenta',
  forbidden_title: 'No puedes ver esta página',
  forbidden_text: 'Es para operadores. Inicia sesión con una cuenta de operador.',
  stale_form_title: 'Inténtalo de nuevo',
  stale_form_text:
    'Esta página estuvo abierta demasiado tiempo, o entretanto iniciaste o cerraste sesión. No se ha cambiado nada.',
  foreign_form_title: 'Este formulario venía de otro sitio',
  foreign_form_text: 'Por tu seguridad no se ha cambiado nada. Abre la página y rellena allí el formulario.',
  try_again: 'Abrir la página de nuevo',
  failed_title: 'Lo sentimos, algo ha fallado',
  failed_text: 'No se ha cambiado nada. Inténtalo de nuevo en un momento.',
  failed_id: 'Si sigue ocurriendo, da este número a soporte: {id}',
  too_large_title: 'Es demasiado grande',
  too_large_text: 'Envía menos de una vez.',
}
