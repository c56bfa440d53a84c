// Japanese words of the parts of pages.
import type { Translation } from '../english.ts'

/** Words of the parts of pages. */
export const parts: Translation<'parts'> = {
  language: '言語',
  skip_to_content: '本文へ移動',
  menu: 'メニュー',
  sign_out: 'サインアウト',
  signed_in_as: '{name} としてサインイン中',
  error_prefix: 'エラー: {title}',
  error_summary: '問題があります',
  notice_success: '完了しました',
  notice_error: '問題があります',
  notice_info: 'お知らせ',
  show_password: '表示',
  hide_password: '非表示',
  copy: 'コピー',
  copied: 'コピーしました',
  cancel: 'キャンセル',
  not_found_title: 'ページが見つかりません',
  not_found_text: 'アドレスを確認するか、アカウントのページへ移動してください。',
  go_to_account: 'アカウントへ移動',
  forbidden_title: 'このページは表示できません',
  forbidden_text: '運用担当者用のページです。運用担当者のアカウントでサインインしてください。',
  stale_form_title: 'もう一度お試しください',
  stale_form_text:
    'このページを開いてから時間が経ちすぎたか、その間にサインインまたはサインアウトしました。何も変更されていません。',
  foreign_form_title: 'このフォームは別のサイトから送信されました',
  foreign_form_text: '安全のため、何も変更していません。ページを開いて、そこでフォームに入力してください。',
  try_again: 'ページをもう一度開く',
  failed_title: '申し訳ありません。問題が発生しました',
  failed_text: '何も変更されていません。しばらくしてからもう一度お試しください。',
  failed_id: '問題が続く場合は、この番号をサポートにお伝えください: {id}',
  too_large_title: 'サイズが大きすぎます',
  too_large_text: '一度に送る量を減らしてください。',
}
