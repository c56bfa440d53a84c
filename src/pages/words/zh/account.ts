// Chinese (Simplified) words of the account page.
import type { Translation } from '../english.ts'

/** Words of the account page. */
export const account: Translation<'account'> = {
  continue_title: '登录 {application}',
  continue_text: '使用您的账户继续。{application} 将获知您的姓名、地址以及您的登录方式。',
  continue_as: '以 {name} 的身份继续',
  continue: '继续',
  continue_other: '使用其他账户',
  continue_over_title: '此次登录已结束',
  continue_over_text: '它已被使用，或打开时间过长。请返回应用并重新开始。',
}
