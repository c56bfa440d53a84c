// Japanese words of the account page.
import type { Translation } from '../english.ts'

/** Words of the account page. */
export const account: Translation<'account'> = {
  continue_title: '{application} にサインイン',
  continue_text: 'このアカウントで続けます。{application} には、名前、アドレス、サインイン方法が伝わります。',
  continue_as: '{name} として続ける',
  continue: '続ける',
  continue_other: '別のアカウントを使う',
  continue_over_title: 'このサインインは終了しました',
  continue_over_text:
    '既に使われたか、開いてから時間が経ちすぎています。アプリケーションに戻って、最初からやり直してください。',
}
