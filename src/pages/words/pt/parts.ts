// Portuguese words of the parts of pages.
import type { Translation } from '../english.ts'

/** Words of the parts of pages. */
export const parts: Translation<'parts'> = {
  language: 'Idioma',
  skip_to_content: 'Ir para o conteúdo',
  menu: 'Menu',
  sign_out: 'Sair',
  signed_in_as: 'Sessão iniciada como {name}',
  error_prefix: 'Erro: {title}',
  error_summary: 'Há um problema',
  notice_success: 'Pronto',
  notice_error: 'Há um problema',
  notice_info: 'Observação',
  show_password: 'Mostrar',
  hide_password: 'Ocultar',
  copy: 'Copiar',
  copied: 'Copiado',
  cancel: 'Cancelar',
  not_found_title: 'Página não encontrada',
  not_found_text: 'Verifique o endereço ou vá para a sua conta.',
  go_to_account: 'Ir para a sua conta',
  forbidden_title: 'Você não pode ver esta página',
  forbidden_text: 'Ela é para operadores. Entre com uma conta de operador.',
  stale_form_title: 'Tente novamente',
  stale_form_text:
    'Esta página ficou aberta por tempo demais, ou você entrou ou saiu nesse meio-tempo. Nada foi alterado.',
  foreign_form_title: 'Este formulário veio de outro site',
  foreign_form_text: 'Para sua segurança, nada foi alterado. Abra a página e preencha o formulário nela.',
  try_again: 'Abrir a página novamente',
  failed_title: 'Desculpe, algo deu errado',
  failed_text: 'Nada foi alterado. Tente novamente em instantes.',
  failed_id: 'Se continuar, informe este número ao suporte: {id}',
  too_large_title: 'É grande demais',
  too_large_text: 'Envie menos de cada vez.',
}
