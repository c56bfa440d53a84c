// Variables of the pages for people: hosted sign-in, the account page, and the console of operators.
import { address, bool, list, text } from './key-types.ts'

/** Which pages there are, where, and how they look. */
export const pagesKeys = {
  pages: bool('POSTERN_PAGES', 'false', 'Serves pages for people at /pages: sign-in and the account page.'),
  console: bool('POSTERN_CONSOLE', 'false', 'Serves the console of operators at /console; needs POSTERN_PAGES.'),
  pages_url: address(
    'POSTERN_PAGES_URL',
    '',
    'Address under which browsers reach the pages, so that they have an origin of their own; API_EXTERNAL_URL when empty. The console needs one without a path.',
  ),
  console_admins: list(
    'POSTERN_CONSOLE_ADMINS',
    '',
    'Ids of accounts that may use the console besides those with a role in GOTRUE_JWT_ADMIN_ROLES.',
  ),
  console_require_aal2: bool(
    'POSTERN_CONSOLE_REQUIRE_AAL2',
    'false',
    'Asks people for a second factor before the console, or the API of administrators, opens to them.',
  ),
  captcha_site_key: text(
    'POSTERN_CAPTCHA_SITE_KEY',
    '',
    'Public key of the captcha widget on pages, from the service that GOTRUE_SECURITY_CAPTCHA_PROVIDER names.',
  ),
  pages_name: text('POSTERN_PAGES_NAME', '', 'Name that pages and mails show; the host of GOTRUE_SITE_URL when empty.'),
  pages_logo_url: address('POSTERN_PAGES_LOGO_URL', '', 'Address of a picture that stands beside the name.'),
  pages_color: text(
    'POSTERN_PAGES_COLOR',
    '',
    'Colour of buttons and links, such as #0b6b4e; text on it is black or white, and links get a shade of it that can be read.',
  ),
  pages_stylesheet: address('POSTERN_PAGES_STYLESHEET', '', 'File of CSS that is served after that of the pages.'),
  account_fields: list(
    'POSTERN_ACCOUNT_FIELDS',
    'full_name',
    'Fields of their metadata that people change on the account page, in this order, such as `full_name,locale,team:Your team`.',
  ),
}
