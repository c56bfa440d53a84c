// HTML escaping, the one way for redirects, pages and the templates of mails.

const entities: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&#34;' }

/** Text as it may stand in HTML, also within quoted attributes; spelled as Go's html/template spells it. */
export const escapeHtml = (text: string): string =>
  text.replace(/[<>&'"\0]/g, (character) => entities[character] ?? '\ufffd')
