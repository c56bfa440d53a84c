// Arabic words of the account page.
import type { Translation } from '../english.ts'

/** Words of the account page. */
export const account: Translation<'account'> = {
  continue_title: 'تسجيل الدخول إلى {application}',
  continue_text: 'تابع باستخدام حسابك. سيعرف {application} اسمك وعنوانك وكيف سجّلت الدخول.',
  continue_as: 'المتابعة باسم {name}',
  continue: 'متابعة',
  continue_other: 'استخدام حساب آخر',
  continue_over_title: 'انتهى تسجيل الدخول هذا',
  continue_over_text: 'استُخدم من قبل، أو ظل مفتوحًا مدة طويلة. ارجع إلى التطبيق وابدأ من جديد.',
}
